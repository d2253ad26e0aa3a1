"""What the release of a recipe needs of the columns, asked before anything is made as far as they are known by then."""

from collections.abc import Sequence

from mintmark.data import chat
from mintmark.data.chat import Roles
from mintmark.data.dataset import Dataset
from mintmark.errors import UnknownName
from mintmark.pipeline.plan import Plan, PlannedStep
from mintmark.recipe import Release
from mintmark.words.texts import names


def check(plan: Plan) -> None:
    """UnknownName or InputError where the release names columns that no step makes."""
    wanted = plan.recipe.release
    if wanted is None or not (wanted.split or set(wanted.formats) & set(chat.FORMS)) or plan.mixture is not None:
        return
    known: dict[str, list[str] | None] = {}
    for step in plan.steps:
        known[step.name] = _columns(plan, step, known)
    made = known[plan.stacked[0]]
    if made is not None:
        fitting(wanted, made)


def fitting(wanted: Release, columns: Sequence[str]) -> Roles | None:
    """Which columns hold the conversation, where one is asked for; raises as `check` does."""
    if wanted.split is not None:
        for column in (*names(wanted.split.by), *filter(None, (wanted.split.group,))):
            if column not in columns:
                raise UnknownName("column", column, columns, where="release.split")
    if not set(wanted.formats) & set(chat.FORMS):
        return None
    return Roles.of(columns, wanted.chat.model_dump() if wanted.chat else {})


def _columns(plan: Plan, step: PlannedStep, known: dict[str, list[str] | None]) -> list[str] | None:
    """The columns that a step makes, or None where only its rows will tell."""
    before = known.get(step.step.given) if step.step.given else []
    own = _own(step, plan.train, plan)
    return None if before is None or own is None else [*before, *(name for name in own if name not in before)]


def _own(step: PlannedStep, train: Dataset | None, plan: Plan) -> list[str] | None:
    if step.talks:  # fitting one that asks a model asks nothing yet
        sampler = step.generator.fit(train, rng=plan.seed.child(step.name, "fit").rng())
        return list(sampler.schema.names) if hasattr(sampler, "schema") else None
    if step.step.make == "tabular.rules":
        return list(step.parameters.get("columns", ()))
    return train.columns.names if train is not None and step.step.make.startswith("tabular.") else None
