"""Clears what no entry of the record refers to, and versions that no policy keeps."""

from pathlib import Path
from typing import Annotated

import typer

import mintmark as mm
from mintmark.cli import console


def command(
    ledger: Annotated[Path, typer.Option(help="The folder of the record.")] = Path(".mintmark"),
    keep_last: Annotated[
        int | None, typer.Option(min=0, help="Of each name, keep the newest so many versions.")
    ] = None,
    keep_days: Annotated[float | None, typer.Option(min=0, help="Keep versions that are younger than this.")] = None,
    keep_tagged: Annotated[bool, typer.Option(help="Keep versions that bear a tag.")] = True,
    keep_released: Annotated[bool, typer.Option(help="Keep versions that were released.")] = True,
    grace_days: Annotated[float, typer.Option(min=0, help="Let nothing go that is younger than this.")] = 7.0,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Answer in JSON.")] = False,
) -> None:
    """Remove unfinished work and objects that nothing refers to; with --keep-last or --keep-days, old versions too."""
    swept = mm.gc(
        ledger,
        keep_last=keep_last,
        keep_days=keep_days,
        keep_tagged=keep_tagged,
        keep_released=keep_released,
        grace_days=grace_days,
        dry_run=dry_run,
    )
    if as_json:
        console.answer(swept.to_json())
        return
    if keep_last is not None or keep_days is not None:
        verb = "would collect" if dry_run else "collected"
        console.out.print(f"{verb} the rows of: {', '.join(swept.versions) or 'no version'}", markup=False)
        console.note(f"policy: {swept.policy}; nothing that is younger than {grace_days:g} days")
    verb = "would free" if dry_run else "freed"
    console.out.print(f"{verb} {swept.size:,} bytes: {len(swept.objects)} objects, {len(swept.leftovers)} leftovers")
