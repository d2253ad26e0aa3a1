"""A reward model as a filter, by a model whose rewards are known: it counts the exclamation marks."""

import json

import numpy as np
import pyarrow as pa
import pytest

from mintmark import catalog
from mintmark.errors import InputError, RecipeError
from mintmark.filters.filter import Filter
from mintmark.filters.reward import DIGITS
from mintmark.models.means import Means
from mintmark.models.request import Request

RULES = [{"match": f"!{{{n}}}$", "reply": str(float(n))} for n in (5, 4, 3, 2, 1)] + [{"match": "", "reply": "0"}]
TEXTS = ["a!!", "b", "c!!!!!", None, "d!", " ", "e!!!!", "f!"]


def reward(rules=RULES, **more) -> Filter:
    model = {"use": "models.scripted", "with": {"rules": rules}}
    return catalog.build("filters", "filters.reward", {"column": "text", "model": model, **more})


def sifted(filter_, rows, **more):
    sieve = filter_.open(None, rng=np.random.default_rng(1), **more)
    return sieve, sieve.sift(pa.table(rows))


def test_a_reward_of_enough_is_kept_and_every_other_row_has_its_reason_and_its_figure():
    sieve, found = sifted(reward(least=2), {"text": TEXTS})
    assert found.keep.tolist() == [True, False, True, False, False, False, True, False]
    assert found.reasons[1:5] == ("rewarded too little", None, "no text", "rewarded too little")
    assert found.shown[1] == "0, of 2"
    # 2, 0, 5, 1, 4 and 1: six texts, quartiles by hand.
    assert sieve.notes == ("reward: 6 texts were given 0 to 5, a quarter at most 1, half 1.5, three quarters 3.5",)
    assert reward(least=2).streams


def test_the_best_share_of_a_run_is_kept_and_of_equals_the_earlier():
    _, found = sifted(reward(share=0.6), {"text": TEXTS})  # of 6 texts: 3.6, so 4
    assert found.keep.tolist() == [True, False, True, False, True, False, True, False]
    assert (found.reasons[7], found.shown[7]) == ("not among the best", "1, where the last that stays has 1")
    assert not reward(share=0.6).streams
    _, none = sifted(reward(share=0.6), {"text": pa.nulls(2, pa.string())})
    assert none.reasons == ("no text", "no text")


def test_with_a_context_the_model_reads_a_conversation_and_without_one_the_text_alone():
    rows = {"text": ["fine", "fine"], "question": ["How?", None]}
    alone, talk = reward(least=0), reward(least=0, context="question")
    for filter_, turns in ((alone, []), (talk, ["user", "assistant"])):
        assert [one.role for one in filter_.requests(1)[0].messages] == turns
    assert sifted(talk, rows)[1].keep.tolist() == [True, True]


def test_a_model_that_answers_in_words_is_stopped_at_its_first_answer(tmp_path):
    with pytest.raises(InputError, match="whose answer is a number") as error:
        sifted(reward([{"match": "", "reply": "A fine text."}], least=0), {"text": TEXTS})
    assert "filters.judge" in str(error.value)
    for said in ("nan", "inf"):
        with pytest.raises(InputError, match="a number"):
            sifted(reward([{"match": "", "reply": said}], least=0), {"text": TEXTS})


@pytest.mark.parametrize("wrong", [{}, {"least": 1, "share": 0.5}, {"least": float("nan")}], ids=json.dumps)
def test_a_threshold_or_a_share_and_not_both(wrong):
    with pytest.raises((RecipeError, InputError), match="least"):
        reward(**wrong)


def test_what_was_scored_is_not_scored_again(tmp_path):
    means, filter_ = Means(answers=tmp_path / "answers.sqlite"), reward(least=2)
    sifted(filter_, {"text": TEXTS}, workshop=means)
    requests = [Request(prompt=text, max_tokens=DIGITS, temperature=0.0) for text in ("a!!", "b", "new")]
    for model, kept in ((filter_.model, 2), (reward([{"match": "", "reply": "9"}], least=2).model, 0)):
        with model.opened(means.answers) as desk, desk.store:
            assert desk.estimate(requests).kept == kept
