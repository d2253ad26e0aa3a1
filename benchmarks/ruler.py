"""A plain ruler beside the assay: one LightGBM at its defaults over the columns as they are.

The figures that were asked of our engines were taken with it, and so are many published ones. `fidelity.detection` and
`utility.transfer` prepare columns and learners otherwise: both are mostly a little lower than by this ruler. Where both
are told, a target is compared with what its own ruler says.
"""

import lightgbm
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from sklearn.metrics import r2_score, roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict

import mintmark as mm
from mintmark.metrics.features import Floats

SETTINGS = {"verbose": -1, "n_jobs": 1}
FOLDS = 5


class Ruler:
    """Measures rows made from a training half against the other half."""

    def __init__(self, train: mm.Dataset, holdout: mm.Dataset, target: str) -> None:
        self._target = target
        self._names = [name for name in train.columns.names if name != target]
        self._levels = {
            name: _words(train, name).unique().to_pylist() for name in train.columns.names if not _counted(train, name)
        }
        self._types = {name: train.table[name].type for name in train.columns.names}
        self._train, self._holdout = self._matrix(train), self._matrix(holdout)
        self._best = self._score(self._train)

    def detection(self, made: mm.Dataset) -> float:
        """The ROC-AUC of telling made rows from unseen real ones, in five folds; 0.5 is best."""
        rows = self._matrix(made)
        n = min(len(rows), len(self._holdout))
        matrix, side = np.concatenate([rows[:n], self._holdout[:n]]), np.repeat([0, 1], n)
        folds = StratifiedKFold(FOLDS, shuffle=True, random_state=0)
        learner = lightgbm.LGBMClassifier(**SETTINGS)
        told = cross_val_predict(
            learner, matrix, side, cv=folds, method="predict_proba",
            params={"categorical_feature": self._categories(list(range(matrix.shape[1])))},
        )  # fmt: skip
        return float(roc_auc_score(side, told[:, 1]))

    def transfer(self, made: mm.Dataset) -> float:
        """The score on unseen rows of what learnt from made rows, over that of what learnt from the training half:
        ROC-AUC, or R² of a number."""
        return self._score(self._matrix(made)) / self._best

    def _score(self, rows: Floats) -> float:
        goal, features = self._place(self._target), [self._place(name) for name in self._names]
        known = rows[~np.isnan(rows[:, goal])]
        judged = self._holdout[~np.isnan(self._holdout[:, goal])]
        learner = lightgbm.LGBMClassifier if self._target in self._levels else lightgbm.LGBMRegressor
        model = learner(**SETTINGS).fit(
            known[:, features], known[:, goal], categorical_feature=self._categories(features)
        )
        truth = judged[:, goal]
        if self._target not in self._levels:
            return float(r2_score(truth, model.predict(judged[:, features])))
        told = dict(zip(model.classes_, model.predict_proba(judged[:, features]).T, strict=True))
        classes = np.unique(truth) if len(np.unique(truth)) > 2 else [truth.max()]
        none = np.zeros(len(truth))
        return float(np.mean([roc_auc_score(truth == each, told.get(each, none)) for each in classes]))

    def _place(self, name: str) -> int:
        return [*self._names, self._target].index(name)

    def _categories(self, places: list[int]) -> list[int]:
        """Which of the features at these places have levels, counted among them."""
        names = [*self._names, self._target]
        return [at for at, place in enumerate(places) if names[place] in self._levels]

    def _matrix(self, data: mm.Dataset) -> Floats:
        """Numbers as they are, moments in seconds, levels by their place; what is missing or new is NaN."""
        return np.column_stack([self._column(data, name) for name in [*self._names, self._target]])

    def _column(self, data: mm.Dataset, name: str) -> Floats:
        if name in self._levels:
            places = pc.index_in(_words(data, name), value_set=pa.array(self._levels[name], pa.string()))
            return places.cast(pa.float64()).to_numpy(zero_copy_only=False)
        values = data.table[name].combine_chunks()
        if values.type != self._types[name]:
            values = _typed(values, self._types[name])
        if pa.types.is_temporal(values.type):
            values = values.cast(pa.timestamp("us")).cast(pa.int64())
        return values.cast(pa.float64()).to_numpy(zero_copy_only=False)


def _typed(values: pa.Array, kind: pa.DataType) -> pa.Array:
    """Values in the type of the training rows; where they are of none that can be read so, all are missing."""
    try:
        return values.cast(kind)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return values.cast(pa.float64()) if pa.types.is_floating(values.type) else pa.nulls(len(values), kind)


def _counted(data: mm.Dataset, name: str) -> bool:
    kind = data.table[name].type
    return pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_temporal(kind)


def _words(data: mm.Dataset, name: str) -> pa.Array:
    return data.table[name].cast(pa.string()).combine_chunks()
