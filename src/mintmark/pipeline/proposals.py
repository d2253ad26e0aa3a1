"""Constraints that all rows of a table meet and that are no accident, to be proposed to whoever writes a recipe."""

from collections.abc import Iterator
from itertools import combinations, permutations

import numpy as np
import pyarrow as pa

from mintmark.data import constraints
from mintmark.data.constraints import satisfied
from mintmark.data.dataset import Dataset
from mintmark.data.expressions import quoted
from mintmark.data.schema import Column, Kind
from mintmark.errors import MintmarkError
from mintmark.seeds import Seed

MOST = 8
SCREENED = 500
"""Rows that a constraint must hold on before all are looked at."""
BY_CHANCE = 0.9
"""What so many rows meet that are put together by chance says nothing."""
WIDEST = 20
"""Columns of one kind that are put beside each other, at most."""
FEWEST = 20
"""Rows for each level, so that what follows from it is no accident."""


def proposed(data: Dataset) -> list[str]:
    """Up to MOST constraints, as a recipe's YAML writes them."""
    if len(data) < FEWEST:
        return []
    rng = Seed(0).child("proposals").rng()
    some = Dataset(data.schema, {data.name: data.table.take(_some(len(data), rng))})
    orders = {name: pa.array(rng.permutation(len(some))) for name in data.columns.names}
    shuffled = pa.table({name: some.table[name].take(order) for name, order in orders.items()})
    found: list[str] = []
    for text, yaml in _candidates(data.columns.columns, some):
        if len(found) >= MOST:
            break
        if _holds(some, text) and _tells(shuffled, some, text) and _holds(data, text):
            found.append(yaml)
    return found


def _some(rows: int, rng: np.random.Generator) -> pa.Array:
    return pa.array(np.sort(rng.choice(rows, min(rows, SCREENED), replace=False)))


def _candidates(columns: tuple[Column, ...], some: Dataset) -> Iterator[tuple[str, str]]:
    """Constraints as expressions, and as YAML."""
    moments = [column for column in columns if column.kind in (Kind.DATE, Kind.DATETIME)][:WIDEST]
    amounts = [column for column in columns if column.kind == Kind.NUMBER and not column.specials][:WIDEST]
    kinds = [column for column in columns if column.discrete and 1 < len(column.levels) <= len(some)][:WIDEST]
    for text in _formulas(amounts, some):
        yield text, text
    for group in (moments, amounts):
        for low, high in permutations([quoted(column.name) for column in group], 2):
            yield f"{low} <= {high}", f"{low} <= {high}"
    for one, other in combinations(kinds, 2):
        if _follows(one, other, some) or _follows(other, one, some):
            names = f"{quoted(one.name)}, {quoted(other.name)}"
            yield f"together({names})", f"together({names})"


def _formulas(amounts: list[Column], some: Dataset) -> Iterator[str]:
    """A column that is the sum, the product or the difference of two others."""
    rows = constraints.read(some.table, some.columns, [column.name for column in amounts])
    for whole in amounts:
        if len(np.unique(rows[whole.name].values)) < FEWEST:
            continue
        others = [column.name for column in amounts if column.name != whole.name]
        for one, other in combinations(others, 2):
            x, y, z = (rows[name].values for name in (one, other, whole.name))
            if np.any(x != 0) and np.any(y != 0):
                for sign, made in (("+", x + y), ("*", x * y)):
                    near = np.abs(made - z) <= constraints.grain(whole) + 1e-9 * np.abs(z)
                    if (near | rows[one].missing | rows[other].missing | rows[whole.name].missing).all():
                        yield f"{quoted(whole.name)} == {quoted(one)} {sign} {quoted(other)}"


def _follows(one: Column, other: Column, some: Dataset) -> bool:
    """Does each of enough levels of one go with a single level of the other?"""
    if len(one.levels) * 2 > len(some) or len(one.levels) < 3:
        return False
    codes, _ = constraints.combinations([some.table], [one.name])
    both, _ = constraints.combinations([some.table], [one.name, other.name])
    return len(np.unique(codes)) == len(np.unique(both))


def _holds(data: Dataset, text: str) -> bool:
    try:
        return bool(satisfied(data.table, data.columns, text).all())
    except MintmarkError:
        return False


def _tells(shuffled: pa.Table, some: Dataset, text: str) -> bool:
    """Would rows that are put together by chance break it?"""
    return bool(satisfied(shuffled, some.columns, text, real=some.table).mean() < BY_CHANCE)
