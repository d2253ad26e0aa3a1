"""The schema of columns that are defined and not learnt, and their values in storage."""

import ast
import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from mintmark.data import arrays
from mintmark.data.expressions import Expression
from mintmark.data.masked import INSTANT, NUMBER, TRUTH, Masked
from mintmark.data.schema import Column, Kind, Personal
from mintmark.errors import RecipeError
from mintmark.generators.tabular.definitions import Definition

_PARTIAL = re.compile(r"[/%]|\*\*|\b(log|sqrt|exp)\b")
"""What may have no finite answer."""


def column(definition: Definition, sample: Masked, before: Mapping[str, Column]) -> Column:
    """What a definition makes; `sample` is a few of its values, which tell numbers from texts."""
    nullable = definition.missing != 0 or definition.running == "previous" or _may_lack(definition, before)
    if definition.source == "person":
        return Column(definition.name, Kind.KEY, pa.string(), nullable, personal=Personal(definition.body["is"]))
    if sample.kind == TRUTH:
        return Column(definition.name, Kind.BOOLEAN, pa.bool_(), nullable, levels=("false", "true"))
    if sample.kind == INSTANT:
        return _instant(definition, nullable)
    levels = _levels(definition, before)
    if sample.kind == NUMBER and definition.kind in (None, Kind.NUMBER, Kind.KEY, Kind.GEO):
        return _number(definition, nullable)
    kind = definition.kind or (Kind.CATEGORY if levels else _named(definition))
    if kind in (Kind.CATEGORY, Kind.ORDERED) and not levels:
        raise RecipeError("the categories of this column cannot be told beforehand", fix="make it of kind text",
                          where=f"columns.{definition.name}")  # fmt: skip
    return Column(definition.name, kind, pa.string(), nullable, levels=levels if kind != Kind.TEXT else ())


def stored(values: Masked, column: Column) -> pa.Array:
    """Values in the storage type of their column."""
    if column.kind == Kind.BOOLEAN:
        return pa.array(values.values.astype(bool), mask=values.missing)
    if values.kind == INSTANT:
        moments = np.where(values.missing, np.datetime64(0, "us"), values.values).astype("M8[us]")
        return pa.array(moments.astype(np.int64), pa.timestamp("us"), mask=values.missing).cast(column.type, safe=False)
    if values.kind == NUMBER and pa.types.is_string(column.type):
        return pa.array([None if gone else format(value, "g") for value, gone in
                         zip(values.values.tolist(), values.missing.tolist(), strict=True)], pa.string())  # fmt: skip
    if values.kind == NUMBER:
        return arrays.from_numbers(np.where(values.missing, np.nan, values.values), column)
    return pa.array(values.values, column.type, mask=values.missing)


def _may_lack(definition: Definition, before: Mapping[str, Column]) -> bool:
    if definition.source != "formula":
        return False
    risky = any(_PARTIAL.search(str(body)) for body in definition.bodies)
    return risky or any(before[name].nullable for name in definition.needs)


def _instant(definition: Definition, nullable: bool) -> Column:
    if definition.source == "date" or definition.kind == Kind.DATE:
        return Column(definition.name, Kind.DATE, pa.date32(), nullable)
    step = 1_000_000 if definition.source == "datetime" else 1
    return Column(definition.name, Kind.DATETIME, pa.timestamp("us"), nullable, step=step)


def _number(definition: Definition, nullable: bool) -> Column:
    whole = definition.decimals == 0 or (definition.decimals is None and _is_whole(definition))
    low, high = (None, None) if definition.running else (definition.low, definition.high)
    return Column(definition.name, definition.kind or Kind.NUMBER, pa.int64() if whole else pa.float64(), nullable,
                  decimals=0 if whole else definition.decimals, low=low, high=high)  # fmt: skip


def _is_whole(definition: Definition) -> bool:
    if definition.distribution:
        return definition.distribution.whole
    if definition.source == "sequence":
        return all(isinstance(value, int) for value in (definition.body or {}).values())
    if definition.source == "choice":
        options = [str(option) for body in definition.bodies for option in body]
        return all(re.fullmatch(r"-?\d+", option) for option in options)
    return definition.source == "constant" and all(isinstance(body, int) for body in definition.bodies)


def _named(definition: Definition) -> Kind:
    return Kind.KEY if definition.unique or definition.repeat or definition.each else Kind.TEXT


def _levels(definition: Definition, before: Mapping[str, Column]) -> tuple[str, ...]:
    """All texts that a column can hold, in the order in which they were written; none where that cannot be told."""
    found: list[str] | None = []
    for body in definition.bodies:
        if definition.source == "choice":
            more: list[str] | None = [str(option) for option in body]
        elif definition.source == "constant":
            more = [str(body)]
        elif definition.source == "formula":
            more = _outcomes(Expression.parse(str(body)).tree, before)
        else:
            more = None
        found = None if more is None or found is None else found + more
    return tuple(dict.fromkeys(found or []))


def _outcomes(node: ast.expr, before: Mapping[str, Column]) -> list[str] | None:
    """The texts that an expression can give, where it only chooses among texts."""
    if isinstance(node, ast.Constant):
        return [node.value] if isinstance(node.value, str) else None
    if isinstance(node, ast.Name):
        return list(before[node.id].levels) or None
    branches: list[Any] = []
    if isinstance(node, ast.IfExp):
        branches = [node.body, node.orelse]
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("where", "coalesce"):
        branches = list(node.args[-2:])
    outcomes = [_outcomes(branch, before) for branch in branches]
    return [text for part in outcomes for text in part or []] if branches and None not in outcomes else None
