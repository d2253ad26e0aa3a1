"""Runs the program as a person does, without the cost of a process each time."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from mintmark.cli import main


@dataclass(frozen=True)
class Done:
    code: int
    out: str
    err: str


Mintmark = Callable[..., Done]


@pytest.fixture
def mintmark(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Mintmark:
    """`mintmark("run", "a.yaml")` in a folder of its own."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str | Path) -> Done:
        monkeypatch.setattr(sys, "argv", ["mintmark", *map(str, arguments)])
        capsys.readouterr()
        code = 0
        try:
            main()
        except SystemExit as left:
            code = int(left.code or 0)
        out, err = capsys.readouterr()
        return Done(code, out, err)

    return run
