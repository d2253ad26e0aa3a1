"""Which way should a gap be filled, if any?"""

import sys
from pathlib import Path
from typing import Annotated

import typer

import mintmark as mm
from mintmark.cli import console

GAPS = {
    "annotation": "labels cost too much",
    "privacy": "the records may not be handed on",
    "imbalance": "one class is rare",
    "rarity": "events are rare or dangerous",
    "coverage": "a region, a language, a condition is missing",
    "bias": "history was unfair",
    "volume": "there are too few rows",
    "none": "nothing is lacking",
}
USES = {
    "augment": "train on it beside real data",
    "replace": "train on it in place of real data",
    "share": "hand it on",
    "test": "test software",
    "study": "look at it",
    "inference": "estimate quantities with their errors",
}
MODALITIES = {"table": "rows and columns", "text": "text", "image": "pictures", "simulation": "recordings of sensors"}


def command(
    data: Annotated[str | None, typer.Argument(help="Real data, where there is some.")] = None,
    gap: Annotated[str | None, typer.Option(help=", ".join(GAPS))] = None,
    use: Annotated[str | None, typer.Option(help=", ".join(USES))] = None,
    modality: Annotated[str | None, typer.Option(help=", ".join(MODALITIES))] = None,
    target: Annotated[str | None, typer.Option(help="The column that is to be predicted.")] = None,
    people: Annotated[bool | None, typer.Option(help="Rows are about persons.")] = None,
    guarantee: Annotated[bool | None, typer.Option(help="A formal guarantee of privacy is required.")] = None,
    described: Annotated[bool | None, typer.Option(help="Somebody can write down how the data comes about.")] = None,
    no_data: Annotated[bool, typer.Option("--no-data", help="There are no real rows.")] = False,
    ledger: Annotated[Path, typer.Option(help="The folder of the record, whose comparisons count.")] = Path(
        ".mintmark"
    ),
    as_json: Annotated[bool, typer.Option("--json", help="Answer in JSON.")] = False,
) -> None:
    """Rank the ways of filling a gap, with their ceilings, failures and owed tests, and the ways of doing without.

    In a terminal, what is not said is asked.
    """
    ask = sys.stdin.isatty() and not as_json
    gap = gap or _asked("What is lacking?", "--gap", GAPS, ask=ask)
    use = use or _asked("What is the data for?", "--use", USES, ask=ask)
    modality = modality or (_asked("What kind of data is it?", "--modality", MODALITIES, ask=ask) if ask else "table")
    people = _answered("Is it about people?", people, ask=ask)
    if people or gap == "privacy":
        guarantee = _answered("Is a formal guarantee of privacy required?", guarantee, ask=ask)
    if no_data or gap in ("rarity", "coverage") or use == "test":
        described = _answered("Can somebody write down how the data comes about?", described, ask=ask)
    found = mm.advise(gap=gap, use=use, modality=modality, data=data, target=target, people=bool(people),
                      guarantee=bool(guarantee), described=bool(described), no_data=no_data, ledger=ledger)  # fmt: skip
    if as_json:
        console.answer(found.to_json())
        return
    console.out.print(found.headline, style="bold", markup=False)
    for title, ways in (("Ways to make it", found.ways), ("Ways without", found.alternatives)):
        if ways:
            console.out.print(f"\n{title}", style="bold")
        for way in ways:
            tell(way)
    for way in found.ruled_out:
        console.out.print(f"\nruled out: {way.method.name}: {way.vetoes[0].why}", style="dim", markup=False)


def tell(way: "mm.Weighed") -> None:
    """Prints one way."""
    console.out.print(f"\n{way.method.name}  {way.points:+d}", style="cyan", markup=False)
    for reason in way.reasons:
        cited = f" ({reason.source})" if reason.source else ""
        console.out.print(f"  {reason.points:+d} {reason.why}{cited}", markup=False)
    method = way.method
    for word, text in (("reaches", method.ceiling), ("fails", method.fails), ("cannot", method.cannot),
                       ("owes", ", ".join(method.owes)), ("costs", method.cost)):  # fmt: skip
        console.out.print(f"  {word:<8} {text}", style="dim", markup=False)


def _asked(question: str, option: str, choices: dict[str, str], *, ask: bool) -> str:
    if not ask:
        raise typer.BadParameter(f"{question} Say it with {option}: {', '.join(choices)}")
    for name, meaning in choices.items():
        console.out.print(f"  {name:<12} {meaning}", markup=False)
    answer = ""
    while answer not in choices:
        answer = str(typer.prompt(question)).strip().lower()
    return answer


def _answered(question: str, told: bool | None, *, ask: bool) -> bool | None:
    return typer.confirm(question) if told is None and ask else told
