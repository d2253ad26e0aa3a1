"""Back-translation: real texts of a language, with sources that a model translates them to (Sennrich et al. 2016)."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass as plain
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, ClassVar

import numpy as np
import pyarrow as pa
from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass

from mintmark.data.dataset import Dataset
from mintmark.data.schema import TableSchema
from mintmark.errors import ConditionError, RecipeError
from mintmark.generators import storage
from mintmark.generators.text import prompts, tables
from mintmark.generators.text.answers import bare, whole
from mintmark.generators.text.asking import Asker, Dropped, asking, finished
from mintmark.generators.text.tables import Row
from mintmark.generators.workshop import ALONE, Workshop
from mintmark.models.definition import Definition
from mintmark.models.request import Reply, Request
from mintmark.words import coded
from mintmark.words.noise import noised
from mintmark.words.rouge import rouge_l

METHOD = "text.translate"

Chance = Annotated[float, Field(ge=0, lt=1)]


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class Translate:
    """Back-translation: real texts of a language, with sources that a model translates them to (Sennrich et al. 2016).

    For a translator from `source` to `target` that has few pairs: the side that it is to learn to write is real, and
    the side that it reads is made. Made sources are tagged, so that it can tell them (Caswell, Chelba & Grangier 2019),
    and noised (Edunov et al. 2018). Pairs among the training rows are shown as examples; where some rows have a target
    and no source, those alone are translated.
    """

    model: Definition
    source: str
    """The column that is made: the language that the translator will read."""
    target: str
    """The column with real texts: the language that it is to write."""
    into: str | None = None
    """What the source's language is called; the column's name where it is left out."""
    language: str | None = None
    """What the target's language is called."""
    examples: Annotated[int, Field(ge=0, le=50)] = 3
    """Real pairs in a prompt."""
    tag: str = "<BT>"
    """Stands before a made source; nothing does where it is empty."""
    drop: Chance = 0.1
    """With which chance a word of the source is left out."""
    blank: Chance = 0.1
    """And with which one of the others is replaced by `mark`."""
    mark: str = "<BLANK>"
    swap: Annotated[int, Field(ge=0)] = 3
    """So many places words may move."""
    copied: Annotated[float, Field(gt=0, le=1)] = 0.8
    """A source that is so alike to its target (ROUGE-L) was not translated."""
    ratio: Annotated[float, Field(gt=1)] = 3.0
    """The most that one side may be longer than the other, in words, give or take two."""
    temperature: Annotated[float, Field(ge=0, le=2)] = 1.0
    """Drawn translations teach more than the likeliest ones, except where pairs are very few: then choose 0."""
    top_p: Annotated[float, Field(gt=0, le=1)] = 1.0
    max_tokens: Annotated[int, Field(ge=8)] = 1024
    tries: Annotated[int, Field(ge=1, le=20)] = 3
    """Answers to a given row before it is left without a source."""
    prompt: str | None = None
    """In place of `prompts/translate.txt`, with the same places."""

    origin: ClassVar[str] = "augmented"
    assumes: ClassVar[tuple[str, ...]] = (
        "The model translates from the target's language well enough to be understood: of small languages few do.",
        "Targets are real texts as they stood; only the sources are made, and are sent to whoever runs the model.",
        "Made sources are more literal and less varied than people's; the tag lets a translator know.",
    )
    talks: ClassVar[bool] = True

    def __post_init__(self) -> None:
        prompts.chosen(self.prompt, "translate")
        if self.source == self.target:
            raise RecipeError("source and target are the same column", where="source", found=self.source)

    @property
    def asks(self) -> str:
        """What the model is asked, with places for the text and examples."""
        return prompts.chosen(self.prompt, "translate").user

    def fit(self, real: Dataset | None, *, rng: np.random.Generator) -> "Translator":  # noqa: ARG002 (nothing is drawn)
        """Reads targets and pairs; DataError where there is no target."""
        tables.texts(real, self.target, METHOD)
        assert real is not None
        targets = _texts(real, self.target)
        sources = _texts(real, self.source) if self.source in real.columns.names else [""] * len(targets)
        both = list(zip(sources, targets, strict=True))
        pairs = tuple(dict.fromkeys((source, target) for source, target in both if source and target))
        alone = dict.fromkeys(target for source, target in both if target and not source)
        return Translator(self, tuple(alone or dict.fromkeys(target for target in targets if target)), pairs)

    def load(self, folder: Path) -> "Translator":
        """Reads what `Translator.save` wrote; LedgerError where it was altered."""
        body, _ = storage.read(folder, METHOD)
        with storage.reading(folder):
            pairs = tuple((str(source), str(target)) for source, target in body["pairs"])
            return Translator(self, tuple(map(str, body["texts"])), pairs)


