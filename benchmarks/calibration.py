"""How often does the interval of each question cover: on fresh real rows, and on rows with a planted fault?

The studies of tests/statistics/test_calibration.py, 100 times each; a share of 95 % comes out below 90 % for one in 50.
"""

import importlib.util
import sys
from pathlib import Path

import numpy as np

from benchmarks import measure
from mintmark import catalog

RUNS = 100
FEWER = 20
"""Of questions that take a second and more."""
DEAR = ("utility.curve", "utility.families", "utility.ranking", "privacy.shadow", "coverage.extremes")


def run(folder: Path) -> str:  # noqa: ARG001
    studies = _studies()
    head = ("question", "rows", "runs", "truth", "mean, fresh", "covers, fresh", "mean, faulty", "covers, faulty")
    return measure.table(head, *(_row(studies, name) for name in catalog.names("metrics")))


def _studies() -> object:
    path = Path(__file__).parents[1] / "tests" / "statistics" / "test_calibration.py"
    spec = importlib.util.spec_from_file_location("calibration_studies", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def _row(studies: object, name: str) -> tuple[str, ...]:
    how = studies.asked(name)
    runs = FEWER if name in DEAR else RUNS
    truth = "mean" if how.truth is None else f"{how.truth:.3g}"
    cells = [_cells(studies, name, how.truth, fault=False, runs=runs, n=how.n)]
    cells += [_cells(studies, name, None, fault=True, runs=runs, n=how.n) if how.faults else ("", "")]
    return f"`{name}`", f"{how.n:,}", str(runs), truth, *cells[0], *cells[1]


def _cells(studies: object, name: str, truth: float | None, **how: object) -> tuple[str, str]:
    found = studies.study(name, **how)
    mean = float(np.mean([each.value for each in found]))
    return f"{mean:.3f}", f"{1 - studies.misses(found, truth) / len(found):.0%}"
