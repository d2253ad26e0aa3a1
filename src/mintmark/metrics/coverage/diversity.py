"""Are synthetic rows as different from each other as real rows are?"""

from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field
from pydantic.dataclasses import dataclass

from mintmark.metrics import intervals, rows, vendi
from mintmark.metrics.balance import balance, balances
from mintmark.metrics.cells import Cut, evenly
from mintmark.metrics.enough import enough
from mintmark.metrics.evidence import Claim, Reading
from mintmark.metrics.features import Floats, Space
from mintmark.metrics.metric import Case, Role
from mintmark.metrics.neighbours import Map, Points
from mintmark.metrics.sides import shared
from mintmark.seeds import Seed

ROWS = 10_000
"""Most rows of each side."""
PART = 5_000
"""Rows of which points are made at once, for they are wide."""
PAIRS = 2_000
"""Pairs of real rows whose median distance is the width of the kernel."""


@dataclass(frozen=True)
class Diversity:
    """Somebody counts how many really different rows there are: has the generator said the same thing in many words?

    The Vendi score (Friedman & Dieng 2023) is exp(−Σ λ ln λ) over the eigenvalues λ of K / n: as many as n rows without
    any likeness, and 1 if all are alike. The kernel is Gaussian at the median distance of real rows, in a space where a
    number is its rank and a level has its own axis; `features` random Fourier features stand for it, so that it costs
    O(n d²) and memory O(n d) (the dual form). Of a text it sees the length alone: what texts say is asked by
    `coverage.vendi`. r is the synthetic score over the real one at equal n. The value is min(r, 1 / r): 1 is best. r
    below 1 means collapse, r above 1 noise that reality does not have: details tell which, with the share of distinct
    rows and the mean entropy of columns on both sides.

    Interval: each row's influence on ln r has a closed form, −xᵀ ln(C) x, whose variance gives it (the delta method).
    As one number for all rows it does not see where the diversity is lacking.
    """

    features: int = Field(128, ge=16, le=2048)

    claim: ClassVar[Claim] = Claim.COVERAGE
    needs: ClassVar[frozenset[Role]] = frozenset({Role.SYNTHETIC})
    better: ClassVar[Literal["lower", "higher"]] = "higher"
    whole: ClassVar[bool] = False
    profiles: ClassVar[dict[str, dict[str, Any] | None]] = {"quick": None, "thorough": {"features": 512}}

    def measure(self, case: Case, *, rng: np.random.Generator) -> Reading:
        """How alike the two diversities are; details hold both Vendi scores."""
        real, synthetic = case.reference, case.need(Role.SYNTHETIC)
        enough(synthetic=len(synthetic), real=len(real))
        n = min(len(real), len(synthetic), ROWS)
        real, synthetic = (data.select(np.sort(rng.permutation(len(data))[:n])) for data in (real, synthetic))
        space = shared(case, real, synthetic, rng=rng)
        X, Y = space.matrix(real), space.matrix(synthetic)
        map_ = Map.of(space, X)
        waves = _waves(map_, X, self.features)
        (theirs, their_variance), (ours, our_variance) = (
            vendi.entropy(_features(map_, side, waves)) for side in (X, Y)
        )
        log, variance = ours - theirs, (their_variance + our_variance) / n
        low, high = (float(np.exp(end)) for end in intervals.normal(log, variance, (-50.0, 50.0)))
        prints = rows.parts(space, real, synthetic)
        details = {
            "ratio": float(np.exp(log)),
            "ratio_interval": [low, high],
            "vendi": {"real": float(np.exp(theirs)), "synthetic": float(np.exp(ours))},
            "distinct_rows": _sides([len(np.unique(each.sum(axis=1))) / n for each in prints]),
            "mean_entropy_of_columns": _sides(_column_entropies(space, X, Y)),
            "features": self.features,
            **space.note(),
        }
        return Reading(balance(float(np.exp(log))), balances(low, high), n, details)


def _waves(map_: Map, real: Floats, features: int) -> Points:
    """Directions and frequencies of the random Fourier features (Rahimi & Recht 2007), shape (width, features / 2).

    Always the same directions, so that synthetic data, ceiling and floor are seen through the same features.
    """
    rng = Seed(0).child("waves").rng()
    a, b = (map_.points(real[rng.integers(len(real), size=PAIRS)]) for _ in range(2))
    gaps = np.linalg.norm(a - b, axis=1)
    width = float(np.median(gaps[gaps > 0])) if (gaps > 0).any() else 1.0
    return (rng.normal(size=(a.shape[1], features // 2)) / width).astype(np.float32)


def _features(map_: Map, rows: Floats, waves: Points) -> Floats:
    """Rows of length 1, shape (n, features): k(x, x) = 1 exactly, for cos² + sin² = 1."""
    parts = [map_.points(rows[k : k + PART]) @ waves for k in range(0, len(rows), PART)]
    angle = np.concatenate(parts).astype(np.float64)
    return np.concatenate([np.cos(angle), np.sin(angle)], axis=1) / np.sqrt(waves.shape[1])


def _column_entropies(space: Space, X: Floats, Y: Floats) -> list[float]:
    """The mean over columns of the entropy of their cells, in nats."""
    out = np.zeros(2)
    for j, column in enumerate(space.columns):
        cut = Cut.of(column, X[:, j], at=evenly(20), levels=1000)
        for side, values in enumerate((X[:, j], Y[:, j])):
            share = np.bincount(cut.place(values), minlength=cut.size) / len(values)
            out[side] -= float((share[share > 0] * np.log(share[share > 0])).sum())
    return (out / len(space.columns)).tolist()


def _sides(pair: list[float]) -> dict[str, float]:
    return {"real": float(pair[0]), "synthetic": float(pair[1])}
