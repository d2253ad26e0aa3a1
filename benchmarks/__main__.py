"""Runs the benchmarks named on the command line, or all but `tabular`, which takes hours and has options of its own."""

import importlib
import sys
import tempfile
from pathlib import Path

from benchmarks import measure

ALL = ("startup", "adult", "million", "agreement", "assay", "calibration", "million_assay", "sandbox", "filters")


def main() -> None:
    print(measure.machine())
    for name in sys.argv[1:] or ALL:
        module = importlib.import_module(f"benchmarks.{name}")
        with tempfile.TemporaryDirectory() as folder:
            print(f"\n## {name}\n\n{module.__doc__}\n\n{module.run(Path(folder))}", flush=True)


if __name__ == "__main__":
    main()
