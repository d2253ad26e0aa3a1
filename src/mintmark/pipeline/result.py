"""What a run made, found and decided."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mintmark.digest import Digest
from mintmark.gate import Decision, Status
from mintmark.metrics.findings import Findings
from mintmark.pipeline.talking import Bill


@dataclass(frozen=True)
class Result:
    """What a run made, found and decided."""

    name: str
    digest: Digest
    rows: Mapping[str, int]
    findings: Findings
    decision: Decision
    report: Path
    folder: Path | None
    """What was released, or None."""
    wanted: bool
    """Did the recipe ask for a release?"""
    notes: tuple[str, ...] = ()
    seconds: Mapping[str, float] = field(default_factory=dict)
    """Where the time went, by stage."""
    spent: Bill | None = None
    """What this run spent on language models; None where none was asked."""
    spent_in_all: Bill | None = None
    """The same of all runs of the recipe in this record: what its budget counts."""

    @property
    def well(self) -> bool:
        """Was everything let out that was to leave?"""
        return self.decision.released or (not self.wanted and self.decision.status == Status.NO_RULES)

    def to_json(self) -> dict[str, Any]:
        """What `mintmark run --json` answers."""
        return {
            "name": self.name,
            "digest": self.digest,
            "rows": dict(self.rows),
            "findings": self.findings.to_json(),
            "left_out": dict(self.findings.left_out),
            "decision": self.decision.to_json(),
            "report": str(self.report),
            "released": str(self.folder) if self.folder else None,
            "notes": list(self.notes),
            "seconds": {stage: round(spent, 3) for stage, spent in self.seconds.items()},
            "spent": vars(self.spent) if self.spent else None,
            "spent_in_all": vars(self.spent_in_all) if self.spent_in_all else None,
        }
