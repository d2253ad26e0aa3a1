"""Labelled texts for a task with rare classes: class first, then a text after a few real ones (ZeroGen, Ye 2022)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass as plain
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, ClassVar

import numpy as np
import pyarrow as pa
from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass

from mintmark.data.dataset import Dataset
from mintmark.data.schema import Column, Kind, TableSchema
from mintmark.errors import ConditionError, DataError, RecipeError, UnknownName
from mintmark.generators import storage
from mintmark.generators.text import prompts, tables
from mintmark.generators.text.answers import bare, whole
from mintmark.generators.text.asking import Asker, Dropped, asking, finished
from mintmark.generators.text.tables import Row
from mintmark.generators.workshop import ALONE, Workshop
from mintmark.models.definition import Definition
from mintmark.models.request import Reply, Request
from mintmark.words import coded
from mintmark.words.rouge import Pool
from mintmark.words.texts import plain as folded
from mintmark.words.texts import short

METHOD = "text.label"
MOST = 200
"""A column with more values than this holds no classes."""


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class Label:
    """Labelled texts for a task with rare classes: the model is told the class, and shown real texts of it as data.

    Class first, then the text (ZeroGen, Ye et al. 2022), with few examples drawn anew for each question (as GPT3Mix,
    Yoo et al. 2021, mixes them). Shares of the classes are met to the row. Texts that are near copies of real ones, or
    of texts that were made before, are dropped (ROUGE-L above `closest`).
    """

    model: Definition
    text: str = "text"
    """The column of texts."""
    target: str | None = None
    """The column of classes; a recipe's task names it where it is left out."""
    labels: Mapping[str, Annotated[float, Field(ge=0)]] = Field(default_factory=dict)
    """How often each class is made, as shares or as weights; where left out, all classes of the training rows alike."""
    about: Mapping[str, str] = Field(default_factory=dict)
    """What a class means, told to the model: needed where there are no texts of it."""
    examples: Annotated[int, Field(ge=0, le=50)] = 5
    """Real texts of the class in a prompt."""
    closest: Annotated[float, Field(gt=0, le=1)] = 0.7
    temperature: Annotated[float, Field(ge=0, le=2)] = 1.0
    top_p: Annotated[float, Field(gt=0, le=1)] = 0.95
    max_tokens: Annotated[int, Field(ge=8)] = 512
    tries: Annotated[int, Field(ge=1, le=20)] = 3
    """Answers to a given row before it is left without a text."""
    prompt: str | None = None
    """In place of `prompts/label.txt`, with the same places."""

    assumes: ClassVar[tuple[str, ...]] = (
        "The model writes what it is told to: nobody has checked that a text belongs to its class.",
        "Made texts show a class more plainly than people do; a classifier may learn the model's style instead.",
        "The few real texts in a prompt stand for their class, and are sent to whoever runs the model.",
    )
    talks: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if self.labels and not sum(self.labels.values()) > 0:
            raise RecipeError("no class is to be made", where="labels", fix="give one a share above 0")
        prompts.chosen(self.prompt, "label")

    @property
    def asks(self) -> str:
        """What the model is asked, with places for the class and its examples."""
        return prompts.chosen(self.prompt, "label").user

    def fit(self, real: Dataset | None, *, rng: np.random.Generator) -> "Labeller":  # noqa: ARG002 (nothing is drawn)
        """Reads the real texts of each class; DataError where a class has neither texts nor a description."""
        if self.target is None:
            raise RecipeError("nobody says which column holds the classes", where=METHOD,
                              fix="name it: target: label, or in the recipe's task")  # fmt: skip
        told = tables.category(self.target, self.labels) if real is None else _column(real, self.target)
        known: dict[str, list[str]] = {} if real is None else _by_class(real, self.text, self.target)
        shares = dict(self.labels) or dict.fromkeys(known, 1.0)
        if not shares:
            raise DataError(f"{METHOD} knows no class", where=METHOD, fix="name some in `labels`")
        for label in shares:
            if real is not None and told.levels and label not in told.levels:
                raise UnknownName(f"class of {self.target}", label, told.levels, where="labels")
            if not known.get(label) and not self.about.get(label):
                raise DataError(f"class {label} has no text to learn from", where=METHOD,
                                fix=f"say what it is: about: {{{label}: …}}")  # fmt: skip
        texts = {label: tuple(known.get(label, ())) for label in shares}
        return Labeller(self, told, {label: float(share) for label, share in shares.items()}, texts)

    def load(self, folder: Path) -> "Labeller":
        """Reads what `Labeller.save` wrote; LedgerError where it was altered."""
        body, _ = storage.read(folder, METHOD)
        with storage.reading(folder):
            texts = {str(label): tuple(map(str, held)) for label, held in body["texts"].items()}
            shares = {str(label): float(share) for label, share in body["shares"].items()}
            return Labeller(self, Column.from_json(body["column"]), shares, texts)


