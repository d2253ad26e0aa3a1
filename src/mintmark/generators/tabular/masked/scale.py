"""A column's values as the network sees them: five numbers beside the token's embedding."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from mintmark.generators.storage import need
from mintmark.generators.tabular.tokens import Alphabet, Floats

FEATURES = 5


@dataclass(frozen=True)
class Scale:
    """Where a numeric column's values lie and how far they spread, outliers and special codes aside."""

    middle: float
    spread: float

    def features(self, values: Floats, alphabet: Alphabet) -> Floats:
        """(n, FEATURES) rank, its sine and cosine, standard score and signed logarithm; zeros where there is none."""
        known = ~np.isnan(values) & ~np.isin(values, alphabet.column.specials)
        filled = np.where(known, values, self.middle)
        rank = alphabet.rank[np.searchsorted(alphabet.borders, filled, side="right")]
        z = np.clip(self._scores(filled), -1e6, 1e6)
        signed = np.sign(z) * np.log1p(np.abs(z) * 4) / 2
        out = np.column_stack(
            [2 * rank - 1, np.sin(2 * np.pi * rank), np.cos(2 * np.pi * rank), np.clip(z, -4, 4), signed]
        )
        return out * known[:, None]

    def z(self, values: Floats, alphabet: Alphabet) -> Floats:
        """Standard scores within ±6, zero where there is no quantity."""
        known = ~np.isnan(values) & ~np.isin(values, alphabet.column.specials)
        return np.clip(np.where(known, self._scores(values), 0.0), -6, 6)

    def _scores(self, values: Floats) -> Floats:
        with np.errstate(over="ignore"):  # what is beyond all numbers is clipped
            return (values - self.middle) / self.spread

    def to_json(self) -> dict[str, Any]:
        """What `from_json` reads."""
        return {"middle": self.middle, "spread": self.spread}

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> "Scale":
        """The inverse of `to_json`; LedgerError where it cannot be."""
        out = cls(float(body["middle"]), float(body["spread"]))
        need(bool(np.isfinite(out.middle)) and 0 < out.spread < np.inf, "scale of a column")
        return out


def learn(values: Floats, alphabet: Alphabet) -> Scale:
    """Mean and deviation of what lies between the 0.5 % and 99.5 % quantiles."""
    known = values[np.isfinite(values) & ~np.isin(values, alphabet.column.specials)]
    if not len(known):
        return Scale(0.0, 1.0)
    inner = np.clip(known, *np.quantile(known, [0.005, 0.995]))
    largest = float(np.abs(inner).max()) or 1.0
    small = inner / largest  # sizes first, so that no square overflows
    spread = largest * float(small.std())
    return Scale(largest * float(small.mean()), spread if 0 < spread < np.inf else 1.0)
