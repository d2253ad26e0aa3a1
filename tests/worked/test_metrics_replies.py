"""Replies to instructions: obeying and being right are counted apart, and planted faults of either are seen."""

import json
from typing import Any

import pytest

import mintmark as mm
from mintmark import catalog
from mintmark.data.dataset import Dataset
from mintmark.errors import CannotMeasure
from mintmark.metrics.evidence import NoEvidence, Reading
from mintmark.metrics.intervals import proportion
from mintmark.metrics.metric import Case
from mintmark.seeds import Seed


def ask(name: str, made: Dataset, parameters: dict[str, Any] | None = None, **case: Any) -> Reading:
    return catalog.build("metrics", name, parameters or {}).measure(Case(made, **case), rng=Seed(1).rng())


def sums(n: int, *, wrong: int = 0, wordy: int = 0, first: int = 0, **columns: str) -> Dataset:
    """Sums whose answers are to hold no comma: the first `wrong` are false, and the last `wordy` hold one."""
    names = {"instruction": "instruction", "output": "output"} | columns
    asked = [f"What is {first + k} + 1? Use no commas." for k in range(n)]
    said = [f"{'Well, it' if k >= n - wordy else 'It'} is hard. The answer is {first + k + 1 + (k < wrong)}."
            for k in range(n)]  # fmt: skip
    return Dataset.of(
        {names["instruction"]: asked, names["output"]: said, "reference": [str(first + k + 1) for k in range(n)]}
    )


def test_following_and_being_right_are_two_questions() -> None:
    better_manners, better_facts = sums(100, wrong=40, wordy=5), sums(100, wrong=5, wordy=40)
    assert ask("validity.following", better_manners).value == 0.95
    assert ask("validity.accuracy", better_manners).value == 0.6
    assert ask("validity.following", better_facts).value == 0.6
    assert ask("validity.accuracy", better_facts).value == 0.95
    assert ask("validity.accuracy", better_facts).interval == proportion(95, 100)


def test_a_row_follows_where_it_obeys_all_that_it_was_told() -> None:
    asked = ["Use no commas. Answer in one sentence."] * 40
    made = Dataset.of({"instruction": asked, "output": ["Yes."] * 20 + ["Yes. No."] * 10 + ["Yes, no. No."] * 10})
    reading = ask("validity.following", made)
    assert (reading.value, reading.n) == (0.5, 40)
    assert reading.details["kinds"] == {
        "no commas": {"orders": 40, "obeyed": 0.75}, "sentences": {"orders": 40, "obeyed": 0.5}}  # fmt: skip
    assert reading.details["obeyed_of_all_orders"] == 0.625


def test_what_orders_nothing_does_not_count() -> None:
    idle = Dataset.of({"instruction": ["What is rain?"] * 90, "output": ["Water."] * 90})
    with pytest.raises(CannotMeasure, match="at least 30 rows"):
        ask("validity.following", idle)
    table = Dataset.of({"x": [f"It rained on the hills for {night} nights, and nobody knew." for night in range(60)]})
    for name in ("validity.following", "validity.accuracy"):
        with pytest.raises(CannotMeasure, match="no instructions and replies"):
            ask(name, table)


@pytest.mark.parametrize("name", ["validity.following", "validity.accuracy"])
def test_a_table_of_numbers_is_told_in_one_sentence_that_it_holds_no_replies(name: str) -> None:
    numbers = Dataset.of({f"c{column}": [float(row * column) for row in range(60)] for column in range(40)})
    with pytest.raises(CannotMeasure) as caught:
        ask(name, numbers, train=numbers)
    assert str(caught.value) == "no column holds text, so nobody asks and nobody replies"


def test_columns_may_be_named_or_hold_whole_conversations() -> None:
    named = sums(50, wordy=10, instruction="task", output="said")
    assert ask("validity.following", named, {"instruction": "task", "reply": "said"}).value == 0.8
    with pytest.raises(CannotMeasure, match="nothing"):
        ask("validity.following", named, {"instruction": "nothing", "reply": "said"})
    turns = [
        [{"role": "system", "content": "Be brief."}, {"role": "user", "content": row["instruction"]},
         {"role": "assistant", "content": row["output"]}]
        for row in sums(50, wordy=10).table.to_pylist()
    ]  # fmt: skip
    talks = Dataset.of({"messages": list(map(json.dumps, turns))})
    assert ask("validity.following", talks).value == 0.8


def test_trusted_answers_may_be_those_of_real_rows_that_ask_the_same() -> None:
    real = Dataset.of(
        {"question": [f"How much is {k}  + 1?" for k in range(60)], "answer": [f"#### {k + 1}" for k in range(60)]}
    )
    made = Dataset.of({
        "question": [f"how much is {k} + 1?" for k in range(40, 100)],
        "answer": [f"The answer is {k + 1 + (k < 45)}." for k in range(40, 100)],
    })  # fmt: skip
    reading = ask("validity.accuracy", made, {"minimum": 10}, train=real)
    assert (reading.value, reading.n) == (0.75, 20)
    assert reading.details["trusted"] == "real rows that ask the same"
    with pytest.raises(CannotMeasure, match="right answer is known"):
        ask("validity.accuracy", made)


def test_the_columns_of_reasoning_are_known() -> None:
    made = Dataset.of(
        {"question": [f"{k}?" for k in range(40)], "answer": ["#### 5"] * 40, "found": ["5"] * 30 + ["6"] * 10}
    )
    assert ask("validity.accuracy", made).value == 0.75


def test_answers_are_compared_by_their_form() -> None:
    trusted = ["B"] * 10 + ["1,200"] * 10 + ["The Danube"] * 10 + ["x" * 100] * 10
    said = ["The answer is (b)."] * 9 + ["b or c"] + ["#### 1200"] * 10 + ["danube"] * 5 + ["Rhine"] * 5 + ["?"] * 10
    made = Dataset.of({"instruction": [f"{k}" for k in range(40)], "output": said, "reference": trusted})
    reading = ask("validity.accuracy", made)
    assert reading.details["compared_as"] == {"choice": 10, "numeric": 10, "words": 10}
    assert (reading.value, reading.n) == (24 / 30, 30)


def test_replies_that_declare_nothing_are_not_right_and_are_counted() -> None:
    talk = "There is much to be said about this.\n" * 5
    made = Dataset.of({"instruction": ["?"] * 40, "output": ["4"] * 30 + [talk] * 10, "reference": ["4"] * 40})
    reading = ask("validity.accuracy", made)
    assert reading.value == 0.75
    assert reading.details["declare_no_answer"] == 0.25


def test_an_assay_reports_both_beside_what_real_rows_reach_and_shuffled_ones() -> None:
    found = mm.assay(sums(200), sums(120, wrong=30, wordy=12), holdout=sums(120, first=200),
                     metrics=["validity.following", "validity.accuracy"])  # fmt: skip
    following, accuracy = found["validity.following"], found["validity.accuracy"]
    assert not isinstance(following, NoEvidence)
    assert not isinstance(accuracy, NoEvidence)
    assert following.ceiling is not None
    assert accuracy.ceiling is not None
    assert accuracy.floor is not None
    assert following.ceiling.value == accuracy.ceiling.value == 1
    assert accuracy.floor.value < 0.2
    assert following.interval[1] < 1
