"""A small safe language over columns: arithmetic, comparisons and a few functions, and no way to run anything else.

`amount <= limit`, `0 < age < 120`, `sex in ("Male", "Female")`, `fee == 0 if waived else fee > 0`, and in backticks a
column whose name is no plain word: `` `hours per week` <= 99 ``. Text is parsed with Python's grammar and then checked
node by node against the list of what is known, so no attribute, subscript or call beyond it can be written. All numbers
are float64, so no power can exhaust the memory.

A constraint is violated only where it is certainly false: one that involves a missing value is not.
"""

import ast
import copy
import keyword
import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mintmark.data import arrays, masked
from mintmark.data.masked import FUNCTIONS, Masked
from mintmark.data.schema import Column, Kind
from mintmark.errors import RecipeError, UnknownName

LONGEST = 2000
DEEPEST = 40

_BINARY: Mapping[type[ast.AST], str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%", ast.Pow: "**",
}  # fmt: skip
_COMPARE: Mapping[type[ast.AST], str] = {
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=", ast.In: "in",
    ast.NotIn: "not in",
}  # fmt: skip


@dataclass(frozen=True)
class Expression:
    """A checked expression: which columns it reads, and what it gives for their values."""

    text: str
    columns: tuple[str, ...]
    tree: ast.expr

    @classmethod
    def parse(cls, text: str, *, where: str = "") -> "Expression":
        """Reads an expression; RecipeError with the place where it is none, UnknownName for a function."""
        plain, names = _without_backticks(text, where)
        tree = _parsed(plain, text, where)
        _check(tree, text, where, 0)
        found = [node for node in ast.walk(tree) if isinstance(node, ast.Name) and not _is_function(node, tree)]
        for node in found:
            node.id = names.get(node.id, node.id)
        return cls(text, tuple(dict.fromkeys(node.id for node in found)), tree)

    def part(self, tree: ast.expr) -> "Expression":
        """A part of it, as an expression of its own."""
        found = [node for node in ast.walk(tree) if isinstance(node, ast.Name) and not _is_function(node, tree)]
        return Expression(self.text, tuple(dict.fromkeys(node.id for node in found)), tree)

    def evaluate(self, columns: Mapping[str, Any]) -> Masked:
        """What it gives, one value a row; one in all (shape ()) where it reads no column.

        Raises UnknownName for a column that is not there, and RecipeError where kinds do not fit together.
        """
        try:
            return _value(self.tree, columns)
        except RecipeError as error:
            raise RecipeError(error.wrong, where=error.where or self.text, found=error.found, fix=error.fix) from error


def call(text: str, names: tuple[str, ...], *, where: str = "") -> tuple[str, tuple[str, ...]] | None:
    """The function and the columns of `unique(a, b)`, where it is one of `names`; None for any other text.

    RecipeError where what stands in its brackets are not columns.
    """
    if not re.match(rf"\s*({'|'.join(names)})\s*\(", text):
        return None
    plain, words = _without_backticks(text, where)
    tree = _parsed(plain, text, where)
    if not isinstance(tree, ast.Call) or not isinstance(tree.func, ast.Name) or tree.keywords:
        raise _wrong(f"{text.strip().partition('(')[0]}(…) stands alone", text, where, 1)
    for node in tree.args:
        if not isinstance(node, ast.Name):
            raise _wrong(f"{tree.func.id}(…) names columns", text, where, node.col_offset + 1, "as in unique(a, b)")
    columns = [words.get(node.id, node.id) for node in tree.args if isinstance(node, ast.Name)]
    if not columns or len(set(columns)) < len(columns):
        raise _wrong(f"{tree.func.id}(…) names one column or more, each once", text, where, 1)
    return tree.func.id, tuple(columns)


def quoted(name: str) -> str:
    """A column's name as an expression writes it."""
    return name if name.isidentifier() and not keyword.iskeyword(name) and name not in FUNCTIONS else f"`{name}`"


