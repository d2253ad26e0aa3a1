"""What does this data lack, and would synthetic data help?"""

from pathlib import Path
from typing import Annotated, Literal

import typer

import mintmark as mm
from mintmark.cli import console

STYLES = {"marked": "red", "slight": "yellow", "absent": "green"}
WIDTH = 24
"""Characters of the longest bar."""


def command(
    data: Annotated[str, typer.Argument(help="Real data: a file, a folder, a database, sklearn:NAME …")],
    target: Annotated[str | None, typer.Option(help="The column that is to be predicted.")] = None,
    task: Annotated[
        Literal["classification", "regression"] | None, typer.Option(help="Told from the target where left out.")
    ] = None,
    sensitive: Annotated[list[str] | None, typer.Option(help="A column that names groups of people.")] = None,
    other: Annotated[
        str | None, typer.Option(help="A second sample: newer, or from where models will be used.")
    ] = None,
    made_by: Annotated[str | None, typer.Option(help="How the data came about: measured, simulator, llm …")] = None,
    drop: Annotated[list[str] | None, typer.Option(help="A column to leave out.")] = None,
    seed: Annotated[int, typer.Option(min=0)] = 0,
    report: Annotated[Path | None, typer.Option(help="Where to write a page with pictures (HTML).")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Answer in JSON.")] = False,
) -> None:
    """Say which scarcity real data shows, how surely, and whether synthetic data would help. Nothing is made."""
    with console.progress() as show:
        found = mm.diagnose(data, target=target, task=task, sensitive=sensitive or (), other=other, made_by=made_by,
                            drop=drop or (), report=report, seed=seed, progress=show)  # fmt: skip
    if as_json:
        console.answer(found.to_json())
        return
    for note in found.notes:
        console.note(f"note: {note}")
    console.out.print(f"{found.rows:,} rows; kind of data: {found.source.origin} ({found.source.basis})", markup=False)
    for trace in found.source.traces:
        console.out.print(f"  {trace}", markup=False)
    for each in found.looked:
        tell(each)
    if report:
        console.out.print(f"\nreport    {report}", markup=False, soft_wrap=True)


def tell(looked: "mm.Looked") -> None:
    """Prints one look: grade, finding, bars, and what would help."""
    if looked.symptom is None:
        console.out.print(f"\n{looked.title}: not looked at: {looked.reason}", style="dim", markup=False)
        return
    symptom = looked.symptom
    console.out.print(f"\n{looked.title}: {symptom.grade}", style=f"bold {STYLES[symptom.grade]}", markup=False)
    console.out.print(f"  {symptom.what}", markup=False)
    if symptom.bars is not None:
        drawn = console.table("", "", "")
        longest = max((abs(value) for value in symptom.bars.values), default=0) or 1
        for name, value in zip(symptom.bars.names[:6], symptom.bars.values[:6], strict=True):
            bar = "█" * max(1, round(WIDTH * abs(value) / longest)) if value else ""
            drawn.add_row(f"    {name}", bar, f"{value:.3g}")
        drawn.show_header = False
        console.out.print(drawn)
    console.out.print(f"  {symptom.helps}", style="dim", markup=False)
