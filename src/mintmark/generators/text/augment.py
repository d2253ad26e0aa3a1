"""Real texts with a few words changed: synonyms, insertions, swaps and deletions (EDA, Wei & Zou 2019)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass as plain
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, ClassVar

import numpy as np
import pyarrow as pa
from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

from mintmark.data.dataset import Dataset
from mintmark.data.schema import Column, TableSchema
from mintmark.data.sources.opening import resolved
from mintmark.errors import ConditionError, GenerationError, RecipeError, UnknownName
from mintmark.generators import storage
from mintmark.generators.text import tables
from mintmark.generators.workshop import ALONE, Workshop
from mintmark.words import pieces, synonyms
from mintmark.words.synonyms import Synonyms

METHOD = "text.augment"
TRIES = 20
"""Changes of one text before another text is taken in its place."""

Rate = Annotated[float, Field(ge=0, le=1)]


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class Augment:
    """Real texts with a few words changed: synonyms, insertions, swaps and deletions (EDA, Wei & Zou 2019).

    Each row is a real text to which one of the four is done, by chance: words replaced by a synonym, synonyms of words
    of the text put in anywhere, words that change places, words left out. A rate is the share of a text's words that
    this concerns (at least one); 0 leaves the operation out. All texts are used about equally often. No model is asked.
    """

    text: str = "text"
    """The column of texts."""
    target: str | None = None
    """The column of classes, which a text keeps; a recipe's task names it where it is left out."""
    beside: tuple[str, ...] = ()
    """Further columns that are copied from the real row."""
    synonyms: str | None = None
    """Path of WordNet's folder, a WN-LMF file or a list (`words.synonyms`); without it no word gets another."""
    senses: Annotated[int | None, Field(ge=1)] = None
    """Meanings of a word, most frequent first, whose synonyms are used: all as published, and safer with 1 or 2."""
    replace: Rate = 0.1
    insert: Rate = 0.1
    swap: Rate = 0.1
    delete: Rate = 0.1

    origin: ClassVar[str] = "augmented"
    assumes: ClassVar[tuple[str, ...]] = (
        "Privacy is poor: each text is a real person's with few words changed, and the model holds all of them.",
        "A text keeps its class when a tenth of its words change; negations and numbers may be lost.",
        "A synonym fits whatever the sentence means, and only words in their dictionary form have one.",
    )

    def __post_init__(self) -> None:
        with_words = (self.replace, self.insert) if self.synonyms else ()
        if not any((*with_words, self.swap, self.delete)):
            raise RecipeError("nothing is to be changed", where=METHOD, fix="set a rate above 0, or name `synonyms`")

    @property
    def files(self) -> tuple[str, ...]:
        """What it reads beside the rows."""
        return (self.synonyms,) if self.synonyms else ()

    def fit(
        self,
        real: Dataset | None,
        *,
        rng: np.random.Generator,  # noqa: ARG002 (nothing is drawn)
        workshop: Workshop = ALONE,
    ) -> "Augmenter":
        """Reads the texts, and the synonyms of their words; DataError where there are none."""
        tables.texts(real, self.text, METHOD)
        assert real is not None
        names = list(dict.fromkeys([*([self.target] if self.target else []), *self.beside]))
        for name in names:
            if name not in real.columns.names:
                raise UnknownName("column", name, real.columns.names, where=METHOD)
        there = [bool(text and text.strip()) for text in real.table[self.text].cast(pa.string()).to_pylist()]
        table = real.table.filter(pa.array(there))
        texts = tuple(table[self.text].cast(pa.string()).to_pylist())
        beside = pa.table({name: table[name] for name in names}) if names else None
        known = synonyms.read(resolved(self.synonyms, workshop.base), self.senses) if self.synonyms else {}
        words = {_core(piece).lower() for text in texts for piece in pieces.words(text)}
        own = {word: known[word] for word in sorted(words) if word in known and word not in ENGLISH_STOP_WORDS}
        return Augmenter(self, texts, tuple(real.columns[name] for name in names), _plain(beside), own)

    def load(self, folder: Path) -> "Augmenter":
        """Reads what `Augmenter.save` wrote; LedgerError where it was altered."""
        body, _ = storage.read(folder, METHOD)
        with storage.reading(folder):
            columns = tuple(map(Column.from_json, body["columns"]))
            beside = {column.name: tuple(body["beside"][column.name]) for column in columns}
            known = {str(word): tuple(map(str, others)) for word, others in body["synonyms"].items()}
            return Augmenter(self, tuple(map(str, body["texts"])), columns, beside, known)


