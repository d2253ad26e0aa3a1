"""Which way should a gap be filled? From what is wished, what the data shows, and the user's own comparisons."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast, get_args

from mintmark.advice import choice
from mintmark.advice.choice import Choice, Run
from mintmark.advice.described import rarest
from mintmark.advice.method import Gap, Modality, Use, Wish
from mintmark.data import sources
from mintmark.data.dataset import Dataset
from mintmark.errors import InputError, LedgerError, UnknownName
from mintmark.ledger.entry import Act
from mintmark.ledger.ledger import Ledger

CHOICES = {"gap": get_args(Gap), "use": get_args(Use), "modality": get_args(Modality)}


def advise(
    *,
    gap: str,
    use: str,
    modality: str = "table",
    data: Any = None,
    target: str | None = None,
    people: bool = False,
    guarantee: bool = False,
    described: bool = False,
    no_data: bool = False,
    ledger: Path | str | None = ".mintmark",
) -> Choice:
    """Ranks the ways of filling a gap, with the reasons and their sources, and the ways of doing without.

    `data` is a dataset, a table or what `read` takes: its rows, and the rarest class of `target`, count as reasons.
    `people`: rows are about persons. `guarantee`: a formal guarantee of privacy is required. `described`: somebody can
    write down how the data comes about. `no_data`: there are no real rows. What comparisons in `ledger` found counts.

    Raises InputError for an unknown gap, use or modality, UnknownName for an unknown target.
    """
    asked = {"gap": gap, "use": use, "modality": modality}
    for name, value in asked.items():
        if value not in CHOICES[name]:
            raise InputError(f"there is no such {name}", found=value, fix=f"choose from: {', '.join(CHOICES[name])}")
    if no_data and data is not None:
        raise InputError("there is data, and it is said that there is none", fix="leave one out")
    read = _read(data)
    if target is not None and read is not None and target not in read.columns:
        raise UnknownName("column", target, read.columns.names)
    wish = Wish(
        gap=cast(Gap, gap),
        use=cast(Use, use),
        modality=cast(Modality, modality),
        people=people,
        guarantee=guarantee,
        rows=0 if no_data else len(read) if read is not None else None,
        columns=len(read.columns.names) if read is not None else None,
        rarest=rarest(read, target) if read is not None else None,
        described=described,
    )
    return choice.advise(wish, list(_runs(ledger)))


def _read(data: Any) -> Dataset | None:
    if data is None:
        return None
    return sources.read(data) if isinstance(data, str | Path) else Dataset.of(data)


def _runs(folder: Path | str | None) -> Iterator[Run]:
    """The comparisons that a ledger remembers, oldest first; none where there is no ledger."""
    if folder is None or not Path(folder).is_dir():
        return
    try:
        record = Ledger.open(Path(folder), create=False)
    except LedgerError:
        return  # it is somebody else's folder; advice does not depend on it
    for entry in record.find(Act.NOTE):
        if entry.body.get("note") == "comparison" and entry.chain is None:  # a guest's are not this user's own
            body = record.objects.get_json(entry.body["comparison"]["object"])
            makes = {entrant["label"]: entrant["generator"] for entrant in body["entrants"] if not entrant["failure"]}
            advised = tuple(makes[label] for label in body["advice"]["advised"] if label in makes)
            yield Run(str(body["name"]), advised, tuple(makes.values()))
