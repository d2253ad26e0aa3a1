"""What today's libraries say of the same files; runs under an interpreter that has them, never under Mintmark's own.

`python peers.py FOLDER NAME …` reads train.parquet, holdout.parquet and synthetic.parquet and prints one JSON line for
each name: seconds, CPU seconds and values. The versions are those of the environment that MINTMARK_PEERS names.
"""

import json
import sys
import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd


def sdmetrics_reports(train: pd.DataFrame, holdout: pd.DataFrame, synthetic: pd.DataFrame) -> dict:
    from sdmetrics.reports.single_table import DiagnosticReport, QualityReport

    kinds = {
        name: {"sdtype": "numerical" if pd.api.types.is_numeric_dtype(train[name]) else "categorical"} for name in train
    }
    quality, diagnostic = QualityReport(), DiagnosticReport()
    quality.generate(holdout, synthetic, {"columns": kinds}, verbose=False)
    diagnostic.generate(holdout, synthetic, {"columns": kinds}, verbose=False)
    columns = quality.get_details("Column Shapes")
    pairs = quality.get_properties()
    return {
        "columns": {row["Column"]: [row["Metric"], row["Score"]] for _, row in columns.iterrows()},
        "pairs": float(pairs.loc[pairs["Property"] == "Column Pair Trends", "Score"].iloc[0]),
        "diagnostic": diagnostic.get_score(),
    }


def sdmetrics_dcr(train: pd.DataFrame, holdout: pd.DataFrame, synthetic: pd.DataFrame) -> dict:
    """Thinned to 1,000 rows: its cost grows with the square."""
    from sdmetrics.single_table import DCROverfittingProtection

    kinds = {
        name: {"sdtype": "numerical" if pd.api.types.is_numeric_dtype(train[name]) else "categorical"} for name in train
    }
    parts = [data.sample(1000, random_state=1) for data in (train, synthetic, holdout)]
    metadata = {"tables": {"t": {"columns": kinds}}}
    found = DCROverfittingProtection.compute_breakdown(*parts, metadata=metadata, table_name="t")
    return {"rows": 1000, "score": found["score"]}


def prdc_scores(train: pd.DataFrame, holdout: pd.DataFrame, synthetic: pd.DataFrame) -> dict:
    """On standardised numbers alone, 10,000 rows a side: its distance matrix holds all pairs."""
    from prdc import compute_prdc

    numbers = train.select_dtypes("number").columns
    center, spread = train[numbers].mean(), train[numbers].std()
    real, made = (((d[numbers] - center) / spread).to_numpy(np.float64)[:10_000] for d in (holdout, synthetic))
    return {name: float(value) for name, value in compute_prdc(real, made, nearest_k=5).items()}


def anonymeter_attacks(train: pd.DataFrame, holdout: pd.DataFrame, synthetic: pd.DataFrame) -> dict:
    from anonymeter.evaluators import InferenceEvaluator, LinkabilityEvaluator, SinglingOutEvaluator

    names, out = list(train.columns), {}
    secret = names[-1]
    attacks = {
        "singling_out": SinglingOutEvaluator(ori=train, syn=synthetic, control=holdout, n_attacks=500),
        "linkability": LinkabilityEvaluator(
            ori=train, syn=synthetic, control=holdout, n_attacks=2000, aux_cols=(names[:7], names[7:])
        ),
        "inference": InferenceEvaluator(
            ori=train, syn=synthetic, control=holdout, n_attacks=2000, aux_cols=names[:-1], secret=secret
        ),
    }
    for name, attack in attacks.items():
        attack.evaluate(n_jobs=1) if name != "singling_out" else attack.evaluate(mode="univariate")
        risk = attack.risk()
        out[name] = {"risk": risk.value, "interval": list(risk.ci)}
    return out


PEERS = {
    "sdmetrics_reports": sdmetrics_reports,
    "sdmetrics_dcr": sdmetrics_dcr,
    "prdc_scores": prdc_scores,
    "anonymeter_attacks": anonymeter_attacks,
}


def main() -> None:
    warnings.simplefilter("ignore")
    folder = Path(sys.argv[1])
    data = [pd.read_parquet(folder / f"{name}.parquet") for name in ("train", "holdout", "synthetic")]
    for name in sys.argv[2:] or PEERS:
        wall, cpu = time.perf_counter(), time.process_time()
        try:
            values = PEERS[name](*data)
        except Exception as error:  # noqa: BLE001 - a peer that fails is a result
            values = {"failed": f"{type(error).__name__}: {error}"}
        spent = {"seconds": time.perf_counter() - wall, "cpu": time.process_time() - cpu}
        print(json.dumps({"name": name, **spent, "values": values}, default=float), flush=True)


if __name__ == "__main__":
    main()
