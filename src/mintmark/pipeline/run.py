"""Carries out a recipe: plan, make, record, judge, release. A killed run goes on where it stopped."""

import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from mintmark import disk, document
from mintmark.data.chat import Roles
from mintmark.data.dataset import Dataset
from mintmark.document import Document
from mintmark.errors import InputError
from mintmark.generators.guarantee import Guarantee
from mintmark.ledger.entry import Act, Entry
from mintmark.ledger.ledger import Ledger
from mintmark.ledger.lineage import lineage
from mintmark.metrics.assay import assay
from mintmark.metrics.findings import Findings
from mintmark.metrics.metric import Case
from mintmark.pipeline import foreseen, making, proving, shipping, splitting, talking
from mintmark.pipeline.descent import Standing, traced
from mintmark.pipeline.judged import alike, sample
from mintmark.pipeline.making import Made
from mintmark.pipeline.plan import UNWRITTEN, Plan, plan
from mintmark.pipeline.progress import Progress, judging, silent
from mintmark.pipeline.publishing import published
from mintmark.pipeline.release import check_place, refuse, release
from mintmark.pipeline.result import Result
from mintmark.pipeline.stacking import Stacked, stacked
from mintmark.pipeline.telling import story
from mintmark.recipe import Recipe
from mintmark.report import page
from mintmark.report.story import Story

FIRST_ERRORS = 3
"""Of a plan's errors, so many stand in a message; `check` tells all."""


def check(recipe: Recipe | Mapping[str, Any] | str | Path, *, ledger: Path | str = ".mintmark") -> Plan:
    """Is the recipe sound? Reads the data and checks every name, value and rule; nothing is made or written.

    What `ledger` has published is recognised in the real data, should it stand there. What steps will ask of language
    models is estimated, and not asked.
    """
    source, read, base = _recipe(recipe)
    planned = plan(read, base=base, source=source, record=_known(Path(ledger)))
    foreseen.check(planned)
    shipping.check(planned)
    told = talking.estimates(planned, Path(ledger))
    return replace(planned, estimates=told, notes=(*planned.notes, *talking.warnings(planned, told)))


def run(
    recipe: Recipe | Mapping[str, Any] | str | Path,
    *,
    real: Any = None,
    to: Path | str = "released",
    ledger: Path | str = ".mintmark",
    workers: int = 1,
    raw: bool = False,
    named: Path | str | None = None,
    base: Path | str | None = None,
    progress: Progress | None = None,
) -> Result:
    """Makes the data, gathers the evidence, decides, and releases what may leave into `to/NAME`.

    `recipe` is a Recipe, its fields, or the path of one; `real` stands in for the recipe's own source. Refused data
    stays in the ledger, and its report goes into `to/NAME.refused`; where no release was asked for, into
    `to/NAME.report`. `named` is the record of the datasets that the recipe mixes, where that is not
    `ledger`. Paths in a recipe start from the folder of its file, or else from `base`, or from the working folder. The
    same call after a kill goes on from the finished shards.
    """
    report = progress or silent
    clock = _Clock()
    source, read, folder = _recipe(recipe)
    with clock.stage("read and plan"):
        report("reading the real data", 0, 1)
        known = _known(Path(ledger))
        given = None if real is None else Dataset.of(real)
        shelf = _known(Path(named)) if named is not None else None
        start = folder if base is None else Path(base)
        planned = plan(read, base=start, real=given, source=source, record=known, named=shelf)
        _refuse_errors(planned)
        foreseen.check(planned)
        shipping.check(planned)
        report("reading the real data", 1, 1)
    if read.release is not None:
        check_place(Path(to) / read.name)
    record = Ledger.open(Path(ledger))
    with _alone(record, planned):
        return _carry_out(planned, record, Path(to), workers, raw, report, clock)


def _carry_out(
    planned: Plan, record: Ledger, to: Path, workers: int, raw: bool, report: Progress, clock: "_Clock"
) -> Result:
    recipe = planned.recipe
    begun = lock(record, planned).body["at"]
    before = talking.bill(planned, record)
    with clock.stage("make"):
        made = _made(planned, record, workers, report)
    after = talking.bill(planned, record)
    with clock.stage("record"):
        whole = stacked(planned, made, record)
        roles = shipping.fitting(recipe.release, whole.columns.names) if recipe.release else None
        entry = published(record, planned, made, whole)
    with clock.stage("judge"):
        synthetic = sample(record, whole)
        case = Case(synthetic, planned.train, planned.holdout, planned.target, planned.sensitive, planned.task)
        findings = assay(case, planned.metrics, seed=planned.seed, alike=alike(planned, case), progress=judging(report))
    rules = planned.gate.rules
    asked = any(rule.metric == proving.METRIC for rule in rules)
    proof = proving.proved(guarantees(planned, made), asked=asked)
    stands = planned.descent if planned.mixture is None else Standing.of(whole.origins)
    findings = Findings((*findings.found, *proof, *traced(stands, rules)), findings.left_out)
    decision = planned.gate.decide(findings, validated=planned.holdout is not None)
    found = {"findings": findings.to_json(), "left_out": dict(findings.left_out)}
    record.append(Act.ASSAY, entry.subject, inputs=planned.inputs, body=found)
    record.append(Act.DECISION, entry.subject, inputs={}, body={**decision.to_json()})
    said = tuple(dict.fromkeys(note for name in sorted(made) for note in made[name].notes))
    told = story(planned, entry.subject, whole, synthetic, findings, decision, said,
                 begun=begun, made=entry.body["at"])  # fmt: skip
    with clock.stage("report and release"):
        folder, where = _let_out(record, told, planned, whole, roles, to, raw, report)
    for name in made:
        record.work(planned.step_digest(name)).clear()
    return Result(
        recipe.name,
        entry.subject,
        {whole.name: whole.rows},
        findings,
        decision,
        where,
        folder,
        recipe.release is not None,
        (*planned.notes, *said),
        clock.spent,
        after - before if after and before else None,
        after,
    )


