"""How recipes ask: round after round until so many rows were accepted, with a reason for each that was not."""

import json
import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from mintmark.data.dataset import Dataset
from mintmark.data.schema import TableSchema
from mintmark.errors import GenerationError
from mintmark.generators.text import tables
from mintmark.generators.text.tables import Row
from mintmark.generators.workshop import Workshop
from mintmark.models.definition import Definition
from mintmark.models.desk import Desk, Progress
from mintmark.models.purse import words
from mintmark.models.request import Refusal, Reply, Request

SPARE = 1.2
"""So many times what is missing, by the yield so far, is asked for in a round, where not all is accepted."""
SMALLEST = 0.02
"""No round is planned for a smaller yield: a method that accepts less than this is stopped instead."""
PATIENCE = 200
"""Answers after which a method that has accepted hardly anything is stopped; the first round asks for no more."""


class Dropped(Exception):
    """What was made and is not handed on: why, in words by which rows are counted, what shows it, and the text."""

    def __init__(self, reason: str, shown: str = "", text: str = "") -> None:
        super().__init__(reason)
        self.reason, self.shown, self.text = reason, shown, text


@dataclass
class Asker:
    """A desk with a count of what came of it."""

    desk: Desk
    workshop: Workshop
    what: str
    """Who asks: a method's name, for errors."""
    dropped: Counter[str] = field(default_factory=Counter)
    answers: int = 0
    tokens: int = 0
    stands: tuple[int, int] = (0, 1)
    """Rows that are made, and that are wanted."""
    cost: float | None = None
    """Of all that this model was asked for this record, as the budget counts it; None where no price is known."""

    def ask(self, requests: Iterable[Request]) -> Iterator[Reply | Refusal]:
        """An answer for each request, in order; refusals are put aside as well as handed on."""
        for answer in self.desk.ask(requests):
            self.answers += 1
            if isinstance(answer, Refusal):
                self.drop(Dropped(answer.reason, answer.said, answer.text))
            else:
                self.tokens += answer.prompt_tokens + answer.reply_tokens
            yield answer

    def drop(self, dropped: Dropped) -> None:
        """Puts something aside, with its reason."""
        self.dropped[dropped.reason] += 1
        self.workshop.aside(dropped.reason, dropped.shown, dropped.text)

    def say(self, made: int, count: int) -> None:
        """Tells how far it is: rows, what was dropped and why, tokens."""
        self.stands = made, count
        spent = words(self.tokens, self.cost, self.workshop.budget)
        self.workshop.say(f"{self.dropped.total():,} dropped{_most(self.dropped)}, {spent}", made, count)

    def hear(self, progress: Progress) -> None:
        """Takes what the desk says of the cost, and passes on what it waits for."""
        self.cost = progress.cost
        if progress.waits:
            self.workshop.say(progress.waits, *self.stands)

    def until(
        self,
        count: int,
        propose: Callable[[int], Sequence[tuple[Any, Request]]],
        take: Callable[[Any, Reply], Iterable[Row]],
        *,
        each: float = 1.0,
    ) -> list[Row]:
        """Rows until there are `count`.

        `propose(n)` gives up to n requests, each with what `take` needs to know of it; `take` gives the rows of one
        answer, and raises Dropped, or calls `drop`, for what is not accepted. `each` is how many rows an answer is
        hoped to bring. Rounds depend on nothing but answers in order, so the same answers make the same rows.

        Raises GenerationError, with the reasons counted, where hardly anything is accepted or nothing is left to ask.
        """
        rows: list[Row] = []
        asked = 0
        self.stands = 0, count
        while len(rows) < count:
            proposed = propose(self.wanted(len(rows), count, asked, each))
            if not proposed:
                raise self.short(len(rows), count, "nothing is left to ask about")
            asked += len(proposed)
            answers = self.ask(request for _, request in proposed)
            for (context, _), answer in zip(proposed, answers, strict=True):
                if isinstance(answer, Reply) and len(rows) < count:
                    rows += self._taken(take, context, answer)[: count - len(rows)]
                self.say(len(rows), count)
            self.check(len(rows), count, asked * each)
        return rows

    def wanted(self, made: int, count: int, asked: int, each: float = 1.0) -> int:
        """How many answers the next round asks for, by the yield so far.

        The first round shows what the yield is: it is small, so that a model of no use is not asked for a whole run.
        """
        share = made / asked if asked >= 10 else each
        spare = 1.0 if share >= each else SPARE
        wanted = max(1, math.ceil(spare * (count - made) / max(share, SMALLEST)))
        return wanted if asked else min(wanted, PATIENCE)

    def each(
        self,
        count: int,
        propose: Callable[[int], tuple[Any, Request] | None],
        take: Callable[[Any, Reply], Iterable[Row]],
        *,
        tries: int,
    ) -> list[Row]:
        """One row for each of `count` places, asked for together: in rounds, of those that nothing was accepted for.

        `propose(place)` gives what `take` needs to know and the request, or None where there is nothing to ask. A place
        for which `tries` answers were not accepted has an empty row; GenerationError where hardly any is accepted.
        """
        rows = [Row({})] * count
        pending = list(range(count))
        made = tried = 0
        for _ in range(tries):
            asked = [(place, found) for place in pending if (found := propose(place))]
            answers = self.ask(request for _, (_, request) in asked)
            pending = []
            for (place, (context, _)), answer in zip(asked, answers, strict=True):
                taken = self._taken(take, context, answer) if isinstance(answer, Reply) else []
                rows[place] = taken[0] if taken else Row({}, answer.key)
                pending += [] if taken else [place]
                made, tried = made + bool(taken), tried + 1
                self.check(made, count, tried)
            self.say(count - len(pending), count)
        return rows

    def check(self, made: int, count: int, tried: float) -> None:
        """GenerationError where hardly anything came of what was tried."""
        if made < count and tried >= PATIENCE and made < SMALLEST * tried:
            raise self.short(made, count, "hardly anything is accepted")

    def _taken(self, take: Callable[[Any, Reply], Iterable[Row]], context: Any, answer: Reply) -> list[Row]:
        rows: list[Row] = []
        try:
            rows.extend(take(context, answer))
        except Dropped as dropped:
            self.drop(dropped)
        return rows

    def short(self, made: int, count: int, why: str) -> GenerationError:
        """The error that says how far it came, and what was dropped."""
        return GenerationError(
            f"{self.what} made {made:,} of {count:,} rows: {why}",
            found=f"{self.answers:,} answers; dropped: {json.dumps(dict(self.dropped.most_common(5)))}",
            fix="look at what was dropped, and change the prompt, the model, the seeds or what is asked of a row; "
            "answers are kept, so nothing is paid for twice",
        )


@contextmanager
def asking(model: Definition, workshop: Workshop, what: str) -> Iterator[Asker]:
    """Opens a desk; without a file for the answers they are kept for as long as it is open."""
    with model.opened(workshop.answers, account=workshop.account, budget=workshop.budget, base=workshop.base) as desk:
        asker = Asker(desk, workshop, what)
        asker.desk = replace(desk, say=asker.hear)
        yield asker


def finished(schema: TableSchema, rows: Sequence[Row], given: Dataset | None, workshop: Workshop) -> Dataset:
    """Rows as the schema has them, beside the given ones where there are any; the workshop hears what they answer."""
    workshop.asked([row.asked for row in rows])
    values = [row.values for row in rows]
    if given is None:
        return tables.dataset(schema, values)
    added = [column for column in schema.columns if column.name not in given.columns.names]
    return tables.completed(given, added, values)


def _most(dropped: Counter[str]) -> str:
    common = ", ".join(f"{many:,} {reason}" for reason, many in dropped.most_common(2))
    return f" ({common})" if common else ""
