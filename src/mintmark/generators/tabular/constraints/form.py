"""The contract of a form: columns that are computed from others, and what is learnt in their place."""

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
import pyarrow as pa

from mintmark.data import arrays
from mintmark.data.expressions import Expression, of_column
from mintmark.data.masked import Masked
from mintmark.data.schema import Column

Known = Mapping[str, pa.Array]
"""Columns of one table, by name."""


class Form(Protocol):
    """One constraint as a construction: `inverse` makes the columns that it defines, so that they cannot break it."""

    @property
    def defines(self) -> tuple[str, ...]:
        """The columns that it makes."""
        ...

    @property
    def reads(self) -> tuple[str, ...]:
        """The columns that must be there before."""
        ...

    @property
    def latent(self) -> tuple[Column, ...]:
        """What is learnt in the place of the columns that it makes."""
        ...

    @property
    def said(self) -> str:
        """How it meets the constraint, in words."""
        ...

    def forward(self, known: Known, rng: np.random.Generator) -> dict[str, pa.Array]:
        """The latent columns of rows whose columns are all known; ConditionError where it cannot make such rows."""
        ...

    def inverse(self, known: Known, latent: Known) -> dict[str, pa.Array]:
        """The columns that it defines."""
        ...

    def to_json(self) -> dict[str, Any]:
        """What `from_json` of its class reads, with `form` naming the class."""
        ...


class Computed(Form, Protocol):
    """A form that ties one column to an expression over others."""

    @property
    def value(self) -> Expression:
        """The expression."""
        ...

    def wanted(self, known: Known, like: Known) -> Masked:
        """What the expression must come to, for rows whose defined column is known and that else resemble others."""
        ...


def evaluated(expression: Expression, known: Known, columns: Mapping[str, Column]) -> Masked:
    """An expression over stored columns; codes that are no quantities count as missing."""
    return expression.evaluate({name: quantities(known[name], columns[name]) for name in expression.columns})


def quantities(array: pa.Array, column: Column) -> Masked:
    """A column as values of the language, with its special codes as missing."""
    found = of_column(array, column)
    if not column.specials:
        return found
    return Masked(found.values, found.missing | np.isin(arrays.numbers(array, column), column.specials))
