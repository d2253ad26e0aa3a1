"""A teacher's answers to real prompts; the teacher is a script."""

import json

import pytest

from mintmark.data.dataset import Dataset
from mintmark.errors import ConditionError, DataError, GenerationError, LedgerError, UnknownName
from mintmark.generators.text.distil import Distil
from mintmark.generators.workshop import Workshop
from mintmark.models.store import Store
from talk import Told, rng, scripted

PROMPTS = Dataset.of({"prompt": ["Why does it rain?", "Why is the sea salt?", "Why does it rain?"]})
ECHO = (r"Why (.*)\?", r"Nobody knows why \1.")


def distil(*rules, real=PROMPTS, **more):
    return Distil(model=scripted(*rules), **more).fit(real, rng=rng())


def test_a_row_holds_the_conversation_the_teacher_and_how_it_was_asked():
    heard = Told()
    made = distil(ECHO, system="Be brief.", temperature=0.5).sample(2, rng=rng(), workshop=heard.workshop)
    rows = {row["prompt"]: row for row in made.table.to_pylist()}
    row = rows["Why does it rain?"]
    assert json.loads(row["messages"]) == [
        {"role": "system", "content": "Be brief."}, {"role": "user", "content": "Why does it rain?"},
        {"role": "assistant", "content": "Nobody knows why does it rain."}]  # fmt: skip
    assert row["answer"] == "Nobody knows why does it rain."
    assert row["teacher"] == "scripted"
    assert json.loads(row["asked_with"]) == {"temperature": 0.5, "top_p": 1.0, "max_tokens": 2048}
    assert len(heard.keys) == 2


def test_a_teacher_that_says_nothing_is_said_early(tmp_path):
    given = Dataset.of({"prompt": [f"Why {n}?" for n in range(3000)]})
    answers = tmp_path / "answers.sqlite"
    with pytest.raises(GenerationError, match="hardly anything is accepted"):
        distil(("", " ")).sample(3000, rng=rng(), given=given, workshop=Workshop(answers=answers))
    assert len(Store(answers)) < 800


def test_conversations_go_on():
    told = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"},
            {"role": "user", "content": "Why not?"}]  # fmt: skip
    real = Dataset.of({"prompt": [json.dumps(told)]})
    made = distil(ECHO, real=real, form="messages").sample(1, rng=rng()).table.to_pylist()[0]
    assert json.loads(made["messages"]) == [*told, {"role": "assistant", "content": "Nobody knows why not."}]


@pytest.mark.parametrize(("text", "why"), [
    ("Why?", "no conversation"), ("[]", "no conversation"), ('[{"role": "robot", "content": "x"}]', "no conversation"),
    ('[{"role": "user"}]', "no conversation"), ("[" * 5000, "no conversation"),
    ('[{"role": "user", "content": "x"}, {"role": "assistant", "content": "y"}]', "waits for no answer"),
])  # fmt: skip
def test_what_is_no_conversation_is_refused_before_anything_is_asked(text, why):
    with pytest.raises(DataError, match=why):
        distil(ECHO, real=Dataset.of({"prompt": [text]}), form="messages")


@pytest.mark.parametrize(("said", "why"), [(" ", "empty"), ("word " * 999, "cut off"),
                                           ("Why not?", "the answer repeats the prompt")])  # fmt: skip
def test_each_reason(said, why):
    heard = Told()
    given = Dataset.of({"prompt": ["Why not?"]})
    model = distil(("", said), real=None, tries=2, max_tokens=200)
    made = model.sample(1, rng=rng(), given=given, workshop=heard.workshop)
    assert made.table["answer"].to_pylist() == [None]
    assert heard.reasons == [why] * 2


def test_given_rows_are_answered_in_their_order():
    given = Dataset.of({"prompt": ["Why a?", None, "Why b?"], "n": [1, 2, 3]})
    model = distil(ECHO, real=None)
    made = model.sample(3, rng=rng(), given=given).table
    assert made["answer"].to_pylist() == ["Nobody knows why a.", None, "Nobody knows why b."]
    assert made.schema.names == list(model.schema_with(given.columns).names)
    with pytest.raises(ConditionError, match="answer"):
        model.sample(1, rng=rng(), given=Dataset.of({"prompt": ["x"], "answer": ["y"]}))
    with pytest.raises(UnknownName, match="prompt"):
        model.sample(1, rng=rng(), given=Dataset.of({"promt": ["x"]}))


def test_every_prompt_is_asked_once_before_any_is_asked_again():
    made = distil(ECHO, samples=2).sample(3, rng=rng()).table
    assert len(set(made["prompt"].to_pylist())) == 2
    with pytest.raises(GenerationError, match="nothing is left"):
        distil(ECHO).sample(3, rng=rng())


def test_the_same_seed_makes_the_same_rows():
    model = distil(("", ("a b", "c d", "e f")), samples=9)
    assert model.sample(9, rng=rng(3)).digest == model.sample(9, rng=rng(3)).digest
    assert model.sample(9, rng=rng(3)).digest != model.sample(9, rng=rng(4)).digest
    assert model.sample(0, rng=rng(3)).table.num_rows == 0


def test_no_prompts_and_an_estimate():
    with pytest.raises(DataError, match="no prompts"):
        distil(ECHO, real=None).sample(1, rng=rng())
    assert len(distil(ECHO, real=None, form="messages").requests(4)) == 4
    assert distil(ECHO, system="Be brief.").recipe.asks == "Be brief.\n\n{{prompt}}"


def test_the_prompts_are_kept_in_a_plain_file(tmp_path):
    model = distil(ECHO)
    model.save(tmp_path)
    assert model.recipe.load(tmp_path) == model
    path = tmp_path / "model.json"
    path.write_text(path.read_text().replace("rain", "hail"))
    with pytest.raises(LedgerError):
        model.recipe.load(tmp_path)
