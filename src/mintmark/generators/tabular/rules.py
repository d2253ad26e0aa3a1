"""Columns from named distributions and from expressions over other columns, with constraints that every row meets."""

from collections.abc import Mapping
from dataclasses import dataclass as plain
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import ConfigDict
from pydantic.dataclasses import dataclass
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from mintmark import seeds
from mintmark.data import masked
from mintmark.data.dataset import ROWS, Dataset
from mintmark.data.expressions import Expression, of_column
from mintmark.data.locales import Locale
from mintmark.data.masked import Masked
from mintmark.data.schema import Column, Personal, TableSchema
from mintmark.errors import ConditionError, RecipeError, UnknownName
from mintmark.generators import storage
from mintmark.generators.tabular import completion, definitions, draws, personas, ruled
from mintmark.generators.tabular.batch import Batch
from mintmark.generators.tabular.definitions import Definition
from mintmark.generators.tabular.entities import entities
from mintmark.generators.tabular.personas import Cast

METHOD = "tabular.rules"

ROUNDS = 200
"""How often rows that break a constraint are drawn again before that is an error."""
PILOT = 200
"""Rows that `fit` draws to learn of mistakes, and of what kind each column is."""


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class Rules:
    """Columns from named distributions and from expressions over other columns, with constraints that every row meets.

    A column is defined by one source, such as `{lognormal: {median: 20, sigma: 0.6}}`, `{formula: "price * amount"}` or
    `{person: email}` (people who never were, whose columns agree),
    and what is done to it: `by` and `cases`, `low`, `high`, `decimals`, `missing`, `repeat`, `each`, `per`, `running`.
    Any parameter may be an expression over other columns.
    """

    columns: dict[str, dict[str, Any]]
    constraints: tuple[str, ...] = ()
    """Expressions that every row meets: rows that do not are drawn again, with their whole entity."""
    table: str = ROWS
    order: str | None = None
    group: str | None = None
    locale: Locale = "en_US"
    """Whose names and addresses `person` makes."""

    assumes: ClassVar[tuple[str, ...]] = (
        "The world is as the rules say: nothing was learnt from real data.",
        "Rows, or entities where columns run over their rows, have nothing to do with each other.",
        "Constraints are met by drawing again, so the distributions are those given that all constraints hold.",
        "What is given shapes the columns that depend on it, and not those that it depends on.",
        "People are made whole: a given name tells no e-mail address.",
    )

    def __post_init__(self) -> None:
        made = definitions.read(self.columns)
        names = [definition.name for definition in made]
        for text in self.constraints:
            for name in Expression.parse(text, where="constraints").columns:
                if name not in names:
                    raise UnknownName("column", name, names, where=f"constraints: {text}")
        for role in (self.order, self.group):
            if role is not None and role not in names:
                raise UnknownName("column", role, names)

    def fit(self, real: Dataset | None, *, rng: np.random.Generator) -> "Rulebook":  # noqa: ARG002 — nothing is learnt
        """Draws a few rows, to find mistakes before any are spent; real data is not looked at."""
        order = definitions.read(self.columns)
        about = {one.name: Personal(one.body["is"]) for one in order if one.source == "person"}
        return _rulebook(self, seeds.integer(rng), personas.of(self.locale, about) if about else None)

    def load(self, folder: Path) -> "Rulebook":
        """Reads what `Rulebook.save` wrote; LedgerError where it was altered."""
        body, _ = storage.read(folder, METHOD)
        with storage.reading(folder):
            rules = Rules(body["columns"], tuple(body["constraints"]), body["table"], body["order"], body["group"],
                          body["locale"])  # fmt: skip
            return _rulebook(rules, int(body["seed"]), Cast.from_json(body["cast"]) if body["cast"] else None)


