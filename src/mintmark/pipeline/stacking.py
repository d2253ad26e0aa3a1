"""Puts the rows of a dataset together, each with its origin: steps one below the other, or what its recipe mixes."""

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from mintmark import catalog, digest
from mintmark.data import constraints
from mintmark.data.origin import AUGMENTED, REAL, SYNTHETIC, Making, Origins
from mintmark.data.schema import Column, Schema, TableSchema
from mintmark.errors import ConditionError, RecipeError
from mintmark.generators.generator import Generator
from mintmark.ledger.ledger import Ledger
from mintmark.ledger.objects import ShardRef
from mintmark.ledger.versions import Version, read
from mintmark.pipeline import mixture
from mintmark.pipeline.making import Made
from mintmark.pipeline.mixture import Part
from mintmark.pipeline.plan import SHARD_ROWS, Plan

TAUGHT = "a language model wrote it, and nobody here knows what that learnt from"
"""Why the depth of what a language model writes is not known: it is no shorter way to the world than its own."""


@dataclass(frozen=True)
class Stacked:
    """The rows of a dataset of one table, as shards in the ledger, and where each came from."""

    name: str
    """Of the table."""
    columns: TableSchema
    shards: tuple[ShardRef, ...]
    origins: Origins

    @property
    def schema(self) -> Schema:
        """Of the dataset."""
        return Schema({self.name: self.columns})

    @property
    def rows(self) -> int:
        """Rows of the table."""
        return sum(ref.rows for ref in self.shards)


def stacked(planned: Plan, made: Mapping[str, Made], record: Ledger) -> Stacked:
    """The rows of the dataset; RecipeError where they cannot stand in one table."""
    if planned.mixture is not None:
        return _Mixing(planned, made, record).stacked()
    last = planned.stacked
    shapes = {name: made[name].schema[name].arrow() for name in last}
    for name, shape in shapes.items():
        if not shape.equals(shapes[last[0]]):
            found = f"{', '.join(shape.names)} and {', '.join(shapes[last[0]].names)}"
            raise RecipeError(
                f"steps {last[0]} and {name} make different columns", found=found, fix="use one recipe a table"
            )
    shards = tuple(ref for name in last for ref in made[name].shards)
    origins = Origins.concat([of_step(planned, name, made[name]) for name in last])
    return Stacked(last[0], made[last[0]].schema[last[0]], shards, origins)


def of_step(planned: Plan, name: str, made: Made) -> Origins:
    """Where the rows of a step come from: a run for each shard, less what the step's filters took out of it."""
    making = making_of(planned, name)
    drawn = Origins.concat(
        [Origins.of(making, rows, shard=index, first=start) for index, (start, rows) in enumerate(made.runs)]
    )
    return drawn if made.harvest is None else drawn.take(made.harvest.places)


def making_of(planned: Plan, name: str) -> Making:
    """How a step makes its rows, with how those were made that it is given."""
    step = next(step for step in planned.steps if step.name == name)
    given = making_of(planned, step.step.given) if step.step.given else None
    # A row that completes one of the world is half of the world: it follows it, as a blend of real rows does.
    follows = given is not None and given.origin in (REAL, AUGMENTED)
    origin = AUGMENTED if follows else getattr(step.generator, "origin", SYNTHETIC)
    teacher = _teacher(step.generator)
    return Making(
        origin=origin,
        depth=None if teacher else planned.descent.made,
        real_share=None if teacher else planned.descent.real_share,
        step=name,
        generator=step.step.make,
        version=catalog.package("generators", step.step.make),
        parameters=digest.of_json(catalog.parameters(step.generator)),
        seed=str(planned.seed.child(name)),
        given=given,
        where=json.dumps(step.step.where, ensure_ascii=False) if step.step.where else None,
        data=planned.train.digest if planned.train is not None else None,
        recipe=planned.recipe.digest,
        teacher=teacher,
        prompt=getattr(step.generator, "asks", None),
        basis=TAUGHT if teacher else planned.descent.words,
    )


def _teacher(generator: Generator) -> str | None:
    """The language model that writes, by the name under which it is asked."""
    # Not asked of its type: a language model's needs packages that only the extra `text` brings.
    model = getattr(generator, "model", None)
    return str(model.name) if model is not None and getattr(generator, "talks", False) else None


