"""Models that were trained on datasets of the record, elsewhere: what their user states of them, and what follows.

What such a model makes lies one generation beyond the data that it learnt from. Nothing of the model is looked into:
the record keeps its name, a digest or an identifier, and the datasets, as the statement of whoever made it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mintmark import digest
from mintmark.digest import Digest
from mintmark.errors import InputError, UnknownName
from mintmark.ledger.entry import Act, Entry
from mintmark.ledger.ledger import Ledger
from mintmark.ledger.versions import open_dataset

KIND = "model"


@dataclass(frozen=True)
class Model:
    """A registered model, as its entry tells of it."""

    entry: Entry

    @property
    def name(self) -> str:
        """What its user calls it."""
        return str(self.entry.body["name"])

    @property
    def digest(self) -> Digest:
        """Of its file where there was one, else of its identifier."""
        return self.entry.subject

    @property
    def depth(self) -> int | None:
        """The most generations between what it learnt from and the world; None where that is not known."""
        depth = self.entry.body.get("depth")
        return depth if isinstance(depth, int) else None

    @property
    def real_share(self) -> float | None:
        """Of the rows that it learnt from; None where that is not known."""
        share = self.entry.body.get("real_share")
        return float(share) if isinstance(share, int | float) else None

    def to_json(self) -> dict[str, Any]:
        """What `mintmark model --json` answers."""
        return {
            "number": self.entry.number,
            "digest": self.digest,
            "inputs": dict(self.entry.inputs),
            **self.entry.body,
        }


def register(ledger: Ledger, name: str, *, trained_on: Sequence[str], subject: Digest, said: str) -> Model:
    """Records the statement that this model was trained on these datasets, or goes on from these models.

    InputError where nothing is named, UnknownName where the record has neither of such a name.
    """
    if not trained_on:
        raise InputError("a model is trained on something", where="trained_on", fix="name datasets of the record")
    sources = {each: _source(ledger, each) for each in trained_on}
    depths = [_number(entry.body.get("depth")) for entry in sources.values()]
    body = {
        "kind": KIND,
        "name": name,
        "said": said,
        "trained_on": list(trained_on),
        "depth": None if None in depths else max(int(depth) for depth in depths if depth is not None),
        "real_share": _share(list(sources.values())),
        "basis": "stated by whoever registered it",
    }
    inputs = {each: entry.subject for each, entry in sources.items()}
    return Model(ledger.append(Act.FIT, subject, inputs=inputs, body=body))


def open_model(ledger: Ledger | None, name: str, *, where: str = "") -> Model:
    """The newest registered model of that name; UnknownName where there is none."""
    known = models(ledger) if ledger is not None else []
    found = [model for model in known if model.name == name]
    if not found:
        raise UnknownName("registered model", name, {model.name for model in known}, where=where)
    return found[-1]


def models(ledger: Ledger) -> list[Model]:
    """All registered models, in order."""
    return [Model(entry) for entry in ledger.find(Act.FIT) if entry.body.get("kind") == KIND]


def named(text: str) -> Digest:
    """What a model is named after whose file is not at hand."""
    return digest.of_json({"model": text})


def _source(ledger: Ledger, name: str) -> Entry:
    try:
        return open_dataset(ledger, name).entry
    except UnknownName:
        found = [model for model in models(ledger) if model.name == name]
    if not found:
        known = {str(entry.body["name"]) for entry in ledger.find(Act.DATASET)} | {m.name for m in models(ledger)}
        raise UnknownName("dataset or model in this ledger called", name, known, where="trained_on")
    return found[-1].entry


def _share(sources: Sequence[Entry]) -> float | None:
    """The real share of all rows together; of models, whose rows nobody counted, only where all shares are equal."""
    shares = [_number(entry.body.get("real_share")) for entry in sources]
    if None in shares:
        return None
    rows = [sum(ref["rows"] for refs in entry.body.get("shards", {}).values() for ref in refs) for entry in sources]
    known = [share for share in shares if share is not None]
    if len(set(known)) == 1:
        return known[0]
    if not all(rows):
        return None
    return sum(share * count for share, count in zip(known, rows, strict=True)) / sum(rows)


def _number(value: Any) -> float | None:
    return value if isinstance(value, int | float) else None
