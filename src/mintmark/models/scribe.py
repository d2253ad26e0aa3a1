"""What stands between those who ask and the one who waits: answers are written first, and handed on then, in order."""

import queue
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from mintmark.models.purse import Price
from mintmark.models.request import Refusal, Reply
from mintmark.models.store import Record, Store

Answer = Reply | Refusal

_APART_S = 0.01
"""Between the beginnings of two commits: threads that wake for each answer keep the others waiting."""


@dataclass
class Tally:
    """How far the asking is."""

    asked: int = 0
    answered: int = 0
    kept: int = 0
    """Of those, the ones that were in the store."""
    refused: Counter[str] = field(default_factory=Counter)
    """By reason."""
    last: str = ""
    """What was said of the last refusal."""

    @property
    def done(self) -> int:
        """Answered or refused."""
        return self.answered + self.refused.total()


class Outbox:
    """Answers by the place of their request, handed on in the order of asking."""

    def __init__(self, useless: Callable[[Tally], Exception | None]) -> None:
        self.tally = Tally()
        self._useless = useless
        self._changed = threading.Condition()
        self._answers: dict[int, Answer] = {}
        self._next = 0
        self._error: BaseException | None = None

    def put(self, answers: Iterable[tuple[int, Answer]]) -> None:
        """Takes answers, whose places in the order of asking come with them."""
        with self._changed:
            for place, answer in answers:
                self._answers[place] = answer
                if isinstance(answer, Refusal):
                    self.tally.refused[answer.reason] += 1
                    self.tally.last = answer.said
                else:
                    self.tally.answered += 1
            self._error = self._error or self._useless(self.tally)
            self._changed.notify()

    @property
    def failed(self) -> bool:
        """There is an error: nothing more is to be asked."""
        return self._error is not None

    def fail(self, error: BaseException) -> None:
        """There will be no further answers; the first error counts."""
        with self._changed:
            self._error = self._error or error
            self._changed.notify()

    def collect(self, wait_s: float) -> list[Answer]:
        """The answers that come next, or none where they are not there in time; then what failed is raised."""
        with self._changed:
            self._changed.wait_for(lambda: self._error or self._next in self._answers, wait_s)
            ready = []
            while self._next in self._answers:
                ready.append(self._answers.pop(self._next))
                self._next += 1
            if self._error and not ready:
                raise self._error
            return ready


class Scribe:
    """A thread that writes what comes, as much at a time as has come, and hands it on when it is on the disk.

    One commit takes some milliseconds, whatever it holds: one for each answer would be slower than the endpoint.
    """

    def __init__(
        self, store: Store, model: str, price: Price | None, outbox: Outbox, written: Callable[[int], None]
    ) -> None:
        self._store, self._model, self._price, self._outbox, self._written = store, model, price, outbox, written
        self._queue: queue.SimpleQueue[tuple[Record | None, tuple[int, Answer] | None] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._write, name="mintmark-scribe", daemon=True)

    def put(self, record: Record | None, answer: tuple[int, Answer] | None) -> None:
        """Writes a record, if there is one, and then hands on an answer, if there is one."""
        self._queue.put((record, answer))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Returns when all that came is on the disk."""
        self._queue.put(None)
        self._thread.join()

    def _write(self) -> None:
        going, begun = True, float("-inf")
        while going:
            batch = [self._queue.get()]
            if batch[0] is not None:
                time.sleep(max(0.0, begun + _APART_S - time.monotonic()))
            begun = time.monotonic()
            while not self._queue.empty():
                batch.append(self._queue.get())
            going = None not in batch
            self._hand_on([one for one in batch if one is not None])

    def _hand_on(self, batch: Sequence[tuple[Record | None, tuple[int, Answer] | None]]) -> None:
        records = [record for record, _ in batch if record is not None]
        try:
            if records:
                self._store.add(self._model, records, self._price)
        except Exception as error:  # noqa: BLE001 (it is raised again where somebody waits)
            self._outbox.fail(error)
            return
        self._outbox.put([answer for _, answer in batch if answer is not None])
        self._written(len(batch))
