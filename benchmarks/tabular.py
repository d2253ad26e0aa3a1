"""Generators of tables side by side with today's: fidelity, utility, privacy, time and memory on real data.

`python -m benchmarks.tabular --data adult diamonds --with tabular.trees 'tabular.trees(leaf=50)' tvae argn --seeds 3
--fit-s 900 --budget-s 3600 --kept FOLDER` measures what FOLDER does not hold yet, data set by data set, and prints all
that it holds: a killed run, or one whose budget is spent, goes on when the same command is given again. Peers
(copula, ctgan, tvae: SDV; arf: arfpy; argn: mostlyai-engine) run in environments of their own, through files;
MINTMARK_PEERS names their Pythons, parted by `:`.

What is kept is taken as it is, failures too, whatever has changed since: remove the folder of a method, or the
`cost-*.json` that says why it failed, to measure it anew.

Half of each table is learnt from, half is the holdout; every method is fitted once with each seed, makes as many rows
as it learnt from, and all meet the same assay. Scores are means over the seeds with the 95 % interval of that mean;
`plain` ones are those of one LightGBM at its defaults (`ruler`), as targets and published figures are.
CPU seconds leave out imports; memory is the peak of the whole process, packages and data included.
"""

import argparse
import functools
import importlib
import json
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from scipy import stats

import mintmark as mm
from benchmarks import makers, measure, tables
from benchmarks.ruler import Ruler
from mintmark.metrics.closest import closest
from mintmark.metrics.draws import of_mean
from mintmark.metrics.features import Space
from mintmark.metrics.neighbours import Map
from mintmark.pipeline import contestants, fitting
from mintmark.recipe import Step

OURS = ("tabular.trees", "tabular.copula", "tabular.oversample", "tabular.independent")
PEERS = tuple(makers.PACKAGES)
ASKED = ("fidelity.detection", "utility.transfer", "privacy.membership", "privacy.copies")
QUERIES = 5_000
"""Synthetic rows of each seed whose nearest real row is sought."""
HEAD = ("method", "detection AUC", "TSTR / TRTR", "detection, plain", "TSTR / TRTR, plain", "DCR share",
        "membership TPR at 1 %", "copies, % beyond chance", "fit, CPU-s", "rows/s sampled", "peak, MB")  # fmt: skip
OUR_CODE = """
import json, sys, time
from pathlib import Path
import numpy as np, pyarrow.parquet as pq
from mintmark import catalog
from mintmark.pipeline import fitting
folder, name, parameters, seed, count = Path(sys.argv[1]), *map(json.loads, sys.argv[2:])
train = fitting.read(folder / "train.arrow")
generator = catalog.build("generators", name, parameters)
clock = [(time.process_time(), time.perf_counter())]
sampler = generator.fit(train, rng=np.random.default_rng(seed))
clock.append((time.process_time(), time.perf_counter()))
made = sampler.sample(count, rng=np.random.default_rng((seed, 1)))
clock.append((time.process_time(), time.perf_counter()))
pq.write_table(made.table, folder / "synthetic.parquet")
spent = [x for a, b in zip(clock, clock[1:]) for x in (b[0] - a[0], b[1] - a[1])]
print(json.dumps(dict(zip(("fit_cpu_s", "fit_s", "sample_cpu_s", "sample_s"), spent))))
"""


def run(folder: Path) -> str:
    """A short look for `python -m benchmarks tabular`: the small tables and our own quick methods."""
    return measured(["breast_cancer", "diabetes"], list(OURS), seeds=3, fit_s=300, budget_s=1200, kept=folder)


def measured(data: list[str], methods: list[str], *, seeds: int, fit_s: int, budget_s: float, kept: Path) -> str:
    """Measures what is not kept yet while there is time, and tells all that is kept."""
    end = time.monotonic() + budget_s
    told = []
    for name in data:
        if not tables.ALL[name].here:
            told.append(f"### {name}\n\nMINTMARK_DATA is not set.")
            continue
        train, holdout = tables.halves(name)
        rows = {method: _method(kept / name, name, method, train, holdout, seeds, fit_s, end) for method in methods}
        ruler = functools.cache(lambda: Ruler(train, holdout, tables.ALL[name].target))  # noqa: B023 (used at once)
        for method, row in rows.items():
            if "why" not in row:
                row["plain"] = _ruled(kept / name / _safe(method), train, ruler, seeds)
        shape = f"{len(train):,} × {len(train.columns.names)} training rows, target `{tables.ALL[name].target}`"
        told.append(f"### {name}\n\n{shape}\n\n{_table(rows)}")
        print(f"{name}: {sum('why' not in row for row in rows.values())} of {len(rows)} methods", file=sys.stderr)
    _picture(data, kept)
    return "\n\n".join(told)


