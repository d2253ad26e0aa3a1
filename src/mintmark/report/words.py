"""Plain language: what each claim asks, what each score means for a person, and what was decided."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from mintmark.gate import Decision, Status, Verdict
from mintmark.metrics.evidence import Claim, Evidence
from mintmark.report.meanings import MEANINGS, beside, writing
from mintmark.report.numerals import numeral, percent

CLAIMS: dict[Claim, tuple[str, str]] = {
    Claim.PRIVACY: ("Privacy", "Does the data give away who was in the real data?"),
    Claim.VALIDITY: ("Validity", "Does every row keep to the form and the rules of the real data?"),
    Claim.FIDELITY: ("Fidelity", "Does the data behave like real data?"),
    Claim.COVERAGE: ("Coverage", "Is what is rare in reality still there?"),
    Claim.UTILITY: ("Utility", "Does work done with this data hold in reality?"),
    Claim.FAIRNESS: ("Fairness", "Are all groups of people there, and served alike?"),
    Claim.SHORTCUTS: ("Shortcuts", "Does the data teach tricks that reality does not bear out?"),
    Claim.PROVENANCE: ("Provenance", "How far is what it was learnt from removed from the world?"),
}
"""Title and question of each claim, in the order in which they are told."""


@dataclass(frozen=True)
class Banner:
    """How the decision is shown: a sign, a word, a tone for its colour, and why."""

    sign: str
    word: str
    tone: str
    why: str


def banner(decision: Decision | None) -> Banner:
    """The decision in a word and a sentence."""
    if decision is None:
        return Banner(
            "○", "Assay only", "open", "Nobody asked whether this data may leave: here is what was measured, unjudged."
        )
    count = len(decision.verdicts)
    failed = [verdict for verdict in decision.verdicts if not verdict.passed]
    if decision.status == Status.PASSED:
        return Banner(
            "✓", "Passed", "good", f"{_all(count)} of the gate held, even at the worst end of what was measured."
        )
    if decision.status == Status.REFUSED:
        return Banner(
            "✗", "Refused", "bad", f"{len(failed)} of the gate’s {count} rules did not hold: {_listed(failed)}."
        )
    if decision.status == Status.UNVALIDATED:
        return Banner(
            "?",
            "Unvalidated",
            "bad",
            "No real data was kept back from the generator, so nothing here can be vouched for.",
        )
    return Banner("–", "No rules", "bad", "Nobody said what would let this data out, so it does not leave.")


def question(metric: str) -> str:
    """What a metric asks, as a person would ask it; its own name where it is not one of ours."""
    return _QUESTIONS.get(metric, metric.rpartition(".")[2].replace("_", " ").capitalize())


def meaning(evidence: Evidence) -> str:
    """One plain sentence on what a score means for a person."""
    told = evidence.reading.details.get("words")
    if isinstance(told, str):
        return told
    if evidence.metric in _MEANINGS:
        return _MEANINGS[evidence.metric](evidence)
    way = "lower" if evidence.better == "lower" else "higher"
    return f"The score is {numeral(evidence.value)}; {way} is better{beside(evidence)}."


def verdict_word(verdict: Verdict) -> str:
    """Whether a rule holds, in a word that needs no colour."""
    if verdict.passed:
        return "✓ holds"
    return "✗ not measured" if verdict.worst is None else "✗ fails"


def reason(text: str) -> str:
    """A reason, which may run over several lines, as one sentence."""
    text = in_a_line(text)
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")


def in_a_line(text: str) -> str:
    """A text that may run over several lines, on one."""
    return "; ".join(" ".join(line.split()) for line in text.splitlines() if line.strip())


def listed(names: Sequence[str]) -> str:
    """Names as they stand in a sentence: a, b and c."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def by_reason(reasons: Mapping[str, str]) -> dict[str, list[str]]:
    """Names by the reason that they have in common, in the order in which reasons first come up."""
    out: dict[str, list[str]] = {}
    for name, why in reasons.items():
        out.setdefault(why, []).append(name)
    return out


def _all(count: int) -> str:
    return "The one rule" if count == 1 else f"All {count} rules"


def _listed(verdicts: Sequence[Verdict]) -> str:
    names = [_SUBJECTS.get(verdict.rule.metric, verdict.rule.metric) for verdict in verdicts]
    return listed(list(dict.fromkeys(names)))


