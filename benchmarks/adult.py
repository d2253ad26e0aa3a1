"""The main job on Adult: 24,421 training rows, the default assay, report and release, with where the time goes."""

import json
import sys
from pathlib import Path

from benchmarks import measure

RECIPE = """\
name: adult
seed: {seed}
purpose: {{gap: privacy, use: share, task: {{target: income, kind: classification}}}}
real: {{from: "{source}", sensitive: [sex, race], drop: [split], holdout: 0.5}}
steps:
  rows: {{make: tabular.trees, count: 24421}}
assay: default
gate: ["fidelity.detection <= 0.65", "utility.transfer >= 0.9", "privacy.membership <= 0.025"]
release: {{formats: [parquet, csv]}}
"""
SEEDS = (7, 8, 9)


def run(folder: Path) -> str:
    source = measure.adult()
    if source is None:
        return "MINTMARK_DATA is not set."
    program = str(Path(sys.executable).with_name("mintmark"))
    costs, answers = [], []
    for seed in SEEDS:
        (folder / "adult.yaml").write_text(RECIPE.format(seed=seed, source=source), encoding="utf-8")
        cost = measure.command([program, "run", "adult.yaml", "--json"], folder=folder)
        costs.append(cost)
        answers.append(json.loads(cost.out[cost.out.index("\n{\n") :]))
    stages = list(answers[0]["seconds"])
    spent = [("stage", *(f"seed {seed}, s" for seed in SEEDS))]
    spent += [(stage, *(f"{answer['seconds'][stage]:.1f}" for answer in answers)) for stage in stages]
    spent += [("whole process", *(f"{cost.wall:.1f}" for cost in costs))]
    spent += [("CPU", *(f"{cost.cpu:.1f}" for cost in costs))]
    spent += [("peak, MB", *(f"{cost.peak_mb:.0f}" for cost in costs))]
    found = [("metric", *(f"seed {seed}" for seed in SEEDS), "ceiling", "floor")]
    for at, finding in enumerate(answers[0]["findings"]):
        if "value" in finding:
            each = (answer["findings"][at] for answer in answers)
            cells = (f"{one['value']:.4f} ({one['interval'][0]:.4f} to {one['interval'][1]:.4f})" for one in each)
            found.append((f"`{finding['metric']}`", *cells, f"{finding['ceiling']:.4f}", f"{finding['floor']:.4f}"))
    decisions = ", ".join(answer["decision"]["status"] for answer in answers)
    return f"{measure.table(*spent)}\n\n{measure.table(*found)}\n\nThe gate: {decisions}."
