"""Answers that are right, wrong or in doubt; whoever is in doubt says no."""

import gzip
import json
import os
import shutil
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mintmark.answers import choice, code, numeric
from mintmark.answers.declared import declared
from mintmark.answers.quantity import Quantity, quantity
from mintmark.errors import InputError


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1,234", 1234),
        ("1,450,000.50", Fraction(145000050, 100)),
        ("-10", -10),
        ("−10", -10),
        ("minus 10", -10),
        ("+7.", 7),
        (".5", Fraction(1, 2)),
        ("0.10", Fraction(1, 10)),
        ("$5", 5),
        ("$-5.25", Fraction(-21, 4)),
        ("-$5.25", Fraction(-21, 4)),
        ("\\$18", 18),
        ("$18$", 18),
        ("$\\frac{3}{4}$", Fraction(3, 4)),
        ("3/4", Fraction(3, 4)),
        ("1 1/2", Fraction(3, 2)),
        ("-1 1/2 cups", Fraction(-3, 2)),
        ("1½", Fraction(3, 2)),
        ("1\\frac{1}{2}", Fraction(3, 2)),
        ("1.5e3", 1500),
        ("2 × 10^3", 2000),
        ("2 \\times 10^{-3}", Fraction(1, 500)),
        ("1.2 million dollars", 1200000),
        ("72 clips", 72),
        ("**72**", 72),
        ("x = 5", 5),
        ("6*7 = 42", 42),
        ("\\text{42 apples}", 42),
        ("100°", 100),
    ],
)
def test_numbers_are_read_exactly(text, value):
    read = quantity(text)
    assert isinstance(read, Quantity), read
    assert read.value == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        "none",
        "5 or 6",
        "5-6",
        "5 to 6",
        "more than 5",
        "at least 5",
        "not 5",
        "isn't 5",
        "< 5",
        "1,23",
        "1 234",
        "10:30",
        "1/2/3",
        "1.2.3",
        "2^10",
        "5 ± 1",
        "5/0",
        "1e999999999",
        "9" * 300,
        "3 + 4",
        "5?",
    ],
)
def test_what_is_not_one_number_is_none(text):
    assert isinstance(quantity(text), str)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("First 3.\n#### 42\n", ["42"]),
        ("So \\boxed{\\frac{1}{2}}, or \\boxed{0.5}", ["\\frac{1}{2}", "0.5"]),
        ("The answer is 5 apples. There were 3 people.", ["5 apples"]),
        ("**Answer:** 3.5", ["3.5"]),
        ("Final answer: $7.25. Done.", ["$7.25"]),
        ("12", ["12"]),
        ("We add 3 and 4.\nThis makes 7.", []),
        ("", []),
    ],
)
def test_only_declared_answers_count(text, said):
    assert declared(text) == said


@pytest.mark.parametrize(
    ("answer", "expected", "verified"),
    [
        ("#### 18", "18", True),
        ("#### $18.00", "18", True),
        ("The answer is 1,234 miles.", "1234", True),
        ("#### 50%", "50", True),
        ("#### 50%", "0.5", True),
        ("#### 0.5", "50%", True),
        ("#### 0.5%", "50%", False),
        ("#### 5%", "0.5", False),
        ("#### 5 km", "5 m", False),
        ("#### 5 km", "5 kilometers", True),
        ("#### $5", "5 euros", False),
        ("#### 500 cents", "$5", False),
        ("#### 5\n#### 6", "6", False),
        ("#### 6\nso 6 it is\n#### 6.0", "6", True),
        ("It is 18, since 3 * 6 = 18, and so on and so forth.\nYes.", "18", False),
        ("#### 0.33", "1/3", False),
        ("#### -18", "18", False),
        ("The answer is not 18.", "18", False),
        ("The answer is 18 because 3 times 6 is 18.", "18", False),
        ("#### 9^9^9^9", "1", False),
    ],
)
def test_numeric_answers(answer, expected, verified):
    assert numeric.verify(answer, expected).verified is verified, numeric.verify(answer, expected)


def test_a_tolerance_is_an_absolute_difference():
    assert not numeric.verify("#### 3.14", "3.1416").verified
    assert numeric.verify("#### 3.14", "3.1416", tolerance=0.002).verified
    assert not numeric.verify("#### 3.14", "3.1416", tolerance=0.001).verified


def test_an_expected_answer_that_is_no_number_is_said():
    with pytest.raises(InputError, match="not a number"):
        numeric.verify("5", "five")


@given(
    st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=-(10**9), max_value=10**9),
    st.integers(1, 10**6),
)
def test_a_number_is_itself_however_it_is_written_and_no_other(number, apart):
    ways = [
        f"{number}",
        f"{number:,}",
        f"#### {number:,}",
        f"The answer is {number} apples.",
        f"\\boxed{{{number}}}",
        f"${number}$",
    ]
    for way in ways:
        assert numeric.verify(way, str(number)).verified, way
        assert not numeric.verify(way, str(number + apart)).verified, way
        assert not numeric.verify(f"{way}\n#### {number + apart}\n#### {number}", str(number)).verified, way


