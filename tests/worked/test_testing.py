"""The contract suite catches a metric that breaks any part of the contract, each by its own check."""

from collections.abc import Iterator
from typing import Any, ClassVar

import numpy as np
import pytest
from pydantic.dataclasses import dataclass

from mintmark.data.dataset import Dataset
from mintmark.metrics import cells
from mintmark.metrics.evidence import Claim, Reading
from mintmark.metrics.metric import Case, Role
from mintmark.testing import METRIC_CHECKS, Check, metric_checks
from mintmark.testing.people import sound


@dataclass(frozen=True)
class Size:
    """Somebody counts both tables: how many synthetic rows are there for each real one?

    The value is the number of synthetic rows over that of the real ones.
    The interval is the value itself, for nothing is drawn.
    """

    times: float = 1.0

    claim: ClassVar[Claim] = Claim.FIDELITY
    needs: ClassVar[frozenset[Role]] = frozenset({Role.SYNTHETIC, Role.HOLDOUT})
    better: ClassVar[str] = "higher"
    whole: ClassVar[bool] = True
    profiles: ClassVar[dict[str, dict[str, Any] | None]] = {"quick": None, "thorough": {"times": 2.0}}

    def measure(self, case: Case, *, rng: np.random.Generator) -> Reading:
        real, made = case.need(Role.HOLDOUT), case.need(Role.SYNTHETIC)
        value = self.times * len(made) / len(real)
        return Reading(value, (value, value), len(made), self._details(case, rng))

    def _details(self, case: Case, rng: np.random.Generator) -> dict[str, Any]:
        return {}


class Silent(Size):
    """Short."""


class Sloppy(Size):
    """Broken on purpose.

    It joins a profile that there is not.
    """

    profiles: ClassVar[Any] = {"slow": {}}


@dataclass(frozen=True)
class Costly(Size):
    """Broken on purpose.

    It does something when it is made.
    """

    def __post_init__(self) -> None:
        object.__setattr__(self, "times", self.times + 1)


class Infinite(Size):
    """Broken on purpose.

    Its value has no end.
    """

    def measure(self, case: Case, *, rng: np.random.Generator) -> Reading:
        return Reading(np.inf, (0.0, np.inf), 1)


class Wordy(Size):
    """Broken on purpose.

    It says too much.
    """

    def _details(self, case: Case, rng: np.random.Generator) -> dict[str, Any]:
        return {"rows": list(range(50_000))}


class Lucky(Size):
    """Broken on purpose.

    It draws from elsewhere.
    """

    def _details(self, case: Case, rng: np.random.Generator) -> dict[str, Any]:
        return {"luck": np.random.default_rng().random()}


class Guessing(Size):
    """Broken on purpose.

    It answers without what it needs.
    """

    def measure(self, case: Case, *, rng: np.random.Generator) -> Reading:
        return Reading(1.0, (1.0, 1.0), 1)


class Naming(Size):
    """Broken on purpose.

    It names the rarest town of real people.
    """

    def _details(self, case: Case, rng: np.random.Generator) -> dict[str, Any]:
        counts = case.need(Role.HOLDOUT).table["town"].drop_null().value_counts().to_pylist()
        return {"rarest": min(counts, key=lambda each: each["counts"])["values"]} if counts else {}


class Telling(Size):
    """Broken on purpose.

    It tells who owes most.
    """

    def _details(self, case: Case, rng: np.random.Generator) -> dict[str, Any]:
        debts = case.need(Role.HOLDOUT).table["debt"].drop_null().to_pylist()
        return {"most": max((debt for debt in debts if np.isfinite(debt)), default=0)}


class Counting(Size):
    """Broken on purpose.

    It counts the few who live in the north and in a parish of the isle.
    """

    def _details(self, case: Case, rng: np.random.Generator) -> dict[str, Any]:
        rows = case.need(Role.HOLDOUT).table.to_pylist()
        return {"real_rows": sum((row["town"], row["parish"]) == ("north", "isle 3") for row in rows)}


class Pairing(Counting):
    """Broken on purpose.

    It names what these few share.
    """

    def _details(self, case: Case, rng: np.random.Generator) -> dict[str, Any]:
        few = super()._details(case, rng)["real_rows"]
        return {"missed": ["town: north and parish: isle 3"] if few else [], "real_rows": cells.told(few)}


class Spoiling(Size):
    """Broken on purpose.

    It writes into the data.
    """

    def _details(self, case: Case, rng: np.random.Generator) -> dict[str, Any]:
        ages = np.frombuffer(case.synthetic.table["age"].chunk(0).buffers()[1], np.int64)
        ages[0] += 1
        return {}


class Failing(Size):
    """Broken on purpose.

    It takes for granted that there is an age.
    """

    def _details(self, case: Case, rng: np.random.Generator) -> dict[str, Any]:
        return {"oldest": float(max(case.synthetic.table["age"].to_pylist()))}


BROKEN = [
    (Silent, "its class says what it is about"),
    (Sloppy, "it joins profiles that exist"),
    (Costly, "its fields are its parameters"),
    (Infinite, "its value lies in a finite interval and its details are small JSON"),
    (Wordy, "its value lies in a finite interval and its details are small JSON"),
    (Lucky, "the same seed gives the same reading"),
    (Spoiling, "it leaves its data alone"),
    (Guessing, "without holdout it says so or needs none"),
    (Infinite, "without any real data it says so or needs none"),
    (Naming, "it names nobody"),
    (Telling, "it names nobody"),
    (Counting, "it names nobody"),
    (Pairing, "it names nobody"),
]
CHECKS = {check.demand: check for check in METRIC_CHECKS}


@pytest.fixture
def case() -> Iterator[Case]:
    yield sound()
    sound.cache_clear()  # one of these metrics spoils its data


@pytest.mark.parametrize("check", metric_checks(Size()), ids=str)
def test_a_sound_metric_keeps_every_demand(check: Check) -> None:
    check()


@pytest.mark.parametrize(("metric", "demand"), BROKEN, ids=lambda each: getattr(each, "__name__", "breaks"))
def test_a_broken_demand_is_caught_by_its_own_check(metric: type[Size], demand: str, case: Case) -> None:
    with pytest.raises(AssertionError):
        CHECKS[demand](metric(), case)


@pytest.mark.parametrize("oddity", ["no rows", "words where numbers were", "nothing in common"])
def test_a_metric_that_fails_on_odd_data_fails_its_check(oddity: str, case: Case) -> None:
    with pytest.raises((TypeError, ValueError, KeyError)):
        CHECKS[f"synthetic data with {oddity} gets a reading or a reason"](Failing(), case)


def test_a_metric_of_another_kind_of_data_is_tried_on_a_case_of_its_own() -> None:
    few = Case(Dataset.of({"k": [1, 2]}), holdout=Dataset.of({"k": [1]}))
    check = next(each for each in metric_checks(Size(), few) if each.demand.startswith("its value"))
    check()
    assert check.run.args[1] is few
