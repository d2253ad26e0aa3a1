"""Conditions on the rows to be made, turned into the part of each row that is given.

`where` never rejects rows. The conditioned columns of every row are settled first, and the sampler completes them.
Several conditions keep the dependence between their columns: a batch of the sampler's own rows is re-weighted until all
shares hold (iterative proportional fitting, Deming & Stephan 1940), so nothing of the training data is read here.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from mintmark.data import arrays
from mintmark.data.dataset import Dataset
from mintmark.data.schema import Column, Kind, TableSchema
from mintmark.errors import ConditionError, UnknownName
from mintmark.generators.generator import Sampler
from mintmark.generators.tabular.constraints.obeying import each_alone, possible

BATCH = 20_000
"""Rows of the sampler's own that say how the conditioned columns hang together."""
_FAINT = 1e-6
"""Weight of a combination that the batch does not show: used only where the shares force it."""


def _silent(note: str) -> None:
    del note


def given(
    where: Mapping[str, Any], schema: TableSchema, name: str, sampler: Sampler, count: int, *, rng: np.random.Generator,
    doubt: Callable[[str], None] = _silent,
) -> Dataset:  # fmt: skip
    """The conditioned columns of `count` rows, in random order.

    `doubt` hears of conditions that were learnt one by one and not together. Raises ConditionError where a value is
    unknown, shares do not sum to 1, or conditions cannot hold together.
    """
    wishes = [_Wish.of(schema[column], condition) for column, condition in where.items()]
    batch = each_alone(sampler).sample(BATCH, rng=rng).table.select(list(where))
    batch = pa.concat_tables([batch, *_unseen(wishes, batch, rng)])
    faint = np.arange(batch.num_rows) >= BATCH
    cells = np.stack([wish.cells(batch[wish.column.name]) for wish in wishes])
    allowed = (cells >= 0).all(axis=0) & possible(sampler, batch)
    weights = _rake(np.where(faint, _FAINT, 1.0) * allowed, cells, wishes)
    rows = _apportion(weights, cells, count, rng)
    if len(wishes) > 1 and faint[rows].any():
        doubt(_invented(batch.take(pa.array(rows[faint[rows]])), count))
    return Dataset.of(batch.take(pa.array(rng.permutation(rows))), schema=schema.only(list(where)), name=name)


def _invented(rows: pa.Table, count: int) -> str:
    """What is to be said of rows that combine what nothing combined."""
    shown = Counter(" and ".join(f"{name} {value}" for name, value in row.items()) for row in rows.to_pylist())
    return (f"where: {rows.num_rows:,} of {count:,} rows combine what none of {BATCH:,} rows of the method's own does, "
            f"such as {shown.most_common(1)[0][0]}: nothing was learnt of such rows")  # fmt: skip


def check(where: Mapping[str, Any], schema: TableSchema) -> None:
    """ConditionError or UnknownName where a condition cannot be read against the columns."""
    for column, condition in where.items():
        _Wish.of(schema[column], condition)


def alike(mixture: Sequence[tuple[Mapping[str, Any], float]], real: Dataset, *, rng: np.random.Generator) -> Dataset:
    """Real rows that meet the conditions in the shares in which the steps of a recipe asked for them.

    `mixture` holds each step's conditions and its share of the rows. Rows are thinned and never repeated, so that a
    comparison with them is one with real data of the same make-up. ConditionError where no real row meets them.
    """
    weights = np.zeros(len(real))
    for conditions, share in mixture:
        wishes = [_Wish.of(real.columns[column], condition) for column, condition in conditions.items()]
        if not wishes:
            weights += share / len(real)
            continue
        cells = np.stack([wish.cells(real.table[wish.column.name]) for wish in wishes])
        weights += share * _rake(np.where((cells >= 0).all(axis=0), 1.0, 0.0), cells, wishes)
    return real.select(rng.random(len(real)) * weights.max() < weights)


