"""Compares generators: all learn from the same rows and are judged by the same unseen ones, and one is proved.

Who is chosen by the holdout looks better on it than it is. So a part of the training rows is parted off, and all are
compared on that; then the one that was chosen learns anew from all training rows, and the holdout, which had no say in
the choice, reports on it once (see docs/decisions/0007-chosen-on-a-part-of-train.md).
"""

import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from mintmark import digest
from mintmark.data import sources
from mintmark.data.dataset import Dataset
from mintmark.document import Document
from mintmark.errors import DataError, InputError
from mintmark.ledger.entry import Act
from mintmark.ledger.ledger import Ledger
from mintmark.ledger.work import going_on
from mintmark.metrics.assay import WHOLE_CAP, profile
from mintmark.metrics.enough import MINIMUM
from mintmark.metrics.metric import Metric
from mintmark.pipeline import contestants
from mintmark.pipeline.arena import Arena
from mintmark.pipeline.contestants import Contestant, Written
from mintmark.pipeline.plan import Plan, plan
from mintmark.pipeline.progress import Progress, silent
from mintmark.pipeline.run import check, lock
from mintmark.recipe import Real, Recipe
from mintmark.report.comparison.entrant import Entrant
from mintmark.report.comparison.front import PROVED
from mintmark.report.comparison.table import Comparison, Proof

SHARE = 0.3
"""Of the training rows, parted off to compare by."""
COUNT = WHOLE_CAP
"""Most rows that each makes: the assay looks at no more."""
LEAST = 2 * MINIMUM
"""Fewer rows to judge by are refused: one half is what scores stand on, and the other is the ceiling."""
FEW = 1000
"""With fewer rows to judge by, intervals are wide."""


def compare(
    what: Any,
    with_: Written | Sequence[Written],
    *,
    seeds: int = 3,
    metrics: str | None = None,
    target: str | None = None,
    sensitive: Sequence[str] = (),
    drop: Sequence[str] = (),
    rules: Sequence[str] = (),
    ledger: Path | str | None = ".mintmark",
    progress: Progress | None = None,
) -> Comparison:
    """Fits each generator on the same rows, judges each by the same unseen ones, and advises from what was measured.

    `what` is a recipe (or its path, or its fields), whose own method is compared with those of `with_`, or real data;
    `target`, `sensitive`, `drop` and `rules` are then what a recipe would say. `with_` names methods as in
    `["tabular.copula", "tabular.trees(leaf=20)"]`. `metrics` is a profile in place of the recipe's own questions; what
    the gate judges is always asked. Finished fits are kept in `ledger`, so that the same call goes on where one was
    stopped; None keeps nothing.

    Raises InputError and its kind before anything is fitted; a generator that fails becomes a row that says why.
    """
    if isinstance(seeds, bool) or not isinstance(seeds, int) or seeds < 1:
        raise InputError("a comparison takes one seed or more", found=repr(seeds), fix="seeds=3")
    written = [with_] if isinstance(with_, str | Mapping) else list(with_)
    report = progress or silent
    report("reading the real data", 0, 1)
    planned, own = _planned(what, _Told(target, tuple(sensitive), tuple(drop), tuple(rules)))
    report("reading the real data", 1, 1)
    entering = _entering(own, contestants.parse(written))
    with ExitStack() as held:
        folder = Path(held.enter_context(tempfile.TemporaryDirectory(prefix="mintmark-")))
        record = Ledger.open(folder / "ledger" if ledger is None else Path(ledger))
        arena = _arena(_inner(planned), _asked(planned, metrics), seeds, record, folder)
        held.enter_context(going_on(record.folder, "comparing"))
        lock(record, planned)
        return _compared(planned, arena, entering, report)


