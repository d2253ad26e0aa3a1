"""Constructions worked by hand, and what a generator is shown of them."""

import datetime as dt
from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow as pa
import pytest

from mintmark.data.constraints import satisfied
from mintmark.data.dataset import Dataset
from mintmark.data.schema import Schema
from mintmark.errors import ConditionError, DataError
from mintmark.generators.tabular.constraints import drawing
from mintmark.generators.tabular.constraints.arrangement import DRAWN
from mintmark.generators.tabular.constraints.arranging import arrange
from mintmark.generators.tabular.constraints.obeying import Obedient, Obeying
from mintmark.generators.tabular.independent import Independent
from mintmark.seeds import Seed


def rng(*path):
    return Seed(4).child(*path).rng()


def declared(columns, *texts):
    data = Dataset.of(pa.table(columns))
    return Dataset(Schema({"rows": replace(data.columns, constraints=texts)}), data.tables)


def shown(real, **options):
    """What is learnt of a table, as lists; and what comes back of it."""
    arranged = arrange(real, rare=1, **options)
    learnt = arranged.forward(real, rng("forward"))
    back = {name: array.to_pylist() for name, array in arranged.inverse(learnt.table).items()}
    return arranged, learnt.table.to_pydict(), back


DAY = dt.date(2024, 1, 1)


def days(*numbers):
    return pa.array([None if n is None else DAY + dt.timedelta(days=n) for n in numbers])


def test_an_end_is_learnt_as_a_span_from_its_start_and_comes_back():
    real = declared({"start": days(0, 3, 9, 20, 31), "end": days(0, 5, 9, 27, 32)}, "end >= start")
    arranged, learnt, back = shown(real)
    assert [span.days for span in learnt["end"]] == [0, 2, 0, 7, 1]
    assert back["end"] == real.table["end"].to_pylist()
    assert arranged.learnt["end"].step == 86_400_000_000


def test_where_the_start_is_missing_the_end_stands_alone_and_gaps_stay_gaps():
    real = declared({"start": days(0, None, 9, None, 31), "end": days(4, 5, 13, None, 35)}, "end >= start")
    arranged, learnt, back = shown(real)
    assert arranged.learnt.names == ["start", "end", "end alone"]
    assert {span.days for span in learnt["end"]} == {4}
    assert learnt["end alone"] == real.table["end"].to_pylist()
    assert back["end"] == real.table["end"].to_pylist()


def test_a_missing_end_is_a_missing_gap():
    real = declared({"start": days(0, 1, 9, 20, 31), "end": days(4, None, 13, 24, 35)}, "end > start")
    _, learnt, back = shown(real)
    assert learnt["end"][1] is None
    assert back["end"] == real.table["end"].to_pylist()


def test_rounding_never_crosses_a_bound_and_a_strict_one_is_not_touched():
    real = declared({"low": [1.26, 2.31, 5.04, 7.77, 9.99], "high": [1.3, 2.4, 5.1, 7.8, 10.1]}, "high > low")
    arranged = arrange(real)
    made = pa.table({"low": [1.34, 2.0, 3.0], "high": [0.0, 0.0, 0.04]})
    assert arranged.inverse(made)["high"].to_pylist() == [1.4, 2.1, 3.1]


def test_what_lies_between_nothing_and_a_bound_is_a_share_of_it():
    real = declared({"total": [10.0, 20.0, 40.0, 50.0, 80.0], "tip": [1.0, 4.0, 0.0, 25.0, 80.0]}, "tip <= total")
    _, learnt, back = shown(real, avoid=["total"])
    assert learnt["tip"] == [0.1, 0.2, 0.0, 0.5, 1.0]
    assert back["tip"] == real.table["tip"].to_pylist()


def test_a_total_is_not_learnt_and_keeps_its_cents():
    real = declared(
        {"price": [0.1, 0.335, 2.5, 9.99, 1.0], "pieces": [3, 1, 2, 7, 4], "total": [0.3, 0.34, 5.0, 69.93, 4.0]},
        "total == price * pieces",
    )
    _, learnt, back = shown(real)
    assert list(learnt) == ["price", "pieces"]
    assert back["total"] == [0.3, 0.34, 5.0, 69.93, 4.0]


def test_a_total_that_is_sometimes_missing_is_learnt_for_that_alone():
    real = declared({"a": [1, 2, 3, 4, 5], "total": pa.array([2, None, 6, 8, 10])}, "total == a * 2")
    arranged, learnt, _ = shown(real)
    assert learnt["total"] == [2, None, 6, 8, 10]
    made = arranged.inverse(pa.table({"a": [4, 5], "total": pa.array([9, None])}))
    assert made["total"].to_pylist() == [8, None]


