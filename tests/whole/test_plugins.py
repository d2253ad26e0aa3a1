"""Metrics of somebody else's package: found by entry point, asked, reported, and left out where they are broken."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import mintmark as mm
from mintmark import catalog
from mintmark.errors import InputError

MODULE = '''
from typing import Any, ClassVar, Literal

import numpy as np
from pydantic.dataclasses import dataclass

from mintmark.metrics.evidence import Claim, Reading
from mintmark.metrics.metric import Case, Role


@dataclass(frozen=True)
class Size:
    """Somebody counts both tables: how many synthetic rows are there for each real one?

    The value is the ratio.
    Nothing is drawn, so the interval is the value.
    """

    claim: ClassVar[Claim] = Claim.COVERAGE
    needs: ClassVar[frozenset[Role]] = frozenset({Role.SYNTHETIC, Role.HOLDOUT})
    better: ClassVar[Literal["lower", "higher"]] = "higher"
    whole: ClassVar[bool] = True
    profiles: ClassVar[dict[str, dict[str, Any] | None]] = {"default": None}

    def measure(self, case: Case, *, rng: np.random.Generator) -> Reading:
        value = len(case.need(Role.SYNTHETIC)) / len(case.need(Role.HOLDOUT))
        return Reading(value, (value, value), len(case.synthetic), {"words": f"There are {value:.1f} rows for each."})


class Half:
    claim = Claim.COVERAGE
'''
ENTRIES = """[mintmark.metrics]
acme.size = acme_metrics:Size
acme.half = acme_metrics:Half
acme.number = acme_metrics:nothing
acme.missing = acme_elsewhere:Missing
"""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An installed package, as pip leaves one: a module, and a dist-info folder with entry points."""
    info = tmp_path / "acme_metrics-1.0.dist-info"
    info.mkdir()
    (tmp_path / "acme_metrics.py").write_text(MODULE)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-metrics\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(ENTRIES)
    monkeypatch.syspath_prepend(tmp_path)
    catalog._entries.cache_clear()
    yield tmp_path
    catalog._entries.cache_clear()
    sys.modules.pop("acme_metrics", None)


def tables(folder: Path) -> list[Path]:
    out = []
    for seed, name in enumerate(("train", "made", "holdout")):
        rng = np.random.default_rng(seed)
        rows = "\n".join(f"{x:.2f},{w}" for x, w in zip(rng.normal(size=200), rng.choice(["a", "b"], 200), strict=True))
        out.append(folder / f"{name}.csv")
        out[-1].write_text(f"x,w\n{rows}\n")
    return out


def test_a_metric_of_another_package_is_asked_by_its_profile_and_reported(package, mintmark):
    train, made, holdout = tables(package)
    done = mintmark("assay", train, made, "--holdout", holdout, "--profile", "quick", "--json", "--report", "a.html")
    answer = json.loads(done.out)
    found = {finding["metric"]: finding for finding in answer["findings"]}
    assert found["acme.size"]["value"] == 2
    assert found["acme.size"]["ceiling"] is not None
    assert "There are 2.0 rows for each." in Path("a.html").read_text()


def test_what_is_broken_in_another_package_is_left_out_with_its_reason_and_stops_nothing(package, mintmark):
    train, made, holdout = tables(package)
    answer = json.loads(mintmark("assay", train, made, "--holdout", holdout, "--profile", "quick", "--json").out)
    asked = [finding["metric"] for finding in answer["findings"]]
    assert "fidelity.marginals" in asked
    assert not {"acme.half", "acme.number", "acme.missing"} & {*asked}
    assert answer["left_out"]["acme.half"] == "cannot be asked here: acme.half lacks needs, better, whole, measure"
    assert "No module named 'acme_elsewhere'" in answer["left_out"]["acme.missing"]
    assert "cannot be loaded: AttributeError" in answer["left_out"]["acme.number"]


def test_it_can_be_asked_and_judged_by_name(package):
    train, made, holdout = (mm.read(str(path)) for path in tables(package))
    judged = mm.judge(train, made, holdout=holdout, metrics=["acme.size"], rules=["acme.size >= 3"])
    assert judged.decision is not None
    assert not judged.decision.released


def test_a_broken_one_that_is_asked_by_name_is_one_clear_error(package):
    train, made, _ = (mm.read(str(path)) for path in tables(package))
    with pytest.raises(InputError, match="mend, update or remove the package acme-metrics"):
        mm.assay(train, made, metrics=["acme.missing"])


def test_browsing_names_the_package_that_it_comes_from(package, mintmark):
    assert "from acme-metrics" in mintmark("browse", "acme.size").out or "from acme-metrics" in mintmark("browse").out
