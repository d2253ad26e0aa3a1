"""Sequential trees on rows whose answer is known."""

import os

import lightgbm
import numpy as np
import pyarrow as pa
import pytest

from mintmark.data.dataset import Dataset
from mintmark.errors import InputError, LedgerError, UnknownName
from mintmark.generators.tabular import leaf, splits, tokens
from mintmark.generators.tabular.boosting import bits, code, forest, groups
from mintmark.generators.tabular.boosting.code import Code
from mintmark.generators.tabular.boosting.forest import Forest
from mintmark.generators.tabular.boosting.groups import Groups
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


@pytest.fixture(scope="module", params=[True, False], ids=["codes", "leaves"])
def boosted(request):
    return request.param


def test_what_decides_a_column_decides_it_again(shop, boosted):
    made = Trees(boosted=boosted).fit(shop, rng=rng("f")).sample(5000, rng=rng("s")).table
    colour, price = np.array(made["colour"].to_pylist()), made["price"].to_numpy()
    for name, mean in (("red", 10), ("green", 50), ("blue", 30)):
        assert price[colour == name].mean() == pytest.approx(mean, abs=0.5)
        # Codes put 1 or 2 rows in 100 beyond a border that no real row crosses; leaves put hardly any there.
        assert price[colour == name].std() == pytest.approx(2, abs=1 if boosted else 0.5)
        assert np.mean(np.abs(price[colour == name] - mean) < 8) > (0.97 if boosted else 0.985)  # 4 σ
        assert np.quantile(price[colour == name], [0.16, 0.84]) == pytest.approx([mean - 2, mean + 2], abs=0.5)
    assert (made["big"].to_numpy() == (price > 30)).mean() > 0.97


def test_giving_the_first_column_is_exact(shop, boosted):
    given = Dataset.of(pa.table({"colour": ["green"] * 2000}))
    sampler = Trees(first=("colour",), boosted=boosted).fit(shop, rng=rng("f"))
    price = sampler.sample(2000, rng=rng("s"), given=given).table["price"].to_numpy()
    # Between the greens at 50 ± 6 and the blues at 30 ± 6; codes are less sure of borders than leaves.
    assert np.mean(price > 32) > 0.99 if boosted else price.min() > 32
    assert sampler._rehearsed == {}


def test_giving_a_later_column_decides_what_comes_before_it(shop, boosted):
    given = Dataset.of(pa.table({"price": [50.0] * 1500 + [10.0] * 1500}))
    sampler = Trees(first=("colour", "big"), boosted=boosted).fit(shop, rng=rng("f"))
    made = sampler.sample(3000, rng=rng("s"), given=given)
    colour = made.table["colour"].to_pylist()
    assert colour[:1500].count("green") / 1500 > 0.97
    assert colour[1500:].count("red") / 1500 > 0.97


def test_the_shares_of_what_was_drawn_before_follow_bayes(boosted):
    draw = rng("bayes")
    a = draw.random(20_000) < 0.3
    b = draw.random(20_000) < np.where(a, 0.8, 0.2)
    data = Dataset.of(pa.table({"a": a, "b": b}))
    sampler = Trees(first=("a",), boosted=boosted).fit(data, rng=rng("f"))
    made = sampler.sample(8000, rng=rng("s"), given=Dataset.of(pa.table({"b": [True] * 8000}))).table["a"]
    expected = 0.3 * 0.8 / (0.3 * 0.8 + 0.7 * 0.2)
    assert np.mean(made.to_pylist()) == pytest.approx(expected, abs=0.02)


def test_what_was_learnt_for_other_given_columns_does_not_depend_on_what_was_asked_before(shop):
    given = Dataset.of(pa.table({"price": [50.0, 10.0, 30.0]}))
    fresh, used = (Trees().fit(shop, rng=rng("f")) for _ in range(2))
    used.sample(100, rng=rng("other"))
    used.sample(1, rng=rng("other"), given=Dataset.of(pa.table({"price": [30.0]})))
    assert fresh.sample(3, rng=rng("s"), given=given).digest == used.sample(3, rng=rng("s"), given=given).digest


