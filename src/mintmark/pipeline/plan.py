"""What a run will do, worked out and checked before anything is spent; the holdout is locked away here."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from mintmark import catalog, digest
from mintmark.advice import described
from mintmark.advice.audit import Audit, audit
from mintmark.data import arrays, personal, sources
from mintmark.data.dataset import Dataset
from mintmark.data.origin import MADE, SYNTHETIC
from mintmark.data.schema import Kind
from mintmark.digest import Digest
from mintmark.document import Document
from mintmark.errors import DataError, InputError, RecipeError, UnknownName
from mintmark.filters.filter import Filter
from mintmark.gate import Gate
from mintmark.generators.generator import Generator
from mintmark.ledger.ledger import Ledger
from mintmark.metrics.assay import profile
from mintmark.metrics.metric import Metric, Task
from mintmark.models.purse import Estimate
from mintmark.pipeline import declared, proving, reading, sifting, where
from mintmark.pipeline import descent as descents
from mintmark.pipeline.descent import NOTHING, Descent
from mintmark.pipeline.environment import versions
from mintmark.pipeline.mixture import Mixture, mixture
from mintmark.pipeline.parameters import asked_of, models_of, told
from mintmark.recipe import Recipe, Step
from mintmark.seeds import Seed

SHARD_ROWS = 100_000
"""Rows of one shard: part of what a recipe means, since each shard has its own random stream."""

UNWRITTEN = Document({}, {}, "recipe")
"""Where the fields of a recipe stand that was never in a file."""


@dataclass(frozen=True)
class PlannedStep:
    """A step with its generator made, its rows counted and its conditions checked."""

    name: str
    step: Step
    generator: Generator
    parameters: Mapping[str, Any]
    """The generator's own, with what the conditions added to them."""
    count: int
    """Rows that are wanted; of a filtered step that is given rows and has no count of its own, at most so many."""
    filters: Mapping[str, Filter] = field(default_factory=dict)
    files: Mapping[str, Digest] = field(default_factory=dict)
    """What generator and filters read beside the rows, as the recipe names it; of a folder nothing is told."""

    @property
    def talks(self) -> bool:
        """Does it ask a language model?"""
        return bool(getattr(self.generator, "talks", False))

    @property
    def shards(self) -> list[tuple[int, int]]:
        """(first row, rows) of each shard."""
        return cut(0, self.count)


def cut(first: int, rows: int) -> list[tuple[int, int]]:
    """(first row, rows) of each shard of so many rows that follow others."""
    end = first + rows
    return [(start, min(SHARD_ROWS, end - start)) for start in range(first, end, SHARD_ROWS)]


