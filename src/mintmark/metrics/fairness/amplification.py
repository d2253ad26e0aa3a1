"""Does learning from synthetic rows widen the gap between groups beyond what real rows teach?"""

from typing import ClassVar, Literal

import numpy as np
from pydantic import Field
from pydantic.dataclasses import dataclass

from mintmark.metrics import gaps, intervals
from mintmark.metrics.evidence import Claim, Reading
from mintmark.metrics.features import Floats
from mintmark.metrics.gaps import Rates
from mintmark.metrics.metric import Case, Role
from mintmark.metrics.panel import Panel, Places, panel

LUCK = 1.6
"""Simulated on fresh real rows, values varied 1.6 times as much (variance) as the rows of the test alone explain."""


@dataclass(frozen=True)
class Amplification:
    """Reality is unequal already: does a model that learnt from the synthetic rows make it more so?

    The value is the demographic parity difference (see `fairness.parity`) of a model that learnt from synthetic rows,
    less that of one that learnt from as many real rows, both on the same unseen real people. 0 is best: the gap is that
    of reality; above 0 the data widens it, below 0 it narrows it, which the true answers may not bear out.

    Interval: paired bootstrap over test rows; every resample gives both models' widest gaps, whichever groups they lie
    between. The draws are centred on the value, for a widest gap grows by resampling, and spread with room for the luck
    of the training.
    """

    resamples: int = Field(300, ge=100)

    claim: ClassVar[Claim] = Claim.FAIRNESS
    needs: ClassVar[frozenset[Role]] = frozenset({Role.SYNTHETIC, Role.TRAIN, Role.HOLDOUT})
    better: ClassVar[Literal["lower", "higher"]] = "lower"
    whole: ClassVar[bool] = False
    profiles: ClassVar[dict[str, dict[str, int] | None]] = {"quick": None, "thorough": {"resamples": 1000}}

    def measure(self, case: Case, *, rng: np.random.Generator) -> Reading:
        """How much wider the gap is; details hold both gaps with the groups between which they lie."""
        asked = panel(case, (Role.SYNTHETIC, Role.TRAIN), rng)
        decided = [asked.decisions(asked.answers(role)) for role in (Role.SYNTHETIC, Role.TRAIN)]
        rates = [asked.rates(each) for each in decided]
        ours, theirs = (gaps.widest(each) for each in rates)
        value = ours.value - theirs.value
        draws = self._draws(asked, decided, rates[0], rng)
        interval = intervals.percentile(value, value + np.sqrt(LUCK) * (draws - draws.mean()))
        details = {
            "synthetic": {"gap": ours.value, "interval": list(ours.interval), **ours.between},
            "real": {"gap": theirs.value, "interval": list(theirs.interval), **theirs.between},
            **asked.note(),
        }
        return Reading(value, interval, len(asked.test[1]), details)

    def _draws(self, asked: Panel, decided: list[Floats], rates: list[Rates], rng: np.random.Generator) -> Floats:
        """The difference of both widest gaps in each resample, shape (resamples,)."""
        first, counts = _alike(asked, decided)
        times = rng.multinomial(counts.sum(), counts / counts.sum(), size=self.resamples).astype(np.float64)
        found = np.zeros((2, self.resamples))
        for family, rate in zip(asked.families, rates, strict=True):
            if rate.pairs:
                for side, each in enumerate(decided):
                    found[side] = np.maximum(found[side], _widest(family.group[first], rate, each[first], times))
        return np.asarray(found[0] - found[1])


def _alike(asked: Panel, decided: list[Floats]) -> tuple[Places, Places]:
    """The first of the rows that are alike in groups and decisions, and how many they are."""
    groups = np.stack([family.group for family in asked.families], axis=1)
    _, first, counts = np.unique(np.hstack([groups, *decided]), axis=0, return_index=True, return_counts=True)
    return first, counts


def _widest(group: Places, rates: Rates, decided: Floats, times: Floats) -> Floats:
    """The widest gap of a family among its known groups in each resample, shape (resamples,)."""
    member = (group[:, None] == np.arange(len(rates.groups))).astype(np.float64)
    n = np.maximum(times @ member, 1)
    out = np.zeros(len(times))
    for k in range(decided.shape[1]):
        known = ~np.isnan(rates.known[:, k])
        if known.sum() > 1:
            share = ((times * decided[:, k]) @ member / n)[:, known]
            out = np.maximum(out, share.max(axis=1) - share.min(axis=1))
    return out
