"""Attacks with control and baseline: small tables whose answers are known by hand."""

import json
import math
import re
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from mintmark import catalog
from mintmark.data.dataset import Dataset
from mintmark.errors import CannotMeasure
from mintmark.metrics.closest import closest
from mintmark.metrics.evidence import Claim, Evidence, Reading
from mintmark.metrics.metric import Case, Metric
from mintmark.metrics.privacy import trial
from mintmark.metrics.privacy.attributes import Attributes
from mintmark.metrics.privacy.audit import Audit, at_least
from mintmark.metrics.privacy.distance import Distance
from mintmark.metrics.privacy.linkability import Linkability
from mintmark.metrics.privacy.near_copies import NearCopies
from mintmark.metrics.privacy.people import People
from mintmark.metrics.privacy.people_in_words import about, beyond_chance
from mintmark.metrics.privacy.search import Index
from mintmark.metrics.privacy.singling_out import SinglingOut
from mintmark.metrics.privacy.uniqueness import Uniqueness
from mintmark.report import words
from mintmark.seeds import Seed
from mintmark.words import canaries


def measure(metric: Metric, synthetic: Dataset, train: Dataset, holdout: Dataset, *sensitive: str) -> Reading:
    return metric.measure(Case(synthetic, train, holdout, sensitive=sensitive), rng=Seed(1).rng())


def numbers(n: int, seed: int, columns: int = 4) -> Dataset:
    rng = np.random.default_rng(seed)
    return Dataset.of({f"x{place}": rng.normal(size=n) for place in range(columns)})


TRAIN, HOLDOUT = numbers(300, 1), numbers(100, 2)


def test_exact_copies_score_worst_on_distance_and_the_null_is_the_share_of_training_rows() -> None:
    reading = measure(Distance(), TRAIN, TRAIN, HOLDOUT)
    assert reading.value == 1
    assert reading.details["null"] == 0.75
    assert reading.details["share"] == 1
    assert reading.details["effective_rows"] == 300
    assert measure(Distance(), HOLDOUT, TRAIN, HOLDOUT).value == pytest.approx(-0.75 / 0.25)


def test_one_synthetic_row_is_too_few_and_thirty_of_its_copies_say_almost_nothing() -> None:
    with pytest.raises(CannotMeasure, match="at least 30 rows"):
        measure(Distance(), TRAIN.select(np.array([0])), TRAIN, HOLDOUT)
    low, high = measure(Distance(), TRAIN.select(np.zeros(30, dtype=int)), TRAIN, HOLDOUT).details["share_interval"]
    assert low == pytest.approx(0.025)
    assert high == 1


def test_a_hundred_rows_at_one_place_are_one_draw() -> None:
    crowd = TRAIN.select(np.zeros(100, dtype=int))
    assert measure(Distance(), crowd, TRAIN, HOLDOUT).details["effective_rows"] == 1


def test_rows_that_are_all_alike_point_to_neither_side() -> None:
    same = Dataset.of({"a": ["x"] * 100})
    low, high = measure(Distance(), same, same, same).interval
    assert low <= 0 <= high


def test_a_good_distance_is_called_no_evidence() -> None:
    assert "no evidence of privacy" in measure(Distance(), numbers(200, 3), TRAIN, HOLDOUT).details["is"]


def triples(*differing: int) -> Dataset:
    """Rows (i, i, i) of thirty levels, of which so many columns are those of the next rows."""
    rows = [[f"{(k + max(0, place + off - 2)) % 30}" for place in range(3)] for k, off in enumerate(differing)]
    return Dataset.of(dict(zip("abc", map(list, zip(*rows, strict=True)), strict=True)))


