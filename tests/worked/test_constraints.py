"""What constraints mean, how they are read, and what contradicts itself."""

import datetime as dt

import numpy as np
import pyarrow as pa
import pytest

from mintmark.data import constraints, contradictions
from mintmark.data.constraints import satisfied
from mintmark.data.dataset import Dataset
from mintmark.errors import ConditionError, RecipeError
from mintmark.recipe import Recipe, json_schema


def met(columns, text, real=None):
    data = Dataset.of(pa.table(columns))
    return satisfied(data.table, data.columns, text, real=None if real is None else pa.table(real)).tolist()


@pytest.mark.parametrize(
    ("told", "text"),
    [
        ("a <= b", "a <= b"),
        ({"unique": ["a", "b"]}, "unique(a, b)"),
        ({"unique": "a"}, "unique(a)"),
        ({"together": ["city", "zip code"]}, "together(city, `zip code`)"),
        ({"unique": ["class"]}, "unique(`class`)"),
    ],
)
def test_a_constraint_is_written_as_text(told, text):
    assert constraints.written(told) == text
    assert constraints.parse(text).text == text


@pytest.mark.parametrize(
    "told", [{"unique": 3}, {"sometimes": ["a"]}, {"unique": ["a"], "together": ["a", "b"]}, 5, {"unique": ["`"]}]
)
def test_what_is_no_constraint_is_refused_with_how_to_write_one(told):
    with pytest.raises(RecipeError, match="this is no constraint"):
        constraints.written(told)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("unique()", "one column or more"),
        ("unique(a, a)", "each once"),
        ("unique(a + 1)", "names columns"),
        ("together(a)", "two columns or more"),
        ("unique(a) and b > 0", "stands alone"),
        ("a >", "not an expression"),
    ],
)
def test_a_constraint_that_cannot_be_read_is_refused(text, message):
    with pytest.raises(RecipeError, match=message):
        constraints.parse(text)


def test_of_rows_that_must_be_unique_all_but_the_first_break_it_and_missing_values_repeat_none():
    assert met({"a": [1, 2, 1, None, None, 1]}, "unique(a)") == [True, True, False, True, True, False]
    both = {"a": [1, 1, 2, 1], "b": ["x", "y", "x", "x"]}
    assert met(both, "unique(a, b)") == [True, True, True, False]


def test_combinations_are_those_of_the_real_rows():
    real = {"city": ["Bonn", "Nice"], "land": ["DE", "FR"]}
    made = {"city": ["Bonn", "Bonn", "Nice", None], "land": ["DE", "FR", "FR", "FR"]}
    assert met(made, "together(city, land)", real) == [True, False, True, True]
    assert met(made, "together(city, land)") == [True] * 4


def test_an_equality_holds_to_the_digits_in_which_its_column_is_written():
    columns = {"price": [0.1, 0.335, 1.0], "pieces": [3, 1, 1], "total": [0.3, 0.34, 1.01]}
    assert met(columns, "total == price * pieces") == [True, True, False]
    assert met({**columns, "total": [0, 0, 2]}, "total == price * pieces") == [True, True, False]


def test_what_computing_loses_breaks_no_inequality():
    assert met({"a": [0.1], "b": [0.2], "c": [0.3]}, "a + b <= c") == [True]
    assert met({"a": [0.1], "b": [0.2], "c": [0.3]}, "a + b < c") == [False]


def test_a_moment_is_another_and_a_span_to_its_own_grid():
    start = [dt.datetime(2024, 1, 1), dt.datetime(2024, 1, 2)]
    columns = {"start": pa.array(start), "waits": pa.array([4100, 250], pa.duration("ms")),
               "end": pa.array([start[0] + dt.timedelta(seconds=4.1), start[1] + dt.timedelta(seconds=9)])}  # fmt: skip
    assert met(columns, "end == start + waits") == [True, False]


def table(**columns):
    return Dataset.of(pa.table(columns)).columns


SCHEMA = table(
    a=[1.5, 2.0, 3.0], b=[1, 2, 3], c=[1, 2, 3], word=["x", "y", "x"],
    day=[dt.date(2024, 1, 1), dt.date(2024, 2, 1), dt.date(2024, 3, 1)],
)  # fmt: skip


@pytest.mark.parametrize(
    "texts",
    [
        ["a < b", "b < a"],
        ["a <= b", "b <= c", "c < a"],
        ["a >= 5", "a <= b", "b <= 3"],
        ["a > 3", "a < b", "b <= 3"],
        ["a == 3", "a != 3"],
        ["a in (1, 2)", "a > 2"],
        ["word in ('x', 'y')", "word == 'z'"],
        ["a + b <= 5", "a >= 3", "b >= 3"],
        ["a == b * c", "b > 2", "c > 2", "a < 1"],
        ["day >= '2024-06-01'", "day < '2024-05-01'"],
        ["1 < a < 0"],
    ],
)
def test_constraints_that_contradict_each_other_are_named_and_no_others(texts):
    with pytest.raises(ConditionError) as caught:
        contradictions.refuse(["c >= 0", *texts, "b > -5"], SCHEMA)
    assert caught.value.found == " and ".join(texts)


@pytest.mark.parametrize(
    "texts",
    [
        ["a <= b", "b <= a"],
        ["a >= 3", "a <= 3"],
        ["a > 3", "a < 3.0000001"],
        ["a < b or b < a", "a > b"],
        ["a in (1, 2)", "a > 1"],
        ["word in ('x', 'y')", "word in ('y', 'z')"],
        ["a + b <= 6", "a >= 3", "b >= 3"],
        ["day >= '2024-01-01'", "day <= '2024-01-01'"],
        ["a == b + c", "b >= 1", "c >= 1", "a <= 2.4"],
        ["a ** 2 < 0"],
    ],
)
def test_what_is_not_certainly_a_contradiction_is_not_said(texts):
    contradictions.refuse(texts, SCHEMA)


def recipe(listed):
    head = "name: t\nreal:\n  from: a.csv\n  constraints:\n"
    return Recipe.parse(f"{head}{listed}\nsteps:\n  rows: {{make: tabular.trees}}\n")


def test_a_recipe_takes_both_ways_of_writing():
    read = recipe("    - a <= b\n    - {unique: [a]}\n    - together: [city, land]")
    assert read.real.constraints == ("a <= b", "unique(a)", "together(city, land)")
    assert Recipe.model_validate(read.to_json()).digest == read.digest


@pytest.mark.parametrize("wrong", ["a <", "{unik: [a]}", "unique(a", "{together: [a]}", "3"])
def test_a_constraint_that_cannot_be_read_is_refused_with_its_line(wrong):
    with pytest.raises(RecipeError, match=r"recipe:6: real\.constraints\.1"):
        recipe(f"    - a <= b\n    - {wrong}")


def test_the_json_schema_knows_both_ways_of_writing():
    jsonschema = pytest.importorskip("jsonschema")
    body = {"name": "t", "steps": {"rows": {"make": "tabular.trees"}}}
    for one in ("a <= b", {"unique": ["a"]}, {"together": ["a", "b"]}):
        jsonschema.validate({**body, "real": {"from": "a", "constraints": [one]}}, json_schema())
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**body, "real": {"from": "a", "constraints": [{"unik": ["a"]}]}}, json_schema())


def test_rows_that_repeat_are_found_across_columns_of_any_kind():
    days = np.array(["2024-01-01", "2024-01-01", "2024-01-02"], "M8[D]")
    assert met({"day": pa.array(days), "ok": [True, True, True]}, "unique(day, ok)") == [True, False, True]