def written(tree: ast.expr) -> str:
    """A checked expression as text, with its columns as `quoted` writes them."""
    same = copy.deepcopy(tree)
    for node in [node for node in ast.walk(same) if isinstance(node, ast.Name) and not _is_function(node, same)]:
        node.id = quoted(node.id)
    return ast.unparse(same)


def of_column(array: arrays.Array, column: Column) -> Masked:
    """A stored column as values of the language: zoned instants as their own clock shows them, spans in seconds."""
    flat = array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array
    missing = flat.is_null().to_numpy(zero_copy_only=False)
    if column.kind in (Kind.DATETIME, Kind.DATE):
        return _instants(flat)
    if column.kind in (Kind.TIME, Kind.DURATION):
        return Masked.of(arrays.numbers(flat, column) * column.step * _SECONDS[column.type.unit])
    if column.kind == Kind.BOOLEAN:
        return Masked(pc.fill_null(flat, False).to_numpy(zero_copy_only=False).astype(bool), missing)
    if column.numeric or pa.types.is_integer(column.type) or pa.types.is_floating(column.type):
        return Masked.of(arrays.numbers(flat, column))
    words = arrays.text(flat).to_numpy(zero_copy_only=False)
    return Masked(words, missing, column.levels if column.kind == Kind.ORDERED else ())


_SECONDS = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9}


def _instants(flat: pa.Array) -> Masked:
    if pa.types.is_timestamp(flat.type) and flat.type.tz:
        flat = pc.local_timestamp(flat)
    stored = flat.cast(pa.timestamp("us"), safe=False).cast(pa.int64())
    moments = pc.fill_null(stored, 0).to_numpy(zero_copy_only=False).astype("M8[us]")
    return Masked(moments, flat.is_null().to_numpy(zero_copy_only=False))