@pytest.mark.parametrize(
    ("text", "column", "told"),
    [
        ("a + b == c", "c", "c is computed as a + b"),
        ("c - a == b", "b", "b is computed as c - a"),
        ("c - a - b == 0", "c", "c is computed as a + b"),
        ("a + b == 2 * c - c", "a", "a is computed as (2 * c) - b - c"),
    ],
)
def test_an_equality_is_solved_for_a_column_that_stands_in_it(text, column, told):
    a, b = np.array([1.5, 2.5, 8.0, 4.0, 9.5]), np.array([3.0, 1.0, 7.5, 2.0, 0.5])
    arranged, _, back = shown(declared({"a": a, "b": b, "c": a + b}, text))
    assert told in arranged.met[text]
    assert [form.defines for form in arranged.forms] == [(column,)]
    assert back[column] == {"a": a, "b": b, "c": a + b}[column].tolist()


def test_parts_of_a_whole_are_shares_of_what_is_left_and_sum_to_it():
    real = declared({"a": [50, 20, 0, 100, 10], "b": [25, 80, 60, 0, 30], "c": [25, 0, 40, 0, 60]}, "a + b + c == 100")
    _, learnt, back = shown(real)
    assert learnt["a"] == [0.5, 0.2, 0.0, 1.0, 0.1]
    assert learnt["b"] == pytest.approx([0.5, 1.0, 0.6, 1.0, 1 / 3])
    assert [back[name] for name in "abc"] == [real.table[name].to_pylist() for name in "abc"]


def test_combinations_are_one_column_and_rare_ones_are_not_kept():
    cities = ["Bonn"] * 4 + ["Nice"] * 3 + ["Rome"]
    real = declared({"city": cities, "land": ["DE"] * 4 + ["FR"] * 3 + ["IT"], "n": range(8)}, "together(city, land)")
    arranged = arrange(real, rare=3)
    assert arranged.learnt.names == ["city", "n"]
    assert arranged.forms[0].combos.to_pydict() == {"city": ["Bonn", "Nice"], "land": ["DE", "FR"]}
    learnt = arranged.forward(real, rng("forward")).table["city"].to_pylist()
    assert learnt[:7] == ["0"] * 4 + ["1"] * 3
    assert learnt[7] in ("0", "1")
    with pytest.raises(DataError, match="at least 5 rows"):
        arrange(real, rare=5)


def test_a_row_of_a_rare_combination_is_learnt_with_one_that_shares_a_value():
    zones, land = ["A"] * 5 + ["B"] * 5 + ["C"] * 5 + ["rare"] * 2, ["X"] * 5 + ["Y"] * 10 + ["X"] * 2
    real = declared({"zone": zones, "land": land, "n": range(17)}, "together(zone, land)")
    arranged = arrange(real, rare=3)
    back = arranged.inverse(arranged.forward(real, rng("forward")).table)
    assert back["land"].to_pylist() == land
    assert back["zone"].to_pylist() == [*zones[:15], "A", "A"]


def test_a_coarse_column_is_learnt_beside_the_combinations_and_follows_from_them():
    land, zone = [f"L{n // 60}" for n in range(120)], [f"Z{n // 10}" for n in range(120)]
    arranged, learnt, back = shown(declared({"land": land, "zone": zone}, "together(land, zone)"))
    assert learnt["land"] == land
    assert len(set(learnt["zone"])) == 12
    assert (back["land"], back["zone"]) == (land, zone)
    place = {combo: at for at, combo in enumerate(arranged.forms[0].combos["zone"].to_pylist())}
    torn = pa.table({"land": ["L1"], "zone": [str(place["Z0"])]})
    assert arranged.inverse(torn)["land"].to_pylist() == ["L0"]


def test_a_chain_is_a_gap_upon_a_gap():
    real = declared({"a": [1, 2, 3, 4, 5], "b": [1, 4, 3, 9, 6], "c": [2, 4, 8, 9, 16]}, "a <= b <= c")
    _, learnt, back = shown(real)
    assert learnt == {"a": [1, 2, 3, 4, 5], "b": [0, 2, 0, 5, 1], "c": [1, 0, 5, 0, 10]}
    assert [back[name] for name in "abc"] == [real.table[name].to_pylist() for name in "abc"]


def test_several_forms_build_on_each_other_and_go_round_in_no_circle():
    net, tax, more = (rng(name).integers(1, 90, 30).astype(float) for name in ("net", "tax", "more"))
    gross = net + tax
    columns = {"net": net, "tax": tax, "gross": gross, "limit": gross + more % 7, "paid": gross + more}
    columns["paid"] = columns["limit"] + more
    real = declared(columns, "gross == net + tax", "limit >= gross", "paid > limit", "net <= paid")
    arranged, _, back = shown(real)
    assert [form.defines for form in arranged.forms] == [("gross",), ("limit",), ("paid",)]
    assert arranged.met["net <= paid"] == DRAWN
    assert {name: back[name] for name in columns} == {name: column.tolist() for name, column in columns.items()}


