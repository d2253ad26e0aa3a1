"""Judges data from any source, without a recipe."""

from pathlib import Path
from typing import Annotated

import typer

import mintmark as mm
from mintmark.cli import console


def command(
    real: Annotated[str, typer.Argument(help="Real data that the generator saw.")],
    synthetic: Annotated[str, typer.Argument(help="The data to judge; ledger:NAME@2 is a version of --ledger.")],
    holdout: Annotated[str | None, typer.Option(help="Real data that the generator did not see.")] = None,
    target: Annotated[str | None, typer.Option(help="The column that is to be predicted.")] = None,
    sensitive: Annotated[list[str] | None, typer.Option(help="A column that names groups of people.")] = None,
    draw: Annotated[list[str] | None, typer.Option(help="More data from the same sampler, judged with it.")] = None,
    drop: Annotated[list[str] | None, typer.Option(help="A column to leave out.")] = None,
    profile: Annotated[str, typer.Option(help="quick, default or thorough.")] = "default",
    rule: Annotated[list[str] | None, typer.Option(help="A rule, such as 'fidelity.detection <= 0.6'.")] = None,
    seed: Annotated[int, typer.Option(min=0)] = 0,
    ledger: Annotated[Path, typer.Option(help="The folder of the record.")] = Path(".mintmark"),
    report: Annotated[Path | None, typer.Option(help="Where to write the report (HTML).")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Answer in JSON.")] = False,
) -> None:
    """Judge synthetic data beside real data; with rules, exit 1 where one does not hold."""
    with console.progress() as show:
        judged = mm.judge(
            real,
            [synthetic, *(draw or ())],
            holdout=holdout,
            target=target,
            sensitive=sensitive or (),
            drop=drop or (),
            metrics=profile,
            rules=rule or (),
            seed=seed,
            ledger=ledger,
            progress=show,
        )
    for note in judged.notes:
        console.note(f"note: {note}")
    if report:
        judged.write(report)
    if as_json:
        console.answer(judged.to_json())
    else:
        console.out.print(mm.summary(judged.findings, judged.decision))
        if report:
            console.out.print(f"report    {report}", markup=False, soft_wrap=True)
    raise typer.Exit(0 if judged.decision is None or judged.decision.released else 1)
