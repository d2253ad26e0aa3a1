"""A recipe and its data, told as a proposal: the same rules examine both."""

from collections.abc import Iterable, Mapping
from typing import Any, Literal

import pyarrow.compute as pc

from mintmark.advice.proposal import Evaluation, Handed, Holdout, Method, Privacy, Proposal, Purpose, RealData
from mintmark.data import arrays
from mintmark.data.dataset import Dataset
from mintmark.document import Document, Place
from mintmark.recipe import Recipe

Origin = Literal["real", "synthetic", "mixed", "unknown"]

KINDS = {
    "tabular.auto": "trees",
    "tabular.copula": "copula",
    "tabular.diffusion": "diffusion",
    "tabular.gan": "gan",
    "tabular.independent": "independent",
    "tabular.network": "network",
    "tabular.oversample": "oversample",
    "tabular.private": "marginals",
    "tabular.rules": "rules",
    "tabular.trees": "trees",
    "tabular.vae": "vae",
}
"""What a generator is, in the words of a proposal."""

FIELDS: Mapping[Place, Place] = {
    ("evaluation", "asks"): ("assay",),
    ("evaluation",): ("gate",),
    ("method",): ("steps",),
    ("privacy",): ("steps",),
    ("release", "licence"): ("release", "license"),
}
"""Where a recipe says what a proposal says elsewhere; the longest that fits counts."""


def of_recipe(
    recipe: Recipe,
    *,
    train: Dataset | None,
    holdout: Dataset | None,
    metrics: Iterable[str],
    parameters: Mapping[str, Any],
    origin: Origin = "unknown",
    depth: int | None = None,
) -> Proposal:
    """The recipe as a proposal; `parameters` are those of its steps, by name, with what was added to them.

    `origin` and `depth` tell where the real data came from, as far as that is known.
    """
    asked = tuple(metrics)
    told = recipe.purpose
    budgets = [budget for each in parameters.values() if (budget := _budget(each))]
    people = bool(recipe.real and (recipe.real.sensitive or recipe.real.group)) or told.gap == "privacy"
    return Proposal(
        proposal=recipe.name,
        purpose=Purpose(gap=told.gap, use=told.use),
        real=_real(recipe, train, holdout, people, origin, depth),
        method=_method(recipe),
        privacy=Privacy(
            claim="private" if told.gap == "privacy" or budgets else "none",
            epsilon=sum(epsilon for epsilon, _ in budgets) or None,
            delta=sum(delta for _, delta in budgets) or None,
            domain="private" if budgets else None,
            tests=tuple(name.removeprefix("privacy.") for name in asked if name.startswith("privacy.")),
        ),
        evaluation=Evaluation(
            tested_on="real" if holdout is not None else None, asks=asked, gate=tuple(map(str, recipe.gate))
        ),
        release=Handed(licence=recipe.release.license) if recipe.release else None,
        accept=recipe.accept,
    )


def placed(source: Document) -> Document:
    """A recipe's document with the fields of a proposal in it, on the lines where the recipe says the same."""
    lines = dict(source.lines)
    for proposed, written in FIELDS.items():
        if written in lines:
            lines[proposed] = lines[written]
    return Document(source.value, lines, source.name)


def _real(
    recipe: Recipe, train: Dataset | None, holdout: Dataset | None, people: bool, origin: Origin, depth: int | None
) -> RealData | None:
    if train is None:
        return None
    told, task = recipe.real, recipe.purpose.task
    group = told.group if told else None
    ordered = bool(told and told.time)
    kept = Holdout(rows=len(holdout), split="group" if group else "time" if ordered else "random") if holdout else None
    return RealData(
        origin=origin,
        depth=depth,
        rows=len(train),
        rarest=rarest(train, task.target if task else None),
        people=people or None,
        rows_per_person="several" if group else None,
        group=group,
        ordered=ordered,
        sensitive=told.sensitive if told else (),
        holdout=kept,
    )


def _method(recipe: Recipe) -> Method:
    makers = list(recipe.steps.values())
    kinds = {KINDS.get(step.make, "other") for step in makers}
    conditioned = any(isinstance(wanted, Mapping) for step in makers for wanted in step.where.values())
    kind: Any = kinds.pop() if len(kinds) == 1 else "other"
    return Method(kind=kind, conditioned=conditioned)


def _budget(parameters: Mapping[str, Any]) -> tuple[float, float] | None:
    """(ε, δ) of a step that is made under differential privacy."""
    told = parameters.get("private") or parameters
    if not isinstance(told, Mapping) or "epsilon" not in told:
        return None
    return float(told["epsilon"]), float(told.get("delta") or 0)


def rarest(data: Dataset, target: str | None) -> int | None:
    """Rows of the rarest class of the target; None where it has no classes."""
    if target is None or not data.columns[target].discrete:
        return None
    counted = pc.value_counts(arrays.text(data.table[target]).drop_null())
    return min(counted.field("counts").to_pylist(), default=None)
