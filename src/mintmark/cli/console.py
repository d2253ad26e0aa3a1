"""How commands speak: results on standard output, progress and notes on standard error."""

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TextIO

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

import mintmark


class _Piped(Console):
    def on_broken_pipe(self) -> None:
        _leave()


WIDE = 200
"""Columns where no terminal says its own: lines that scripts search stay whole."""


def _width(stream: TextIO) -> int | None:
    return None if stream.isatty() or os.environ.get("COLUMNS", "").isdigit() else WIDE


out = _Piped(highlight=False, width=_width(sys.stdout))
err = Console(stderr=True, highlight=False, width=_width(sys.stderr))

Report = Callable[[str, int, int], None]
"""(what is being done, how much of it is done, of how much); what follows a comma may change as it goes on."""


def version() -> str:
    """The program's version."""
    return mintmark.__version__


def answer(value: Any) -> None:
    """Writes a JSON answer."""
    text = json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False, default=str)
    try:
        sys.stdout.write(text + "\n")
        sys.stdout.flush()
    except BrokenPipeError:
        _leave()


def _leave() -> None:
    """The reader has gone: 141 as for all that SIGPIPE ends, for 0 would say released, and 1 that the gate refused."""
    os._exit(141)


def datasets(context: typer.Context, incomplete: str) -> list[str]:
    """Datasets of the record that begin so, for a shell that completes what is typed."""
    found = mintmark.references(context.params.get("ledger") or ".mintmark")
    return [name for name in found if name.startswith(incomplete)]


def note(text: str) -> None:
    """Says something beside the result."""
    err.print(text, style="dim", markup=False)


def table(*columns: str, title: str | None = None) -> Table:
    """An empty table in the house style."""
    made = Table(title=title, box=None, header_style="bold", title_justify="left", pad_edge=False)
    for column in columns:
        made.add_column(column, overflow="fold")
    return made


@contextmanager
def progress() -> Iterator[Report]:
    """Bars in a terminal, plain lines elsewhere."""
    if err.is_terminal:
        with _bars() as report:
            yield report
    else:
        yield _lines()


@contextmanager
def _bars() -> Iterator[Report]:
    columns = (
        TextColumn("{task.description:<44}"),
        BarColumn(),
        TextColumn("{task.completed}/{task.total}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=err, transient=True) as bars:
        tasks: dict[str, Any] = {}

        def report(what: str, done: int, total: int) -> None:
            name = what.partition(",")[0]
            if name not in tasks:
                tasks[name] = bars.add_task(what, total=total)
            bars.update(tasks[name], description=name if done >= total else what, completed=done, total=total)

        yield report


def _lines() -> Report:
    last: dict[str, float] = {}

    def report(what: str, done: int, total: int) -> None:
        now = time.monotonic()
        name = what.partition(",")[0]
        if name not in last or done >= total or now - last[name] > 10:
            last[name] = now
            sys.stderr.write(f"{what if done < total else name} {done}/{total}\n")

    return report