@dataclass(frozen=True)
class _Wish:
    """What one column is to hold: values to single out with their shares, what else is allowed, and with what share."""

    column: Column
    values: tuple[pa.Scalar, ...] = ()
    shares: tuple[float, ...] = ()
    low: float = -np.inf
    high: float = np.inf
    rest: float = 0.0

    @classmethod
    def of(cls, column: Column, condition: Any) -> "_Wish":
        if isinstance(condition, Mapping | list | tuple) and not condition:
            raise ConditionError(
                f"the condition on {column.name} is empty", fix="name a value, shares of values, or a range"
            )
        if isinstance(condition, Mapping) and set(condition) <= {"min", "max"} and column.numeric:
            return cls._range(column, condition)
        if isinstance(condition, Mapping):
            return cls._shares(column, condition)
        listed = condition if isinstance(condition, list | tuple) else [condition]
        values = tuple(_typed(column, value) for value in listed)
        return cls(column, values) if len(values) > 1 else cls(column, values, (1.0,))

    @classmethod
    def _range(cls, column: Column, bounds: Mapping[str, Any]) -> "_Wish":
        low, high = _bound(column, bounds.get("min", -np.inf)), _bound(column, bounds.get("max", np.inf))
        known = (-np.inf if column.low is None else column.low, np.inf if column.high is None else column.high)
        if low > high or low > known[1] or high < known[0]:
            found = f"{bounds.get('min', 'anything')} to {bounds.get('max', 'anything')}"
            raise ConditionError(f"no value of {column.name} lies here", found=found, fix=_extent(column))
        return cls(column, low=low, high=high, rest=1.0)

    @classmethod
    def _shares(cls, column: Column, shares: Mapping[str, float]) -> "_Wish":
        if set(shares) <= {"min", "max"} and not set(shares) <= set(column.levels):
            fix = "name values, or shares of values"
            raise ConditionError(f"{column.name} has no range: its kind is {column.kind}", found=str(shares), fix=fix)
        wrong = {value: share for value, share in shares.items() if isinstance(share, str) or not 0 <= share <= 1}
        if wrong:
            raise ConditionError(f"a share of {column.name} lies between 0 and 1", found=str(wrong))
        total = sum(shares.values())
        everything = column.discrete and set(map(str, shares)) >= set(column.levels)
        if total > 1 + 1e-9 or (everything and total < 1 - 1e-9):
            raise ConditionError(f"the shares of {column.name} do not sum to 1", found=f"{total:g}: {dict(shares)}")
        values = tuple(_typed(column, value) for value in shares)
        return cls(column, values, tuple(shares.values()), rest=max(0.0, 1 - total))

    @property
    def targets(self) -> dict[int, float]:
        """The share of each cell: one a value where shares were named, else a single cell for all that is allowed."""
        named = dict(enumerate(self.shares)) if self.shares else ({0: 1.0} if self.values else {})
        return {**named, len(self.values): self.rest} if self.rest > 1e-9 else named

    @property
    def words(self) -> str:
        """The condition as it is told."""
        if self.values:
            return f"{self.column.name} {', '.join(str(value) for value in self.values)}"
        ends = ((" from ", self.low), (" to ", self.high))
        return self.column.name + "".join(sign + _written(end, self.column) for sign, end in ends if np.isfinite(end))

    def cells(self, array: pa.ChunkedArray) -> NDArray[np.int64]:
        """The cell of each row; −1 is not allowed."""
        if self.column.numeric:
            found = arrays.numbers(array, self.column)
            out = np.where((found >= self.low) & (found <= self.high), len(self.values), -1)
            wanted: Any = [arrays.numbers(pa.array([value]), self.column)[0] for value in self.values]
        else:
            found = arrays.text(array).to_numpy(zero_copy_only=False)
            out = np.full(len(found), len(self.values))
            wanted = [arrays.text(pa.array([value]))[0].as_py() for value in self.values]
        for cell, value in enumerate(wanted):
            out[found == value] = cell if self.shares else 0
        return np.where(np.isin(out, list(self.targets)), out, -1).astype(np.int64)


def _typed(column: Column, value: Any) -> pa.Scalar:
    """A value of the recipe in the column's own type."""
    word = str(value).lower() if isinstance(value, bool) else str(value)
    if column.discrete and word not in column.levels:
        raise UnknownName(f"value of {column.name}", word, column.levels)
    typed = _read(column, word)
    if column.numeric:
        number = arrays.numbers(pa.array([typed]), column)[0]
        above = column.low is None or number >= column.low
        below = column.high is None or number <= column.high
        if not (above and below) and number not in column.specials:
            raise ConditionError(f"{column.name} never is {value}", fix=_extent(column))
    return typed


