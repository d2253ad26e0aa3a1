"""What the record says: its datasets, where one came from, and what can be swept away."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from mintmark.digest import Digest
from mintmark.gate import Decision, Rule, Status, Verdict
from mintmark.ledger import gc as sweeping
from mintmark.ledger import lineage as tracing
from mintmark.ledger.entry import Act, Entry
from mintmark.ledger.ledger import Ledger
from mintmark.ledger.versions import Version, open_dataset
from mintmark.metrics.evidence import Claim, Evidence, NoEvidence, Reading
from mintmark.metrics.findings import Findings


@dataclass(frozen=True)
class Known:
    """A dataset of the record, and what was found and decided about it."""

    number: int
    name: str
    digest: Digest
    rows: Mapping[str, int]
    method: str
    created: str
    findings: Findings | None
    decision: Decision | None

    @property
    def status(self) -> str:
        """How its decision ended."""
        return str(self.decision.status) if self.decision else "not judged"

    def to_json(self) -> dict[str, Any]:
        """What `mintmark show --json` answers."""
        return {
            "number": self.number,
            "name": self.name,
            "digest": self.digest,
            "rows": dict(self.rows),
            "method": self.method,
            "created": self.created,
            "findings": self.findings.to_json() if self.findings is not None else None,
            "decision": self.decision.to_json() if self.decision else None,
        }


def versions(ledger: Path | str, name: str | None = None) -> list[Known]:
    """The datasets of a record, oldest first; with a name or digest, the one that is meant.

    Raises UnknownName, or LedgerError where there is no record.
    """
    record = Ledger.open(Path(ledger), create=False)
    if name is not None:
        return [_known(record, open_dataset(record, name))]
    return [_known(record, Version(record, entry)) for entry in record.find(Act.DATASET)]


def lineage(ledger: Path | str, name: str) -> list[Entry]:
    """Every act that a dataset stands on, oldest first."""
    record = Ledger.open(Path(ledger), create=False)
    return tracing.lineage(record, open_dataset(record, name).entry.subject)


def gc(ledger: Path | str, *, grace_days: float = 7.0, dry_run: bool = False) -> sweeping.Swept:
    """Removes what no entry refers to and is older than the days of grace."""
    record = Ledger.open(Path(ledger), create=False)
    return sweeping.gc(record, grace=timedelta(days=grace_days), dry_run=dry_run)


def said_of(record: Ledger, entry: Entry, act: Act) -> Entry | None:
    """What was said of a dataset after this making: the same rows may have been made and judged twice."""
    said = (other for other in record.find(act, subject=entry.subject) if other.number > entry.number)
    return next(said, None)


def _known(record: Ledger, version: Version) -> Known:
    entry = version.entry
    assayed, decided = said_of(record, entry, Act.ASSAY), said_of(record, entry, Act.DECISION)
    return Known(
        number=entry.number,
        name=version.name,
        digest=entry.subject,
        rows=version.rows(),
        method=", ".join(dict.fromkeys(step["generator"] for step in entry.body["steps"].values())),
        created=str(entry.body["at"]),
        findings=recalled(assayed.body) if assayed else None,
        decision=remembered(decided.body) if decided else None,
    )


def recalled(body: Mapping[str, Any]) -> Findings:
    """Findings as they were recorded."""
    return Findings(tuple(_finding(each) for each in body["findings"]), body.get("left_out", {}))


def _finding(body: Mapping[str, Any]) -> Evidence | NoEvidence:
    claim = Claim(body["claim"]) if body["claim"] else None
    if "reason" in body:
        return NoEvidence(body["metric"], claim, body["reason"])
    assert claim is not None
    return Evidence(
        metric=body["metric"],
        claim=claim,
        better=body["better"],
        reading=Reading(body["value"], _pair(body["interval"]), body["n"], body["details"]),
        ceiling=_beside(body, "ceiling"),
        floor=_beside(body, "floor"),
        basis=body["basis"],
        notes=tuple(body["notes"]),
    )


def _beside(body: Mapping[str, Any], which: str) -> Reading | None:
    if body[which] is None:
        return None
    return Reading(body[which], _pair(body[f"{which}_interval"]), body["n"])


def _pair(ends: list[float]) -> tuple[float, float]:
    return ends[0], ends[1]


def remembered(body: Mapping[str, Any]) -> Decision:
    """A decision as it was recorded."""
    verdicts = (Verdict(Rule.parse(v["rule"]), v["passed"], v["worst"], v["why"]) for v in body["verdicts"])
    return Decision(Status(body["status"]), tuple(verdicts))
