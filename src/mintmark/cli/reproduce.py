"""Do the same rows come out again?"""

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
    base: Annotated[Path, typer.Option(help="The folder that the recipe's paths start from.")] = Path(),
    workers: Annotated[int, typer.Option(min=1)] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="Answer in JSON.")] = False,
) -> None:
    """Make a recorded dataset again and compare: exit 0 where the same rows come out, 1 where others do."""
    with console.progress() as show:
        found = mm.reproduce(name, ledger=ledger, base=base, workers=workers, progress=show)
    if as_json:
        console.answer(found.to_json())
    else:
        verdict = "the same rows came out, bit for bit" if found.same else "other rows came out"
        console.out.print(f"{found.name}: {verdict}", style="green" if found.same else "red", markup=False)
        console.out.print(f"  {found.wanted}" + ("" if found.same else f"\n  {found.found}"), markup=False)
        for reason in (*found.reasons, *([found.collected] if found.collected else [])):
            console.out.print(f"  {reason}", markup=False)
    raise typer.Exit(0 if found.same else 1)
