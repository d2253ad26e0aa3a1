"""Expressions compared by math-verify, inside the sandbox."""

import shutil

import pytest

pytest.importorskip("math_verify")

from mintmark.answers import symbolic
from mintmark.errors import InputError

pytestmark = [
    pytest.mark.text,
    pytest.mark.skipif(shutil.which("bwrap") is None, reason="bubblewrap is not installed"),
]

RIGHT = [
    ("The answer is \\boxed{\\frac{1}{2}}", "0.5"),
    ("\\boxed{(x-1)(x+1)}", "x^2-1"),
    ("$\\sqrt{8}$", "2\\sqrt{2}"),
    ("\\boxed{(1,2)}", "(1, 2)"),
    ("\\boxed{\\{1,2\\}}", "\\{2,1\\}"),
    ("\\boxed{x=5}", "5"),
    ("#### 3", "3"),
    ("The answer is $2\\pi r$.", "2 r \\pi"),
]
WRONG = [
    ("\\boxed{x^2+1}", "x^2-1", "differ"),
    ("\\boxed{1}\\boxed{2}", "1", "no single answer"),
    ("\\boxed{}", "3", "no single answer"),
    ("1" * 1001, "1", "no single answer"),
    ("\\boxed{9^{9^{9^{9}}}}", "1", "too long"),
    ("\\boxed{10!!!!!!!}", "1", "too long"),
]


def test_equal_expressions_verify_and_others_do_not():
    found = list(symbolic.verify([*RIGHT, *(pair[:2] for pair in WRONG)], seconds=2))
    assert [one.verified for one in found] == [True] * len(RIGHT) + [False] * len(WRONG)
    for one, (_, _, says) in zip(found[len(RIGHT) :], WRONG, strict=True):
        assert says in one.reason


def test_nothing_in_an_answer_is_run():
    attacks = [
        "__import__('os')._exit(10)",
        "\\boxed{__import__('os')._exit(10)}",
        "1+exec(chr(105))",
        "$\\text{__import__('os')._exit(10)}$",
        "(lambda: exit(10))()",
        "1*(2)._exit(10)",
    ]
    assert not any(one.verified for one in symbolic.verify([(attack, "4711") for attack in attacks], seconds=2))


def test_no_time_at_all_is_refused():
    with pytest.raises(InputError, match="seconds"):
        list(symbolic.verify([("1", "1")], seconds=0))
