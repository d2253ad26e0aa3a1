"""Oversampling (SMOTE): rows interpolated between real ones of the same class; a baseline that is poor at privacy."""

from collections.abc import Mapping
from dataclasses import dataclass as plain
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, ClassVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass

from mintmark.data import arrays
from mintmark.data.dataset import Dataset
from mintmark.data.schema import Column
from mintmark.errors import ConditionError, DataError
from mintmark.generators import storage
from mintmark.generators.storage import need
from mintmark.generators.tabular import columns, completion
from mintmark.generators.tabular.columns import Learnt
from mintmark.generators.tabular.interpolation import Crowd, Ints, between, majority
from mintmark.generators.tabular.tokens import Floats, number_array

METHOD = "tabular.oversample"

ROWS = 20_000
"""Most rows of a class that are kept, drawn at random: looking for neighbours takes the square of their number."""
ALL_ROWS = 200_000
"""Most rows of all classes together."""
CLASSES = 100
"""A number with more values than this is no class."""


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class Oversample:
    """Rows on the segments between real rows of the same class: the baseline for rare classes that users know.

    SMOTE and, for categories, SMOTE-NC (Chawla, Bowyer, Hall, Kegelmeyer 2002, sections 4.2 and 6.1). Every row is a
    blend of two real people, and its categories are those of a few: measure privacy before it leaves your hands.
    """

    target: str | None = None
    """The column of classes: rows are blended within a class only. A recipe's task names it where it is left out;
    without any, all rows are one class."""
    neighbours: Annotated[int, Field(ge=1, le=100)] = 5
    """How many of the nearest rows of its class a row may be blended with."""
    rare: Annotated[int, Field(ge=1, le=1000)] = 5
    """A category or class that fewer rows than this share is not made."""

    origin: ClassVar[str] = "augmented"
    assumes: ClassVar[tuple[str, ...]] = (
        "Privacy is poor: each row lies on the line between two real rows, and its categories are copied from a few.",
        "The model holds the training rows themselves and may be handed to nobody who may not see those.",
        "What lies between two rows of a class belongs to that class.",
        "Categories are those of most neighbours, so that rare ones grow rarer; spreads shrink.",
        "Missing values and special codes are those of the first row; beside them its own number is kept.",
        "Classes and categories that fewer than `rare` rows show are never made.",
        f"Of a class with more than {ROWS:,} rows, and of all beyond {ALL_ROWS:,}, a random part stands for the rest.",
        "Keys and free text are made up in the form of the real ones.",
    )

    def fit(self, real: Dataset | None, *, rng: np.random.Generator) -> "Blends":
        """Looks for each row's neighbours; DataError where there are too few rows or the target has no classes."""
        table = columns.training_table(real)
        learnt = columns.learn(real, rare=self.rare)
        names = _classes(learnt.schema[self.target], table[self.target]) if self.target else None
        labels = np.zeros(table.num_rows, np.int64) if names is None else _labels(names, table[self.target])
        counts = np.bincount(labels, minlength=1).astype(np.float64)
        fewest = max(2, self.rare) if self.target else 2
        kept = _kept(labels, np.flatnonzero(counts >= fewest), rng)
        if not len(kept):
            raise DataError(f"no class of {self.target} has {fewest} rows to interpolate between")
        crowd = _crowd(learnt, {name: table[name] for name in learnt.alphabets}, table.num_rows).take(kept)
        found = _neighbours(crowd, labels[kept], self.neighbours)
        return Blends(learnt, self.target, names or (), np.where(counts >= fewest, counts, 0), labels[kept], crowd,
                      found)  # fmt: skip

    def load(self, folder: Path) -> "Blends":
        """Reads what `Blends.save` wrote; LedgerError where it was altered."""
        body, stored = storage.read(folder, METHOD)
        with storage.reading(folder):
            learnt = Learnt.rebuild(body, stored)
            target = None if body["target"] is None else str(body["target"])
            parts = {part: stored[part] for part in ("counts", "labels", "neighbours")}
            blends = Blends(learnt, target, tuple(map(str, body["classes"])), crowd=_rebuilt(stored, learnt), **parts)
            _check(blends)
            return blends


