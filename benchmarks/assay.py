"""The assay on Adult, and what it costs beside what today's libraries ask of the same files."""

import json
import os
from pathlib import Path

from benchmarks import measure
from benchmarks.agreement import adult

ASK = """
import json, sys, time
import mintmark as mm
times, last = {{}}, [None, time.perf_counter()]
def watch(what, done, total):
    now = time.perf_counter()
    if last[0]:
        times[last[0]] = now - last[1]
    last[:] = [what.removeprefix("judging, "), now]
judged = mm.judge("train.parquet", "synthetic.parquet", holdout="holdout.parquet", target={target!r},
                  sensitive={sensitive!r}, metrics={metrics!r}, progress=watch)
print(json.dumps({{"times": times, "findings": judged.findings.to_json()}}))
"""
OURS = """
import json, time
import numpy as np
import mintmark as mm
from mintmark import catalog
from mintmark.metrics.balls import Clouds
from mintmark.metrics.closest import closest
from mintmark.metrics.features import Space
from mintmark.metrics.metric import Case
from mintmark.metrics.neighbours import Map
train, holdout, made = (mm.read(name + ".parquet") for name in ("train", "holdout", "synthetic"))
case = Case(made, train, holdout, target="income")
metrics = {{name: catalog.build("metrics", name, parameters) for name, parameters in {asked!r}.items()}}
start = time.process_time()
values = {{name: metric.measure(case, rng=mm.Seed(1).rng()).value for name, metric in metrics.items()}}
{more}
print(json.dumps({{"cpu": time.process_time() - start, "values": values}}))
"""
NEAREST = """
space = Space.of(train, made, holdout)
rows = [space.matrix(each) for each in (train, holdout, made)]
place = Map.of(space, np.concatenate(rows[:2]))
queries = place.points(rows[2])
seen, unseen = (closest(queries, place.points(pool))[0] for pool in rows[:2])
values["nearer to a training row"] = float((seen < unseen).mean())
"""
CLOUD = """
clouds = Clouds.of(case, 10**6, mm.Seed(1).rng(), minimum=30)
np.savez("cloud.npz", real=clouds.real, made=clouds.made)
"""
NEIGHBOURS = ("fidelity.precision", "fidelity.density", "coverage.recall", "coverage.neighbours")
ATTACKS = ("privacy.singling_out", "privacy.linkability", "privacy.attributes")


def run(folder: Path) -> str:
    source = measure.adult()
    if source is None:
        return "MINTMARK_DATA is not set."
    case = adult(source, folder)
    whole, answer = ask(folder, metrics="default", target="income", sensitive=["sex", "race"])
    said = f"{len(case.train):,} rows a side, floors and ceilings included: {told(whole)}, {len(answer['findings'])}"
    slowest = sorted(answer["times"].items(), key=lambda item: -item[1])[:12]
    return "\n\n".join(
        [
            f"Default assay of Adult, {said} questions.",
            measure.table(("slowest", "s"), *((name, f"{spent:.1f}") for name, spent in slowest)),
            _beside_peers(folder, len(case.train)),
        ]
    )


def ask(folder: Path, **asked: object) -> tuple[measure.Cost, dict]:
    """The assay of the three tables in a folder, as a process of its own."""
    cost = measure.python(ASK.format(**asked), folder=folder)
    return cost, json.loads(cost.out.strip().splitlines()[-1])


def told(cost: measure.Cost) -> str:
    return f"{cost.wall:.0f} s wall, {cost.cpu:.0f} s CPU, {cost.peak_mb:.0f} MB"


def _beside_peers(folder: Path, rows: int) -> str:
    """Each question and each peer in a process of its own; seconds leave out imports and the reading of files."""
    if not os.environ.get("MINTMARK_PEERS"):
        return "MINTMARK_PEERS is not set: no peer was asked."
    measure.python(OURS.format(asked={}, more=CLOUD), folder=folder)
    pairs = {"fidelity.marginals": {}, "fidelity.pairs": {}}
    alike = {**pairs, "fidelity.associations": {"rows": 50_000}}
    everything = {**alike, "fidelity.shift": {"rows": 50_000}, "validity.schema": {}}
    lines = [
        ("marginals and pairs", "sdmetrics_quality", 1.0, pairs, ""),
        ("the same, and associations", "sdmetrics_quality", 1.0, alike, ""),
        ("the same, drift and legality", "sdmetrics_both", 1.0, everything, ""),
        (f"nearest of {rows:,} training and {rows:,} unseen rows", "sdmetrics_dcr", rows, {}, NEAREST),
        ("four of neighbourhoods, 10,000 rows", "prdc_large", 1.0, _balls(10_000), ""),
        (f"the same, {rows:,} rows", "", 1.0, _balls(rows), ""),
        ("three attacks, 2,000 people", "anonymeter_attacks", 1.0, _attacks(folder), ""),
    ]
    table = [("question", "peer", "its CPU s", "its peak, MB", "our CPU s", "our peak, MB", "ours is")]
    return measure.table(*table, *(_row(folder, *line) for line in lines))


def _row(folder: Path, what: str, name: str, rows: float, asked: dict, more: str) -> tuple[str, ...]:
    cost = measure.python(OURS.format(asked=asked, more=more), folder=folder)
    ours = json.loads(cost.out.strip().splitlines()[-1])["cpu"]
    if not name:
        return what, "not run: it would take some 9 GB", "", "", f"{ours:.1f}", f"{cost.peak_mb:.0f}", ""
    values, spent, theirs = measure.peer(name, folder)
    cpu, peak, said = spent["cpu"], f"{theirs.peak_mb:.0f}", f"{spent['cpu']:.1f}"
    if rows > 1:
        cpu *= (rows / values["rows"]) ** 2
        said, peak = f"{cpu:,.0f} ({spent['cpu']:.1f} at {values['rows']:,} rows, squared)", f"{peak} at 1,000 rows"
    times = f"{cpu / ours:,.1f} times as fast" if cpu > ours else f"**{ours / cpu:.1f} times as slow**"
    return what, f"`{name}`", said, peak, f"{ours:.1f}", f"{cost.peak_mb:.0f}", times


def _balls(rows: int) -> dict:
    return {name: {"rows": rows} for name in NEIGHBOURS}


def _attacks(folder: Path) -> dict:
    """The peer is told to attack as many people, with the same halves of the columns."""
    asked = {"privacy.linkability": {"targets": 2000}}
    found = ask(folder, metrics=asked, target="income", sensitive=[])[1]["findings"][0]
    told = {"secret": "income", "halves": found["details"]["halves"], "targets": 2000}
    (folder / "attacks.json").write_text(json.dumps(told), encoding="utf-8")
    return {name: {} if name == ATTACKS[0] else {"targets": 2000} for name in ATTACKS}
