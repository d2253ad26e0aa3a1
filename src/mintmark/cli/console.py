"""How commands speak: results on standard output, progress and notes on standard error."""

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, TextIO

import typer
from rich.console import Console, RenderableType
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn
from rich.table import Column, Table
from rich.text import Text

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
        with _Bars.of(err) as bars:
            yield bars.report
    else:
        yield _lines()


class _Bars(Progress):
    """Bars, and beneath them how the one that moves stands: in its own line, so that no bar gets another width."""

    @staticmethod
    def of(console: Console) -> "_Bars":
        name = max(10, min(44, console.width - 44))
        return _Bars(
            TextColumn(
                "{task.description}", markup=False, table_column=Column(width=name, no_wrap=True, overflow="ellipsis")
            ),
            BarColumn(max(4, min(40, console.width - name - 28))),
            TextColumn(
                "{task.completed}/{task.total}", justify="right", table_column=Column(min_width=11, no_wrap=True)
            ),
            _Clock(table_column=Column(width=12, no_wrap=True)),
            console=console,
            transient=True,
        )

    def get_renderables(self) -> Iterator[RenderableType]:
        yield self.make_tasks_table(self.tasks)
        told = [task.fields["how"] for task in self.tasks if not task.finished and task.fields["how"]]
        yield from (Text(f"  {how}", style="dim", no_wrap=True, overflow="ellipsis") for how in told[-1:])

    def report(self, what: str, done: int, total: int) -> None:
        if not total:  # there is nothing to wait for
            return
        name, _, how = what.partition(", ")
        task = next((task for task in self.tasks if task.description == name), None)
        row = self.add_task(name, total=total, how=how) if task is None else task.id
        if task is not None and done < total:
            task.finished_time = None  # what was done may go on, and its clock then does too
        self.update(row, completed=done, total=total, how=how)


class _Clock(ProgressColumn):
    """How much time is left while that can be told, and else how much has passed."""

    def render(self, task: Task) -> Text:
        left = None if task.finished else task.time_remaining
        seconds = task.finished_time if task.finished else task.elapsed if left is None else left
        return Text(f"{timedelta(seconds=int(seconds or 0))}{' left' if left is not None else ''}")


def _lines() -> Report:
    last: dict[str, float] = {}

    def report(what: str, done: int, total: int) -> None:
        now = time.monotonic()
        name = what.partition(",")[0]
        if name not in last or done >= total or now - last[name] > 10:
            last[name] = now
            sys.stderr.write(f"{what if done < total else name} {done}/{total}\n")

    return report
