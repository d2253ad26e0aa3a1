"""A comparison in a terminal: as many columns beside each other as fit, the others beneath; plain text in a pipe."""

from collections.abc import Iterator
from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, RenderResult
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from mintmark.report.comparison import telling
from mintmark.report.comparison.lines import COSTS, Cell, Line, heads, lines
from mintmark.report.comparison.table import Comparison

GAP = 2
STYLES = {"ceiling": "dim", "floor": "dim", "failed": "red", "proof": "italic", "entrant": ""}


@dataclass(frozen=True)
class Shown:
    """What Rich prints of a comparison."""

    told: Comparison

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """The table in as many parts as the width asks for, then the advice."""
        rows = list(lines(self.told))
        names = [*(f"{metric} {arrow}" for metric, arrow in heads(self.told)), *COSTS]
        for place, (first, last) in enumerate(_parts(names, rows, options.max_width)):
            if place:
                yield Text()
            yield _table(names, rows, first, last)
        yield from _said(self.told)


def _parts(names: list[str], rows: list[Line], width: int) -> Iterator[tuple[int, int]]:
    """(first, last) column of each part."""
    room = width - max(len(_label(row)) for row in rows)
    first, used = 0, 0
    for place in range(len(names)):
        cells = [row.columns[place] for row in rows]
        wide = max(map(len, (*_head(names[place]), *(word for cell in cells if cell for word in vars(cell).values()
                                                     if isinstance(word, str))))) + GAP  # fmt: skip
        if used + wide > room and place > first:
            yield first, place
            first, used = place, 0
        used += wide
    yield first, len(names)


def _table(names: list[str], rows: list[Line], first: int, last: int) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, GAP, 0, 0), header_style="dim")
    table.add_column("\n", no_wrap=True, overflow="ellipsis")
    for name in names[first:last]:
        table.add_column("\n".join(_head(name)), justify="right", no_wrap=True)
    for row in rows:
        table.add_row(_label(row), *map(_written, row.columns[first:last]), style=STYLES[row.role])
    return table


def _head(name: str) -> list[str]:
    """A metric's claim over its question; a cost over its unit."""
    claim, dot, rest = name.partition(".")
    return [claim, rest] if dot else name.split(" ", 1)


def _label(row: Line) -> str:
    return f"{'●' if row.front else ' '} {row.label}{' failed' if row.role == 'failed' else ''}"


def _written(cell: Cell | None) -> Text:
    if cell is None:
        return Text("–")
    return Text.assemble((cell.value, "bold" if cell.leading else ""), "\n", (cell.interval, "dim"))


def _said(told: Comparison) -> Iterator[Text | Padding]:
    yield Padding(Text("● on the front: nobody is better in one thing and worse in none", "dim"), (1, 0, 0, 0))
    yield Padding(Text(told.advice.headline, "bold green" if told.advice.advised else "bold red"), (1, 0, 0, 0))
    for reason in told.advice.reasons:
        yield Padding(Text(reason), (0, 0, 0, 2))
    yield Text()
    for label, words in told.advice.standings.items():
        yield Text.assemble((f"{label}: ", "bold"), words)
    for place, sentence in enumerate(telling.proof(told)):
        yield Padding(Text(sentence), (0 if place else 1, 0, 0, 0))
