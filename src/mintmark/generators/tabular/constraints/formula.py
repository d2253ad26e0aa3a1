"""A column that follows from others is computed and not learnt: `total == price * pieces`.

Where training rows lack the column although it could be computed, or hold it although it could not, the column is
learnt as well: that says when it is missing, and what it is where the formula has no answer.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from mintmark.data import constraints
from mintmark.data.expressions import Expression, of_column, quoted
from mintmark.data.masked import Masked
from mintmark.data.schema import Column, TableSchema
from mintmark.errors import RecipeError
from mintmark.generators.tabular.constraints import values
from mintmark.generators.tabular.constraints.form import Known


@dataclass(frozen=True)
class Formula:
    """`column == value`, computed."""

    column: Column
    value: Expression
    columns: Mapping[str, Column]
    """Those that the formula reads."""
    kept: bool
    """Is the column learnt as well, for rows where it is missing or the formula has no answer?"""

    @property
    def defines(self) -> tuple[str, ...]:
        """The column that is computed."""
        return (self.column.name,)

    @property
    def reads(self) -> tuple[str, ...]:
        """What it is computed from."""
        return self.value.columns

    @property
    def latent(self) -> tuple[Column, ...]:
        """The column itself, where it is learnt as well."""
        return (self.column,) if self.kept else ()

    @property
    def said(self) -> str:
        """How it meets the constraint, in words."""
        return f"{self.column.name} is computed as {self.value.text}"

    def forward(self, known: Known, rng: np.random.Generator) -> dict[str, pa.Array]:  # noqa: ARG002
        """The column as it is."""
        return {self.column.name: known[self.column.name]} if self.kept else {}

    def inverse(self, known: Known, latent: Known) -> dict[str, pa.Array]:
        """The formula's answers, in the digits of the column."""
        found = evaluate(self.value, known, self.columns)
        rows = len(next(iter(known.values())))
        if not self.kept:
            return {self.column.name: values.stored(found, self.column, rows)}
        own = latent[self.column.name]
        silent = found.spread(rows).missing | own.is_null().to_numpy(zero_copy_only=False)
        made = values.stored(found, self.column, rows)
        places = np.where(silent, np.arange(rows), rows + np.arange(rows))
        return {self.column.name: pa.concat_arrays([own, made]).take(pa.array(places))}

    def wanted(self, known: Known, like: Known) -> Masked:  # noqa: ARG002
        """The value that is given."""
        return of_column(known[self.column.name], self.column)

    def to_json(self) -> dict[str, Any]:
        """What `from_json` reads."""
        return {"form": "formula", "column": self.column.name, "value": self.value.text, "kept": self.kept}

    @classmethod
    def from_json(cls, body: Mapping[str, Any], schema: TableSchema) -> "Formula":
        """The inverse of `to_json`."""
        value = Expression.parse(body["value"])
        columns = {name: schema[name] for name in value.columns}
        return cls(schema[body["column"]], value, columns, bool(body["kept"]))


def evaluate(expression: Expression, known: Known, columns: Mapping[str, Column]) -> Masked:
    """An expression over stored columns."""
    return expression.evaluate({name: of_column(known[name], columns[name]) for name in expression.columns})


def learnt(column: Column, value: Expression, known: Known, columns: Mapping[str, Column]) -> Formula | None:
    """The form, from training rows; None where the column cannot be computed so."""
    if not value.columns or column.name in value.columns:
        return None
    try:
        found = evaluate(value, known, columns)
        own = of_column(known[column.name], column)
        rows = len(own.values)
        found = found.spread(rows)
        made = values.stored(found, column, rows)
    except (RecipeError, pa.ArrowInvalid, pa.ArrowNotImplementedError, OverflowError, ValueError):
        return None
    if own.kind != found.kind:
        return None
    for side in (own, of_column(made, column)):
        agree = constraints.equal(side, found, column)
        if not (agree.values | agree.missing).all():
            return None
    return Formula(column, value, columns, bool((found.missing != own.missing).any()))


def copy(of: str) -> Expression:
    """The expression that is a column, and nothing else."""
    return Expression.parse(quoted(of))