def test_near_copies_are_those_nearer_than_the_nearest_hundredth_of_fresh_rows() -> None:
    """One fresh row in a hundred differs in one column, the others in two; of the synthetic rows every second one."""
    train, fresh, made = triples(*[0] * 120), triples(1, *[2] * 99), triples(*[1, 2] * 30)
    reading = measure(NearCopies(), made, train, fresh)
    assert reading.details["radius"] == pytest.approx(math.sqrt(1 / 6), rel=1e-4)
    assert reading.details["share_of_fresh_rows"] == 0.01
    assert reading.value == pytest.approx(0.5 - 0.01)


def test_copies_are_near_copies() -> None:
    reading = measure(NearCopies(), TRAIN, TRAIN, HOLDOUT)
    assert reading.value == pytest.approx(0.99)
    assert reading.details["median_distance"] == 0


def coins(n: int, seed: int) -> Dataset:
    """A secret that nothing tells, beside what makes people known."""
    rng = np.random.default_rng(seed)
    return Dataset.of(
        {"x": rng.normal(size=n), "y": rng.normal(size=n), "secret": rng.choice(["yes", "no"], n, p=[0.6, 0.4])}
    )


def test_a_secret_of_copied_people_is_read_off_and_that_of_others_guessed() -> None:
    train, holdout = coins(400, 1), coins(400, 2)
    reading = measure(Attributes(), train, train, holdout, "secret")
    found = reading.details["secrets"]["secret, by the nearest row"]
    assert found["success"] == 1
    assert found["control"] == pytest.approx(0.52, abs=0.08)
    assert found["naive"] == pytest.approx(0.6, abs=0.08)
    assert reading.value == found["success"] - found["control"]
    assert found["risk"] == 1


def test_what_can_be_learnt_about_anybody_is_no_leak() -> None:
    def smokers(seed: int) -> Dataset:
        rng = np.random.default_rng(seed)
        smoker = rng.random(1000) < 0.5
        return Dataset.of({"smoker": smoker, "ill": smoker ^ (rng.random(1000) < 0.05)})

    reading = measure(Attributes(), smokers(1), smokers(2), smokers(3), "ill")
    found = reading.details["secrets"]["ill, by the nearest row"]
    assert found["success"] > 0.9
    assert found["better_than_naive"]
    assert reading.interval[0] <= 0 <= reading.interval[1]


def test_a_model_finds_what_the_nearest_row_hides() -> None:
    """Twenty columns of noise drown the one that tells the secret, for a distance and not for trees."""

    def noisy(seed: int) -> Dataset:
        rng = np.random.default_rng(seed)
        told = rng.normal(size=800)
        noise = {f"n{place}": rng.normal(size=800) for place in range(20)}
        return Dataset.of({"told": told, **noise, "secret": np.where(told > 0, "yes", "no")})

    secrets = measure(Attributes(models=True), noisy(1), noisy(2), noisy(3), "secret").details["secrets"]
    assert secrets["secret, by a model"]["control"] > 0.95
    assert secrets["secret, by the nearest row"]["control"] < 0.85


def test_a_quantity_is_guessed_right_where_few_people_lie_between() -> None:
    train, holdout = numbers(400, 5), numbers(400, 6)
    found = measure(Attributes(), train, train, holdout).details["secrets"]
    assert set(found) == {f"x{place}, by the nearest row" for place in range(4)}
    assert all(each["success"] == 1 for each in found.values())
    assert all(each["control"] < 0.15 for each in found.values())


def test_the_worst_of_several_is_corrected_for_the_choice() -> None:
    outcomes = {str(place): trial.Outcome(50 + place, 100, 50, 100, 0.0) for place in range(5)}
    name, value, (low, high), level = trial.worst(outcomes)
    assert (name, value, level) == ("4", pytest.approx(0.04), pytest.approx(0.99))
    assert high - low > np.diff(outcomes["4"].interval())[0]


def test_copied_people_are_linked_and_others_are_not() -> None:
    reading = measure(Linkability(), TRAIN, TRAIN, HOLDOUT)
    assert reading.details["success"] == 1
    assert reading.details["control"] < 0.2
    assert sorted(map(len, reading.details["halves"])) == [2, 2]