def _membership(evidence: Evidence) -> str:
    caught, worst = numeral(100 * evidence.value, 2), numeral(100 * evidence.worst, 2)
    return (
        f"The strongest attack that was tried, wrongly accusing 1 in 100 outsiders, recognises about {caught} "
        f"(at worst {worst}) of every 100 people whose records the generator saw; guessing finds 1."
    )


def _copies(evidence: Evidence) -> str:
    if evidence.value <= 0:
        return (
            "Synthetic rows repeat a real person’s record no more often than fresh real rows do "
            f"(at worst {numeral(max(0.0, 1000 * evidence.worst))} more of every 1,000)."
        )
    return (
        f"About {numeral(1000 * evidence.value)} (at worst {numeral(1000 * evidence.worst)}) of every 1,000 synthetic "
        "rows repeat a real person’s record word for word, beyond what chance makes alike."
    )


def _detection(evidence: Evidence) -> str:
    return (
        "Shown one real and one synthetic row, a trained model tells which is which "
        f"{percent(evidence.value, 0)} of the time{_unseen(evidence)}; guessing is right 50 % of the time."
    )


def _unseen(evidence: Evidence) -> str:
    return f" (with two real rows: {percent(evidence.ceiling.value, 0)})" if evidence.ceiling else ""


def _transfer(evidence: Evidence) -> str:
    return (
        f"What a model learns of the target from real rows, it learns to {percent(evidence.value, 0)} "
        f"(at worst {percent(evidence.worst, 0)}) from as many of these."
    )


def _augmentation(evidence: Evidence) -> str:
    way = "raises" if evidence.value >= 0 else "lowers"
    by = numeral(abs(evidence.value), 2)
    return f"Adding the rows to the real ones {way} a model’s score by {by}{beside(evidence)}."


def _inference(evidence: Evidence) -> str:
    return (
        f"Of 100 confidence intervals computed from these rows, {numeral(100 * evidence.value, 2)} hold what unseen "
        "real rows say; fresh real rows come to about 83."
    )


def _schema(evidence: Evidence) -> str:
    return _share_of_rows(evidence, "keep to the columns, types and ranges of the real data")


def _constraints(evidence: Evidence) -> str:
    return _share_of_rows(evidence, "obey every rule that was declared")


def _share_of_rows(evidence: Evidence, what: str) -> str:
    if evidence.better == "lower":
        return f"{percent(evidence.value, 2)} of the synthetic rows do not {what}."
    return f"{percent(evidence.value, 2)} of the synthetic rows {what}."


def _marginals(evidence: Evidence) -> str:
    return f"Looked at one column at a time, {_closeness(evidence)}{beside(evidence)}."


def _pairs(evidence: Evidence) -> str:
    return f"Looked at two columns at a time, {_closeness(evidence)}{beside(evidence)}."


def _closeness(evidence: Evidence) -> str:
    if evidence.better == "lower":
        return f"synthetic and real rows differ by {numeral(evidence.value, 2)} on a scale from 0 (alike) to 1"
    return f"synthetic and real rows agree to {percent(evidence.value)}"


def _cells(evidence: Evidence) -> str:
    share = evidence.value if evidence.better == "higher" else 1 - evidence.value
    return (
        "Of the rare values and combinations that enough real rows show to be looked for, "
        f"{percent(share, 0)} are there{beside(evidence)}."
    )


def _representation(evidence: Evidence) -> str:
    if evidence.value <= 0:
        return "At least one group of people that reality holds is gone."
    factor = numeral(1 / evidence.value)
    return f"The group furthest from its real share is {factor} times too small or too large{_chance(evidence)}."


def _chance(evidence: Evidence) -> str:
    ceiling = evidence.ceiling
    return f" (among unseen real rows: {numeral(1 / ceiling.value)} times)" if ceiling and ceiling.value > 0 else ""


