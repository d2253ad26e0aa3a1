"""Writes constraints.txt, or with --check says where it has drifted.

`make pins` resolves the core and every extra together, on the Python that runs this, and writes one `name==version` a
line: no addresses, no hashes of files that only one index serves. The check needs no network: every requirement of
pyproject.toml must have a pin that satisfies it, and whatever is installed here must be installed as pinned.
"""

import json
import subprocess
import sys
import tomllib
from importlib.metadata import distributions
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
PINS = ROOT / "constraints.txt"
# The CPU build; without a pin, resolving would choose a build with gigabytes of CUDA packages.
FIXED = ["torch==2.13.0"]


def main() -> int:
    if "--check" in sys.argv:
        problems = drift()
        print("\n".join(problems) or "constraints.txt fits")
        return 1 if problems else 0
    extras = ",".join(project()["optional-dependencies"])
    command = [sys.executable, "-m", "pip", "install", "--dry-run", "--ignore-installed", "--quiet", "--report", "-"]
    done = subprocess.run([*command, *FIXED, f"{ROOT}[{extras}]"], capture_output=True, text=True, check=True)
    chosen = {item["metadata"]["name"]: item["metadata"]["version"] for item in json.loads(done.stdout)["install"]}
    lines = [f"{canonicalize_name(name)}=={public(version)}" for name, version in chosen.items() if name != "mintmark"]
    head = "# Every dependency of the core and of every extra; made by `make pins`, checked by `.ci/pins.py --check`.\n"
    PINS.write_text(head + "\n".join(sorted(lines)) + "\n", encoding="utf-8")
    return 0


def public(version: str) -> str:
    """Without the label of a local build, such as +cpu: it names a file, not what it does."""
    return version.partition("+")[0]


def project() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def drift() -> list[str]:
    lines = [line for line in PINS.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    pins = dict(line.split("==") for line in lines)
    told = project()
    wanted = [*told["dependencies"], *(one for extra in told["optional-dependencies"].values() for one in extra)]
    problems = []
    for requirement in map(Requirement, wanted):
        pin = pins.get(canonicalize_name(requirement.name))
        if pin is None or not requirement.specifier.contains(pin):
            problems.append(f"{requirement}: pinned to {pin}; run `make pins`")
    for installed in distributions():
        name = canonicalize_name(installed.metadata["Name"])
        if name in {"pip", "setuptools", "wheel", "mintmark"}:
            continue
        if pins.get(name) != public(installed.version):
            problems.append(f"{name}: {installed.version} is installed, {pins.get(name)} is pinned")
    return problems


if __name__ == "__main__":
    sys.exit(main())
