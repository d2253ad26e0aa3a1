"""Makes the rows of one step: fits once, samples shard by shard, and goes on where a killed run stopped."""

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from mintmark import catalog, disk
from mintmark.data.dataset import ROWS, Dataset
from mintmark.data.schema import Schema
from mintmark.errors import CannotMeasure, GenerationError, MintmarkError
from mintmark.generators.generator import Remarks, Sampler
from mintmark.ledger.ledger import Ledger
from mintmark.ledger.objects import ShardRef
from mintmark.ledger.work import Work
from mintmark.pipeline import executor, keys, where
from mintmark.pipeline.plan import Plan, PlannedStep
from mintmark.pipeline.progress import Progress
from mintmark.seeds import Seed


@dataclass(frozen=True)
class Made:
    """The rows of one step, as shards in the ledger."""

    schema: Schema
    shards: tuple[ShardRef, ...]
    sampler: dict[str, Any]
    """The sampler's files, by name, as references to objects."""
    notes: tuple[str, ...] = ()
    """What the sampler tells of how it came about."""


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


def make(
    plan: Plan, step: PlannedStep, ledger: Ledger, before: dict[str, Made], *, workers: int, report: Progress
) -> Made:
    """Fits and samples a step. What an earlier, killed run has finished is taken as it is."""
    work = ledger.work(plan.step_digest(step.name))
    label = f"{step.name}: {step.step.make}"
    sampler = _fitted(plan, step, work, label, report)
    given = _given(plan, step, work, sampler, ledger, before)
    specs = list(_specs(plan, step, work, ledger, given))
    todo = [spec for spec in specs if work.done(spec.index) is None]
    report(f"sampling {label}", len(specs) - len(todo), len(specs))
    for at, (spec, ref) in enumerate(executor.each(sample, todo, workers=workers), 1):
        work.finish(spec.index, ref)
        report(f"sampling {label}", len(specs) - len(todo) + at, len(specs))
    shards = tuple(kept for spec in specs if (kept := work.done(spec.index)) is not None)
    files = {
        path.name: {"object": ledger.objects.put_file(path)} for path in sorted((work.folder / "sampler").iterdir())
    }
    schema = _schema(plan, step, sampler, given)
    key = schema[step.name].key
    if key is not None and len(shards) > 1 and key not in _given_columns(given):
        seed = plan.seed.child(step.name)
        shards = keys.renewed(shards, key, sampler, ledger.objects, seed, name=step.name)
    return Made(schema, shards, files, sampler.notes if isinstance(sampler, Remarks) else ())


def sample(spec: Spec) -> ShardRef:
    """Makes one shard and keeps it in the ledger: a top-level function, so that any process can run it."""
    rng = spec.seed.child("sample", spec.index).rng()
    given = _slice(spec.given, spec.start, spec.rows) if spec.given else None
    sampler = _loaded(spec.generator, json.dumps(spec.parameters), spec.sampler)
    made = _guarded(lambda: sampler.sample(spec.rows, rng=rng, given=given), spec.generator)
    if made.table.num_rows != spec.rows:
        raise GenerationError(f"{spec.generator} made {made.table.num_rows} rows where {spec.rows} were asked")
    return Ledger.open(spec.ledger).objects.put_table(
        [_numbered(made, spec.first_row + spec.start, given)], made.table.schema
    )


def _fitted(plan: Plan, step: PlannedStep, work: Work, label: str, report: Progress) -> Sampler:
    folder = work.folder / "sampler"
    report(f"fitting {label}", 0, 1)
    if not folder.is_dir():
        rng = plan.seed.child(step.name, "fit").rng()
        fitted = _guarded(lambda: step.generator.fit(plan.train, rng=rng), step.step.make)
        draft = work.folder / "sampler.draft"
        with disk.storage(folder):
            shutil.rmtree(draft, ignore_errors=True)
            draft.mkdir(parents=True)
            fitted.save(draft)
            for path in (*draft.iterdir(), draft):
                disk.sync(path)
            draft.rename(folder)
    report(f"fitting {label}", 1, 1)
    # Always what was saved, never what was fitted: a resumed run then samples from the very same numbers.
    return step.generator.load(folder)


