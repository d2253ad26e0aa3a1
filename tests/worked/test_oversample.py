"""Oversampling on rows worked by hand: where made rows lie, what they copy, and that the assay sees it."""

import numpy as np
import pyarrow as pa
import pytest

from mintmark.data.dataset import Dataset
from mintmark.errors import ConditionError, DataError
from mintmark.generators.tabular.interpolation import Crowd, between, majority
from mintmark.generators.tabular.oversample import Oversample
from mintmark.metrics.assay import assay
from mintmark.metrics.metric import Case
from mintmark.metrics.privacy.membership import Membership
from mintmark.pipeline.generate import generate
from mintmark.pipeline.plan import plan
from mintmark.recipe import Recipe
from mintmark.seeds import Seed


def rng(*path):
    return Seed(6).child(*path).rng()


def drawn(table, count, *, given=None, **parameters):
    sampler = Oversample(**parameters).fit(Dataset.of(table), rng=rng("fit"))
    return sampler.sample(count, rng=rng("sample"), given=given).table


def corners(made, at):
    return np.column_stack([made["x"].to_numpy(), made["y"].to_numpy()])[np.array(made["class"].to_pylist()) == at]


# Two triangles: the second stands a long way off, and two rows of the first class lie right beside it.
# In sevenths, so that they keep to no grid of decimals.
TRIANGLES = pa.table(
    {
        "x": np.array([0.0, 1.0, 0.0, 10.0, 11.0, 10.0, 10.3, 10.1]) / 7,
        "y": np.array([0.0, 0.0, 1.0, 10.0, 10.0, 11.0, 10.3, 10.2]) / 7,
        "class": ["a", "a", "a", "b", "b", "b", "a", "a"],
    }
)


def on_a_segment(point, ends):
    """Does it lie between two of these points? Shapes (2,) and (n, 2)."""
    for first in ends:
        for second in ends:
            along = second - first
            length = along @ along
            step = (point - first) @ along / length if length else 0.0
            if -1e-9 <= step <= 1 + 1e-9 and np.allclose(first + step * along, point, atol=1e-6):
                return True
    return False


def test_every_row_lies_on_a_segment_between_two_rows_of_its_class():
    made = drawn(TRIANGLES, 400, target="class", neighbours=2, rare=2)
    real = {at: corners(TRIANGLES, at) for at in "ab"}
    for at in "ab":
        found = corners(made, at)
        assert len(found) > 50
        assert all(on_a_segment(point, real[at]) for point in found)
    assert not all(on_a_segment(point, real["b"]) for point in corners(made, "a"))


def test_without_a_target_rows_are_blended_across_classes():
    made = drawn(TRIANGLES, 400, neighbours=2, rare=2)
    assert not all(on_a_segment(point, corners(TRIANGLES, "a")) for point in corners(made, "a"))


def test_a_row_is_blended_with_its_nearest_neighbours_only():
    x = np.array([0.0, 1.0, 2.0, 100.0, 101.0, 102.0]) / 7
    made = 7 * drawn(pa.table({"x": x}), 500, neighbours=2)["x"].to_numpy()
    assert not ((made > 2.01) & (made < 99.99)).any()
    assert ((made > 0) & (made < 1)).any()


def test_neighbours_are_worked_by_hand_and_a_row_is_none_of_its_own():
    crowd = crowd_of([[0.0], [1.0], [3.0], [3.0]])
    assert crowd.neighbours(2)[:2].tolist() == [[1, 2], [0, 2]]
    alike = crowd_of([[5.0]] * 4).neighbours(3)
    assert all(set(row) == set(range(4)) - {at} for at, row in enumerate(alike.tolist()))


def crowd_of(numbers):
    found = np.array(numbers)
    return Crowd(found, np.zeros(found.shape, dtype=bool), np.zeros((len(found), 0), np.int32), np.zeros(0, np.int32))


def test_a_place_between_two_numbers_is_worked_by_hand():
    first, second = np.array([[0.0, 4.0, np.nan, 1.0]]), np.array([[10.0, 4.0, 2.0, np.nan]])
    made = between(first, second, np.array([0.25]))
    assert made[0, :2].tolist() == [2.5, 4.0]
    assert np.isnan(made[0, 2])
    assert made[0, 3] == 1.0


