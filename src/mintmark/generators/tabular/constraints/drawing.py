"""Rows that break a constraint are drawn again, a bounded number of times.

At first only the columns that the broken constraints read are drawn again, given the rest of the row: so the rest keeps
its distribution. Where that does not help, the whole row is. Rows whose computed columns leave their domain are treated
alike, but are no error: in the end they stay.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from mintmark.data import constraints
from mintmark.data.constraints import UNIQUE, Constraint
from mintmark.data.schema import TableSchema
from mintmark.errors import ConditionError
from mintmark.generators.tabular.constraints import values
from mintmark.generators.tabular.constraints.arrangement import Arrangement, columns_of

NARROW = 4
"""Rounds in which only the columns of the broken constraints are drawn again."""
ROUNDS = 24
MOST = 256
"""Candidates for each row in one round, at most."""
BATCH = 200_000
"""Candidates of one round, at most."""

Mask = NDArray[np.bool_]
Draw = Callable[[int, Mapping[str, pa.Array], np.random.Generator], pa.Table]
"""Makes rows, of which some columns are kept."""


@dataclass(frozen=True)
class Verdict:
    """What is wrong with each row."""

    rows: int
    broken: Mapping[str, Mask]
    """For each constraint that is broken, the rows that break it."""
    outside: Mapping[str, Mask]
    """For each computed column that leaves its domain, the rows in which it does."""

    @property
    def lost(self) -> Mask:
        """Rows that break a constraint."""
        return _any(self.broken, self.rows)

    @property
    def astray(self) -> Mask:
        """Rows that leave the domain of their columns."""
        return _any(self.outside, self.rows)

    @property
    def bad(self) -> Mask:
        """Rows that are to be drawn again."""
        return self.lost | self.astray


def judged(arranged: Arrangement, table: pa.Table, *, before: pa.Table | None = None) -> Verdict:
    """Which rows are to be drawn again; `before` holds rows that are kept, beside which values must be unique."""
    broken = {each.text: _broken(each, table, arranged.schema, before) for each in arranged.constraints}
    defined = [name for form in arranged.forms for name in form.defines]
    computed = columns_of(table.select(defined))
    outside = {name: values.outside(computed[name], arranged.schema[name]) for name in defined}
    return Verdict(table.num_rows, _found(broken), _found(outside))


def until_met(
    arranged: Arrangement, table: pa.Table, given: Mapping[str, pa.Array], draw: Draw, rng: np.random.Generator
) -> pa.Table:
    """The table, with rows in the place of those that broke a constraint; what is given stays.

    Raises ConditionError, naming the constraint and the share of rows that met it at first.
    """
    first = verdict = judged(arranged, table)
    for round_ in range(ROUNDS):
        rows = np.flatnonzero(verdict.bad)
        if not len(rows):
            return table
        apart = _apart(arranged, table, verdict) if round_ < NARROW else {}
        many = min(MOST, 2 ** (round_ + 1))
        try:
            table = _redrawn(arranged, table, rows, {**apart, **given}, draw, rng, many=many)
        except ConditionError:
            if not apart:
                raise  # else these columns cannot be given to this method: a later round gives less
        verdict = judged(arranged, table)
    if not verdict.lost.any():
        return table
    hardest = max(verdict.broken, key=lambda text: int(verdict.broken[text].sum()))
    met = 1 - float(first.broken.get(hardest, np.zeros(1)).mean())
    beside = f", with {', '.join(given)} given" if given else ""
    raise ConditionError(f"the constraint {hardest!r} cannot be met{beside}",
                         found=f"{met:.2%} of the rows met it at first, and {int(verdict.lost.sum()):,} of "
                         f"{table.num_rows:,} rows break it after {ROUNDS} rounds of drawing again",
                         fix=_advice(constraints.parse(hardest)))  # fmt: skip


def _any(masks: Mapping[str, Mask], rows: int) -> Mask:
    return np.logical_or.reduce([np.zeros(rows, dtype=bool), *masks.values()])


def _found(masks: Mapping[str, Mask]) -> dict[str, Mask]:
    return {name: mask for name, mask in masks.items() if mask.any()}


def _advice(constraint: Constraint) -> str:
    if constraint.form == UNIQUE:
        return "ask for fewer rows, or name more columns that are unique together"
    return "loosen it, choose another method, or declare simpler constraints that can be met by construction"


def _broken(constraint: Constraint, table: pa.Table, schema: TableSchema, before: pa.Table | None) -> Mask:
    if constraint.form != UNIQUE or before is None:
        return ~constraints.satisfied(table, schema, constraint.text)
    both = pa.concat_tables([part.select(list(constraint.columns)) for part in (before, table)])
    return constraints.repeats(both, constraint.columns)[before.num_rows :]


def _apart(arranged: Arrangement, table: pa.Table, verdict: Verdict) -> dict[str, pa.Array]:
    """The columns that no broken constraint reads, and that follow from none which one does."""
    tied = {name for each in arranged.constraints if each.text in verdict.broken for name in each.columns}
    tied |= set(verdict.outside)
    while True:
        more: set[str] = set()
        for form in arranged.forms:
            if tied & {*form.defines, *form.reads}:
                more |= set(form.defines)
            if tied & set(form.defines) and not form.latent:
                more |= set(form.reads)  # what is only computed changes with what it is computed from
        if more <= tied:
            break
        tied |= more
    return {name: array for name, array in columns_of(table).items() if name not in tied}


def _redrawn(
    arranged: Arrangement, table: pa.Table, rows: NDArray[np.int64], kept: Mapping[str, pa.Array], draw: Draw,
    rng: np.random.Generator, *, many: int,
) -> pa.Table:  # fmt: skip
    """The table after one round: each of these rows is replaced by the first of its candidates that meets all."""
    many = max(1, min(many, BATCH // len(rows)))
    places = np.repeat(rows, many)
    held = {name: array.take(pa.array(places)) for name, array in kept.items()}
    made = draw(len(places), held, rng)
    staying = np.setdiff1d(np.arange(table.num_rows), rows)
    verdict = judged(arranged, made, before=table.take(pa.array(staying)))
    # A row that only leaves its domain is better than one that breaks a constraint.
    rank = np.where(verdict.lost, 2, np.where(verdict.astray, 1, 0)).reshape(len(rows), many)
    best = rank.argmin(axis=1)
    usable = rank[np.arange(len(rows)), best] < 2
    source = np.arange(table.num_rows)
    source[rows[usable]] = table.num_rows + (np.arange(len(rows)) * many + best)[usable]
    both = pa.concat_tables([table, made.cast(table.schema)]).unify_dictionaries()
    return both.combine_chunks().take(pa.array(source))
