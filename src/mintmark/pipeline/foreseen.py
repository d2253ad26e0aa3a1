"""Which columns steps will make and need, as far as that is known before anything is made or paid for."""

from mintmark.data.dataset import Dataset
from mintmark.errors import RecipeError, UnknownName
from mintmark.pipeline.plan import Plan, PlannedStep


def columns(plan: Plan) -> dict[str, list[str] | None]:
    """The columns that each step makes, or None where only its rows will tell."""
    known: dict[str, list[str] | None] = {}
    for step in plan.steps:
        before = known.get(step.step.given) if step.step.given else []
        own = _own(step, plan.train, plan)
        if before is None or own is None:
            known[step.name] = None
        else:
            known[step.name] = [*before, *(name for name in own if name not in before)]
    return known


def check(plan: Plan) -> None:
    """UnknownName or RecipeError where a step reads columns that the rows it is given will not have."""
    known = columns(plan)
    for place, step in enumerate(plan.steps):
        given = known[step.step.given] if step.step.given else []
        lacking = [name for name in getattr(step.generator, "reads", ()) if given is not None and name not in given]
        if not lacking:
            continue
        where = f"steps.{step.name}.with"
        if step.step.given:
            raise UnknownName(f"column in the rows of {step.step.given} called", lacking[0], given or (), where=where)
        earlier = " or ".join(other.name for other in plan.steps[:place]) or "that step"
        fix = f"have a step before it make a column {lacking[0]}, and name that: given: {earlier}"
        raise RecipeError(f"nothing fills {{{{{lacking[0]}}}}}: the step is given no rows", where=where, fix=fix)


def _own(step: PlannedStep, train: Dataset | None, plan: Plan) -> list[str] | None:
    if step.talks:  # fitting one that asks a model asks nothing yet
        sampler = step.generator.fit(train, rng=plan.seed.child(step.name, "fit").rng())
        return list(sampler.schema.names) if hasattr(sampler, "schema") else None
    if step.step.make == "tabular.rules":
        return list(step.parameters.get("columns", ()))
    return train.columns.names if train is not None and step.step.make.startswith("tabular.") else None
