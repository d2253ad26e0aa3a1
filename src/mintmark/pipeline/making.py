"""Makes the rows of one step: fits once, samples shard by shard, and goes on where a killed run stopped."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from mintmark import disk
from mintmark.data.dataset import ROWS
from mintmark.data.schema import Schema
from mintmark.generators import workshop as workshops
from mintmark.generators.generator import Sampler
from mintmark.generators.guarantee import Guarantee
from mintmark.generators.tabular.constraints.obeying import Obedient
from mintmark.generators.workshop import Workshop
from mintmark.ledger.ledger import Ledger
from mintmark.ledger.objects import ShardRef
from mintmark.ledger.work import Work
from mintmark.pipeline import executor, keys, sifting, talking, uniqueness, where
from mintmark.pipeline.given import given_columns, read_given, write_given
from mintmark.pipeline.plan import Plan, PlannedStep, cut
from mintmark.pipeline.progress import Progress
from mintmark.pipeline.shard import Spec, given_of, guarded, obeying, sample
from mintmark.pipeline.sifting import Harvest, Sieves
from mintmark.pipeline.talking import ObjectRef


@dataclass(frozen=True)
class Made:
    """The rows of one step, as shards in the ledger."""

    schema: Schema
    shards: tuple[ShardRef, ...]
    sampler: dict[str, Any]
    """The sampler's files, by name, as references to objects."""
    guarantee: Guarantee | None = None
    """What the sampler proves of its training rows, where it does."""
    met: tuple[str, ...] = ()
    """How each constraint was met."""
    notes: tuple[str, ...] = ()
    """What the fit itself has to say against its result, and what became of rows that are not handed on."""
    runs: tuple[tuple[int, int], ...] = ()
    """(first row, rows) of each shard as it was drawn, before any filter."""
    harvest: Harvest | None = None
    """What the filters let through, where there are any."""
    asked: tuple[ObjectRef, ...] = ()
    """For each shard, where a model was asked: its answers row by row, and what was put aside."""


def make(
    plan: Plan, step: PlannedStep, ledger: Ledger, before: dict[str, Made], *, workers: int, report: Progress
) -> Made:
    """Fits and samples a step. What an earlier, killed run has finished is taken as it is."""
    work = ledger.work(plan.step_digest(step.name))
    sampler = _fitted(plan, step, work, ledger, report)
    doubts: list[str] = []
    given = _given(plan, step, work, sampler, ledger, before, doubts.append)
    hand = _Hand(plan, step, ledger, work, sampler, given, workers, report)
    schema = _schema(plan, step, sampler, given)
    harvest = None
    if step.filters:
        means = talking.means(plan, ledger, f"judging {step.name}", report)
        sieves = Sieves(step.filters, plan.train, plan.seed.child(step.name, "keep"), means,
                        unique=uniqueness.wanted_of(schema[step.name]))  # fmt: skip
        place = f"steps.{step.name}.keep"
        wanted = step.count if step.step.count is not None or given is None else None
        # Of rows that are given no more are completed than it takes: each may have to be paid for.
        together = given is not None and (sieves.whole or wanted is None)
        candidates = hand.most if together else step.step.candidates
        harvest = sifting.harvest(wanted, sieves, hand.draw, ledger.objects, candidates=candidates, most=hand.most,
                                  where=place, say=hand.sifted)  # fmt: skip
    shards = harvest.shards if harvest else tuple(hand.draw(hand.most or step.count))
    files = {
        path.name: {"object": ledger.objects.put_file(path)} for path in sorted((work.folder / "sampler").iterdir())
    }
    key, seed = schema[step.name].key, plan.seed.child(step.name)
    if harvest is None:  # what would be made anew has passed no filter: there it is left out instead
        shards = uniqueness.renewed(
            shards, schema[step.name], sampler, ledger.objects, seed, given=lambda index: given_of(hand.specs[index])
        )
    if key is not None and len(shards) > 1 and key not in given_columns(given):
        shards = keys.renewed(shards, key, sampler, ledger.objects, seed, name=step.name)
    met = sampler.said if isinstance(sampler, Obedient) else ()
    notes = (*getattr(sampler, "notes", ()), *doubts, *(harvest.notes if harvest else ()), *hand.notes)
    runs = tuple((spec.start, spec.rows) for spec in hand.specs)
    return Made(schema, shards, files, getattr(sampler, "guarantee", None), met, notes, runs, harvest, hand.records)