_QUESTIONS = {
    "privacy.membership": "Can an attacker tell who was in the real data?",
    "privacy.copies": "Are real records copied?",
    "privacy.authenticity": "Are rows more than real ones, slightly blurred?",
    "privacy.near_copies": "Are real records nearly copied?",
    "privacy.distance": "Do rows crowd around the records that were seen?",
    "privacy.attributes": "Can an attacker infer what is secret about a person?",
    "privacy.linkability": "Can two tables about a person be joined through it?",
    "privacy.singling_out": "Can it be used to describe exactly one person?",
    "privacy.uniqueness": "Does it show people who are one of a kind?",
    "privacy.outliers": "Can an attacker tell which unusual people were in the real data?",
    "privacy.people": "Can an attacker tell which people were in the real data, by all their rows?",
    "privacy.audit": "Which loss of privacy do the attacks prove?",
    "privacy.guarantee": "Which loss of privacy is the most that there can be?",
    "privacy.shadow": "Can an attacker who judges each person apart tell who was in the real data?",
    "validity.schema": "Does every row have the right form?",
    "validity.constraints": "Does every row obey the rules?",
    "fidelity.marginals": "Is each column like the real one?",
    "fidelity.pairs": "Do columns go together as they really do?",
    "fidelity.detection": "Can a machine tell it from real data?",
    "fidelity.associations": "Do columns hang together as strongly as they really do?",
    "fidelity.triples": "Do three columns go together as they really do?",
    "fidelity.shift": "Has any column moved away from the real one?",
    "fidelity.mmd": "Are the two clouds of rows the same?",
    "fidelity.kernel": "Do the first three moments agree?",
    "fidelity.frechet": "Do centre and spread agree?",
    "fidelity.coral": "Do all spreads and correlations agree?",
    "fidelity.linear": "Can a simple rule tell it from real data?",
    "fidelity.gap": "How far is this world from the real one, to a learner?",
    "fidelity.precision": "Does each row lie where real rows are?",
    "fidelity.density": "Do rows lie where real rows are dense?",
    "fidelity.alpha_precision": "Are rows as typical, and as odd, as real ones?",
    "coverage.cells": "Are rare cases still there?",
    "coverage.recall": "Would somebody like each real person ever be made?",
    "coverage.neighbours": "Does each real row have a synthetic neighbour?",
    "coverage.holes": "Which kinds of people have nobody like them here?",
    "coverage.beta_recall": "Are typical and odd real people reached alike?",
    "coverage.triples": "Are combinations of three traits still there?",
    "coverage.tails": "Do the highest and lowest values lie where they really lie?",
    "coverage.extremes": "Are the rarest extremes as extreme as they really are?",
    "coverage.modes": "Is every kind of row there in its proportion?",
    "coverage.missing_mass": "How much of reality does it never show?",
    "coverage.diversity": "Are rows as different from each other as real ones?",
    "coverage.distinct": "Does it repeat itself more than reality does?",
    "coverage.boundary": "Do numbers keep within the bounds of the real ones?",
    "coverage.novelty": "Is as much new in it as in fresh real rows?",
    **writing.QUESTIONS,
    "utility.transfer": "Does what it teaches hold in reality?",
    "utility.augmentation": "Do the rows help beside the real ones?",
    "utility.reverse": "Do answers learnt in reality hold for the rows?",
    "utility.minority": "Is the rarest class learnt as well?",
    "utility.inference": "Do confidence intervals keep their word?",
    "utility.curve": "How many real rows may the synthetic ones replace?",
    "utility.families": "Does every kind of model learn from it?",
    "utility.ranking": "Does it choose the model that is best in reality?",
    "fairness.representation": "Does every group keep its share?",
    "fairness.parity": "Would a model that learnt from it decide alike about all groups?",
    "fairness.odds": "Would a model that learnt from it err alike about all groups?",
    "fairness.worst_group": "How well is the worst-served group served?",
    "fairness.amplification": "Does learning from it widen the gaps that reality has?",
    "shortcuts.within_class": "Is one class easier to expose as synthetic than another?",
    "shortcuts.nuisance": "Do traces of the making give the answer away?",
    "shortcuts.importance": "Do models that learn from it look at the right columns?",
    "shortcuts.rounding": "Are numbers written as people really write them?",
    "shortcuts.missingness": "Are values missing where they really are?",
    "provenance.depth": "How many generations lie between it and the world?",
    "provenance.real_share": "How much of what it was learnt from is real?",
}

