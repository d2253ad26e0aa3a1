"""What generators, metrics and filters exist; nothing is imported."""

from typing import Annotated

import typer

import mintmark as mm
from mintmark.cli import console


def command(
    word: Annotated[str, typer.Argument(help="Only names or captions that hold this word.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Answer in JSON.")] = False,
) -> None:
    """List generators, metrics and filters with the first line of their documentation."""
    shelves = {shelf: [i for i in items if word in i.name or word in i.caption] for shelf, items in mm.browse().items()}
    if as_json:
        console.answer({shelf: [vars(item) for item in items] for shelf, items in shelves.items()})
        return
    for shelf, items in shelves.items():
        listed = console.table(shelf, "")
        for item in items:
            listed.add_row(item.name, item.caption)
        console.out.print(listed)
        console.out.print()