def test_a_target_and_conditioned_columns_are_left_as_they_are():
    real = declared({"start": days(*range(9)), "end": days(*range(1, 10))}, "end > start")
    assert arrange(real).forms[0].defines == ("end",)
    assert arrange(real, avoid=["end"]).forms[0].defines == ("start",)


def test_a_copy_in_other_units_is_found_and_an_accident_is_not():
    draw = rng("copies")
    miles = np.round(draw.normal(50, 9, 60), 1)
    columns = {"miles": miles, "km": np.round(miles * 1.6, 2), "same": miles, "other": draw.normal(50, 9, 60)}
    arranged, learnt, back = shown(declared(columns))
    assert list(learnt) == ["miles", "other"]
    assert arranged.found[0] == "in all training rows km is miles * 1.6: it is computed, not learnt"
    assert back["km"] == columns["km"].tolist()
    few = {name: column[:10] for name, column in columns.items()}
    assert arrange(declared(few)).forms == ()


def test_what_breaks_a_constraint_without_a_form_is_drawn_again_beside_the_rest_of_its_row():
    real = declared({"x": np.arange(40.0), "y": np.arange(40.0) % 7, "z": np.arange(40.0) % 11}, "x * y != 6")
    arranged = arrange(real)
    table = pa.table({"x": [3.0, 2.0, 6.0], "y": [2.0, 2.0, 1.0], "z": [7.0, 8.0, 9.0]})
    asked = []

    def draw(count, kept, rng):
        asked.append({name: array.to_pylist() for name, array in kept.items()})
        return pa.table({"x": [4.0] * count, "y": [5.0] * count, "z": kept["z"]})

    made = drawing.until_met(arranged, table, {}, draw, rng("again"))
    assert asked == [{"z": [7.0, 7.0, 9.0, 9.0]}]
    assert made.to_pydict() == {"x": [4.0, 2.0, 4.0], "y": [5.0, 2.0, 5.0], "z": [7.0, 8.0, 9.0]}


def test_columns_that_cannot_be_given_are_drawn_again_with_the_whole_row():
    real = declared({"x": np.arange(40.0), "y": np.arange(40.0) % 7, "z": np.arange(40.0) % 11}, "x * y != 6")
    table = pa.table({"x": [3.0], "y": [2.0], "z": [7.0]})

    def draw(count, kept, rng):
        if kept:
            raise ConditionError("nothing can be given here")
        return pa.table({"x": [4.0] * count, "y": [5.0] * count, "z": [1.0] * count})

    made = drawing.until_met(arrange(real), table, {}, draw, rng("again"))
    assert made.to_pydict() == {"x": [4.0], "y": [5.0], "z": [1.0]}


def test_a_constraint_that_no_draw_meets_is_named_with_its_share():
    real = declared({"x": np.arange(40.0), "y": np.arange(40.0) % 7 + 0.5}, "x * x * y != 1.5")
    sampler = Obeying(Independent()).fit(real, rng=rng("fit"))
    hard = replace(sampler.arranged.schema, constraints=("x * x + y < -1",))
    broken = replace(sampler, arranged=replace(sampler.arranged, schema=hard))
    with pytest.raises(ConditionError, match=r"'x \* x \+ y < -1' cannot be met") as caught:
        broken.sample(10, rng=rng("a"))
    assert "0.00% of the rows met it at first" in caught.value.found


@dataclass(frozen=True)
class Proving:
    """Stands for a method with a formal guarantee; records what it is shown."""

    epsilon: float = 1.0
    seen: list[Dataset] = field(default_factory=list)

    def fit(self, real, *, rng):
        self.seen.append(real)
        return Independent().fit(replace(real, schema=Schema({"rows": replace(real.columns, constraints=())})), rng=rng)


def test_a_method_that_proves_something_is_shown_its_rows_as_they_are_and_only_mended():
    a, b = rng("p").integers(0, 50, 200), rng("q").integers(0, 50, 200)
    real = declared({"a": a, "b": b, "sum": a + b, "twice": a * 2, "top": a + b + 1}, "sum == a + b", "top > sum")
    method = Proving()
    sampler = Obeying(method).fit(real, rng=rng("fit"))
    assert method.seen == [real]
    assert isinstance(sampler, Obedient)
    assert sampler.arranged.found == ()  # that `twice` is twice a is told by rows alone
    made = sampler.sample(300, rng=rng("a"))
    assert all(satisfied(made.table, made.columns, text).all() for text in real.columns.constraints)
    kept = replace(real.columns, constraints=("together(a, b)",))
    with pytest.raises(DataError, match="formal guarantee"):
        Obeying(method).fit(Dataset(Schema({"rows": kept}), real.tables), rng=rng("fit"))
