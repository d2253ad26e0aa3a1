"""From a recipe to a released dataset."""

from pathlib import Path
from typing import Annotated

import typer

import mintmark as mm
from mintmark.cli import check, console


def command(
    recipe: Annotated[Path, typer.Argument(help="A recipe (YAML).")],
    to: Annotated[Path, typer.Option(help="The folder that releases go into.")] = Path("released"),
    ledger: Annotated[Path, typer.Option(help="The folder of the record.")] = Path(".mintmark"),
    workers: Annotated[int, typer.Option(min=1, max=256, help="Processes; the rows are the same for any number.")] = 1,
    raw: Annotated[bool, typer.Option("--raw", help="CSV: leave text that looks like a formula as it is.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Plan only.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Answer in JSON.")] = False,
) -> None:
    """Make the data, gather the evidence, decide, and release what may leave."""
    if dry_run:
        plan = mm.check(recipe, ledger=ledger)
        if as_json:
            console.answer(plan.to_json())
        else:
            check.show(plan)
        return
    with console.progress() as report:
        result = mm.run(recipe, to=to, ledger=ledger, workers=workers, raw=raw, progress=report)
    if as_json:
        console.answer(result.to_json())
    else:
        tell(result)
    raise typer.Exit(0 if result.well else 1)


def tell(result: "mm.Result") -> None:
    """Prints what was made, what was found and what was decided."""
    for line in result.notes:
        console.note(f"note: {line}")
    console.out.print(mm.summary(result.findings, result.decision))
    made = ", ".join(f"{rows:,} {name}" for name, rows in result.rows.items())
    console.out.print(f"\nmade      {made}", markup=False)
    if result.folder:
        console.out.print(f"released  {result.folder}", markup=False, soft_wrap=True)
    console.out.print(f"report    {result.report}", markup=False, soft_wrap=True)
    if result.spent:
        whole = f"; in all runs of this recipe {result.spent_in_all}" if result.spent != result.spent_in_all else ""
        console.note(f"spent     {result.spent}{whole}")
    took = ", ".join(f"{stage} {seconds:.1f} s" for stage, seconds in result.seconds.items())
    console.note(f"time      {took}")
