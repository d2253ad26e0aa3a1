"""What a constraint means: conditions on a row, values that stand once, and combinations that exist.

A constraint is written as an expression (`discharged >= admitted`), as `unique(a, b)` or as `together(city, country)`;
a recipe may write the last two as `{unique: [a, b]}` and `{together: [city, country]}`. Where one side of an equality
is a column, the other is rounded to the digits in which that column is written: `total == price * pieces` holds where
the cents agree. Values that are missing break nothing.
"""

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from mintmark.data import arrays, domain, expressions, masked
from mintmark.data.expressions import Expression, of_column, quoted
from mintmark.data.masked import Masked
from mintmark.data.schema import TEMPORAL, Column, TableSchema
from mintmark.errors import RecipeError

UNIQUE, TOGETHER = "unique", "together"
MEANT = 1e-9
"""How far numbers that are not rounded may be apart and still be called equal, in parts of themselves."""

_SIGNS: Mapping[type[ast.cmpop], str] = {
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=", ast.In: "in",
    ast.NotIn: "not in",
}  # fmt: skip


@dataclass(frozen=True)
class Pair:
    """One comparison of a constraint: `a < b <= c` has two."""

    left: ast.expr
    sign: str
    right: ast.expr


@dataclass(frozen=True)
class Constraint:
    """A constraint that was read: its text, the columns that it ties, and its expression, where it is one."""

    text: str
    columns: tuple[str, ...]
    expression: Expression | None = None
    form: str = ""
    """`unique`, `together`, or nothing for an expression."""

    @property
    def pairs(self) -> tuple[Pair, ...] | None:
        """The comparisons that must all hold; None where it is not made of these alone."""
        return None if self.expression is None else _pairs(self.expression.tree)


def parse(text: str, *, where: str = "") -> Constraint:
    """Reads a constraint; RecipeError with the place where it is none."""
    called = expressions.call(text, (UNIQUE, TOGETHER), where=where)
    if called is None:
        read = Expression.parse(text, where=where)
        return Constraint(text, read.columns, read)
    form, columns = called
    if form == TOGETHER and len(columns) < 2:
        raise RecipeError("together(…) names two columns or more", where=where, found=text)
    return Constraint(text, columns, form=form)


def written(told: Any) -> str:
    """A constraint as text: `{unique: [a, b]}` is `unique(a, b)`. RecipeError where it is neither text nor such."""
    if isinstance(told, str):
        return told
    if isinstance(told, Mapping) and len(told) == 1:
        form, columns = next(iter(told.items()))
        listed = [columns] if isinstance(columns, str) else columns
        named = isinstance(listed, Sequence) and all(isinstance(name, str) and "`" not in name for name in listed)
        if form in (UNIQUE, TOGETHER) and named:
            return f"{form}({', '.join(quoted(name) for name in listed)})"
    fix = 'write "end >= start", {unique: [column]} or {together: [column, column]}'
    raise RecipeError("this is no constraint", found=str(told), fix=fix)


def satisfied(table: pa.Table, schema: TableSchema, text: str, *, real: pa.Table | None = None) -> NDArray[np.bool_]:
    """Which rows meet a constraint, shape (rows,); rows where it cannot be decided do.

    Of rows that must be unique, all but the first break it. `real` says which combinations exist; without it, each
    does. Raises RecipeError where an expression is neither true nor false.
    """
    constraint = parse(text)
    if constraint.form == UNIQUE:
        return ~repeats(table, constraint.columns)
    if constraint.form == TOGETHER:
        return _known(table, real, constraint.columns)
    assert constraint.expression is not None
    return holds(constraint.expression, read(table, schema, constraint.columns), schema, table.num_rows)


def read(table: pa.Table, schema: TableSchema, names: Sequence[str]) -> dict[str, Masked]:
    """Columns as values of the language."""
    return {name: of_column(table[name], schema[name]) for name in names}


def holds(expression: Expression, columns: Mapping[str, Masked], schema: TableSchema, rows: int) -> NDArray[np.bool_]:
    """Which rows a condition holds for, shape (rows,); those where it cannot be decided included."""
    tree = expression.tree
    parts = tree.values if isinstance(tree, ast.BoolOp) and isinstance(tree.op, ast.And) else [tree]
    found = reduce(masked.both, (_truth(expression.part(part), columns, schema) for part in parts))
    return np.broadcast_to(found.values | found.missing, (rows,)).copy()


