"""What metrics say in their details, as pictures: what gives the data away, groups of people, attacks, work done."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from mintmark.metrics.evidence import Evidence, Finding
from mintmark.report.charts.bars import bars
from mintmark.report.numerals import fixed, numeral, percent
from mintmark.report.pictures import sparing
from mintmark.report.pictures.fields import Row, rows, value
from mintmark.report.pictures.picture import Picture

MOST = 10
"""Bars of a picture; what is worst comes first."""


@dataclass(frozen=True)
class Exhibit:
    """A picture with the heading under which it stands and how it is read."""

    heading: str
    about: str
    picture: Picture


def exhibits(findings: Sequence[Finding]) -> Iterator[Exhibit]:
    """One exhibit for each metric whose details hold one; details of another form are passed over."""
    by_name = {finding.metric: finding for finding in findings if isinstance(finding, Evidence)}
    for metric, exhibit in _EXHIBITS.items():
        if metric in by_name:
            found = exhibit(by_name[metric])
            if found:
                yield found


def _giveaways(evidence: Evidence) -> Exhibit | None:
    columns = rows(evidence.reading.details.get("columns"), column=str, auc_drop=float)[:MOST]
    if not columns:
        return None
    drawn = partial(
        bars,
        [row["column"] for row in columns],
        {"lost": [max(0.0, row["auc_drop"]) for row in columns]},
        says="How much each column helps to tell synthetic rows from real ones",
        form=partial(fixed, decimals=3),
    )
    notes = tuple(_example(row) for row in columns[:3] if _speaks(row, evidence.reading.n))
    about = "How much worse the machine tells synthetic rows from real ones once a column is taken from it."
    return Exhibit("What gives the data away", about, Picture("Loss of AUC", drawn, notes))


def _speaks(row: Row, n: int) -> bool:
    """Is there an example, and does it rest on enough real people?"""
    found = rows([row.get("example")], cell=str, real_share=float, synthetic_share=float)
    return bool(found) and found[0]["real_share"] * n >= sparing.FEWEST


def _example(row: Row) -> str:
    example = row["example"]
    return (
        f"{row['column']}, {example['cell']}: {percent(example['synthetic_share'])} of synthetic rows, "
        f"{percent(example['real_share'])} of real rows."
    )


def _groups(evidence: Evidence) -> Exhibit | None:
    details = evidence.reading.details
    known = rows(details.get("groups"), group=str, real_share=float, synthetic_share=float, real_rows=int)
    groups = [row for row in known if row["real_rows"] >= sparing.FEWEST]
    if not groups:
        return None
    drawn = partial(
        bars,
        [_levels(row["group"]) for row in groups[:MOST]],
        {
            "real": [round(row["real_share"], 3) for row in groups[:MOST]],
            "synthetic": [row["synthetic_share"] for row in groups[:MOST]],
        },
        says="Each group's share of the real and of the synthetic rows",
    )
    notes = []
    if len(groups) > MOST:
        notes.append(f"{len(groups) - MOST} further groups are closer to their real share.")
    unknown = len(details.get("unknown") or ())
    if unknown:
        notes.append(f"{unknown} groups have too few real rows to be judged.")
    about = "Each group’s share of the rows; the group furthest from its real share comes first."
    return Exhibit("Groups of people", about, Picture("Share of the rows", drawn, tuple(notes)))


def _levels(group: str) -> str:
    """A group's name without its columns': "sex: Female and race: Black" is "Female, Black"."""
    return ", ".join(part.partition(": ")[2] or part for part in group.split(" and "))


def _transfer(evidence: Evidence) -> Exhibit | None:
    details = evidence.reading.details
    scores = {key: value(details.get(key)) for key in ("naive", "tstr", "trtr", "tsts")}
    shown = {key: score for key, score in scores.items() if score is not None}
    if len(shown) < len(scores):
        return None
    drawn = partial(
        bars,
        [_SCORES[key] for key in shown],
        {"score": list(shown.values())},
        says="Scores of a model",
        form=partial(fixed, decimals=2),
    )
    gap = shown["tsts"] - shown["tstr"]
    note = (
        f"Tested on synthetic rows alone, the model would seem {numeral(abs(gap), 2)} "
        f"{'better' if gap > 0 else 'worse'} than it is on real people: the closed-loop gap."
    )
    about = (
        "The same model, trained on one kind of row and tested on another; all but the last are tested on real people."
    )
    return Exhibit("Work done with the data", about, Picture(str(details.get("score", "Score")), drawn, (note,)))


def _attacks(evidence: Evidence) -> Exhibit | None:
    attacks = evidence.reading.details.get("attacks")
    if not isinstance(attacks, Mapping):
        return None
    found = {str(name): _at_one(attack) for name, attack in attacks.items()}
    shown = {name: share for name, share in found.items() if share is not None}
    if not shown:
        return None
    drawn = partial(
        bars,
        [*shown, "guessing"],
        {"named": [*shown.values(), 0.01]},
        says="The share of people whom each attack names rightly while it names 1 % of outsiders wrongly",
    )
    about = "People in the real data whom each attack names rightly, while it names 1 % of outsiders wrongly."
    return Exhibit("Attacks that were tried", about, Picture("People recognised", drawn))


def _at_one(attack: Any) -> float | None:
    rates = attack.get("tpr") if isinstance(attack, Mapping) else None
    return value(rates.get("0.01")) if isinstance(rates, Mapping) else None


_SCORES = {
    "naive": "guessing",
    "tstr": "synthetic → real",
    "trtr": "real → real",
    "tsts": "synthetic → itself",
}

_EXHIBITS: dict[str, Callable[[Evidence], Exhibit | None]] = {
    "privacy.membership": _attacks,
    "fidelity.detection": _giveaways,
    "fairness.representation": _groups,
    "utility.transfer": _transfer,
}
