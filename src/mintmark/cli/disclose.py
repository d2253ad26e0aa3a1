"""A document that discloses a dataset."""

from pathlib import Path
from typing import Annotated

import typer

import mintmark as mm
from mintmark.cli import console

_FORMS = "datasheet, huggingface, model-card, provenance-standards, eu-summary, technical-file, croissant or card."


def command(
    what: Annotated[str, typer.Argument(metavar="NAME|FOLDER", help="A dataset of the record, or a released folder.")],
    form: Annotated[str, typer.Option("--as", help=_FORMS)] = "datasheet",
    out: Annotated[Path | None, typer.Option(help="Where to write it; a name in .json takes its fields.")] = None,
    ledger: Annotated[Path, typer.Option(help="The folder of the record.")] = Path(".mintmark"),
    as_json: Annotated[bool, typer.Option("--json", help="Answer in JSON.")] = False,
) -> None:
    """Write a document on a dataset from what is recorded of it; what only a person knows is left blank."""
    told = mm.disclose(what, form, ledger=ledger)
    if out is not None:
        told.write(out)
    if as_json:
        console.answer(told.to_json())
    elif out is None:
        typer.echo(told.text, nl=False)
    if told.blanks:
        console.note(f"{told.blanks} answers are left to the publisher: look for ▢")
