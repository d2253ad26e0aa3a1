"""Is this folder what was signed?"""

from pathlib import Path
from typing import Annotated

import typer

import mintmark as mm
from mintmark.cli import console


def command(
    folder: Annotated[
        Path,
        typer.Argument(
            help="A released folder, a record (.mintmark), an archive of one, or a dataset: NAME@2, NAME@TAG."
        ),
    ],
    trusted: Annotated[
        Path | None,
        typer.Option(envvar="MINTMARK_TRUSTED_KEYS", help="Public keys (PEM) whose holders you know."),
    ] = None,
    ledger: Annotated[
        Path | None, typer.Option(help="A record that may hold the original bytes; for datasets, .mintmark.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Answer in JSON.")] = False,
) -> None:
    """Check every byte of a release, a record, an archive or a dataset, and say whose signature it is."""
    record = ledger if folder.exists() else ledger or Path(".mintmark")
    found = mm.verify(folder, trusted=trusted, ledger=record)
    if as_json:
        console.answer(found.to_json())
    else:
        for problem in found.problems:
            console.out.print(f"✗ {problem}", markup=False)
        for note in found.notes:
            console.note(f"note: {note}")
        console.out.print(found.words, markup=False)
    raise typer.Exit(0 if found.ok else 1)
