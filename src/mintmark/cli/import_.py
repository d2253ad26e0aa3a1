"""Takes in what was exported elsewhere."""

from pathlib import Path
from typing import Annotated

import typer

import mintmark as mm
from mintmark.cli import console


def command(
    archive: Annotated[Path, typer.Argument(help="A file that `mintmark export` wrote.")],
    trusted: Annotated[
        Path | None,
        typer.Option(envvar="MINTMARK_TRUSTED_KEYS", help="Public keys (PEM): refuse what none of them signed."),
    ] = None,
    ledger: Annotated[Path, typer.Option(help="The folder of the record that takes it in.")] = Path(".mintmark"),
    as_json: Annotated[bool, typer.Option("--json", help="Answer in JSON.")] = False,
) -> None:
    """Check an archive to the last byte and take it in: a new record is restored, an old one gets a guest."""
    found = mm.import_ledger(archive, ledger=ledger, trusted=trusted)
    if as_json:
        console.answer(found.to_json())
        return
    console.out.print(found.words, markup=False)
    for note in found.notes:
        console.note(f"note: {note}")
    signer = "not signed" if found.keyid is None else f"signed by {found.identity}: {found.keyid}"
    console.note(f"{signer}; content {found.digest}")
    if found.datasets:
        console.out.print(f"datasets  {', '.join(found.datasets)}", markup=False)
