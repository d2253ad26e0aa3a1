"""A simulation always shows the same world."""

from collections.abc import Iterator

from mintmark.advice.proposal import Proposal
from mintmark.advice.rule import Found, Severity


class NothingRandomised:
    """A simulation always shows the same world."""

    code = "MM501"
    severity = Severity.WARNING
    reason = (
        "A model trained in one rendering learns that rendering: variation of light, texture and noise "
        "lets it take reality for one more variation."
    )
    sources = ("Tobin 2017", "Tremblay 2018")
    fix = "vary what does not matter from scene to scene: simulation.randomised"
    trips = "method: {kind: simulation}\nsimulation: {real_validation: 500}"
    passes = "method: {kind: simulation}\nsimulation: {randomised: [light, texture], real_validation: 500}"

    def check(self, plan: Proposal) -> Iterator[Found]:
        """Where this is so."""
        if plan.method.kind == "simulation" and not (plan.simulation and plan.simulation.randomised):
            yield Found(("simulation", "randomised"), "nothing is varied")
