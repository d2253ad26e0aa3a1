"""The contract that every metric keeps: what its class says, what its readings hold, and whom they never name."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from mintmark import catalog
from mintmark.data.dataset import Dataset
from mintmark.errors import CannotMeasure
from mintmark.metrics.assay import PROFILES
from mintmark.metrics.cells import COUNTED
from mintmark.metrics.evidence import Claim, Reading
from mintmark.metrics.metric import Case, Metric, Role
from mintmark.seeds import Seed
from mintmark.testing import people
from mintmark.testing.check import Check, must

LARGEST = 100_000
"""Characters of a reading's details as JSON."""
ODD_REAL = ("one row", "an all-missing category", "infinities", "one class")
OF_REAL_ROWS = re.compile(r"real_(rows|count)|(^|_)(people|members|persons|holders)$")
"""Details under such a name count real people."""


def metric_checks(metric: Metric, case: Case | None = None) -> list[Check]:
    """All that is demanded of a metric, to be called one by one; a broken demand raises AssertionError.

    For pytest: `@pytest.mark.parametrize("check", metric_checks(MyMetric()), ids=str)` above `def test_contract(check):
    check()`. The data are invented people (`people.sound`); give a `case` of your own where these say nothing to the
    metric. Odd data and persons who must not be named are of the invented people still: there it may give a reason.
    """
    return [check.of(metric, case or people.sound()) for check in METRIC_CHECKS]


def measure(metric: Metric, case: Case, seed: int = 5) -> Reading:
    """The reading under a seed."""
    return metric.measure(case, rng=Seed(seed).rng())


def answered(metric: Metric, case: Case) -> None:
    """AssertionError where there is neither a sound reading nor a reason."""
    try:
        reading = measure(metric, case)
    except CannotMeasure as error:
        must(bool(error.wrong), "CannotMeasure gives no reason")
        return
    _sound(reading)


def _says_what_it_is(metric: Metric, _: Case) -> None:
    must(metric.claim in Claim, "`claim` is none of Claim", metric.claim)
    must(metric.better in ("lower", "higher"), "`better` is neither lower nor higher", metric.better)
    must(isinstance(metric.whole, bool), "`whole` is neither True nor False", metric.whole)
    must(Role.SYNTHETIC in metric.needs, "`needs` lacks Role.SYNTHETIC", metric.needs)
    must(
        (type(metric).__doc__ or "").count("\n") >= 3, "its docstring does not tell who asks, what is measured and how"
    )


def _joins_known_profiles(metric: Metric, _: Case) -> None:
    profiles: Mapping[str, Mapping[str, Any] | None] = getattr(metric, "profiles", {})
    must(set(profiles) <= set(PROFILES), f"`profiles` names others than {', '.join(PROFILES)}", list(profiles))
    for parameters in profiles.values():
        type(metric)(**(parameters or {}))


def _is_its_parameters(metric: Metric, _: Case) -> None:
    again = type(metric)(**catalog.parameters(metric))
    must(again == metric, "made again from its own parameters it is another one", again)


def _reads_soundly(metric: Metric, case: Case) -> None:
    reading = measure(metric, case)
    _sound(reading)
    must(reading.n > 0, "a reading stands on no rows", reading.n)
    size = len(json.dumps(dict(reading.details)))
    must(size < LARGEST, f"details are longer than {LARGEST:,} characters", size)


def _sound(reading: Reading) -> None:
    numbers = [reading.value, *reading.interval]
    must(bool(np.isfinite(numbers).all()), "a value or an interval is not finite: raise CannotMeasure", numbers)
    try:
        json.dumps(dict(reading.details), allow_nan=False)
    except (TypeError, ValueError) as error:
        raise AssertionError(f"details are no plain JSON: {error}") from error


def _repeats_itself(metric: Metric, case: Case) -> None:
    same = measure(metric, case) == measure(metric, case)
    must(same, "the same seed gives another reading: draw from `rng` alone")


