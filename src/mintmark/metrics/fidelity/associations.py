"""Is the strength of association of every two columns the real one, by rank, by level and by both?"""

from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from pydantic.dataclasses import dataclass

from mintmark.errors import CannotMeasure
from mintmark.metrics import combos, intervals
from mintmark.metrics.association import KINDS, TINY, Layout, sums
from mintmark.metrics.cells import Cut, evenly
from mintmark.metrics.evidence import Claim, Reading
from mintmark.metrics.features import Floats
from mintmark.metrics.metric import Case, Role
from mintmark.metrics.sides import Sides, sides

TOP = 20
"""Pairs that the details name."""


@dataclass(frozen=True)
class Associations:
    """An analyst computes how strongly every two columns hang together, once in each table: by how much is it off?

    The value is the mean over pairs of columns of the absolute difference of an association: Spearman's ρ of two
    numbers (from −1 to 1); of a number and a category the correlation ratio η of the number's ranks, corrected for
    chance (Kelley 1935); of two categories Cramér's V, corrected for chance (Bergsma 2013). 0 is best. Rows where one
    of the two is missing do not count for a number, and are a level of a category. Of a text the length is taken.
    Details hold the mean for each kind of pair, the pairs that are off furthest, and the mean difference of normalised
    mutual information, which sees dependence of any form between cells.

    Interval: normal, with the variance of a bootstrap of blocks of rows. Chance keeps the value above 0, for the
    ceiling too at the same n. Which form an association has is not compared (see `fidelity.pairs`), nor any dependence
    of three columns (see `fidelity.triples`).
    """

    rows: int = Field(10_000, ge=30)
    """Most rows of each side."""
    columns: int = Field(30, ge=2, le=200)
    """Most columns that are paired; of more, that many are drawn, always the same, the target among them."""
    levels: int = Field(20, ge=2, le=200)
    """Levels of a category that stay apart; the rarer ones are one."""
    resamples: int = Field(100, ge=50)

    claim: ClassVar[Claim] = Claim.FIDELITY
    needs: ClassVar[frozenset[Role]] = frozenset({Role.SYNTHETIC})
    better: ClassVar[Literal["lower", "higher"]] = "lower"
    whole: ClassVar[bool] = False
    profiles: ClassVar[dict[str, dict[str, Any] | None]] = {
        "quick": {"columns": 12, "rows": 5000},
        "thorough": {"rows": 50_000, "columns": 60, "resamples": 400},
    }

    def measure(self, case: Case, *, rng: np.random.Generator) -> Reading:
        """The mean difference over pairs; details as the class says."""
        both = sides(case, self.rows, rng)
        if len(both.space.columns) < 2:
            raise CannotMeasure("there are no pairs: fewer than two columns can be compared")
        kept = combos.some(both.space.names, self.columns, case.target)
        layout = Layout.of(both.space, both.real, kept, self.levels)
        products = [sums(layout.wide(rows), intervals.blocks(both.n, rng)) for rows in (both.real, both.made)]
        real, made = (layout.associations(each.sum(axis=0, keepdims=True))[0] for each in products)
        value = float(np.abs(real - made).mean())
        ours, theirs = (
            layout.associations(np.tensordot(intervals.block_weights(both.n, self.resamples, rng), each, 1))
            for each in products
        )
        variance = float(np.abs(ours - theirs).mean(axis=1).var(ddof=1))
        capped = {"columns_capped": f"{len(kept)} of {len(both.space.columns)} columns"}
        details = {
            "by_kind": _by_kind(layout, np.abs(real - made)),
            "furthest": _furthest(layout, real, made),
            "mutual_information": _information(both, kept),
            **(capped if len(kept) < len(both.space.columns) else {}),
            **both.note(),
        }
        return Reading(value, intervals.normal(value, variance, (0.0, 2.0)), both.n, details)


def _by_kind(layout: Layout, gaps: Floats) -> dict[str, Any]:
    """The mean gap of each kind of pair."""
    kinds = np.array([layout.kind(*pair) for pair in layout.pairs])
    return {
        name: {"mean_difference": float(gaps[kinds == kind].mean()), "pairs": int((kinds == kind).sum())}
        for kind, name in enumerate(KINDS)
        if (kinds == kind).any()
    }


def _furthest(layout: Layout, real: Floats, made: Floats) -> list[dict[str, Any]]:
    """The pairs that are off most."""
    pairs = layout.pairs
    return [
        {
            "columns": [layout.names[c] for c in pairs[i]],
            "measure": KINDS[layout.kind(*pairs[i])],
            "real": float(real[i]),
            "synthetic": float(made[i]),
        }
        for i in np.argsort(-np.abs(real - made), kind="stable")[:TOP]
    ]


def _information(both: Sides, kept: list[int], bins: int = 8) -> dict[str, float]:
    """Mean over pairs of |ΔI / √(H H')| between cells, and the same of the real table alone."""
    cuts = [Cut.of(both.space.columns[j], both.real[:, j], at=evenly(bins), levels=bins) for j in kept]
    starts = np.concatenate([[0], np.cumsum([cut.size for cut in cuts])]).astype(int)
    real, made = (_normalised(_indicators(rows, kept, cuts), starts) for rows in (both.real, both.made))
    return {"mean_difference": float(np.abs(real - made).mean()), "mean_in_real": float(real.mean())}


def _indicators(rows: Floats, kept: list[int], cuts: list[Cut]) -> Floats:
    return np.concatenate([np.eye(cut.size)[cut.place(rows[:, j])] for cut, j in zip(cuts, kept, strict=True)], axis=1)


def _normalised(wide: Floats, starts: NDArray[np.int64]) -> Floats:
    joint = wide.T @ wide / len(wide)
    terms = np.where(joint > 0, -joint * np.log(np.where(joint > 0, joint, 1)), 0.0)
    entropies = np.add.reduceat(np.add.reduceat(terms, starts[:-1], axis=0), starts[:-1], axis=1)
    single = np.diag(entropies)
    mutual = single[:, None] + single - entropies
    upper = np.triu_indices(len(single), 1)
    scale = np.sqrt(single[:, None] * single)[upper]
    return np.where(scale > TINY, mutual[upper] / np.maximum(scale, TINY), 0.0)