@plain(frozen=True)
class Rulebook:
    """Rules, in an order in which each column finds what it needs, and the schema of what they make."""

    rules: Rules
    definitions: tuple[Definition, ...]
    schema: TableSchema
    seed: int
    cast: Cast | None
    """Who can stand in the rows, where columns are about people."""

    def sample(self, count: int, *, rng: np.random.Generator, given: Dataset | None = None) -> Dataset:
        """Draws rows until all meet the constraints.

        Raises ConditionError, naming the constraint and the share of rows that meet it, where that takes too long.
        """
        known = completion.parts(given, name=self.rules.table, schema=self.schema, count=count)
        fixed = {name: of_column(values, self.schema[name]) for name, values in known.items()} | {
            definition.name: _unique(definition, count, rng)
            for definition in self.definitions
            if definition.unique and definition.name not in known
        }
        made = self._accepted(count, fixed, anywhere=not known, rng=rng)
        columns = {name: known[name] if name in known else ruled.stored(made[name], self.schema[name])
                   for name in self.schema.names}  # fmt: skip
        return completion.assemble(columns, name=self.rules.table, schema=self.schema)

    def save(self, folder: Path) -> None:
        """Writes `model.json` and `model.npz`."""
        rules = self.rules
        body = {"columns": rules.columns, "constraints": list(rules.constraints), "table": rules.table,
                "order": rules.order, "group": rules.group, "locale": rules.locale, "seed": self.seed,
                "cast": self.cast.to_json() if self.cast else None}  # fmt: skip
        storage.write(folder, METHOD, body, {})

    def _accepted(self, count: int, fixed: Mapping[str, Masked], *, anywhere: bool, rng: np.random.Generator,
                  ) -> dict[str, Masked]:  # fmt: skip
        """Rows that meet all constraints; what breaks one is drawn again with its whole entity."""
        left, pending, drawn = dict(fixed), np.arange(count), 0
        parts: list[tuple[NDArray[np.int64], dict[str, Masked]]] = []
        met: dict[str, float] = {}
        for _ in range(ROUNDS):
            batch = Batch(drawn + np.arange(len(pending)) if anywhere else pending, left, rng, self.seed, self.cast)
            made = batch.make(self.definitions)
            good = self._good(made, len(pending), met)
            # Entities stay in succession: accepted rows fill the first places, unless places are given.
            places = pending[: good.sum()] if anywhere else pending[good]
            parts.append((places, {name: _rows(column, good) for name, column in made.items()}))
            drawn += len(pending)
            pending = pending[good.sum() :] if anywhere else pending[~good]
            left = {name: _rows(column, ~good) for name, column in left.items()}
            if not len(pending):
                return _joined(parts, count)
        hardest = min(met, key=lambda text: met[text])
        raise ConditionError(f"the constraint {hardest!r} is hardly ever met",
                             found=f"{met[hardest]:.2%} of the rows drawn meet it; {len(pending)} rows are missing",
                             fix="loosen it, or change the columns that it reads")  # fmt: skip

    def _good(self, made: Mapping[str, Masked], rows: int, met: dict[str, float]) -> NDArray[np.bool_]:
        """Which rows can stay: all rows of their entity meet all constraints."""
        good = np.ones(rows, dtype=bool)
        for text in self.rules.constraints:
            found = Expression.parse(text).evaluate(made)
            holds = np.broadcast_to(found.values | found.missing, (rows,))
            met[text] = float(holds.mean()) if rows else 1.0
            good &= holds
        unit = _units(self.definitions, made, rows)
        broken = np.zeros(int(unit.max(initial=-1)) + 1, dtype=bool)
        broken[unit[~good]] = True
        return ~broken[unit]


def _rulebook(rules: Rules, seed: int, people: Cast | None) -> Rulebook:
    order = definitions.read(rules.columns)
    pilot = Batch(np.arange(PILOT), {}, np.random.Generator(np.random.PCG64DXSM(seed)), seed, people).make(order)
    for text in rules.constraints:
        found = Expression.parse(text).evaluate(pilot)
        if found.kind != masked.TRUTH:
            raise RecipeError("a constraint is true or false", where=f"constraints: {text}", found=found.kind)
    columns: dict[str, Column] = {}
    for definition in order:
        columns[definition.name] = ruled.column(definition, pilot[definition.name], columns)
    keys = [definition.name for definition in order if definition.unique]
    schema = TableSchema(
        tuple(columns[name] for name in rules.columns),
        key=keys[0] if keys else None,
        order=rules.order,
        group=rules.group,
        constraints=rules.constraints,
        locale=rules.locale if people else None,
    )
    return Rulebook(rules, order, schema, seed, people)


def _unique(definition: Definition, count: int, rng: np.random.Generator) -> Masked:
    """Values of a pattern, each once."""
    found: dict[str, None] = {}
    for _ in range(draws.TRIES):
        if len(found) >= count:
            return Masked.of(np.array(list(found)[:count], dtype=object))
        batch = Batch(np.arange(2 * (count - len(found))), {}, rng, 0)
        found.update(dict.fromkeys(batch.make((definition,))[definition.name].values.tolist()))
    raise ConditionError(f"the pattern of {definition.name} has no room for {count:,} different values",
                         found=str(definition.body), fix="make it longer")  # fmt: skip


def _units(order: tuple[Definition, ...], made: Mapping[str, Masked], rows: int) -> NDArray[np.int64]:
    """Rows that are drawn again together: those that share an entity over which a column runs."""
    links = [definition.per for definition in order if definition.per]
    links += [definition.name for definition in order if definition.repeat]
    if any(definition.running and not definition.per for definition in order):
        return np.zeros(rows, np.int64)
    if not links:
        return np.arange(rows)
    edges, nodes = [], rows
    for name in dict.fromkeys(links):
        _, entity = entities(made[name])
        edges.append(np.column_stack([np.arange(rows), nodes + entity]))
        nodes += int(entity.max(initial=-1)) + 1
    both = np.concatenate(edges)
    graph = coo_array((np.ones(len(both), dtype=bool), (both[:, 0], both[:, 1])), shape=(nodes, nodes))
    return connected_components(graph, directed=False)[1][:rows].astype(np.int64)


def _rows(column: Masked, mask: NDArray[np.bool_]) -> Masked:
    return Masked(column.values[mask], column.missing[mask], column.levels)


def _joined(parts: list[tuple[NDArray[np.int64], dict[str, Masked]]], count: int) -> dict[str, Masked]:
    places = np.concatenate([place for place, _ in parts])
    order = np.empty(count, np.int64)
    order[places] = np.arange(count)
    return {
        name: Masked(
            np.concatenate([part[name].values for _, part in parts])[order],
            np.concatenate([part[name].missing for _, part in parts])[order],
        )
        for name in parts[0][1]
    }
