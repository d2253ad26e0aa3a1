"""Columns drawn alone, on rows worked by hand."""

import numpy as np
import pyarrow as pa
import pytest

from mintmark.data.dataset import Dataset
from mintmark.generators.tabular import surrogates, tokens
from mintmark.generators.tabular.copula import Copula
from mintmark.generators.tabular.independent import Independent
from mintmark.generators.tabular.trees import Trees
from mintmark.seeds import Seed


def rng(*path):
    return Seed(3).child(*path).rng()


def alphabet(values, **kwargs):
    data = Dataset.of(pa.table({"x": values}))
    return tokens.learn(data.columns["x"], data.table["x"], rare=5, **kwargs)


def test_a_value_that_five_rows_share_is_a_token_and_a_rarer_one_is_not():
    learnt = alphabet([1] * 5 + [2] * 4 + [3] * 6)
    assert learnt.mass.tolist() == [5, 4, 6, 0]
    assert learnt.knots[0].tolist() == [1] * 9
    assert learnt.knots[1].min() < 1.5, "the rare 2 is drawn between its neighbours"
    assert learnt.knots[1].max() > 2.5


def test_every_value_falls_into_the_token_that_counts_it():
    values = np.r_[np.zeros(50), np.arange(1, 101), [1000] * 20]
    learnt = alphabet(values, bins=10)
    found = learnt.encode(pa.array(values))
    assert np.bincount(found, minlength=learnt.size + 1).tolist() == learnt.mass.tolist()
    assert learnt.mass[0] == 50
    assert learnt.mass[-2] == 20
    assert (learnt.mass[1:-2] >= 5).all()


def test_draws_within_a_bin_stay_within_it():
    values = rng("v").normal(0, 1, 5000)
    learnt = alphabet(values)
    where = np.repeat(np.arange(learnt.size), 20).astype(np.int32)
    drawn = learnt.values(where, rng("d").random(len(where)))
    assert (learnt.encode(pa.array(drawn)) == where).mean() > 0.999


def test_outermost_values_belong_to_somebody_and_are_not_reached():
    values = np.r_[rng("v").normal(0, 1, 1000), 77.0]
    made = Independent().fit(Dataset.of(pa.table({"x": values})), rng=rng("f")).sample(20_000, rng=rng("s"))
    assert made.table["x"].to_numpy().max() < 30


def test_a_category_of_four_rows_is_never_made():
    data = Dataset.of(pa.table({"x": ["a"] * 60 + ["b"] * 36 + ["c"] * 4}))
    made = Independent().fit(data, rng=rng("f")).sample(10_000, rng=rng("s")).table["x"].to_pylist()
    assert set(made) == {"a", "b"}
    assert made.count("a") / 10_000 == pytest.approx(60 / 96, abs=0.02)
    kept = Independent(rare=4).fit(data, rng=rng("f")).sample(10_000, rng=rng("s")).table["x"].to_pylist()
    assert kept.count("c") / 10_000 == pytest.approx(0.04, abs=0.01)


@pytest.mark.parametrize("method", [Independent(), Copula(), Trees()])
def test_a_rare_category_is_not_in_the_dictionary_of_what_was_made(method):
    """A file of Parquet or Arrow holds the whole dictionary, and not only the values that occur."""
    words = ["a"] * 60 + ["b"] * 36 + ["the bishop"] * 4
    data = Dataset.of(pa.table({"x": pa.array(words).dictionary_encode(), "y": np.arange(100.0)}))
    made = method.fit(data, rng=rng("f")).sample(200, rng=rng("s")).table
    assert made.schema == data.table.schema
    assert made["x"].chunk(0).dictionary.to_pylist() == ["a", "b"]
    assert set(made["x"].to_pylist()) == {"a", "b"}


@pytest.mark.parametrize("gone", [0, 4])
def test_categories_that_are_all_rare_are_made_up_like_text(gone):
    words = [f"parish {row // 2}" for row in range(100 - gone)] + [None] * gone
    data = Dataset.of(pa.table({"x": pa.array(words).dictionary_encode()}))
    made = Independent().fit(data, rng=rng("f")).sample(50, rng=rng("s")).table["x"].to_pylist()
    assert not set(made) & set(words) - {None}
    assert not any("parish" in word for word in made if word)


def test_integers_stay_integers_and_reach_every_value():
    data = Dataset.of(pa.table({"x": pa.array(rng("v").integers(0, 1000, 5000), pa.int16())}))
    made = Independent().fit(data, rng=rng("f")).sample(50_000, rng=rng("s")).table["x"]
    assert made.type == pa.int16()
    assert len(set(made.to_pylist())) > 980


def test_a_key_keeps_its_form_and_nothing_else():
    keys = [f"ACC-{n:06d}-x" for n in rng("v").permutation(10**6)[:200]]
    data = Dataset.of(pa.table({"key": keys, "x": np.zeros(200)}))
    made = surrogates.learn(data.columns["key"], data.table["key"]).make(1000, rng("s")).to_pylist()
    assert all(key.startswith("ACC-") and "-x" in key for key in made)
    assert len(set(made)) == 1000
    assert not set(made) & set(keys)


def test_number_keys_lie_above_all_real_ones():
    data = Dataset.of(pa.table({"id": np.arange(1, 301), "x": np.zeros(300)}))
    made = surrogates.learn(data.columns["id"], data.table["id"]).make(1000, rng("s")).to_numpy()
    assert made.min() > 300
    assert len(np.unique(made)) == 1000


def test_text_has_as_many_words_and_none_of_the_real_ones():
    texts = [f"Mrs Zuckerkandl{n} lives at number {n}" for n in range(100)]
    data = Dataset.of(pa.table({"note": texts}))
    made = surrogates.learn(data.columns["note"], data.table["note"]).make(50, rng("s")).to_pylist()
    assert {len(text.split()) for text in made} == {6}
    assert not any("Zuckerkandl" in text or "lives" in text for text in made)
