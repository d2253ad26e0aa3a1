"""Runs independent tasks, in this process or in several, with the same results."""

import multiprocessing
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from typing import TypeVar

Spec = TypeVar("Spec")
Out = TypeVar("Out")


def each(task: Callable[[Spec], Out], specs: Sequence[Spec], *, workers: int) -> Iterator[tuple[Spec, Out]]:
    """Yields each spec with its result as it is done. A spec is plain data, a task a top-level function."""
    if workers <= 1 or len(specs) <= 1:
        for spec in specs:
            yield spec, task(spec)
        return
    # Spawned, never forked: DuckDB, Arrow and OpenMP hold threads that a fork would freeze.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(workers, len(specs)), mp_context=context, initializer=_end_with_parent) as pool:
        waiting = {pool.submit(task, spec): spec for spec in specs}
        try:
            for future in as_completed(waiting):
                yield waiting[future], future.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _end_with_parent() -> None:
    """A worker whose parent was killed would wait for tasks for ever: it holds the queue's other end itself."""
    threading.Thread(target=_wait_for_parent, daemon=True).start()


def _wait_for_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)
