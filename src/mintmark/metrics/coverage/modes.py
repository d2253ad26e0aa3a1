"""Is every kind of row that real data has there in its proportion?"""

from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from pydantic.dataclasses import dataclass

from mintmark.metrics import intervals
from mintmark.metrics.cells import COUNTED, Cut, evenly
from mintmark.metrics.enough import enough
from mintmark.metrics.evidence import Claim, Reading
from mintmark.metrics.features import Floats, Space
from mintmark.metrics.metric import Case, Role
from mintmark.metrics.neighbours import Map, Points
from mintmark.metrics.sides import shared
from mintmark.seeds import Seed

Places = NDArray[np.int64]

LEARNT = 3_000
"""Most real rows from which the kinds are learnt."""
ROUNDS = 10
TRIES = 4
PART = 5_000
FEWEST = 30
"""Rows of the smallest kind, on average."""
DRAWS = 400
SHOWN = 5


@dataclass(frozen=True)
class Modes:
    """A zoologist sorts the real rows into kinds, and looks in the synthetic data for each: is it there, in proportion?

    Kinds are clusters of real rows (k-means in a space where a number is its rank and a level has its own axis), and
    every row belongs to the nearest. Of each kind min(1, synthetic share / real share) is taken; the value is the mean
    over kinds, so that a small one counts as much as a large one. 1 is best. A generator that has lost modes, or folds
    them into others, scores low; chance alone costs some: see the ceiling. It does not see what varies within a kind.

    Interval: bootstrap of both tables' shares given the clusters, centred on the value. Other real rows make other
    clusters: over these too it covers, simulated, 98 % where rows are fresh and 89 % where they are not.
    """

    kinds: int = Field(40, ge=2, le=500)
    """At most; fewer where real rows are few, so that a kind has 30 on average."""

    claim: ClassVar[Claim] = Claim.COVERAGE
    needs: ClassVar[frozenset[Role]] = frozenset({Role.SYNTHETIC})
    better: ClassVar[Literal["lower", "higher"]] = "higher"
    whole: ClassVar[bool] = False
    profiles: ClassVar[dict[str, dict[str, Any] | None]] = {"quick": None, "thorough": {"kinds": 200}}

    def measure(self, case: Case, *, rng: np.random.Generator) -> Reading:
        """How well the kinds are kept; details describe those that are most lacking."""
        real, synthetic = case.reference, case.need(Role.SYNTHETIC)
        enough(2 * FEWEST, synthetic=len(synthetic), real=len(real))
        space = shared(case, real, synthetic, rng=rng)
        X, Y = space.matrix(real), space.matrix(synthetic)
        map_ = Map.of(space, X)
        centres = _centres(map_, X, min(self.kinds, len(X) // FEWEST))
        theirs, ours = (_kinds(map_, rows, centres) for rows in (X, Y))
        counts = [np.bincount(kind, minlength=len(centres)) for kind in (theirs, ours)]
        there = np.flatnonzero(counts[0])
        value, draws = self._kept(counts[0][there], counts[1][there], rng)
        ratio = (counts[1][there] / len(Y)) / (counts[0][there] / len(X))
        worst = [k for k in np.argsort(ratio, kind="stable")[:SHOWN] if counts[0][there[k]] >= FEWEST]
        details = {
            "kinds": len(there),
            "below_half": int((ratio < 0.5).sum()),
            "lacking": [
                {"ratio": float(ratio[k]), "real_share": float(counts[0][there[k]] / len(X)),
                 "marks": _marks(space, X, theirs == there[k])}
                for k in worst
            ],
            "learnt_from": min(LEARNT, len(X)),
            **space.note(),
        }  # fmt: skip
        low, high = intervals.centred(1 - value, 1 - draws)
        return Reading(value, (max(0.0, 1 - high), min(1.0, 1 - low)), min(len(X), len(Y)), details)

    def _kept(self, real: Places, made: Places, rng: np.random.Generator) -> tuple[float, Floats]:
        """The value and its bootstrap draws, shape (draws,)."""
        total = max(1, int(made.sum()))
        theirs = rng.multinomial(int(real.sum()), real / real.sum(), size=DRAWS) / real.sum()
        ours = rng.multinomial(total, made / total, size=DRAWS) / total if made.any() else np.zeros((DRAWS, len(made)))
        value = float(np.minimum(1.0, (made / total) / (real / real.sum())).mean())
        ratio = np.divide(ours, theirs, out=np.ones_like(ours), where=theirs > 0)
        return value, np.minimum(1.0, ratio).mean(axis=1)


def _centres(map_: Map, real: Floats, kinds: int) -> Points:
    """Lloyd's k-means from k-means++ seeds (Arthur & Vassilvitskii 2007), shape (kinds, width).

    Of the same real rows always the same, so that synthetic data, ceiling and floor are asked for the same kinds.
    """
    rng = Seed(0).child("kinds").rng()
    rows = map_.points(real[np.sort(rng.permutation(len(real))[:LEARNT])])
    centres = _seeds(rows, kinds, rng)
    for _ in range(ROUNDS):
        kind = _nearest(rows, centres)
        counts = np.bincount(kind, minlength=len(centres))
        sums = (np.arange(len(centres))[:, None] == kind).astype(np.float32) @ rows
        centres = np.where(counts[:, None] > 0, sums / np.maximum(counts, 1)[:, None], centres).astype(np.float32)
    return centres


def _seeds(rows: Points, kinds: int, rng: np.random.Generator) -> Points:
    """Each seed is the best of a few rows drawn by their squared distance from the seeds before it."""
    picked = [int(rng.integers(len(rows)))]
    gap = _gaps(rows, rows[picked])[0]
    while len(picked) < kinds and gap.sum() > 0:
        tried = rng.choice(len(rows), TRIES, p=gap / gap.sum())
        gaps = np.minimum(gap, _gaps(rows, rows[tried]))
        best = int(np.argmin(gaps.sum(axis=1)))
        picked.append(int(tried[best]))
        gap = gaps[best]
    return rows[picked]


def _gaps(rows: Points, seeds: Points) -> Floats:
    """Squared distances, shape (seeds, rows)."""
    squares = [np.einsum("ij,ij->i", each, each) for each in (seeds, rows)]
    return np.maximum(squares[0][:, None] + squares[1] - 2 * (seeds @ rows.T), 0).astype(np.float64)


def _kinds(map_: Map, rows: Floats, centres: Points) -> Places:
    """The kind of every row, shape (n,); points are made of a part at a time, for they are wide."""
    parts = [_nearest(map_.points(rows[k : k + PART]), centres) for k in range(0, len(rows), PART)]
    return np.concatenate(parts)


def _nearest(rows: Points, centres: Points) -> Places:
    return np.argmax(rows @ centres.T - (centres**2).sum(axis=1) / 2, axis=1)


def _marks(space: Space, X: Floats, inside: NDArray[np.bool_]) -> list[str]:
    """The three cells of single columns that mark a kind most, by how much more often it lies in them.

    Of cells that ten of its rows and more lie in: what few people are like marks them and not their kind.
    """
    found = []
    for j, column in enumerate(space.columns):
        cut = Cut.of(column, X[:, j], at=evenly(4), levels=50)
        place = cut.place(X[:, j])
        ours, all_ = (np.bincount(each, minlength=cut.size) for each in (place[inside], place))
        more = np.where(ours >= COUNTED, ours / inside.sum() - all_ / len(place), -1.0)
        best = int(np.argmax(more))
        if more[best] > 0:
            found.append((float(more[best]), f"{column.name}: {cut.label(best)}"))
    return [name for _, name in sorted(found, reverse=True)[:3]]