@plain(frozen=True)
class Translator:
    """The real texts to be translated, and the pairs that show how."""

    recipe: Translate
    texts: tuple[str, ...]
    pairs: tuple[tuple[str, str], ...]

    @cached_property
    def schema(self) -> TableSchema:
        """The made source, as it is learnt from; the real target; and the source without tag and noise."""
        return TableSchema((self._column("source"), tables.text(self.recipe.target), self._column("clean")))

    @property
    def notes(self) -> tuple[str, ...]:
        """How much there is to translate, and how many pairs there are to show."""
        return (
            f"{METHOD}: {len(self.texts):,} different targets to translate, {len(self.pairs):,} real pairs to show.",
        )

    def schema_with(self, given: TableSchema | None) -> TableSchema:
        """What `sample` returns. ConditionError where the given rows have no target, or a source already."""
        if given is None:
            return self.schema
        if self.recipe.target not in given.names:
            raise ConditionError(f"the given rows have no column {self.recipe.target}", found=", ".join(given.names),
                                 fix="give texts to translate, or nothing")  # fmt: skip
        return tables.joined(given, self._made)

    def sample(
        self, count: int, *, rng: np.random.Generator, given: Dataset | None = None, workshop: Workshop = ALONE
    ) -> Dataset:
        """Translates; GenerationError where hardly anything is accepted."""
        schema = self.schema_with(None if given is None else given.columns)
        with asking(self.recipe.model, workshop, METHOD) as desk:
            work = _Work(self, desk, rng)
            if given is None:
                rows = desk.until(count, work.propose, work.take)
            else:
                rows = work.given([row[self.recipe.target] for row in tables.rows_of(given)])
        return finished(schema, rows, given, workshop)

    def requests(self, count: int, given: Dataset | None = None) -> Sequence[Request]:
        """What would be asked if every translation were accepted: for an estimate."""
        rng = np.random.default_rng(0)
        own = [self.texts[place % len(self.texts)] for place in range(count)]
        texts = own if given is None else [row[self.recipe.target] or "" for row in tables.rows_of(given)]
        return [self.request(text, rng, sample) for sample, text in enumerate(texts)]

    def request(self, text: str, rng: np.random.Generator, sample: int) -> Request:
        """One question for a translation."""
        recipe = self.recipe
        names = {"into": recipe.into or recipe.source, "from": recipe.language or recipe.target}
        shown = [self.pairs[place] for place in rng.permutation(len(self.pairs)) if self.pairs[place][1] != text]
        told = "\n".join(
            f"{prompts.enclosed(target, 'text')}\n{source}\n" for source, target in shown[: recipe.examples]
        )
        told = told and f"Texts in {names['from']}, each with its translation into {names['into']}:\n\n{told}\n"
        messages = prompts.chosen(recipe.prompt, "translate").fill(
            {**names, "examples": told, "text": prompts.enclosed(text, "text")}
        )
        return Request(messages, max_tokens=recipe.max_tokens, temperature=recipe.temperature, top_p=recipe.top_p,
                       sample=sample)  # fmt: skip

    def save(self, folder: Path) -> None:
        """Writes `model.json`."""
        storage.write(folder, METHOD, {"texts": list(self.texts), "pairs": [list(pair) for pair in self.pairs]})

    def _column(self, which: str, *, nullable: bool = False) -> Any:
        name = self.recipe.source if which == "source" else f"{self.recipe.source}_clean"
        return tables.text(name, nullable=nullable)

    @property
    def _made(self) -> list[Any]:
        return [self._column("source", nullable=True), self._column("clean", nullable=True)]


class _Work:
    """Which texts come next, and what was made of them so far."""

    def __init__(self, translator: Translator, desk: Asker, rng: np.random.Generator) -> None:
        self._translator, self._desk, self._rng = translator, desk, rng
        self._turns = self._order()
        self._sample = int(rng.integers(2**31))
        self._seen: set[tuple[str, str]] = set()

    def propose(self, many: int) -> list[tuple[str, Request]]:
        """The next texts; after the last one the first again, for another translation."""
        texts = [next(self._turns) for _ in range(many)]
        return [(text, self._request(text)) for text in texts]

    def take(self, target: str, reply: Reply) -> Iterable[Row]:
        """The pair, where the answer can be a translation; Dropped else."""
        recipe = self._translator.recipe
        source = bare(whole(reply), "text")
        one, other = coded.words([source, target])[0], coded.words([source, target])[1]
        if not len(one):
            raise Dropped("no words", "", source)
        if rouge_l(one.tolist(), other.tolist()) >= recipe.copied:
            raise Dropped("not translated", target, source)
        short, long = sorted((len(one), len(other)))
        if long > recipe.ratio * short + 2:
            raise Dropped("too short or too long", f"{len(one)} words for {len(other)}", source)
        if (source, target) in self._seen:
            raise Dropped("translated so before", target, source)
        self._seen.add((source, target))
        words = noised(source.split(), rng=self._rng, drop=recipe.drop, blank=recipe.blank, swap=recipe.swap,
                       mark=recipe.mark)  # fmt: skip
        made = " ".join([*([recipe.tag] if recipe.tag else []), *words])
        return [Row({recipe.source: made, recipe.target: target, f"{recipe.source}_clean": source}, reply.key)]

    def given(self, texts: Sequence[str | None]) -> list[Row]:
        """The pair of each given text; none where there is no text, or no answer is fit."""

        def asked(place: int) -> tuple[str, Request] | None:
            text = texts[place]
            return (text, self._request(text)) if text and text.strip() else None

        return self._desk.each(len(texts), asked, self.take, tries=self._translator.recipe.tries)

    def _request(self, text: str) -> Request:
        self._sample += 1
        return self._translator.request(text, self._rng, self._sample)

    def _order(self) -> Iterator[str]:
        while True:
            for place in self._rng.permutation(len(self._translator.texts)).tolist():
                yield self._translator.texts[place]


def _texts(real: Dataset, column: str) -> list[str]:
    return [(each or "").strip() for each in real.table[column].cast(pa.string()).to_pylist()]