def _leaves_data_alone(metric: Metric, case: Case) -> None:
    parts = [data for data in (case.synthetic, case.train, case.holdout) if data]
    before = [data.digest for data in parts]
    measure(metric, case)
    must([Dataset(data.schema, data.tables).digest for data in parts] == before, "it changes the data that it is shown")


def _misses_what_it_needs(metric: Metric, case: Case, role: Role) -> None:
    without = _in(case, role, None)
    if role not in metric.needs:
        measure(metric, without)
        return
    try:
        found = measure(metric, without)
    except CannotMeasure:
        return
    raise AssertionError(f"it needs {role}, and answers without: {found.value}")


def _stands_alone(metric: Metric, case: Case) -> None:
    answered(metric, replace(case, train=None, holdout=None))


def _stands_odd_data(metric: Metric, _: Case, role: Role, oddity: str) -> None:
    answered(metric, _in(people.sound(), role, people.odd(oddity)))


def _in(case: Case, role: Role, data: Dataset | None) -> Case:
    """The case with other data in a role."""
    part: dict[str, Any] = {str(role): data}
    return replace(case, **part)


def _names_nobody(metric: Metric, _: Case) -> None:
    """Details, and reasons too, are released with the evidence."""
    try:
        details: Any = dict(measure(metric, people.betraying()).details)
    except CannotMeasure as error:
        details = {"reason": str(error)}
    for key, value in _leaves(details):
        told = str(value)
        must(people.ONLY_HERE not in told, "it names a level that one real person has", told)
        must(str(people.ONLY_DEBT) not in told, "it tells a number that one real person has", told)
        if isinstance(value, str):
            rooms = re.search(rf"(?<![\d.]){people.ONLY_ROOMS}(?![\d.])", told)
            must(rooms is None, "it tells a number that one real person has", told)
            few = all(re.search(rf"\b{level}\b", told) for level in people.FEW)
            must(not few, "it names what three real people alone have together", told)
        elif isinstance(value, int) and OF_REAL_ROWS.search(key):
            must(not 0 < value < COUNTED, f"it counts fewer than {COUNTED} real people exactly", {key: value})


def _leaves(details: Any, key: str = "") -> Iterator[tuple[str, Any]]:
    """Every value in JSON with its name; names of a mapping are values too."""
    if isinstance(details, Mapping):
        for name, value in details.items():
            yield "", str(name)
            yield from _leaves(value, str(name))
    elif isinstance(details, list | tuple):
        for value in details:
            yield from _leaves(value, key)
    elif details is not None:
        yield key, details


def _all() -> Iterator[Check]:
    yield Check("its class says what it is about", _says_what_it_is)
    yield Check("it joins profiles that exist", _joins_known_profiles)
    yield Check("its fields are its parameters", _is_its_parameters)
    yield Check("its value lies in a finite interval and its details are small JSON", _reads_soundly)
    yield Check("the same seed gives the same reading", _repeats_itself)
    yield Check("it leaves its data alone", _leaves_data_alone)
    yield Check("it names nobody", _names_nobody)
    yield Check("without any real data it says so or needs none", _stands_alone)
    for role in (Role.TRAIN, Role.HOLDOUT):
        yield Check(f"without {role} it says so or needs none", partial(_misses_what_it_needs, role=role))
    for oddity in people.ODD:
        run = partial(_stands_odd_data, role=Role.SYNTHETIC, oddity=oddity)
        yield Check(f"synthetic data with {oddity} gets a reading or a reason", run)
    for role in (Role.TRAIN, Role.HOLDOUT):
        for oddity in ODD_REAL:
            run = partial(_stands_odd_data, role=role, oddity=oddity)
            yield Check(f"{role} with {oddity} gets a reading or a reason", run)


METRIC_CHECKS: tuple[Check, ...] = tuple(_all())
"""Every demand, each to be called with a metric and a case that it can answer."""
