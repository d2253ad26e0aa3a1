"""A batch of rows in the making: column after column by its definition, once a row or once an entity."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mintmark.data.expressions import Expression
from mintmark.data.masked import NUMBER, TRUTH, Masked
from mintmark.errors import RecipeError
from mintmark.generators.tabular.definitions import Definition
from mintmark.generators.tabular.draws import Hashed, Stream, drawn, evaluated
from mintmark.generators.tabular.entities import entities, running, runs, take, texts_of, within
from mintmark.generators.tabular.personas import Cast, Own

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Batch:
    """Rows in the making: their place in the whole, what is fixed beforehand, and the stream that they draw from."""

    positions: Ints
    fixed: Mapping[str, Masked]
    rng: np.random.Generator
    seed: int
    """What `each` draws depend on, so that every shard gives an entity the same value."""
    cast: Cast | None = None
    """Who can stand in the rows, where columns are about people."""
    people: dict[str, Floats] = field(default_factory=dict, compare=False)
    """A number for each row's person, by whose it is: the first column about them draws it."""

    def make(self, definitions: tuple[Definition, ...]) -> dict[str, Masked]:
        """All columns, one value a row."""
        made: dict[str, Masked] = {}
        for definition in definitions:
            fixed = self.fixed.get(definition.name)
            made[definition.name] = fixed if fixed is not None else self._column(definition, made)
        return made

    def _column(self, definition: Definition, made: Mapping[str, Masked]) -> Masked:
        rows = len(self.positions)
        if definition.source == "person":
            return _with_missing(definition, self._person(definition, made), made, self.rng)
        if definition.each:
            first, entity = entities(made[definition.each])
            seen = {name: take(column, first) for name, column in made.items()}
            keys = texts_of(take(made[definition.each], first))
            hashed = Hashed(self.seed, definition.name, keys)
            out = take(drawn(definition, seen, hashed, self.positions[first]), entity)
        elif definition.repeat:
            entity = runs(rows, definition.repeat, self.rng)
            many = int(entity[-1]) + 1 if rows else 0
            out = take(drawn(definition, {}, Stream(self.rng, many), self.positions[:many]), entity)
        else:
            out = drawn(definition, made, Stream(self.rng, rows), self._places(definition, made))
        if definition.running:
            out = running(definition.running, _rounded(definition, out), _groups(definition, made, rows))
        out = _rounded(definition, out)
        return _with_missing(definition, out, made, self.rng)

    def _person(self, definition: Definition, made: Mapping[str, Masked]) -> Masked:
        """What is said of the person of each row: one for each value of `each`, else one for each row."""
        assert self.cast
        of, woman = definition.body["of"], definition.body["woman"]
        rows = len(self.positions)
        first = entity = np.arange(rows)
        if definition.each:
            first, entity = entities(made[definition.each])
            keys = texts_of(take(made[definition.each], first))
            uniform: Floats = Hashed(self.seed, f"person of {of}", keys).next("0")
        else:
            uniform = self.people.setdefault(of, Stream(self.rng, rows).next(of))
        who = (uniform * 2.0**53).astype(np.uint64)
        women = Own(who, "woman").random() < 0.5
        if woman:
            said = Expression.parse(woman, where=f"columns.{definition.name}.person.woman").evaluate(made).spread(rows)
            if said.kind != TRUTH:
                raise RecipeError("woman is true or false", where=f"columns.{definition.name}", found=woman)
            women = np.where(said.missing[first], women, said.values[first].astype(bool))
        return Masked.of(self.cast.write(definition.name, who, women)[entity])

    def _places(self, definition: Definition, made: Mapping[str, Masked]) -> Ints:
        """What a sequence counts: the place in the whole, or in its entity."""
        if definition.source != "sequence" or not definition.per:
            return self.positions
        return within(_groups(definition, made, len(self.positions)))


def _rounded(definition: Definition, out: Masked) -> Masked:
    if definition.decimals is None or out.kind != NUMBER:
        return out
    return Masked(np.round(out.values, definition.decimals), out.missing)


def _with_missing(definition: Definition, out: Masked, made: Mapping[str, Masked], rng: np.random.Generator) -> Masked:
    if definition.missing == 0:
        return out
    share = evaluated(definition.missing, made, len(out.values), f"columns.{definition.name}.missing")
    return Masked(out.values, out.missing | (rng.random(len(out.values)) < share), out.levels)


def _groups(definition: Definition, made: Mapping[str, Masked], rows: int) -> Ints:
    return entities(made[definition.per])[1] if definition.per else np.zeros(rows, np.int64)
