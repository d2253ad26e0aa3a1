"""The one who puts requests through: how many at once, again after failures, and no more when it would be in vain.

It lives in a thread with an event loop of its own, so that requests go on while the asker is busy with the answers.
Failures are of three kinds. An endpoint that is busy is asked less. One that is down is waited for, and no request is
to blame. A request that fails while others are answered is refused, and the others go on.
"""

import asyncio
import contextlib
import random
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Self

from mintmark.digest import Digest
from mintmark.errors import MintmarkError
from mintmark.models import errors
from mintmark.models.model import LanguageModel, Line, Trouble
from mintmark.models.pace import FIRST, Breaker, Bucket, Limits, Window
from mintmark.models.purse import Purse, Spent, lost, paid
from mintmark.models.request import Refusal, Reply, Request
from mintmark.models.scribe import Answer, Outbox, Scribe
from mintmark.models.store import Lost, Record

SHOWN_S = 5.0
"""A silence that is longer is told to whoever waits."""


@dataclass
class Job:
    """A request on its way to an answer."""

    place: int
    request: Request
    """As it is put next: what was asked first, or that with a complaint about the reply."""
    key: Digest
    first: Digest
    """The key of what was asked first."""
    repairs: int = 0
    tries: int = 0
    failed_at: float = float("inf")
    """When it failed first."""


Judge = Callable[[Job, Reply], Answer | None]
"""Whether a reply is an answer; None where the job was changed and is to be asked again."""


