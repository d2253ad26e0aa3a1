"""What changed between two versions?"""

from pathlib import Path
from typing import Annotated, Any

import typer

import mintmark as mm
from mintmark.cli import console


def command(
    before: Annotated[
        str,
        typer.Argument(help="NAME, NAME@2, NAME@TAG, a digest or an entry's number.", autocompletion=console.datasets),
    ],
    after: Annotated[str, typer.Argument(help="Another one.", autocompletion=console.datasets)],
    ledger: Annotated[Path, typer.Option(help="The folder of the record.")] = Path(".mintmark"),
    as_json: Annotated[bool, typer.Option("--json", help="Answer in JSON.")] = False,
) -> None:
    """Say what changed between two datasets: recipe, inputs, code, columns, rows, scores, decision."""
    found = mm.diff(before, after, ledger=ledger)
    if as_json:
        console.answer(found.to_json())
        return
    console.out.print(f"{found.before} → {found.after}", style="bold", markup=False)
    console.out.print("the rows are the same, bit for bit" if found.same_rows else "the rows differ")
    if found.changes:
        listed = console.table("part", "what", "before", "after", "")
        for change in found.changes:
            listed.add_row(change.part, change.what, _word(change.before), _word(change.after), change.note)
        console.out.print(listed)


def _word(value: Any) -> str:
    if isinstance(value, str) and value.startswith("sha256:"):
        return value[:19]
    return "–" if value is None else str(value)
