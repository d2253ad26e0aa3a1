"""Asks every question of the synthetic data and of unseen real data, side by side."""

import os
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
from threadpoolctl import threadpool_limits

from mintmark import catalog
from mintmark.data.dataset import Dataset
from mintmark.errors import DataError, InputError, MintmarkError, UnknownName
from mintmark.metrics import overlap, unlike
from mintmark.metrics.draws import joined
from mintmark.metrics.evidence import Evidence, Finding, NoEvidence, Reading
from mintmark.metrics.findings import Findings
from mintmark.metrics.metric import Case, Metric
from mintmark.metrics.unasked import less, unasked
from mintmark.seeds import Seed

PROFILES = ("quick", "default", "thorough")

CAP = 50_000
"""Most rows of any role that a metric sees."""
WHOLE_CAP = 250_000
"""The same, of synthetic rows for metrics to which all of them matter, and of training rows for those to which not all
matter."""


def profile(name: str) -> dict[str, Metric]:
    """The metrics of a profile, by name.

    `default` is all that are on the shelf, with their default parameters. A metric's class may say in `profiles` with
    which parameters it joins another profile, or None where it stays out of it. One that cannot be loaded, because its
    package is broken or lacks an extra, is left out, and `Findings.left_out` says why. UnknownName where there is no
    such profile.
    """
    if name not in PROFILES:
        raise UnknownName("profile", name, PROFILES)
    out: dict[str, Metric] = {}
    for metric in catalog.names("metrics"):
        with suppress(InputError):
            parameters = getattr(catalog.load("metrics", metric), "profiles", {}).get(name, {})
            if parameters is not None:
                out[metric] = catalog.build("metrics", metric, parameters)
    return out


def assay(
    case: Case,
    metrics: Mapping[str, Metric],
    *,
    seed: Seed,
    alike: Case | None = None,
    draws: Sequence[Dataset] = (),
    progress: Callable[[str, int, int], None] | None = None,
    workers: int | None = None,
) -> Findings:
    """One finding for each metric, in their order; a metric that fails becomes NoEvidence and stops nothing.

    The holdout is cut once in two: one half stands in the synthetic data's place (the ceiling), the other is what the
    synthetic data, the ceiling and the floor (real columns shuffled independently) are all compared with, at equal n
    but for the `whole` metrics, which see all synthetic rows.
    Each metric and role has a random stream of its own. Where the synthetic rows were made under conditions, `alike` is
    the case with real rows that meet them too: all metrics but the `whole` ones compare with those. `draws` are further
    synthetic datasets of the same sampler: each score is then the mean over all draws, and its interval holds their
    spread. `workers` metrics are asked at once, by default as many as there are processors; the answers are the same
    with any number. `progress` is told a metric that is being asked, how many are done, and how many there are; at the
    end, "all". What is on the shelf and was not asked is named in `left_out`.
    """
    case = _fresh(case)
    like = case if alike is None else _fresh(alike)
    told = [*_unlike(case, draws), *_overlap(case)]
    benches = {
        True: _bench(case, draws, told, seed.child("assay"), whole=True),
        False: _bench(like, draws, told, seed.child("assay"), whole=False),
    }
    if alike is not None:
        benches[False] = replace(benches[False], notes=(*benches[False].notes, _made_alike(alike)))

    def ask(name: str) -> Finding:
        return _finding(name, metrics[name], benches[metrics[name].whole], seed.child("assay", name))

    found = dict(_asked(ask, list(metrics), workers or os.cpu_count() or 1, progress or _silent))
    return Findings(tuple(found[name] for name in metrics), unasked(metrics, PROFILES))


def _asked(
    ask: Callable[[str], Finding], names: list[str], workers: int, progress: Callable[[str, int, int], None]
) -> Iterator[tuple[str, Finding]]:
    """Each name with its answer, in the order in which the answers come.

    Matrix products get one thread each: a sum must not depend on how many there are, and the metrics take the rest.
    Some libraries silence warnings for a while, which threads do to each other: afterwards all is as it was.
    """
    with warnings.catch_warnings(), threadpool_limits(1), ThreadPoolExecutor(workers) as pool:
        open_: dict[Future[Finding], str] = {pool.submit(ask, name): name for name in names}
        try:
            while open_:
                progress(next(iter(open_.values())), len(names) - len(open_), len(names))
                for future in wait(open_, return_when=FIRST_COMPLETED).done:
                    yield open_.pop(future), future.result()
        finally:
            pool.shutdown(cancel_futures=True)
    progress("all", len(names), len(names))


def _silent(what: str, done: int, total: int) -> None:
    """Nobody watches."""


@dataclass(frozen=True)
class _Bench:
    """The same case thrice, with different data under question."""

    synthetic: Case
    draws: tuple[Case, ...]
    ceiling: Case | None
    floor: Case | None
    notes: tuple[str, ...]


