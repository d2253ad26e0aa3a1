"""Which constraint of a table is met in which way, and its rows there and back: as they are learnt, and as they are."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from mintmark.data import constraints
from mintmark.data.constraints import Constraint
from mintmark.data.dataset import Dataset
from mintmark.data.schema import Schema, TableSchema
from mintmark.generators.tabular.constraints.form import Form, Known

DRAWN = "by drawing again"


@dataclass(frozen=True)
class Arrangement:
    """A table, the forms that some of its columns take, and how each constraint is met."""

    name: str
    schema: TableSchema
    forms: tuple[Form, ...]
    """In the order in which they make their columns."""
    met: Mapping[str, str]
    """How each constraint is met, in words; `DRAWN` where it has no form."""
    found: tuple[str, ...] = ()
    """What was found in the data and not declared."""

    @property
    def learnt(self) -> TableSchema:
        """The schema of what is learnt: the columns that no form makes, and what stands in the place of the others."""
        defined = {name for form in self.forms for name in form.defines}
        latent = {column.name: column for form in self.forms for column in form.latent}
        kept = [latent.get(column.name) or column for column in self.schema.columns
                if column.name not in defined or column.name in latent]  # fmt: skip
        spare = [column for name, column in latent.items() if name not in self.schema]
        names = {column.name for column in kept}
        order = self.schema.order if self.schema.order in names - defined else None
        return replace(self.schema, columns=(*kept, *spare), order=order, constraints=())

    @property
    def constraints(self) -> tuple[Constraint, ...]:
        """The declared constraints."""
        return tuple(constraints.parse(text) for text in self.schema.constraints)

    def forward(self, real: Dataset, rng: np.random.Generator) -> Dataset:
        """Training rows as they are learnt."""
        known = columns_of(real.table)
        table = self.table(self.latent(known, self.forms, rng) | self.free(known))
        return Dataset(Schema({self.name: self.learnt}), {self.name: table})

    def inverse(self, made: pa.Table) -> dict[str, pa.Array]:
        """All columns of rows that were made as they are learnt."""
        there = columns_of(made)
        defined = {name for form in self.forms for name in form.defines}
        known = {name: there[name] for name in self.schema.names if name not in defined}
        for form in self.forms:
            known |= form.inverse(known, there)
        return known

    def free(self, known: Known) -> dict[str, pa.Array]:
        """Of these columns, those that no form makes."""
        defined = {name for form in self.forms for name in form.defines}
        return {name: array for name, array in known.items() if name not in defined}

    def latent(self, known: Known, forms: Iterable[Form], rng: np.random.Generator) -> dict[str, pa.Array]:
        """What is learnt in the place of the columns that these forms make."""
        out: dict[str, pa.Array] = {}
        for form in forms:
            out |= form.forward(known, rng)
        return out

    def table(self, found: Known) -> pa.Table:
        """Learnt columns, or some of them, in their order."""
        columns = [column for column in self.learnt.columns if column.name in found]
        return pa.table({column.name: found[column.name].cast(column.type) for column in columns})


def columns_of(table: pa.Table) -> dict[str, pa.Array]:
    """A table's columns, each in one piece."""
    return {name: _whole(table[name]) for name in table.column_names}


def _whole(column: pa.ChunkedArray) -> pa.Array:
    if pa.types.is_dictionary(column.type) and column.num_chunks > 1:
        column = column.unify_dictionaries()
    return column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)
