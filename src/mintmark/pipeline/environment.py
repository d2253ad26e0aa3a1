"""What takes part in making a number: this program, Python and the packages beneath."""

import platform
from functools import cache
from importlib.metadata import version

PACKAGES = ("mintmark", "numpy", "scipy", "scikit-learn", "lightgbm", "pyarrow", "faker")
"""Packages whose versions can change a row or a score."""


@cache
def versions() -> dict[str, str]:
    """What took part, and in which version."""
    return {"python": platform.python_version(), **{package: version(package) for package in PACKAGES}}
