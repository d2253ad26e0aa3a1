"""How many generations lie between the data that is learnt from and the world, and how much of it is real?

What the ledger has published is recognised, under whatever name it comes back. Else the writer of the recipe is taken
at their word, and the record says that it is theirs. Of what nobody knows nothing is assumed, least of all that it is
real.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from mintmark.data.dataset import Dataset
from mintmark.errors import DataError
from mintmark.gate import Rule
from mintmark.ledger import sketch
from mintmark.ledger.ledger import Ledger
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
    basis: Literal["recognised", "stated", "bundled", "unknown", "nothing"]
    words: str

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


NOTHING = Descent(0, None, "nothing", "nothing was learnt from")


def trace(recipe: Recipe, train: Dataset | None, record: Ledger | None, *, rng: np.random.Generator) -> Descent:
    """The descent of the training rows.

    DataError where they are stated to be real, and the ledger has published them itself.
    """
    if train is None:
        return NOTHING
    stated = recipe.real.origin if recipe.real else "unknown"
    found = sketch.recognise(train.table, record, rng=rng) if record is not None else None
    if found is not None:
        return _recognised(found, stated)
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


def traced(descent: Descent, gate: Sequence[Rule]) -> list[Finding]:
    """Depth of what is made, and real share of what it was learnt from, where a rule asks for them."""
    asked = {rule.metric for rule in gate}
    return [finding for finding in (_depth(descent), _share(descent)) if finding.metric in asked]


def _recognised(found: Recognised, stated: str) -> Descent:
    told = (
        f"{found.share:.0%} of the rows stand in {found.name}, entry {found.entry.number}, which this ledger published"
    )
    if stated == "real":
        fix = "say where they came from: origin: synthetic, or take them out"
        raise DataError("these rows are stated to be real, and are not", where="real.origin", found=told, fix=fix)
    before = found.entry.body.get("depth")
    depth = before if isinstance(before, int) else 1
    return Descent(depth, 0.0 if found.share >= ALL else None, "recognised", told)


def _depth(descent: Descent) -> Finding:
    if descent.made is None:
        return NoEvidence(DEPTH, Claim.PROVENANCE, descent.words)
    return _evidence(DEPTH, "lower", descent.made, descent)


def _share(descent: Descent) -> Finding:
    if descent.real_share is None:
        return NoEvidence(REAL_SHARE, Claim.PROVENANCE, descent.words)
    return _evidence(REAL_SHARE, "higher", descent.real_share, descent)


def _evidence(metric: str, better: Literal["lower", "higher"], value: float, descent: Descent) -> Evidence:
    # Traced, and so without an interval: it is as sure as the record, or as whoever stated it.
    reading = Reading(value, (value, value), 0, {"basis": descent.basis, "words": descent.words})
    return Evidence(metric, Claim.PROVENANCE, better, reading, basis="traced")
