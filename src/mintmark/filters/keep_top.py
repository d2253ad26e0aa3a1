"""Keep top: the best fraction by a score column; the rest is left out."""

from typing import ClassVar, Literal

import numpy as np
import pyarrow as pa
from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass

from mintmark.data.dataset import Dataset
from mintmark.errors import DataError, UnknownName
from mintmark.filters.filter import Sifted
from mintmark.filters.ranking import best


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class KeepTop:
    """Of each run the `share` of rows with the best score stays; of equal scores the earlier rows do.

    A score knows nothing of variety: what it thinks little of is pruned from the tails first. `tails.pruned` says of
    any filter which levels and ends it thinned out. Each run is judged as a whole, so give it all rows at once. Rows
    without a score are left out.
    """

    column: str
    share: float = Field(gt=0, le=1)
    best: Literal["highest", "lowest"] = "highest"

    streams: ClassVar[bool] = False

    def open(self, real: Dataset | None, *, rng: np.random.Generator) -> "Top":  # noqa: ARG002
        """Nothing is needed."""
        return Top(self)


class Top:
    """Remembers nothing."""

    def __init__(self, filter_: KeepTop) -> None:
        """Of these parameters."""
        self._filter = filter_

    def sift(self, rows: pa.Table) -> Sifted:
        """Drops what is not among the best."""
        scores = self._scores(rows)
        there = np.flatnonzero(~np.isnan(scores))
        sign = 1 if self._filter.best == "highest" else -1
        kept, others = (there[rows] for rows in best(sign * scores[there], self._filter.share))
        dropped = {int(row): ("no score", "") for row in np.flatnonzero(np.isnan(scores))}
        if len(kept):
            last = scores[kept[-1]]
            shown = {int(row): f"{scores[row]:.6g}, where the last that stays has {last:.6g}" for row in others}
            dropped |= {row: ("not among the best", told) for row, told in shown.items()}
        return Sifted.of(len(rows), dropped)

    def _scores(self, rows: pa.Table) -> np.ndarray:
        name = self._filter.column
        if name not in rows.column_names:
            raise UnknownName("column", name, rows.column_names)
        held = rows.schema.field(name).type
        if not (pa.types.is_integer(held) or pa.types.is_floating(held) or pa.types.is_null(held)):
            numbers = [
                each.name for each in rows.schema if pa.types.is_integer(each.type) or pa.types.is_floating(each.type)
            ]
            fix = f"columns of numbers: {', '.join(numbers[:20]) or 'none'}"
            raise DataError(f"column {name} holds no scores", found=str(held), fix=fix)
        return rows[name].cast(pa.float64()).combine_chunks().to_numpy(zero_copy_only=False)
