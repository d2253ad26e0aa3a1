"""What the samplers of a run prove together: a finding beside those that are measured."""

from collections.abc import Mapping

from mintmark.generators.guarantee import Guarantee
from mintmark.metrics.evidence import Claim, Evidence, Finding, NoEvidence, Reading

METRIC = "privacy.guarantee"
"""What a gate calls the ε that is proved: no metric, for nothing is measured."""


def proved(guarantees: Mapping[str, Guarantee | None], *, asked: bool) -> list[Finding]:
    """The ε of all steps together, by step; NoEvidence where one of them proves nothing.

    The steps learn from the same rows, so their losses add up (basic composition; Dwork et al. 2006). Where no step
    proves anything and nobody asked, there is nothing to say.
    """
    held = [each for each in guarantees.values() if each is not None]
    if not held and not asked:
        return []
    bare = [name for name, each in guarantees.items() if each is None]
    if bare or not held:
        return [NoEvidence(METRIC, Claim.PRIVACY, f"no formal guarantee comes with {', '.join(bare) or 'any step'}")]
    kinds = sorted({each.neighbours for each in held})
    if len(kinds) > 1:
        return [NoEvidence(METRIC, Claim.PRIVACY, f"the guarantees are of different kinds: {'; '.join(kinds)}")]
    return [_evidence(held, {name: each.to_json() for name, each in guarantees.items() if each is not None})]


def _evidence(held: list[Guarantee], steps: Mapping[str, object]) -> Evidence:
    epsilon, delta = sum(each.epsilon for each in held), sum(each.delta for each in held)
    uncovered = list(dict.fromkeys(line for each in held for line in each.uncovered))
    details = {
        "epsilon": epsilon,
        "delta": delta,
        "neighbours": held[0].neighbours,
        "uncovered": uncovered,
        "steps": dict(steps),
        "words": _words(epsilon, delta, held[0].neighbours, uncovered),
    }
    # No number of rows stands behind a proof.
    return Evidence(METRIC, Claim.PRIVACY, "lower", Reading(epsilon, (epsilon, epsilon), 0, details), basis="proved")


def _words(epsilon: float, delta: float, neighbours: str, uncovered: list[str]) -> str:
    return (
        f"It is proved that these rows would be nearly as likely with {neighbours} in the real data: differential "
        f"privacy with ε = {epsilon:.4g} and δ = {delta:.2g}. What this does not cover: {' '.join(uncovered)}"
    )
