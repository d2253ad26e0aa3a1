"""Each column drawn alone: the floor that every other method must beat."""

from collections.abc import Mapping
from dataclasses import dataclass as plain
from pathlib import Path
from typing import Annotated, Any, ClassVar

import numpy as np
import pyarrow as pa
from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass

from mintmark.data.dataset import Dataset
from mintmark.generators import storage
from mintmark.generators.tabular import columns
from mintmark.generators.tabular.columns import Learnt

METHOD = "tabular.independent"


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class Independent:
    """Each column drawn alone: shares of categories and missing values, and numbers smoothed within quantile bins."""

    rare: Annotated[int, Field(ge=1, le=1000)] = 5
    """What fewer rows than this share is not reproduced."""

    assumes: ClassVar[tuple[str, ...]] = (
        "Columns have nothing to do with each other.",
        "Rows have nothing to do with each other, and their order means nothing.",
        "Categories that fewer than `rare` rows show are never made, and rare numbers are drawn within a wider bin.",
        "Keys and free text are made up in the form of the real ones.",
    )

    def fit(self, real: Dataset | None, *, rng: np.random.Generator) -> "Margins":  # noqa: ARG002 — learning counts
        """Counts each column's tokens; DataError where there are too few rows."""
        return Margins(columns.learn(real, rare=self.rare))

    def load(self, folder: Path) -> "Margins":
        """Reads what `Margins.save` wrote; LedgerError where it was altered."""
        body, stored = storage.read(folder, METHOD)
        with storage.reading(folder):
            return Margins(Learnt.rebuild(body, stored))


@plain(frozen=True)
class Margins:
    """Columns, each with its own distribution."""

    learnt: Learnt

    def sample(self, count: int, *, rng: np.random.Generator, given: Dataset | None = None) -> Dataset:
        """Draws each column that is not given."""
        known: Mapping[str, pa.Array] = self.learnt.given(given, count)
        drawn = {name: alphabet.draw(count, rng) for name, alphabet in self.learnt.alphabets.items()
                 if name not in known}  # fmt: skip
        return self.learnt.finish(count, drawn, known, rng)

    def save(self, folder: Path) -> None:
        """Writes `model.json` and `model.npz`."""
        body: dict[str, Any] = self.learnt.to_json()
        storage.write(folder, METHOD, body, self.learnt.to_arrays())
