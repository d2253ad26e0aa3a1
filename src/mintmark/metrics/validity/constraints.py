"""Do rows meet the conditions that every real row is said to meet?"""

from typing import Any, ClassVar, Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pydantic.dataclasses import dataclass

from mintmark.data import constraints
from mintmark.data.schema import TableSchema
from mintmark.errors import CannotMeasure
from mintmark.metrics import intervals
from mintmark.metrics.enough import enough
from mintmark.metrics.evidence import Claim, Reading
from mintmark.metrics.metric import Case, Role


@dataclass(frozen=True)
class Constraints:
    """A clerk who knows the trade reads row by row: which of them cannot be, whatever their statistics?

    The value is the share of rows that meet all declared constraints ("discharged >= admitted"); 1 is best. A row is at
    fault only where a constraint is certainly false, so missing values break none; of rows that must be unique, all but
    the first are; values must stand together as they do in a training row. A constraint whose columns are not there, or
    cannot be read as in the real data, is broken by every row. The ceiling says how often real rows keep to what was
    declared. The interval is exact (Clopper–Pearson).
    """

    claim: ClassVar[Claim] = Claim.VALIDITY
    needs: ClassVar[frozenset[Role]] = frozenset({Role.SYNTHETIC})
    better: ClassVar[Literal["lower", "higher"]] = "higher"
    whole: ClassVar[bool] = True

    def measure(self, case: Case, *, rng: np.random.Generator) -> Reading:  # noqa: ARG002
        """The share of rows that meet all; details count the rows that break each constraint.

        Raises CannotMeasure where none were declared, and RecipeError where one cannot be read.
        """
        schema, table = _schema(case), case.need(Role.SYNTHETIC).table
        if not schema.constraints:
            raise CannotMeasure("no constraints were declared")
        enough(1, synthetic=table.num_rows)
        kept = np.ones(table.num_rows, dtype=bool)
        broken: list[dict[str, Any]] = []
        for text in schema.constraints:
            rows, why = _met(table, schema, text, case)
            kept &= rows
            broken.append({"constraint": text, "broken": int((~rows).sum()), **({"why": why} if why else {})})
        broken.sort(key=lambda each: -each["broken"])
        hits = int(kept.sum())
        interval = intervals.proportion(hits, len(kept))
        return Reading(hits / len(kept), interval, len(kept), {"constraints": broken[:100]})


def _schema(case: Case) -> TableSchema:
    real = case.train if case.train is not None else case.holdout
    return (case.synthetic if real is None else real).columns


def _met(table: pa.Table, schema: TableSchema, text: str, case: Case) -> tuple[NDArray[np.bool_], str]:
    """Which rows meet a constraint, and why none can where that is so."""
    wanted = [schema[name] for name in constraints.parse(text).columns]
    nowhere = np.zeros(table.num_rows, dtype=bool)
    absent = [column.name for column in wanted if column.name not in table.schema.names]
    if absent:
        return nowhere, f"there is no column {', '.join(absent)}"
    try:
        alike = pa.table({column.name: table[column.name].cast(column.type) for column in wanted})
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, pa.ArrowTypeError) as error:
        return nowhere, f"its columns cannot be read as in the real data: {error}"
    real = case.train if case.train is not None else case.holdout
    return constraints.satisfied(alike, schema, text, real=None if real is None else real.table), ""
