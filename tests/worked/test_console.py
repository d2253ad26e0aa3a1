"""What a terminal shows while work goes on: bars that stand still, and a line that says how it goes."""

import io

import pytest
from rich.console import Console

from mintmark.cli import console
from mintmark.models.purse import UNBOUNDED, Budget, words


@pytest.mark.parametrize("width", [40, 80, 200])
def test_no_line_is_wider_than_the_terminal_and_bars_do_not_move(monkeypatch, width):
    monkeypatch.setattr(console, "err", Console(file=io.StringIO(), force_terminal=True, width=width))
    shown = []
    with console.progress() as report:
        for done, how in (
            (1, "0 dropped, 31 tokens"),
            (70, f"9 dropped (8 too similar), {'45k tokens ' * 30}"),
            (70, ""),
        ):
            report(f"sampling tasks: text.instruct{', ' + how if how else ''}", done, 100)
            bars = report.__self__
            page = Console(file=io.StringIO(), width=width)
            page.print(bars.get_renderable())
            shown.append(page.file.getvalue().splitlines())
        report("judging, all", 0, 0)
        assert len(bars.tasks) == 1
    assert all(len(line) <= width for lines in shown for line in lines)
    assert [len(lines) for lines in shown] == [2, 2, 1]
    assert shown[0][1].strip() == "0 dropped, 31 tokens"
    assert {lines[0].index("━") for lines in shown if "━" in lines[0]} == {shown[1][0].index("━")}


def test_what_was_done_may_go_on(monkeypatch):
    monkeypatch.setattr(console, "err", Console(file=io.StringIO(), force_terminal=True, width=80))
    with console.progress() as report:
        report("sampling", 6, 6)
        [task] = report.__self__.tasks
        assert task.finished
        report("sampling", 6, 12)
        assert not task.finished


def test_what_was_spent_is_said_shortly():
    assert words(945, None, UNBOUNDED) == "945 tokens"
    assert words(45_400, 0.0, Budget(cost=5)) == "45k tokens"
    assert words(45_400, 0.1234, Budget(cost=5)) == "45k tokens, 0.12 of 5 spent"
    assert words(45_400, 0.1234, UNBOUNDED) == "45k tokens, 0.12 spent"