def _bench(case: Case, draws: Sequence[Dataset], told: Sequence[str], seed: Seed, *, whole: bool) -> _Bench:
    """`whole`: all synthetic rows count, and not only as many as stand at the ceiling."""
    if len(case.synthetic.tables) != 1:
        more = tuple(replace(case, synthetic=draw) for draw in draws)
        return _Bench(case, more, None, None, ("there is neither ceiling nor floor: there is more than one table",))
    top, rest, notes = _halves(case.holdout, seed.child("split").rng())
    notes += told
    n = min(len(case.synthetic), CAP, *([len(top)] if top is not None else []))
    train = case.train if whole else _at_most(case.train, WHOLE_CAP, seed.child("train"), "train", notes)
    against = replace(case, train=train, holdout=_at_most(rest, CAP, seed.child("reference"), "reference", notes))
    name, most = ("whole", WHOLE_CAP) if whole else ("synthetic", n)
    synthetic = _at_most(case.synthetic, most, seed.child(name), "synthetic", notes)
    further = [_at_most(draw, most, seed.child(name, place), "", []) for place, draw in enumerate(draws)]
    if len(synthetic) > n:
        notes.append(f"ceiling and floor stand on {n:,} rows each")
    ceiling = _at_most(top, n, seed.child("ceiling"), "", [])
    source = case.train if case.train is not None else top
    floor = _shuffled(source, n, seed.child("floor").rng()) if source is not None else None
    return _Bench(
        synthetic=replace(against, synthetic=synthetic),
        draws=tuple(replace(against, synthetic=each) for each in further),
        ceiling=replace(against, synthetic=ceiling) if ceiling is not None else None,
        floor=replace(against, synthetic=floor) if floor is not None else None,
        notes=tuple(notes),
    )


def _fresh(case: Case) -> Case:
    """The same data without what was worked out of it before: that memory is this assay's own, and ends with it."""
    train, holdout = (None if each is None else replace(each) for each in (case.train, case.holdout))
    return replace(case, synthetic=replace(case.synthetic), train=train, holdout=holdout)


def _made_alike(alike: Case) -> str:
    if alike.holdout is None:
        return "no unseen real rows meet the recipe's conditions"
    return f"compared with the {len(alike.holdout):,} unseen real rows that meet the recipe's conditions"


def _halves(holdout: Dataset | None, rng: np.random.Generator) -> tuple[Dataset | None, Dataset | None, list[str]]:
    if holdout is None:
        return None, None, ["there is no ceiling: there is no real data that the generator did not see"]
    try:
        rest, top = holdout.split(0.5, rng=rng)
    except DataError as error:
        return None, holdout, [f"there is no ceiling: the holdout cannot be cut in two ({error.wrong})"]
    return top, rest, []


def _unlike(case: Case, draws: Sequence[Dataset]) -> list[str]:
    """Which columns no score compares, of any draw."""
    real = case.holdout if case.holdout is not None else case.train
    made = [case.synthetic, *draws]
    if real is None or any(len(data.tables) != 1 for data in (real, *made)):
        return []
    return list(dict.fromkeys(note for each in made for note in unlike.notes(each, real)))


def _overlap(case: Case) -> list[str]:
    """What training data and holdout share; of more than one table, nothing is said yet."""
    if case.train is None or case.holdout is None or len(case.train.tables) != 1 or len(case.holdout.tables) != 1:
        return []
    return overlap.notes(case.train, case.holdout)


def _at_most(data: Any, cap: int, seed: Seed, role: str, notes: list[str]) -> Any:
    """A random subset in the old order; what was left out is noted."""
    if data is None or len(data) <= cap:
        return data
    if role:
        notes.append(f"{role}: {cap:,} of {len(data):,} rows, drawn at random")
    return data.select(np.sort(seed.rng().permutation(len(data))[:cap]))


def _shuffled(source: Dataset, n: int, rng: np.random.Generator) -> Dataset:
    """Each column drawn on its own from the real rows: every marginal is right, and nothing else."""
    count = len(source)
    columns = [
        source.table[name].take(pa.array(rng.permutation(count)[:n] if count >= n else rng.integers(count, size=n)))
        for name in source.columns.names
    ]
    table = pa.table(columns, schema=source.table.schema)
    return Dataset(source.schema, {source.name: table}, source.assets)


def _finding(name: str, metric: Metric, bench: _Bench, seed: Seed) -> Finding:
    reading = _reading(metric, bench.synthetic, seed.child("synthetic"))
    if isinstance(reading, str):
        return NoEvidence(name, metric.claim, reading)
    if bench.draws:
        further = [_reading(metric, draw, seed.child("draw", place)) for place, draw in enumerate(bench.draws)]
        why = next((answer for answer in further if isinstance(answer, str)), None)
        if why is not None:
            return NoEvidence(name, metric.claim, f"not every draw can be measured: {why}")
        reading = joined([reading, *further])
    ceiling = _reading(metric, bench.ceiling, seed.child("ceiling"))
    floor = _reading(metric, bench.floor, seed.child("floor"))
    missing = [f"there is no {role}: {why}" for role, why in (("ceiling", ceiling), ("floor", floor)) if _is_why(why)]
    return Evidence(
        name,
        metric.claim,
        metric.better,
        reading,
        ceiling=None if isinstance(ceiling, str) else ceiling,
        floor=None if isinstance(floor, str) else floor,
        notes=(*bench.notes, *missing, *less(metric, PROFILES[-1])),
    )


def _is_why(answer: Reading | str | None) -> bool:
    return isinstance(answer, str)


def _reading(metric: Metric, case: Case | None, seed: Seed) -> Any:
    """A reading, the reason why there is none, or None where there is no case to put it to."""
    if case is None:
        return None
    try:
        return metric.measure(case, rng=seed.rng())
    except MintmarkError as error:
        return str(error)
    except Exception as error:  # noqa: BLE001  # one broken metric may not cost the others, and is never silent
        return f"failed: {type(error).__name__}: {error}"
