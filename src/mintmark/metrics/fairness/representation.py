"""Is every group of people as frequent in the synthetic data as in the real data?"""

from collections.abc import Iterator
from itertools import combinations
from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field
from pydantic.dataclasses import dataclass

from mintmark.errors import CannotMeasure
from mintmark.metrics import cells, intervals
from mintmark.metrics.cells import Cut, evenly
from mintmark.metrics.enough import enough
from mintmark.metrics.evidence import Claim, Reading
from mintmark.metrics.features import Space
from mintmark.metrics.metric import Case, Role

SHOWN = 200


@dataclass(frozen=True)
class Representation:
    """A group that is already small may vanish in the copy: which group is most out of proportion?

    Groups are the levels of each sensitive column (numbers cut into quarters) and of each pair of them. A group's ratio
    is its share of the synthetic rows over its share of the real ones. The value is that of the group that is furthest
    off, min(ratio, 1 / ratio): 1 is best, 0 means that a group is gone. A worst of many groups lies below 1 by chance
    alone: see the ceiling. Groups with fewer than `support` real rows are unknown, and are listed as such; those with
    fewer than five have no name there. Details round real rows to tens, with all that follows from them: else the size
    of a small group could be told from what the others leave over.

    Interval: of each ratio on the log scale (Katz et al. 1978), at a level raised for the many groups (Bonferroni);
    so it errs to the wide side, and covers 99 % of what fresh rows show.
    """

    support: int = Field(30, ge=cells.COUNTED)

    claim: ClassVar[Claim] = Claim.FAIRNESS
    needs: ClassVar[frozenset[Role]] = frozenset({Role.SYNTHETIC})
    better: ClassVar[Literal["lower", "higher"]] = "higher"
    whole: ClassVar[bool] = False

    def measure(self, case: Case, *, rng: np.random.Generator) -> Reading:  # noqa: ARG002
        """The worst group's ratio; details hold every group, the worst first.

        Raises CannotMeasure where no sensitive column is named, or every group is too small.
        """
        if not case.sensitive:
            raise CannotMeasure("no sensitive columns are named")
        real, synthetic = case.reference, case.need(Role.SYNTHETIC)
        enough(synthetic=len(synthetic), real=len(real))
        space = Space.of(real, synthetic)
        absent = [name for name in case.sensitive if name not in space.names]
        if absent:
            raise CannotMeasure("sensitive columns cannot be compared", found=", ".join(absent))
        counted = list(_groups(space, case.sensitive, space.matrix(real), space.matrix(synthetic)))
        known = [group for group in counted if group[1] >= self.support]
        if not known:
            raise CannotMeasure(f"every group has fewer than {self.support} real rows", found=f"{len(real)} real rows")
        level = 1 - (1 - intervals.LEVEL) / len(known)
        groups = [_group(*group, len(real), len(synthetic), level) for group in known]
        groups.sort(key=lambda group: (group["balance"], group["group"]))
        unknown = [_unknown(name, count) for name, count, _ in counted if count < self.support]
        low, high = (min(group["balance_interval"][end] for group in groups) for end in (0, 1))
        details = {
            "groups": [
                _group(*_coarse(group, len(real)), len(real), len(synthetic), level) for group in groups[:SHOWN]
            ],
            "unknown": unknown[:SHOWN],
            "known_groups": len(groups),
            "level": level,
            **space.note(),
        }
        return Reading(groups[0]["balance"], (low, high), min(len(real), len(synthetic)), details)


def _groups(space: Space, sensitive: tuple[str, ...], X: Any, Y: Any) -> Iterator[tuple[str, int, int]]:
    """Every group with its real and its synthetic rows."""
    places = [space.names.index(name) for name in sensitive]
    cuts = {j: Cut.of(space.columns[j], X[:, j], at=evenly(4), levels=100) for j in places}
    alone = [(j,) for j in places]
    for columns in (*alone, *combinations(places, 2)):
        shape = tuple(cuts[j].size for j in columns)
        counts = [
            np.bincount(
                np.ravel_multi_index([cuts[j].place(Z[:, j]) for j in columns], shape), minlength=int(np.prod(shape))
            )
            for Z in (X, Y)
        ]
        for cell in np.flatnonzero(counts[0]):
            parts = zip(columns, np.unravel_index(cell, shape), strict=True)
            name = " and ".join(f"{space.columns[j].name}: {cuts[j].label(int(place))}" for j, place in parts)
            yield name, int(counts[0][cell]), int(counts[1][cell])


def _coarse(group: dict[str, Any], n: int) -> tuple[str, int, int]:
    return group["group"], min(n, round(group["real_rows"], -1)), group["synthetic_rows"]


def _unknown(name: str, real: int) -> dict[str, Any]:
    named = name if real >= cells.NAMED else f"a group of fewer than {cells.NAMED}"
    return {"group": named, "real_rows": cells.told(real)}


def _group(name: str, real: int, made: int, n: int, m: int, level: float) -> dict[str, Any]:
    found = (made / m) / (real / n)
    low, high = intervals.ratio(made, m, real, n, level)
    return {
        "group": name,
        "real_rows": real,
        "synthetic_rows": made,
        "real_share": real / n,
        "synthetic_share": made / m,
        "ratio": found,
        "interval": [low, high],
        "balance": _balance(found),
        "balance_interval": _balances(low, high),
    }


def _balance(ratio: float) -> float:
    return min(ratio, 1 / ratio) if ratio > 0 else 0.0


def _balances(low: float, high: float) -> list[float]:
    """The balance is greatest at ratio 1, and falls to either side."""
    ends = sorted((_balance(low), _balance(high)))
    return [ends[0], 1.0 if low <= 1 <= high else ends[1]]