@plain(frozen=True)
class Labeller:
    """The real texts of each class, and how often each is made."""

    recipe: Label
    column: Column
    """Of classes, as the training rows have it."""
    shares: Mapping[str, float]
    texts: Mapping[str, tuple[str, ...]]

    @cached_property
    def schema(self) -> TableSchema:
        """The text, which is missing only in given rows that nothing fit was written for, and its class."""
        return TableSchema((tables.text(self.recipe.text), self.column))

    def schema_with(self, given: TableSchema | None) -> TableSchema:
        """What `sample` returns. ConditionError where the given rows have no class, or a text already."""
        if given is None:
            return self.schema
        if self.column.name not in given.names:
            raise ConditionError(f"the given rows have no column {self.column.name}", found=", ".join(given.names),
                                 fix="give the class of each row, or nothing")  # fmt: skip
        return tables.joined(given, [tables.text(self.recipe.text, nullable=True)])

    def sample(
        self, count: int, *, rng: np.random.Generator, given: Dataset | None = None, workshop: Workshop = ALONE
    ) -> Dataset:
        """Asks class by class; GenerationError where hardly anything is accepted of one."""
        schema = self.schema_with(None if given is None else given.columns)
        with asking(self.recipe.model, workshop, METHOD) as desk:
            writing = _Writing(self, desk, rng)
            if given is not None:
                rows = writing.given(tables.rows_of(given))
                return finished(schema, rows, given, workshop)
            rows = [row for label, many in self._counts(count, rng).items() for row in writing.some(label, many)]
        rows = [rows[place] for place in rng.permutation(len(rows))]
        workshop.asked([row.asked for row in rows])
        return _typed(schema, [row.values for row in rows], self.column)

    def requests(self, count: int, given: Dataset | None = None) -> Sequence[Request]:
        """What would be asked if every text were accepted: for an estimate."""
        rng = np.random.default_rng(0)
        if given is not None:
            self.schema_with(given.columns)
            asked = [(row[self.column.name], row) for row in tables.rows_of(given)]
        else:
            asked = [(label, {}) for label, many in self._counts(count, rng).items() for _ in range(many)]
        return [self.request(label, rng, sample, details) for sample, (label, details) in enumerate(asked)]

    def request(self, label: str, rng: np.random.Generator, sample: int, details: Mapping[str, Any]) -> Request:
        """One question for a text of a class."""
        recipe, own = self.recipe, self.texts[label]
        shown = [prompts.enclosed(own[place], "example") for place in rng.permutation(len(own))[: recipe.examples]]
        about = recipe.about.get(label, "")
        more = "; ".join(f"{name}: {short(str(value))}" for name, value in details.items()
                         if value is not None and name != self.column.name)  # fmt: skip
        places = {
            "target": self.column.name, "label": f"“{label}”", "labels": ", ".join(f"“{each}”" for each in self.shares),
            "about": f" ({about})" if about else "",
            "examples": f"Real texts of the kind “{label}”:\n\n" + "\n".join(shown) + "\n\n" if shown else "",
            "details": f"It fits these facts: {more}. " if more else "",
        }  # fmt: skip
        return Request(prompts.chosen(recipe.prompt, "label").fill(places), max_tokens=recipe.max_tokens,
                       temperature=recipe.temperature, top_p=recipe.top_p, sample=sample)  # fmt: skip

    def save(self, folder: Path) -> None:
        """Writes `model.json`."""
        texts = {label: list(held) for label, held in self.texts.items()}
        body = {"column": self.column.to_json(), "shares": dict(self.shares), "texts": texts}
        storage.write(folder, METHOD, body)

    def _counts(self, count: int, rng: np.random.Generator) -> dict[str, int]:
        """Of each class its share of the rows, to the row; who gets the odd one is drawn (systematic sampling)."""
        shares = np.array(list(self.shares.values()))
        borders = np.floor(np.cumsum(shares) / shares.sum() * count + rng.random()).astype(int)
        borders[-1] = count
        return dict(zip(self.shares, np.diff(borders, prepend=0).tolist(), strict=True))


