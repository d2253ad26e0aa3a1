"""Comparisons solved for one of their columns: `a + b <= c` is also `a <= c − b`."""

import ast
from collections.abc import Iterator

from mintmark.data.constraints import Pair
from mintmark.data.expressions import Expression, written
from mintmark.errors import RecipeError

_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "=="}

Solved = tuple[str, str, Expression]
"""A column, a sign, and what it is compared with."""


def solved(pair: Pair) -> Iterator[Solved]:
    """The comparison, solved for each column that stands alone in a sum on either side; as it was written first."""
    if pair.sign not in _TURNED:
        return
    seen: set[str] = set()
    for side, other, sign in ((pair.left, pair.right, pair.sign), (pair.right, pair.left, _TURNED[pair.sign])):
        if isinstance(side, ast.Name):
            seen.add(side.id)
            yield side.id, sign, Expression.parse(written(other))
    terms = [*_terms(pair.left, 1), *_terms(pair.right, -1)]
    for place, (weight, term) in enumerate(terms):
        if isinstance(term, ast.Name) and term.id not in seen:
            # weight · column SIGN −(all other terms)
            rest = [(-weight * other, part) for at, (other, part) in enumerate(terms) if at != place]
            expression = _sum(rest)
            if expression is not None and term.id not in expression.columns:
                yield term.id, pair.sign if weight > 0 else _TURNED[pair.sign], expression


def parts(pair: Pair) -> tuple[tuple[str, ...], Expression] | None:
    """The columns whose sum is a column or a constant, and that whole; None for any other comparison."""
    if pair.sign != "==":
        return None
    for side, other in ((pair.left, pair.right), (pair.right, pair.left)):
        terms = list(_terms(side, 1))
        names = [term.id for weight, term in terms if weight > 0 and isinstance(term, ast.Name)]
        if len(terms) == len(names) == len(set(names)) > 1 and isinstance(other, ast.Name | ast.Constant):
            return tuple(names), Expression.parse(written(other))
    return None


def _terms(node: ast.expr, weight: int) -> Iterator[tuple[int, ast.expr]]:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub):
        yield from _terms(node.left, weight)
        yield from _terms(node.right, weight if isinstance(node.op, ast.Add) else -weight)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
        yield from _terms(node.operand, weight if isinstance(node.op, ast.UAdd) else -weight)
    else:
        yield weight, node


def _sum(terms: list[tuple[int, ast.expr]]) -> Expression | None:
    """Terms with their signs, added ones first: a moment plus seconds is a moment, but not the other way round."""
    terms = [(weight, term) for weight, term in terms if not _is_zero(term)]
    if not terms:
        return None
    ordered = sorted(terms, key=lambda each: (each[0] < 0, isinstance(each[1], ast.Constant)))
    first, *rest = [(weight, written(term)) for weight, term in ordered]
    text = ("-" if first[0] < 0 else "") + f"({first[1]})" if first[0] < 0 else _bare(first[1])
    for weight, term in rest:
        text += (" + " if weight > 0 else " - ") + _bare(term)
    try:
        return Expression.parse(text)
    except RecipeError:
        return None


def _bare(term: str) -> str:
    return term if term.replace("`", "").replace("_", "").replace(" ", "").replace(".", "").isalnum() else f"({term})"


def _is_zero(term: ast.expr) -> bool:
    return isinstance(term, ast.Constant) and not isinstance(term.value, str | bool) and term.value == 0