class Switchboard:
    """Puts jobs through to a model until it is left; answers go to the scribe, errors to the outbox."""

    def __init__(
        self, model: LanguageModel, limits: Limits, purse: Purse, outbox: Outbox, judge: Judge, *, known: bool
    ) -> None:
        self._model, self._limits, self._purse, self._outbox, self._judge = model, limits, purse, outbox, judge
        self.scribe: Scribe
        self._thread: threading.Thread | None = None
        self._loop = asyncio.new_event_loop()
        self._waiting: deque[Job] = deque()
        self._slots = model.at_once or limits.slots
        self._timeout_s = None if model.at_once else limits.timeout_s
        self._window = Window(self._slots, first=model.at_once or FIRST)
        self._breaker = Breaker(known)
        per_minute = (limits.requests_per_minute, limits.tokens_per_minute)
        self._requests, self._tokens = (Bucket(one) if one else None for one in per_minute)
        self._in_flight = self._unwritten = self._in_vain = 0
        self._failing: set[int] = set()
        self._paused_until = 0.0
        self._said = ""
        self._line: Line | None = None
        self._closing = False
        self._stop: asyncio.Event | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._wake: asyncio.TimerHandle | None = None

    def submit(self, jobs: list[Job]) -> None:
        """Takes jobs; the first ones open the model."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="mintmark-switchboard", daemon=True)
            self._thread.start()
        self._call(self._take, jobs)

    def written(self, count: int) -> None:
        """Called by the scribe when so many of the things put to it are on the disk."""
        self._call(self._wrote, count)

    def waits(self) -> str:
        """For what, where the endpoint has answered nothing for some time; any thread may ask."""
        silent_s = self._breaker.silent_s(self._loop.time())
        return f"waiting, for {silent_s:,.0f} s no answer: {self._said}" if silent_s > SHOWN_S else ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Hangs up: what is in flight is given up."""
        if self._thread is None:
            self._loop.close()
            return
        self._call(self._hang_up)
        self._thread.join()

    def _call(self, act: Callable[..., None], *what: object) -> None:
        """Has the loop's own thread do something."""
        with contextlib.suppress(RuntimeError):  # the loop was closed after an error: nobody waits any more
            self._loop.call_soon_threadsafe(act, *what)

    def _run(self) -> None:
        try:
            self._loop.run_until_complete(self._serve())
        except BaseException as error:  # noqa: BLE001 (it is raised again where somebody waits)
            self._outbox.fail(error)
        finally:
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
            self._loop.close()

    async def _serve(self) -> None:
        self._stop = asyncio.Event()
        async with self._model.open() as self._line:
            self._pump()
            if not self._closing:
                await self._stop.wait()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            self._line = None

    def _hang_up(self) -> None:
        self._closing = True
        if self._stop is not None:
            self._stop.set()

    def _fail(self, error: BaseException) -> None:
        """No request will be answered any more: what is on its way is given up."""
        self._outbox.fail(error)
        self._waiting.clear()
        self._hang_up()

    def _take(self, jobs: list[Job]) -> None:
        self._waiting.extend(jobs)
        self._pump()

    def _wrote(self, count: int) -> None:
        self._unwritten -= count
        self._pump()

    def _pump(self) -> None:
        """Sends as many jobs as may be sent now, and comes back when more may be."""
        now = self._loop.time()
        while self._waiting and self._line is not None and not self._over() and self._room():
            job = self._waiting[0]
            wait_s = self._wait_s(job.request, now)
            if wait_s > 0:
                self._come_back(wait_s)
                return
            if not self._purse.reserve(job.request):
                if self._purse.idle and not self._unwritten:
                    self._outbox.fail(self._purse.empty(self._outbox.tally.answered))
                return
            self._waiting.popleft()
            self._send(job, now)

    def _over(self) -> bool:
        return self._closing or self._outbox.failed

    def _room(self) -> bool:
        most = 1 if self._breaker.open else self._window.size
        # What was answered and is not yet written would be lost by a kill: no more of it than there are slots.
        return self._in_flight < most and self._unwritten <= self._slots

    def _wait_s(self, request: Request, now: float) -> float:
        wait_s = max(self._paused_until - now, self._breaker.wait_s(now))
        if self._requests:
            wait_s = max(wait_s, self._requests.wait_s(1, now))
        if self._tokens:
            wait_s = max(wait_s, self._tokens.wait_s(_tokens(request), now))
        return wait_s

    def _come_back(self, wait_s: float) -> None:
        if self._wake is not None:
            self._wake.cancel()
        self._wake = self._loop.call_later(wait_s, self._pump)

    def _send(self, job: Job, now: float) -> None:
        if self._requests:
            self._requests.take(1, now)
        if self._tokens:
            self._tokens.take(_tokens(job.request), now)
        self._in_flight += 1
        task = self._loop.create_task(self._ask(job))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _ask(self, job: Job) -> None:
        assert self._line is not None
        sent_at, request = self._loop.time(), job.request
        cost = Spent()
        try:
            async with asyncio.timeout(self._timeout_s):
                reply = await self._line.answer(request)
            cost = paid(reply)
            self._answered(job, replace(reply, key=job.key))
        except Trouble as trouble:
            cost = self._lost(request, trouble)
            await self._troubled(job, trouble, sent_at)
        except TimeoutError:
            late = Trouble("cut", f"no answer within {self._limits.timeout_s:g} s", reason="no answer in time")
            cost = self._lost(request, late)
            await self._troubled(job, late, sent_at)
        except MintmarkError as error:
            self._fail(error)
        except Exception as error:  # noqa: BLE001 (whatever a model of somebody else does)
            self._fail(errors.faulty(self._model, error))
        finally:
            self._in_flight -= 1
            self._purse.settle(request, cost)
            if self._tokens:
                self._tokens.take(cost.tokens - _tokens(request), self._loop.time())
            self._pump()

    def _answered(self, job: Job, reply: Reply) -> None:
        self._window.answered()
        self._breaker.answered(self._loop.time())
        self._in_vain = 0
        self._failing.clear()
        record = (job.request, reply)
        answer = self._judge(job, reply)
        if answer is None:
            self._put(record, None)
            self._waiting.appendleft(job)
            return
        self._put(record, None if isinstance(answer, Refusal) else (job.place, answer))
        if isinstance(answer, Refusal):
            self._put(answer, (job.place, answer))

    def _put(self, record: Record | None, answer: tuple[int, Answer] | None) -> None:
        self._unwritten += 1
        self.scribe.put(record, answer)

    def _lost(self, request: Request, trouble: Trouble) -> Spent:
        if trouble.kind != "cut" and trouble.paid is None:
            return Spent()
        spent = lost(request) if trouble.paid is None else Spent(1, *trouble.paid)
        self._put(Lost(spent), None)
        return spent

    async def _troubled(self, job: Job, trouble: Trouble, sent_at: float) -> None:
        now = self._loop.time()
        self._said = trouble.said
        if trouble.kind == "bad":
            self._breaker.answered(now)
            self._refuse(job, trouble)
            return
        if trouble.kind in ("busy", "cut") and not self._model.at_once:
            self._window.protested(sent_at, now)
        if trouble.kind == "busy":
            self._breaker.silent(now)
            self._pause(trouble, now)
            self._waiting.appendleft(job)
        else:
            if self._model.at_once:  # it minds its own pace, down to one at a time
                self._breaker.silent(now)
            else:
                self._breaker.failed(now)
            self._failing.add(job.place)
            job.tries, job.failed_at = job.tries + 1, min(job.failed_at, now)
            await self._again_or_never(job, trouble)
        self._lose_patience(trouble)

    def _pause(self, trouble: Trouble, now: float) -> None:
        wait_s = trouble.wait_s
        if wait_s is None:  # it did not say: longer, the longer it has been busy
            wait_s = min(30.0, random.uniform(0.5, 1.5) * (1 + self._breaker.silent_s(now) / 2))
        if wait_s > self._limits.patience_s:
            self._fail(errors.too_busy(trouble, wait_s))
        # Those who waited do not all come back in the same instant.
        self._paused_until = max(self._paused_until, now + wait_s + random.uniform(0, 0.05))

    async def _again_or_never(self, job: Job, trouble: Trouble) -> None:
        if self._breaker.never and self._breaker.open and len(self._failing) >= Breaker.MANY:
            self._fail(errors.broken(trouble) if await self._alive() else errors.nobody(trouble))
        elif job.tries < self._limits.tries or not await self._is_to_blame(job, trouble):
            delay = min(30.0, 0.25 * 2 ** min(job.tries, 7)) * random.uniform(0.5, 1.0)
            self._loop.call_later(delay, self._take, [job])
        else:
            self._refuse(job, trouble)

    async def _is_to_blame(self, job: Job, trouble: Trouble) -> bool:
        """Whether it is the request that is bad, and not the endpoint."""
        if self._breaker.answered_at > job.failed_at:
            return True
        if await self._alive():
            self._in_vain += 1
            if self._in_vain >= self._limits.trial:
                self._fail(errors.broken(trouble))
            return True
        if self._breaker.never:
            self._fail(errors.nobody(trouble))
        return False

    async def _alive(self) -> bool:
        assert self._line is not None
        with contextlib.suppress(Exception):
            async with asyncio.timeout(min(10.0, self._limits.timeout_s)):
                return await self._line.alive()
        return False

    def _refuse(self, job: Job, trouble: Trouble) -> None:
        refusal = Refusal(trouble.reason, trouble.said, "", job.first)
        self._put(refusal, (job.place, refusal))

    def _lose_patience(self, trouble: Trouble) -> None:
        silent_s = self._breaker.silent_s(self._loop.time())
        if silent_s > self._limits.patience_s:
            self._fail(errors.gone(trouble, silent_s))


def _tokens(request: Request) -> int:
    return request.likely_prompt_tokens + request.max_tokens
