"""Where a dataset came from, or one of its rows."""

from pathlib import Path
from typing import Annotated

import typer

import mintmark as mm
from mintmark.cli import console


def command(
    name: Annotated[
        str,
        typer.Argument(
            help="NAME, NAME@2, NAME@TAG, a digest or an entry's number; with --row also a released folder.",
            autocompletion=console.datasets,
        ),
    ],
    row: Annotated[int | None, typer.Option(help="Tell the whole story of this row; the first is 0.")] = None,
    table: Annotated[str | None, typer.Option(help="The table of that row, where there are several.")] = None,
    ledger: Annotated[Path, typer.Option(help="The folder of the record.")] = Path(".mintmark"),
    svg: Annotated[Path | None, typer.Option(help="Also draw it as a picture (SVG).")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Answer in JSON.")] = False,
) -> None:
    """Show what a dataset stands on, as a list and as a tree beneath it; or where one row came from."""
    if row is not None:
        found = mm.row_origin(name, row, table=table, ledger=ledger)
        if as_json:
            console.answer(found.to_json())
        else:
            for line in found.lines:
                console.out.print(line, markup=False, soft_wrap=True)
        return
    entries = mm.lineage(ledger, name)
    graph = mm.draw(entries)
    if svg is not None:
        svg.write_text(graph.svg(), encoding="utf-8")
    if as_json:
        told = [{**entry.to_json(), **({"chain": entry.chain} if entry.chain else {})} for entry in entries]
        console.answer({"entries": told, **graph.to_json()})
        return
    listed = console.table("entry", "act", "subject", "from")
    for entry in entries:
        inputs = ", ".join(f"{role} {digest[7:19]}" for role, digest in entry.inputs.items())
        number = f"{entry.number} of guest {entry.chain[7:15]}" if entry.chain else f"{entry.number}"
        listed.add_row(number, entry.act, entry.subject[7:19], inputs)
    console.out.print(listed)
    console.out.print()
    for line in graph.lines():
        console.out.print(line, markup=False, soft_wrap=True)
