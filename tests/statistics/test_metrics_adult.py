"""The Adult census data, if it is at hand: what marginals miss and the two-sample test sees."""

import os
from pathlib import Path

import pytest

import mintmark
from mintmark.data.dataset import Dataset
from mintmark.generators.generator import Generator
from mintmark.metrics.assay import assay, profile
from mintmark.metrics.evidence import Evidence
from mintmark.metrics.findings import Findings
from mintmark.metrics.metric import Case
from mintmark.seeds import Seed

FILE = Path(os.environ.get("MINTMARK_DATA", ".")) / "adult" / "adult.csv.gz"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not FILE.exists(), reason="MINTMARK_DATA names no folder that holds adult/adult.csv.gz"),
]


@pytest.fixture(scope="module")
def halves() -> tuple[Dataset, Dataset]:
    data = mintmark.read(str(FILE))
    assert isinstance(data, Dataset)
    return data.only(name for name in data.columns.names if name != "split").split(0.5, rng=Seed(1).rng())


@pytest.fixture(scope="module")
def findings(halves: tuple[Dataset, Dataset], copycat: Generator) -> Findings:
    train, holdout = halves
    made = copycat.fit(train, rng=Seed(2).rng()).sample(len(train), rng=Seed(3).rng())
    case = Case(made, train, holdout, target="income", sensitive=("sex", "race"))
    return assay(case, profile("default"), seed=Seed(7))


def found(findings: Findings, name: str) -> Evidence:
    finding = findings[name]
    assert isinstance(finding, Evidence)
    return finding


def test_independent_columns_pass_by_their_marginals_and_are_detected(findings: Findings) -> None:
    marginals, detection = found(findings, "fidelity.marginals"), found(findings, "fidelity.detection")
    assert marginals.floor
    assert detection.floor
    assert marginals.floor.value < 0.02
    assert detection.floor.value > 0.98


def test_unseen_real_rows_are_not_detected_and_teach_as_well(findings: Findings) -> None:
    for name, best in (("fidelity.detection", 0.5), ("utility.transfer", 1.0)):
        ceiling = found(findings, name).ceiling
        assert ceiling
        assert ceiling.interval[0] <= best <= ceiling.interval[1]


def test_the_copycat_is_faithful_and_gives_everybody_away(findings: Findings) -> None:
    assert found(findings, "fidelity.detection").value < 0.6
    assert found(findings, "utility.transfer").value > 0.98
    assert found(findings, "privacy.copies").interval[0] > 0.99
    assert found(findings, "privacy.membership").interval[0] > 0.5


def test_independent_columns_and_fresh_rows_give_nobody_away(findings: Findings) -> None:
    membership = found(findings, "privacy.membership")
    for reading in (membership.floor, membership.ceiling):
        assert reading
        assert reading.interval[0] <= 0.01 <= reading.interval[1]
