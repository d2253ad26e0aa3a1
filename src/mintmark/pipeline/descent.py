"""How many generations lie between the data that is learnt from and the world, and how much of it is real?

What the ledger has published is recognised, under whatever name it comes back. Rows that carry their origins, as those
of a release do, say it themselves. Else the writer of the recipe is taken at their word, and the record says that it is
theirs. Of what nobody knows nothing is assumed, least of all that it is real.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from mintmark.data.dataset import Dataset
from mintmark.data.origin import REAL, SYNTHETIC, UNKNOWN, Making, Origins
from mintmark.digest import Digest
from mintmark.errors import DataError
from mintmark.gate import Rule
from mintmark.ledger import sketch
from mintmark.ledger.ledger import Ledger
from mintmark.ledger.models import open_model
from mintmark.ledger.sketch import Recognised
from mintmark.metrics.evidence import Claim, Evidence, Finding, NoEvidence, Reading
from mintmark.recipe import Recipe

DEPTH, REAL_SHARE = "provenance.depth", "provenance.real_share"
METRICS = (DEPTH, REAL_SHARE)
"""What a gate may bound of a dataset's descent: traced, and not measured."""
WHERE_REPLACING = (Rule(DEPTH, "<=", 1), Rule(REAL_SHARE, ">=", 0.5))
"""Rules that hold by themselves where data is to take the place of real data."""
ALL = 0.95
"""From this share of recognised rows on, the table is taken to be nothing else."""


@dataclass(frozen=True)
class Descent:
    """Where the data that is learnt from came from."""

    depth: int | None
    """0 for data from the world, one more for each generation; None where that is not known."""
    real_share: float | None
    """Of its rows; None where that is not known, or nothing is learnt from."""
    basis: Literal["recognised", "carried", "model", "stated", "bundled", "unknown", "nothing"]
    words: str
    model: Digest | None = None
    """The registered model that is stated to have made the rows."""
    standing: float | None = None
    """How much of what made rows were themselves learnt from is real, where they are all made; None is unknown."""

    @property
    def origin(self) -> Literal["real", "synthetic", "mixed", "unknown"]:
        """The same in one word."""
        if self.depth is None:
            return "unknown"
        return "real" if self.depth == 0 else "synthetic" if self.real_share == 0 else "mixed"

    @property
    def made(self) -> int | None:
        """The depth of what is generated from it."""
        return None if self.depth is None else self.depth + 1

    def to_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return dict(vars(self))

    def origins(self, data: Dataset) -> Origins:
        """Where the rows came from: what they carry, one by one, unless the record knows better; else alike for all."""
        carried = data.origins.get(data.name)
        if carried is not None and carried.real_share == self.real_share and self.basis in ("carried", "recognised"):
            return carried
        origin = {"real": REAL, "synthetic": SYNTHETIC}.get(self.origin, UNKNOWN)
        share = 1.0 if origin == REAL else self.standing if origin == SYNTHETIC else None
        making = Making(origin, depth=self.depth, real_share=share, data=data.digest, basis=self.words)
        return Origins.of(making, len(data))


@dataclass(frozen=True)
class Standing:
    """What a dataset that is put together from several stands on."""

    made: int | None
    """The most generations that any row lies from the world."""
    real_share: float | None
    """Of what the rows stand on; a real row stands on itself."""
    words: str
    basis: Literal["mixed"] = "mixed"

    @classmethod
    def of(cls, origins: Origins) -> "Standing":
        """What these rows stand on, each by its weight."""
        told = [f"{share:.0%} of the rows are {_far(depth)}" for depth, share in origins.depths.items()]
        return cls(origins.depth, origins.standing, "; ".join(told))


def _far(depth: int | None) -> str:
    if depth is None:
        return "of unknown origin"
    return "of the world" if depth == 0 else f"{depth} generation{'s' if depth > 1 else ''} from it"


NOTHING = Descent(0, None, "nothing", "nothing was learnt from")


