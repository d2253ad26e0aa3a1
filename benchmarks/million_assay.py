"""The default assay of a million synthetic rows against a million real ones, with every cap that it states."""

from pathlib import Path

from benchmarks import measure
from benchmarks.assay import ask, told

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
    source = root.parents[1] / "acs_income_2018" / "acs_income_2018.parquet"
    measure.python(BIG.format(source=str(source)), folder=folder)
    big, answer = ask(folder, metrics="default", target="Income", sensitive=["Gender", "Race"])
    answered = sum("value" in finding for finding in answer["findings"])
    notes = sorted({note for finding in answer["findings"] for note in finding.get("notes", []) if "drawn" in note})
    return (
        f"A million real rows (700,000 and 300,000 unseen) × a million synthetic × 30 columns: {told(big)}; "
        f"{answered} of {len(answer['findings'])} questions have an answer.\n\n"
        f"Stated caps: {'; '.join(notes)}."
    )