@plain(frozen=True)
class Blends:
    """The training rows, by class, with the nearest of each."""

    learnt: Learnt
    target: str | None
    classes: tuple[str, ...]
    """The target's values as text; the class after the last is a missing one. Empty where all rows are one class."""
    counts: Floats
    """(classes + 1,) training rows of each class; 0 where they are too few."""
    labels: Ints
    """(n,) the class of each row that was kept."""
    crowd: Crowd
    neighbours: Ints
    """(n, neighbours) rows of the same class, nearest first; −1 beyond the last."""

    def sample(self, count: int, *, rng: np.random.Generator, given: Dataset | None = None) -> Dataset:
        """Chooses a row of the class, or near to what is given, and one of its neighbours, and a place between them."""
        known = self.learnt.given(given, count)
        first = self._first(count, known, rng)
        many = (self.neighbours[first] >= 0).sum(axis=1)
        picked = (rng.random(count) * many).astype(np.int64)
        second = self.neighbours[first, picked]
        made = {**self._numbers(first, second, rng), **self._codes(first, rng)}
        made |= self.learnt.named(count, {**made, **known}, rng)
        return completion.assemble({**made, **known}, name=self.learnt.name, schema=self.learnt.schema)

    def save(self, folder: Path) -> None:
        """Writes `model.json` and `model.npz`."""
        body = self.learnt.to_json() | {"target": self.target, "classes": list(self.classes)}
        rows = {"numbers": self.crowd.numbers, "specials": self.crowd.specials, "codes": self.crowd.codes}
        parts = {"counts": self.counts, "labels": self.labels, "neighbours": self.neighbours}
        storage.write(folder, METHOD, body, {**self.learnt.to_arrays(), **rows, **parts})

    @cached_property
    def _members(self) -> list[Ints]:
        return [np.flatnonzero(self.labels == label) for label in range(len(self.counts))]

    def _first(self, count: int, known: Mapping[str, pa.Array], rng: np.random.Generator) -> Ints:
        """The row that each new row starts from, shape (count,)."""
        labels = self._labelled(count, known, rng)
        beside = [name for name in known if name in self.learnt.alphabets and name != self.target]
        near = self._like(labels, {name: known[name] for name in beside}) if beside and count else None
        out = np.empty(count, np.int64)
        for label in np.unique(labels):
            rows, members = np.flatnonzero(labels == label), self._members[label]
            if near is None:
                out[rows] = members[rng.integers(len(members), size=len(rows))]
            else:
                many = (near[rows] >= 0).sum(axis=1)
                out[rows] = near[rows, (rng.random(len(rows)) * many).astype(np.int64)]
        return out

    def _labelled(self, count: int, known: Mapping[str, pa.Array], rng: np.random.Generator) -> Ints:
        if self.target is None or self.target not in known:
            return rng.choice(len(self.counts), size=count, p=self.counts / self.counts.sum())
        labels = _labels(self.classes, known[self.target])
        lacking = np.flatnonzero(self.counts[labels] == 0)
        if len(lacking):
            found = str(known[self.target][int(lacking[0])])
            able = [name for name, rows in zip(self.classes, self.counts, strict=False) if rows]
            fix = f"lower `rare`, or give: {', '.join(able[:20])}"
            raise ConditionError(
                f"class {found} of {self.target} has too few rows to interpolate between", found=found, fix=fix
            )
        return labels

    def _like(self, labels: Ints, known: Mapping[str, pa.Array]) -> Ints:
        """Training rows of the class that are nearest to what is given, shape (count, neighbours); −1 beyond these."""
        asked = _crowd(self.learnt, known, len(labels))
        numbers, codes = _places(self.learnt, list(known))
        out = np.full((len(labels), self.neighbours.shape[1]), -1)
        for label in np.unique(labels):
            rows, members = np.flatnonzero(labels == label), self._members[label]
            part = asked.take(rows)
            # Conditions give many rows the same values: each is looked for once.
            points = self.crowd.points(part, numbers, codes)
            _, single, which = np.unique(points, axis=0, return_index=True, return_inverse=True)
            most = min(len(members), out.shape[1])
            found = self.crowd.take(members).nearest(part.take(single), most, numbers, codes)
            out[rows, :most] = members[found][which.ravel()]
        return out

    def _numbers(self, first: Ints, second: Ints, rng: np.random.Generator) -> dict[str, pa.Array]:
        names, _ = _kinds(self.learnt)
        step = rng.random(len(first))
        quantities = self.crowd.quantities
        made = between(quantities[first], quantities[second], step)
        made = np.where(self.crowd.specials[first], self.crowd.numbers[first], made)
        return {name: number_array(made[:, place], self.learnt.schema[name]) for place, name in enumerate(names)}

    def _codes(self, first: Ints, rng: np.random.Generator) -> dict[str, pa.Array]:
        _, names = _kinds(self.learnt)
        around = self.neighbours[first]
        around = np.where(around >= 0, around, around[:, :1])
        out: dict[str, pa.Array] = {}
        for place, name in enumerate(names):
            alphabet, codes = self.learnt.alphabets[name], self.crowd.codes[:, place]
            allowed = np.append(alphabet.mass[:-1] > 0, True)
            voted = codes[first] if name == self.target else majority(codes[first], codes[around], allowed)
            lost = (voted < 0) | ~allowed[voted]
            voted[lost] = alphabet.draw(int(lost.sum()), rng)
            out[name] = alphabet.decode(voted, rng)
        return out