@dataclass
class _Hand:
    """Makes rows, run after run: each run goes on where the one before it ended."""

    plan: Plan
    step: PlannedStep
    ledger: Ledger
    work: Work
    sampler: Sampler
    given: Path | None
    workers: int
    report: Progress
    specs: list[Spec] = field(default_factory=list)
    kept: str = ""
    """How many rows the filters have kept, where there were any yet."""

    @property
    def label(self) -> str:
        """What is being done, for whoever waits."""
        name = f"sampling {self.step.name}: {self.step.step.make}"
        return f"{name}, {self.kept}" if self.kept else name

    def sifted(self, how: str, done: int, total: int) -> None:
        """Takes what the filters say, tells it, and says it again while more rows are made."""
        self.kept = f"{done:,} of {total:,} kept, {how}"
        self.report(self.label, done, total)

    @property
    def most(self) -> int | None:
        """Rows that are given, where any are: so many are made, and no others."""
        return pq.ParquetFile(self.given).metadata.num_rows if self.given else None

    def draw(self, rows: int) -> Iterator[ShardRef]:
        """The next rows, in shards, in order. Finished shards are taken as they are."""
        specs = self._next(rows)
        self.specs += specs
        todo = [spec for spec in specs if self.work.done(spec.index) is None]
        # Who waits for a model counts rows, as the model's own progress does; all others count shards.
        size: dict[int, int] = {spec.index: spec.rows if self.step.talks else 1 for spec in specs}
        whole = sum(size.values())
        done = whole - sum(size[spec.index] for spec in todo)
        self.report(self.label, done, whole)
        for spec, ref in self._made(todo):
            self.work.finish(spec.index, ref)
            done += size[spec.index]
            self.report(self.label, done, whole)
        for spec in specs:
            if (kept := self.work.done(spec.index)) is not None:
                yield kept

    def _made(self, specs: list[Spec]) -> Iterator[tuple[Spec, ShardRef]]:
        if not self.step.talks:
            yield from executor.each(sample, specs, workers=self.workers)
            return
        for spec in specs:  # a model is asked many things at once from one process, not from many
            with talking.workshop(self.plan, self.ledger, self.work, spec.index, self.label, self.report) as place:
                yield spec, sample(spec, place)

    def _next(self, rows: int) -> list[Spec]:
        """One spec a shard. Runs begin where the last one ended, and with a stream of their own."""
        first = self.specs[-1].start + self.specs[-1].rows if self.specs else 0
        seed, base = self.plan.seed.child(self.step.name), len(self.specs)
        return [
            Spec(
                ledger=self.ledger.folder,
                generator=self.step.step.make,
                parameters=dict(self.step.parameters),
                sampler=self.work.folder / "sampler",
                seed=seed,
                index=base + place,
                start=start,
                rows=length,
                first_row=self.plan.first_row(self.step.name),
                given=self.given,
            )
            for place, (start, length) in enumerate(cut(first, rows))
        ]

    @property
    def records(self) -> tuple[ObjectRef, ...]:
        """What was asked of a model for these rows, shard by shard, as objects of the ledger."""
        if not self.step.talks:
            return ()
        return tuple(talking.kept(self.work, spec.index, self.ledger.objects) for spec in self.specs)

    @property
    def notes(self) -> tuple[str, ...]:
        """What a model made that was not handed on, counted by reason."""
        return talking.notes(self.work, [spec.index for spec in self.specs]) if self.step.talks else ()


def _fitted(plan: Plan, step: PlannedStep, work: Work, ledger: Ledger, report: Progress) -> Sampler:
    folder, label = work.folder / "sampler", f"{step.name}: {step.step.make}"
    report(f"fitting {label}", 0, 1)
    method = obeying(step.generator)
    if not folder.is_dir():
        rng = plan.seed.child(step.name, "fit").rng()
        place = Workshop(
            lambda how, done, total: report(f"fitting {label}, {how}", done, total),
            work.folder / "fit",
            answers=talking.answers(ledger),
            account=plan.recipe.name,
            budget=talking.budget(plan),
            base=plan.base,
        )
        fitted = guarded(lambda: workshops.fit(method, plan.train, rng=rng, workshop=place), step.step.make)
        draft = work.folder / "sampler.draft"
        with disk.storage(folder):
            shutil.rmtree(draft, ignore_errors=True)
            draft.mkdir(parents=True)
            fitted.save(draft)
            for path in (*draft.iterdir(), draft):
                disk.sync(path)
            draft.rename(folder)
        shutil.rmtree(work.folder / "fit", ignore_errors=True)
    report(f"fitting {label}", 1, 1)
    # Always what was saved, never what was fitted: a resumed run then samples from the very same numbers.
    return method.load(folder)


def _given(
    plan: Plan, step: PlannedStep, work: Work, sampler: Sampler, ledger: Ledger, before: dict[str, Made],
    doubt: Callable[[str], None],
) -> Path | None:  # fmt: skip
    if not step.step.where and not step.step.given:
        return None
    path = work.folder / "given.parquet"
    if step.step.given:
        parent = before[step.step.given]
        schema = Schema({plan.train.name if plan.train else ROWS: parent.schema[step.step.given]})
        write_given(path, (pq.read_table(ledger.objects.open(ref.object)) for ref in parent.shards), schema)
    else:
        # The bounds that are told from the training rows are none of the rows' that hide them.
        own = plan.train is None or getattr(sampler, "guarantee", None) is not None
        real = sampler.sample(1, rng=plan.seed.child(step.name, "look").rng()) if own or not plan.train else plan.train
        rng = plan.seed.child(step.name, "where").rng()
        part = where.given(step.step.where, real.columns, real.name, sampler, step.count, rng=rng, doubt=doubt)
        write_given(path, iter([part.table]), part.schema)
    return path


def _schema(plan: Plan, step: PlannedStep, sampler: Sampler, given: Path | None) -> Schema:
    """The schema of what is made: known from one row, which every sampler can make; or told, where rows cost."""
    part = read_given(given, 0, 1) if given else None
    told = getattr(sampler, "schema_with", None)
    if told is not None:
        return Schema({step.name: told(part.columns if part else None)})
    made = sampler.sample(1, rng=plan.seed.child(step.name, "schema").rng(), given=part)
    return Schema({step.name: made.columns})
