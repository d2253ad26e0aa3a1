"""The desk where a language model is asked: answers come in the order of asking, are paid for once, and are kept."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from itertools import count, islice
from typing import Any

from mintmark import digest
from mintmark.models import errors
from mintmark.models.model import LanguageModel
from mintmark.models.pace import Limits
from mintmark.models.purse import UNBOUNDED, Budget, Estimate, Price, Purse, estimate, price
from mintmark.models.request import Refusal, Reply, Request
from mintmark.models.scribe import Answer, Outbox, Scribe, Tally
from mintmark.models.store import Store
from mintmark.models.structure import Form, mended
from mintmark.models.switchboard import Job, Switchboard

_AHEAD = 4
"""Requests on their way for each slot: enough that a slow one does not hold up the others behind it."""


@dataclass(frozen=True)
class Progress:
    """How far the asking is, and what it cost."""

    tally: Tally
    tokens: int
    cost: float | None
    """None where no price is known."""
    waits: str = ""
    """For what, where the model has answered nothing for some time."""


def _silent(progress: Progress) -> None:
    del progress


@dataclass(frozen=True)
class Desk:
    """Asks a model, keeps every answer, and spends no more than it may."""

    model: LanguageModel
    store: Store
    limits: Limits = field(default_factory=Limits)
    budget: Budget = UNBOUNDED
    prices: Mapping[str, Price] = field(default_factory=dict)
    """By name of model."""
    say: Callable[[Progress], None] = _silent
    """Called now and then while answers are waited for."""

    def ask(self, requests: Iterable[Request]) -> Iterator[Answer]:
        """One reply or refusal for each request, in the order of asking.

        Requests are taken a few hundred ahead of the answers and never held all at once. Those that depend on answers
        are asked in rounds. Whoever stops listening gives up what is in flight, and nothing else.

        Raises BudgetSpent where the budget does not hold the next request, ModelError where the model is gone or
        answers nothing of use, and InputError where it cannot be asked at all. Answers made before come first.
        """
        session = _Session(self)
        with ExitStack() as stack:
            session.enter(stack)
            yield from session.answers(iter(requests))

    def estimate(self, requests: Iterable[Request]) -> Estimate:
        """What these would take, before anything is asked; what is in the store takes nothing."""
        told, name = self.model.describe(), self.name
        kept = 0

        def fresh() -> Iterator[Request]:
            nonlocal kept
            source = iter(requests)
            while some := list(islice(source, 1000)):
                keys = [request.key(told) for request in some]
                found = self.store.find(keys)
                kept += len(found)
                yield from (request for request, key in zip(some, keys, strict=True) if key not in found)

        made = estimate(fresh(), 0, self.store.mean_reply(name), price(self.model, self.prices))
        return replace(made, kept=kept)

    @property
    def name(self) -> str:
        """The model's name, by which prices and what was spent are looked up."""
        return str(self.model.describe().get("model", ""))


class _Session:
    """One call of `ask`: from the request to the store, to the model, and back."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self._told, name = desk, desk.model.describe(), desk.name
        before, cost = desk.store.booked()
        told = price(desk.model, desk.prices)
        self._purse = Purse(desk.budget, told, before, model=name, cost=cost)
        self._outbox = Outbox(lambda tally: errors.useless(tally, desk.limits, name))
        self._forms: dict[str, Form] = {}
        known = desk.store.spent(name).requests > 0
        self._board = Switchboard(desk.model, desk.limits, self._purse, self._outbox, self._judge, known=known)
        self._board.scribe = Scribe(desk.store, name, told, self._outbox, self._board.written)

    def enter(self, stack: ExitStack) -> None:
        stack.enter_context(self._board.scribe)
        stack.enter_context(self._board)

    def answers(self, source: Iterator[Request]) -> Iterator[Answer]:
        places = count()
        under_way = 0
        while True:
            fresh = list(islice(source, self._ahead - under_way))
            if fresh and not self._outbox.failed:
                self._submit([self._job(request, place) for request, place in zip(fresh, places, strict=False)])
            under_way += len(fresh)
            if not under_way:
                return
            ready = self._outbox.collect(wait_s=0.5)
            self._desk.say(
                Progress(self._outbox.tally, self._purse.spent.tokens, self._purse.cost, self._board.waits())
            )
            under_way -= len(ready)
            yield from ready

    @property
    def _ahead(self) -> int:
        """How many requests may be on their way."""
        model, limits = self._desk.model, self._desk.limits
        return _AHEAD * limits.slots if model.at_once is None else max(_AHEAD, model.at_once)

    def _job(self, request: Request, place: int) -> Job:
        if request.schema is not None:
            self._form(request.schema)
        key = request.key(self._told)
        return Job(place, request, key, key)

    def _submit(self, jobs: list[Job]) -> None:
        """Answers from the store what it answers, and puts the rest through."""
        self._outbox.tally.asked += len(jobs)
        rest: list[Job] = []
        while jobs:
            found = self._desk.store.find([job.key for job in jobs])
            rest += [job for job in jobs if job.key not in found]
            known = [(job, self._judge(job, found[job.key])) for job in jobs if job.key in found]
            for job, answer in known:
                if isinstance(answer, Reply):
                    self._outbox.tally.kept += 1
                    self._outbox.put([(job.place, answer)])
                elif isinstance(answer, Refusal):
                    self._board.scribe.put(answer, (job.place, answer))
            jobs = [job for job, answer in known if answer is None]
        if rest:
            self._board.submit(sorted(rest, key=lambda job: job.place))

    def _judge(self, job: Job, reply: Reply) -> Answer | None:
        """The answer; or None, and then the job asks once more with what was wrong."""
        if job.request.schema is None:
            return reply
        read = self._form(job.request.schema).read(reply)
        if isinstance(read, Reply):
            return replace(read, key=job.first)
        if job.repairs >= self._desk.limits.repairs:
            return replace(read, key=job.first)
        job.request, job.repairs = mended(job.request, read), job.repairs + 1
        job.key = job.request.key(self._told)
        return None

    def _form(self, schema: Mapping[str, Any]) -> Form:
        name = digest.of_json(schema)
        if name not in self._forms:
            self._forms[name] = Form(schema)
        return self._forms[name]