@dataclass(frozen=True)
class Plan:
    """Everything that a run needs; making it has read the real data and changed nothing."""

    recipe: Recipe
    train: Dataset | None
    holdout: Dataset | None
    steps: tuple[PlannedStep, ...]
    metrics: Mapping[str, Metric]
    notes: tuple[str, ...]
    source: Document = UNWRITTEN
    """The recipe as it was written: where its fields stand."""
    descent: Descent = NOTHING
    """Where the data that is learnt from came from."""
    mixture: Mixture | None = None
    """What the dataset is mixed from, where it is."""
    base: Path = Path()
    """The folder that the recipe's paths start from."""
    estimates: Mapping[str, Estimate] = field(default_factory=dict)
    """What steps will ask of language models, where they do, if every row is accepted."""

    @cached_property
    def audit(self) -> Audit:
        """What the rules of advice find in it."""
        told = described.of_recipe(
            self.recipe,
            train=self.train,
            holdout=self.holdout,
            metrics=self.metrics,
            parameters={step.name: step.parameters for step in self.steps},
            origin=self.descent.origin,
            depth=self.descent.depth,
        )
        return audit(told, described.placed(self.source))

    @property
    def seed(self) -> Seed:
        """The root of all random streams."""
        return Seed(self.recipe.seed)

    @property
    def gate(self) -> Gate:
        """The rules, with those that the use of the data brings."""
        return Gate(descents.rules(self.recipe))

    @property
    def target(self) -> str | None:
        """The column that the task predicts."""
        return self.recipe.purpose.task.target if self.recipe.purpose.task else None

    @property
    def task(self) -> Task | None:
        """What the prediction is of, where the recipe says it."""
        return self.recipe.purpose.task.kind if self.recipe.purpose.task else None

    @property
    def sensitive(self) -> tuple[str, ...]:
        """Columns that name groups of people."""
        return self.recipe.real.sensitive if self.recipe.real else ()

    @property
    def inputs(self) -> dict[str, Digest]:
        """Digests of the data that goes in, and of the model that is said to have made it."""
        parts = {"train": self.train, "holdout": self.holdout}
        out = {name: part.digest for name, part in parts.items() if part is not None}
        out |= {"model": self.descent.model} if self.descent.model else {}
        return out | (self.mixture.inputs if self.mixture else {})

    @property
    def shares(self) -> list[tuple[str, Mapping[str, Any], float]]:
        """What the rows of the dataset come from: its name, the conditions on it, and its share."""
        counts = {step.name: step.count for step in self.steps if step.name in self.stacked}
        if self.mixture:
            counts = {part.name: part.rows for part in self.mixture.parts}
        total = sum(counts.values())
        asked = {step.name: step.step.where for step in self.steps}
        return [(name, asked.get(name, {}), rows / total) for name, rows in counts.items()]

    @property
    def stacked(self) -> tuple[str, ...]:
        """The steps whose rows stand in the dataset, one below the other: those that no other step was given."""
        used = {step.step.given for step in self.steps}
        return tuple(step.name for step in self.steps if step.name not in used)

    def first_row(self, name: str) -> int:
        """How many rows of other steps stand above those of this one: where whole-number keys count on."""
        above = self.stacked[: self.stacked.index(name)] if name in self.stacked else ()
        return sum(step.count for step in self.steps if step.name in above)

    def step_digest(self, name: str) -> Digest:
        """Names the rows that a step will make: by the step, all it is given, seed, training data and versions.

        Neither the gate, nor the metrics, nor other steps are in it: they change no row.
        """
        step = self.recipe.steps[name]
        body: dict[str, Any] = {"step": step.model_dump(mode="json"), "name": name, "seed": self.recipe.seed}
        body["first_row"] = self.first_row(name)
        planned = next(planned for planned in self.steps if planned.name == name)
        body["filters"] = {label: catalog.parameters(one) for label, one in planned.filters.items()}
        body["parameters"] = dict(planned.parameters)
        body["versions"] = versions()
        body["train"] = self.train.digest if self.train else None
        body["constraints"] = list(self.train.columns.constraints) if self.train else []
        body["given"] = self.step_digest(step.given) if step.given else None
        body |= {"files": dict(planned.files)} if planned.files else {}
        return digest.of_json(body)

    def to_json(self) -> dict[str, Any]:
        """What `--dry-run` and `check` answer."""
        return {
            "name": self.recipe.name,
            "recipe": self.recipe.digest,
            "train_rows": len(self.train) if self.train else 0,
            "holdout_rows": len(self.holdout) if self.holdout else 0,
            "inputs": self.inputs,
            "columns": [column.to_json() for column in self.train.columns.columns] if self.train else [],
            "steps": [
                {"name": s.name, "make": s.step.make, "count": s.count, "shards": len(s.shards)} for s in self.steps
            ],
            "metrics": list(self.metrics),
            "descent": self.descent.to_json(),
            "mix": self.mixture.to_json() if self.mixture else [],
            "estimates": {name: vars(each) for name, each in self.estimates.items()},
            "gate": [str(rule) for rule in self.gate.rules],
            "release": list(self.recipe.release.formats) if self.recipe.release else [],
            "notes": list(self.notes),
            "audit": self.audit.to_json(),
        }


def plan(
    recipe: Recipe,
    *,
    base: Path | None = None,
    real: Dataset | None = None,
    source: Document = UNWRITTEN,
    record: Ledger | None = None,
    named: Ledger | None = None,
) -> Plan:
    """Reads the real data, locks the holdout, and checks every name in the recipe against it.

    `base` is the folder that the recipe's paths start from; `real` stands in for the recipe's own source; `source` is
    the document that the recipe was read from; in `record` its data is looked for, which may be generated; `named` is
    the record of the datasets that it mixes and of the model that it names, where that is another one.
    """
    base = base or Path()
    train, holdout, notes = reading.read(recipe, base, real)
    _check_columns(recipe, train)
    steps: list[PlannedStep] = []
    for name in recipe.steps:
        steps.append(_planned(recipe, name, train, steps, base))
    metrics = _metrics(recipe)
    _check_gate(recipe, metrics)
    how = declared.notes(train, [step.generator for step in steps])
    came = descents.trace(recipe, train, record, named or record, rng=Seed(recipe.seed).child("descent").rng())
    mixed = mixture(recipe, {step.name: step.count for step in steps}, train, holdout, came, named or record)
    asked = (*_never_made(recipe, train, steps), *_advice(recipe, holdout))
    told = (*notes, *_told_of(train), *how, *asked, *(mixed.notes if mixed else ()))
    return Plan(recipe, train, holdout, tuple(steps), metrics, told, source, came, mixed, base)


def _check_columns(recipe: Recipe, train: Dataset | None) -> None:
    task = recipe.purpose.task
    named = [("real.sensitive", column) for column in (recipe.real.sensitive if recipe.real else ())]
    named += [("purpose.task.target", task.target)] if task else []
    if train is None:
        return
    for place, column in named:
        if column not in train.columns.names:
            raise UnknownName("column", column, train.columns.names, where=place)
    if task and len(train.columns[task.target].levels or (1, 2)) < 2:
        raise DataError("the target has one class only", where=task.target, found=train.columns[task.target].levels[0])
    if task and task.kind == "regression" and not train.columns[task.target].numeric:
        found = f"{task.target} is of kind {train.columns[task.target].kind}"
        raise DataError(
            "a regression predicts a quantity", where="purpose.task", found=found, fix="write kind: classification"
        )


