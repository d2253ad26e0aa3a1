"""What every learning method holds of a table: its schema, an alphabet or a surrogate for each column."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from mintmark.data import arrays
from mintmark.data.dataset import Dataset
from mintmark.data.schema import TableSchema
from mintmark.errors import DataError
from mintmark.generators.storage import Arrays
from mintmark.generators.tabular import completion, geography, people, surrogates, tokens
from mintmark.generators.tabular.geography import Places
from mintmark.generators.tabular.people import Register
from mintmark.generators.tabular.surrogates import Surrogate
from mintmark.generators.tabular.tokens import Alphabet, Tokens

FEWEST_ROWS = 5


@dataclass(frozen=True)
class Learnt:
    """A table's columns as alphabets, where they carry information, and as surrogates, where they name somebody."""

    name: str
    schema: TableSchema
    alphabets: Mapping[str, Alphabet]
    surrogates: Mapping[str, Surrogate]
    people: Register | None = None
    """Who stands in the table, where columns say so."""
    places: tuple[Places, ...] = ()
    """Where pairs of coordinates lie."""

    def given(self, given: Dataset | None, count: int) -> dict[str, pa.Array]:
        """The given parts of rows; ConditionError where they do not fit."""
        return completion.parts(given, name=self.name, schema=self.schema, count=count)

    def tokens(self, given: Mapping[str, pa.Array]) -> dict[str, Tokens]:
        """Tokens of the given columns that have an alphabet."""
        return {name: self.alphabets[name].encode(values) for name, values in given.items() if name in self.alphabets}

    def finish(self, count: int, drawn: Mapping[str, Tokens], given: Mapping[str, pa.Array], rng: np.random.Generator,
               ) -> Dataset:  # fmt: skip
        """Rows from tokens: what was given stays as it is, and keys and text are made."""
        made: dict[str, pa.Array] = {}
        for name in self.schema.names:
            if name in given:
                made[name] = given[name]
            elif name in self.alphabets:
                made[name] = self.alphabets[name].decode(drawn[name], rng)
        made |= self._placed({name: made[name] for name in made if name not in given}, rng)
        made |= self.named(count, made, rng)
        return completion.assemble(made, name=self.name, schema=self.schema)

    def _placed(self, made: Mapping[str, pa.Array], rng: np.random.Generator) -> dict[str, pa.Array]:
        """Pairs of coordinates that were made, on places where there are any."""
        pairs = {name for each in self.places for name in each.names if name in made}
        numbers = {name: arrays.numbers(made[name], self.schema[name]) for name in pairs}
        return {name: tokens.number_array(found, self.schema[name])
                for name, found in geography.settled(self.places, numbers, rng).items()}  # fmt: skip

    def named(self, count: int, beside: Mapping[str, pa.Array], rng: np.random.Generator) -> dict[str, pa.Array]:
        """What names rows and people, and is not there yet: keys, texts and all that is personal, shape (count,).

        `beside` holds the other columns, made or given: people are made to fit them.
        """
        made = self.people.make(count, beside, self.surrogates, rng) if self.people else {}
        for name, surrogate in self.surrogates.items():
            if name not in beside and name not in made:
                made[name] = surrogate.make(count, rng)
        return made

    def to_json(self) -> dict[str, Any]:
        """The part of a model that is text."""
        return {
            "name": self.name,
            "schema": self.schema.to_json(),
            "surrogates": {name: surrogate.to_json() for name, surrogate in self.surrogates.items()},
            **({"people": self.people.to_json()} if self.people else {}),
            **({"places": [list(each.names) for each in self.places]} if self.places else {}),
        }

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """The part of a model that is numbers."""
        out: dict[str, NDArray[Any]] = {}
        for index, name in enumerate(self.schema.names):
            if name in self.alphabets:
                out |= self.alphabets[name].to_arrays(f"column{index}")
        return out | {f"places{index}": each.boxes for index, each in enumerate(self.places)}

    @classmethod
    def rebuild(cls, body: Mapping[str, Any], stored: Arrays) -> "Learnt":
        """The inverse of `to_json` and `to_arrays`."""
        schema = TableSchema.from_json(body["schema"])
        made = {name: Surrogate.from_json(schema[name], part) for name, part in body["surrogates"].items()}
        register = Register.from_json(schema, body["people"]) if "people" in body else None
        known = {*made, *(register.names if register else ())}
        alphabets = {
            column.name: Alphabet.from_arrays(column, stored, f"column{index}")
            for index, column in enumerate(schema.columns)
            if column.name not in known
        }
        found = tuple(Places.rebuild(names, stored[f"places{index}"], schema)
                      for index, names in enumerate(body.get("places", ())))  # fmt: skip
        return cls(str(body["name"]), schema, alphabets, made, register, found)


def learn(real: Dataset | None, *, rare: int) -> Learnt:
    """The columns of the only table.

    Raises DataError where there is none, or too few rows to tell what is common.
    """
    table = training_table(real)
    assert real is not None
    alphabets, made = {}, {}
    register = people.learn(real, rare=rare)
    for column in real.columns.columns:
        if register and column.name in register.names:
            continue
        # Levels that nobody shares name people as free text does, and are made up like it.
        if column.numeric or (column.discrete and tokens.shared(column, table[column.name], rare=rare)):
            alphabets[column.name] = tokens.learn(column, table[column.name], rare=rare)
        else:
            made[column.name] = surrogates.learn(column, table[column.name])
    return Learnt(real.name, real.columns, alphabets, made, register, geography.learn(table, real.columns))


def training_table(real: Dataset | None) -> pa.Table:
    """The only table of the training data; DataError where there is too little of it."""
    if real is None:
        raise DataError("this method learns from real data, and none is given")
    table = real.table
    if table.num_rows < FEWEST_ROWS or not table.num_columns:
        raise DataError(
            f"this method needs at least {FEWEST_ROWS} rows and one column",
            found=f"{table.num_rows} rows and {table.num_columns} columns",
        )
    return table
