"""Reasoning whose answers verify. The model is a script, so it is known which of its answers are right."""

import gzip
import json
import os
import re
import shutil
from pathlib import Path

import pytest

from mintmark import catalog
from mintmark.data.dataset import Dataset
from mintmark.errors import ConditionError, DataError, GenerationError, InputError, LedgerError, RecipeError
from mintmark.generators.text.reason import Reason
from mintmark.generators.text.verifying import parted, way
from talk import Told, rng, scripted

KNOWN = Dataset.of({"question": ["What is 2 plus 3?", "What is 4 times 5?"],
                    "answer": ["2 + 3 = <<2+3=5>>5\n#### 5", "#### 20"]})  # fmt: skip
FIVE = ("Two and three: 2 + 3 = 5.\n#### 5", "Count on from three: 3 + 1 + 1 = 5.\n#### 5", "It is 2 + 3 = 6.\n#### 6",
        "As said, 2 + 3 = 5, so five.\n#### 5")  # fmt: skip
TWENTY = "4 * 5 = 20\n#### 20"


def reason(*rules, real=KNOWN, **more):
    return Reason(model=scripted(*rules), **more).fit(real, rng=rng())


def test_only_what_verifies_is_kept_and_each_path_once():
    told = Told()
    model = reason(("2 plus 3", FIVE), ("4 times 5", TWENTY))
    made = model.sample(3, rng=rng(), workshop=told.workshop).table.to_pylist()
    # One path for twenty; two for five, for the fourth answer calculates what the first does.
    assert sorted(row["found"] for row in made) == ["20", "5", "5"]
    assert len({row["reasoning"] for row in made}) == 3
    assert {row["reasoning"] for row in made} >= {"4 * 5 = 20", "Count on from three: 3 + 1 + 1 = 5."}
    assert "the same reasoning as before" in told.reasons
    assert len(told.keys) == 3
    ((what, verified, judged),) = told.counted
    assert what == "answers that verify"
    assert 3 <= verified <= judged


def test_wrong_answers_are_put_aside_with_what_shows_it():
    told = Told()
    model = reason(("2 plus 3", FIVE), ("", "4 * 5 = 21\n#### 21"))
    made = model.sample(2, rng=rng(), workshop=told.workshop)
    assert made.table["question"].to_pylist() == ["What is 2 plus 3?"] * 2
    assert ("the answer does not verify", "expected 20, found 21", "4 * 5 = 21\n#### 21") in told.aside


@pytest.mark.parametrize(("said", "why"), [
    ("Let me think.\nI do not know.", "no answer is declared"), ("#### 20", "no reasoning"), ("  ", "empty"),
    ("4 * 5 = 20\n#### 20 or 21", "the answer does not verify"), ("x " * 400 + "#### 20", "cut off"),
])  # fmt: skip
def test_each_reason(said, why):
    told = Told()
    given = Dataset.of({"question": ["What is 4 times 5?"], "answer": ["20"]})
    model = reason(("", said), real=None, tries=2, max_tokens=100)
    made = model.sample(1, rng=rng(), given=given, workshop=told.workshop)
    assert made.table.to_pylist() == [{"question": "What is 4 times 5?", "answer": "20",
                                       "reasoning": None, "found": None}]  # fmt: skip
    assert [reason for reason, _, _ in told.aside] == [why] * 2


def test_given_rows_are_completed_in_their_order_and_what_fails_is_asked_again():
    given = Dataset.of({"question": ["What is 4 times 5?", "What is 2 plus 3?", None, "What is 2 plus 3?"],
                        "answer": ["20", "5", "1", "5"], "n": [1, 2, 3, 4]})  # fmt: skip
    model = reason(("2 plus 3", FIVE), ("", TWENTY), real=None, tries=30)
    made = model.sample(4, rng=rng(), given=given).table
    assert made["n"].to_pylist() == [1, 2, 3, 4]
    assert made["found"].to_pylist() == ["20", "5", None, "5"]
    assert made.schema.names == model.schema_with(given.columns).names


def test_options_and_how_they_are_declared():
    real = Dataset.of({"question": ["Red or blue? (A) red (B) blue"], "answer": ["B"]})
    model = reason(("", ("Sky is blue.\nThe answer is (B).", "Sky is red.\nThe answer is A")), real=real,
                   verify="choice", options="AB")  # fmt: skip
    assert model.sample(1, rng=rng()).table["reasoning"].to_pylist() == ["Sky is blue.\nThe answer is (B)."]


