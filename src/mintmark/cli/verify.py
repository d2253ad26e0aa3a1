"""Is this folder what was signed?"""

from pathlib import Path
from typing import Annotated

import typer

import mintmark as mm
from mintmark.cli import console


def command(
    folder: Annotated[Path, typer.Argument(help="A released folder, or a record (.mintmark).")],
    trusted: Annotated[
        Path | None,
        typer.Option(envvar="MINTMARK_TRUSTED_KEYS", help="Public keys (PEM) whose holders you know."),
    ] = None,
    ledger: Annotated[Path | None, typer.Option(help="A record that may hold the original bytes.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Answer in JSON.")] = False,
) -> None:
    """Check every byte of a release against its signed statement, and say whose signature it is."""
    found = mm.verify(folder, trusted=trusted, ledger=ledger)
    if as_json:
        console.answer(found.to_json())
    else:
        for problem in found.problems:
            console.out.print(f"✗ {problem}", markup=False)
        console.out.print(found.words, markup=False)
    raise typer.Exit(0 if found.ok else 1)
