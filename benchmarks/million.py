"""A million rows read, learnt, sampled, judged and written, and how much memory that takes."""

from pathlib import Path

from benchmarks import measure

ROWS = 1_000_000
MAKE = """
import mintmark as mm, pathlib, pyarrow.csv
source = {source!r}
data = mm.read(source, drop=["split"]) if source else mm.read("sklearn:wine")
rows = mm.generate(data, "tabular.trees", count={rows}, seed=1)
pyarrow.csv.write_csv(rows.table, "million.csv")
"""
READ = "import mintmark as mm; print(len(mm.read('million.csv')))"
PEER = "import pandas as pd; print(len(pd.read_csv('million.csv')))"
SAMPLE = """
import mintmark as mm, time
data = mm.read({source!r}, drop=["split"]) if {source!r} else mm.read("sklearn:wine")
sampler = mm.generator("tabular.{method}").fit(data, rng=mm.Seed(1).child("fit").rng())
start = time.perf_counter()
for shard in range(10):
    sampler.sample({rows} // 10, rng=mm.Seed(1).child(shard).rng())
print({rows} / (time.perf_counter() - start))
"""
RECIPE = """\
name: million
seed: 1
real: {{from: million.csv, holdout: 0.2}}
steps:
  rows: {{make: tabular.trees, count: {rows}}}
assay: quick
gate: ["validity.schema >= 0.9"]
release: {{formats: [parquet]}}
"""
RUN = "import mintmark as mm; result = mm.run('million.yaml'); print(result.seconds, result.folder)"


def run(folder: Path) -> str:
    source = str(measure.adult() or "")
    measure.python(MAKE.format(source=source, rows=ROWS), folder=folder)
    (folder / "million.yaml").write_text(RECIPE.format(rows=ROWS), encoding="utf-8")
    rows = [("what", "wall, s", "CPU, s", "peak, MB", "ratio to peer")]
    read, peer = measure.python(READ, folder=folder), measure.python(PEER, folder=folder)
    rows.append(("`mm.read`, 1,000,000 rows of CSV, typed", *_cells(read), f"{read.wall / peer.wall:.2f}"))
    rows.append(("peer: `pandas.read_csv`", *_cells(peer), "1"))
    rates = []
    for method in ("independent", "trees", "copula"):
        cost = measure.python(SAMPLE.format(source=source, rows=ROWS, method=method), folder=folder)
        rates.append((f"`tabular.{method}`", f"{float(cost.out):,.0f}", f"{cost.peak_mb:.0f}"))
    whole = measure.python(RUN, folder=folder)
    rows.append(("`mm.run`: read, fit, sample 1,000,000, quick assay, release", *_cells(whole), ""))
    listed = measure.table(("method", "rows sampled a second, one core", "peak, MB"), *rates)
    return f"{measure.table(*rows)}\n\n{listed}\n\nWhere the time of the run went: {whole.out.strip()}"


def _cells(cost: measure.Cost) -> tuple[str, str, str]:
    return f"{cost.wall:.1f}", f"{cost.cpu:.1f}", f"{cost.peak_mb:.0f}"
