"""The real tables that come with scikit-learn, under the names that their columns deserve; no network, no pandas."""

import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
from sklearn import datasets

from mintmark.data.sources.found import Found, Request
from mintmark.errors import UnknownName

LOADERS: Mapping[str, tuple[Callable[..., Any], str]] = {
    "breast_cancer": (datasets.load_breast_cancer, "diagnosis"),
    "diabetes": (datasets.load_diabetes, "progression"),
    "digits": (datasets.load_digits, "digit"),
    "iris": (datasets.load_iris, "species"),
    "linnerud": (datasets.load_linnerud, ""),
    "wine": (datasets.load_wine, "cultivar"),
}
"""What loads each table, and what its target is called."""


def find(name: str, request: Request) -> Found:  # noqa: ARG001 - every reader has this signature
    """The table with its target as the last column; classes bear their names."""
    if name not in LOADERS:
        raise UnknownName("bundled table", name, LOADERS)
    load, target = LOADERS[name]
    # Diabetes comes standardised unless its own units are asked for.
    bunch = load(scaled=False) if name == "diabetes" else load()
    columns = {_name(label): _values(bunch.data[:, place]) for place, label in enumerate(bunch.feature_names)}
    if name == "linnerud":
        answers = {_name(label): _values(bunch.target[:, place]) for place, label in enumerate(bunch.target_names)}
    elif name in {"diabetes", "digits"}:
        answers = {target: _classes(bunch.target) if name == "digits" else _values(bunch.target)}
    else:
        answers = {target: pa.array(np.asarray(bunch.target_names, dtype=str)[bunch.target].tolist(), pa.string())}
    return Found(pa.table({**columns, **answers}))


def _name(label: str) -> str:
    """`sepal length (cm)` is awkward to write in a recipe; `sepal_length_cm` is not."""
    return re.sub(r"\W+", "_", label).strip("_").lower()


def _values(values: np.ndarray[Any, Any]) -> pa.Array:
    whole = np.all(values == np.round(values))
    return pa.array(values.astype(np.int64) if whole else values.astype(np.float64))


def _classes(values: np.ndarray[Any, Any]) -> pa.Array:
    return pa.array([str(value) for value in values.tolist()], pa.string())
