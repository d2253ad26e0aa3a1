"""How soon does the program answer?"""

import statistics
import sys
from pathlib import Path

from benchmarks import measure


def run(folder: Path) -> str:
    program = str(Path(sys.executable).with_name("mintmark"))
    asked = {
        "`mintmark --help`": [program, "--help"],
        "`mintmark browse`": [program, "browse"],
        "peer: `python -c 'import pyarrow'`": [sys.executable, "-c", "import pyarrow"],
    }
    rows = [("command", "median of 9, ms", "peak, MB")]
    for label, words in asked.items():
        costs = [measure.command(words, folder=folder) for _ in range(10)][1:]
        median = statistics.median(cost.wall for cost in costs)
        rows.append((label, f"{1000 * median:.0f}", f"{max(cost.peak_mb for cost in costs):.0f}"))
    return measure.table(*rows)
