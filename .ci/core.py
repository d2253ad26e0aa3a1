"""Is the core light, whole and working? Runs in an environment that holds nothing but it."""

import subprocess
import sys
import tempfile
from importlib.metadata import distributions
from pathlib import Path

LIMIT_MB = 600


def main() -> int:
    installed = {distribution.metadata["Name"].lower(): distribution for distribution in distributions()}
    present = {"torch", "pandas"} & set(installed)
    assert not present, f"the core must not bring {present}"
    size = sum(
        Path(distribution.locate_file(file)).stat().st_size
        for name, distribution in installed.items()
        if name not in {"pip", "setuptools", "wheel", "mintmark"}
        for file in distribution.files or ()
        if Path(distribution.locate_file(file)).is_file()
    )
    assert size < LIMIT_MB * 1e6, f"the core is {size / 1e6:.0f} MB, and may be {LIMIT_MB}"
    print(f"core dependencies: {size / 1e6:.0f} MB")
    with tempfile.TemporaryDirectory() as folder:
        program = Path(sys.executable).with_name("mintmark")
        subprocess.run([program, "demo", "--to", folder], check=True)
        subprocess.run([program, "verify", Path(folder) / "released" / "tumours"], check=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
