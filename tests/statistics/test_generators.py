"""Each generator earns its place: closer than columns drawn alone, and no closer to its training rows than allowed."""

import os
from pathlib import Path

import lightgbm
import numpy as np
import pyarrow.csv as pacsv
import pytest
from scipy.spatial import cKDTree
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold

from mintmark import catalog
from mintmark.data import arrays
from mintmark.data.dataset import Dataset
from mintmark.seeds import Seed


def rng(*path):
    return Seed(9).child(*path).rng()


def matrix(data):
    columns = []
    for column in data.columns.columns:
        values = data.table[column.name]
        columns.append(arrays.codes(values, column) if column.discrete else arrays.numbers(values, column))
    return np.column_stack(columns)


def detection(synthetic, real):
    """Cross-validated AUC of boosted trees that tell one from the other."""
    X = np.vstack([matrix(synthetic), matrix(real)])
    y = np.repeat([1, 0], [len(synthetic), len(real)])
    found = np.zeros(len(y))
    quiet = {"objective": "binary", "verbose": -1, "num_threads": 1, "deterministic": True, "force_row_wise": True,
             "num_leaves": 8, "seed": 1}  # fmt: skip
    for train, test in StratifiedKFold(3, shuffle=True, random_state=1).split(X, y):
        found[test] = lightgbm.train(quiet, lightgbm.Dataset(X[train], y[train]), 40).predict(X[test])
    return roc_auc_score(y, found)


@pytest.fixture(scope="module")
def halves(breast):
    return breast.split(0.5, rng=rng("split"))


@pytest.fixture(scope="module")
def made(halves, copycat):
    train, holdout = halves
    methods = {name: catalog.build("generators", f"tabular.{name}", {}) for name in ("independent", "copula", "trees")}
    return {name: method.fit(train, rng=rng("fit")).sample(len(holdout), rng=rng("sample"))
            for name, method in (methods | {"copycat": copycat}).items()}  # fmt: skip


def test_every_method_is_harder_to_tell_from_real_rows_than_columns_drawn_alone(made, halves):
    found = {name: detection(data, halves[1]) for name, data in made.items()}
    assert found["independent"] > 0.95
    assert found["copula"] < 0.75
    assert found["trees"] < 0.75
    assert found["copycat"] < 0.7


def test_no_method_lies_closer_to_its_training_rows_than_to_others_by_much(made, halves):
    train, holdout = (matrix(half)[:280] for half in halves)
    scale = train.std(axis=0)
    near = {name: cKDTree(train / scale).query(matrix(data) / scale)[0] < cKDTree(holdout / scale).query(
        matrix(data) / scale)[0] for name, data in made.items()}  # fmt: skip
    assert near["copycat"].mean() == 1
    for name in ("independent", "copula", "trees"):
        assert near[name].mean() < 0.65, name


@pytest.mark.parametrize(("name", "most"), [("copula", 0.06), ("trees", 0.08)])
def test_correlations_come_back(name, most, halves):
    sampler = catalog.build("generators", f"tabular.{name}", {}).fit(halves[0], rng=rng("fit"))
    made = sampler.sample(5000, rng=rng("sample"))
    real, found = (np.corrcoef(matrix(data)[:, :30].T) for data in (halves[0], made))
    assert np.abs(found - real).mean() < most


def test_a_model_learnt_from_trees_serves_as_well_as_one_from_real_rows(made, halves):
    def score(data):
        X, test = matrix(data), matrix(halves[1])
        quiet = {"objective": "binary", "verbose": -1, "num_threads": 1, "deterministic": True, "force_row_wise": True}
        model = lightgbm.train(quiet, lightgbm.Dataset(X[:, :30], X[:, 30]), 40)
        return roc_auc_score(test[:, 30], model.predict(test[:, :30]))

    assert score(made["trees"]) > 0.95 * score(halves[0])
    assert score(made["independent"]) < 0.8


@pytest.mark.slow
@pytest.mark.skipif("MINTMARK_DATA" not in os.environ, reason="needs the Adult data under MINTMARK_DATA")
def test_trees_on_adult_are_hard_to_tell_from_unseen_rows_and_copy_none_of_the_seen():
    options = pacsv.ConvertOptions(strings_can_be_null=True)
    path = Path(os.environ["MINTMARK_DATA"]) / "adult" / "adult.csv.gz"
    train, holdout = Dataset.of(pacsv.read_csv(path, convert_options=options).drop_columns("split")).split(
        0.5, rng=rng("split")
    )
    made = catalog.build("generators", "tabular.trees", {}).fit(train, rng=rng("fit")).sample(24_421, rng=rng("s"))
    assert detection(made, holdout) < 0.57
    seen = {str(row) for row in train.table.to_pylist()}
    copies, fresh = (np.mean([str(row) in seen for row in data.table.to_pylist()]) for data in (made, holdout))
    assert copies <= fresh
