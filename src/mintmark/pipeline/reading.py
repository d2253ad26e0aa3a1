"""Reads the real data of a recipe, locks the holdout away, and tells domains from the training rows alone."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mintmark.data import infer, sources
from mintmark.data.dataset import Dataset
from mintmark.data.schema import Schema
from mintmark.data.sources.found import DEFAULT_MISSING
from mintmark.errors import DataError
from mintmark.pipeline import declared
from mintmark.pipeline.holdout import unseen
from mintmark.recipe import Real, Recipe
from mintmark.seeds import Seed


def read(recipe: Recipe, base: Path, real: Dataset | None) -> tuple[Dataset | None, Dataset | None, list[str]]:
    """Training rows, the rows that no generator sees, and what is to be told of both; `real` stands in for the source.

    Raises DataError where the data is not what the recipe says of it, UnknownName for a column that is not there.
    """
    if recipe.real is None and real is None:
        return None, None, []
    told = recipe.real or Real.model_validate({"from": "memory"})
    whole, notes = (real, ()) if real is not None else _source(told, told.source, base)
    whole = declared.constrained(_described(whole, told), told.constraints, where="real.constraints")
    whole, cleaned = declared.kept(whole, tolerate=told.tolerate, where="real.constraints")
    notes = (*notes, *cleaned)
    if isinstance(told.holdout, str):
        kinds = {column.name: column.told for column in whole.columns.columns}
        other, more = _source(told, told.holdout, base, kinds=kinds)
        train = _narrowed(whole)
        return train, unseen(other, train, where="real.holdout"), [*notes, *more]
    if told.holdout is None:
        return _narrowed(whole), None, list(notes)
    rng = Seed(recipe.seed).child("holdout").rng()
    rest, part = whole.split(told.holdout, rng=rng, time=told.time)
    train = _narrowed(rest)
    return train, Dataset(train.schema, part.tables, origins=part.origins), list(notes)


def _source(
    told: Real, source: str, base: Path, kinds: Mapping[str, Any] | None = None
) -> tuple[Dataset, tuple[str, ...]]:
    return sources.read_with_notes(
        source,
        kinds=kinds or told.columns,
        missing=told.missing if told.missing is not None else DEFAULT_MISSING,
        drop=told.drop,
        table=told.table,
        query=told.query,
        base=base,
    )


def _described(whole: Dataset, told: Real) -> Dataset:
    """The dataset with what the recipe says of its keys, groups and order."""
    schema = whole.columns
    for name in filter(None, (told.key, told.group, told.time)):
        schema[name]  # UnknownName lists the columns
    if told.key and not infer.is_unique(whole.table[told.key]):
        fix = "choose a column whose every value stands once, or name this one under `group`"
        raise DataError(f"{told.key} is no key: several rows bear the same value", where="real.key", fix=fix)
    schema = replace(
        schema,
        key=told.key or schema.key,
        group=told.group or schema.group,
        order=told.time or schema.order,
        locale=told.locale or schema.locale,
    )
    return replace(whole, schema=Schema({whole.name: schema}))


def _narrowed(part: Dataset) -> Dataset:
    """The same rows, with domains told from these alone: the holdout's levels and bounds must not reach a generator."""
    kinds = {column.name: column.told for column in part.columns.columns}
    table = pa.table([_trimmed(column) for column in part.table.columns], names=part.table.column_names)
    seen = infer.table_schema(table, kinds=kinds)
    schema = Schema({part.name: replace(part.columns, columns=seen.columns)})
    return Dataset(schema, {part.name: table}, origins=part.origins)


def _trimmed(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """A dictionary that names only what its rows hold, in its old order."""
    if not pa.types.is_dictionary(column.type):
        return column
    whole = column.unify_dictionaries().combine_chunks()
    used = np.unique(pc.drop_null(whole.indices).to_numpy(zero_copy_only=False))
    words = whole.dictionary.take(pa.array(used))
    places = pc.index_in(whole.cast(whole.type.value_type), value_set=words).cast(column.type.index_type)
    return pa.chunked_array([pa.DictionaryArray.from_arrays(places, words, ordered=column.type.ordered)])
