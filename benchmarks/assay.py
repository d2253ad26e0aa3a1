"""The assay on Adult beside what today's libraries ask of the same files, and on a million rows a side."""

import json
import os
import subprocess
from pathlib import Path

from benchmarks import measure

MAKE = """
import mintmark as mm, pyarrow.parquet as pq
data = mm.read({source!r}, drop=["split"])
train, holdout = data.split(0.5, rng=mm.Seed(1).child("split").rng())
made = mm.generate(train, "tabular.trees", count=len(train), seed=1)
for name, part in (("train", train), ("holdout", holdout), ("synthetic", made)):
    pq.write_table(part.table, name + ".parquet")
"""
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
BIG = """
import mintmark as mm, pyarrow as pa, pyarrow.parquet as pq
data = mm.read({source!r})
names = [name for name in data.columns.names if name != "Income"]
data = data.only([*names[:29], "Income"])
sampler = mm.generator("tabular.trees").fit(data, rng=mm.Seed(1).child("fit").rng())
def rows(name, parts):
    shards = (sampler.sample(250_000, rng=mm.Seed(1).child(name, part).rng()) for part in range(parts))
    return pa.concat_tables([shard.table for shard in shards])
real = rows("real", 4)
pq.write_table(real.slice(0, 700_000), "train.parquet")
pq.write_table(real.slice(700_000), "holdout.parquet")
pq.write_table(rows("made", 4), "synthetic.parquet")
"""


def run(folder: Path) -> str:
    root = measure.adult()
    if root is None:
        return "MINTMARK_DATA is not set."
    measure.python(MAKE.format(source=str(root)), folder=folder)
    asked = {"target": "income", "sensitive": ["sex", "race"]}
    whole, answer = _ask(folder, metrics="default", **asked)
    slowest = sorted(answer["times"].items(), key=lambda item: -item[1])[:12]
    parts = [
        (
            f"Default assay of Adult (24,421 rows a side, floors and ceilings included): {_cost(whole)}, "
            f"{len(answer['findings'])} questions."
        ),
        measure.table(("slowest", "s"), *((name, f"{spent:.1f}") for name, spent in slowest)),
        _beside_peers(folder, asked),
    ]
    source = root.parents[1] / "acs_income_2018" / "acs_income_2018.parquet"
    measure.python(BIG.format(source=str(source)), folder=folder)
    big, answer = _ask(folder, metrics="default", target="Income", sensitive=[])
    notes = sorted({note for finding in answer["findings"] for note in finding.get("notes", []) if "drawn" in note})
    parts.append(f"A million real rows (700,000 and 300,000 unseen) × a million synthetic × 30 columns: {_cost(big)}.")
    parts.append("Stated caps: " + "; ".join(notes) + ".")
    return "\n\n".join(parts)


def _ask(folder: Path, **asked: object) -> tuple[measure.Cost, dict]:
    cost = measure.python(ASK.format(**asked), folder=folder)
    return cost, json.loads(cost.out.strip().splitlines()[-1])


def _beside_peers(folder: Path, asked: dict) -> str:
    """Peers run in an environment of their own, through files: MINTMARK_PEERS names its Python."""
    interpreter = os.environ.get("MINTMARK_PEERS")
    if not interpreter:
        return "MINTMARK_PEERS is not set: no peer was asked."
    script = Path(__file__).with_name("peers.py")
    done = subprocess.run([interpreter, script, folder], capture_output=True, text=True, check=True, timeout=900)
    peers = {one["name"]: one for one in map(json.loads, filter(lambda s: s.startswith("{"), done.stdout.splitlines()))}
    ours = {
        "sdmetrics_reports": ["fidelity.marginals", "fidelity.pairs", "fidelity.shift", "validity.schema"],
        "sdmetrics_dcr": ["privacy.distance"],
        "prdc_scores": ["fidelity.precision", "fidelity.density", "coverage.recall", "coverage.neighbours"],
        "anonymeter_attacks": ["privacy.singling_out", "privacy.linkability", "privacy.attributes"],
    }
    rows = [("peer", "its CPU s", "our questions", "our CPU s, start-up, floors and ceilings included")]
    values = []
    for name, metrics in ours.items():
        cost, answer = _ask(folder, metrics=metrics, **asked)
        rows.append((f"`{name}`", f"{peers[name]['cpu']:.1f}", ", ".join(metrics), f"{cost.cpu:.1f}"))
        said = "; ".join(f"{f['metric']} {f['value']:.4f}" for f in answer["findings"] if "value" in f)
        values.append(f"- `{name}`: {json.dumps(_short(peers[name]['values']))}; ours: {said}")
        if name == "sdmetrics_reports":
            values.append(_agreement(peers[name]["values"]["columns"], answer["findings"]))
    return measure.table(*rows) + "\n\n" + "\n".join(values)


def _agreement(theirs: dict, findings: list[dict]) -> str:
    """KS and total variation column by column, where both take all rows of both sides."""
    details = next(one for one in findings if one["metric"] == "fidelity.shift")["details"]["columns"]
    gaps = {one["column"]: abs(one["distance"] - (1 - theirs[one["column"]][1])) for one in details}
    return (
        f"- KS and total variation differ by at most {max(gaps.values()):.4f} a column (ours are of 12,210 rows a side)"
    )


def _short(values: dict) -> dict:
    return {name: value for name, value in values.items() if name != "columns"}


def _cost(cost: measure.Cost) -> str:
    return f"{cost.wall:.0f} s wall, {cost.cpu:.0f} s CPU, {cost.peak_mb:.0f} MB"