def _without_backticks(text: str, where: str) -> tuple[str, dict[str, str]]:
    """Backticked names become plain words of the same length, so that places in messages stay true."""
    if len(text) > LONGEST:
        raise RecipeError("this expression is too long", where=where, found=f"{len(text)} characters")
    names: dict[str, str] = {}

    def plain(match: re.Match[str]) -> str:
        if match[0][0] != "`":
            return match[0]
        number = 0
        while (word := f"_{number}".ljust(len(match[0]), "_")) in text or word in names:
            number += 1
        names[word] = match[0][1:-1]
        return word

    return re.sub(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|`[^`]+`", plain, text), names


def _parsed(plain: str, text: str, where: str) -> ast.expr:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(plain.strip(), mode="eval").body
    except SyntaxError as error:
        fix = "compare with ==" if re.search(r"[^=<>!]=[^=]", plain) else ""
        raise _wrong(f"this is not an expression ({error.msg})", text, where, error.offset or 1, fix) from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise RecipeError("this expression cannot be read", where=where, found=text[:80]) from error


def _wrong(wrong: str, text: str, where: str, place: int, fix: str = "") -> RecipeError:
    return RecipeError(wrong, where=where, found=f"{text[:200]!r} at character {place}", fix=fix)


def _check(node: ast.AST, text: str, where: str, depth: int) -> None:
    """Refuses every node that is not on the list."""
    place = getattr(node, "col_offset", 0) + 1
    if depth > DEEPEST:
        raise _wrong(f"this expression is nested deeper than {DEEPEST}", text, where, place)
    if isinstance(node, ast.Call):
        _check_call(node, text, where, place)
    known = (
        isinstance(node, ast.BoolOp | ast.IfExp | ast.Name | ast.Call)
        or (isinstance(node, ast.BinOp) and type(node.op) in _BINARY)
        or (isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not | ast.USub | ast.UAdd))
        or (isinstance(node, ast.Compare) and all(type(op) in _COMPARE for op in node.ops))
        or (isinstance(node, ast.Constant) and isinstance(node.value, bool | int | float | str))
    )
    if not known:
        raise _wrong("this cannot be written in an expression", text, where, place, f"known: {', '.join(FUNCTIONS)}")
    for child in _parts(node, text, where):
        _check(child, text, where, depth + 1)


def _check_call(node: ast.Call, text: str, where: str, place: int) -> None:
    if not isinstance(node.func, ast.Name):
        raise _wrong("only named functions can be called", text, where, place, f"known: {', '.join(FUNCTIONS)}")
    if node.func.id not in FUNCTIONS:
        raise UnknownName("function", node.func.id, FUNCTIONS, where=where or text[:200])
    _, fewest, most = FUNCTIONS[node.func.id]
    if node.keywords or not fewest <= len(node.args) <= most:
        count = str(fewest) if fewest == most else f"{fewest} to {most}"
        raise _wrong(f"{node.func.id}() takes {count} values", text, where, place)


def _parts(node: ast.AST, text: str, where: str) -> list[ast.expr]:
    """The operands of a node; a list may stand to the right of `in` and nowhere else."""
    if isinstance(node, ast.Call):
        return list(node.args)
    if isinstance(node, ast.Compare):
        return [node.left, *(part for op, side in zip(node.ops, node.comparators, strict=True)
                             for part in _choices(op, side, text, where))]  # fmt: skip
    return [child for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr)]


def _choices(op: ast.cmpop, side: ast.expr, text: str, where: str) -> list[ast.expr]:
    if not isinstance(op, ast.In | ast.NotIn):
        return [side]
    if not isinstance(side, ast.Tuple | ast.List | ast.Set) or not side.elts:
        raise _wrong('after `in` stands a list, as in ("a", "b")', text, where, side.col_offset + 1)
    return list(side.elts)


def _is_function(name: ast.Name, tree: ast.AST) -> bool:
    return any(isinstance(node, ast.Call) and node.func is name for node in ast.walk(tree))


def _value(node: ast.expr, columns: Mapping[str, Any]) -> Masked:
    if isinstance(node, ast.Constant):
        return Masked.of(_constant(node.value))
    if isinstance(node, ast.Name):
        if node.id not in columns:
            raise UnknownName("column", node.id, columns)
        return Masked.of(columns[node.id])
    if isinstance(node, ast.Call):
        assert isinstance(node.func, ast.Name)
        return masked.call(node.func.id, [_value(part, columns) for part in node.args])
    if isinstance(node, ast.BoolOp):
        act = masked.both if isinstance(node.op, ast.And) else masked.either
        return reduce(act, (_value(part, columns) for part in node.values))
    if isinstance(node, ast.BinOp):
        return masked.calculate(_BINARY[type(node.op)], _value(node.left, columns), _value(node.right, columns))
    if isinstance(node, ast.UnaryOp):
        return _unary(node, columns)
    if isinstance(node, ast.IfExp):
        return masked.choose(*(_value(part, columns) for part in (node.test, node.body, node.orelse)))
    assert isinstance(node, ast.Compare)
    return _compared(node, columns)


def _constant(value: Any) -> Any:
    if not isinstance(value, int) or isinstance(value, bool):
        return value
    return float(value) if abs(value) < 10**300 else np.inf  # beyond float64: missing, as all that is not finite


def _unary(node: ast.UnaryOp, columns: Mapping[str, Any]) -> Masked:
    value = _value(node.operand, columns)
    if isinstance(node.op, ast.Not):
        return masked.negate(value)
    return masked.minus(value) if isinstance(node.op, ast.USub) else value


def _compared(node: ast.Compare, columns: Mapping[str, Any]) -> Masked:
    """`a < b < c` is `a < b and b < c`; `a in (b, c)` is `a == b or a == c`."""
    left, links = _value(node.left, columns), []
    for op, side in zip(node.ops, node.comparators, strict=True):
        if isinstance(op, ast.In | ast.NotIn):
            assert isinstance(side, ast.Tuple | ast.List | ast.Set)
            equal = reduce(masked.either, (masked.compare("==", left, _value(part, columns)) for part in side.elts))
            links.append(masked.negate(equal) if isinstance(op, ast.NotIn) else equal)
            continue
        right = _value(side, columns)
        links.append(masked.compare(_COMPARE[type(op)], left, right))
        left = right
    return reduce(masked.both, links)