def _compared(planned: Plan, arena: Arena, entering: Sequence[Contestant], report: Progress) -> Comparison:
    entrants = tuple(arena.enter(contestant, report) for contestant in entering)
    found = Comparison(
        name=planned.recipe.name,
        entrants=entrants,
        seeds=arena.seeds,
        learnt_rows=len(arena.train),
        judged_rows=len(arena.unseen),
        made_rows=arena.count,
        gate=tuple(map(str, planned.recipe.gate)),
        notes=(*_notes(planned, arena), *_said(entrants, arena.seeds)),
    )
    _noted(planned, arena, found)
    chosen = next((each for each in entering if each.label == found.advice.chosen), None)
    if chosen is None or planned.holdout is None:
        return found
    proved = replace(found, proof=_proof(planned, arena, chosen, report))
    _noted(planned, arena, proved)
    return proved


@dataclass(frozen=True)
class _Told:
    """What is said of data that comes without a recipe."""

    target: str | None
    sensitive: tuple[str, ...]
    drop: tuple[str, ...]
    rules: tuple[str, ...]


def _planned(what: Any, said: _Told) -> tuple[Plan, Contestant | None]:
    """The plan, and the recipe's own method; InputError where there is nothing to learn from, or more than one step."""
    if not _is_recipe(what):
        return _plan_of(what, said), None
    if any(vars(said).values()):
        raise InputError("a recipe says its target, sensitive and dropped columns and its rules itself",
                         fix="change the recipe")  # fmt: skip
    planned = check(what)
    recipe = planned.recipe
    if planned.train is None:
        raise InputError("there is no real data to learn from", where="real", fix="name a source in the recipe")
    if len(recipe.steps) != 1:
        raise InputError(
            "a comparison puts other methods in the place of one step",
            where="steps",
            found=f"{len(recipe.steps)} steps: {', '.join(recipe.steps)}",
            fix="compare with a recipe that holds one step alone",
        )
    step = planned.steps[0].step
    return planned, Contestant(step.make, step.parameters)


def _is_recipe(what: Any) -> bool:
    if isinstance(what, str | Path):
        return str(what).lower().endswith((".yaml", ".yml"))
    return isinstance(what, Recipe) or (isinstance(what, Mapping) and "steps" in what)


def _plan_of(data: Any, said: _Told) -> Plan:
    """The plan of a recipe that says of this data what a comparison must know."""
    read = sources.read(data) if isinstance(data, str) or hasattr(data, "__fspath__") else Dataset.of(data)
    for column in said.drop:
        read.columns[column]  # UnknownName lists the columns
    read = read.only([name for name in read.columns.names if name not in said.drop])
    body: dict[str, Any] = {"name": "comparison", "real": {"from": "memory", "sensitive": list(said.sensitive)}}
    body |= {"steps": {"rows": {"make": "tabular.independent"}}, "gate": list(said.rules)}
    if said.target:
        body["purpose"] = {"task": {"target": said.target}}
    return plan(Recipe.of(Document(body, {}, "comparison")), real=read)


def _entering(own: Contestant | None, others: Sequence[Contestant]) -> tuple[Contestant, ...]:
    """The recipe's own method first, unless it is named again; InputError where nothing is left to compare with."""
    first = [own] if own is not None and own.label not in {each.label for each in others} else []
    entering = (*first, *others)
    if len(entering) < 2:
        found = entering[0].label if entering else "none"
        raise InputError("a comparison takes two methods or more", where="--with", found=found,
                         fix="name others: --with tabular.copula,tabular.independent")  # fmt: skip
    return entering


def _inner(planned: Plan) -> Plan:
    """The plan once more, within the training rows: a part of them stands where the holdout would."""
    told = planned.recipe.real or Real.model_validate({"from": "memory"})
    # The training rows know their constraints already.
    within = told.model_copy(update={"holdout": SHARE, "constraints": (), "model": None})
    # What the rows of a method would be mixed with says nothing of the method.
    inner = plan(planned.recipe.model_copy(update={"real": within, "mix": {}}), real=planned.train)
    assert inner.holdout is not None
    if len(inner.holdout) < LEAST:
        raise DataError(
            "there are too few real rows to tell methods apart by",
            found=f"{len(inner.holdout)}, which is {SHARE:.0%} of the training rows; {LEAST} are needed",
            fix="judge one method alone, with `mintmark run`, or bring more real rows",
        )
    return inner