def test_one_column_links_nothing() -> None:
    one = numbers(200, 1, columns=1)
    with pytest.raises(CannotMeasure, match="nothing to link"):
        measure(Linkability(), one, one, one)


def test_descriptions_of_copies_fit_exactly_one_person() -> None:
    train, holdout = numbers(1000, 1, columns=6), numbers(1000, 2, columns=6)
    reading = measure(SinglingOut(), train, train, holdout)
    assert reading.details["success"] == 1
    assert reading.details["control"] < 0.05
    assert reading.details["naive"] < 0.05
    assert reading.details["univariate"] == {"success": 1.0, "control": 0.0, "values": 6000}


def test_where_everybody_is_alike_nobody_can_be_described_alone() -> None:
    same = Dataset.of({"sex": ["f", "m"] * 100, "grade": ["a", "a", "b", "b"] * 50})
    with pytest.raises(CannotMeasure, match="hardly any synthetic row"):
        measure(SinglingOut(), same, same, same)


def test_people_who_are_one_of_a_kind_are_counted() -> None:
    """Forty of a hundred training people have a town of their own; twelve of these towns stand in the release."""

    def towns(own: int, prefix: str) -> Dataset:
        return Dataset.of({"town": [f"{prefix}{n}" for n in range(own)] + ["large"] * (100 - own), "sex": ["f"] * 100})

    train, fresh = towns(40, "a"), towns(30, "b")
    made = Dataset.of({"town": [f"a{n}" for n in range(12)] + ["large"] * 88, "sex": ["f"] * 100})
    reading = measure(Uniqueness(), made, train, fresh, "town")
    assert reading.value == pytest.approx(0.12)
    assert reading.details["one_of_a_kind"] == {"people": 40, "share": 0.4}
    assert reading.details["one_of_a_kind_and_released"] == {"people": 12, "share": 0.12}
    assert reading.details["synthetic_rows_by_people_who_share_their_facts"] == {
        "none": 0.0, "1": 0.12, "2 to 4": 0.0, "5 to 9": 0.0, "10 and more": 0.88,
    }  # fmt: skip


def test_counts_of_few_people_are_not_told() -> None:
    train = Dataset.of({"town": ["a1", "a2", "a3"] + ["large"] * 97})
    fresh = Dataset.of({"town": ["large"] * 100})
    reading = measure(Uniqueness(), train, train, fresh, "town")
    assert reading.details["one_of_a_kind_and_released"]["people"] == "under 10"
    assert "fewer than 10" in reading.details["words"]
    assert "a1" not in json.dumps(dict(reading.details))


def test_ninety_of_a_hundred_right_guesses_prove_an_epsilon_of_1_63() -> None:
    assert at_least(90, 100) == pytest.approx(1.63, abs=0.005)


@pytest.mark.parametrize(("right", "guesses"), [(90, 100), (600, 1000), (20, 20)])
def test_the_proved_epsilon_is_the_largest_that_the_guesses_refute(right: int, guesses: int) -> None:
    epsilon = at_least(right, guesses)
    share = math.exp(epsilon) / (1 + math.exp(epsilon))
    assert stats.binom.sf(right - 1, guesses, share) == pytest.approx(0.05, abs=1e-6)


@pytest.mark.parametrize("right", [0, 40, 55])
def test_guesses_like_a_coin_prove_nothing(right: int) -> None:
    assert at_least(right, 100) == 0


def test_an_audit_calls_its_bound_a_lower_one_and_stays_below_what_can_be_proved() -> None:
    reading = measure(Audit(), TRAIN, TRAIN, numbers(300, 9))
    assert 1 < reading.value <= reading.details["provable"]
    assert reading.interval[0] == reading.value
    assert "lower bound" in reading.details["is"]


