"""Scarcities planted in data are found, and none is found where none was planted."""

import numpy as np
import pyarrow as pa
import pytest

import mintmark as mm
from mintmark.advice.symptoms.mislabels import suspects
from mintmark.errors import InputError, UnknownName
from mintmark.seeds import Seed

N = 3000


def healthy(rows=N, seed=1, **planted):
    """Two groups alike, a target that the features explain, and nothing missing; `planted` columns take their place."""
    rng = Seed(seed).rng()
    x, z = rng.normal(size=rows).round(3), rng.normal(size=rows).round(3)
    columns = {
        "x": x,
        "z": z,
        "group": rng.choice(["a", "b"], rows),
        "shop": rng.choice(["north", "south", "west"], rows),
        "y": np.where(x + z + rng.normal(0, 0.05, rows) > 0, "yes", "no"),
    }
    return pa.table({**columns, **planted})


def grades(table, **told):
    found = mm.diagnose(table, target="y", sensitive=["group"], **told)
    return {each.name.partition(".")[2]: str(each.symptom.grade) for each in found.looked if each.symptom}


def test_healthy_rows_show_nothing_but_that_numbers_single_people_out():
    found = grades(healthy(), other=healthy(seed=2))
    assert {name for name, grade in found.items() if grade != "absent"} == {"exposure"}
    assert len(found) == 9


def test_a_rare_class_is_marked_and_of_eight_examples_no_generator_is_advised():
    y = np.where(np.arange(N) < 8, "fraud", "no")
    look = mm.diagnose(healthy(y=y), target="y")["imbalance"]
    assert look.symptom.grade == "marked"
    assert look.symptom.reading.value == 8 / N
    assert "no generator learns a class from 8 examples" in look.symptom.helps


def test_an_empty_intersection_of_common_traits_is_found_and_named():
    rng = Seed(3).rng()
    group, shop = rng.choice(["a", "b"], N), rng.choice(["north", "south", "west"], N)
    shop[(group == "b") & (shop == "west")] = "north"
    look = mm.diagnose(healthy(group=group, shop=shop))["holes"]
    assert look.symptom.grade == "slight"
    assert [hole["where"] for hole in look.symptom.reading.details["holes"]] == ["group: b and shop: west"]


def test_a_column_that_follows_from_another_leaves_no_holes():
    shop = healthy()["shop"].to_pylist()
    look = mm.diagnose(healthy(town=[{"north": "Ayr", "south": "Rye", "west": "Ely"}[one] for one in shop]))["holes"]
    assert look.symptom.grade == "absent"
    assert look.symptom.reading.details["pairs_passed_over"] == 1


def test_rows_in_thin_combinations_are_counted():
    """Of 4 × 4 cells, 15 hold 196 rows each and one holds 20: 20 of 2,960 rows are thin."""
    a, b = np.divmod(np.arange(16).repeat(196), 4)
    kept = np.arange(len(a)) < 15 * 196 + 20
    table = pa.table({"a": [f"a{one}" for one in a[kept]], "b": [f"b{one}" for one in b[kept]]})
    look = mm.diagnose(table)["rare_cells"]
    assert look.symptom.reading.value == 20 / 2960
    assert look.symptom.bars.names == ("a × b",)


def test_labels_that_are_missing_for_one_kind_of_rows_are_told_from_those_missing_by_chance():
    table = healthy()
    x, y = table["x"].to_numpy(), np.array(table["y"].to_pylist(), dtype=object)
    by_kind = mm.diagnose(healthy(y=np.where(x > 0.6, None, y).tolist()), target="y")["labels"]
    by_chance = mm.diagnose(healthy(y=np.where(Seed(4).rng().random(N) < 0.27, None, y).tolist()), target="y")["labels"]
    assert by_kind.symptom.reading.details["auc_of_unlabelled_rows"] > 0.95
    assert 0.4 < by_chance.symptom.reading.details["auc_of_unlabelled_rows"] < 0.6
    assert "of another kind" in by_kind.symptom.helps
    assert "bring their labels with them" in by_chance.symptom.helps


def test_a_group_whose_outcomes_follow_no_feature_is_served_worse():
    table, rng = healthy(), Seed(5).rng()
    group = np.array(table["group"].to_pylist())
    y = np.where(group == "b", rng.choice(["yes", "no"], N), np.array(table["y"].to_pylist()))
    look = mm.diagnose(healthy(y=y), target="y", sensitive=["group"])["bias"]
    assert look.symptom.grade == "marked"
    assert look.symptom.bars.names[0] == "group=b"
    assert look.symptom.reading.interval[0] > 0.3