def test_the_number_of_processors_changes_no_row(shop, boosted, monkeypatch):
    found = []
    for processors in (1, 3):
        monkeypatch.setattr(os, "cpu_count", lambda processors=processors: processors)
        found.append(Trees(boosted=boosted).fit(shop, rng=rng("f")).sample(70_000, rng=rng("s")).digest)
    assert found[0] == found[1]


def test_what_is_drawn_by_codes_is_drawn_the_same_after_loading(shop, tmp_path):
    sampler = Trees(boosted=True).fit(shop, rng=rng("f"))
    sampler.save(tmp_path)
    loaded = Trees().load(tmp_path)
    for given in (None, Dataset.of(pa.table({"price": [30.0] * 500}))):
        ask = {"rng": rng("s"), "given": given}
        assert loaded.sample(500, **ask).digest == sampler.sample(500, rng=rng("s"), given=given).digest


def test_every_order_starts_with_the_first_columns_and_orders_differ(mixed):
    chains = Trees(first=("town", "age"), orders=6).fit(mixed, rng=rng("f")).chains
    orders = {tuple(link.name for link in chain.links) for chain in chains}
    assert len(orders) == len(chains) == 6
    assert all(order[:2] == ("town", "age") for order in orders)


def test_orders_are_boosted_where_rows_are_neither_few_nor_many(shop):
    laws = [{type(link.law).__name__ for link in chain.links} for chain in Trees().fit(shop, rng=rng("f")).chains]
    assert laws == [{"Bits"}] * 3
    few = Trees().fit(shop.select(np.arange(500)), rng=rng("f"))
    assert {type(link.law).__name__ for chain in few.chains for link in chain.links} == {"Grown"}


def test_no_planted_record_is_made_again(boosted):
    """40 people of a kind of their own: in each, six numbers that nothing foretells lie far from everybody's."""
    draw = rng("planted")
    crowd, odd = draw.normal(0, 1, (3000, 6)), draw.uniform(4, 30, (40, 6))
    data = Dataset.of(pa.table({f"x{k}": np.concatenate([crowd[:, k], odd[:, k]]) for k in range(6)}))
    made = Trees(boosted=boosted).fit(data, rng=rng("f")).sample(30_000, rng=rng("s")).table
    rows = np.column_stack([made[name].to_numpy() for name in made.column_names])
    far = np.min([np.abs(rows - record).max(axis=1).min() for record in odd])
    assert far > 0.5  # of 26; what is chance lies at 1.5: see the next line
    others = draw.uniform(4, 30, (40, 6))
    assert far > 0.3 * np.min([np.abs(rows - record).max(axis=1).min() for record in others])


def test_a_code_halves_by_mass_and_ends_at_each_token():
    made = code.halve(np.array([0, 1, 2, 4]), np.array([5.0, 1.0, 1.0, 9.0, 3.0]))
    assert made.kids.tolist() == [[1, 2], [-1, -1], [3, 4], [5, 6], [-1, -1], [-1, -1], [-1, -1]]
    assert made.token.tolist() == [-1, 0, -1, -1, 4, 1, 2]
    assert made.upper[[0, 2, 3]].tolist() == pytest.approx([0.5, 0.6, 0.5])
    assert made.rank.tolist() == pytest.approx([0.5, 0.25, 0.75, 0.6, 0.85, 0.55, 0.65])
    assert made.depth == 3
    assert made.paths[1] == ((0, 1), (2, 0), (3, 0))


def test_where_nothing_was_learnt_codes_draw_the_shares_of_the_whole_table():
    values = alphabet(rng("v").normal(size=4000))
    alone = bits.learn({"x": values.draw(4000, rng("d"))}, [], "x", {"x": values}, rng=rng("b"))
    drawn = alone.draw({}, 100_000, values, rng("s"))
    share = np.bincount(drawn, minlength=values.size + 1) / 100_000
    assert np.abs(share - values.mass / values.mass.sum()).max() < 0.001  # 5 σ of 256 shares near 1/256