def test_the_span_of_the_largest_numbers_does_not_overflow():
    assert np.isfinite(between(np.array([[-1.7e308]]), np.array([[1.7e308]]), np.array([0.5]))).all()


def test_categories_are_those_of_most_neighbours():
    allowed = np.array([True, True, False, True])
    own = np.array([1, 1, 1, 3, 2])
    others = np.array([[0, 0, 1], [1, 0, 3], [2, 2, 0], [0, 0, 0], [2, 2, 3]])
    # Most; the nearer of a tie; never a rare one; missing stays missing; −1 where nothing is allowed.
    assert majority(own, others, allowed).tolist() == [0, 1, 0, 3, -1]


def test_classes_keep_their_shares_and_where_asks_for_others(breast):
    made = generate(breast, "tabular.oversample", count=1000, seed=1, target="target")
    share = made.table["target"].to_pylist().count("malignant") / 1000
    assert share == pytest.approx(212 / 569, abs=0.05)
    half = generate(
        breast, "tabular.oversample", count=100, seed=1, where={"target": {"malignant": 0.5}}, target="target"
    )
    assert half.table["target"].to_pylist().count("malignant") == 50


def test_rows_near_to_what_is_given_are_blended():
    table = pa.table({"x": np.arange(100.0), "y": 2 * np.arange(100.0)})
    given = Dataset.of(pa.table({"x": [10.0, 90.0]}))
    made = drawn(table, 2, given=given)
    assert made["x"].to_pylist() == [10, 90]
    assert np.abs(made["y"].to_numpy() - [20, 180]).max() <= 20


def test_whole_numbers_and_codes_stay_what_they_are():
    codes = np.where(np.arange(200) % 5 == 0, -999, np.arange(200) % 40)
    made = drawn(pa.table({"n": codes, "z": np.sin(np.arange(200.0))}), 1000)["n"].to_numpy()
    assert np.mean(made == -999) == pytest.approx(0.2, abs=0.05)
    assert made[made != -999].min() >= 0


def test_a_class_of_too_few_rows_is_not_made_and_cannot_be_asked_for():
    table = pa.table({"x": np.arange(60.0), "class": ["a"] * 56 + ["b"] * 4})
    assert set(drawn(table, 500, target="class")["class"].to_pylist()) == {"a"}
    with pytest.raises(ConditionError, match="too few rows to interpolate between"):
        drawn(table, 1, target="class", given=Dataset.of(pa.table({"class": ["b"]})))
    assert set(drawn(table, 500, target="class", rare=4)["class"].to_pylist()) == {"a", "b"}


def test_a_number_with_few_values_may_be_the_class_and_one_with_many_may_not():
    table = pa.table({"x": np.arange(300.0), "label": np.arange(300) % 2})
    assert set(drawn(table, 100, target="label")["label"].to_pylist()) == {0, 1}
    with pytest.raises(DataError, match="no classes to oversample"):
        drawn(table, 100, target="x")


def test_a_recipe_tells_its_target_and_another_target_makes_other_rows():
    body = {"name": "t", "real": {"from": "sklearn:wine"}, "steps": {"rows": {"make": "tabular.oversample"}}}
    plans = [plan(Recipe.model_validate({**body, "purpose": purpose}))
             for purpose in ({"task": {"target": "cultivar"}}, {})]  # fmt: skip
    assert [planned.steps[0].generator.target for planned in plans] == ["cultivar", None]
    assert plans[0].step_digest("rows") != plans[1].step_digest("rows")


def test_the_assay_shows_that_its_privacy_is_poor():
    """2 000 people with 12 numbers each: fresh rows give an attacker 1 % of the members, blends a good many."""
    people = Dataset.of(pa.table({f"x{place}": rng("people", place).normal(size=4000) for place in range(12)}))
    train, holdout = people.split(0.5, rng=rng("split"))
    made = generate(train, "tabular.oversample", seed=1)
    found = assay(Case(made, train, holdout), {"privacy.membership": Membership()}, seed=Seed(1))[0]
    assert found.interval[0] > 0.1
    assert found.ceiling.value < 0.05
