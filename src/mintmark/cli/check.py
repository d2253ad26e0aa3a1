"""Is this recipe sound, before anything is spent?"""

from pathlib import Path
from typing import Annotated

import typer

import mintmark as mm
from mintmark.cli import console


def command(
    recipe: Annotated[Path, typer.Argument(help="A recipe (YAML).")],
    as_json: Annotated[bool, typer.Option("--json", help="Answer in JSON.")] = False,
) -> None:
    """Check a recipe against its data: every name, value and rule. Nothing is made."""
    plan = mm.check(recipe)
    if as_json:
        console.answer(plan.to_json())
        return
    show(plan)
    console.out.print("sound", style="green")


def show(plan: "mm.Plan") -> None:
    """Prints a plan."""
    body = plan.to_json()
    console.out.print(f"[bold]{body['name']}[/]  {body['recipe'][:19]}")
    console.out.print(f"{body['train_rows']:,} rows to learn from, {body['holdout_rows']:,} locked away to judge by")
    steps = console.table("step", "method", "rows", "shards")
    for step in body["steps"]:
        steps.add_row(step["name"], step["make"], f"{step['count']:,}", str(step["shards"]))
    console.out.print(steps)
    console.out.print("asks " + ", ".join(body["metrics"]))
    console.out.print("leaves if " + " and ".join(body["gate"]) if body["gate"] else "no gate", markup=False)
    for line in body["notes"]:
        console.note(f"note: {line}")