def test_a_group_has_odds_of_its_own_where_it_differs_by_more_than_chance():
    """A node of one half each; a group of 0 : 40, one of 10 : 30 (G² = 10.46) and one of 16 : 24 (G² = 1.61)."""
    made = code.halve(np.array([0, 1]), np.array([100.0, 100.0, 0.0]))
    whole = np.zeros((3, 3))
    group = np.repeat([0, 1, 2], 40)
    upper = np.concatenate([np.repeat([0, 1], counts) for counts in ((40, 0), (30, 10), (24, 16))]).astype(np.int8)
    own = groups._own(whole, made, group * 3, upper)
    assert own[:, 0] == pytest.approx([np.log(0.25 / 40.25), np.log(10.25 / 30.25), 0])
    assert not own[:, 1:].any()


def learn_groups(goal, checked):
    """Two rows in three have x = 0; `goal` follows from x or not."""
    x = np.arange(len(goal), dtype=np.int32) % 3 // 2
    data = {"x": x, "y": goal.astype(np.int32)}
    table = Dataset.of(pa.table({name: np.array(["no", "yes"])[part] for name, part in data.items()}))
    letters = {name: tokens.learn(table.columns[name], table.table[name], rare=5) for name in data}
    made = code.halve(np.array([0, 1]), letters["y"].mass)
    return groups.learn(data, ["x"], "y", letters, made, data["y"][:, None].astype(np.int8), checked, rng=rng("g"))


def test_odds_of_groups_are_kept_only_where_they_foretell_rows_that_were_not_counted():
    x = np.arange(3000) % 3 // 2
    checked = np.arange(3000) % 7 == 0
    learnt = learn_groups(x, checked)
    assert sorted(np.sign(learnt.odds[:, 0])) == [-1, 1]
    assert np.abs(learnt.odds[:, 0]).min() > np.log(800 / 0.5)
    against = learn_groups(np.where(checked, 1 - x, x), checked)
    assert np.ptp(against.odds[:, 0]) == 0


