"""No real recording will tell whether the simulation teaches anything."""

from collections.abc import Iterator

from mintmark.advice.proposal import Proposal
from mintmark.advice.rule import Found, Severity


class NoRealRecordings:
    """No real recording will tell whether the simulation teaches anything."""

    code = "MM502"
    severity = Severity.ERROR
    reason = (
        "The gap between simulation and reality shows on real recordings only, and the earlier it shows "
        "the less it costs."
    )
    sources = ("Tobin 2017", "Tremblay 2018")
    fix = "record and label some real scenes before the simulator is built: simulation.real_validation"
    trips = "method: {kind: simulation}\nsimulation: {randomised: [light]}"
    passes = "method: {kind: simulation}\nsimulation: {randomised: [light], real_validation: 300}"

    def check(self, plan: Proposal) -> Iterator[Found]:
        """Where this is so."""
        if plan.method.kind == "simulation" and not (plan.simulation and plan.simulation.real_validation):
            yield Found(("simulation", "real_validation"), "there are no real recordings to validate on")