_SUBJECTS = {
    "privacy.membership": "people in the real data can be recognised",
    "privacy.copies": "real records are copied",
    "privacy.authenticity": "rows are real ones, slightly blurred",
    "privacy.near_copies": "real records are nearly copied",
    "privacy.distance": "rows crowd around the real records that were seen",
    "privacy.attributes": "secrets of people in the real data can be inferred",
    "privacy.linkability": "tables about people in the real data can be joined",
    "privacy.singling_out": "people in the real data can be singled out",
    "privacy.uniqueness": "people who are one of a kind are shown",
    "privacy.outliers": "unusual people in the real data can be recognised",
    "privacy.people": "people in the real data can be recognised by all their rows",
    "privacy.audit": "the attacks prove too great a loss of privacy",
    "privacy.guarantee": "no formal guarantee is strong enough",
    "privacy.shadow": "people in the real data can be recognised, each judged apart",
    "validity.schema": "rows lack the right form",
    "validity.constraints": "rows break the declared rules",
    "fidelity.marginals": "single columns differ from reality",
    "fidelity.pairs": "columns do not go together as they really do",
    "fidelity.detection": "a machine tells the rows from real ones",
    "fidelity.associations": "columns hang together more or less strongly than they really do",
    "fidelity.triples": "three columns do not go together as they really do",
    "fidelity.shift": "a column has moved away from the real one",
    "fidelity.mmd": "rows are spread differently from real ones",
    "fidelity.kernel": "moments differ from the real ones",
    "fidelity.frechet": "centre or spread differ from the real ones",
    "fidelity.coral": "spreads or correlations differ from the real ones",
    "fidelity.linear": "a simple rule tells the rows from real ones",
    "fidelity.gap": "the data is too far from reality to learn from",
    "fidelity.precision": "rows lie where no real rows are",
    "fidelity.density": "rows lie where real rows are thin",
    "fidelity.alpha_precision": "rows are more typical, or odder, than real ones",
    "coverage.cells": "rare cases are missing",
    "coverage.recall": "some real people would never be made",
    "coverage.neighbours": "some real rows have no synthetic neighbour",
    "coverage.holes": "kinds of people are missing",
    "coverage.beta_recall": "typical or odd real people are not reached",
    "coverage.triples": "combinations of traits are missing",
    "coverage.tails": "the highest and lowest values lie elsewhere",
    "coverage.extremes": "rare extremes are not as extreme as they really are",
    "coverage.modes": "kinds of rows are out of proportion",
    "coverage.missing_mass": "too much of reality is never shown",
    "coverage.diversity": "rows are not as different from each other as real ones",
    "coverage.distinct": "rows repeat each other",
    "coverage.boundary": "numbers lie outside the bounds of the real ones",
    "coverage.novelty": "too little or too much in the rows is new",
    **writing.SUBJECTS,
    "utility.transfer": "what the data teaches does not hold well enough in reality",
    "utility.augmentation": "the rows do not help beside the real ones",
    "utility.reverse": "answers learnt in reality do not hold for the rows",
    "utility.minority": "the rarest class is not learnt well enough",
    "utility.inference": "confidence intervals do not hold the real estimates",
    "utility.curve": "real rows cannot be replaced without loss",
    "utility.families": "one kind of model learns too little from it",
    "utility.ranking": "it chooses models that are not the best in reality",
    "fairness.representation": "groups of people have lost their shares",
    "fairness.parity": "models that learn from it do not decide alike about all groups",
    "fairness.odds": "models that learn from it do not err alike about all groups",
    "fairness.worst_group": "the worst-served group is served too badly",
    "fairness.amplification": "learning from it widens the gaps between groups",
    "shortcuts.within_class": "one class is exposed as synthetic more easily than another",
    "shortcuts.nuisance": "traces of the making give the answer away",
    "shortcuts.importance": "models that learn from it look at the wrong columns",
    "shortcuts.rounding": "numbers are not written as people write them",
    "shortcuts.missingness": "values are missing where they really are not",
    "provenance.depth": "it was generated from what was generated",
    "provenance.real_share": "too little of what it was learnt from is known to be real",
}
"""What it says of the data when the rule on a metric does not hold."""

_MEANINGS: dict[str, Callable[[Evidence], str]] = {
    **MEANINGS,
    "privacy.membership": _membership,
    "privacy.copies": _copies,
    "validity.schema": _schema,
    "validity.constraints": _constraints,
    "fidelity.marginals": _marginals,
    "fidelity.pairs": _pairs,
    "fidelity.detection": _detection,
    "coverage.cells": _cells,
    "utility.transfer": _transfer,
    "utility.augmentation": _augmentation,
    "utility.inference": _inference,
    "fairness.representation": _representation,
}