@plain(frozen=True)
class Augmenter:
    """The real texts, what stands beside them, and what may stand for their words."""

    recipe: Augment
    texts: tuple[str, ...]
    columns: tuple[Column, ...]
    """Of what is copied beside a text."""
    beside: Mapping[str, tuple[str | None, ...]]
    """Its values, as text."""
    synonyms: Synonyms

    @cached_property
    def schema(self) -> TableSchema:
        """The text, and the columns that are copied."""
        return TableSchema((tables.text(self.recipe.text), *self.columns))

    @property
    def notes(self) -> tuple[str, ...]:
        """What can be done to these texts."""
        words = [_core(piece).lower() for text in self.texts for piece in pieces.words(text) if _is_word(piece)]
        share = sum(word in self.synonyms for word in words) / max(len(words), 1)
        told = f"{share:.0%} of the words of the training texts have a synonym" if self.recipe.synonyms else (
            "no synonyms were named, so words are swapped and left out only")  # fmt: skip
        return (f"{METHOD}: {told}.",)

    def schema_with(self, given: TableSchema | None) -> TableSchema:
        """What `sample` returns. ConditionError where more than columns that are copied is given."""
        for name in given.names if given is not None else ():
            if name not in self.beside:
                raise ConditionError(f"{METHOD} copies no column {name}", fix=f"choose from {', '.join(self.beside)}")
        return self.schema

    def sample(self, count: int, *, rng: np.random.Generator, given: Dataset | None = None) -> Dataset:
        """Changes `count` texts, of rows that hold what is given; GenerationError where none can be changed."""
        self.schema_with(None if given is None else given.columns)
        held = set(self.texts)
        changed = [self._changed(rows, held, rng) for rows in self._sources(count, given, rng)]
        texts, places = [text for text, _ in changed], [place for _, place in changed]
        made = {self.recipe.text: texts}
        for column in self.columns:
            values = pa.array([self.beside[column.name][place] for place in places], pa.string())
            made[column.name] = values.cast(column.type).to_pylist()
        rows = [dict(zip(made, row, strict=True)) for row in zip(*made.values(), strict=True)]
        return tables.dataset(self.schema, rows)

    def save(self, folder: Path) -> None:
        """Writes `model.json`."""
        body = {"texts": list(self.texts), "columns": [column.to_json() for column in self.columns],
                "beside": {name: list(held) for name, held in self.beside.items()},
                "synonyms": {word: list(others) for word, others in self.synonyms.items()}}  # fmt: skip
        storage.write(folder, METHOD, body)

    def _sources(self, count: int, given: Dataset | None, rng: np.random.Generator) -> list[Sequence[int]]:
        """For each row the texts that it may be made of, the first one first."""
        if given is None:
            return _turns(range(len(self.texts)), count, rng)
        wanted = [tuple(row.items()) for row in tables.rows_of(given)]
        fitting: dict[tuple[tuple[str, Any], ...], list[Sequence[int]]] = {}
        for key in dict.fromkeys(wanted):
            rows = [p for p in range(len(self.texts)) if all(self.beside[name][p] == value for name, value in key)]
            if not rows:
                raise ConditionError("no real text has what is given",
                                     found=", ".join(f"{name}: {value}" for name, value in key))  # fmt: skip
            fitting[key] = _turns(rows, wanted.count(key), rng)
        return [fitting[key].pop() for key in wanted]

    def _changed(self, rows: Sequence[int], held: set[str], rng: np.random.Generator) -> tuple[str, int]:
        """A text that is none of the real ones, and of which row it is."""
        acts = self._acts()
        for place in rows:
            for _ in range(TRIES):
                cut = pieces.words(self.texts[place])
                acts[int(rng.integers(len(acts)))](cut, rng)
                text = "".join(cut).strip()
                if text and text not in held:
                    return text, place
        raise GenerationError(f"{METHOD} can change none of {len(rows):,} texts", found=self.texts[rows[0]][:80],
                              fix="name `synonyms`, or give texts of more than one word")  # fmt: skip

    def _acts(self) -> list[Callable[[list[str], np.random.Generator], None]]:
        recipe = self.recipe
        rates = {self._replace: recipe.replace, self._insert: recipe.insert} if self.synonyms else {}
        rates |= {self._swap: recipe.swap, self._delete: recipe.delete}
        return [act for act, rate in rates.items() if rate > 0]

    def _replace(self, cut: list[str], rng: np.random.Generator) -> None:
        """n words by a synonym each."""
        known = [place for place, piece in enumerate(cut) if _core(piece).lower() in self.synonyms]
        for place in rng.permutation(known)[: _many(self.recipe.replace, cut)].tolist():
            cut[place] = self._other(cut[place], rng)

    def _insert(self, cut: list[str], rng: np.random.Generator) -> None:
        """n times a synonym of a word of the text, behind any word."""
        known = [piece for piece in cut if _core(piece).lower() in self.synonyms]
        for _ in range(_many(self.recipe.insert, cut) if known else 0):
            word = self._other(known[int(rng.integers(len(known)))], rng).strip()
            after = [place + 1 for place, piece in enumerate(cut) if _is_word(piece)]
            cut.insert(after[int(rng.integers(len(after)))], f" {word}")

    def _swap(self, cut: list[str], rng: np.random.Generator) -> None:
        """n times two words change places; space stays where it is."""
        words = [place for place, piece in enumerate(cut) if _is_word(piece)]
        for _ in range(_many(self.recipe.swap, cut) if len(words) > 1 else 0):
            one, other = (words[place] for place in rng.choice(len(words), 2, replace=False))
            cut[one], cut[other] = _with(cut[one], _core(cut[other])), _with(cut[other], _core(cut[one]))

    def _delete(self, cut: list[str], rng: np.random.Generator) -> None:
        """Each word goes with a probability; one stays at least."""
        words = [place for place, piece in enumerate(cut) if _is_word(piece)]
        gone = [place for place in words if rng.random() < self.recipe.delete]
        if len(gone) == len(words) and words:
            gone.remove(gone[int(rng.integers(len(gone)))])
        for place in reversed(gone):
            del cut[place]

    def _other(self, piece: str, rng: np.random.Generator) -> str:
        word = _core(piece)
        others = self.synonyms[word.lower()]
        other = others[int(rng.integers(len(others)))]
        return _with(piece, other[:1].upper() + other[1:] if word[:1].isupper() else other)


def _turns(rows: Sequence[int], count: int, rng: np.random.Generator) -> list[Sequence[int]]:
    """For each of `count` rows all of `rows`, in turns that begin with each equally often."""
    order = rng.permutation(rows)
    return [np.roll(order, -turn)[:TRIES].tolist() for turn in range(count)]


def _many(rate: float, cut: Sequence[str]) -> int:
    """How many words a rate concerns: one at least (Wei & Zou 2019)."""
    words = sum(map(_is_word, cut))
    return max(1, round(rate * words))


def _is_word(piece: str) -> bool:
    return _core(piece)[:1].isalnum()


def _core(piece: str) -> str:
    return piece.strip()


def _with(piece: str, word: str) -> str:
    """Another word with the space of this one."""
    return piece[: len(piece) - len(piece.lstrip())] + word


def _plain(beside: pa.Table | None) -> dict[str, tuple[str | None, ...]]:
    if beside is None:
        return {}
    return {name: tuple(beside[name].cast(pa.string()).to_pylist()) for name in beside.column_names}