def equal(value: Masked, other: Masked, column: Column) -> Masked:
    """Is `other`, in the digits in which `column` is written, its `value`?"""
    missing = np.asarray(value.missing | other.missing)
    if value.kind == other.kind == masked.INSTANT:
        apart = np.abs((value.values - other.values).astype(np.int64))
        return Masked(apart <= max(1.0, grain(column) * 1e6), missing)
    if value.kind == other.kind == masked.NUMBER:
        with np.errstate(all="ignore"):
            apart = np.abs(value.values - other.values)
            noise = max(MEANT, domain.exactness(column.type)) * np.maximum(np.abs(value.values), np.abs(other.values))
            return Masked(np.asarray(apart <= grain(column) + noise), missing)
    return masked.compare("==", value, other)


def grain(column: Column) -> float:
    """Half the distance of neighbouring values of a column, in the unit of the language; 0 where it has no grid."""
    if column.kind in TEMPORAL:
        return column.step * seconds(column) / 2
    if pa.types.is_integer(column.type):
        return 0.5
    return 0.0 if column.decimals is None else 0.5 * 10.0**-column.decimals


def seconds(column: Column) -> float:
    """How many seconds one unit of a temporal column's type lasts."""
    if pa.types.is_date32(column.type):
        return 86_400.0
    unit = "ms" if pa.types.is_date64(column.type) else column.type.unit
    return {"s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9}[unit]


def repeats(table: pa.Table, names: Sequence[str]) -> NDArray[np.bool_]:
    """Rows whose values in these columns an earlier row bears already; as in SQL, a missing value repeats none."""
    codes, missing = combinations([table], names)
    out = np.ones(table.num_rows, dtype=bool)
    out[np.unique(codes, return_index=True)[1]] = False
    return np.asarray(out & ~missing)


def combinations(tables: Sequence[pa.Table], names: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """A number for each combination of values, the same in all rows of all tables; and where a value is missing."""
    rows = sum(table.num_rows for table in tables)
    out, missing = np.zeros(rows, np.int64), np.zeros(rows, dtype=bool)
    for name in names:
        words = pa.concat_arrays([arrays.text(table[name]) for table in tables])
        coded = words.dictionary_encode().indices
        gone = coded.is_null().to_numpy(zero_copy_only=False)
        place = pc.fill_null(coded, 0).to_numpy(zero_copy_only=False).astype(np.int64) + 1
        place[gone] = 0
        missing |= gone
        _, out = np.unique(out * (int(place.max(initial=0)) + 1) + place, return_inverse=True)
    return out.ravel().astype(np.int64), missing


def _truth(expression: Expression, columns: Mapping[str, Masked], schema: TableSchema) -> Masked:
    equality = _equality(expression.tree)
    if equality is not None:
        name, other = equality
        return equal(columns[name], expression.part(other).evaluate(columns), schema[name])
    found = expression.evaluate(columns)
    if found.kind != masked.TRUTH:
        raise RecipeError("a constraint is true or false", where=expression.text, found=found.kind)
    return found


def _known(table: pa.Table, real: pa.Table | None, names: Sequence[str]) -> NDArray[np.bool_]:
    if real is None:
        return np.ones(table.num_rows, dtype=bool)
    codes, missing = combinations([table, real], names)
    found = np.isin(codes[: table.num_rows], codes[table.num_rows :])
    return np.asarray(found | missing[: table.num_rows])


def _pairs(tree: ast.expr) -> tuple[Pair, ...] | None:
    if isinstance(tree, ast.BoolOp) and isinstance(tree.op, ast.And):
        parts = [_pairs(value) for value in tree.values]
        return None if None in parts else tuple(pair for part in parts for pair in part or ())
    if not isinstance(tree, ast.Compare):
        return None
    sides = [tree.left, *tree.comparators]
    return tuple(
        Pair(left, _SIGNS[type(op)], right) for left, op, right in zip(sides, tree.ops, sides[1:], strict=False)
    )


def _equality(tree: ast.expr) -> tuple[str, ast.expr] | None:
    """The column and the other side of `column == …`, where the other side is more than a column or a constant."""
    pairs = _pairs(tree)
    if pairs is None or len(pairs) != 1 or pairs[0].sign != "==":
        return None
    for side, other in ((pairs[0].left, pairs[0].right), (pairs[0].right, pairs[0].left)):
        if isinstance(side, ast.Name) and not isinstance(other, ast.Name | ast.Constant):
            return side.id, other
    return None


def named(node: ast.expr) -> str | None:
    """The column that an expression is, where it is nothing else."""
    return node.id if isinstance(node, ast.Name) else None


def constant(node: ast.expr) -> bool:
    """Does an expression read no column?"""
    return not any(isinstance(part, ast.Name) for part in ast.walk(node))
