"""How many rows of each part a mixture takes, and what its columns then mean."""

from dataclasses import replace

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mintmark.data.infer import table_schema
from mintmark.errors import RecipeError
from mintmark.pipeline.mixture import mixture, refuse_other_columns
from mintmark.pipeline.stacking import wider
from mintmark.recipe import Recipe


def taken(mix, counts):
    steps = {name: {"make": "tabular.rules"} for name in counts}
    recipe = Recipe.model_validate({"name": "x", "steps": steps, "mix": mix})
    found = mixture(recipe, counts, None, None, None, None)
    return {part.name: part.rows for part in found.parts}


@pytest.mark.parametrize(
    ("mix", "counts", "wanted"),
    [
        ({"a": 0.5, "b": 0.5}, {"a": 100, "b": 100}, {"a": 100, "b": 100}),
        ({"a": 0.8, "b": 0.2}, {"a": 1000, "b": 1000}, {"a": 1000, "b": 250}),
        ({"a": 0.1, "b": 0.2, "c": 0.7}, {"a": 9, "b": 40, "c": 70}, {"a": 9, "b": 18, "c": 63}),
        ({"a": 1 / 3, "b": 1 / 3, "c": 1 / 3}, {"a": 10, "b": 11, "c": 12}, {"a": 10, "b": 10, "c": 10}),
    ],
)
def test_a_mixture_is_as_long_as_its_parts_allow(mix, counts, wanted):
    assert taken(mix, counts) == wanted


PARTS = st.lists(st.tuples(st.integers(1, 50), st.integers(200, 5000)), min_size=1, max_size=5)


@settings(max_examples=80, deadline=None, derandomize=True)
@given(PARTS)
def test_no_row_stands_twice_and_every_share_is_kept_to_the_nearest_row(parts):
    whole = sum(weight for weight, _ in parts)
    mix = {f"p{place}": weight / whole for place, (weight, _) in enumerate(parts)}
    counts = {f"p{place}": rows for place, (_, rows) in enumerate(parts)}
    found = taken(mix, counts)
    total = sum(found.values())
    for name, rows in found.items():
        assert rows <= counts[name]
        assert abs(rows - mix[name] * total) <= 1
    # One row more would be wanting somewhere.
    assert any(mix[name] * (total + 2) > counts[name] for name in mix)


def test_columns_are_compared_by_name_and_the_odd_ones_told():
    one, other = table_schema(pa.table({"a": [1], "b": [2]})), table_schema(pa.table({"b": [1], "c": [2]}))
    with pytest.raises(RecipeError, match="older lacks a; only older has c"):
        refuse_other_columns("older", other, one, "the real data")
    refuse_other_columns("older", one, one, "the real data")


def test_the_domain_of_a_mixture_holds_the_values_of_all_its_parts():
    one = table_schema(pa.table({"n": [1.5, 2.0, None], "c": ["a", "b", "a"]}))
    other = table_schema(pa.table({"n": [0.25, 9.0, 3.0], "c": ["c", "b", "c"]}))
    both = wider(replace(one, key="n", constraints=("n > 0", "n < 3")), replace(other, constraints=("n > 0",)))
    assert (both["n"].low, both["n"].high, both["n"].decimals, both["n"].nullable) == (0.25, 9.0, 2, True)
    assert set(both["c"].levels) == {"a", "b", "c"}
    assert (both.key, both.constraints) == (None, ("n > 0",))
