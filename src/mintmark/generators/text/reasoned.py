"""Reasoning beside answers that are known: what is kept of it, and why the rest is not."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mintmark.answers.declared import declared
from mintmark.answers.verified import Verified
from mintmark.generators.text import rounds
from mintmark.generators.text.answers import whole
from mintmark.generators.text.asking import Dropped
from mintmark.generators.text.tables import Row
from mintmark.generators.text.verifying import Known, Verifier, parted, way
from mintmark.models.request import Reply

_THING = "(?:final )?(?:answer|result|solution|option|choice)"
_GIVEN = "(?:given|provided|known|stated|supplied|told|expected|desired|required)"
BETRAYALS = (
    r"\bhint(?:s|ed)?\b",
    r"\bto check (?:myself|ourselves|yourself|my)\b",
    r"\b(?:must|should|have to|need to|supposed to|asked to|told to) (?:arrive|end up|come out) (?:at|to|with)\b",
    rf"\b{_GIVEN} {_THING}\b",
    rf"\b{_THING} (?:(?:that|which) )?(?:(?:is|was|has been|were) )?(?:already )?{_GIVEN}\b",
    rf"\bwe (?:already )?know (?:that )?the {_THING}\b",
    r"\bwork(?:ing)? backwards?\b",
)
"""How a text tells, in English, that its writer knew where to arrive."""


@dataclass
class Judge:
    """Verifies answers, and remembers the paths that led to them."""

    verifier: Verifier
    known: Sequence[Known | None]
    columns: tuple[str, str, str]
    """Of the question, of how it was answered, and of the answer."""
    marked: str | None = None
    """The column that says which reasoning was written towards an answer that the model had been told."""
    betrayals: Sequence[str] = ()
    judged: int = 0
    verified: int = 0
    rationalised: int = 0
    """Answers that were judged whose question told where to arrive."""
    kept_so: int = 0
    """Those of them that were kept."""
    solved: set[int] = field(default_factory=set)
    """Places of questions of which something is kept."""
    _paths: set[tuple[int, str]] = field(default_factory=set)

    def __call__(self, pairs: rounds.Pairs) -> Iterator[Row | Dropped]:
        """What becomes of each answer; with it comes the place of its question."""
        return self._each(pairs, hinted=False)

    def hinted(self, pairs: rounds.Pairs) -> Iterator[Row | Dropped]:
        """The same of answers whose question told where to arrive."""
        return self._each(pairs, hinted=True)

    def _each(self, pairs: rounds.Pairs, *, hinted: bool) -> Iterator[Row | Dropped]:
        cut = [_cut_off(reply) for _, reply in pairs]
        wanted = [self.known[place] for place, _ in pairs]
        asked = [(reply.text, known[1]) for (_, reply), known, bad in zip(pairs, wanted, cut, strict=True)
                 if not bad and known]  # fmt: skip
        verified = iter(self.verifier.verdicts(asked))
        for (place, reply), bad in zip(pairs, cut, strict=True):
            made = bad or self._judged(place, reply, next(verified), hinted)
            self._count(made, place, hinted)
            yield made

    def _count(self, made: Row | Dropped, place: int, hinted: bool) -> None:
        kept = isinstance(made, Row)
        self.rationalised += hinted
        self.kept_so += hinted and kept
        self.judged += not hinted
        self.solved |= {place} if kept else set()

    def _judged(self, place: int, reply: Reply, verdict: Verified, hinted: bool) -> Row | Dropped:
        if not declared(reply.text):
            return Dropped("no answer is declared", "", reply.text)
        if not verdict.verified:
            return Dropped("the answer does not verify", verdict.reason, reply.text)
        self.verified += not hinted
        reasoning, answer = parted(reply.text)
        if not reasoning:
            return Dropped("no reasoning", "", reply.text)
        betrayed = self._betrayed(reasoning) if hinted else ""
        if betrayed:
            return Dropped("it tells that the answer was known", betrayed, reply.text)
        path = (place, way(reasoning))
        if path in self._paths:
            return Dropped("the same reasoning as before", path[1][:200], reply.text)
        self._paths.add(path)
        known = self.known[place]
        values: Mapping[str, Any] = dict(zip(self.columns, (known and known[0], reasoning, answer), strict=True))
        return Row(values if self.marked is None else {**values, self.marked: hinted}, reply.key)

    def _betrayed(self, reasoning: str) -> str:
        found = (re.search(pattern, reasoning, re.IGNORECASE) for pattern in self.betrayals)
        return next((match[0] for match in found if match), "")


def _cut_off(reply: Reply) -> Dropped | None:
    try:
        whole(reply)
    except Dropped as dropped:
        return dropped
    return None
