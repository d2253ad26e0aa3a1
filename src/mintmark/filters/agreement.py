"""How far a judge and people agree beyond chance: Cohen's kappa, with an interval that few labels cannot fool."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from mintmark.data import arrays
from mintmark.data.dataset import Dataset
from mintmark.errors import DataError, UnknownName

_Z = 1.959963984540054
"""Of an interval of 95 %."""


@dataclass(frozen=True)
class Kappa:
    """Agreement beyond chance: 1 where they always agree, 0 where they do as often as by chance."""

    value: float
    low: float
    high: float
    agreed: int
    n: int


def kappa(judge: NDArray[np.bool_], people: NDArray[np.bool_]) -> Kappa | None:
    """Cohen's kappa (1960) of two verdicts a text; None where it is not defined, for both say one thing only.

    As in Cohen's own standard error the agreement by chance is taken as known. The interval (95 %) is that of Wilson
    (1927) for the share of agreement, on kappa's scale: after ten agreements of ten it does not claim certainty.
    """
    n = len(judge)
    if not n:
        return None
    one, other = float(judge.mean()), float(people.mean())
    chance = one * other + (1 - one) * (1 - other)
    if chance >= 1:
        return None
    agreed = int((judge == people).sum())
    low, value, high = ((share - chance) / (1 - chance) for share in _wilson(agreed, n))
    return Kappa(value, low, high, agreed, n)


def labelled(
    real: Dataset | None, label: str, good: Sequence[str], most: int, rng: np.random.Generator
) -> tuple[pa.Table, NDArray[np.bool_]]:
    """At most so many of the training rows that people labelled, drawn by chance, and whether they called them good.

    Raises DataError where there are none, or none of them is good, or all.
    """
    if real is None:
        raise DataError("agreement with people needs labelled training rows", found="none", where=label)
    if label not in real.table.column_names:
        raise UnknownName("column", label, real.table.column_names, where="label")
    said = arrays.text(real.table[label]).to_pylist()
    there = np.array([place for place, each in enumerate(said) if each is not None], np.int64)
    is_good = np.array([said[place] in set(good) for place in there], bool)
    if not len(there) or is_good.all() or not is_good.any():
        held = ", ".join(sorted({each for each in said if each is not None})[:20]) or "none"
        raise DataError("agreement is measured on texts of which people called some good and some not",
                        where=label, found=held, fix="name its values that are good: good: [...]")  # fmt: skip
    chosen = np.sort(rng.permutation(len(there))[:most])
    return real.table.take(pa.array(there[chosen])), is_good[chosen]


def told(found: Kappa | None, silent: int) -> str:
    """It in words; `silent` texts got no verdict and do not count."""
    more = f"; {silent:,} labelled texts got no verdict" if silent else ""
    if found is None:
        return f"its agreement with your labels is not defined: it says one thing only{more}"
    said = f"it agrees with your labels on {found.agreed:,} of {found.n:,}, Cohen's kappa {found.value:.2f}"
    weak = ", no better than chance as far as these labels tell" if found.low <= 0 else ""
    return f"{said} ({found.low:.2f} to {found.high:.2f}){weak}{more}"


def _wilson(hits: int, n: int) -> tuple[float, float, float]:
    share, spread = hits / n, _Z**2 / n
    middle = (share + spread / 2) / (1 + spread)
    half = math.sqrt(share * (1 - share) * spread + spread**2 / 4) / (1 + spread)
    return middle - half, share, middle + half