def _method(
    kept: Path, data: str, method: str, train: mm.Dataset, holdout: mm.Dataset, seeds: int, fit_s: int, end: float
) -> dict:
    """What was found of one method on one table, or `why` it was not."""
    place = kept / _safe(method)
    file = place / f"found-{seeds}.json"
    if file.is_file():
        return json.loads(file.read_text())
    costs, target = [], tables.ALL[data].target
    for seed in range(seeds):
        cost = place / f"cost-{seed}.json"
        if not cost.is_file():
            if time.monotonic() > end:
                return {"why": "not measured yet: the budget is spent"}
            made = _made(place, method, train, target, seed, fit_s)
            if "python" in made:
                return made
            _keep(cost, made)
        costs.append(json.loads(cost.read_text()))
        if "why" in costs[-1]:
            return costs[-1]
    draws = [_typed(pq.read_table(place / f"rows-{seed}.parquet"), train) for seed in range(seeds)]
    findings = mm.assay(train, draws, holdout=holdout, target=target, metrics=ASKED, seed=1)
    share = [_nearer(draw, train, holdout, seed) for seed, draw in enumerate(draws)]
    body = {"findings": findings.to_json(), "means": _means(findings), "nearer": share, "costs": costs}
    _keep(file, body)
    return json.loads(file.read_text())


def _ruled(place: Path, train: mm.Dataset, ruler: Callable[[], Ruler], seeds: int) -> list[list[float]]:
    """Detection and transfer by the plain ruler, a pair for each seed."""
    file = place / f"plain-{seeds}.json"
    if not file.is_file():
        draws = [_typed(pq.read_table(place / f"rows-{seed}.parquet"), train) for seed in range(seeds)]
        _keep(file, [[ruler().detection(draw), ruler().transfer(draw)] for draw in draws])
    return json.loads(file.read_text())