@given(st.text(max_size=200))
def test_no_text_breaks_the_verifiers(text):
    assert not numeric.verify(text, "987654321.125").verified
    assert isinstance(choice.verify(text, "B").verified, bool)
    assert isinstance(declared(text), list)


@pytest.mark.parametrize(
    "answer",
    [
        "B",
        "b",
        "(B)",
        "B.",
        "B)",
        "[b]",
        "**B**",
        "B) Paris",
        "(B) Paris",
        "Answer: B",
        "The answer is B.",
        "The answer is (B).",
        "The correct answer is B) Paris.",
        "**Answer:** (B)",
        "Thinking it over.\n\nB",
        "Long thoughts.\n**(B)**",
        "$\\boxed{B}$",
        "\\boxed{\\text{B}}",
        "The best option is B because it is the capital.",
        "Final answer: B\n",
        "The correct choice is: B",
        "Paris",
        "The answer is Paris.",
        "#### B",
        "The answer is option B.",
    ],
)
def test_the_usual_ways_of_naming_an_option(answer):
    options = {"A": "London", "B": "Paris", "C": "Rome", "D": "Berlin"}
    assert choice.verify(answer, "B", options=options).verified, choice.verify(answer, "B", options=options)
    assert not choice.verify(answer, "A", options=options).verified


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "B or C",
        "A and B",
        "(A) or (B)",
        "B/C",
        "The answer is B. The answer is C.",
        "The answer is not B.",
        "B) London",
        "The answer is A dog.",
        "It cannot be B, so I do not know which one it would be, sadly, in the end, after all of that.",
        "E",
        "BC",
        "I think that B is nice",
        "Between B and C",
        "\\boxed{B}\\boxed{C}",
        "Big",
        "B?",
        "B, C",
    ],
)
def test_an_option_in_doubt_is_not_verified(answer):
    options = {"A": "London", "B": "Paris", "C": "Rome", "D": "Berlin"}
    for letter in options:
        assert not choice.verify(answer, letter, options=options).verified, letter


@pytest.mark.parametrize(
    "text",
    [
        "answer" + " " * 10**6,
        "answer is " + " " * 10**6 + "x",
        "\n" * 10**6,
        "#### " + " " * 10**6 + "5",
        "\\boxed{" * 10**5,
        "answer is " * 10**4,
        "```a\n" * 10**5,
        "9" * 10**6,
        "*" * 10**6,
        "#### " + "(" * 10**6,
        "####\n" * 10**5,
    ],
)
def test_a_text_that_is_made_to_take_long_does_not(text):
    """Each would take a reader that tries all ways of matching hours."""
    assert not choice.verify(text, "B").verified
    assert not numeric.verify(text, "7").verified
    code.source(text)


def test_an_option_that_is_none_is_said():
    with pytest.raises(InputError, match="one of A, B, C"):
        choice.verify("A", "D", options="ABC")


def test_code_is_taken_from_its_only_block():
    assert code.source("def f(): pass") == "def f(): pass"
    assert code.source("Here:\n```python\nx = 1\n```\nand\n```json\n{}\n```") == "x = 1\n"
    assert code.source("```\nx = 1\n```\n```py\ny = 1\n```") is None
    assert code.source("```python\nx = 1") is None


@pytest.mark.skipif(shutil.which("bwrap") is None, reason="bubblewrap is not installed")
def test_code_is_verified_by_running_it():
    tests = ("assert double(2) == 4",)
    answers = [
        "```python\ndef double(x):\n    return 2 * x\n```",
        "```python\ndef double(x):\n    return x\n```",
        "```python\nx = 1\n```\n```python\ny = 1\n```",
        "print('passed'); exit(0)",
        "I am sorry, but I cannot do that.",
    ]
    found = list(code.verify((answer, tests) for answer in answers))
    assert [one.verified for one in found] == [True, False, False, False, False]
    assert found[1].reason == "test failed: assert double(2) == 4 (AssertionError: )"
    assert "not one block" in found[2].reason


@pytest.mark.skipif("MINTMARK_DATA" not in os.environ, reason="MINTMARK_DATA is not set")
def test_all_references_of_gsm8k_verify_and_planted_wrong_ones_do_not():
    path = Path(os.environ["MINTMARK_DATA"]).resolve() / "gsm8k" / "test.jsonl.gz"
    with gzip.open(path, "rt", encoding="utf-8") as file:
        answers = [json.loads(line)["answer"] for line in file]
    assert len(answers) == 1319
    for answer in answers:
        steps, _, final = answer.rpartition("####")
        final, value = final.strip(), Fraction(final.strip().replace(",", ""))
        assert numeric.verify(answer, final).verified
        assert numeric.verify(f"{steps}\nThe answer is ${final}.", final).verified
        for wrong in (value + 1, -value or 1, value * 10 or 2, value + Fraction(1, 10), value / 2 or 3):
            assert not numeric.verify(f"{steps}#### {float(wrong)}", final).verified
        assert not numeric.verify(f"{steps}#### {final} or {value + 1}", final).verified
