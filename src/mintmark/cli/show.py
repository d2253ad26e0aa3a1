"""What the record says of its datasets."""

from pathlib import Path
from typing import Annotated

import typer

import mintmark as mm
from mintmark.cli import console


def command(
    name: Annotated[str | None, typer.Argument(help="A dataset's name or digest; all of them if left out.")] = None,
    ledger: Annotated[Path, typer.Option(help="The folder of the record.")] = Path(".mintmark"),
    as_json: Annotated[bool, typer.Option("--json", help="Answer in JSON.")] = False,
) -> None:
    """Show the datasets in the record, or all that is known of one."""
    versions = mm.versions(ledger, name)
    if as_json:
        console.answer([version.to_json() for version in versions])
        return
    if name is None:
        listed = console.table("entry", "dataset", "rows", "method", "decision", "made")
        for version in versions:
            rows = f"{sum(version.rows.values()):,}"
            listed.add_row(f"{version.number}", version.name, rows, version.method, version.status, version.created)
        console.out.print(listed)
        return
    newest = versions[-1]
    console.out.print(f"[bold]{newest.name}[/]  {newest.digest}  made {newest.created} by {newest.method}")
    if newest.findings is not None:
        console.out.print(mm.summary(newest.findings, newest.decision))
