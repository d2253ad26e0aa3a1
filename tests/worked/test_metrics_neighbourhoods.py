"""Neighbourhoods by hand, the mean that chance gives them, and planted holes and copies that must be named."""

import tracemalloc

import numpy as np
import pytest

from mintmark.data.dataset import Dataset
from mintmark.metrics import balls, support
from mintmark.metrics.coverage.beta_recall import BetaRecall
from mintmark.metrics.coverage.holes import Holes
from mintmark.metrics.coverage.neighbours import Neighbours
from mintmark.metrics.coverage.recall import Recall
from mintmark.metrics.evidence import Reading
from mintmark.metrics.fidelity.alpha_precision import AlphaPrecision
from mintmark.metrics.fidelity.density import Density
from mintmark.metrics.fidelity.precision import Precision
from mintmark.metrics.metric import Case, Metric
from mintmark.metrics.privacy.authenticity import Authenticity, authentic
from mintmark.seeds import Seed


def points(*places: float) -> balls.Points:
    return np.array(places, dtype=np.float32)[:, None]


def measure(metric: Metric, synthetic: Dataset, real: Dataset) -> Reading:
    return metric.measure(Case(synthetic, train=real, holdout=real), rng=Seed(1).rng())


def test_balls_reach_to_the_kth_neighbour() -> None:
    line = points(0, 1, 3, 7)
    assert balls.radii(line, 1) == pytest.approx([1, 1, 4, 16], abs=1e-5)
    assert balls.radii(line, 2) == pytest.approx([9, 4, 9, 36], abs=1e-5)
    assert balls.radii(line, 1, of=np.array([3, 1])) == pytest.approx([16, 1], abs=1e-5)


def test_points_are_counted_in_balls_and_find_their_nearest() -> None:
    line = points(0, 1, 3, 7)
    held = balls.balls_holding(points(0.5, 5, 11.5, -1), line, balls.radii(line, 1))
    assert held.tolist() == [2, 2, 0, 1]
    place, squares = balls.nearest(points(0.4, 5.5), line)
    assert place.tolist() == [0, 3]
    assert squares == pytest.approx([0.16, 2.25], abs=1e-5)


def test_many_points_are_looked_at_in_blocks_and_none_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    cloud = rng.normal(size=(500, 3)).astype(np.float32)
    whole = balls.radii(cloud, 5)
    monkeypatch.setattr(balls, "BLOCK", 1700)
    assert np.allclose(balls.radii(cloud, 5), whole)
    distances = np.sort(((cloud[:, None] - cloud) ** 2).sum(axis=2), axis=1)
    assert np.allclose(whole, distances[:, 5], atol=1e-4)


def test_all_pairs_are_never_held_at_once() -> None:
    """4,000 × 4,000 distances take 64 MB, a block of them 8."""
    cloud = np.random.default_rng(0).normal(size=(4000, 20)).astype(np.float32)
    tracemalloc.start()
    reach = balls.radii(cloud, 5)
    balls.balls_holding(cloud, cloud, reach)
    balls.nearest(cloud, cloud)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 40e6


def test_chance_gives_density_1_and_a_known_share_of_neighbourhoods() -> None:
    """1 − ∏ (N − i)/(M + N − i) is 0.970 for N = M = 300 and k = 5 (Naeem et al. 2020)."""
    assert balls.by_chance(300, 300, 5) == pytest.approx(0.970, abs=5e-4)
    rng = np.random.default_rng(1)
    density, covered = [], []
    for _ in range(200):
        real, made = (rng.normal(size=(300, 4)).astype(np.float32) for _ in range(2))
        reach = balls.radii(real, 5)
        density.append(balls.balls_holding(made, real, reach).mean() / 5)
        covered.append((balls.nearest(real, made)[1] <= reach).mean())
    assert abs(np.mean(density) - 1) < 4 * np.std(density) / np.sqrt(200)
    assert abs(np.mean(covered) - balls.by_chance(300, 300, 5)) < 4 * np.std(covered) / np.sqrt(200)


