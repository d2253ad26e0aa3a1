"""It is handed on and nothing would stop it."""

from collections.abc import Iterator

from mintmark.advice.proposal import Proposal
from mintmark.advice.rule import Found, Severity


class NoGate:
    """It is handed on and nothing would stop it."""

    code = "MM107"
    severity = Severity.WARNING
    reason = "Whether data is good enough is decided before it is seen, or it is decided by whoever wants it to be."
    sources = ("Mitchell 2019", "Kapoor 2023")
    fix = "say what must hold before it leaves: evaluation.gate"
    trips = "release: {licence: CC-BY-4.0}"
    passes = "release: {licence: CC-BY-4.0}\nevaluation: {gate: ['fidelity.detection <= 0.7']}"

    def check(self, plan: Proposal) -> Iterator[Found]:
        """Where this is so."""
        if plan.release is not None and not plan.evaluation.gate:
            yield Found(("evaluation", "gate"), "there is a release and no gate")