def _asked(planned: Plan, metrics: str | None) -> Mapping[str, Metric]:
    """The recipe's questions, or those of a profile with all that the gate judges."""
    if metrics is None:
        return planned.metrics
    rules = [rule.metric for rule in planned.recipe.gate if rule.metric in planned.metrics]
    judged = {metric: planned.metrics[metric] for metric in rules}
    return {**profile(metrics), **judged}


def _arena(
    planned: Plan, metrics: Mapping[str, Metric], seeds: int, record: Ledger, folder: Path, *, stage: str = "compare"
) -> Arena:
    assert planned.train is not None
    assert planned.holdout is not None
    step = planned.steps[0].step
    return Arena(
        train=planned.train,
        unseen=planned.holdout,
        step=step,
        count=min(step.count or len(planned.train), COUNT),
        target=planned.target,
        sensitive=planned.sensitive,
        task=planned.task,
        metrics=metrics,
        gate=planned.gate,
        seeds=seeds,
        seed=planned.seed.child(stage),
        record=record,
        folder=folder,
    )


def _proof(planned: Plan, arena: Arena, chosen: Contestant, report: Progress) -> Proof:
    assert planned.train is not None
    assert planned.holdout is not None
    before = _used_before(arena.record, planned.holdout, chosen)
    outer = _arena(planned, arena.metrics, arena.seeds, arena.record, arena.folder, stage="prove")
    entrant = outer.enter(chosen, report, label=f"the holdout on {chosen.label}")
    return Proof(entrant, len(planned.train), len(planned.holdout), before)


def _used_before(record: Ledger, holdout: Dataset, chosen: Contestant) -> int:
    """How many other choices this holdout was asked about."""
    entries = record.find(Act.NOTE, used=holdout.digest)
    labels = {entry.body["chosen"] for entry in entries if entry.body.get("note") == "comparison"}
    return len(labels - {chosen.label, None})


def _noted(planned: Plan, arena: Arena, found: Comparison) -> None:
    """Enters what was found in the ledger, and whether the holdout was looked at."""
    kept = {"object": arena.record.objects.put_json(found.to_json())}
    body = {"note": "comparison", "name": found.name, "chosen": found.advice.chosen, "comparison": kept}
    inputs = {"train": arena.train.digest, "validation": arena.unseen.digest}
    if found.proof is not None and planned.holdout is not None:
        inputs["holdout"] = planned.holdout.digest
    arena.record.append(Act.NOTE, digest.of_json(found.to_json()), inputs=inputs, body=body)


def _said(entrants: Sequence[Entrant], seeds: int) -> list[str]:
    """What fits say against their results, and what a comparison costs those who prove something."""
    out = [note for each in entrants for note in each.notes]
    proving = [each.label for each in entrants if each.evidence(PROVED)]
    if proving:
        out.append(f"the guarantee of {', '.join(proving)} is that of one fit: here {seeds + 1} and more look at the "
                   "same rows, whose losses add up, and scores tell of real rows outside any budget")  # fmt: skip
    return out


def _notes(planned: Plan, arena: Arena) -> tuple[str, ...]:
    out = ["times and memory are this machine's; times that differ by less than a factor of two are not told apart"]
    if arena.seeds == 1:
        out.append("with one seed, no interval holds the luck of a fit: differences look surer than they are")
    if arena.seeds == 2:
        out.append("two seeds hardly show how far fits differ: intervals are wide, and three or more tell more apart")
    if len(arena.unseen) < FEW:
        out.append(f"only {len(arena.unseen):,} real rows to judge by: intervals are wide, and little is told apart")
    wanted = planned.steps[0].step.count or 0
    if wanted > COUNT:
        out.append(f"each made {COUNT:,} of the {wanted:,} rows that the recipe asks for: the assay looks at no more")
    if planned.holdout is None:
        out.append("there is no holdout: what was chosen is not proved on rows that had no say in the choice")
    return tuple(out)
