"""Every question on the shelf, put to fresh tables again and again: its interval covers at the rate that it states.

Twice: with fresh real rows in the synthetic data's place, where an interval that misses is a false alarm, and with a
planted fault. The truth is the value of the best data where that is known in closed form, and else the mean over the
runs, which is what fresh rows of this n show: for distances are pushed upwards by chance, at the ceiling too. With a
nominal coverage of 95 % a study has more misses than allowed for one seed in 1,000 and more; seeds are fixed.
`python -m benchmarks calibration` runs the same studies at length, and docs/evidence.md holds what it found.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pytest
from scipy import stats

from mintmark import catalog
from mintmark.data.dataset import Dataset
from mintmark.metrics.evidence import Reading
from mintmark.metrics.metric import Case, Metric
from mintmark.metrics.utility.inference import EXPECTED
from mintmark.seeds import Seed
from mintmark.testing.talk import FOLLOWS, KNOWS, talk
from mintmark.words.canaries import plant

TOWNS = np.array([f"town {k}" for k in range(15)])
SHARES = 1 / np.arange(1, 16) / np.sum(1 / np.arange(1, 16))
MET = float(stats.norm.cdf(1.5))
"""The share of real rows that meet the constraint x <= 1.5."""


@dataclass(frozen=True)
class Study:
    """How often one question is put, to how many rows, and what its interval ought to hold."""

    runs: int = 40
    n: int = 300
    faults: int = 20
    """Runs with the planted fault."""
    truth: float | None = None
    """Of fresh real rows in closed form, or None for the mean over the runs."""
    covers: float = 0.95
    """What its docstring states."""
    given: bool = False
    """Whether the training rows stay the same: what is legal follows from them."""


DEAR = Study(20, faults=10)
LEAK = Study(truth=0.0, faults=0)
"""How many rows a leak concerns is no matter of chance: attacks are put to planted leaks elsewhere."""
STUDIES = {
    "coverage.compression": DEAR,
    "coverage.duplicates": DEAR,
    "coverage.extremes": Study(20, 2500, 10),
    "coverage.modes": Study(covers=0.9),
    "coverage.openings": DEAR,
    "coverage.phrases": DEAR,
    "coverage.tails": Study(n=600),
    "coverage.vendi": DEAR,
    "fairness.amplification": Study(25, faults=10, truth=0.0),
    "fairness.odds": DEAR,
    "fairness.parity": DEAR,
    "fairness.worst_group": DEAR,
    "fidelity.density": Study(truth=1.0),
    "fidelity.detection": Study(15, faults=8, truth=0.5),
    "fidelity.frechet": Study(truth=0.0),
    "fidelity.gap": Study(25, faults=10, truth=0.0),
    "fidelity.kernel": Study(truth=0.0),
    "fidelity.linear": Study(truth=0.5),
    "fidelity.mauve": DEAR,
    "fidelity.mmd": Study(truth=0.0),
    "fidelity.perplexity": DEAR,
    "fidelity.topics": DEAR,
    "privacy.attributes": LEAK,
    "privacy.audit": LEAK,
    "privacy.authenticity": Study(faults=0),
    "privacy.canaries": Study(faults=0, truth=0.5),
    "privacy.copies": LEAK,
    "privacy.distance": LEAK,
    "privacy.linkability": LEAK,
    "privacy.memorised": Study(20, faults=0, truth=0.0),
    "privacy.membership": Study(20, faults=0, truth=0.01),
    "privacy.near_copies": Study(20, faults=0, truth=0.0),
    "privacy.outliers": Study(20, 900, 0, truth=0.1),
    "privacy.people": Study(20, 900, 0, truth=0.01),
    "privacy.shadow": Study(20, 600, 0, truth=0.01),
    "privacy.singling_out": Study(40, 600, 0, truth=0.0),
    "privacy.uniqueness": LEAK,
    "shortcuts.importance": DEAR,
    "shortcuts.nuisance": Study(25, faults=10, truth=0.0),
    "shortcuts.style": Study(15, faults=8, truth=0.0),
    "shortcuts.within_class": DEAR,
    "utility.augmentation": DEAR,
    "utility.curve": Study(8, faults=0),
    "utility.families": Study(6, faults=0),
    "utility.inference": Study(25, faults=10, truth=EXPECTED),
    "utility.minority": DEAR,
    "utility.ranking": Study(6, faults=0),
    "utility.reverse": Study(20, faults=10, covers=0.92),
    "utility.texts": Study(15, faults=0, truth=1.0),
    "utility.transfer": Study(20, faults=10, truth=1.0),
    "validity.accuracy": Study(truth=KNOWS),
    "validity.constraints": Study(truth=MET),
    "validity.contamination": DEAR,
    "validity.following": Study(truth=FOLLOWS),
    "validity.schema": Study(given=True),
}
"""What is dear, has a closed form, or needs more rows; all other questions are put as `Study()` says."""


def people(rng: np.random.Generator, n: int, fault: bool = False) -> Dataset:
    """Skewed and heaped numbers, gaps that tell the label, rare towns. The fault touches all of it a little."""
    x = rng.normal(0.3 * fault, 1, n)
    y = (0.4 if fault else 0.8) * x + 0.6 * rng.normal(size=n)
    sex = rng.choice(["female", "male"], n, p=[0.5 - 0.1 * fault, 0.5 + 0.1 * fault])
    sick = rng.random(n) < 1 / (1 + np.exp(-1.6 * x + 0.8 * (sex == "male")))
    sick ^= rng.random(n) < 0.1 * fault
    age = np.clip(np.round(45 + 8 * y + 12 * rng.normal(size=n)), 18, 95).astype(int)
    age = np.where(rng.random(n) < (0.02 if fault else 0.15), age // 10 * 10, age)
    gone = rng.random(n) < 0.06 + 0.1 * (rng.random(n) < 0.5 if fault else sick)
    fee = np.round(rng.gamma(2, 40, n) * (1 + 0.5 * sick), 2)
    common = SHARES**1.3 / np.sum(SHARES**1.3) if fault else SHARES
    found = Dataset.of(
        {
            "sex": sex,
            "x": x,
            "y": y,
            "age": age,
            "weight": pa.array(np.round(rng.normal(70 + 3 * x, 12), 1), mask=gone),
            "fee": np.minimum(fee, 350) if fault else fee,
            "town": TOWNS[rng.choice(15, n, p=common)],
            "label": np.where(sick, "sick", "well"),
        }
    )
    return Dataset.of(found.table, schema=replace(found.columns, constraints=("x <= 1.5",)))


def persons(rng: np.random.Generator, n: int) -> Dataset:
    """Three rows of each person, more or less."""
    rows = people(rng, n)
    who = pa.array([f"person {k:012d}" for k in rng.integers(n // 3, size=n) + 10**6 * int(rng.integers(10**5))])
    named = Dataset.of(rows.table.append_column("who", who))
    return Dataset.of(named.table, schema=replace(named.columns, group="who"))


VOCABULARY = np.array([f"w{k}" for k in range(400)])


def writers(rng: np.random.Generator, n: int, fault: bool = False) -> Dataset:
    """Texts of common and rare words on one of two topics, which their label mostly tells. The fault repeats some."""
    sick = rng.random(n) < 0.5
    shares = 1 / np.arange(1, 401) / np.sum(1 / np.arange(1, 401))
    drawn = rng.choice(400, (n, 18), p=shares) + 200 * (sick ^ (rng.random(n) < 0.2))[:, None]
    lengths = rng.integers(6, 15 + 4 * sick)
    notes = [
        f"{' '.join(words[:count]).capitalize()}{'!' if fault and ill else '.'}"
        for words, count, ill in zip(VOCABULARY[drawn % 400].tolist(), lengths.tolist(), sick, strict=True)
    ]
    if fault:
        notes = [notes[rng.integers(n)] if rng.random() < 0.1 else note for note in notes]
    return Dataset.of({"note": notes, "label": np.where(sick, "sick", "well"), "sex": rng.choice(["f", "m"], n)})


TALK = {"validity.accuracy", "validity.following"}
"""What is asked of instructions and replies."""
WRITING = {
    "coverage.compression", "coverage.duplicates", "coverage.openings", "coverage.phrases", "coverage.vendi",
    "fidelity.mauve", "fidelity.perplexity", "fidelity.topics", "privacy.canaries", "privacy.memorised",
    "shortcuts.style", "utility.texts", "validity.contamination",
}  # fmt: skip
"""What is asked of texts alone."""


def asked(name: str) -> Study:
    return STUDIES.get(name, Study())


def study(name: str, *, fault: bool, runs: int, n: int) -> list[Reading]:
    """What the question finds on fresh tables."""
    metric: Metric = catalog.build("metrics", name, {})
    found = []
    for run in range(runs):
        rng = np.random.default_rng([run, fault])
        draw = persons if name == "privacy.people" else _plainly(name)
        train, holdout = draw(np.random.default_rng(0) if asked(name).given else rng, n), draw(rng, n)
        if name == "privacy.canaries":
            train = plant(train, "note", rng=rng, count=25, repeat=4)
        made = _plainly(name)(rng, n, fault) if fault else draw(rng, n)
        case = Case(made, train, holdout, target="label", sensitive=("sex",))
        found.append(metric.measure(case, rng=Seed(run).rng()))
    return found


def _plainly(name: str) -> Callable[..., Dataset]:
    return talk if name in TALK else writers if name in WRITING else people


def misses(found: list[Reading], truth: float | None) -> int:
    held = float(np.mean([each.value for each in found])) if truth is None else truth
    return sum(not each.interval[0] - 1e-12 <= held <= each.interval[1] + 1e-12 for each in found)


def allowed(runs: int, covers: float) -> int:
    """Of as many runs more miss once in 1,000 seeds at most."""
    return int(stats.binom.ppf(0.999, runs, 1 - covers))


@pytest.mark.parametrize("name", catalog.names("metrics"))
def test_fresh_real_rows_raise_no_more_false_alarms_than_stated(name: str) -> None:
    how = asked(name)
    found = study(name, fault=False, runs=how.runs, n=how.n)
    assert misses(found, how.truth) <= allowed(how.runs, how.covers)


@pytest.mark.parametrize("name", [name for name in catalog.names("metrics") if asked(name).faults])
def test_intervals_of_faulty_rows_cover_what_further_rows_show(name: str) -> None:
    how = asked(name)
    found = study(name, fault=True, runs=how.faults, n=how.n)
    assert misses(found, None) <= allowed(how.faults, how.covers)