@pytest.mark.skipif(shutil.which("bwrap") is None, reason="bubblewrap is not installed")
def test_expressions_are_compared_in_the_sandbox():
    pytest.importorskip("math_verify")
    real = Dataset.of({"question": ["Halve one."], "answer": [r"\frac{1}{2}"]})
    model = reason(("", ("One over two.\n#### 0.5", "Twice.\n#### 2")), real=real, verify="symbolic")
    assert model.sample(1, rng=rng()).table["found"].to_pylist() == ["0.5"]


def test_when_all_samples_are_taken_it_ends_with_reasons():
    with pytest.raises(GenerationError, match="nothing is left") as caught:
        reason(("2 plus 3", FIVE), ("", TWENTY), samples=40).sample(9, rng=rng())
    assert "the same reasoning as before" in caught.value.found


def test_a_model_that_hardly_ever_answers_is_stopped():
    with pytest.raises(GenerationError, match="hardly anything"):
        reason(("", "I'd rather not."), samples=1000).sample(50, rng=rng())


def test_the_same_seed_the_same_rows_another_seed_others():
    model = reason(("2 plus 3", FIVE), ("", TWENTY))
    assert model.sample(3, rng=rng(4)).digest == model.sample(3, rng=rng(4)).digest
    assert len({model.sample(2, rng=rng(seed)).digest for seed in range(5)}) > 1


HARD = Dataset.of({"question": ["What is 2 plus 3?", "What is 7 times 8?"], "answer": ["5", "Seven eights.\n#### 56"]})
HINTED = r"arrive at 56\."


def rationalising(*hinted, real=HARD, **more):
    """A model that never knows seven times eight unless it is told."""
    rules = ((HINTED, hinted), ("2 plus 3", "2 + 3 = 5\n#### 5"), ("7 times 8", "7 * 8 = 54\n#### 54"))
    return reason(*rules, real=real, **{"samples": 3, "rationalise": 1, **more})


def test_what_no_sample_answered_is_asked_with_its_answer_told_and_is_marked():
    told = Told()
    made = rationalising("7 * 8 = 56\n#### 56").sample(2, rng=rng(), workshop=told.workshop)
    rows = {row.pop("question"): row for row in made.table.to_pylist()}
    assert rows == {
        "What is 2 plus 3?": {"reasoning": "2 + 3 = 5", "found": "5", "rationalised": False},
        "What is 7 times 8?": {"reasoning": "7 * 8 = 56", "found": "56", "rationalised": True},
    }
    # Three samples of either failed or repeated themselves before anything was told.
    assert {what: (some, of) for what, some, of in told.counted} == {
        "answers that verify": (3, 6), "rationalised answers that were rejected": (0, 1),
        "rows that are rationalised": (1, 2)}  # fmt: skip


def test_what_is_kept_holds_no_hint_and_the_question_is_asked_plainly_first():
    model = rationalising("7 * 8 = 56\n#### 56")
    plain, hinted = model.request(model.known[1], 0), model.request(model.known[1], 0, hinted=True)
    assert "56" not in plain.text
    assert "56" in hinted.text
    assert "Seven eights" not in hinted.text  # the answer alone is told, and not how others got there
    made = model.sample(2, rng=rng()).table
    assert not any("arrive" in text for name in ("question", "reasoning", "found") for text in made[name].to_pylist())


@pytest.mark.parametrize("said", [
    "The given answer is 56, so 7 * 8 = 56.", "As the hint says, it is 56.", "We must arrive at 56: 7 * 8 = 56.",
    "Working backwards from 56 we get 7.", "The answer was provided: 56.", "We know the answer: 56.",
    "The expected result is 56.",
])  # fmt: skip
def test_a_text_that_tells_that_the_answer_was_known_is_not_kept(said):
    told = Told()
    with pytest.raises(GenerationError, match="nothing is left"):
        rationalising(f"{said}\n#### 56").sample(2, rng=rng(), workshop=told.workshop)
    assert "it tells that the answer was known" in told.reasons
    ordinary = "Seven eights are given by 7 * 8 = 56. So the correct answer is 56.\n#### 56"
    assert rationalising(ordinary).sample(2, rng=rng()).table.num_rows == 2


def test_a_rationalised_answer_must_verify_too():
    told = Told()
    model = rationalising("7 * 8 = 57\n#### 57", real=None, tries=2, rationalise=3)
    made = model.sample(2, rng=rng(), given=HARD, workshop=told.workshop).table
    assert made["found"].to_pylist() == ["5", None]
    assert made["rationalised"].to_pylist() == [False, None]
    assert ("rationalised answers that were rejected", 3, 3) in told.counted
    kept = rationalising("7 * 8 = 56\n#### 56", real=None, tries=2).sample(2, rng=rng(), given=HARD).table
    assert kept["rationalised"].to_pylist() == [False, True]
    assert kept["reasoning"].to_pylist() == ["2 + 3 = 5", "7 * 8 = 56"]