def _classes(column: Column, values: pa.ChunkedArray) -> tuple[str, ...]:
    """The values of a target as text; DataError where it has none to tell classes by."""
    if column.discrete:
        return column.levels
    found = sorted(set(arrays.text(values).drop_null().to_pylist()))
    if not column.numeric or len(found) > CLASSES:
        raise DataError(
            f"{column.name} has no classes to oversample",
            found=f"{len(found):,} different values of kind {column.kind}",
            fix="name a column with few values as `target`",
        )
    return tuple(found)


def _labels(names: tuple[str, ...], values: arrays.Array) -> Ints:
    """The class of each value, by its place; the one after the last where it is missing. Others have no rows."""
    place = {name: at for at, name in enumerate(names)}
    words = arrays.text(values).to_pylist()
    return np.array([len(names) if word is None else place.get(word, len(names)) for word in words], np.int64)


def _kept(labels: Ints, classes: Ints, rng: np.random.Generator) -> Ints:
    """The rows that stand for each class, in their old order."""
    most = min(ROWS, ALL_ROWS // max(1, len(classes)))
    members = [np.flatnonzero(labels == label) for label in classes]
    parts = [rng.choice(rows, most, replace=False) if len(rows) > most else rows for rows in members]
    return np.sort(np.concatenate(parts)) if parts else np.zeros(0, np.int64)


def _kinds(learnt: Learnt) -> tuple[list[str], list[str]]:
    """The columns with numbers and those with levels."""
    numeric = [name for name, alphabet in learnt.alphabets.items() if not alphabet.column.discrete]
    return numeric, [name for name in learnt.alphabets if name not in numeric]


def _places(learnt: Learnt, names: list[str]) -> tuple[list[int], list[int]]:
    numeric, discrete = _kinds(learnt)
    return [at for at, name in enumerate(numeric) if name in names], [
        at for at, name in enumerate(discrete) if name in names
    ]


def _crowd(learnt: Learnt, values: Mapping[str, arrays.Array], rows: int) -> Crowd:
    """So many rows in columns of numbers and of codes; a column that is not there counts as missing."""
    numeric, discrete = _kinds(learnt)
    numbers, specials = np.full((rows, len(numeric)), np.nan), np.zeros((rows, len(numeric)), dtype=bool)
    for place, name in enumerate(numeric):
        if name in values:
            column = learnt.schema[name]
            numbers[:, place] = arrays.numbers(values[name], column)
            specials[:, place] = np.isin(numbers[:, place], column.specials)
    missing = np.array([learnt.alphabets[name].size for name in discrete], np.int32)
    codes = np.tile(missing, (rows, 1))
    for place, name in enumerate(discrete):
        if name in values:
            codes[:, place] = learnt.alphabets[name].encode(values[name])
    return Crowd(numbers, specials, codes, missing)


def _neighbours(crowd: Crowd, labels: Ints, most: int) -> Ints:
    out = np.full((len(crowd), most), -1)
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        many = min(most, len(members) - 1)
        out[members, :many] = members[crowd.take(members).neighbours(many)]
    return out


def _rebuilt(stored: Mapping[str, NDArray[Any]], learnt: Learnt) -> Crowd:
    missing = np.array([learnt.alphabets[name].size for name in _kinds(learnt)[1]], np.int32)
    return Crowd(stored["numbers"], stored["specials"], stored["codes"], missing)


def _check(blends: Blends) -> None:
    """LedgerError where the rows cannot belong to these columns."""
    numeric, discrete = _kinds(blends.learnt)
    crowd, rows = blends.crowd, len(blends.labels)
    need(rows > 0 and crowd.numbers.shape == crowd.specials.shape == (rows, len(numeric)), "numbers")
    need(crowd.codes.shape == (rows, len(discrete)) and bool((crowd.codes >= 0).all()), "codes")
    need(bool((crowd.codes <= crowd.missing).all()) and crowd.specials.dtype == bool, "codes")
    need(blends.counts.ndim == 1 and bool((blends.counts >= 0).all()) and blends.counts.sum() > 0, "counts")
    need(bool(np.isin(blends.labels, np.flatnonzero(blends.counts)).all()), "labels")
    around = blends.neighbours
    need(around.ndim == 2 and around.shape[0] == rows and around.shape[1] > 0, "neighbours")
    need(bool((around[:, 0] >= 0).all()) and bool((around >= -1).all()) and bool((around < rows).all()), "neighbours")
    need(blends.target is None or blends.target in blends.learnt.schema.names, "target")
