"""Are replies right, where a trusted answer is known?"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import compress
from typing import ClassVar, Literal

import numpy as np
from pydantic import Field
from pydantic.dataclasses import dataclass

from mintmark.answers import choice, numeric, symbolic
from mintmark.answers.declared import SHORT, declared
from mintmark.answers.quantity import Quantity, quantity
from mintmark.data import arrays
from mintmark.data.chat import Exchange
from mintmark.data.dataset import Dataset
from mintmark.errors import CannotMeasure, InputError
from mintmark.metrics import cells, intervals
from mintmark.metrics.enough import MINIMUM
from mintmark.metrics.evidence import Claim, Reading
from mintmark.metrics.metric import Case, Role
from mintmark.metrics.replies import MOST, replies
from mintmark.words.texts import plain

Keys = list[list[str]]
"""For each row the answers that are trusted, of which any will do."""
Told = dict[str, str | None]

REASONED = {"user": "question", "assistant": "found", "reference": "answer"}
"""The columns that `text.reason` makes."""
USUAL = "reference"
_BARE = re.compile(r"[^A-Za-z]*\d[^A-Za-z]*(?:[A-Za-z°%]+\.?)?")
"""A number alone, with its unit."""


@dataclass(frozen=True)
class Accuracy:
    """An examiner has the key: replies whose right answer is known are marked right or wrong, and style earns nothing.

    The share of replies that declare the trusted answer, among rows that have one: in the column `reference`, or else
    that of a real row which asks the same. How both are compared is told by the trusted answer, or by `verify`: numbers
    exactly (`answers.numeric`), letters of a choice, expressions (`symbolic`, in the sandbox), and short answers word
    for word but for case, punctuation and articles (exact match: Rajpurkar et al. 2016). A reply that declares nothing
    is not right; details count those. Trusted answers of more than a line of 80 characters can be compared by nobody
    here, and their rows are left out. 1 is best. How well orders are obeyed is `validity.following`: replies may get
    better at the one and worse at the other, so neither stands for both.

    Interval: exact, of a share (Clopper & Pearson 1934). It holds for questions like these, and not for others.
    """

    minimum: int = Field(MINIMUM, ge=10)
    """Fewest replies that can be compared with a trusted answer."""
    instruction: str | None = None
    """The column with what is asked; left out, it is found as for `release: {chat: …}`."""
    reply: str | None = None
    messages: str | None = None
    """The column with whole conversations, of which the last question and answer count."""
    reference: str | None = None
    """The column with the trusted answer; left out, `reference`, or that of `text.reason`, or else real rows tell."""
    verify: Literal["auto", "numeric", "choice", "symbolic", "words"] = "auto"

    claim: ClassVar[Claim] = Claim.VALIDITY
    needs: ClassVar[frozenset[Role]] = frozenset({Role.SYNTHETIC})
    better: ClassVar[Literal["lower", "higher"]] = "higher"
    whole: ClassVar[bool] = False

    def measure(self, case: Case, *, rng: np.random.Generator) -> Reading:  # noqa: ARG002 (nothing is drawn)
        """The share; details hold how answers were compared, and how many replies declare none."""
        made = case.need(Role.SYNTHETIC)
        told, reference = self._columns(made)
        asked = replies(made, told)
        keys = _beside(made, reference) if reference else _real(case, told, asked)
        forms = [_first(known, self.verify) if each else None for each, known in zip(asked, keys, strict=True)]
        rows = [
            (each.reply, known, form) for each, known, form in zip(asked, keys, forms, strict=True) if each and form
        ]
        if len(rows) < self.minimum:
            raise CannotMeasure(
                f"this needs at least {self.minimum} replies whose right answer is known and can be compared",
                found=f"{cells.told(len(rows))} such replies", fix="name the column that holds it: {reference: …}",
            )  # fmt: skip
        marks = list(_marked(rows))
        mute = sum(not right and not declared(reply) for right, (reply, _, _) in zip(marks, rows, strict=True))
        details = {
            "trusted": f"the column {reference}" if reference else "real rows that ask the same",
            "compared_as": dict(Counter(form for _, _, form in rows)),
            "declare_no_answer": mute / len(rows),
        }
        return Reading(sum(marks) / len(rows), intervals.proportion(sum(marks), len(rows)), len(rows), details)

    def _columns(self, made: Dataset) -> tuple[Told, str | None]:
        """Who speaks in which column, and the column with the trusted answers."""
        told: Told = {"user": self.instruction, "assistant": self.reply, "messages": self.messages}
        reference = self.reference
        if reference is None and not any(told.values()) and all(name in made.columns for name in REASONED.values()):
            return {"user": REASONED["user"], "assistant": REASONED["assistant"]}, REASONED["reference"]
        if reference is not None and reference not in made.columns:
            raise CannotMeasure("there is no such column with trusted answers", found=reference)
        return told, reference or (USUAL if USUAL in made.columns else None)


def _beside(made: Dataset, reference: str) -> Keys:
    held = arrays.text(made.table[reference].slice(0, MOST)).to_pylist()
    return [[text] if text and text.strip() else [] for text in held]


def _real(case: Case, told: Told, asked: Sequence[Exchange | None]) -> Keys:
    """What real rows reply to the same question. Not the rows under question themselves, where these are real."""
    known: dict[str, list[str]] = defaultdict(list)
    wanted = {_question(each) for each in asked if each}
    for real in (case.train, case.holdout):
        for each in replies(real, told, most=None) if real is not None else ():
            if each and _question(each) in wanted:
                known[_question(each)].append(each.reply)
    return [known.get(_question(each), []) if each else [] for each in asked]


def _question(asked: Exchange) -> str:
    return " ".join(plain(f"{asked.instruction} {asked.input}").split())


def _first(trusted: list[str], verify: str) -> str | None:
    """How a reply is compared: as with the first answer that allows it."""
    return next((form for form in (_form(one, verify) for one in trusted) if form), None)


def _form(trusted: str, verify: str) -> str | None:
    """How an answer is compared with this one; None where it cannot be."""
    said = declared(trusted)
    if verify != "auto" or not said:
        return verify if verify != "auto" and said else None
    if re.fullmatch(r"[(\s]*[A-Ea-e][).\s]*", said[-1]):
        return "choice"
    if _BARE.fullmatch(said[-1]) and isinstance(quantity(said[-1]), Quantity):
        return "numeric"
    return "words" if len(said[-1]) <= SHORT else None


def _marked(rows: Sequence[tuple[str, list[str], str]]) -> Iterator[bool]:
    """Whether each reply is right: any of its trusted answers will do."""
    hard = [form == "symbolic" for _, _, form in rows]
    pairs = [(reply, one) for reply, trusted, _ in compress(rows, hard) for one in trusted]
    verdicts = symbolic.verify(pairs)
    for reply, trusted, form in rows:
        if form == "symbolic":
            yield sum(next(verdicts).verified for _ in trusted) > 0  # all of them are taken
        else:
            yield any(_agrees(reply, one, form) for one in trusted)


def _agrees(reply: str, trusted: str, form: str) -> bool:
    if form == "words":
        said = {_bare(one) for one in declared(reply)}
        return said == {_bare(declared(trusted)[-1])} if declared(trusted) else False
    try:
        return (numeric if form == "numeric" else choice).verify(reply, declared(trusted)[-1]).verified
    except (InputError, IndexError):
        return False  # another trusted answer of this row has another form, or none


def _bare(text: str) -> str:
    return " ".join(re.sub(r"\b(?:a|an|the)\b|[^\w\s]", " ", plain(text)).split())
