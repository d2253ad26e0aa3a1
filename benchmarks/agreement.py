"""Do values agree with those of today's libraries on the same rows, wherever the definitions agree?"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from scipy import stats
from sklearn import metrics as sklearn
from sklearn.metrics.pairwise import rbf_kernel

import mintmark as mm
from benchmarks import measure
from mintmark import catalog
from mintmark.metrics import precision, roc
from mintmark.metrics.balls import Clouds
from mintmark.metrics.cells import Cut, evenly
from mintmark.metrics.features import Space
from mintmark.metrics.fidelity import mmd
from mintmark.metrics.metric import Case, Role
from mintmark.metrics.panel import panel

SEED = 1
ROWS = 2_000
"""Of questions that look at all pairs of rows."""
TARGET = "income"


@dataclass(frozen=True)
class Line:
    """The same values from two sides, and how far they may lie apart."""

    what: str
    ours: Mapping[str, float]
    peer: str
    theirs: Mapping[str, float]
    within: float

    def cells(self) -> tuple[str, ...]:
        far = {name: abs(value - self.theirs[name]) for name, value in self.ours.items()}
        worst = max(far, key=lambda name: far[name])
        pair = f"{self.ours[worst]:.6f}, {self.theirs[worst]:.6f} ({worst})"
        agree = "yes" if far[worst] <= self.within else "**no**"
        return self.what, self.peer, str(len(far)), f"{far[worst]:.1g}", f"{self.within:.0e}", pair, agree


def run(folder: Path) -> str:
    source = measure.adult()
    interpreter = os.environ.get("MINTMARK_PEERS")
    if source is None or not interpreter:
        return "MINTMARK_DATA or MINTMARK_PEERS is not set."
    case = adult(source, folder)
    lines = [*_ours_alone(case), *_columns(case, folder), *_neighbourhoods(case, folder), *_groups(case, folder)]
    head = ("what", "peer", "values", "largest difference", "allowed", "where it is largest: ours, theirs", "agree")
    return "\n\n".join(
        [
            f"Versions: {json.dumps(measure.peer('versions', folder)[0])}.",
            measure.table(head, *(line.cells() for line in lines)),
            "Attacks draw their targets and descriptions anew: they agree as far as their intervals overlap.",
            _attacks(case, folder),
            DIFFER,
        ]
    )


def adult(source: Path, folder: Path) -> Case:
    """Adult in two halves, and as many rows of `tabular.trees`; the three tables also as files for the peers."""
    data = mm.read(str(source), drop=["split"])
    train, holdout = data.split(0.5, rng=mm.Seed(SEED).child("split").rng())
    made = mm.generate(train, "tabular.trees", count=len(train), seed=SEED)
    for name, part in (("train", train), ("holdout", holdout), ("synthetic", made)):
        pq.write_table(part.table, folder / f"{name}.parquet")
    return Case(made, train, holdout, target=TARGET, sensitive=("sex", "race"))


def _asked(name: str, case: Case, **parameters: object) -> mm.Reading:
    return catalog.build("metrics", name, parameters).measure(case, rng=mm.Seed(SEED).rng())


def _only(case: Case, names: list[str]) -> Case:
    return replace(case, synthetic=case.synthetic.only(names), holdout=case.holdout.only(names), target=None)


def _columns(case: Case, folder: Path) -> list[Line]:
    """Columns and pairs of columns, all 24,421 rows a side."""
    columns, pairs = (measure.peer(name, folder)[0] for name in ("sdmetrics_columns", "sdmetrics_pairs"))
    alone = {each["column"]: each["distance"] for each in _asked("fidelity.marginals", case).details["columns"]}
    numbers, levels = list(columns["ks"]), list(columns["tv"])
    whole = [name for name in levels if name not in columns["missing"]]
    gone = {name: _asked("shortcuts.missingness", _only(case, [name, "age"])).value for name in columns["missing"]}
    spearman = _asked("fidelity.associations", _only(case, numbers), rows=50_000).details["furthest"]
    rho = {" × ".join(each["columns"]): abs(each["real"] - each["synthetic"]) / 2 for each in spearman}
    joint = _asked("fidelity.pairs", _only(case, levels), bins=64).details
    cells = {" × ".join(pair): joint["distance"][i][j] for (i, j), pair in _pairs(joint["columns"])}
    own = "SDMetrics"
    return [
        Line("KS of a number", {name: alone[name] for name in numbers}, f"{own} KSComplement", columns["ks"], 1e-12),
        Line("TV of levels", {name: alone[name] for name in whole}, f"{own} TVComplement", columns["tv"], 1e-12),
        Line("share that is missing", gone, f"{own} MissingValueSimilarity", columns["missing"], 1e-12),
        Line("TV of two columns of levels", cells, f"{own} ContingencySimilarity", pairs["contingency"], 5e-5),
        Line("half the gap of Spearman's ρ", rho, f"{own} CorrelationSimilarity", pairs["spearman"], 1e-9),
    ]


def _pairs(names: list[str]) -> list[tuple[tuple[int, int], tuple[str, str]]]:
    return list(zip(combinations(range(len(names)), 2), combinations(names, 2), strict=True))


def _neighbourhoods(case: Case, folder: Path) -> list[Line]:
    """Both sides get the same points: ranks and levels of Adult, and ranks of normal numbers."""
    rng = mm.Seed(SEED).child("normal").rng()
    normal = [mm.Dataset.of({f"c{j}": rng.normal(shift, 1, ROWS) for j in range(8)}) for shift in (0, 0.3)]
    first = np.arange(ROWS)
    cases = {
        "adult": Case(case.synthetic.select(first), holdout=case.holdout.select(first)),
        "normal": Case(normal[1], holdout=normal[0]),
    }
    points, ours = {}, {}
    for space, each in cases.items():
        clouds = Clouds.of(each, ROWS, mm.Seed(SEED).rng(), minimum=30)
        points |= {f"{space}_real": clouds.real, f"{space}_made": clouds.made}
        ours[space] = {
            "precision": _asked("fidelity.precision", each).value,
            "recall": _asked("coverage.recall", each).value,
            "density": _asked("fidelity.density", each).value,
            "coverage": _asked("coverage.neighbours", each).value,
        }
    np.savez(folder / "points.npz", **points)
    theirs = measure.peer("prdc_same", folder)[0]
    what = "precision, recall, density, coverage: {}"
    return [
        Line(what.format("numbers"), ours["normal"], "prdc", theirs["normal"], 1e-9),
        Line(what.format("Adult"), ours["adult"], "prdc", theirs["adult"], 1e-9),
    ]


def _groups(case: Case, folder: Path) -> list[Line]:
    """The decisions of one model about the same people."""
    asked = panel(case, (Role.SYNTHETIC,), mm.Seed(SEED).rng())
    answers = asked.answers(Role.SYNTHETIC)
    rows = {"truth": asked.truth[:, 0], "decided": asked.decisions(answers)[:, 0], "score": answers}
    rows |= {name: case.holdout.table[name] for name in case.sensitive}
    pq.write_table(pa.table(rows), folder / "decisions.parquet")
    theirs = measure.peer("fairlearn_gaps", folder)[0]
    one = {name: replace(case, sensitive=(name,)) for name in case.sensitive}
    parity = {name: _asked("fairness.parity", each).value for name, each in one.items()}
    odds = {"sex": _asked("fairness.odds", one["sex"]).value}
    worst = {"sex": _asked("fairness.worst_group", one["sex"]).value}

    def line(what: str, ours: dict, peer: str, key: str) -> Line:
        return Line(what, ours, f"fairlearn {peer}", {name: theirs[name][key] for name in ours}, 1e-9)

    return [
        line("demographic parity difference", parity, "demographic_parity_difference", "parity"),
        line("equalised odds difference", odds, "equalized_odds_difference", "odds"),
        line("AUC of the worst group", worst, "MetricFrame.group_min", "worst_group"),
        *_scores(rows["truth"] == 1, np.round(answers, 2)),
    ]


def _scores(truth: np.ndarray, scores: np.ndarray) -> list[Line]:
    """Rounded, so that there are ties."""
    auc = {"AUC": roc.auc(scores[truth], scores[~truth])[0]}
    found = {"average precision": float(precision.average_precision(scores, truth, np.ones((1, len(truth))))[0])}
    return [
        Line("ROC-AUC", auc, "scikit-learn", {"AUC": sklearn.roc_auc_score(truth, scores)}, 1e-12),
        Line(
            "average precision",
            found,
            "scikit-learn",
            {"average precision": sklearn.average_precision_score(truth, scores)},
            1e-12,
        ),
    ]


def _ours_alone(case: Case) -> list[Line]:
    """Against libraries that Mintmark stands on itself."""
    numbers = [column.name for column in case.holdout.columns.columns if column.numeric]
    X, Y = (
        {name: data.table[name].to_numpy(zero_copy_only=False).astype(float) for name in numbers}
        for data in (case.holdout, case.synthetic)
    )
    moved = {each["column"]: each for each in _asked("fidelity.shift", case, rows=50_000).details["columns"]}
    gaps = {name: moved[name]["distance"] for name in numbers}
    information = _asked("fidelity.associations", case, rows=50_000).details["mutual_information"]
    return [
        Line(
            "KS of a number",
            gaps,
            "scipy ks_2samp",
            {name: stats.ks_2samp(X[name], Y[name]).statistic for name in numbers},
            1e-12,
        ),
        Line(
            "normalised mutual information, mean of all pairs",
            {"real": information["mean_in_real"]},
            "scikit-learn",
            {"real": _information(case)},
            1e-9,
        ),
        Line("MMD², five widths, exact", *_discrepancies(case), 2e-4),
    ]


def _information(case: Case) -> float:
    space = Space.of(case.holdout, case.synthetic)
    rows = space.matrix(case.holdout)
    cuts = [Cut.of(column, rows[:, j], at=evenly(8), levels=8) for j, column in enumerate(space.columns)]
    places = [cut.place(rows[:, j]) for j, cut in enumerate(cuts)]
    shared = [
        sklearn.normalized_mutual_info_score(a, b, average_method="geometric") for a, b in combinations(places, 2)
    ]
    return float(np.mean(shared))


def _discrepancies(case: Case) -> tuple[dict[str, float], str, dict[str, float]]:
    """Random features against all pairs of rows."""
    first = np.arange(ROWS)
    few = replace(case, synthetic=case.synthetic.select(first), holdout=case.holdout.select(first), target=None)
    found = _asked("fidelity.mmd", few, features=8192).details
    widths = [each["width"] for each in found["by_width"]]
    space = Space.of(few.holdout, few.synthetic)
    real, made = (space.matrix(each) for each in (few.holdout, few.synthetic))
    chart = mmd.Map.of(space, np.concatenate([real, made]))
    X, Y = (chart.points(each).astype(float) for each in (real, made))
    exact = {f"width {k}": _unbiased(X, Y, 1 / (2 * width**2)) for k, width in enumerate(widths)}
    ours = {f"width {k}": each["discrepancy"] for k, each in enumerate(found["by_width"])}
    return ours, "scikit-learn rbf_kernel", exact


def _unbiased(X: np.ndarray, Y: np.ndarray, gamma: float) -> float:
    n = len(X)
    within = [rbf_kernel(Z, Z, gamma).sum() - n for Z in (X, Y)]
    return float(sum(within) / (n * (n - 1)) - 2 * rbf_kernel(X, Y, gamma).mean())


def _attacks(case: Case, folder: Path) -> str:
    """The same attacks on rows of `tabular.trees`, and on the training rows themselves."""
    rows = [("attack", "synthetic rows", "ours: risk", "anonymeter: risk", "intervals overlap")]
    for label, made in (("of trees", case.synthetic), ("the training rows", case.train)):
        asked = replace(case, synthetic=made, sensitive=())
        pq.write_table(made.table, folder / "synthetic.parquet")
        linked = _asked("privacy.linkability", asked, targets=2000)
        told = {"secret": TARGET, "halves": linked.details["halves"], "targets": 2000}
        (folder / "attacks.json").write_text(json.dumps(told), encoding="utf-8")
        guessed = _asked("privacy.attributes", asked, targets=2000).details["secrets"][f"{TARGET}, by the nearest row"]
        ours = {
            "singling_out": _asked("privacy.singling_out", asked).details,
            "linkability": linked.details,
            "inference": guessed,
        }
        theirs = measure.peer("anonymeter_attacks", folder)[0]
        rows += [_beside(name, label, ours[name], theirs[name]) for name in ours]
    return measure.table(*rows)


def _beside(name: str, label: str, ours: Mapping, theirs: Mapping) -> tuple[str, ...]:
    room = 1 - ours["control"]
    low, high = (min(1.0, max(0.0, end / room)) for end in ours["interval"])
    overlap = low <= theirs["interval"][1] and theirs["interval"][0] <= high
    return (
        name.replace("_", " "),
        label,
        f"{ours['risk']:.3f} ({low:.3f} to {high:.3f})",
        f"{theirs['risk']:.3f} ({theirs['interval'][0]:.3f} to {theirs['interval'][1]:.3f})",
        "yes" if overlap else "**no**",
    )


DIFFER = """Where definitions differ, so that values cannot agree:

