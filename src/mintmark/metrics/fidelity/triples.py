"""How far apart are the joint distributions of three columns at a time?"""

from math import comb
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from pydantic.dataclasses import dataclass

from mintmark.errors import CannotMeasure
from mintmark.metrics import combos, intervals
from mintmark.metrics.cells import Cut, block_counts, evenly
from mintmark.metrics.evidence import Claim, Reading
from mintmark.metrics.features import Floats
from mintmark.metrics.metric import Case, Role
from mintmark.metrics.sides import sides

TOP = 10
"""Triples that the details name."""


@dataclass(frozen=True)
class Triples:
    """Somebody cross-tabulates three columns in both tables: which share of the rows lies in the wrong cell?

    The value is the mean over triples of columns of the total variation distance ½ Σ |p − q| of their joint
    distributions: the k-way marginals of the NIST synthetic data challenges (McKay 2018) for k = 3, and the least k at
    which a generator that is fitted to pairs can fail. Numbers are cut at quantiles of the real data, rarer levels are
    taken together, missing values are apart. 0 is best; chance keeps the value above 0, for the ceiling too at the same
    n, where it is larger than for pairs, for there are more cells.

    Interval: a centred bootstrap of blocks of rows. Differences within a cell are not seen.
    """

    bins: int = Field(4, ge=2, le=16)
    """Cells of a number, and levels of a category that stay apart."""
    triples: int = Field(100, ge=1, le=5000)
    """Most triples; of more, that many are drawn, always the same."""
    rows: int = Field(20_000, ge=30)
    """Most rows of each side."""
    resamples: int = Field(100, ge=50)

    claim: ClassVar[Claim] = Claim.FIDELITY
    needs: ClassVar[frozenset[Role]] = frozenset({Role.SYNTHETIC})
    better: ClassVar[Literal["lower", "higher"]] = "lower"
    whole: ClassVar[bool] = False
    profiles: ClassVar[dict[str, dict[str, Any] | None]] = {
        "quick": None,
        "thorough": {"rows": 50_000, "triples": 1000, "resamples": 400},
    }

    def measure(self, case: Case, *, rng: np.random.Generator) -> Reading:
        """The mean distance; details name the triples that are off most."""
        both = sides(case, self.rows, rng)
        width = len(both.space.columns)
        if width < 3:
            raise CannotMeasure("there are no triples: fewer than three columns can be compared")
        cuts = [
            Cut.of(column, both.real[:, j], at=evenly(self.bins), levels=self.bins)
            for j, column in enumerate(both.space.columns)
        ]
        tables = [[cut.place(Z[:, j]) for j, cut in enumerate(cuts)] for Z in (both.real, both.made)]
        blocks = [intervals.blocks(both.n, rng) for _ in tables]
        weights = [intervals.block_weights(both.n, self.resamples, rng) for _ in tables]
        chosen = combos.chosen(width, 3, self.triples)
        found, draws = np.empty(len(chosen)), np.zeros(self.resamples)
        for i, triple in enumerate(chosen):
            counts = _counts(tables, blocks, triple, [cut.size for cut in cuts])
            found[i] = _distance(*(count.sum(axis=0) for count in counts))
            draws += _distance(*(w @ count for w, count in zip(weights, counts, strict=True)))
        value = float(found.mean())
        names = both.space.names
        details = {
            "triples": f"{len(chosen):,} of {comb(width, 3):,}",
            "furthest": [
                {"columns": [names[j] for j in chosen[i]], "distance": float(found[i])}
                for i in np.argsort(-found, kind="stable")[:TOP]
            ],
            **both.note(),
        }
        return Reading(value, intervals.centred(value, draws / len(chosen)), both.n, details)


def _counts(
    tables: list[list[NDArray[np.int64]]], blocks: list[NDArray[np.int64]], triple: tuple[int, ...], sizes: list[int]
) -> list[Floats]:
    """Rows of each block in each joint cell, shape (blocks, cells), for both tables."""
    a, b, c = triple
    size = sizes[a] * sizes[b] * sizes[c]
    return [
        block_counts((table[a] * sizes[b] + table[b]) * sizes[c] + table[c], size, block)
        for table, block in zip(tables, blocks, strict=True)
    ]


def _distance(p: Floats, q: Floats) -> Floats:
    gaps = p / p.sum(axis=-1, keepdims=True) - q / q.sum(axis=-1, keepdims=True)
    return np.abs(gaps).sum(axis=-1) / 2
