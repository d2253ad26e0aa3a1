"""Rounds of questions whose answers are judged together, as verifying in the sandbox needs: it starts slowly."""

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any, TypeVar

from mintmark.generators.text.asking import PATIENCE, Asker, Dropped
from mintmark.generators.text.tables import Row
from mintmark.models.request import Message, Reply, Request

T = TypeVar("T")
Pairs = Sequence[tuple[Any, Reply]]
Judge = Callable[[Pairs], Iterable[Row | Dropped]]
"""What became of each answer, in order; with each comes what was proposed with its question."""


def singly(take: Callable[[Any, Reply], Row]) -> Judge:
    """Judges answers one by one: `take` makes a row, or raises Dropped."""

    def judge(pairs: Pairs) -> Iterator[Row | Dropped]:
        for context, reply in pairs:
            try:
                yield take(context, reply)
            except Dropped as dropped:
                yield dropped

    return judge


def until(
    desk: Asker,
    count: int,
    propose: Callable[[int], Sequence[tuple[Any, Request]]],
    judge: Judge,
    *,
    patient: Callable[[], bool] = lambda: False,
) -> list[Row]:
    """Rows until there are `count`, one at most from each answer; see `Asker.until`.

    While it is `patient` nothing is stopped because hardly anything is accepted: another way of asking is yet to come.
    """
    rows: list[Row] = []
    asked = 0
    while len(rows) < count:
        proposed = propose(desk.wanted(len(rows), count, asked))
        if not proposed:
            raise desk.short(len(rows), count, "nothing is left to ask about")
        asked += len(proposed)
        answers = desk.ask(request for _, request in proposed)
        told = zip(proposed, answers, strict=True)
        for made in judge([(context, answer) for (context, _), answer in told if isinstance(answer, Reply)]):
            rows += _kept(desk, made)
            desk.say(len(rows), count)
            if len(rows) >= count:
                break
        if not patient():
            desk.check(len(rows), count, asked)
    return rows


def in_turn(
    held: Sequence[T], order: Iterable[int], samples: int, request: Callable[[T, int], Request]
) -> Callable[[int], list[tuple[T, Request]]]:
    """Proposes to ask about each that is held, in that order, before any is asked about again: so many times at most.

    `request` makes the question about one, told how often that was asked about before.
    """
    places = list(order)
    turns = ((held[place], turn) for turn in range(samples) for place in places)
    return lambda wanted: [(one, request(one, turn)) for one, turn in islice(turns, wanted)]


def each(desk: Asker, requests: Sequence[Request | None], judge: Judge, *, tries: int, sample: int) -> list[Row | None]:
    """A row for each request, asked up to `tries` times; None where none was accepted, or nothing was to be asked.

    Requests that are equal ask for different samples, counted from `sample`. What `judge` is told beside an answer is
    the request's place. GenerationError where hardly any is accepted.
    """
    rows: list[Row | None] = [None] * len(requests)
    there = {place: request for place, request in enumerate(requests) if request is not None}
    pending, numbers = list(there), Numbers(sample)
    tried = accepted = 0
    for _ in range(tries):
        answers = zip(pending, desk.ask([numbers(there[place]) for place in pending]), strict=True)
        while some := list(islice(answers, PATIENCE)):
            pairs = [(place, answer) for place, answer in some if isinstance(answer, Reply)]
            for (place, _), made in zip(pairs, judge(pairs), strict=True):
                rows[place] = next(iter(_kept(desk, made)), None)
                accepted += rows[place] is not None
            tried += len(some)
            desk.check(accepted, len(there), tried)
        pending = [place for place in pending if rows[place] is None]
        desk.say(len(requests) - len(pending), len(requests))
    return rows


def passed(
    desk: Asker, asked: Iterable[tuple[int, Request]], read: Callable[[int, Reply], T]
) -> Iterator[tuple[int, T]]:
    """The places whose answers can be read, with what was read; what `read` drops is put aside."""
    pairs = list(asked)
    for (place, _), answer in zip(pairs, desk.ask([request for _, request in pairs]), strict=True):
        try:
            if isinstance(answer, Reply):
                yield place, read(place, answer)
        except Dropped as dropped:
            desk.drop(dropped)


def grown(desk: Asker, count: int, first: Iterable[T], turn: Callable[[Sequence[T]], Sequence[Row | None]],
          after: Callable[[T, Row | None], Iterable[T]]) -> list[Row]:  # fmt: skip
    """Rows until there are `count`, grown from members of a queue: those that are `first`, and who comes after them.

    `turn` makes a row of each member, or none; `after` says who joins the queue for that. GenerationError where hardly
    any row is made, or the queue is empty.
    """
    queue = deque(first)
    rows: list[Row] = []
    asked = 0
    while len(rows) < count:
        wanted = min(desk.wanted(len(rows), count, asked), len(queue))
        if not wanted:
            raise desk.short(len(rows), count, "nobody is left to ask about")
        members = [queue.popleft() for _ in range(wanted)]
        asked += wanted
        for member, row in zip(members, turn(members), strict=True):
            rows += [row] if row else []
            queue.extend(after(member, row))
        desk.say(min(len(rows), count), count)
        desk.check(len(rows), count, asked)
    return rows[:count]


class Numbers:
    """Gives requests that are equal different samples, counted from `first`."""

    def __init__(self, first: int) -> None:
        self._first = first
        self._asked: Counter[tuple[Message, ...]] = Counter()

    def __call__(self, request: Request) -> Request:
        """The same request with its own sample."""
        self._asked[request.messages] += 1
        return replace(request, sample=self._first + self._asked[request.messages] - 1)


def _kept(desk: Asker, made: Row | Dropped) -> list[Row]:
    if isinstance(made, Row):
        return [made]
    desk.drop(made)
    return []