def owned(n: int, seed: int, start: int) -> Dataset:
    """Each person has four rows around a point of their own."""
    rng = np.random.default_rng(seed)
    centre = rng.normal(size=(n, 4)).repeat(4, axis=0) + 0.2 * rng.normal(size=(4 * n, 4))
    data = Dataset.of(
        {"who": [f"p{k}" for k in np.arange(start, start + n).repeat(4)], **dict(zip("abcd", centre.T, strict=True))}
    )
    return Dataset.of(data.table, schema=replace(data.columns, group="who"))


def written(n: int, seed: int) -> Dataset:
    """Texts of twelve words each; no two share a run of eight."""
    drawn = np.random.default_rng(seed).integers(0, 5_000, (n, 12))
    return Dataset.of({"text": [" ".join(f"w{code}" for code in row) for row in drawn]})


def test_people_are_attacked_by_all_their_rows_and_counted_once() -> None:
    train, holdout = owned(500, 1, 0), owned(500, 2, 1000)
    one_row_of_each = train.select(np.arange(0, 2000, 4))
    reading = measure(People(), one_row_of_each, train, holdout)
    assert reading.n == 1000
    assert reading.details["rows"] == {"members": 2000, "others": 2000}
    assert reading.value > 0.9


def test_people_on_both_sides_are_targets_of_neither() -> None:
    train, holdout = owned(100, 1, 0), owned(100, 2, 40)
    with pytest.raises(CannotMeasure, match="at least 50 of each kind"):
        measure(People(), train, train, holdout)
    assert measure(People(minimum=30), train, train, holdout).details["people"] == {"members": 40, "others": 40}


def test_without_a_group_there_are_no_people() -> None:
    with pytest.raises(CannotMeasure, match="whose row it is"):
        measure(People(), TRAIN, TRAIN, HOLDOUT)


def test_the_report_says_what_an_attacker_learns() -> None:
    reading = measure(Linkability(), TRAIN, TRAIN, HOLDOUT)
    told = words.meaning(Evidence("privacy.linkability", Claim.PRIVACY, "lower", reading))
    assert told.startswith("Two tables that hold different facts about the same person can be joined")
    assert "100.0 of 100 people" in told
    assert "Of 300 people, having been in the data links about 300 (at worst about 300)." in told


def test_an_excess_that_chance_may_explain_is_not_told_as_a_number_of_people() -> None:
    """An attack that does 2.4 points better on members, give or take seven, has found nobody."""
    assert beyond_chance(0.024, (-0.02, 0.07), 24_421) == "no more than chance explains (at worst about 1,700)"
    assert beyond_chance(0.024, (0.01, 0.07), 24_421) == "about 590 (at worst about 1,700)"
    fresh = measure(Linkability(), numbers(300, 10), TRAIN, HOLDOUT).details["words"]
    assert "having been in the data links no more than chance explains (at worst" in fresh


@pytest.mark.parametrize("name", [name for name in catalog.names("metrics") if name.startswith("privacy.")])
def test_every_question_of_privacy_is_answered_in_words_that_tell_no_small_number_of_people(name: str) -> None:
    of_texts = name in ("privacy.memorised", "privacy.canaries")
    train, holdout = (written(1600, seed) if of_texts else owned(400, seed, 1000 * seed) for seed in (1, 2))
    train = canaries.plant(train, "text", rng=np.random.default_rng(3)) if name == "privacy.canaries" else train
    reading = measure(catalog.build("metrics", name, {}), train.select(np.arange(0, 1600, 2)), train, holdout)
    told = reading.details["words"]
    assert told.endswith(".")
    assert told == words.meaning(Evidence(name, Claim.PRIVACY, "lower", reading))
    assert re.search("people|person|record", told)
    assert not re.search(r"about \d (people|of)", told)


@pytest.mark.parametrize(
    ("share", "of", "told"),
    [(0.0, 50, "fewer than 10"), (0.1, 99, "fewer than 10"), (0.1, 100, "about 10"), (0.0149, 24_421, "about 360"),
     (-0.2, 1_000, "fewer than 10"), (0.63, 700_000, "about 440,000")],
)  # fmt: skip
def test_shares_of_people_are_told_as_round_numbers(share: float, of: int, told: str) -> None:
    assert about(share, of) == told


