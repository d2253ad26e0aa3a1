"""Where steps that ask language models work: the answers that are kept, the budget, and a record of what was asked."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from mintmark import digest, disk
from mintmark.digest import Digest
from mintmark.generators.workshop import Workshop
from mintmark.ledger.ledger import Ledger
from mintmark.ledger.objects import Objects
from mintmark.ledger.work import Work
from mintmark.models.means import Means
from mintmark.models.purse import UNBOUNDED, Budget, Estimate
from mintmark.models.request import Request
from mintmark.pipeline.plan import Plan
from mintmark.pipeline.progress import Progress

ObjectRef = dict[str, Digest]

ANSWERS = "answers.sqlite"
"""In the ledger's folder: one file for all runs, so that nothing is paid for twice."""


@dataclass
class Record:
    """What was asked for a shard: for each row the request that it answers, what was put aside, rates and tallies."""

    rows: list[str] = field(default_factory=list)
    aside: list[tuple[str, str, str]] = field(default_factory=list)
    counted: list[tuple[str, int, int]] = field(default_factory=list)
    tallied: list[tuple[str, dict[str, int]]] = field(default_factory=list)


def answers(ledger: Ledger) -> Path:
    """The file that keeps what models answered."""
    return ledger.folder / ANSWERS


def budget(plan: Plan) -> Budget:
    """What the recipe may cost."""
    told = plan.recipe.budget
    return UNBOUNDED if told is None else Budget(told.cost, told.tokens, told.requests)


def estimates(plan: Plan, ledger: Path) -> dict[str, Estimate]:
    """What each step that asks would take if every row were accepted. What was answered before takes nothing.

    Rows that are yet to be made for it to fill its prompt with are guessed to be of a usual length.
    """
    out = {}
    for step in plan.steps:
        given = next((one.count for one in plan.steps if one.name == step.step.given), None)
        rows = step.step.candidates or given or step.count
        if step.talks:
            rng = plan.seed.child(step.name, "fit").rng()
            requests = step.generator.fit(plan.train, rng=rng).requests(rows)  # type: ignore[attr-defined]
            out[step.name] = _estimate(step.generator.model, ledger, plan.base, requests)  # type: ignore[attr-defined]
        for name, one in step.filters.items():
            if getattr(one, "talks", False):
                told = one.requests(rows)  # type: ignore[attr-defined]
                out[f"{step.name}, {name}"] = _estimate(one.model, ledger, plan.base, told)  # type: ignore[attr-defined]
    return out


def _estimate(definition: Any, ledger: Path, base: Path, requests: Sequence[Request]) -> Estimate:
    with ExitStack() as held:
        # To look costs nothing and leaves nothing: without a record there is no file to look into.
        path = ledger / ANSWERS
        place = path if path.is_file() else Path(held.enter_context(TemporaryDirectory())) / ANSWERS
        desk = definition.desk(place, base=base)
        with desk.store:
            return desk.estimate(requests)


def warnings(plan: Plan, told: Mapping[str, Estimate]) -> tuple[str, ...]:
    """The estimates in words, and whether the budget is likely to hold them."""
    said = [f"step {name} asks a language model: {each}" for name, each in told.items()]
    bound = budget(plan)
    sums: dict[str, list[float | None]] = {
        "cost": [each.cost for each in told.values()],
        "requests": [each.requests for each in told.values()],
        "tokens": [each.prompt_tokens + each.reply_tokens for each in told.values()],
    }
    for what, amounts in sums.items():
        most = getattr(bound, what)
        total = sum(amount for amount in amounts if amount is not None)
        if most is not None and total > most:
            said.append(f"the budget of {most:g} ({what}) is likely to be spent before all is made: about {total:,.4g}")
    return tuple(said)


def means(plan: Plan, ledger: Ledger, label: str, report: Progress) -> Means:
    """With what the filters of a step ask."""
    return Means(
        answers(ledger),
        budget(plan),
        lambda how, done, total: report(f"{label}, {how}", done, total),
        plan.base,
    )


@contextmanager
def workshop(plan: Plan, ledger: Ledger, work: Work, shard: int, label: str, report: Progress) -> Iterator[Workshop]:
    """A place to ask from; what it was told is written down once the shard is made."""
    record = Record()
    yield Workshop(
        say=lambda how, done, total: report(f"{label}, {how}", done, total),
        answers=answers(ledger),
        account=plan.recipe.name,
        budget=budget(plan),
        aside=lambda reason, shown, text: record.aside.append((reason, shown, text)),
        asked=record.rows.extend,
        counted=lambda what, some, of: record.counted.append((what, some, of)),
        tallied=lambda what, counts: record.tallied.append((what, dict(counts))),
        base=plan.base,
    )
    path = _path(work, shard)
    disk.write(path, digest.canonical(vars(record)), drafts=work.folder.parent.parent / "drafts")


def kept(work: Work, shard: int, objects: Objects) -> ObjectRef:
    """The record of a shard, as an object of the ledger."""
    return {"object": objects.put_file(_path(work, shard))}


def notes(work: Work, shards: Sequence[int]) -> tuple[str, ...]:
    """Rates, the commonest of what was tallied, and what was put aside, counted by reason, in words."""
    reasons: Counter[str] = Counter()
    some: Counter[str] = Counter()
    of: Counter[str] = Counter()
    tallies: dict[str, Counter[str]] = {}
    for shard in shards:
        record = json.loads(_path(work, shard).read_bytes())
        reasons.update(reason for reason, _, _ in record["aside"])
        for what, part, whole in record["counted"]:
            some[what] += part
            of[what] += whole
        for what, counts in record.get("tallied", ()):  # a shard of an earlier version has none
            tallies.setdefault(what, Counter()).update(counts)
    said = [f"{what}: {some[what]:,} of {of[what]:,} ({some[what] / of[what]:.1%})" for what in of if of[what]]
    said += [_commonest(what, counts) for what, counts in tallies.items() if counts]
    if reasons:
        why = ", ".join(f"{many:,} {reason}" for reason, many in reasons.most_common())
        said.append(f"of what the model wrote, {reasons.total():,} were put aside: {why}")
    return tuple(said)


def _commonest(what: str, counts: Counter[str]) -> str:
    ((most, many),) = counts.most_common(1)
    total = counts.total()
    return f"{what}: {many:,} of {total:,} ({many / total:.1%}) “{most}”, {len(counts):,} different ones in all"


def _path(work: Work, shard: int) -> Path:
    return work.folder / f"asked-{shard:05}.json"
