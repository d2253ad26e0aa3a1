"""A record, or datasets of it, as one file."""

from pathlib import Path
from typing import Annotated

import typer

import mintmark as mm
from mintmark.cli import console


def command(
    archive: Annotated[Path, typer.Argument(help="The file to write, such as record.tar.")],
    names: Annotated[
        list[str] | None,
        typer.Argument(
            help="Datasets to take, with all that they stand on; all if left out.", autocompletion=console.datasets
        ),
    ] = None,
    unsigned: Annotated[bool, typer.Option("--unsigned", help="Do not sign it with the record's key.")] = False,
    ledger: Annotated[Path, typer.Option(help="The folder of the record.")] = Path(".mintmark"),
    as_json: Annotated[bool, typer.Option("--json", help="Answer in JSON.")] = False,
) -> None:
    """Write the record, or datasets with all that they stand on, into one file that can be checked."""
    made = mm.export_ledger(archive, *(names or ()), ledger=ledger, sign=not unsigned)
    if as_json:
        console.answer(made.to_json())
        return
    told = f"{made.entries:,} entries, {made.objects:,} objects, {made.size:,} bytes"
    console.out.print(f"wrote {made.path}: {told}", markup=False, soft_wrap=True)
    console.out.print(f"content {made.digest}", markup=False, soft_wrap=True)
    console.note("it holds what the record holds: rows, models that may remember real rows, and what was found of both")