- *Missing values.* `fidelity.marginals` counts them as a level, or as the lowest number; SDMetrics drops them first,
  and looks at their share apart.
- *A number in cells, beside another column.* `fidelity.pairs` cuts both tables at the same quantiles of the real one.
  SDMetrics' QualityReport cuts each table into ten parts of its own range, so that a column that moved as a whole
  is not seen.
- *Strict or not.* prdc counts a row as within a ball only where it is nearer than the radius; Mintmark counts one on
  the edge too, so that a copy lies in the ball of its original. On the rows of Adult this made no difference.
- *Ties.* Where several rows are equally near, anonymeter's linkability takes any one of them, ours all: a copy among
  rows that are alike in one half of the columns is linked for certain, and not by luck.
- *Distances.* anonymeter's neighbours are those of Gower (ranges and mismatches), ours those of ranks and levels.
- *What is rare.* CategoryCoverage and RangeCoverage are 1 once every level, and both ends, are there;
  `coverage.cells` asks for rare levels and pairs alone, `coverage.tails` for quantiles.
- *DCR.* SDMetrics' overfitting protection is 1 where at most half of the rows are nearer to training rows, whatever the
  sizes of both real tables; `privacy.distance` compares with the true share, and has an interval.
- *Groups.* fairlearn takes every group; of fewer than 30 rows ours are unknown. Pairs of sensitive columns count."""
