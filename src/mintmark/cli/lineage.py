"""Where a dataset came from."""

from pathlib import Path
from typing import Annotated

import typer

import mintmark as mm
from mintmark.cli import console


def command(
    name: Annotated[
        str,
        typer.Argument(help="NAME, NAME@2, NAME@TAG, a digest or an entry's number.", autocompletion=console.datasets),
    ],
    ledger: Annotated[Path, typer.Option(help="The folder of the record.")] = Path(".mintmark"),
    svg: Annotated[Path | None, typer.Option(help="Also draw it as a picture (SVG).")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Answer in JSON.")] = False,
) -> None:
    """Show every act that led to a dataset: oldest first, and as a tree beneath it."""
    entries = mm.lineage(ledger, name)
    graph = mm.draw(entries)
    if svg is not None:
        svg.write_text(graph.svg(), encoding="utf-8")
    if as_json:
        console.answer([{**entry.to_json(), **({"chain": entry.chain} if entry.chain else {})} for entry in entries])
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
