"""Networks that learn side by side, each in a thread of its own, and what they say of it as one."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from threading import Event
from typing import TypeVar

Learnt = TypeVar("Learnt")
Say = Callable[[str, int, int], None]
"""(how it stands, how much is done, of how much)"""
Heard = SimpleQueue[tuple[int, str, int, int] | None]
"""What each network says, by its number; None where one has ended."""


class Ended(Exception):
    """Nobody waits for the network any more: it stops where it says something next."""


def learn(one: Callable[[int, Say], Learnt], many: int, say: Say) -> list[Learnt]:
    """What `one` returns for each number below `many`; how many run at once changes nothing but the time.

    `say` hears in the thread of the caller how far all of them are. Where that raises or is interrupted, so do they.
    """
    heard, end = Heard(), Event()

    def alone(place: int) -> Learnt:
        def tell(how: str, done: int, total: int) -> None:
            if end.is_set():
                raise Ended
            heard.put((place, how, done, total))

        try:
            return one(place, tell)
        finally:
            heard.put(None)

    with ThreadPoolExecutor(min(many, os.cpu_count() or 1)) as pool:
        running = [pool.submit(alone, place) for place in range(many)]
        try:
            _hear(heard, many, say)
        finally:
            end.set()  # they have ended, or shall
            pool.shutdown(wait=False, cancel_futures=True)
        return [each.result() for each in running]


def _hear(heard: Heard, many: int, say: Say) -> None:
    done, going = [0] * many, many
    while going:
        told = heard.get()
        if told is None:
            going -= 1
            continue
        place, how, done[place], total = told
        say(how, sum(done), many * total)
