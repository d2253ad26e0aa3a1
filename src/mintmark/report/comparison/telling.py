"""What a comparison says in sentences beside its advice: the proof on the holdout, and what was compared."""

from typing import TYPE_CHECKING

from mintmark.report.comparison.advice import objection
from mintmark.report.numerals import fixed

if TYPE_CHECKING:
    from mintmark.report.comparison.table import Comparison


def proof(told: "Comparison") -> list[str]:
    """What the holdout says of the one that was chosen; nothing where there is no proof."""
    proved = told.proof
    if proved is None:
        return []
    who = proved.entrant
    if who.failure:
        return [f"Not proved: {who.label} could not learn from all training rows. {' '.join(who.failure.split())}"]
    learnt = f"Proof: {who.label} learnt anew from all {proved.train_rows:,} training rows"
    judged = f"was judged once by the {proved.holdout_rows:,} rows of the holdout, which had no say in the choice"
    out = [f"{learnt}, and {judged}: {_scores(told)}."]
    against = objection(who)
    if who.decision is not None:
        out.append(who.decision.words)
    elif against:
        out.append(f"That speaks against it: {against}.")
    if proved.used_before:
        times = "one other choice" if proved.used_before == 1 else f"{proved.used_before} other choices"
        out.append(f"This holdout has reported on {times} before: with each it is less unseen.")
    return out


def _scores(told: "Comparison") -> str:
    """The score of each axis, with its interval."""
    assert told.proof is not None
    found = [told.proof.entrant.evidence(axis.metric) for axis in told.axes if axis.metric]
    return "; ".join(
        f"{each.metric} {fixed(each.value, 3)} ({fixed(each.interval[0], 3)} to {fixed(each.interval[1], 3)})"
        for each in found
        if each is not None
    ) or "no score of the axes could be measured"  # fmt: skip
