"""One line of work: learn from a table and make rows like it. No record is kept and nothing is judged."""

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from mintmark import catalog
from mintmark.data import sources
from mintmark.data.dataset import Dataset
from mintmark.errors import InputError
from mintmark.generators.generator import Generator
from mintmark.generators.tabular.constraints.obeying import Obeying
from mintmark.pipeline import where as conditions
from mintmark.pipeline.declared import Written, constrained, kept
from mintmark.seeds import Seed


def generator(name: str, **parameters: Any) -> Generator:
    """The generator of that name; UnknownName offers the nearest names."""
    made: Generator = catalog.build("generators", name, parameters)
    return made


def generate(
    data: Any,
    name: str = "tabular.trees",
    *,
    count: int | None = None,
    seed: int = 0,
    where: Mapping[str, Any] | None = None,
    constraints: Written | Sequence[Written] = (),
    **parameters: Any,
) -> Dataset:
    """Makes `count` rows like those of `data` (as many as it has, if left out).

    `data` is a Dataset, a path, or anything that speaks Arrow; None for methods that learn from nothing. `where` takes
    what a recipe's does: values, shares of values, ranges. Each row meets the `constraints`, as a recipe writes them:
    `"end >= start"`, `{"unique": ["email"]}`, `{"together": ["city", "country"]}`; where there is no data, they are
    the method's own. What a fit has to say against its result comes as a warning.
    """
    real = data if data is None or isinstance(data, Dataset) else _dataset(data)
    if real is None and constraints:
        parameters["constraints"] = (constraints,) if isinstance(constraints, str) else tuple(constraints)
    if real is not None and constraints:
        real, _ = kept(constrained(real, constraints, where="constraints"), where="constraints")
    where = where or {}
    if count is not None and (not isinstance(count, int | np.integer) or count < 0):
        raise InputError("a count is a whole number, 0 or more", found=repr(count))
    kind = catalog.load("generators", name)
    if where and "first" in getattr(kind, "__dataclass_fields__", {}):
        parameters.setdefault("first", tuple(where))
    root = Seed(seed)
    sampler = Obeying(generator(name, **parameters)).fit(real, rng=root.child("fit").rng())
    for note in getattr(sampler, "notes", ()):
        warnings.warn(note, stacklevel=2)
    rows = count if count is not None else len(real) if real is not None else 1000
    if not where:
        return sampler.sample(rows, rng=root.child("sample").rng())
    own = real is None or getattr(sampler, "guarantee", None) is not None
    like = sampler.sample(1, rng=root.child("look").rng()) if own or real is None else real
    told: list[str] = []
    rng = root.child("where").rng()
    given = conditions.given(where, like.columns, like.name, sampler, rows, rng=rng, doubt=told.append)
    for note in told:
        warnings.warn(note, stacklevel=2)
    return sampler.sample(rows, rng=root.child("sample").rng(), given=given)


def _dataset(data: Any) -> Dataset:
    return sources.read(data) if isinstance(data, str) or hasattr(data, "__fspath__") else Dataset.of(data)
