"""Parameters: those that a step gives its generator and its filters, and what else the recipe says of them."""

from collections.abc import Mapping
from typing import Any

from mintmark.errors import UnknownName
from mintmark.recipe import Recipe, Step

MODELS = ("model", "judge")
"""Parameters that name language models."""
NO_MODELS: Mapping[str, Mapping[str, Any]] = {}


def models_of(recipe: Recipe) -> dict[str, dict[str, Any]]:
    """The recipe's language models, as a generator's field `model` takes them."""
    return {
        name: model.model_dump(mode="json", by_alias=True, exclude_none=True) for name, model in recipe.models.items()
    }


def told(
    generator: type[Any], step: Step, target: str | None, models: Mapping[str, Mapping[str, Any]] = NO_MODELS
) -> dict[str, Any]:
    """A step's parameters, with what else the recipe says that this generator asks for.

    One that has a field `first` learns the conditioned columns first, so that they can be given exactly; one that has a
    field `target` makes rows by the classes of the column that the task predicts; one that has a field `model` asks the
    language model that is named there, or the only one that the recipe has.
    """
    known = getattr(generator, "__dataclass_fields__", {})
    asked = {"first": list(step.where), "target": target}
    out = {name: value for name, value in asked.items() if name in known} | dict(step.parameters)
    return asked_of(generator, out, models)


def asked_of(kind: type[Any], parameters: Mapping[str, Any], models: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Parameters of what may ask language models, a generator or a filter: names of the recipe stand for models."""
    out = dict(parameters)
    if "model" in getattr(kind, "__dataclass_fields__", {}) and getattr(kind, "talks", False):
        out |= {name: _model(out[name], models) for name in MODELS if isinstance(out.get(name), str)}
        if "model" not in out and len(models) == 1:
            out["model"] = next(iter(models.values()))
    return out


def _model(name: str, models: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Any]:
    if name not in models:
        raise UnknownName("language model in this recipe called", name, models, where="models")
    return models[name]
