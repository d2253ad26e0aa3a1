"""The main job on real data that comes with scikit-learn: breast tumours, measured and diagnosed."""

from pathlib import Path

from mintmark import disk
from mintmark.pipeline.draft import write_schema
from mintmark.pipeline.progress import Progress
from mintmark.pipeline.result import Result
from mintmark.pipeline.run import run

RECIPE = """\
# yaml-language-server: $schema=mintmark.schema.json
# 569 tumours, 30 measurements each (Wisconsin breast cancer, bundled with scikit-learn).
name: tumours
seed: 7
purpose:
  gap: privacy
  use: share
  task: {target: diagnosis, kind: classification}
real:
  from: sklearn:breast_cancer
  holdout: 0.5   # small data: half is kept to judge by
steps:
  rows: {make: tabular.trees, count: 2000}
assay: default
# The intervals of 142 unseen rows are wide, and the gate judges their worst end: so these bounds are loose.
gate:
  - fidelity.detection <= 0.90
  - utility.transfer >= 0.80
  - privacy.copies <= 0.03
  - privacy.membership <= 0.15
release: {formats: [parquet, csv]}
"""


def demo(to: Path, *, progress: Progress | None = None) -> Result:
    """Writes the recipe into `to` and runs it there; a folder left by an earlier demo is renewed."""
    disk.write(to / "recipe.yaml", RECIPE.encode(), drafts=to)
    write_schema(to / "mintmark.schema.json")
    return run(to / "recipe.yaml", to=to / "released", ledger=to / ".mintmark", progress=progress)
