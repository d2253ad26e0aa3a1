"""The language of constraints and formulas, worked by hand."""

import datetime as dt

import numpy as np
import pyarrow as pa
import pytest

from mintmark.data.constraints import satisfied
from mintmark.data.dataset import Dataset
from mintmark.data.expressions import DEEPEST, LONGEST, Expression, of_column
from mintmark.data.schema import Column, Kind, TableSchema
from mintmark.errors import RecipeError, UnknownName

COLUMNS = {
    "a": np.array([1.0, 2.0, np.nan]),
    "b": np.array([2.0, 2.0, 2.0]),
    "name": np.array(["Ann", None, "Bo"], dtype=object),
    "hours per week": np.array([40.0, 50.0, 60.0]),
    "when": np.array(["2024-02-29T23:30", "1960-01-01T00:00", "NaT"], "M8[us]"),
}


def values(text):
    """Plain values, with None where they are missing."""
    found = Expression.parse(text).evaluate(COLUMNS)
    return [
        None if gone else value
        for value, gone in zip(np.atleast_1d(found.values).tolist(), np.atleast_1d(found.missing).tolist(), strict=True)
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a + b * 2", [5, 6, None]),
        ("-a ** 2", [-1, -4, None]),
        ("(a + 1) / 2 // 1 % 2", [1, 1, None]),
        ("a / (a - 1)", [None, 2, None]),
        ("a < b", [True, False, None]),
        ("0 < a < b", [True, False, None]),
        ("0 < a <= b", [True, True, None]),
        ("a != b", [True, False, None]),
        ("a in (1, 7)", [True, False, None]),
        ("a not in (1, 7)", [False, True, None]),
        ("name in ('Ann', 'Cy')", [True, None, False]),
        ("not a < b", [False, True, None]),
        ("a < b and b > 5", [False, False, False]),
        ("a < b or b == 2", [True, True, True]),
        ("a < b and b == 2", [True, False, None]),
        ("a if a > 1 else b", [2, 2, None]),
        ("where(a > 1, 'big', 'small')", ["small", "big", None]),
        ("coalesce(a, 9)", [1, 2, 9]),
        ("is_missing(a)", [False, False, True]),
        ("min(a, b, 1.5)", [1, 1.5, None]),
        ("max(a, b)", [2, 2, None]),
        ("round(a / 3, 2)", [0.33, 0.67, None]),
        ("floor(a / 2) + ceil(a / 2)", [1, 2, None]),
        ("abs(1 - a)", [0, 1, None]),
        ("sqrt(4) + exp(0) + log(1)", [3]),
        ("log(0 - a)", [None, None, None]),
        ("lower(name) + '!'", ["ann!", None, "bo!"]),
        ("upper(name)", ["ANN", None, "BO"]),
        ("len(name)", [3, None, 2]),
        ("startswith(name, 'A')", [True, None, False]),
        ("endswith(name, 'o') or contains(name, 'nn')", [True, None, True]),
        ("`hours per week` <= 50", [True, True, False]),
        ("year(when) * 10000 + month(when) * 100 + day(when)", [20240229, 19600101, None]),
        ("hour(when) * 60 + minute(when)", [23 * 60 + 30, 0, None]),
        ("weekday(when)", [3, 4, None]),
        ("when > '2000-01-01'", [True, False, None]),
        ("when - when", [0, 0, None]),
        ("when + 60 > when", [True, True, None]),
        ("9 ** 9 ** 9", [None]),
        ("1e308 * 10", [None]),
        ("True", [True]),
    ],
)
def test_an_expression_gives_what_is_worked_by_hand(text, expected):
    assert values(text) == expected


def test_an_expression_knows_the_columns_that_it_reads():
    assert Expression.parse("min(a, `hours per week`) < b + a").columns == ("a", "hours per week", "b")


def test_backticks_within_quotes_are_text():
    assert Expression.parse("name == '`a`'").columns == ("name",)