def _recipe(recipe: Recipe | Mapping[str, Any] | str | Path) -> tuple[Document, Recipe, Path]:
    """Where it is written, what it says, and the folder that its paths start from."""
    if isinstance(recipe, Recipe):
        return UNWRITTEN, recipe, Path()
    if isinstance(recipe, Mapping):
        source = Document(dict(recipe), {}, "recipe")
        return source, Recipe.of(source), Path()
    source = document.read(Path(recipe))
    return source, Recipe.of(source), Path(recipe).parent


def _known(folder: Path) -> Ledger | None:
    """The record, where there is one already: a plan that is not sound makes none."""
    return Ledger.open(folder, create=False) if (folder / "manifests").is_dir() else None


def _refuse_errors(planned: Plan) -> None:
    """InputError where the rules of advice find errors that the recipe does not accept: then nothing is made."""
    errors = planned.audit.errors
    if errors:
        told = "; ".join(f"{one.code} {one.what}" for one in errors[:FIRST_ERRORS])
        more = f"; and {len(errors) - FIRST_ERRORS} more" if len(errors) > FIRST_ERRORS else ""
        fix = f"{errors[0].fix}\n  or accept it and say why: accept: {{{errors[0].code}: …}}"
        raise InputError("this plan has errors", where=errors[0].where, found=told + more, fix=fix)


def lock(record: Ledger, planned: Plan) -> Entry:
    """Writes down what will be made and what no generator may see, before anything is made: the plan's entry."""
    recipe = planned.recipe
    body = {"recipe": recipe.to_json(), "notes": list(planned.notes)}
    entry = record.append(Act.PLAN, recipe.digest, inputs=planned.inputs, body=body)
    if planned.holdout is not None:
        locked = {"rows": len(planned.holdout)}
        record.append(Act.HOLDOUT, planned.holdout.digest, inputs={"plan": recipe.digest}, body=locked)
    return entry


@contextmanager
def _alone(record: Ledger, planned: Plan) -> Iterator[None]:
    """A second run of the same steps on the same ledger waits for the first, for they would share their work."""
    with ExitStack() as held:
        # Always in one order, lest two runs wait for each other.
        for name in sorted({planned.step_digest(step.name) for step in planned.steps}):
            folder = record.work(name).folder
            disk.make_folder(folder.parent)
            lock = folder.with_suffix(".lock")
            held.enter_context(disk.locked(lock))
            lock.touch()  # since when: `gc` takes nothing that is younger
        yield


def _made(planned: Plan, record: Ledger, workers: int, report: Progress) -> dict[str, Made]:
    made: dict[str, Made] = {}
    for step in planned.steps:
        made[step.name] = making.make(planned, step, record, made, workers=workers, report=report)
    return made


def guarantees(planned: Plan, made: dict[str, Made]) -> dict[str, Guarantee | None]:
    """What is proved of each part of the dataset: nothing of rows that were there before."""
    there = [part.name for part in planned.mixture.parts if part.name not in made] if planned.mixture else []
    return {**{name: each.guarantee for name, each in made.items()}, **dict.fromkeys(there)}


def _let_out(
    record: Ledger,
    told: Story,
    planned: Plan,
    whole: Stacked,
    roles: Roles | None,
    to: Path,
    raw: bool,
    report: Progress,
) -> tuple[Path | None, Path]:
    """Releases the data if it may leave; either way there is a report. Returns the released folder and the report."""
    report("writing the report", 0, 1)
    ancestors = lineage(record, told.digest)
    text = page.render(told, lineage=[entry.to_json() for entry in ancestors])
    report("writing the report", 1, 1)
    wanted = planned.recipe.release
    if wanted is None or told.decision is None or not told.decision.released:
        ending = "refused" if wanted else "report"
        return None, refuse(told, to / f"{told.name}.{ending}", page=text) / "report.html"

    def shards() -> Iterator[pa.Table]:
        for ref in whole.shards:
            yield pq.read_table(record.objects.open(ref.object))

    report("releasing", 0, 1)
    seed = planned.seed.child("release", "split")
    sides = splitting.sides(shards(), wanted.split, seed) if wanted.split else None
    released = release(
        told,
        shards,
        to / told.name,
        formats=wanted.formats,
        documents=wanted.documents,
        raw=raw or wanted.raw,
        page=text,
        lineage=ancestors,
        ledger=record,
        origins=whole.origins,
        overwrite=True,
        roles=roles,
        sides=sides,
    )
    body = {"folder": released.folder.name, "files": dict(released.files), "guarded": dict(released.guarded),
            "sizes": dict(released.sizes), "parts": dict(released.parts)}  # fmt: skip
    record.append(Act.RELEASE, told.digest, inputs=dict(released.files), body=body)
    report("releasing", 1, 1)
    return released.folder, released.folder / "report.html"


@dataclass
class _Clock:
    spent: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        start = time.perf_counter()
        yield
        self.spent[name] = time.perf_counter() - start