def _made(place: Path, method: str, train: mm.Dataset, target: str, seed: int, limit: int) -> dict:
    """Fits and samples in a process of its own; keeps the rows, and answers with the costs, or why there are none."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if method in PEERS:
            python = measure.having(makers.__file__, method)
            if python is None:
                return {"why": "MINTMARK_PEERS names no Python that has it", "python": None}
            pq.write_table(train.table, folder / "train.parquet")
            (folder / "kinds.json").write_text(json.dumps({c.name: _kind(c) for c in train.columns.columns}))
            words = [python, makers.__file__, name, method, str(seed), str(len(train))]
        else:
            (contestant,) = contestants.parse([method], where="--with")
            fitting.write(train, folder / "train.arrow")
            asked = (contestant.make, _complete(contestant, target), seed, len(train))
            words = [sys.executable, "-c", OUR_CODE, name, *map(json.dumps, asked)]
        try:
            cost = measure.command(["timeout", "--kill-after=5", str(limit), *words], folder=folder)
        except RuntimeError as error:  # 124 and 137 are what `timeout` ends with
            said = (str(error).strip().splitlines() or [f"not done in {limit} s, or killed"])[-1]
            return {"why": f"failed: {said[:160]}"}
        said = cost.out.strip().splitlines()
        if not said or not said[-1].startswith("{"):
            return {"why": f"failed: {said[-1][:160] if said else 'without a word'}"}
        spent = json.loads(said[-1])
        place.mkdir(parents=True, exist_ok=True)
        shutil.move(folder / "synthetic.parquet", place / f"rows-{seed}.parquet")
        return {**spent, "peak_mb": cost.peak_mb, "rows": len(train)}


def _kind(column: mm.Column) -> str:
    """What a peer is told of a column."""
    if str(column.kind) in ("number", "geo", "duration"):
        return "number"
    return "moment" if str(column.kind) in ("datetime", "date") else "levels"


def _typed(made: pa.Table, train: mm.Dataset) -> mm.Dataset:
    """The rows in the types of the training data, where that changes no value; frames know neither whole numbers with
    gaps nor dates."""
    columns = []
    for field in train.columns.arrow():
        values = made[field.name]
        if pa.types.is_integer(field.type) and pa.types.is_floating(values.type):
            values = pa.array(np.round(values.to_numpy()), from_pandas=True)
        try:
            columns.append(values.cast(field.type))
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
            columns.append(values)
    table = pa.table(columns, names=train.columns.names)
    return (
        mm.Dataset(train.schema, {train.name: table}) if table.schema == train.columns.arrow() else mm.Dataset.of(table)
    )


def _nearer(made: mm.Dataset, train: mm.Dataset, holdout: mm.Dataset, seed: int) -> float:
    """The share of synthetic rows whose nearest real row is a training row and not one of as many unseen ones."""
    rng = np.random.default_rng(seed)
    n = min(len(train), len(holdout))
    real = [each.select(np.sort(rng.permutation(len(each))[:n])) for each in (train, holdout)]
    some = made.select(np.sort(rng.permutation(len(made))[:QUERIES]))
    space = Space.of(train, some, holdout)
    pools = [space.matrix(each) for each in real]
    place = Map.of(space, np.concatenate(pools))
    queries = place.points(space.matrix(some))
    seen, unseen = (closest(queries, place.points(pool))[0] for pool in pools)
    return float((seen < unseen).mean() + (seen == unseen).mean() / 2)


def _means(findings: mm.Findings) -> dict[str, list[float]]:
    """The score and the interval of the mean over the seeds, by metric."""
    found = [finding for finding in findings if isinstance(finding, mm.Evidence)]
    return {each.metric: [each.value, *of_mean(each.reading)] for each in found}


def _table(rows: dict[str, dict]) -> str:
    ceiling = next((row["findings"] for row in rows.values() if "findings" in row), [])
    beside = {each["metric"]: each.get("ceiling") for each in ceiling}
    first = ["*unseen real rows*", *("–" if beside.get(name) is None else f"{beside[name]:.3f}" for name in ASKED)]
    first = [*first[:3], "0.500", "1.000", "0.500", first[3], f"{100 * (beside.get(ASKED[3]) or 0):.2f}", "", "", ""]
    return measure.table(HEAD, tuple(first), *(_row(method, row) for method, row in rows.items()))


def _row(method: str, row: dict) -> tuple[str, ...]:
    name = method if method.startswith("tabular.") else f"{makers.PACKAGES[method]}: {method}"
    if "why" in row:
        return (f"`{name}`", row["why"], *[""] * (len(HEAD) - 2))
    detection, transfer, membership, _ = (_spread(row["means"].get(metric)) for metric in ASKED)
    costs = row["costs"]
    speed = np.mean([cost["rows"] / max(cost["sample_cpu_s"], 1e-3) for cost in costs])
    return (
        f"`{name}`", detection, transfer, *(_spread(_mean(list(each))) for each in zip(*row["plain"], strict=True)),
        _spread(_mean(row["nearer"])), membership,
        _spread(row["means"].get(ASKED[3]), 100, 2), _among([cost["fit_cpu_s"] for cost in costs], 2),
        f"{speed:,.0f}", f"{max(cost['peak_mb'] for cost in costs):,.0f}",
    )  # fmt: skip


def _mean(values: list[float]) -> list[float]:
    """The mean and its 95 % interval (Student)."""
    mean, m = float(np.mean(values)), len(values)
    arm = float(stats.t.ppf(0.975, m - 1) * np.std(values, ddof=1) / m**0.5) if m > 1 else 0.0
    return [mean, mean - arm, mean + arm]


def _spread(found: list[float] | None, unit: float = 1, digits: int = 3) -> str:
    if found is None:
        return "not measured"
    value, low, high = (unit * each for each in found)
    return f"{value:.{digits}f} ({low:.{digits}f} to {high:.{digits}f})"


def _among(values: list[float], digits: int) -> str:
    return f"{np.mean(values):.{digits}f} ({min(values):.{digits}f} to {max(values):.{digits}f})"


def _picture(data: list[str], kept: Path) -> None:
    """Fit seconds against detection AUC, a dot for each table and method: `tabular.svg` among what is kept."""
    pygal = importlib.import_module("mintmark.report.charts").pygal
    chart = pygal.XY(js=(), stroke=False, width=900, height=520, dots_size=4, truncate_legend=-1, include_x_axis=False,
                     x_title="CPU seconds to fit", y_title="detection AUC",
                     title="Further left is quicker, further down is closer to reality")  # fmt: skip
    chart.x_labels = [{"value": power, "label": f"{10.0**power:g}"} for power in range(-2, 5)]
    dots: dict[str, list[dict]] = {}
    for name in data:
        for file in sorted((kept / name).glob("*/found-*.json")):
            body = json.loads(file.read_text())
            score = body["means"].get(ASKED[0])
            seconds = np.mean([cost["fit_cpu_s"] for cost in body["costs"]])
            if score:
                at = (float(np.log10(max(seconds, 1e-3))), score[0])
                dots.setdefault(file.parent.name, []).append({"value": at, "label": name})
    for method, places in dots.items():
        chart.add(method, places)
    if dots:
        # pygal carries a script, which serves tooltips alone.
        text = re.sub(r"<script.*?</script>", "", chart.render(is_unicode=True), flags=re.DOTALL)
        (kept / "tabular.svg").write_text(text, encoding="utf-8")


def _complete(contestant: contestants.Contestant, target: str) -> dict:
    return contestant.complete(Step.model_validate({"make": contestant.make}), target)


def _keep(file: Path, body: dict | list) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_suffix(".draft")
    draft.write_text(json.dumps(body, default=str))
    draft.replace(file)


def _safe(method: str) -> str:
    return "".join(sign if sign.isalnum() or sign in "._=-" else "_" for sign in method)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", nargs="+", choices=list(tables.ALL), default=list(tables.ALL), metavar="NAME")
    parser.add_argument("--with", nargs="+", dest="methods", default=[*OURS, *PEERS], metavar="METHOD")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--fit-s", type=int, default=900, help="most seconds for one fit and its sampling")
    parser.add_argument("--budget-s", type=float, default=3600, help="no fit is begun after so many seconds")
    parser.add_argument("--kept", type=Path, default=Path("benchmarks/kept"), help="where finished work is kept")
    told = parser.parse_args()
    print(measure.machine())
    print()
    print(measured(told.data, told.methods, seeds=told.seeds, fit_s=told.fit_s, budget_s=told.budget_s, kept=told.kept))


if __name__ == "__main__":
    main()
