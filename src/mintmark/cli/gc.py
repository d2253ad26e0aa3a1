"""Clears what no entry of the record refers to."""

from pathlib import Path
from typing import Annotated

import typer

import mintmark as mm
from mintmark.cli import console


def command(
    ledger: Annotated[Path, typer.Option(help="The folder of the record.")] = Path(".mintmark"),
    grace_days: Annotated[float, typer.Option(min=0, help="Keep what is younger than this.")] = 7.0,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Answer in JSON.")] = False,
) -> None:
    """Remove unfinished work and objects that nothing refers to."""
    swept = mm.gc(ledger, grace_days=grace_days, dry_run=dry_run)
    if as_json:
        console.answer(swept.to_json())
    else:
        verb = "would free" if dry_run else "freed"
        console.out.print(
            f"{verb} {swept.size:,} bytes: {len(swept.objects)} objects, {len(swept.leftovers)} leftovers"
        )
