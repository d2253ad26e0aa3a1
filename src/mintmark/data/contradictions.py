"""Constraints that no complete row can meet together, told from the constraints alone.

Bounds are carried along inequalities until nothing moves, expressions are judged by the intervals of their columns
(interval arithmetic, Moore 1966), and a column may not lie strictly below itself. What is not certain is not said.
"""

import ast
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from mintmark.data import constraints
from mintmark.data.constraints import Pair
from mintmark.data.schema import Column, Kind, TableSchema
from mintmark.errors import ConditionError

ROUNDS = 100
"""How often bounds are carried on; circles of inequalities that never come to rest are left open."""
_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
_EVERYTHING = (-math.inf, math.inf)
Interval = tuple[float, float]


def refuse(texts: Sequence[str], schema: TableSchema, *, where: str = "") -> None:
    """ConditionError naming the constraints that contradict each other, and no others."""
    if not _contradict(texts, schema):
        return
    few = list(texts)
    for text in texts:
        fewer = [other for other in few if other != text]
        if _contradict(fewer, schema):
            few = fewer
    said = "this constraint can never be met" if len(few) == 1 else "these constraints contradict each other"
    raise ConditionError(said, where=where, found=" and ".join(few), fix="loosen one, or leave it out")


@dataclass
class _Facts:
    """What is known of the columns of a complete row."""

    bounds: dict[str, Interval] = field(default_factory=dict)
    excluded: dict[str, set[float]] = field(default_factory=dict)
    """Ends that may not be touched."""
    levels: dict[str, frozenset[str]] = field(default_factory=dict)
    below: dict[str, set[str]] = field(default_factory=dict)
    """Columns that lie at or above each column."""
    strict: set[tuple[str, str]] = field(default_factory=set)

    def narrow(self, name: str, low: float, high: float) -> bool:
        """Takes in bounds; says whether that changed anything."""
        before = self.bounds.get(name, _EVERYTHING)
        self.bounds[name] = (max(low, before[0]), min(high, before[1]))
        return self.bounds[name] != before

    @property
    def impossible(self) -> bool:
        """Is there a column without a value left, or one that lies below itself?"""
        for name, (low, high) in self.bounds.items():
            if low > high or (low == high and low in self.excluded.get(name, ())):
                return True
        return any(not left for left in self.levels.values()) or any(a in self._above(b) for a, b in self.strict)

    def _above(self, name: str) -> set[str]:
        seen, queue = {name}, [name]
        for one in queue:
            more = self.below.get(one, set()) - seen
            seen |= more
            queue += more
        return seen


def _contradict(texts: Sequence[str], schema: TableSchema) -> bool:
    pairs = [pair for text in texts for pair in constraints.parse(text).pairs or ()]
    facts = _Facts()
    for pair in pairs:
        for turned in (pair, _turned(pair)):
            if turned is not None:
                _take(turned, facts, schema)
    for _ in range(ROUNDS):
        moved = [_carry(lower, upper, facts) for lower, above in facts.below.items() for upper in above]
        if not any(moved):
            break
    return facts.impossible or any(not _possible(pair, facts, schema) for pair in pairs)


def _turned(pair: Pair) -> Pair | None:
    return Pair(pair.right, _TURNED[pair.sign], pair.left) if pair.sign in _TURNED else None


def _take(pair: Pair, facts: _Facts, schema: TableSchema) -> None:
    """What a comparison with a column to its left says of that column."""
    name = constraints.named(pair.left)
    if name is None or name not in schema:
        return
    column, other = schema[name], constraints.named(pair.right)
    if other is not None:
        if pair.sign in ("<", "<=", "=="):
            facts.below.setdefault(name, set()).add(other)
        if pair.sign == "<":
            facts.strict.add((name, other))
        return
    if column.discrete or not column.numeric:
        if pair.sign in ("in", "==") and column.kind != Kind.BOOLEAN:
            named = frozenset(str(value) for value in _listed(pair.right))
            facts.levels[name] = facts.levels.get(name, named) & named
        return
    found = [_number(value, column) for value in _listed(pair.right)]
    values = [value for value in found if value is not None]
    if not values or len(values) < len(found):
        return
    low, high = min(values), max(values)
    if pair.sign in ("<", "<="):
        facts.narrow(name, -math.inf, high)
    elif pair.sign in (">", ">="):
        facts.narrow(name, low, math.inf)
    elif pair.sign in ("==", "in"):
        facts.narrow(name, low, high)
    if pair.sign in ("<", ">", "!=") and len(values) == 1:
        facts.excluded.setdefault(name, set()).add(low)