def _bound(column: Column, value: Any) -> float:
    """An end of a range as a number of the column: dates and times may be written as such."""
    if isinstance(value, int | float):
        return float(value)
    return float(arrays.numbers(pa.array([_read(column, str(value))]), column)[0])


def _read(column: Column, word: str) -> pa.Scalar:
    try:
        return arrays.from_text(pa.array([word]), column.type)[0]
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        fix = _extent(column) or f"it holds {column.type}"
        raise ConditionError(f"this is no value of {column.name}", found=repr(word), fix=fix) from error


def _extent(column: Column) -> str:
    """From where to where a column goes, as its values are written."""
    if column.low is None or column.high is None:
        return ""
    return f"it goes from {_written(column.low, column)} to {_written(column.high, column)}"


def _written(end: float, column: Column) -> str:
    if column.kind == Kind.NUMBER:
        return f"{end:g}"
    return str(arrays.from_numbers(np.array([end]), column).cast(pa.string())[0])


def _unseen(wishes: list[_Wish], batch: pa.Table, rng: np.random.Generator) -> list[pa.Table]:
    """Rows for values that the batch does not hold beside the others: a batch row with that one value set."""
    out = []
    for at, wish in enumerate(wishes):
        for value in wish.values:
            picked = batch.take(pa.array(rng.integers(batch.num_rows, size=50)))
            column = pa.chunked_array([pa.array([value] * 50, wish.column.type)])
            out.append(picked.set_column(at, batch.schema.field(at), column))
        if np.isfinite([wish.low, wish.high]).any():
            picked = batch.take(pa.array(rng.integers(batch.num_rows, size=50)))
            low = max(wish.low, wish.column.low if wish.column.low is not None else wish.low)
            high = min(wish.high, wish.column.high if wish.column.high is not None else wish.high)
            # Of a column without bounds, the batch says how far beyond the range's own end values go.
            shown = arrays.numbers(batch[wish.column.name], wish.column)
            shown = shown[np.isfinite(shown)]
            low = low if np.isfinite(low) else min(high, shown.min(initial=high))
            high = high if np.isfinite(high) else max(low, shown.max(initial=low))
            place = rng.random(50)  # and no difference, which might be beyond all numbers
            drawn = arrays.from_numbers(low * (1 - place) + high * place, wish.column)
            out.append(picked.set_column(at, batch.schema.field(at), pa.chunked_array([drawn])))
    if (
        len(wishes) > 1
    ):  # one row with every first-named value at once, so that a sole wish never fails for want of rows
        fixed = {wish.column.name: wish.values[0] for wish in wishes if wish.values}
        row = batch.slice(0, 1)
        for at, name in enumerate(batch.schema.names):
            if name in fixed:
                row = row.set_column(
                    at, batch.schema.field(at), pa.chunked_array([pa.array([fixed[name]], batch.schema.field(at).type)])
                )
        out.append(row)
    return [table.cast(batch.schema) for table in out]


def _rake(weights: NDArray[np.float64], cells: NDArray[np.int64], wishes: list[_Wish]) -> NDArray[np.float64]:
    """Weights whose share in every cell of every column is the one wished for."""
    for _ in range(500):
        worst = 0.0
        for wish, of in zip(wishes, cells, strict=True):
            for cell, share in wish.targets.items():
                inside = of == cell
                now = weights[inside].sum() / max(weights.sum(), 1e-300)
                worst = max(worst, abs(now - share))
                weights[inside] *= share / now if now > 0 else 0.0
        if worst < 1e-6:
            return weights / weights.sum()
    named = "; ".join(wish.words for wish in wishes)
    fix = "loosen one of them, or a constraint that ties their columns"
    raise ConditionError("these conditions do not hold together", found=named, fix=fix)


def _apportion(
    weights: NDArray[np.float64], cells: NDArray[np.int64], count: int, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Batch rows, drawn so that every joint cell gets its share of `count` to the nearest row (largest remainders)."""
    _, joint = np.unique(cells, axis=1, return_inverse=True)
    joint = joint.ravel()
    share = np.bincount(joint, weights)
    whole = np.floor(share * count).astype(np.int64)
    left = count - whole.sum()
    whole[np.argsort(whole - share * count, kind="stable")[:left]] += 1
    drawn = [
        rng.choice(np.flatnonzero(joint == cell), size=size, p=weights[joint == cell] / share[cell])
        for cell, size in enumerate(whole)
        if size
    ]
    return np.concatenate(drawn)