def _planned(recipe: Recipe, name: str, train: Dataset | None, before: list[PlannedStep], base: Path) -> PlannedStep:
    place, step = f"steps.{name}", recipe.steps[name]
    parent = next((other for other in before if other.name == step.given), None)
    kind = catalog.load("generators", step.make, where=f"{place}.make")
    parameters = told(kind, step, recipe.purpose.task.target if recipe.purpose.task else None, models_of(recipe))
    generator = catalog.build("generators", step.make, parameters, where=f"{place}.with")
    if getattr(generator, "origin", SYNTHETIC) not in MADE:
        fix = f"its `origin` is one of {', '.join(MADE)}, or left out"
        raise InputError(f"{step.make} does not say what its rows are", where=f"{place}.make", fix=fix)
    filters = {
        label: _filter(label.partition("#")[0], body, recipe, f"{place}.keep")
        for label, body in sifting.named(step.keep).items()
    }
    if step.where:
        if parent is not None:
            raise RecipeError("a step has `where` or `given`, not both", where=place)
        if getattr(generator, "talks", False):
            # Conditions are met by weighing thousands of the method's own rows, each of which would be asked for.
            fix = "make the columns in a step of their own, as tabular.rules does, and name it in `given`"
            raise RecipeError(f"{step.make} asks a language model, and takes no `where`", where=place, fix=fix)
        if train is not None:
            where.check(step.where, train.columns)
    count = step.count or (parent.count if parent else len(train) if train is not None else 0)
    if parent is not None and count != parent.count and not (step.keep and count < parent.count):
        raise RecipeError("a step makes as many rows as it is given", where=place, found=f"{count} and {parent.count}")
    if not count:
        raise RecipeError("say how many rows to make: `count`", where=place)
    files = _files([generator, *filters.values()], base)
    return PlannedStep(name, step, generator, parameters, count, filters, files)


def _files(readers: Iterable[Any], base: Path) -> dict[str, Digest]:
    """The files that these read, looked for before anything is made; DataError where one is not there."""
    named = dict.fromkeys(name for reader in readers for name in getattr(reader, "files", ()))
    found = {name: sources.place(name, base) for name in named}
    return {name: digest.of_file(path) for name, path in found.items() if path is not None and path.is_file()}


def _filter(name: str, body: Mapping[str, Any], recipe: Recipe, where: str) -> Filter:
    parameters = asked_of(catalog.load("filters", name, where=where), body, models_of(recipe))
    made: Filter = catalog.build("filters", name, parameters, where=where)
    return made


def _metrics(recipe: Recipe) -> Mapping[str, Metric]:
    if isinstance(recipe.assay, str):
        return profile(recipe.assay)
    asked = recipe.assay if isinstance(recipe.assay, dict) else dict.fromkeys(recipe.assay)
    return {name: catalog.build("metrics", name, body or {}, where=f"assay.{name}") for name, body in asked.items()}


def _check_gate(recipe: Recipe, metrics: Mapping[str, Metric]) -> None:
    for rule in recipe.gate:
        if rule.metric == proving.METRIC or rule.metric in descents.METRICS:
            continue  # proved or traced, and not measured: what is neither, fails
        if rule.metric not in catalog.names("metrics"):
            raise UnknownName("metric", rule.metric, catalog.names("metrics"), where="gate")
        if rule.metric not in metrics:
            fix = "add it to `assay`"
            raise InputError(f"{rule.metric} is judged but not asked", where="gate", found=str(rule), fix=fix)


def _told_of(train: Dataset | None) -> tuple[str, ...]:
    return personal.notes(train.columns) if train is not None else ()


def _never_made(recipe: Recipe, train: Dataset | None, steps: Sequence[PlannedStep]) -> list[str]:
    """Classes of the target that are too rare for any step to make them."""
    task = recipe.purpose.task
    column = train.columns[task.target] if task and train else None
    if task is None or train is None or column is None or not column.discrete or column.kind == Kind.BOOLEAN:
        return []  # yes and no are always made
    rare = min((getattr(step.generator, "rare", 0) for step in steps), default=0)
    many = Counter(arrays.text(train.table[task.target]).drop_null().to_pylist())
    few = [f"{name} ({count} training rows)" for name, count in sorted(many.items()) if count < rare]
    if not few:
        return []
    return [f"classes of {task.target} that fewer than `rare: {rare}` rows show are never made: {', '.join(few)}"]


def _advice(recipe: Recipe, holdout: Dataset | None) -> list[str]:
    """What will keep the data from leaving, or make its evidence weak, said before the work is done."""
    out = []
    if recipe.release and not recipe.gate:
        out.append("the recipe asks for a release but has no gate: nothing will leave")
    if recipe.gate and holdout is None:
        out.append("there is no holdout: the data will be called unvalidated and will not leave")
    if holdout is not None and len(holdout) < 1000:
        out.append(f"the holdout has {len(holdout)} rows: intervals will be wide, and the gate judges their worst end")
    return out