def _given(
    plan: Plan, step: PlannedStep, work: Work, sampler: Sampler, ledger: Ledger, before: dict[str, Made]
) -> Path | None:
    if not step.step.where and not step.step.given:
        return None
    path = work.folder / "given.parquet"
    if step.step.given:
        parent = before[step.step.given]
        schema = Schema({plan.train.name if plan.train else ROWS: parent.schema[step.step.given]})
        _written(path, (pq.read_table(ledger.objects.open(ref.object)) for ref in parent.shards), schema)
    else:
        real = plan.train or sampler.sample(1, rng=plan.seed.child(step.name, "look").rng())
        rng = plan.seed.child(step.name, "where").rng()
        part = where.given(step.step.where, real.columns, real.name, sampler, step.count, rng=rng)
        _written(path, iter([part.table]), part.schema)
    return path


def _written(path: Path, tables: Iterator[pa.Table], schema: Schema) -> None:
    """Given rows, with their schema in the file's own metadata, for workers to read slices of."""
    name, table_schema = next(iter(schema.tables.items()))
    described = table_schema.arrow().with_metadata({"mintmark": json.dumps(schema.to_json()), "name": name})
    with pq.ParquetWriter(path, described, compression="zstd") as writer:
        for table in tables:
            writer.write_table(table.cast(described), row_group_size=100_000)


def _given_columns(path: Path | None) -> list[str]:
    return pq.read_schema(path).names if path else []


def _slice(path: Path, start: int, rows: int) -> Dataset:
    file = pq.ParquetFile(path, memory_map=True)
    metadata = file.schema_arrow.metadata
    schema = Schema.from_json(json.loads(metadata[b"mintmark"]))
    first, at = 0, 0
    groups: list[int] = []
    for group in range(file.num_row_groups):
        size = file.metadata.row_group(group).num_rows
        if at + size > start and at < start + rows:
            first = at if not groups else first
            groups.append(group)
        at += size
    table = file.read_row_groups(groups).slice(start - first, rows).replace_schema_metadata(None)
    return Dataset(schema, {metadata[b"name"].decode(): table})


def _specs(plan: Plan, step: PlannedStep, work: Work, ledger: Ledger, given: Path | None) -> Iterator[Spec]:
    seed = plan.seed.child(step.name)
    for index, (start, rows) in enumerate(step.shards):
        yield Spec(
            ledger=ledger.folder,
            generator=step.step.make,
            parameters=dict(step.parameters),
            sampler=work.folder / "sampler",
            seed=seed,
            index=index,
            start=start,
            rows=rows,
            first_row=plan.first_row(step.name),
            given=given,
        )


def _schema(plan: Plan, step: PlannedStep, sampler: Sampler, given: Path | None) -> Schema:
    """The schema of what is made: known from one row, which every sampler can make."""
    part = _slice(given, 0, 1) if given else None
    made = sampler.sample(1, rng=plan.seed.child(step.name, "schema").rng(), given=part)
    return Schema({step.name: made.columns})


@cache
def _loaded(generator: str, parameters: str, folder: Path) -> Sampler:
    made: Sampler = catalog.build("generators", generator, json.loads(parameters)).load(folder)
    return made


def _numbered(made: Dataset, start: int, given: Dataset | None) -> pa.Table:
    """Whole-number keys count on from shard to shard, so that they stay unique in the whole."""
    table, key = made.table, made.columns.key
    taken = given is not None and key in given.columns.names
    if key is None or taken or not pa.types.is_integer(table[key].type):
        return table
    numbers = pa.array(range(start + 1, start + 1 + table.num_rows), table[key].type)
    return table.set_column(table.schema.get_field_index(key), table.schema.field(key), numbers)


def _guarded(act: Callable[[], Any], generator: str) -> Any:
    """What goes wrong inside a generator is said as its failure, with its name."""
    try:
        return act()
    except (MintmarkError, CannotMeasure, MemoryError):
        raise
    except Exception as error:
        raise GenerationError(f"{generator} failed: {type(error).__name__}: {error}") from error
