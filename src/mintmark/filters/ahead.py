"""Work on what comes next, done by other threads while what is there is dealt with."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Made = TypeVar("Made")


def ahead(work: Callable[[Item], Made], items: Iterable[Item]) -> Iterator[Made]:
    """What becomes of each item, in order, whatever the number of threads: one for each processor but the asker's own.

    Only as many items as there are threads, and one, are held at a time. `work` must change nothing that others see; it
    gains where it is numpy's, which lets go of Python's lock.
    """
    threads = max((os.cpu_count() or 1) - 1, 1)
    waiting: deque[Future[Made]] = deque()
    with ThreadPoolExecutor(threads, thread_name_prefix="ahead") as pool:
        for item in items:
            waiting.append(pool.submit(work, item))
            if len(waiting) > threads:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
