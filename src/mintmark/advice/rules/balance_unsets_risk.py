"""Balanced training unsets the probabilities."""

from collections.abc import Iterator

from mintmark.advice.proposal import Proposal
from mintmark.advice.rule import Found, Severity


class BalanceUnsetsRisk:
    """Balanced training unsets the probabilities."""

    code = "MM209"
    severity = Severity.NOTE
    reason = "A model that was trained on balanced classes overstates the rare one: its scores rank, and are no risks."
    sources = ("van den Goorbergh 2022",)
    fix = "recalibrate on real rows, or move the threshold and leave the shares alone"
    trips = "purpose: {gap: imbalance, use: augment}\nmethod: {kind: trees, conditioned: true}"
    passes = (
        "purpose: {gap: imbalance, use: augment}\n"
        "method: {kind: trees, conditioned: true}\n"
        "evaluation: {asks: [utility.calibration]}"
    )

    def check(self, plan: Proposal) -> Iterator[Found]:
        """Where this is so."""
        calibrated = any("calibrat" in each for each in plan.evaluation.asks)
        if plan.purpose.gap == "imbalance" and plan.method.conditioned and not calibrated:
            yield Found(("method", "conditioned"), "shares of classes are set, and nobody asks for calibration")