def _carry(lower: str, upper: str, facts: _Facts) -> bool:
    """What lies below has no higher end than what lies above, and the other way round."""
    ends, others = facts.bounds.get(lower, _EVERYTHING), facts.bounds.get(upper, _EVERYTHING)
    up = facts.narrow(upper, ends[0], math.inf)
    if (lower, upper) in facts.strict:
        facts.excluded.setdefault(upper, set()).add(ends[0])
        facts.excluded.setdefault(lower, set()).add(others[1])
    return facts.narrow(lower, -math.inf, others[1]) or up


def _possible(pair: Pair, facts: _Facts, schema: TableSchema) -> bool:
    """Can the two sides be so, whatever lies in their intervals?"""
    left, right = _interval(pair.left, facts, schema), _interval(pair.right, facts, schema)
    if left is None or right is None:
        return True
    # Computed ends may be off by what computing loses.
    room = 1e-9 * max([1.0, *(abs(end) for end in (*left, *right) if math.isfinite(end))])
    if pair.sign in ("<", "<="):
        return left[0] <= right[1] + room
    if pair.sign in (">", ">="):
        return left[1] >= right[0] - room
    return pair.sign != "==" or (left[0] <= right[1] + 0.5 + room and right[0] <= left[1] + 0.5 + room)


def _interval(node: ast.expr, facts: _Facts, schema: TableSchema) -> Interval | None:
    """Between which numbers an expression lies; None where that is not told."""
    if isinstance(node, ast.Constant):
        value = node.value
        if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > 1e300:
            return None
        return float(value), float(value)
    if isinstance(node, ast.Name):
        known = node.id in schema and schema[node.id].kind in (Kind.NUMBER, Kind.GEO)
        return facts.bounds.get(node.id, _EVERYTHING) if known else None
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        inner = _interval(node.operand, facts, schema)
        return None if inner is None else (-inner[1], -inner[0])
    if not isinstance(node, ast.BinOp):
        return None
    left, right = _interval(node.left, facts, schema), _interval(node.right, facts, schema)
    if left is None or right is None:
        return None
    if isinstance(node.op, ast.Add):
        return left[0] + right[0], left[1] + right[1]
    if isinstance(node.op, ast.Sub):
        return left[0] - right[1], left[1] - right[0]
    if isinstance(node.op, ast.Mult):
        ends = [0.0 if 0.0 in (x, y) else x * y for x in left for y in right]
        return min(ends), max(ends)
    return None


def _listed(node: ast.expr) -> Iterator[Any]:
    """The constants of a list, or the one that stands alone; None for what is no constant."""
    parts = node.elts if isinstance(node, ast.Tuple | ast.List | ast.Set) else [node]
    for part in parts:
        minus = isinstance(part, ast.UnaryOp) and isinstance(part.op, ast.USub)
        inner = part.operand if isinstance(part, ast.UnaryOp) and minus else part
        value = inner.value if isinstance(inner, ast.Constant) else None
        yield -value if minus and isinstance(value, int | float) else value


def _number(value: Any, column: Column) -> float | None:
    """A constant on the line of its column: moments in microseconds."""
    if isinstance(value, str) and column.kind in (Kind.DATETIME, Kind.DATE):
        try:
            return float(np.datetime64(value, "us").astype(np.int64))
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > 1e300:
        return None
    return None if column.kind in (Kind.DATETIME, Kind.DATE) else float(value)
