"""What the record says of its datasets."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

import mintmark as mm
from mintmark.cli import console


def command(
    name: Annotated[
        str | None,
        typer.Argument(
            help="NAME (all its versions, and the newest one in full), NAME@2, NAME@TAG or a digest; or all datasets.",
            autocompletion=console.datasets,
        ),
    ] = None,
    ledger: Annotated[Path, typer.Option(help="The folder of the record.")] = Path(".mintmark"),
    as_json: Annotated[bool, typer.Option("--json", help="Answer in JSON.")] = False,
) -> None:
    """Show the datasets in the record, or all that is known of one."""
    versions = mm.versions(ledger, name)
    if as_json:
        console.answer([version.to_json() for version in versions])
        return
    if name is None or len(versions) > 1:
        _list(versions)
    if name is None:
        return
    newest = versions[-1]
    tags = f"  tagged {', '.join(newest.tags)}" if newest.tags else ""
    console.out.print(f"[bold]{newest.reference}[/]  {newest.digest}  made {newest.created} by {newest.method}{tags}")
    if newest.collected:
        console.out.print(newest.collected, markup=False)
    if newest.findings is not None:
        console.out.print(mm.summary(newest.findings, newest.decision))


def _list(versions: Sequence[Any]) -> None:
    listed = console.table("entry", "dataset", "tags", "rows", "method", "decision", "made")
    for version in versions:
        number = f"guest {version.chain[7:15]}" if version.chain else f"{version.number}"
        rows = f"{sum(version.rows.values()):,}{' (collected)' if version.collected else ''}"
        tags = ", ".join(version.tags)
        listed.add_row(number, version.reference, tags, rows, version.method, version.status, version.created)
    console.out.print(listed)
