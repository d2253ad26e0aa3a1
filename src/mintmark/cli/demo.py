"""The whole path on real data, in under a minute."""

from pathlib import Path
from typing import Annotated

import typer

import mintmark as mm
from mintmark.cli import console, run


def command(
    to: Annotated[Path, typer.Option(help="Where to write.")] = Path("mintmark-demo"),
    as_json: Annotated[bool, typer.Option("--json", help="Answer in JSON.")] = False,
) -> None:
    """Run the main job on real data that comes with scikit-learn: recipe, rows, evidence, decision, release."""
    with console.progress() as report:
        result = mm.demo(to, progress=report)
    if as_json:
        console.answer(result.to_json())
    else:
        run.tell(result)
        console.out.print(f"recipe    {to / 'recipe.yaml'}", markup=False)
    raise typer.Exit(0 if result.well else 1)
