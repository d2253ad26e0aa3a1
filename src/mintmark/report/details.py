"""What a metric tells beside its score: single numbers and words, and tables of what has parts, as attacks have."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mintmark.report.numerals import numeral

MOST = 10
"""Rows of a table; the rest is counted, and stands in the evidence as JSON."""
TOLD = frozenset({"words"})
"""What the page says already."""
TABLES = {
    "privacy.membership": "attacks",
    "privacy.people": "attacks",
    "privacy.shadow": "tpr",
    "privacy.outliers": "groups",
    "privacy.attributes": "secrets",
    "fidelity.shift": "columns",
    "fidelity.associations": "by_kind",
    "fidelity.mmd": "by_width",
    "fairness.worst_group": "groups",
    "shortcuts.importance": "columns",
    "utility.families": "families",
    "utility.curve": "curve",
}
"""The details that are shown in rows. Of these it is known that they tell no small number of people; others may."""

Details = Mapping[str, Any]


@dataclass(frozen=True)
class Table:
    """Parts that have the same facts each."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    more: int
    """Rows that are not shown."""


def plain(details: Details) -> tuple[tuple[str, str], ...]:
    """Names with what is told of each in a word or a number, its interval behind it."""
    return tuple((name, told) for name, told in _pairs(details) if name not in TOLD)


def table(metric: str, details: Details) -> Table | None:
    """The table of a metric that has one."""
    key = TABLES.get(metric, "")
    parts = _parts(details.get(key))
    return _table(key, parts) if parts else None


def _parts(value: Any) -> list[Details]:
    """The rows of a table; none where the value has another form."""
    if isinstance(value, Mapping) and all(isinstance(each, Mapping) for each in value.values()):
        return [{"": name, **facts} for name, facts in value.items()]
    return value if isinstance(value, list) and all(isinstance(each, Mapping) for each in value) else []


def _table(key: str, parts: list[Details]) -> Table:
    rows = [dict(_pairs(_flat(part))) for part in parts[:MOST]]
    head = tuple(dict.fromkeys(name for row in rows for name in row))
    cells = tuple(tuple(row.get(name, "") for name in head) for row in rows)
    return Table(key.replace("_", " "), head, cells, len(parts) - len(rows))


def _flat(facts: Details) -> dict[str, Any]:
    """Facts of facts beside the others: the rates of an attack as columns of their own."""
    out: dict[str, Any] = {}
    for key, value in facts.items():
        if isinstance(value, Mapping) and not _is_measured(value):
            out |= {f"{key} {name}": each for name, each in _flat(value).items()}
        else:
            out[key] = value
    return out


def _pairs(facts: Details) -> Iterator[tuple[str, str]]:
    """Names with their values in words, an interval behind the value that it belongs to."""
    for key, value in facts.items():
        owner = key.removesuffix("interval").rstrip("_ ") or "value"
        if key.endswith("interval") and _is_number(facts.get(owner)):
            continue
        ends = facts.get(f"{key}_interval", facts.get("interval") if key == "value" else None)
        told = _words({"value": value, "interval": ends} if _is_number(value) and ends else value)
        if told:
            yield key.replace("_", " "), told


def _words(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return numeral(value)
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping) and _is_measured(value):
        return f"{_words(value['value'])} ({_words(value['interval'])})"
    if isinstance(value, list) and len(value) == 2 and all(map(_is_number, value)):
        return " to ".join(map(_words, value))
    return ""


def _is_measured(value: Details) -> bool:
    return set(value) == {"value", "interval"}


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
