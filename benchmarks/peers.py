"""What today's libraries say of the same files; runs under an interpreter that has them, never under Mintmark's own.

`python peers.py FOLDER NAME …` reads what lies in the folder and prints one JSON line for each name: its seconds, its
CPU seconds (imports and the reading of files left out) and its values. The versions are those of the environment that
MINTMARK_PEERS names.
"""

import importlib
import json
import sys
import time
import warnings
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd

PACKAGES = ("sdmetrics", "prdc", "anonymeter", "fairlearn", "scikit-learn", "pandas")
DCR_ROWS = 1_000
PRDC_ROWS = 10_000


class Tables:
    """The tables of a folder, each read when it is first asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.real, self.made, self.train = (self._read(name) for name in ("holdout", "synthetic", "train"))

    def _read(self, name: str) -> pd.DataFrame:
        return pd.read_parquet(self.folder / f"{name}.parquet")

    @property
    def numbers(self) -> list[str]:
        return [name for name in self.real if pd.api.types.is_numeric_dtype(self.real[name])]

    @property
    def levels(self) -> list[str]:
        return [name for name in self.real if name not in self.numbers]

    @property
    def kinds(self) -> dict:
        return {name: {"sdtype": "numerical" if name in self.numbers else "categorical"} for name in self.real}

    def arrays(self, name: str) -> dict:
        return dict(np.load(self.folder / f"{name}.npz"))

    def told(self, name: str) -> dict:
        return json.loads((self.folder / f"{name}.json").read_text(encoding="utf-8"))


def sdmetrics_quality(data: Tables) -> dict:
    from sdmetrics.reports.single_table import QualityReport

    report = QualityReport()
    report.generate(data.real, data.made, {"columns": data.kinds}, verbose=False)
    return {row["Property"]: row["Score"] for _, row in report.get_properties().iterrows()}


def sdmetrics_both(data: Tables) -> dict:
    from sdmetrics.reports.single_table import DiagnosticReport

    report = DiagnosticReport()
    report.generate(data.real, data.made, {"columns": data.kinds}, verbose=False)
    return {**sdmetrics_quality(data), "diagnostic": report.get_score()}


def sdmetrics_columns(data: Tables) -> dict:
    """One column at a time, as distances: 0 is the same."""
    from sdmetrics import single_column as one

    def of(metric: type, names: list[str]) -> dict:
        return {name: 1 - metric.compute(data.real[name], data.made[name]) for name in names}

    gaps = [name for name in data.real if data.real[name].isna().any()]
    return {
        "ks": of(one.KSComplement, data.numbers),
        "tv": of(one.TVComplement, data.levels),
        "missing": of(one.MissingValueSimilarity, gaps),
        "range": of(one.RangeCoverage, data.numbers),
        "categories": of(one.CategoryCoverage, data.levels),
        "adherence": of(one.CategoryAdherence, data.levels),
        "boundary": of(one.BoundaryAdherence, data.numbers),
    }


def sdmetrics_pairs(data: Tables) -> dict:
    """Two columns at a time, as distances."""
    from sdmetrics.column_pairs import ContingencySimilarity, CorrelationSimilarity

    def of(metric: type, names: list[str], **how: str) -> dict:
        pairs = [list(pair) for pair in combinations(names, 2)]
        return {" × ".join(pair): 1 - metric.compute(data.real[pair], data.made[pair], **how) for pair in pairs}

    return {
        "contingency": of(ContingencySimilarity, data.levels),
        "spearman": of(CorrelationSimilarity, data.numbers, coefficient="Spearman"),
    }


def sdmetrics_dcr(data: Tables) -> dict:
    """Thinned: its cost grows with the square of the rows."""
    from sdmetrics.single_table import DCROverfittingProtection

    parts = [table.sample(DCR_ROWS, random_state=1) for table in (data.train, data.made, data.real)]
    metadata = {"tables": {"t": {"columns": data.kinds}}}
    found = DCROverfittingProtection.compute_breakdown(*parts, metadata=metadata, table_name="t")
    return {"rows": DCR_ROWS, "score": found["score"]}


def prdc_same(data: Tables) -> dict:
    """On the very points that Mintmark laid out, and on some without ties."""
    from prdc import compute_prdc

    points = data.arrays("points")
    return {
        space: compute_prdc(points[f"{space}_real"], points[f"{space}_made"], nearest_k=5)
        for space in ("adult", "normal")
    }


def prdc_large(data: Tables) -> dict:
    from prdc import compute_prdc

    points = data.arrays("cloud")
    return compute_prdc(points["real"][:PRDC_ROWS], points["made"][:PRDC_ROWS], nearest_k=5)


def anonymeter_attacks(data: Tables) -> dict:
    """The same secrets and the same halves of the columns as Mintmark's attacks have."""
    from anonymeter.evaluators import InferenceEvaluator, LinkabilityEvaluator, SinglingOutEvaluator

    told = data.told("attacks")
    sides = {"ori": data.train, "syn": data.made, "control": data.real}
    known = [name for name in data.train if name != told["secret"]]
    attacks = {
        "singling_out": SinglingOutEvaluator(**sides, n_attacks=1000),
        "linkability": LinkabilityEvaluator(**sides, n_attacks=told["targets"], aux_cols=tuple(told["halves"])),
        "inference": InferenceEvaluator(**sides, n_attacks=told["targets"], aux_cols=known, secret=told["secret"]),
    }
    out = {}
    for name, attack in attacks.items():
        attack.evaluate(mode="multivariate") if name == "singling_out" else attack.evaluate(n_jobs=1)
        risk = attack.risk()
        out[name] = {"risk": risk.value, "interval": list(risk.ci)}
    return out


def fairlearn_gaps(data: Tables) -> dict:
    """On the decisions of Mintmark's own model about the same people."""
    from fairlearn import metrics as fair
    from sklearn.metrics import roc_auc_score

    rows = pd.read_parquet(data.folder / "decisions.parquet")
    y, said, score = rows["truth"], rows["decided"], rows["score"]
    out = {}
    for group in (name for name in rows if name not in ("truth", "decided", "score")):
        worst = fair.MetricFrame(metrics=roc_auc_score, y_true=y, y_pred=score, sensitive_features=rows[group])
        out[group] = {
            "parity": fair.demographic_parity_difference(y, said, sensitive_features=rows[group]),
            "odds": fair.equalized_odds_difference(y, said, sensitive_features=rows[group]),
            "worst_group": worst.group_min(),
        }
    return out


def versions(data: Tables) -> dict:  # noqa: ARG001
    from importlib.metadata import version

    return {name: version(name) for name in PACKAGES}


NEEDS = {
    "sdmetrics": ("sdmetrics.reports.single_table", "sdmetrics.single_table", "sdmetrics.single_column"),
    "prdc": ("prdc",),
    "anonymeter": ("anonymeter.evaluators",),
    "fairlearn": ("fairlearn.metrics",),
}
"""Imported before the clock starts, by the first word of a peer's name."""


def main() -> None:
    warnings.simplefilter("ignore")
    data = Tables(Path(sys.argv[1]))
    for name in sys.argv[2:]:
        for module in NEEDS.get(name.split("_")[0], ()):
            importlib.import_module(module)
        wall, cpu = time.perf_counter(), time.process_time()
        values = globals()[name](data)
        spent = {"seconds": time.perf_counter() - wall, "cpu": time.process_time() - cpu}
        print(json.dumps({"name": name, **spent, "values": values}, default=float), flush=True)


if __name__ == "__main__":
    main()
