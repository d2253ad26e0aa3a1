"""A Gaussian copula: each column's own distribution, tied together by one correlation matrix."""

from dataclasses import dataclass as plain
from pathlib import Path
from typing import Annotated, Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass
from scipy.special import ndtr, ndtri

from mintmark.data.dataset import Dataset
from mintmark.generators import storage
from mintmark.generators.storage import need
from mintmark.generators.tabular import columns
from mintmark.generators.tabular.columns import Learnt
from mintmark.generators.tabular.tokens import Alphabet, Floats, Tokens

METHOD = "tabular.copula"

BATCH = 100_000
"""Rows whose scores are held at once."""


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class Copula:
    """A Gaussian copula: each column's own distribution, tied together by one correlation matrix.

    Nelsen 2006, chapter 2; the matrix is shrunk as in Ledoit, Wolf 2004. Categories and missing values hold intervals
    of the normal scale, in which each row's place is drawn.
    """

    rare: Annotated[int, Field(ge=1, le=1000)] = 5
    """What fewer rows than this share is not reproduced."""

    assumes: ClassVar[tuple[str, ...]] = (
        "What ties columns together is one correlation for each pair, the same everywhere: no bends, no interactions.",
        "Unordered categories are tied as if they were ordered by how frequent they are.",
        "Rows have nothing to do with each other, and their order means nothing.",
        "Categories that fewer than `rare` rows show are never made, and rare numbers are drawn within a wider bin.",
        "Keys and free text are made up in the form of the real ones.",
    )

    def fit(self, real: Dataset | None, *, rng: np.random.Generator) -> "Scores":
        """Learns margins and correlations; DataError where there are too few rows."""
        table = columns.training_table(real)
        learnt = columns.learn(real, rare=self.rare)
        scores = np.column_stack(
            [_scores(alphabet.encode(table[name]), alphabet, rng) for name, alphabet in learnt.alphabets.items()]
            or [np.zeros((table.num_rows, 0))]
        )
        return Scores(learnt, _correlation(scores))

    def load(self, folder: Path) -> "Scores":
        """Reads what `Scores.save` wrote; LedgerError where it was altered."""
        body, stored = storage.read(folder, METHOD)
        with storage.reading(folder):
            learnt = Learnt.rebuild(body, stored)
            matrix = stored["correlation"].astype(np.float64)
            need(matrix.shape == (len(learnt.alphabets),) * 2 and bool(np.isfinite(matrix).all()), "correlation")
            need(bool(np.allclose(matrix, matrix.T)) and bool(np.allclose(np.diag(matrix), 1)), "correlation")
            np.linalg.cholesky(matrix)
            return Scores(learnt, matrix)


@plain(frozen=True)
class Scores:
    """Margins and the correlation matrix of their normal scores, in the order of the alphabets."""

    learnt: Learnt
    correlation: Floats

    def sample(self, count: int, *, rng: np.random.Generator, given: Dataset | None = None) -> Dataset:
        """Draws scores given those of the given columns: exact for a Gaussian."""
        known = self.learnt.given(given, count)
        fixed = self.learnt.tokens(known)
        parts = [self._draw({name: part[start : start + BATCH] for name, part in fixed.items()},
                            min(BATCH, count - start), rng) for start in range(0, max(count, 1), BATCH)]  # fmt: skip
        drawn = {name: np.concatenate([part[name] for part in parts]) for name in self.learnt.alphabets}
        return self.learnt.finish(count, drawn, known, rng)

    def save(self, folder: Path) -> None:
        """Writes `model.json` and `model.npz`."""
        body: dict[str, Any] = self.learnt.to_json()
        storage.write(folder, METHOD, body, self.learnt.to_arrays() | {"correlation": self.correlation})

    def _draw(self, fixed: dict[str, Tokens], count: int, rng: np.random.Generator) -> dict[str, Tokens]:
        """Tokens of all columns: those given, and the others from the conditional normal distribution."""
        names = list(self.learnt.alphabets)
        known = np.array([name in fixed for name in names], dtype=bool)
        seen = np.empty((count, int(known.sum())))
        for place, name in enumerate(name for name in names if name in fixed):
            seen[:, place] = _scores(fixed[name], self.learnt.alphabets[name], rng)
        weights, spread = _conditional(self.correlation, known)
        made = seen @ weights.T + rng.standard_normal((count, int((~known).sum()))) @ spread.T
        rest = iter(range(made.shape[1]))
        return {name: fixed[name] if name in fixed else _tokens(made[:, next(rest)], self.learnt.alphabets[name])
                for name in names}  # fmt: skip


def _scores(tokens: Tokens, alphabet: Alphabet, rng: np.random.Generator) -> Floats:
    """Normal scores, shape (n,): each token's interval of ranks, and a random place within it."""
    low, high = alphabet.cumulative[tokens], alphabet.cumulative[tokens + 1]
    place = low + rng.random(len(tokens)) * (high - low)
    edge = 0.5 / max(float(alphabet.mass.sum()), 1.0)
    return ndtri(np.clip(place, edge, 1 - edge))


def _tokens(scores: Floats, alphabet: Alphabet) -> Tokens:
    count = len(scores)
    return alphabet.among(np.zeros(count, np.int64), np.full(count, alphabet.size), np.minimum(ndtr(scores), 1 - 1e-16))


def _correlation(scores: Floats) -> Floats:
    """(columns, columns) shrunk towards the identity by as much as lowers the expected error (Ledoit, Wolf 2004)."""
    rows, width = scores.shape
    spread = scores.std(axis=0)
    z = (scores - scores.mean(axis=0)) / np.where(spread > 0, spread, 1)
    z[:, spread == 0] = 0
    sample: NDArray[np.float64] = z.T @ z / rows
    target = float(np.trace(sample)) / max(width, 1)
    distance = float(((sample - target * np.eye(width)) ** 2).sum())
    noise = (float(((z**2).T @ (z**2)).sum()) / rows - float((sample**2).sum())) / rows
    shrink = min(1.0, max(noise, 0.0) / distance) if distance > 0 else 1.0
    # Even endless rows leave a little noise in: columns that determine each other would make the matrix singular.
    shrink = max(shrink, 1e-6)
    out = (1 - shrink) * sample
    np.fill_diagonal(out, 1.0)
    return out


def _conditional(matrix: Floats, known: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """Of the unknown scores given the known ones: regression weights, and a root of what variance is left."""
    across, within = matrix[np.ix_(~known, known)], matrix[np.ix_(known, known)]
    weights: Floats = np.zeros((int((~known).sum()), 0))
    if known.any():
        weights = np.asarray(np.linalg.solve(within, across.T).T, dtype=np.float64)
    left = matrix[np.ix_(~known, ~known)] - weights @ across.T
    values, vectors = np.linalg.eigh((left + left.T) / 2)
    return weights, np.asarray(vectors * np.sqrt(np.maximum(values, 0)), dtype=np.float64)
