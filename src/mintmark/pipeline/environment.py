"""What takes part in making a number: this program, Python and the packages beneath."""

import platform
from contextlib import suppress
from functools import cache
from importlib.metadata import PackageNotFoundError, version

PACKAGES = ("mintmark", "numpy", "scipy", "scikit-learn", "lightgbm", "pyarrow", "faker")
"""Packages whose versions can change a row or a score."""
OPTIONAL = ("torch", "opendp", "dp-accounting")
"""The same, of extras: told where they are installed."""


@cache
def versions() -> dict[str, str]:
    """What took part, and in which version."""
    found = {package: version(package) for package in PACKAGES}
    for package in OPTIONAL:
        with suppress(PackageNotFoundError):
            found[package] = version(package)
    return {"python": platform.python_version(), **found}
