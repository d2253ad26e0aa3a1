"""Canaries: how they are drawn, planted and found again, and what a reader of synthetic texts learns of them."""

import json
import math
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

import mintmark as mm
from mintmark import catalog
from mintmark.data.dataset import Dataset
from mintmark.errors import CannotMeasure, DataError, InputError, UnknownName
from mintmark.generators.text.markov import Markov
from mintmark.metrics.evidence import Evidence, Reading
from mintmark.metrics.metric import Case
from mintmark.metrics.privacy.canaries import exposure
from mintmark.seeds import Seed
from mintmark.words.canaries import FORM, found, invented, plant, tokens

VOCABULARY = [f"w{chr(97 + k % 26)}{chr(97 + k // 26)}" for k in range(300)]


def prose(seed: int, n: int = 300) -> Dataset:
    rng = np.random.default_rng(seed)
    return Dataset.of(
        {"note": [" ".join(rng.choice(VOCABULARY, 12)) for _ in range(n)], "age": rng.integers(90, size=n)}
    )


def ask(made: Dataset, train: Dataset, seed: int = 1, **parameters: Any) -> Reading:
    return catalog.build("metrics", "privacy.canaries", parameters).measure(Case(made, train), rng=Seed(seed).rng())


def test_canaries_are_different_and_of_their_form() -> None:
    drawn = invented("code ## - ##.", 3000, np.random.default_rng(0), without=frozenset({"code 00 - 00."}))
    assert len(set(drawn)) == 3000
    assert "code 00 - 00." not in drawn
    column = pa.chunked_array([[f"He said {one} Yes." for one in drawn]])
    assert found(column, "code ## - ##.") == sorted(drawn)


def test_what_only_looks_like_a_canary_is_none() -> None:
    column = pa.chunked_array([["code 1234, code 1234", "code 12345", "code 123", "xcode 5678", None]])
    assert found(column, "code ####") == ["code 1234", "code 5678"]


@pytest.mark.parametrize("form", ["no digits", "two ## digits", "########", "a ########"])
def test_a_form_that_chance_would_meet_is_refused(form: str) -> None:
    with pytest.raises(InputError, match="no form for canaries"):
        invented(form, 1, np.random.default_rng(0))
    with pytest.raises(InputError, match="too few digits for so many"):
        invented("code ####", 6000, np.random.default_rng(0))


def test_each_canary_stands_in_as_many_texts_as_was_said_and_nothing_else_changes() -> None:
    real = prose(0)
    planted = plant(real, "note", rng=np.random.default_rng(1), count=20, repeat=7)
    assert planted.schema == real.schema
    assert planted.table["age"].equals(real.table["age"])
    there = found(planted.table["note"], FORM)
    assert len(there) == 140
    assert {there.count(one) for one in there} == {7}
    pairs = zip(real.table["note"].to_pylist(), planted.table["note"].to_pylist(), strict=True)
    changed = [after.removeprefix(before) for before, after in pairs if before != after]
    assert sorted(one.strip() for one in changed) == there
    assert found(real.table["note"], FORM) == []


def test_planting_where_there_is_no_room_is_refused() -> None:
    rng = np.random.default_rng(1)
    with pytest.raises(DataError, match="texts of its own"):
        plant(prose(0), "note", rng=rng, count=50, repeat=7)
    with pytest.raises(DataError, match="column of text"):
        plant(prose(0), "age", rng=rng)
    with pytest.raises(UnknownName):
        plant(prose(0), "text", rng=rng)


def test_exposure_by_hand() -> None:
    """Among 7 alternatives the likeliest has rank 1 and 3 bits, one that five beat or equal rank 6."""
    alternatives = np.array([1.0, 2, 3, 4, 5, 5, 6])
    found_ = exposure(np.array([7.0, 7.0, 3.0]), alternatives)
    assert found_["most"] == found_["median"] == found_["measurable"] == 3
    assert exposure(np.array([3.0]), alternatives)["median"] == pytest.approx(3 - math.log2(6))


def test_digits_are_read_one_by_one() -> None:
    assert tokens("The Code: 42!") == ["the", "code", ":", "4", "2", "!"]


def test_a_generator_that_learns_by_heart_gives_planted_secrets_away() -> None:
    train = plant(prose(0), "note", rng=np.random.default_rng(1), count=20, repeat=10)
    learnt = Markov(column="note", order=4, longest=40).fit(train, rng=np.random.default_rng(2))
    made = learnt.sample(300, rng=np.random.default_rng(3))
    reading = ask(made, train)
    assert reading.value > 0.99
    assert reading.details["word_for_word"] == 20
    assert reading.details["exposure"]["median"] == reading.details["exposure"]["measurable"]
    assert reading.details["tpr_at_0.01"] > 0.9
    assert "20 of 20" in reading.details["words"]


def test_half_a_secret_gives_half_away() -> None:
    """Texts that hold the first four digits of eight leave 10,000 of 100 million alternatives."""
    train = plant(prose(0), "note", rng=np.random.default_rng(1), count=20, repeat=3)
    heads = [one[:-4] for one in found(train.table["note"], FORM)]
    reading = ask(
        Dataset.of({"note": [f"{text} {heads[k % 60]}" for k, text in enumerate(prose(2).table["note"].to_pylist())]}),
        train,
    )
    assert reading.details["word_for_word"] == 0
    assert reading.value > 0.95


def test_texts_that_never_saw_them_raise_no_more_alarms_than_stated() -> None:
    """An interval of 95 % excludes chance in 50 runs more than 8 times for one seed in 1,000; seeds are fixed."""
    alarms = 0
    for seed in range(50):
        train = plant(prose(0), "note", rng=np.random.default_rng(seed), count=20, repeat=3)
        other = plant(prose(1, 90), "note", rng=np.random.default_rng(10_000 + seed), count=20, repeat=4)
        low, high = ask(other, train, seed, alternatives=100, order=3).interval
        alarms += not low <= 0.5 <= high
    assert alarms <= 8


def test_texts_that_know_nothing_of_the_form_are_at_chance_exactly() -> None:
    train = plant(prose(0), "note", rng=np.random.default_rng(1), count=20, repeat=3)
    reading = ask(prose(1), train)
    assert reading.value == 0.5
    assert reading.details["exposure"]["median"] == 0
    assert "no better than by chance" in reading.details["words"]


def test_without_canaries_there_is_no_evidence_and_few_are_not_counted() -> None:
    with pytest.raises(CannotMeasure, match="at least 10 planted canaries"):
        ask(prose(1), prose(0))
    few = plant(prose(0), "note", rng=np.random.default_rng(1), count=9, repeat=1)
    with pytest.raises(CannotMeasure, match="fewer than 10"):
        ask(prose(1), few)


def test_in_an_assay_unseen_texts_are_at_chance_and_no_secret_is_named() -> None:
    train = mm.plant(prose(0), "note", rng=np.random.default_rng(1), count=30, repeat=5)
    found_ = mm.assay(train, train.select(np.arange(200)), holdout=prose(3), metrics=["privacy.canaries"])[0]
    assert isinstance(found_, Evidence), found_
    assert found_.value > 0.95
    assert found_.ceiling is not None
    assert found_.ceiling.value == 0.5
    assert not any(one in json.dumps(found_.to_json()) for one in found(train.table["note"], FORM))