def trace(
    recipe: Recipe,
    train: Dataset | None,
    record: Ledger | None,
    named: Ledger | None = None,
    *,
    rng: np.random.Generator,
) -> Descent:
    """The descent of the training rows: looked for in `record`, and the model that the recipe names in `named`.

    DataError where they are stated to be real and are not: the ledger has published them itself, they carry other
    origins, or a model made them. UnknownName where that model is not registered.
    """
    if train is None:
        return NOTHING
    stated = recipe.real.origin if recipe.real else "unknown"
    found = sketch.recognise(train.table, record, rng=rng) if record is not None else None
    carried = train.origins.get(train.name)
    if found is not None:
        return _recognised(found, stated, carried)
    if carried is not None:
        return _carried(carried, stated)
    if recipe.real and recipe.real.model:
        return _modelled(recipe.real.model, stated, named or record)
    if stated == "unknown" and recipe.real and recipe.real.source.startswith("sklearn:"):
        return Descent(0, 1.0, "bundled", "the rows are real: they come with scikit-learn")
    told = f"the writer of the recipe states that the rows are {stated}"
    return {
        "real": Descent(0, 1.0, "stated", told),
        "synthetic": Descent(1, 0.0, "stated", told),
        "mixed": Descent(1, None, "stated", told),
        "unknown": Descent(None, None, "unknown", "nobody says where the rows came from"),
    }[stated]


def rules(recipe: Recipe) -> tuple[Rule, ...]:
    """The recipe's rules, with those on descent where the data replaces real data and no rule of its own bounds it.

    A recipe without rules stays without: what nobody judges does not leave.
    """
    bounded = {rule.metric for rule in recipe.gate}
    wanted = recipe.gate and recipe.purpose.use == "replace"
    return (*recipe.gate, *(rule for rule in WHERE_REPLACING if wanted and rule.metric not in bounded))


def traced(descent: Descent | Standing, gate: Sequence[Rule]) -> list[Finding]:
    """Depth of what is made, and real share of what it stands on, where a rule asks for them."""
    asked = {rule.metric for rule in gate}
    return [finding for finding in (_depth(descent), _share(descent)) if finding.metric in asked]


def _recognised(found: Recognised, stated: str, carried: Origins | None) -> Descent:
    told = (
        f"{found.share:.0%} of the rows stand in {found.name}, entry {found.entry.number}, which this ledger published"
    )
    _refuse_stated(stated, told)
    before = found.entry.body.get("depth")
    depth = before if isinstance(before, int) else 1
    share = 0.0 if found.share >= ALL else None
    own = carried.real_share if carried is not None else None
    if own is not None and 1 - own >= found.share - (1 - ALL):  # the rows own to as many made ones as were found
        share = own
    return Descent(depth, share, "recognised", told, standing=_told_standing(found))


def _carried(carried: Origins, stated: str) -> Descent:
    shares = ", ".join(f"{share:.0%} {origin}" for origin, share in carried.shares.items())
    told = f"the rows carry their origins: {shares}"
    if carried.real_share != 1.0:
        _refuse_stated(stated, told)
    return Descent(carried.depth, carried.real_share, "carried", told, standing=carried.standing)


def _modelled(name: str, stated: str, record: Ledger | None) -> Descent:
    model = open_model(record, name, where="real.model")
    told = f"the writer of the recipe states that the model {model.name} made the rows"
    _refuse_stated(stated, told)
    depth = None if model.depth is None else model.depth + 1
    share = None if depth is None else 0.0
    return Descent(depth, share, "model", told, model=model.digest, standing=model.real_share)


def _told_standing(found: Recognised) -> float | None:
    """What the made rows of a published dataset stand on; where it holds real rows too, its entry does not say."""
    told = found.entry.body.get("standing") if found.entry.body.get("real_share") == 0 else None
    return float(told) if isinstance(told, int | float) else None


def _refuse_stated(stated: str, told: str) -> None:
    if stated == "real":
        fix = "say where they came from: origin: synthetic, or take them out"
        raise DataError("these rows are stated to be real, and are not", where="real.origin", found=told, fix=fix)


def _depth(descent: Descent | Standing) -> Finding:
    if descent.made is None:
        return NoEvidence(DEPTH, Claim.PROVENANCE, descent.words)
    return _evidence(DEPTH, "lower", descent.made, descent)


def _share(descent: Descent | Standing) -> Finding:
    if descent.real_share is None:
        return NoEvidence(REAL_SHARE, Claim.PROVENANCE, descent.words)
    return _evidence(REAL_SHARE, "higher", descent.real_share, descent)


def _evidence(metric: str, better: Literal["lower", "higher"], value: float, descent: Descent | Standing) -> Evidence:
    # Traced, and so without an interval: it is as sure as the record, or as whoever stated it.
    reading = Reading(value, (value, value), 0, {"basis": descent.basis, "words": descent.words})
    return Evidence(metric, Claim.PROVENANCE, better, reading, basis="traced")