def test_a_model_that_fails_at_all_is_told_all_before_it_is_stopped():
    """300 questions and no right answer would stop it; here another way of asking is yet to come."""
    real = Dataset.of({"question": [f"What is {n} plus 1?" for n in range(300)],
                       "answer": [str(n + 1) for n in range(300)]})  # fmt: skip
    rules = ((r"arrive at (\d+)\.", r"One more makes \1.\n#### \1"), ("", "Who knows.\n#### 0.5"))
    made = reason(*rules, real=real, samples=1, rationalise=1).sample(200, rng=rng()).table
    assert made["rationalised"].to_pylist() == [True] * 200
    with pytest.raises(GenerationError, match="hardly anything"):
        reason(*rules, real=real, samples=1).sample(200, rng=rng())


def test_without_it_there_is_no_column_of_it():
    assert "rationalised" not in reason(("", "x")).schema.names
    with pytest.raises(InputError, match="regular expression"):
        catalog.build("generators", "text.reason", {"model": scripted(("", "x")), "betrayals": ["("]})


def test_none_are_made_where_none_are_asked():
    assert reason(("", "x")).sample(0, rng=rng()).table.num_rows == 0


def test_an_answer_that_nothing_can_be_verified_against_is_refused_before_anything_is_asked():
    bad = Dataset.of({"question": ["Why?", "Where?"], "answer": ["#### 5", "because"]})
    with pytest.raises(DataError, match="row 2"):
        reason(("", "x"), real=bad)
    with pytest.raises(DataError, match="row 2"):
        reason(("", "x"), real=None).sample(2, rng=rng(), given=bad)


def test_it_says_what_is_missing():
    with pytest.raises(DataError, match="no questions"):
        reason(("", "x"), real=Dataset.of({"task": ["do it"]})).sample(1, rng=rng())
    with pytest.raises(RecipeError, match="one name"):
        reason(("", "x"), answer="question")
    with pytest.raises(ConditionError, match="answer"):
        reason(("", "x"), answer="answer").sample(2, rng=rng(), given=KNOWN)


def test_the_questions_are_kept_in_a_plain_file(tmp_path):
    model = reason(("", "x"))
    model.save(tmp_path)
    assert model.recipe.load(tmp_path) == model
    path = tmp_path / "model.json"
    path.write_text(path.read_text().replace("4 times 5", "4 times 6"))
    with pytest.raises(LedgerError):
        model.recipe.load(tmp_path)


def test_an_estimate_asks_every_question_before_any_again():
    asked = reason(("", "x")).requests(4)
    assert len({each.text for each in asked}) == 2
    assert len({(each.text, each.sample) for each in asked}) == 4


def test_reasoning_and_answer_are_parted_and_paths_told_apart():
    assert parted("a\n#### 5") == ("a", "5")
    assert parted(r"so \boxed{5}") == (r"so \boxed{5}", "5")
    assert way("First 2 + 3 = 5, then 5 * $1,000 = $5,000.") == "2+3=5 5*1000=5000"
    assert way("Is x = 5? Then 2 x 5 = 10 = 2 + 8.") == "2x5=10 10=2"
    assert way("1 " * 20_000) == ("1 " * 20_000).strip()
    assert way("Two and three.") == way("two, and THREE") != way("Three and two.")


@pytest.mark.skipif("MINTMARK_DATA" not in os.environ, reason="needs MINTMARK_DATA")
def test_gsm8k_with_the_references_and_planted_mistakes():
    path = Path(os.environ["MINTMARK_DATA"]) / "gsm8k" / "test.jsonl.gz"
    rows = [json.loads(line) for line in gzip.decompress(path.read_bytes()).splitlines()[:300]]
    real = Dataset.of({name: [row[name] for row in rows] for name in ("question", "answer")})
    # Every third answer is off by one.
    wrong = {place for place in range(300) if place % 3 == 0}
    rules = [(re.escape(row["question"].strip()), _said(row["answer"], place in wrong).replace("\\", "\\\\"))
             for place, row in enumerate(rows)]  # fmt: skip
    told = Told()
    made = reason(*rules, real=real, samples=1).sample(200, rng=rng(), workshop=told.workshop)
    right = {rows[place]["question"].strip() for place in set(range(300)) - wrong}
    assert set(made.table["question"].to_pylist()) == right
    assert set(told.reasons) == {"the answer does not verify"}
    ((_, verified, judged),) = told.counted
    assert (verified, judged - verified) == (200, len(told.aside))


def _said(answer, wrong):
    before, _, number = answer.rpartition("####")
    return f"{before}#### {int(number.replace(',', '')) + 1}" if wrong else answer
