"""A model that was trained on datasets of the record."""

from pathlib import Path
from typing import Annotated

import typer

import mintmark as mm
from mintmark.cli import console


def command(
    name: Annotated[str, typer.Argument(help="What the model is to be called.")],
    trained_on: Annotated[list[str], typer.Option(help="A dataset of the record, or a registered model; repeatable.")],
    file: Annotated[Path | None, typer.Option(help="The model's file: it is named after its digest.")] = None,
    identifier: Annotated[str | None, typer.Option(help="What names the model in place of a file.")] = None,
    ledger: Annotated[Path, typer.Option(help="The folder of the record.")] = Path(".mintmark"),
    as_json: Annotated[bool, typer.Option("--json", help="Answer in JSON.")] = False,
) -> None:
    """Enter a model in the record: what it makes lies a generation beyond what it was trained on."""
    model = mm.record_model(name, trained_on=trained_on, file=file, identifier=identifier, ledger=ledger)
    if as_json:
        console.answer(model.to_json())
        return
    learnt = "an unknown number of" if model.depth is None else str(model.depth)
    console.out.print(f"{model.name} stands in entry {model.entry.number} ({model.digest[:19]})", markup=False)
    console.out.print(f"it learnt from data {learnt} generations from the world", markup=False)
    console.out.print(f"of rows that it makes a recipe says: real: {{model: {model.name}}}", markup=False)