@pytest.mark.parametrize("spoil", [lambda odds: odds[:1], lambda odds: odds[:, :2], lambda odds: odds * np.nan])
def test_odds_that_some_row_or_node_would_lack_are_refused(spoil):
    learnt = learn_groups(np.arange(3000) % 3 // 2, np.arange(3000) % 7 == 0)
    made, stored = code.halve(np.array([0, 1]), np.ones(2)), learnt.to_arrays("g")
    again = Groups.rebuild(learnt.to_json(), stored, "g", sizes={"x": 2}, code=made)
    assert np.array_equal(again.odds, learnt.odds)
    with pytest.raises(LedgerError):
        Groups.rebuild(learnt.to_json(), stored | {"g.odds": spoil(learnt.odds)}, "g", sizes={"x": 2}, code=made)


def test_a_forest_says_what_the_booster_says():
    draw = rng("forest")
    x = draw.integers(0, 40, (3000, 4)).astype(np.float32)
    y = (x[:, 0] * x[:, 1] + draw.normal(0, 200, 3000) > 400).astype(float)
    model = lightgbm.train({**bits.SETTINGS, "seed": 1}, lightgbm.Dataset(x, y), 20)
    walked = forest.plain(model, 12).score(x)
    assert walked == pytest.approx(model.predict(x, raw_score=True, num_iteration=12))
    assert walked.std() > 0.5


@pytest.mark.parametrize(
    ("part", "value"),
    [("left", 99), ("left", 0), ("right", -7), ("feature", 5), ("feature", -1), ("value", np.nan), ("starts", 1)],
)
def test_a_forest_that_would_be_walked_out_of_bounds_is_refused(part, value):
    x = np.arange(400, dtype=np.float32)[:, None] % 20
    model = lightgbm.train({**bits.SETTINGS, "seed": 1}, lightgbm.Dataset(x, (x[:, 0] > 9).astype(float)), 3)
    stored = {name: array.copy() for name, array in forest.plain(model, 3).to_arrays("f").items()}
    assert len(Forest.from_arrays(stored, "f", features=1).starts) == 4
    stored[f"f.{part}"][0] = value
    with pytest.raises(LedgerError):
        Forest.from_arrays(stored, "f", features=1)


@pytest.mark.parametrize(
    ("part", "value"), [("kids", 0), ("kids", 9), ("kids", 2), ("token", 7), ("upper", 0.0), ("rank", np.nan)]
)
def test_a_code_that_leads_nowhere_is_refused(part, value):
    stored = code.halve(np.arange(4), np.ones(4)).to_arrays("c")
    assert Code.from_arrays(stored, "c", size=4).depth == 2
    stored[f"c.{part}"][(3 if part == "token" else 0)] = value
    with pytest.raises(LedgerError):
        Code.from_arrays(stored, "c", size=4)


def test_blocks_of_a_leaf_hold_enough_rows_and_common_tokens_stand_alone():
    values = alphabet(np.arange(10_000.0))
    drawn = np.array([3, 4, 9, 20, 21, 22, 50, 50, 50, 50, 50, 80, 81], np.int32)
    learnt = leaf.learn(np.zeros(13, np.int64), drawn, values, leaves=1, rare=3)
    assert learnt.first.tolist() == [3, 20, 50, 80]
    assert learnt.last.tolist() == [9, 22, 50, 81]
    assert learnt.weight.tolist() == pytest.approx([3 / 13, 3 / 13, 5 / 13, 2 / 13])


def test_a_category_that_is_rare_in_the_table_is_never_drawn(boosted):
    data = Dataset.of(pa.table({"x": ["a"] * 500 + ["b"] * 400 + ["c"] * 3, "y": [1] * 500 + [2] * 400 + [3] * 3}))
    made = Trees(leaf=2, boosted=boosted).fit(data, rng=rng("f")).sample(5000, rng=rng("s")).table
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


def test_a_run_of_rare_numbers_never_shows_a_common_value_that_its_rows_lack():
    """A spike of half of all rows lies between bins, of which each leaf row holds one."""
    values = np.concatenate([np.full(500, 50), np.arange(0, 100, 0.2)])
    found = alphabet(values)
    spike = int(np.searchsorted(found.borders, 50.0, side="right"))
    assert found.common[spike]
    lower, upper = np.zeros(4000, np.int64), np.full(4000, found.size - 1)
    where = rng("apart").random(4000)
    assert np.mean(found.among(lower, upper, where) == spike) > 0.4
    shown = found.apart(lower, upper, where)
    assert not np.any(shown == spike)
    assert shown.min() == 0
    assert shown.max() == found.size - 1


def test_each_of_many_categories_follows_its_own_cause():
    """Seven of ten were born at home; a year says where the others were, as ranks of frequent places."""
    draw = rng("pairs")
    home, far = draw.integers(80, size=10_000), draw.geometric(0.05, size=10_000) % 80
    born = np.where(draw.random(10_000) < 0.7, (home * 37 + 11) % 80, far)
    data = Dataset.of(pa.table({"home": [f"h{n}" for n in home], "year": far + draw.integers(5, size=10_000),
                                "born": [f"b{n}" for n in born]}))  # fmt: skip
    sampler = Trees(boosted=False, orders=1, first=("year", "home")).fit(data, rng=rng("f"))
    made = sampler.sample(10_000, rng=rng("s")).table.to_pydict()
    same = [(int(h[1:]) * 37 + 11) % 80 == int(b[1:]) for h, b in zip(made["home"], made["born"], strict=True)]
    assert np.mean(same) == pytest.approx(np.mean(born == (home * 37 + 11) % 80), abs=0.03)  # 0.2 of splits by rank
