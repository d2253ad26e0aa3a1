"""The first look at a table: every column's domain, tokens and codes, within a part of the budget."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from mintmark.data.dataset import Dataset
from mintmark.data.schema import Column, Kind, TableSchema
from mintmark.generators.tabular.columns import Learnt
from mintmark.generators.tabular.marginals import counting, extents, groups
from mintmark.generators.tabular.marginals.budget import Budget
from mintmark.generators.tabular.marginals.counting import Counted
from mintmark.generators.tabular.marginals.declared import Declared
from mintmark.generators.tabular.surrogates import Surrogate
from mintmark.generators.tabular.tokens import Alphabet, Tokens

Codes = NDArray[np.int64]
Floats = NDArray[np.float64]

FOUND, SHOWN = 0.1, 0.1
"""Parts of the budget: for what nobody declared, and for each column's counts."""


@dataclass(frozen=True)
class Margins:
    """All columns, each by itself; nothing in it that is neither public nor paid for."""

    columns: tuple[Column, ...]
    alphabets: Mapping[str, Alphabet]
    codes: Mapping[str, Codes]
    """For each alphabet, the code of each token; −1 where a token cannot occur."""
    counts: Mapping[str, tuple[Floats, Floats]]
    """For each alphabet, the noisy count of each code, and the variance of its noise."""
    surrogates: Mapping[str, Surrogate]
    total: float
    """The number of rows, as far as noise tells it."""

    def learnt(self, real: Dataset) -> Learnt:
        """The columns as samplers hold them: of the real schema only what the user said, and nothing told from rows."""
        keys = [column.name for column in self.columns if column.kind == Kind.KEY and not column.nullable]
        told = real.columns
        # Which key is unique in the real rows is theirs to tell: the first one counts.
        schema = TableSchema(self.columns, key=next(iter(keys), None), order=told.order, group=told.group,
                             constraints=told.constraints)  # fmt: skip
        return Learnt(real.name, schema, self.alphabets, self.surrogates)


def part(table: pa.Table, declared: Mapping[str, Declared]) -> float:
    """The part of the budget that `learn` may spend: names, types and declarations alone decide on it."""
    return SHOWN + (FOUND if any(map(extents.wanting, _told(table, declared))) else 0.0)


def shares(budget: Budget) -> tuple[tuple[str, float], ...]:
    """What was looked at so far, and the part of the budget that each look took."""
    out: dict[str, float] = {}
    for one in budget.spent:
        out[one.what] = out.get(one.what, 0.0) + one.rho / budget.rho
    return tuple(out.items())


def learn(table: pa.Table, declared: Mapping[str, Declared], budget: Budget) -> Margins:
    """Every column's domain and noisy counts."""
    told = _told(table, declared)
    share = budget.spare_delta / len(told)
    open_ = sum(map(extents.wanting, told))
    columns = [
        extents.found(column, table[column.name], budget, rho=budget.rho * FOUND / open_, delta=share / 2)
        if extents.wanting(column)
        else column
        for column in told
    ]
    rho = budget.rho * SHOWN / len(columns)
    counted = {column.name: _counted(column, table[column.name], budget, rho, share / 2) for column in columns}
    total = groups.total(counted.values())
    codes, alphabets, surrogates = {}, {}, {}
    for column in columns:
        one = counted[column.name]
        if not (column.numeric or column.discrete):
            surrogates[column.name] = _surrogate(declared.get(column.name, Declared()), one, total)
            continue
        codes[column.name] = groups.grouped(one, total)
        alphabets[column.name] = replace(one.alphabet, mass=groups.shares(one, codes[column.name], total))
    counts = {name: groups.counts(counted[name], each) for name, each in codes.items()}
    final = tuple(
        (alphabets[column.name] if column.name in alphabets else surrogates[column.name]).column for column in columns
    )
    return Margins(final, alphabets, codes, counts, surrogates, total)


def tokens(alphabet: Alphabet, array: pa.ChunkedArray) -> Tokens:
    """The token of each real row: of that row alone, whatever lies outside the domain moved into it."""
    column = alphabet.column
    if column.discrete:
        return counting.known_codes(column, array).astype(np.int32)
    values = counting.known_values(column, array) if alphabet.size else np.full(len(array), np.nan)
    found = np.searchsorted(alphabet.borders, values, side="right")
    return np.where(np.isnan(values), alphabet.size, found).astype(np.int32)


def coded(alphabet: Alphabet, codes: Codes, array: pa.ChunkedArray) -> Codes:
    """The code of each real row: of that row alone."""
    return possible(codes)[tokens(alphabet, array)]


def possible(codes: Codes) -> Codes:
    """The code of each token, where a token that cannot occur stands with the nearest that can."""
    can = np.flatnonzero(codes >= 0)
    near = np.abs(np.arange(len(codes))[:, None] - can).argmin(axis=1)
    return codes[can[near]]


def _told(table: pa.Table, declared: Mapping[str, Declared]) -> list[Column]:
    """The columns as far as they are public."""
    return [declared.get(name, Declared()).column(name, table[name].type) for name in table.column_names]


def _counted(column: Column, array: pa.ChunkedArray, budget: Budget, rho: float, delta: float) -> Counted:
    if column.discrete:
        return counting.levels(column, array, budget, rho=rho)
    if column.numeric:
        return counting.numbers(column, array, budget, rho=rho, delta=delta)
    return counting.presence(column, array, budget, rho=rho)


def _surrogate(declared: Declared, counted: Counted, total: float) -> Surrogate:
    gone = float(counted.alphabet.mass[-1])
    return declared.surrogate(counted.alphabet.column, min(1.0, max(0.0, gone) / total))