def test_a_learning_curve_still_rises_where_rows_are_few_and_no_more_where_they_are_many():
    few, many = (mm.diagnose(healthy(rows=rows), target="y")["volume"] for rows in (160, 6000))
    assert few.symptom.bars.values[-1] > few.symptom.bars.values[0]
    assert many.symptom.grade == "absent"


def test_people_are_exposed_by_facts_of_their_own_and_not_by_facts_of_many():
    shared = pa.table({"a": ["x", "y"] * 500, "b": ["p", "p", "q", "q"] * 250})
    alone = pa.table(
        {"a": [f"{place % 40}" for place in range(1600)], "b": [f"{place // 40}" for place in range(1600)]}
    )
    assert mm.diagnose(shared)["exposure"].symptom.reading.value == 0
    assert mm.diagnose(alone)["exposure"].symptom.reading.value == 1


def test_a_column_that_moved_is_named_and_fresh_rows_raise_no_alarm():
    """Adjusted p-values below 0.01: on fresh rows a false alarm in 1 of 100 looks; seeds are fixed."""
    moved = healthy(seed=6, x=Seed(6).rng().normal(0.7, 1, N).round(3))
    look = mm.diagnose(healthy(), other=moved)["drift"]
    assert look.symptom.grade == "marked"
    assert look.symptom.bars.names[0] == "x"
    assert mm.diagnose(healthy(), other=healthy(seed=7))["drift"].symptom.grade == "absent"


def test_flipped_labels_are_suspected_and_mostly_they_alone():
    table, rng = healthy(), Seed(8).rng()
    right = np.array(table["y"].to_pylist())
    flipped = rng.random(N) < 0.2
    y = np.where(flipped, np.where(right == "yes", "no", "yes"), right)
    look = mm.diagnose(healthy(y=y), target="y")["mislabels"]
    assert look.symptom.grade == "marked"
    assert 0.1 < look.symptom.reading.value < 0.3
    assert mm.diagnose(table, target="y")["mislabels"].symptom.grade == "absent"


def test_a_row_counts_for_the_class_whose_bar_it_reaches():
    """Bars by hand: class 0 (0.9 + 0.8 + 0.1) / 3 = 0.6, class 1 (0.7 + 0.9) / 2 = 0.8; only the third row crosses."""
    first = np.array([0.9, 0.8, 0.1, 0.3, 0.1])
    found = suspects(np.stack([first, 1 - first], axis=1), np.array([0, 0, 0, 1, 1]))
    assert found.tolist() == [False, False, True, False, False]


def test_what_cannot_be_looked_at_says_why():
    found = mm.diagnose(pa.table({"a": ["x", "y"] * 20}))
    reasons = {each.name.partition(".")[2]: each.reason for each in found.looked if each.symptom is None}
    assert "say which column" in reasons["imbalance"]
    assert "two columns" in reasons["holes"]
    assert "give one with --other" in reasons["drift"]


def test_an_unknown_column_is_named_with_those_that_exist():
    with pytest.raises(UnknownName, match="group"):
        mm.diagnose(healthy(), target="grup")


def test_rows_between_their_neighbours_are_taken_for_augmented_ones():
    rng = Seed(9).rng()
    real = rng.normal(size=(400, 4))
    made = mm.generate(
        pa.table({**{f"x{j}": real[:, j] for j in range(4)}, "y": rng.choice(["a", "b"], 400)}),
        "tabular.oversample", count=400, seed=1, target="y",
    )  # fmt: skip
    both = pa.table({f"x{j}": np.concatenate([real[:, j], made.table[f"x{j}"].to_numpy()]) for j in range(4)})
    assert str(mm.diagnose(both).source.origin) == "augmented"
    assert str(mm.diagnose(healthy()).source.origin) == "unknown"


def test_numbers_that_nobody_rounded_are_taken_for_simulated_ones():
    rng = Seed(10).rng()
    found = mm.diagnose(pa.table({"speed": rng.normal(size=300), "force": rng.exponential(size=300)})).source
    assert (str(found.origin), found.basis) == ("simulation", "suspected")


@pytest.mark.parametrize(
    ("told", "origin"),
    [("measured", "real"), ("simulator", "simulation"), ("llm", "language model"), ("gan", "generative model")],
)
def test_what_is_declared_is_taken_at_its_word(told, origin):
    found = mm.diagnose(healthy(), made_by=told).source
    assert (str(found.origin), found.basis) == (origin, "declared")


def test_another_word_is_refused_with_the_known_ones():
    with pytest.raises(InputError, match="measured"):
        mm.diagnose(healthy(), made_by="magic")


def test_the_same_seed_gives_the_same_answer():
    assert mm.diagnose(healthy(), target="y").to_json() == mm.diagnose(healthy(), target="y").to_json()
