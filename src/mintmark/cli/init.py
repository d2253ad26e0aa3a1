"""Writes a commented recipe for a table."""

from pathlib import Path
from typing import Annotated

import typer

import mintmark as mm
from mintmark.cli import console


def command(
    source: Annotated[str, typer.Argument(help="A file, a folder of shards, a database, or sklearn:NAME.")],
    target: Annotated[str | None, typer.Option(help="The column that is to be predicted.")] = None,
    to: Annotated[Path | None, typer.Option(help="Where to write; NAME.yaml beside you if left out.")] = None,
    table: Annotated[str | None, typer.Option(help="Databases: the table to read.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Answer in JSON.")] = False,
) -> None:
    """Read a table and write a commented recipe, with inferred kinds and sensible gates."""
    draft = mm.draft(source, target=target, table=table, to=to, force=force)
    if as_json:
        console.answer({"recipe": str(draft.path), "schema": str(draft.schema), "notes": list(draft.notes)})
        return
    for line in draft.notes:
        console.note(line)
    console.note(f"wrote {draft.schema}, by which editors complete and check it")
    console.out.print(f"wrote {draft.path}; read it, then:  mintmark run {draft.path}", markup=False)
