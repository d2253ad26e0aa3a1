"""Invented people on whom metrics are tried: sound tables, odd ones, and one with persons who must not be named."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache

import numpy as np
import pyarrow as pa

from mintmark.data.dataset import Dataset
from mintmark.data.schema import Kind, TableSchema
from mintmark.metrics.metric import Case

ONLY_HERE = "Zebra-unique"
"""Stands in the town, the note and the name of one person in each real table."""
ONLY_DEBT = 98765.43
ONLY_ROOMS = 471
FEW = ("north", "isle 3")
"""A town and a parish that three real people alone have together; each for itself is common."""


def people(n: int, seed: int) -> pa.Table:
    """Age and town decide income, a parish lies in one town, debt is often missing and a note is free text.

    Every two rows are of one person, whom no other seed knows.
    """
    rng = np.random.default_rng(seed)
    age = rng.integers(18, 80, n)
    town = rng.choice(["north", "south", "isle"], n, p=[0.6, 0.36, 0.04])
    sex = rng.choice(["f", "m"], n)
    logit = (age - 48) / 6 + np.where(town == "north", 1.5, -1.5)
    income = np.where(rng.random(n) < 1 / (1 + np.exp(-logit)), "high", "low")
    debt = np.round(np.exp(rng.normal(age / 40, 0.4)) * 100, 2)
    note = [f"{t} {'x' * (a % 7)} {i}" for i, (t, a) in enumerate(zip(town, age, strict=True))]
    return pa.table(
        {
            "age": age,
            "town": town,
            "parish": [f"{t} {k}" for t, k in zip(town, rng.integers(8, size=n), strict=True)],
            "sex": sex,
            "debt": pa.array(debt, mask=rng.random(n) < 0.2),
            "note": note,
            "income": income,
            "person": [f"{seed}/{i // 2}" for i in range(n)],
        }
    )


def dataset(table: pa.Table) -> Dataset:
    """People in the schema of all people; rows of one person are a group, and all are of age."""
    return Dataset.of(table, schema=_schema())


@cache
def sound() -> Case:
    """600 synthetic rows beside 1,200 that were learnt from and 600 that were not, with a target and groups."""
    made, train, holdout = (dataset(people(n, seed)) for n, seed in ((600, 1), (1200, 0), (600, 2)))
    return Case(made, train, holdout, target="income", sensitive=("sex", "town"))


def odd(name: str) -> Dataset:
    """A table of `ODD`: in the schema of people where it still fits."""
    table = ODD[name](people(200, 3))
    fits = table.schema == people(1, 0).schema
    return dataset(table) if fits else Dataset.of(table)


@cache
def betraying() -> Case:
    """Real tables with a person of whom every value is the only one, and three who share what nobody else does.

    Ten synthetic rows repeat that person of the training rows.
    """
    made, train, holdout = _more(people(600, 1)), _planted(people(1200, 0), "a"), _planted(people(600, 2), "b")
    made = pa.concat_tables([made, *[train.slice(0, 1)] * 10])
    schema = _with_people(Dataset.of(pa.concat_tables([made, train, holdout])).columns)
    made, train, holdout = (Dataset.of(table, schema=schema) for table in (made, train, holdout))
    return Case(made, train, holdout, target="income", sensitive=("sex", "town"))


def shuffled(table: pa.Table, seed: int) -> pa.Table:
    """Every column for itself in another order: nothing goes together any longer."""
    rng = np.random.default_rng(seed)
    return pa.table({name: table[name].take(pa.array(rng.permutation(len(table)))) for name in table.schema.names})


@cache
def _schema() -> TableSchema:
    return replace(_with_people(Dataset.of(people(1200, 0)).columns), constraints=("age >= 18",))


def _with_people(schema: TableSchema) -> TableSchema:
    keyed = [replace(c, kind=Kind.KEY, levels=()) if c.name == "person" else c for c in schema.columns]
    return replace(schema, columns=tuple(keyed), group="person")


def _more(table: pa.Table) -> pa.Table:
    """With a number of few values."""
    return table.append_column("rooms", pa.array(np.random.default_rng(len(table)).choice([1, 2, 3, 500], len(table))))


def _planted(table: pa.Table, mark: str) -> pa.Table:
    rows = _more(table).to_pylist()
    name = f"{ONLY_HERE}-{mark}"
    rows[0] |= {"town": name, "note": name, "person": name, "debt": ONLY_DEBT, "rooms": ONLY_ROOMS}
    for row in rows[1:4]:
        row["town"], row["parish"] = FEW
    return pa.Table.from_pylist(rows, schema=_more(table).schema)


def _put(name: str, values: Callable[[pa.Table], pa.Array]) -> Callable[[pa.Table], pa.Table]:
    return lambda table: table.set_column(table.schema.get_field_index(name), name, values(table))


ODD: Mapping[str, Callable[[pa.Table], pa.Table]] = {
    "one row": lambda table: table.slice(0, 1),
    "no rows": lambda table: table.slice(0, 0),
    "a constant column": _put("age", lambda table: pa.array([40] * len(table))),
    "an all-missing number": _put("debt", lambda table: pa.nulls(len(table), pa.float64())),
    "an all-missing category": _put("town", lambda table: pa.nulls(len(table), pa.string())),
    "an unseen category": _put("town", lambda table: pa.array(["moon"] * len(table))),
    "infinities": _put("debt", lambda table: pa.array([np.inf, -np.inf, np.nan, 1.0] * (len(table) // 4))),
    "another storage type": _put("age", lambda table: table["age"].cast(pa.string())),
    "words where numbers were": _put("age", lambda table: pa.array(["old"] * len(table))),
    "one class": _put("income", lambda table: pa.array(["low"] * len(table))),
    "another order": lambda table: table.select(table.schema.names[::-1]),
    "a column less": lambda table: table.drop_columns(["sex"]),
    "a column more": lambda table: table.append_column("extra", pa.array(range(len(table)))),
    "nothing in common": lambda table: pa.table({"other": list(range(len(table)))}),
}
"""What is done to a table of people to make it hard."""
