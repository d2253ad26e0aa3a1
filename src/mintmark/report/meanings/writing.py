"""What scores of written texts mean for a person, in a sentence each, and what each question asks."""

from collections.abc import Callable, Mapping

from mintmark.metrics.evidence import Evidence
from mintmark.report.meanings.beside import beside, ceiling, share
from mintmark.report.numerals import numeral, percent

QUESTIONS: Mapping[str, str] = {
    "privacy.memorised": "Do texts repeat sentences of the texts that were learnt from?",
    "privacy.canaries": "Do texts give away secrets that were planted among those that were learnt from?",
    "validity.contamination": "Do texts hold passages of the rows by which they are judged?",
    "validity.following": "Do replies do what their instructions say, where that can be checked?",
    "validity.accuracy": "Are replies right, where the right answer is known?",
    "fidelity.perplexity": "Are texts worded as real ones are?",
    "fidelity.topics": "Are texts about what real ones are about?",
    "fidelity.mauve": "Do texts lie where real ones lie, and real ones where texts lie?",
    "coverage.phrases": "Do texts say as many different things as real ones?",
    "coverage.openings": "Do texts begin in as many ways as real ones?",
    "coverage.compression": "Do texts repeat themselves more than real ones?",
    "coverage.duplicates": "Are texts nearly the same as others?",
    "coverage.vendi": "Do texts say as many really different things as real ones?",
    "shortcuts.style": "Does the style of a text give its class away?",
    "utility.texts": "Does a classifier that learns from these texts work on real ones?",
}

SUBJECTS: Mapping[str, str] = {
    "privacy.memorised": "sentences of real texts are repeated",
    "privacy.canaries": "planted secrets are given away",
    "validity.contamination": "texts hold what they are judged by",
    "validity.following": "replies do not do what their instructions say",
    "validity.accuracy": "replies are wrong",
    "fidelity.perplexity": "texts are not worded as real ones are",
    "fidelity.topics": "texts are about other things than real ones",
    "fidelity.mauve": "texts lie where real ones do not, or leave out where these lie",
    "coverage.phrases": "texts repeat phrases, or never do",
    "coverage.openings": "texts begin in other ways than real ones",
    "coverage.compression": "texts repeat themselves more or less than real ones",
    "coverage.duplicates": "texts are nearly the same as others",
    "coverage.vendi": "texts say fewer or more really different things than real ones",
    "shortcuts.style": "the style of a text gives its class away",
    "utility.texts": "a classifier learns less from these texts than from real ones",
}


def _as_many(what: str, evidence: Evidence) -> str:
    ratio = evidence.reading.details.get("ratio", evidence.value)
    return f"{percent(ratio, 0)} as many {what} as real ones of the same length{ceiling(evidence)}."


def _phrases(evidence: Evidence) -> str:
    return f"The texts hold {_as_many('different phrases', evidence)}"


def _openings(evidence: Evidence) -> str:
    ratio = evidence.reading.details.get("ratio", evidence.value)
    common = evidence.reading.details.get("most_common_synthetic")
    most = f" The most common opening begins {percent(common, 1)} of them." if common is not None else ""
    return f"There are {percent(ratio, 0)} as many different openings as among real texts{ceiling(evidence)}.{most}"


def _compression(evidence: Evidence) -> str:
    ratio = evidence.reading.details.get("ratio", evidence.value)
    return f"Packed, the texts take {percent(ratio, 0)} of the room of real ones of the same length{ceiling(evidence)}."


def _duplicates(evidence: Evidence) -> str:
    return f"{share(evidence)} more texts than of real ones are nearly the same as another{beside(evidence, percent)}."


def _perplexity(evidence: Evidence) -> str:
    ratio = evidence.reading.details.get("ratio", evidence.value)
    return (
        f"To a reader of the training texts their words are {percent(ratio, 0)} as surprising as those of unseen real "
        f"texts{ceiling(evidence)}."
    )


def _topics(evidence: Evidence) -> str:
    return f"Of the texts, {share(evidence)} would have to be about something else{beside(evidence, percent)}."


def _mauve(evidence: Evidence) -> str:
    return (
        f"On a scale from 0 (nothing in common) to 1, texts and real ones lie in the same places to "
        f"{numeral(evidence.value)}{beside(evidence)}."
    )


def _vendi(evidence: Evidence) -> str:
    ratio = evidence.reading.details.get("ratio", evidence.value)
    return (
        f"There are {percent(ratio, 0)} as many really different texts as among equally many real ones of the same "
        f"length{ceiling(evidence)}."
    )


def _contamination(evidence: Evidence) -> str:
    return f"Of the texts, {share(evidence)} hold a passage of an unseen real one{ceiling(evidence, percent)}."


def _following(evidence: Evidence) -> str:
    return (
        f"Of {evidence.reading.n:,} replies to instructions with orders that can be checked, {share(evidence)} obey "
        f"all of them{beside(evidence, percent)}. Whether they are right is another question."
    )


def _accuracy(evidence: Evidence) -> str:
    return (
        f"Of {evidence.reading.n:,} replies whose right answer is known, {share(evidence)} give it"
        f"{beside(evidence, percent)}. Whether they do as they are told is another question."
    )


def _style(evidence: Evidence) -> str:
    if evidence.interval[0] <= 0:
        return f"Style alone gives the class away no better than in real texts, so far as one sees{ceiling(evidence)}."
    return f"Style alone names the class of {share(evidence)} more texts than it does in reality{ceiling(evidence)}."


def _sorted(evidence: Evidence) -> str:
    return (
        f"A classifier that learns from these texts gains {percent(evidence.value, 0)} of what one gains that learns "
        f"from as many real ones, both tried on unseen real texts{ceiling(evidence, percent)}."
    )


MEANINGS: dict[str, Callable[[Evidence], str]] = {
    "validity.contamination": _contamination,
    "validity.following": _following,
    "validity.accuracy": _accuracy,
    "fidelity.perplexity": _perplexity,
    "fidelity.topics": _topics,
    "fidelity.mauve": _mauve,
    "coverage.phrases": _phrases,
    "coverage.openings": _openings,
    "coverage.compression": _compression,
    "coverage.duplicates": _duplicates,
    "coverage.vendi": _vendi,
    "shortcuts.style": _style,
    "utility.texts": _sorted,
}