@dataclass(frozen=True)
class _Mixing:
    planned: Plan
    made: Mapping[str, Made]
    record: Ledger

    def stacked(self) -> Stacked:
        assert self.planned.mixture is not None
        parts = self.planned.mixture.parts
        schemas = {part.name: self._columns(part) for part in parts}
        first = parts[0].name
        columns = schemas[first]
        for name, other in list(schemas.items())[1:]:
            mixture.refuse_other_columns(name, other, schemas[first], first)
            columns = wider(columns, other)
        shards: list[ShardRef] = []
        origins: list[Origins] = []
        for part in parts:
            picked = self._picked(part)
            shards += self._shards(part, picked, columns.arrow(), schemas[part.name].arrow())
            origins.append(self._origins(part, picked))
        name = next((part.name for part in parts if part.name in self.made), first)
        mixed = Stacked(name, columns, tuple(shards), Origins.concat(origins))
        self._refuse_repeated(mixed)
        return mixed

    def _columns(self, part: Part) -> TableSchema:
        if part.version is not None:
            return next(iter(part.version.schema.tables.values()))
        if part.name in self.made:
            return self.made[part.name].schema[part.name]
        assert self.planned.train is not None
        return self.planned.train.columns

    def _picked(self, part: Part) -> NDArray[np.int64]:
        """Rows of a part, in their order: a step's first, for any are as good, and of what may be sorted a sample."""
        if part.name in self.made and part.version is None:
            return np.arange(part.rows)
        # Named after what it is, so that the same rows are taken whatever it is called.
        named = part.version.entry.subject if part.version else part.name
        rng = self.planned.seed.child("mix", named).rng()
        return np.sort(rng.choice(part.there, part.rows, replace=False))

    def _shards(self, part: Part, picked: NDArray[np.int64], wanted: pa.Schema, own: pa.Schema) -> Iterator[ShardRef]:
        if part.version is None and part.name not in self.made:
            assert self.planned.train is not None
            table = self.planned.train.table.take(pa.array(picked))
            for start in range(0, len(picked), SHARD_ROWS):
                yield self._kept(table.slice(start, SHARD_ROWS), wanted, part)
            return
        refs = part.version.refs(_table(part.version)) if part.version else self.made[part.name].shards
        home = part.version.ledger if part.version else self.record
        as_it_is = own.equals(wanted) and home.folder == self.record.folder
        start = 0
        for ref in refs:
            low, high = np.searchsorted(picked, [start, start + ref.rows])
            if high - low == ref.rows and as_it_is:
                yield ref  # a whole shard is not written again
            elif high > low:
                table = pa.concat_tables([*read(home, ref, own)]).take(pa.array(picked[low:high] - start))
                yield self._kept(table, wanted, part)
            start += ref.rows

    def _kept(self, table: pa.Table, wanted: pa.Schema, part: Part) -> ShardRef:
        try:
            told = table.select(wanted.names).cast(wanted)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
            raise RecipeError(
                f"{part.name} holds other types of values", where=f"mix.{part.name}", found=str(error),
                fix="say the kinds of its columns alike: `real.columns`",
            ) from error  # fmt: skip
        return self.record.objects.put_table([told], wanted)

    def _origins(self, part: Part, picked: NDArray[np.int64]) -> Origins:
        if part.version is not None:
            return mixture.origins_of(part.version).take(picked)
        if part.name in self.made:
            return of_step(self.planned, part.name, self.made[part.name]).slice(0, part.rows)
        assert self.planned.train is not None
        return self.planned.descent.origins(self.planned.train).take(picked)

    def _refuse_repeated(self, mixed: Stacked) -> None:
        """ConditionError where rows of different parts bear the same key, or repeat what must be unique."""
        told = [constraints.parse(text) for text in mixed.columns.constraints]
        wanted = [each.columns for each in told if each.form == constraints.UNIQUE]
        wanted += [(mixed.columns.key,)] if mixed.columns.key else []
        if not wanted:
            return
        tables = pa.concat_tables([*(t for ref in mixed.shards for t in read(self.record, ref, mixed.columns.arrow()))])
        for columns in wanted:
            twice = constraints.repeats(tables, columns)
            if twice.any():
                fix = f"leave it out: real: {{drop: [{', '.join(columns)}]}}"
                found = f"{int(twice.sum()):,} rows repeat the {', '.join(columns)} of others"
                raise ConditionError(
                    "what names a row must not stand twice in a mix", where="mix", found=found, fix=fix
                )


def _table(version: Version) -> str:
    return next(iter(version.rows()))


def wider(one: TableSchema, other: TableSchema) -> TableSchema:
    """The columns of one, with a domain that holds the other's values too; what only one of them keeps is dropped."""
    columns = tuple(_column(column, other[column.name]) for column in one.columns)
    kept: dict[str, Any] = {part: getattr(one, part) if getattr(one, part) == getattr(other, part) else None
                            for part in ("key", "group", "order", "locale")}  # fmt: skip
    held = tuple(text for text in one.constraints if text in other.constraints)
    return replace(one, columns=columns, constraints=held, **kept)


def _column(one: Column, other: Column) -> Column:
    coarse = None if one.decimals is None or other.decimals is None else max(one.decimals, other.decimals)
    return replace(
        one,
        nullable=one.nullable or other.nullable,
        levels=one.levels + tuple(level for level in other.levels if level not in one.levels) if one.levels else (),
        decimals=coarse,
        step=math.gcd(one.step, other.step),
        low=None if one.low is None or other.low is None else min(one.low, other.low),
        high=None if one.high is None or other.high is None else max(one.high, other.high),
        specials=tuple(dict.fromkeys((*one.specials, *other.specials))),
    )
