"""The JSON Schema of a recipe."""

from pathlib import Path
from typing import Annotated

import typer

import mintmark as mm
from mintmark.cli import console


def command(to: Annotated[Path | None, typer.Option(help="Write to a file.")] = None) -> None:
    """Print the JSON Schema by which editors complete and check a recipe."""
    if to is None:
        console.answer(mm.json_schema())
    else:
        mm.write_schema(to)
