"""Sequential trees on rows whose answer is known."""

import numpy as np
import pyarrow as pa
import pytest

from mintmark.data.dataset import Dataset
from mintmark.errors import InputError, LedgerError, UnknownName
from mintmark.generators.tabular import leaf, splits, tokens
from mintmark.generators.tabular.splits import Cart
from mintmark.generators.tabular.trees import Trees
from mintmark.seeds import Seed


def rng(*path):
    return Seed(6).child(*path).rng()


def alphabet(values):
    data = Dataset.of(pa.table({"x": values}))
    return tokens.learn(data.columns["x"], data.table["x"], rare=5)


@pytest.fixture(scope="module")
def shop():
    """A colour decides the price but for noise; a size follows from both."""
    draw = rng("shop")
    colour = draw.choice(["red", "green", "blue"], 3000, p=[0.5, 0.3, 0.2])
    base = np.select([colour == "red", colour == "green"], [10.0, 50.0], 30.0)
    price = np.round(base + draw.normal(0, 2, 3000), 2)
    return Dataset.of(pa.table({"colour": colour, "price": price, "big": price > 30}))


def test_what_decides_a_column_decides_it_again(shop):
    made = Trees().fit(shop, rng=rng("f")).sample(5000, rng=rng("s")).table
    colour, price = np.array(made["colour"].to_pylist()), made["price"].to_numpy()
    for name, mean in (("red", 10), ("green", 50), ("blue", 30)):
        assert price[colour == name].mean() == pytest.approx(mean, abs=0.5)
        assert price[colour == name].std() == pytest.approx(2, abs=0.5)
    assert (made["big"].to_numpy() == (price > 30)).mean() > 0.97


def test_giving_the_first_column_is_exact(shop):
    given = Dataset.of(pa.table({"colour": ["green"] * 2000}))
    price = Trees(first=("colour",)).fit(shop, rng=rng("f")).sample(2000, rng=rng("s"), given=given).table["price"]
    assert price.to_numpy().min() > 32  # between the greens at 50 ± 6 and the blues at 30 ± 6


def test_giving_a_later_column_chooses_what_comes_before_it(shop):
    given = Dataset.of(pa.table({"price": [50.0] * 1500 + [10.0] * 1500}))
    made = Trees(first=("colour", "big"), candidates=32).fit(shop, rng=rng("f")).sample(3000, rng=rng("s"), given=given)
    colour = made.table["colour"].to_pylist()
    assert colour[:1500].count("green") / 1500 > 0.97
    assert colour[1500:].count("red") / 1500 > 0.97


def test_the_shares_of_what_was_drawn_before_follow_bayes():
    draw = rng("bayes")
    a = draw.random(20_000) < 0.3
    b = draw.random(20_000) < np.where(a, 0.8, 0.2)
    data = Dataset.of(pa.table({"a": a, "b": b}))
    sampler = Trees(first=("a",), candidates=64).fit(data, rng=rng("f"))
    made = sampler.sample(8000, rng=rng("s"), given=Dataset.of(pa.table({"b": [True] * 8000}))).table["a"]
    expected = 0.3 * 0.8 / (0.3 * 0.8 + 0.7 * 0.2)
    assert np.mean(made.to_pylist()) == pytest.approx(expected, abs=0.02)


def test_blocks_of_a_leaf_hold_enough_rows_and_common_tokens_stand_alone():
    values = alphabet(np.arange(10_000.0))
    drawn = np.array([3, 4, 9, 20, 21, 22, 50, 50, 50, 50, 50, 80, 81], np.int32)
    learnt = leaf.learn(np.zeros(13, np.int64), drawn, values, leaves=1, rare=3)
    assert learnt.first.tolist() == [3, 20, 50, 80]
    assert learnt.last.tolist() == [9, 22, 50, 81]
    assert learnt.weight.tolist() == pytest.approx([3 / 13, 3 / 13, 5 / 13, 2 / 13])


def test_the_likelihood_of_all_tokens_sums_to_one():
    values = alphabet(rng("v").normal(size=4000))
    drawn = values.draw(200, rng("d"))
    learnt = leaf.learn(np.repeat([0, 1], 100), drawn, values, leaves=2, rare=5)
    every = np.arange(values.size + 1, dtype=np.int32)
    for number in (0, 1):
        assert learnt.likelihood(np.full(len(every), number), every, values).sum() == pytest.approx(1)


def test_a_category_that_is_rare_in_the_table_is_never_drawn_from_a_leaf():
    data = Dataset.of(pa.table({"x": ["a"] * 500 + ["b"] * 400 + ["c"] * 3, "y": [1] * 500 + [2] * 400 + [3] * 3}))
    made = Trees(leaf=2).fit(data, rng=rng("f")).sample(5000, rng=rng("s")).table
    assert "c" not in made["x"].to_pylist()


def test_ten_thousand_categories_are_learnt():
    words = [f"w{n % 1700}" for n in range(12_000)]
    data = Dataset.of(pa.table({"word": words, "even": [n % 1700 % 2 == 0 for n in range(12_000)]}))
    made = Trees().fit(data, rng=rng("f")).sample(3000, rng=rng("s")).table
    agree = [int(w[1:]) % 2 == 0 for w in made["word"].to_pylist()] == np.array(made["even"].to_pylist())
    assert np.mean(agree) > 0.95


def test_a_first_column_that_does_not_exist_is_named(shop):
    with pytest.raises(UnknownName, match="colour"):
        Trees(first=("color",)).fit(shop, rng=rng("f"))


def test_a_leaf_of_one_row_is_refused():
    with pytest.raises((InputError, ValueError)):
        Trees(leaf=1)


@pytest.mark.parametrize(
    ("part", "value"),
    [("left", 99), ("left", 0), ("right", -7), ("feature", 5), ("feature", -1), ("order0", np.nan)],
)
def test_a_tree_that_would_be_walked_out_of_bounds_is_refused(part, value):
    x = np.arange(400)
    data = Dataset.of(pa.table({"x": x % 20, "y": (x % 20) > 9}))
    alphabets = {c.name: tokens.learn(c, data.table[c.name], rare=5) for c in data.columns.columns}
    columns = {name: alphabets[name].encode(data.table[name]) for name in alphabets}
    tree = splits.grow(columns, ["x"], "y", alphabets, leaf=20, seed=1)
    stored = {name: array.copy() for name, array in tree.to_arrays("t").items()}
    sizes = {"x": alphabets["x"].size}
    assert Cart.from_arrays(["x"], stored, "t", sizes=sizes).leaves == 2
    stored[f"t.{part}"][0] = value
    with pytest.raises(LedgerError):
        Cart.from_arrays(["x"], stored, "t", sizes=sizes)
