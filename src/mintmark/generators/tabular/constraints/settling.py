"""What is given, in terms of what is learnt: a given end date needs a start date before it, to be told as a gap.

Where some columns of a form are given and others are not, the others are taken from rows that the sampler made by
itself and that resemble the given ones most, and moved until the constraint holds exactly. So what is given is kept to
the letter, and what is drawn beside it only nearly follows the learnt distribution.
"""

from collections.abc import Callable, Mapping

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from mintmark.data import arrays, constraints, masked
from mintmark.data.expressions import of_column
from mintmark.data.masked import Masked
from mintmark.data.schema import Column
from mintmark.errors import ConditionError
from mintmark.generators.tabular.constraints import values
from mintmark.generators.tabular.constraints.arrangement import Arrangement
from mintmark.generators.tabular.constraints.form import Form, Known, evaluated
from mintmark.generators.tabular.constraints.formula import Formula
from mintmark.generators.tabular.constraints.gap import Gap
from mintmark.generators.tabular.constraints.shares import Shares
from mintmark.generators.tabular.constraints.together import Together

POOL = 4000
"""Rows of the sampler's own among which those that resemble the given ones are looked for."""
NEAREST = 24
"""How many of them are tried."""
ANY = 100
"""So many others are tried, wherever they lie: a total has few divisors."""
FAR = 1e3
"""Categories that differ lie this many standard deviations apart."""


def settled(
    arranged: Arrangement, known: Known, pool: Callable[[], pa.Table], rng: np.random.Generator
) -> dict[str, pa.Array]:
    """What is given, with all else that must be known so that each form can be told; ConditionError where none fits.

    `pool` makes rows of the sampler's own.
    """
    out, rows = dict(known), None
    for form in reversed(arranged.forms):
        tied = (*form.defines, *form.reads)
        lacking = [name for name in tied if name not in out]
        if not lacking or not any(name in out for name in form.defines):
            continue
        if isinstance(form, Together):
            there = tuple(name for name in form.defines if name in out)
            places = pa.array(form.matching(out, there, rng))
            out |= {name: form.stored[name].take(places) for name in lacking}
            continue
        rows = pool() if rows is None else rows
        out |= _Search(arranged, form, out, lacking).found(rows, rng)
    return out


def told(arranged: Arrangement, known: Known, rng: np.random.Generator) -> pa.Table | None:
    """Settled columns as the sampler takes them; None where nothing of what is learnt is given.

    Numbers that lie beyond what was learnt, such as a gap that is longer than any seen, are told as the nearest.
    """
    forms = [form for form in arranged.forms if all(name in known for name in (*form.defines, *form.reads))]
    for form in forms:
        if isinstance(form, Together):
            form.matching(known, form.defines, rng)  # a combination that is not kept is refused
    latent = arranged.latent(known, forms, rng)
    schema = {column.name: column for column in arranged.learnt.columns}
    within = {name: _within(array, schema[name]) for name, array in latent.items()}
    table = arranged.table(within | arranged.free(known))
    return table if table.num_columns else None


def _within(array: pa.Array, column: Column) -> pa.Array:
    if not column.numeric:
        return array
    numbers = arrays.numbers(array, column)
    if not column.nullable and np.isnan(numbers).any():
        raise ConditionError(f"column {column.name} is never missing beside these values, but is given so")
    return arrays.from_numbers(numbers, column).cast(column.type)