def people(n: int, seed: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    age = rng.uniform(20, 80, n)
    return {
        "age": age,
        "wage": age + rng.normal(0, 5, n),
        "town": rng.choice(["north", "south", "isle"], n, p=[0.5, 0.4, 0.1]),
    }


REAL = Dataset.of(people(1500, 1))
FRESH = Dataset.of(people(1500, 2))


def test_rows_beside_reality_lack_precision_and_rows_of_a_part_of_it_lack_recall() -> None:
    strange, part = people(1500, 3), people(6000, 3)
    strange["wage"] = 100 - strange["wage"]
    young = {name: values[part["age"] < 40][:1500] for name, values in part.items()}
    for metric, bad, good in (
        (Precision(), Dataset.of(strange), Dataset.of(young)),
        (Density(), Dataset.of(strange), Dataset.of(young)),
        (Recall(), Dataset.of(young), FRESH),
        (Neighbours(), Dataset.of(young), FRESH),
    ):
        assert measure(metric, good, REAL).interval[0] > 0.85
        assert measure(metric, bad, REAL).interval[1] < 0.7


def test_collapse_onto_a_few_rows_is_dense_and_covers_nothing() -> None:
    few = {name: np.tile(values[:15], 100) for name, values in people(1500, 4).items()}
    assert measure(Precision(), Dataset.of(few), REAL).value > 0.85
    assert measure(Neighbours(), Dataset.of(few), REAL).value < 0.1


def test_a_planted_hole_is_found_and_described() -> None:
    rows = people(2500, 5)
    kept = ~((rows["town"] == "isle") & (rows["age"] > 50))
    made = Dataset.of({name: values[kept][:1500] for name, values in rows.items()})
    reading = measure(Holes(), made, REAL)
    assert reading.interval[0] > 0.02
    assert "town: isle" in reading.details["slices"][0]["slice"]
    assert "age: " in reading.details["slices"][0]["slice"]
    assert reading.details["slices"][0]["in_holes"] > 0.9
    assert all(each["real_rows"] >= 10 for each in reading.details["slices"])


def test_fresh_rows_leave_no_hole_that_could_be_described() -> None:
    reading = measure(Holes(), FRESH, REAL)
    assert reading.value < 0.01
    assert reading.details["slices"] == []
    assert reading.details["by_chance"] == pytest.approx(2**-10, rel=0.05)


def test_a_hole_of_a_few_people_is_counted_and_not_described() -> None:
    """Nine people of one town are missing: to name them would point at persons."""
    real, made = people(1500, 1), people(1500, 2)
    real["town"] = np.where(np.arange(1500) < 9, "moon", real["town"])
    reading = Holes(neighbours=5).measure(
        Case(Dataset.of(made), holdout=Dataset.of(real)), rng=Seed(1).rng()
    )  # fmt: skip
    assert "moon" not in str(reading.details)


def test_authenticity_looks_up_the_distances_of_the_real_row_in_question() -> None:
    """The second synthetic row is at 10.5, its nearest original at 10, whose own nearest lies 7 away: a noisy copy.

    Looked up under the number of the synthetic row (1), the distance would be that of the original at 1: 1.
    """
    originals, made = points(0, 1, 3, 10), points(4.9, 12)
    assert authentic(made, originals).tolist() == [False, False]
    assert authentic(points(1.4, 20, 5.5), originals).tolist() == [False, True, True]


def test_copies_are_never_authentic_whichever_training_rows_they_repeat() -> None:
    picked = np.random.default_rng(0).integers(0, 1500, 500)
    copies = REAL.select(picked)
    assert measure(Authenticity(), copies, REAL).value == 0


def test_fresh_rows_on_a_line_are_copies_as_often_as_two_points_are_each_others_nearest() -> None:
    """Two of three points of a Poisson process on a line are (Clark & Evans 1955)."""
    rng = np.random.default_rng(2)
    found = [authentic(rng.random((200, 1)).astype("f4"), rng.random((200, 1)).astype("f4")).mean() for _ in range(300)]
    assert abs(np.mean(found) - 1 / 3) < 4 * np.std(found) / np.sqrt(300) + 1 / 200


def test_supports_hold_their_share_and_a_narrow_cloud_is_too_typical() -> None:
    rng = np.random.default_rng(3)
    cloud = rng.normal(size=(1000, 3)).astype(np.float32)
    oddity = support.oddity(cloud, cloud)
    assert np.sort(oddity) == pytest.approx(np.arange(1000) / 1000)
    assert support.agreement(support.curve(oddity)) == pytest.approx(1, abs=0.01)
    narrow = support.curve(support.oddity(cloud * 0.1, cloud))
    assert support.agreement(narrow) < 0.1
    assert support.agreement(np.array([np.ones(30), np.zeros(30)])) == pytest.approx(0)


def test_typical_rows_only_lack_alpha_precision_and_beta_recall() -> None:
    rows = people(9000, 6)
    middle = np.abs(rows["age"] - 50) < 12
    made = Dataset.of({name: values[middle][:1500] for name, values in rows.items()})
    for metric in (AlphaPrecision(), BetaRecall()):
        assert measure(metric, FRESH, REAL).value > 0.9
        assert measure(metric, made, REAL).interval[1] < 0.88
    assert measure(AlphaPrecision(), made, REAL).details["mean_oddity"] < 0.47