def test_a_backticked_name_is_never_confused_with_a_plain_one():
    columns = {"_0_": np.array([1.0]), "x": np.array([2.0])}
    assert Expression.parse("_0_ + `x`").evaluate(columns).values.tolist() == [3.0]


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os')", "a.real", "a[0]", "(lambda: 1)()", "[x for x in a]", "f'{a}'", "a := 3", "print(a)", "*a",
        "a is b", "1j", "None", "b'x'", "a in b", "a in ()", "(a, b)", "len(name, name)", "abs()", "abs(x=1)", "",
        "a +", "a & b", "~a", "a @ b", "lambda: 1", "yield a", "await a", "...", "\x00", "`", "``", "a; b", "a\nb",
        "().__class__", "abs.__self__", "eval('1')", "exec('1')", "getattr(a, 'b')", "'%s' % a", "'x' * 999999999",
    ],
)  # fmt: skip
def test_what_is_not_on_the_list_is_refused(text):
    with pytest.raises((RecipeError, UnknownName)):
        Expression.parse(text).evaluate(COLUMNS)


@pytest.mark.parametrize("text", ["(" * 500, "-" * 1900 + "a", "a" + "+a" * 900, "x" * (LONGEST + 1)])
def test_bombs_are_refused_at_once(text):
    with pytest.raises(RecipeError):
        Expression.parse(text)


def test_nesting_within_the_limit_is_read():
    assert values("abs(" * (DEEPEST - 1) + "1" + ")" * (DEEPEST - 1)) == [1]


def test_a_whole_number_beyond_all_floats_is_missing():
    assert values("a < " + "9" * 1900) == [None, None, None]


def test_an_error_says_where_it_stands():
    with pytest.raises(RecipeError, match=r"at character 5"):
        Expression.parse("a + b.c")
    with pytest.raises(RecipeError, match="compare with =="):
        Expression.parse("a = b")


def test_an_unknown_name_comes_with_the_nearest():
    with pytest.raises(UnknownName, match="floor"):
        Expression.parse("flor(a)")
    with pytest.raises(UnknownName, match="name"):
        Expression.parse("nam == 'x'").evaluate(COLUMNS)


KINDS = ("a + name", "name < 3", "a and b", "a if b else a", "abs(name)", "lower(a)", "when < 'soon'", "not a")


@pytest.mark.parametrize("text", KINDS)
def test_kinds_that_do_not_fit_together_are_refused(text):
    with pytest.raises(RecipeError):
        Expression.parse(text).evaluate(COLUMNS)


def test_a_constraint_that_involves_a_missing_value_is_not_violated():
    data = Dataset.of(pa.table({"age": [10, None, 40], "limit": [20, 20, 20]}))
    assert satisfied(data.table, data.columns, "age >= limit").tolist() == [False, True, True]


def test_a_constraint_without_columns_holds_for_all_rows_or_none():
    data = Dataset.of(pa.table({"age": [10, 20]}))
    assert satisfied(data.table, data.columns, "1 < 2").tolist() == [True, True]
    assert satisfied(data.table, data.columns, "1 > 2").tolist() == [False, False]


def test_a_constraint_must_be_true_or_false():
    data = Dataset.of(pa.table({"age": [10, 20]}))
    with pytest.raises(RecipeError, match="true or false"):
        satisfied(data.table, data.columns, "age + 1")


def test_ordered_categories_compare_by_their_order():
    levels = ("small", "mid", "big")
    column = Column("size", Kind.ORDERED, pa.string(), levels=levels)
    table, schema = pa.table({"size": ["big", "small", "mid"]}), TableSchema((column,))
    assert satisfied(table, schema, "size >= 'mid'").tolist() == [True, False, True]
    with pytest.raises(RecipeError, match="ordered levels"):
        satisfied(table, schema, "size >= 'huge'")


def test_every_storage_type_has_values_in_the_language():
    zone = pa.timestamp("ns", "Europe/Berlin")
    table = pa.table({
        "zoned": pa.array([dt.datetime(2024, 7, 1, 22, 30, tzinfo=dt.UTC)], zone),
        "date": pa.array([dt.date(1950, 5, 17)]),
        "time": pa.array([dt.time(8, 45, 30)]),
        "span": pa.array([dt.timedelta(minutes=2)]),
        "flag": pa.array([True]),
    })  # fmt: skip
    data = Dataset.of(table)
    text = "day(zoned) == 2 and year(date) == 1950 and hour(time) == 8 and minute(time) == 45 and span == 120 and flag"
    assert satisfied(data.table, data.columns, text).tolist() == [True]
    assert of_column(table["time"], data.columns["time"]).values.tolist() == [8 * 3600 + 45 * 60 + 30]
