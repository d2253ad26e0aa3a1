"""What the record says: its datasets, their tags, where one came from, and what can be swept away."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from mintmark.digest import Digest
from mintmark.errors import InputError
from mintmark.gate import Decision, Rule, Status, Verdict
from mintmark.ledger import gc as sweeping
from mintmark.ledger import lineage as tracing
from mintmark.ledger import naming
from mintmark.ledger import tags as tagging
from mintmark.ledger.entry import Act, Entry
from mintmark.ledger.ledger import Ledger
from mintmark.ledger.living import collected, words
from mintmark.ledger.retention import Policy
from mintmark.ledger.tags import Tag
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
    version: int = 1
    """Which one of its name."""
    tags: tuple[str, ...] = ()
    collected: str | None = None
    """When its rows were collected and under which policy; None where they are kept."""
    chain: Digest | None = None
    """The first entry of the guest's chain that it came in with; None where this ledger made it."""

    @property
    def reference(self) -> str:
        """By which it is named: `wine@2`."""
        return f"{self.name}@{self.version}"

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
            "version": self.version,
            "tags": list(self.tags),
            "collected": self.collected,
            "chain": self.chain,
        }


def versions(ledger: Path | str, name: str | None = None) -> list[Known]:
    """The datasets of a record, oldest first: all, or all versions of one name.

    `wine@2`, `wine@gold` and a digest mean one version. Raises UnknownName, or LedgerError where there is no record.
    """
    record = Ledger.open(Path(ledger), create=False)
    found = naming.named(record)
    if name is not None:
        one = naming.meant(record, name)
        alone = name.removeprefix(naming.PLACE) != one.name
        found = [each for each in found if (each.entry == one.entry if alone else each.name == one.name)]
    gone = collected(record)
    return [_known(record, each, gone) for each in found]


def references(ledger: Path | str) -> list[str]:
    """All that the datasets of a record can be called, but for their digests; none where there is no record."""
    if not (Path(ledger) / "manifests").is_dir():
        return []
    return naming.choices(naming.named(Ledger.open(Path(ledger), create=False)))


def tag(name: str, tag: str, *, ledger: Path | str = ".mintmark", move: bool = False, remove: bool = False) -> str:
    """Lets a tag stand for a version (`wine`, the newest; `wine@2`; a digest), or takes it away; returns which it is.

    What a tag stands for changes only with `move`, and the chain remembers what it stood for. Raises InputError where
    it stands for another version or cannot be a tag, UnknownName, or LedgerError where there is no record.
    """
    record = Ledger.open(Path(ledger), create=False)
    return str(tagging.remove(record, name, tag) if remove else tagging.put(record, name, tag, move=move))


def tags(name: str | None = None, *, ledger: Path | str = ".mintmark", history: bool = False) -> list[Tag]:
    """The tags that stand, of one name or of all; with `history` every act of tagging, oldest first.

    Raises UnknownName, or LedgerError where there is no record.
    """
    return tagging.tags(Ledger.open(Path(ledger), create=False), name, history=history)


def lineage(ledger: Path | str, name: str) -> list[Entry]:
    """Every act that a dataset stands on, oldest first."""
    record = Ledger.open(Path(ledger), create=False)
    return tracing.lineage(record, open_dataset(record, name).entry.subject)


def gc(
    ledger: Path | str,
    *,
    keep_last: int | None = None,
    keep_days: float | None = None,
    keep_tagged: bool = True,
    keep_released: bool = True,
    grace_days: float = 7.0,
    dry_run: bool = False,
) -> sweeping.Swept:
    """Removes what no entry refers to and, with `keep_last` or `keep_days`, collects the rows of versions.

    A version stays if it is among the last `keep_last` of its name, younger than `keep_days`, tagged (unless
    `keep_tagged` is off) or released. Nothing goes that is younger than the days of grace, or that a run may need.
    """
    record = Ledger.open(Path(ledger), create=False)
    if not grace_days >= 0:
        raise InputError("grace cannot be less than none", where="grace_days", found=repr(grace_days))
    policy = Policy(keep_last, keep_days, keep_tagged, keep_released)
    return sweeping.gc(record, grace=timedelta(days=grace_days), dry_run=dry_run, policy=policy)


def said_of(record: Ledger, entry: Entry, act: Act) -> Entry | None:
    """What was said of a dataset first after this making: the same rows may have been made and judged twice."""
    return next(iter(record.after(entry, act)), None)


def _known(record: Ledger, named: naming.Named, gone: Mapping[Digest, Entry]) -> Known:
    entry = named.entry
    assayed, decided = said_of(record, entry, Act.ASSAY), said_of(record, entry, Act.DECISION)
    collect = gone.get(entry.digest)
    return Known(
        number=entry.number,
        name=named.name,
        digest=entry.subject,
        rows=Version(record, entry).rows(),
        method=", ".join(dict.fromkeys(step["generator"] for step in (entry.body["steps"] or {}).values())),
        created=str(entry.body["at"]),
        findings=recalled(assayed.body) if assayed else None,
        decision=remembered(decided.body) if decided else None,
        version=named.version,
        tags=named.tags,
        collected=words(collect) if collect else None,
        chain=entry.chain,
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
