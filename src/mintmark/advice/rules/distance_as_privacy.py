"""Distance to the nearest record stands for privacy."""

from collections.abc import Iterator

from mintmark.advice.proposal import Proposal
from mintmark.advice.rule import Found, Severity


class DistanceAsPrivacy:
    """Distance to the nearest record stands for privacy."""

    code = "MM304"
    severity = Severity.WARNING
    reason = "Rows can keep their distance and still give people away: such scores pass data sets that attacks break."
    sources = ("Yao 2025", "Ganev 2025")
    fix = "keep it as an alarm, and add attacks"
    trips = "privacy: {claim: private, epsilon: 3.0, tests: [distance]}"
    passes = "privacy: {claim: private, epsilon: 3.0, tests: [distance, membership]}"

    def check(self, plan: Proposal) -> Iterator[Found]:
        """Where this is so."""
        tests = plan.privacy.tests
        if tests and not plan.privacy.attacked:
            yield Found(("privacy", "tests"), f"privacy is judged by {', '.join(sorted(tests))} alone")
