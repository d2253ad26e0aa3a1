"""What changed between two versions: recipe, inputs, code, columns, rows and scores."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mintmark.ledger.entry import Act, Entry
from mintmark.ledger.ledger import Ledger
from mintmark.ledger.versions import Version, open_dataset
from mintmark.metrics.evidence import Evidence
from mintmark.pipeline.history import recalled


@dataclass(frozen=True)
class Change:
    """One thing that differs; None where one version has no such thing."""

    part: str
    """recipe, seed, inputs, versions, columns, rows, scores or decision."""
    what: str
    """The field, in dots: `steps.rows.count`."""
    before: Any
    after: Any
    note: str = ""

    def to_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return dict(vars(self))


@dataclass(frozen=True)
class Difference:
    """All that differs between two versions of the record."""

    before: str
    after: str
    same_rows: bool
    """Is the content of both the same, bit for bit?"""
    changes: tuple[Change, ...]

    def to_json(self) -> dict[str, Any]:
        """What `mintmark diff --json` answers."""
        changes = [change.to_json() for change in self.changes]
        return {"before": self.before, "after": self.after, "same_rows": self.same_rows, "changes": changes}


def diff(before: str, after: str, *, ledger: Path | str = ".mintmark") -> Difference:
    """Compares two datasets of a record, each named by name, digest, or entry number.

    Raises UnknownName, or LedgerError where there is no record or a name could mean several.
    """
    record = Ledger.open(Path(ledger), create=False)
    one, other = open_dataset(record, before), open_dataset(record, after)
    changes = (*_made(one, other), *_judged(record, one.entry, other.entry))
    same = one.entry.subject == other.entry.subject
    return Difference(_called(one), _called(other), same, changes)


def _called(version: Version) -> str:
    return f"{version.name} (entry {version.entry.number}, {version.entry.subject[7:19]})"


def _made(one: Version, other: Version) -> Iterator[Change]:
    a, b = one.entry, other.entry
    yield from _fields("recipe", a.body.get("recipe"), b.body.get("recipe"))
    yield from _fields("inputs", dict(a.inputs), dict(b.inputs))
    yield from _fields("versions", a.body.get("versions"), b.body.get("versions"))
    yield from _fields("columns", _columns(one), _columns(other))
    yield from _fields("rows", one.rows(), other.rows())
    yield from _fields("descent", _descent(a), _descent(b))


def _descent(entry: Entry) -> dict[str, Any]:
    return {key: entry.body.get(key) for key in ("depth", "real_share")}


def _columns(version: Version) -> dict[str, Any]:
    return {f"{table}.{column.name}": f"{column.kind} ({column.type})"
            for table, schema in version.schema.tables.items() for column in schema.columns}  # fmt: skip


def _judged(record: Ledger, one: Entry, other: Entry) -> Iterator[Change]:
    a, b = _scores(record, one), _scores(record, other)
    for metric in dict.fromkeys((*a, *b)):
        first, second = a.get(metric), b.get(metric)
        if first is None or second is None or first.value != second.value:
            told = None if first is None else _score(first), None if second is None else _score(second)
            yield Change("scores", metric, *told, _told_apart(first, second))
    yield from _fields("decision", _decided(record, one), _decided(record, other))


def _scores(record: Ledger, entry: Entry) -> dict[str, Evidence]:
    found = record.after(entry, Act.ASSAY)
    scores = recalled(found[0].body) if found else ()
    return {each.metric: each for each in scores if isinstance(each, Evidence)}


def _decided(record: Ledger, entry: Entry) -> dict[str, Any]:
    found = record.after(entry, Act.DECISION)
    if not found:
        return {}
    body = found[0].body  # the same rows may have been judged again later: what was said first after this making counts
    rules = {verdict["rule"]: "passed" if verdict["passed"] else "failed" for verdict in body["verdicts"]}
    return {"status": body["status"], **rules}


def _score(found: Evidence) -> str:
    low, high = found.interval
    return f"{found.value:.4g} ({low:.4g} to {high:.4g})"


def _told_apart(one: Evidence | None, other: Evidence | None) -> str:
    if one is None or other is None:
        return ""
    apart = one.interval[1] < other.interval[0] or other.interval[1] < one.interval[0]
    if not apart:
        return "the intervals overlap"
    better = (other.value < one.value) == (one.better == "lower")
    return "better" if better else "worse"


def _fields(part: str, one: Any, other: Any, at: str = "") -> Iterator[Change]:
    """The leaves in which two JSON values differ."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        for key in dict.fromkeys((*one, *other)):
            yield from _fields(part, one.get(key), other.get(key), f"{at}.{key}" if at else str(key))
    elif one != other:
        yield Change(part, at, one, other)
