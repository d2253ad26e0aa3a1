"""Reads the details of evidence, whose form only their metric knows: what does not fit is passed over."""

from collections.abc import Mapping, Sequence
from typing import Any

Row = Mapping[str, Any]


def rows(found: Any, **fields: type) -> list[Row]:
    """The rows of a list that hold these fields; a whole number passes for a float."""
    if not isinstance(found, Sequence) or isinstance(found, str):
        return []
    return [row for row in found if isinstance(row, Mapping) and all(_fits(row.get(k), t) for k, t in fields.items())]


def value(score: Any) -> float | None:
    """A number, or the value of a score that is told with its interval."""
    if isinstance(score, Mapping):
        score = score.get("value")
    return float(score) if isinstance(score, int | float) else None


def _fits(found: Any, kind: type) -> bool:
    return isinstance(found, (int, float) if kind is float else kind)
