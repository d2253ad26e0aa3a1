"""One shard of a step: plain data tells what to make, so that any process can make it."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, cast

import pyarrow as pa

from mintmark import catalog
from mintmark.data.dataset import Dataset
from mintmark.errors import CannotMeasure, GenerationError, MintmarkError
from mintmark.generators import workshop as workshops
from mintmark.generators.generator import Generator, Sampler
from mintmark.generators.tabular.constraints.obeying import Obeying
from mintmark.generators.workshop import ALONE, Workshop
from mintmark.ledger.ledger import Ledger
from mintmark.ledger.objects import ShardRef
from mintmark.pipeline.given import read_given
from mintmark.seeds import Seed


@dataclass(frozen=True)
class Spec:
    """One shard, as plain data that any process can work on."""

    ledger: Path
    generator: str
    parameters: dict[str, Any]
    sampler: Path
    seed: Seed
    index: int
    start: int
    rows: int
    first_row: int
    given: Path | None


def sample(spec: Spec, workshop: Workshop = ALONE) -> ShardRef:
    """Makes one shard and keeps it in the ledger: a top-level function, so that any process can run it."""
    rng = spec.seed.child("sample", spec.index).rng()
    given = given_of(spec)
    sampler = _loaded(spec.generator, json.dumps(spec.parameters), spec.sampler)
    made = guarded(
        lambda: workshops.sample(sampler, spec.rows, rng=rng, given=given, workshop=workshop), spec.generator
    )
    if made.table.num_rows != spec.rows:
        raise GenerationError(f"{spec.generator} made {made.table.num_rows} rows where {spec.rows} were asked")
    return Ledger.open(spec.ledger).objects.put_table(
        [_numbered(made, spec.first_row + spec.start, given)], made.table.schema
    )


def obeying(generator: Generator) -> Generator:
    """The method made to obey constraints; one that asks a model is not tried out to see whether it does."""
    return generator if getattr(generator, "talks", False) else cast(Generator, Obeying(generator))


def guarded(act: Callable[[], Any], generator: str) -> Any:
    """What goes wrong inside a generator is said as its failure, with its name."""
    try:
        return act()
    except (MintmarkError, CannotMeasure, MemoryError):
        raise
    except Exception as error:
        raise GenerationError(f"{generator} failed: {type(error).__name__}: {error}") from error


def given_of(spec: Spec) -> Dataset | None:
    """What is given of a shard's rows."""
    return read_given(spec.given, spec.start, spec.rows) if spec.given else None


@cache
def _loaded(generator: str, parameters: str, folder: Path) -> Sampler:
    return obeying(catalog.build("generators", generator, json.loads(parameters))).load(folder)


def _numbered(made: Dataset, start: int, given: Dataset | None) -> pa.Table:
    """Whole-number keys count on from shard to shard, so that they stay unique in the whole."""
    table, key = made.table, made.columns.key
    taken = given is not None and key in given.columns.names
    if key is None or taken or not pa.types.is_integer(table[key].type):
        return table
    numbers = pa.array(range(start + 1, start + 1 + table.num_rows), table[key].type)
    return table.set_column(table.schema.get_field_index(key), table.schema.field(key), numbers)