class _Search:
    """Values for the columns of one form that are not given."""

    def __init__(self, arranged: Arrangement, form: Form, known: Known, lacking: list[str]) -> None:
        self.schema, self.form, self.known, self.lacking = arranged.schema, form, known, lacking
        self.given = [name for name in (*form.defines, *form.reads) if name in known]
        self.rows = len(known[self.given[0]])

    def found(self, pool: pa.Table, rng: np.random.Generator) -> dict[str, pa.Array]:
        """One value a row for each lacking column; ConditionError where none was found that fits."""
        near = rng.permuted(self._near(pool), axis=1)
        out: dict[str, pa.Array] = {}
        open_rows = np.arange(self.rows)
        for rank in range(near.shape[1] + ANY):
            far = rank >= near.shape[1]
            picked = rng.integers(pool.num_rows, size=len(open_rows)) if far else near[open_rows, rank]
            like = pool.take(pa.array(picked))
            part = {name: self.known[name].take(pa.array(open_rows)) for name in self.given}
            made, good = self._fitted(part, {name: _flat(like[name]) for name in like.column_names})
            out = _merged(out, made, open_rows, good, self.rows)
            open_rows = open_rows[~good]
            if not len(open_rows):
                return out
        row = int(open_rows[0])
        found = ", ".join(f"{name}: {self.known[name][row]}" for name in self.given)
        lacking = ", ".join(self.lacking)
        raise ConditionError(f"{self.form.said}, and no {lacking} was found that fits what is given",
                             where=f"row {row + 1}", found=found,
                             fix=f"give {lacking} as well, or leave {', '.join(self.given)} out")  # fmt: skip

    def _near(self, pool: pa.Table) -> NDArray[np.int64]:
        """(rows, NEAREST) pool rows that resemble each given row."""
        both = [_places(_flat(pool[name]), self.known[name], self.schema[name]) for name in self.given]
        theirs, ours = (np.column_stack(side) for side in zip(*both, strict=True))
        # Given rows repeat: each is looked for once.
        unique, which = np.unique(ours, axis=0, return_inverse=True)
        _, near = cKDTree(theirs).query(unique, k=min(NEAREST, pool.num_rows))
        return np.asarray(near).reshape(len(unique), -1)[which.ravel()]

    def _fitted(self, given: Known, like: Known) -> tuple[dict[str, pa.Array], NDArray[np.bool_]]:
        """Lacking columns of rows that are alike, moved one column at a time until they fit; and where they do."""
        best = {name: like[name] for name in self.lacking}
        good = self._fits({**given, **best})
        tries = [self._moved(name, given, like) for name in self.lacking if self.schema[name].numeric]
        for moved in filter(None, tries):
            fits = self._fits({**given, **moved})
            # A row that was moved keeps its distance: better than one that happens to fit as it is.
            best = _chosen(fits, moved, best)
            good |= fits
        return best, good

    def _fits(self, known: dict[str, pa.Array]) -> NDArray[np.bool_]:
        form = self.form
        out = np.ones(len(next(iter(known.values()))), dtype=bool)
        for name in self.lacking:
            out &= ~values.outside(known[name], self.schema[name])
        if isinstance(form, Gap):
            bound = evaluated(form.value, known, form.columns)
            holds = masked.compare(form.sign, of_column(known[form.column.name], form.column), bound)
            return np.asarray(out & (holds.values | holds.missing))
        if isinstance(form, Formula | Shares):
            return np.asarray(out & self._agrees(form, known))
        return out

    def _agrees(self, form: Formula | Shares, known: Known) -> NDArray[np.bool_]:
        columns = {name: self.schema[name] for name in form.value.columns}
        column = form.column if isinstance(form, Formula) else form.parts[-1]
        equal = constraints.equal(form.wanted(known, known), evaluated(form.value, known, columns), column)
        return np.asarray(equal.values | equal.missing)

    def _moved(self, name: str, given: Known, like: Known) -> dict[str, pa.Array] | None:
        """The lacking columns, with one of them moved by what the expression is off, as if it were a line."""
        form = self.form
        if not isinstance(form, Gap | Formula | Shares) or name not in form.value.columns:
            return None
        columns = {each: self.schema[each] for each in form.value.columns}
        there = {**like, **given}
        wanted = form.wanted(there, like)
        step = np.full(len(there[name]), values.stride(self.schema[name]))
        here = evaluated(form.value, there, columns)
        beyond = evaluated(form.value, {**there, name: values.moved(there[name], self.schema[name], step)}, columns)
        off, slope = _difference(wanted, here), _difference(beyond, here)
        with np.errstate(all="ignore"):
            ticks = np.where(slope != 0, step * off / np.where(slope == 0, 1.0, slope), 0.0)
        ticks = np.where(np.isfinite(ticks) & (np.abs(ticks) < values.LARGEST), ticks, 0.0)
        moved = values.moved(there[name], self.schema[name], ticks)
        return {each: moved if each == name else like[each] for each in self.lacking}


def _difference(left: Masked, right: Masked) -> NDArray[np.float64]:
    found = masked.calculate("-", left, right)
    return np.where(found.missing, 0.0, found.values)


def _chosen(mask: NDArray[np.bool_], yes: Mapping[str, pa.Array], no: Mapping[str, pa.Array]) -> dict[str, pa.Array]:
    places = pa.array(np.where(mask, np.arange(len(mask)), len(mask) + np.arange(len(mask))))
    return {name: pa.concat_arrays([yes[name], no[name]]).take(places) for name in yes}


def _merged(
    out: dict[str, pa.Array], made: Mapping[str, pa.Array], rows: NDArray[np.int64], good: NDArray[np.bool_], total: int
) -> dict[str, pa.Array]:
    """The columns, with the good rows of a try at their places."""
    if not out:
        out = {name: pa.nulls(total, array.type) for name, array in made.items()}
    places = np.arange(total)
    places[rows[good]] = total + np.flatnonzero(good)
    return {name: pa.concat_arrays([out[name], array]).take(pa.array(places)) for name, array in made.items()}


def _places(pool: pa.Array, given: pa.Array, column: Column) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Both as places on a line, in standard deviations; missing values, and each level, lie far from all others."""
    sides: list[NDArray[np.float64]] = []
    middle, spread = _middle(arrays.numbers(pool, column)) if column.numeric else (0.0, 1.0)
    for array in (pool, given):
        if column.numeric:
            with np.errstate(over="ignore"):
                place = (arrays.numbers(array, column) - middle) / spread
            sides.append(np.where(np.isfinite(place), place, -FAR))
        else:
            codes = arrays.codes(array, column) if column.discrete else np.zeros(len(array))
            sides.append(FAR * codes.astype(np.float64))
    return sides[0], sides[1]


def _middle(numbers: NDArray[np.float64]) -> tuple[float, float]:
    finite = numbers[np.isfinite(numbers)]
    largest = float(np.abs(finite).max(initial=0.0)) or 1.0
    small = finite / largest  # sizes first, so that no square overflows
    spread = largest * float(small.std()) if len(finite) else 0.0
    return (largest * float(small.mean()) if len(finite) else 0.0), (spread if spread > 0 else 1.0)


def _flat(column: pa.ChunkedArray) -> pa.Array:
    if pa.types.is_dictionary(column.type):
        column = column.unify_dictionaries()
    return column.combine_chunks()
