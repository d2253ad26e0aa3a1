"""Which generator for this table?"""

from pathlib import Path
from typing import Annotated

import typer

import mintmark as mm
from mintmark.cli import console


def command(
    what: Annotated[str, typer.Argument(metavar="RECIPE_OR_DATA", help="A recipe (YAML), or real data.")],
    with_: Annotated[list[str], typer.Option("--with", help="Methods, as in tabular.copula,'tabular.trees(leaf=20)'.")],
    seeds: Annotated[int, typer.Option(min=1, help="How often each is fitted.")] = 3,
    assay: Annotated[str | None, typer.Option(help="quick, default or thorough; the recipe's own if left out.")] = None,
    target: Annotated[str | None, typer.Option(help="Data: the column that is to be predicted.")] = None,
    sensitive: Annotated[list[str] | None, typer.Option(help="Data: a column that names groups of people.")] = None,
    drop: Annotated[list[str] | None, typer.Option(help="Data: a column to leave out.")] = None,
    rule: Annotated[list[str] | None, typer.Option(help="Data: a rule, as in 'fidelity.detection <= 0.6'.")] = None,
    ledger: Annotated[Path, typer.Option(help="The folder of the record; finished fits are kept in it.")] = Path(
        ".mintmark"
    ),
    report: Annotated[Path | None, typer.Option(help="Where to write the comparison as a page (HTML).")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Answer in JSON.")] = False,
) -> None:
    """Compare generators on the same real rows, and say which one to take; exit 1 where nobody meets the rules."""
    with console.progress() as show:
        found = mm.compare(
            what,
            with_,
            seeds=seeds,
            metrics=assay,
            target=target,
            sensitive=sensitive or (),
            drop=drop or (),
            rules=rule or (),
            ledger=ledger,
            progress=show,
        )
    for line in found.notes:
        console.note(f"note: {line}")
    if report:
        found.write(report)
    if as_json:
        console.answer(found.to_json())
    else:
        console.out.print(mm.summary(found))
        if report:
            console.out.print(f"report    {report}", markup=False, soft_wrap=True)
    raise typer.Exit(0 if found.met else 1)