class _Writing:
    """All texts so far, real ones first, and the way to more."""

    def __init__(self, labeller: Labeller, desk: Asker, rng: np.random.Generator) -> None:
        self._labeller, self._desk, self._rng = labeller, desk, rng
        self._held = [text for texts in labeller.texts.values() for text in texts]
        self._real = len(self._held)
        self._first = int(rng.integers(2**31))
        self._asked = 0
        self._pool = Pool()
        words = coded.words(self._held)
        for place in range(len(words)):
            self._pool.add(words[place])

    def some(self, label: str, count: int) -> list[Row]:
        """So many texts of a class."""
        return self._desk.until(
            count,
            lambda many: [(label, self._request(label, {})) for _ in range(many)],
            lambda _, reply: [self._accepted(label, reply)],
        )

    def given(self, rows: Sequence[Mapping[str, Any]]) -> list[Row]:
        """A text for each given row; none where no answer is fit. ConditionError where a class is not known."""
        labels = [row[self._labeller.column.name] for row in rows]
        for label in labels:
            if label not in self._labeller.texts:
                raise ConditionError(f"{label} is no class that can be made", where=self._labeller.column.name,
                                     fix=f"choose from {', '.join(self._labeller.texts)}")  # fmt: skip
        return self._desk.each(
            len(rows),
            lambda place: (labels[place], self._request(labels[place], rows[place])),
            lambda label, reply: [self._accepted(label, reply)],
            tries=self._labeller.recipe.tries,
        )

    def _request(self, label: str, details: Mapping[str, Any]) -> Request:
        self._asked += 1
        return self._labeller.request(label, self._rng, self._first + self._asked, details)

    def _accepted(self, label: str, reply: Reply) -> Row:
        text = bare(whole(reply), "example")
        if folded(text).startswith((f"{folded(label)}:", f"[{folded(label)}]")):
            raise Dropped("tells its class", label, text)
        words = coded.words([text])[0]
        if not len(words):
            raise Dropped("no words", "", text)
        near = self._pool.nearest(words, over=self._labeller.recipe.closest, first=True)
        if near:
            whose = "a real text" if near[1] < self._real else "another text"
            raise Dropped(f"near copy of {whose}", f"ROUGE-L {near[0]:.2f} with: {short(self._held[near[1]])}", text)
        self._pool.add(words)
        self._held.append(text)
        return Row({self._labeller.recipe.text: text, self._labeller.column.name: label}, reply.key)


def _column(real: Dataset, target: str) -> Column:
    if target not in real.columns.names:
        raise UnknownName("column", target, real.columns.names, where="target")
    held = real.columns[target]
    if held.discrete and not held.nullable:
        return held
    if held.discrete:
        return Column(target, held.kind, held.type, levels=held.levels)
    return Column(target, Kind.CATEGORY, pa.string(), levels=tuple(_values(real, target)))


def _values(real: Dataset, target: str) -> list[str]:
    found = sorted({each for each in real.table[target].cast(pa.string()).to_pylist() if each is not None})
    if len(found) > MOST:
        raise DataError(f"column {target} holds {len(found):,} different values, too many for classes", where=METHOD)
    return found


def _by_class(real: Dataset, text: str, target: str) -> dict[str, list[str]]:
    """The real texts of each class, each once."""
    tables.texts(real, text, METHOD)
    labels = real.table[target].cast(pa.string()).to_pylist()
    texts = real.table[text].cast(pa.string()).to_pylist()
    out: dict[str, dict[str, None]] = {label: {} for label in _values(real, target)}
    for label, each in zip(labels, texts, strict=True):
        if label is not None and each and each.strip():
            out[label][each.strip()] = None
    return {label: list(held) for label, held in out.items()}


def _typed(schema: TableSchema, rows: Sequence[Mapping[str, Any]], column: Column) -> Dataset:
    """Rows with their classes stored as the training rows store them."""
    labels = pa.array([row[column.name] for row in rows], pa.string())
    values = labels.cast(column.type).to_pylist()
    return tables.dataset(schema, [{**row, column.name: value} for row, value in zip(rows, values, strict=True)])