def test_the_neighbours_that_are_found_are_the_nearest_and_copies_are_always_found() -> None:
    """Copies lie in the cell of their own point; of other rows nearly all nearest ones lie in the cells around."""
    pool, fresh = (np.random.default_rng(seed).normal(size=(n, 5)) for seed, n in ((1, 20_000), (2, 500)))
    index = Index.of(pool, lambda rows: rows.astype(np.float32), Seed(1).rng(), queries=1_000)
    assert len(index.centres) > 50
    assert index.near(pool[:500].astype(np.float32), 0.1).distance.max() == 0
    found = index.near(fresh.astype(np.float32), 0.1).distance
    true = closest(fresh.astype(np.float32), pool.astype(np.float32))[0]
    assert (found >= true - 1e-5).all()
    assert (found <= true + 1e-5).mean() > 0.8


def test_copies_are_found_where_most_rows_crowd_into_few_cells() -> None:
    """In many columns of long tails a few rows are nearest to most others: their cells are searched to the end."""
    rng = np.random.default_rng(0)
    pool = rng.lognormal(0, 1.5, (9000, 120)).astype(np.float32).astype(np.float64)
    index = Index.of(pool, lambda rows: rows.astype(np.float32), rng, queries=9000)
    assert np.diff(index.starts).max() > 5 * len(pool) / len(index.centres)
    assert np.all(index.near(pool.astype(np.float32), 1.0).distance == 0)


def test_rows_that_stand_many_times_are_searched_once_and_counted_as_often() -> None:
    rng = np.random.default_rng(1)
    points = rng.normal(size=(300, 3)).astype(np.float32).astype(np.float64)
    often = np.repeat(points, rng.integers(1, 9, 300), axis=0)
    index = Index.of(often, lambda rows: rows.astype(np.float32), rng, queries=10)
    assert (len(index.rows), index.size) == (300, len(often))
    queries = rng.normal(size=(10, 3)).astype(np.float32)
    far = np.linalg.norm(queries[:, None] - often, axis=2)
    assert index.near(queries, 0.5).density == pytest.approx(
        np.log(((1 + (far / 0.5) ** 2) ** -4).mean(axis=1)), abs=1e-4
    )
    assert sorted(map(tuple, index.drawn(10**6, rng))) == sorted(map(tuple, often))


def test_density_is_the_mean_kernel_of_a_pool_that_is_searched_whole() -> None:
    pool = np.array([[0.0], [1.0], [3.0]])
    index = Index.of(pool, lambda rows: rows.astype(np.float32), Seed(1).rng(), queries=1)
    near = index.near(np.ones((1, 1), np.float32), 2.0)
    assert near.distance[0] == 0
    assert near.density[0] == pytest.approx(math.log((1.25**-4 + 1 + 2**-4) / 3), rel=1e-5)


def test_a_promise_is_refuted_by_a_bound_above_it_and_never_confirmed() -> None:
    leaking, fresh = (
        measure(Audit(epsilon=1), made, TRAIN, numbers(300, 9)).details["words"] for made in (TRAIN, numbers(300, 10))
    )
    assert "The promise of ε = 1 is refuted" in leaking
    assert "stands unrefuted, which does not confirm it" in fresh


def test_two_hundred_wide_columns_are_cut_to_the_most_telling_and_that_is_said() -> None:
    def wide(seed: int) -> Dataset:
        rng = np.random.default_rng(seed)
        return Dataset.of({f"c{place}": rng.choice(list("abcdefghijkl"), 200) for place in range(200)})

    note = measure(NearCopies(), wide(1), wide(2), wide(3)).details
    assert note["columns_compared"] + note["columns_not_compared"] == 200
    assert note["columns_compared"] == 600 // 14
