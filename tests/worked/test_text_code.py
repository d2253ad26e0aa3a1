"""Exercises whose tests are run; the model is a script, so it is known what each exercise proves."""

import os
import shutil

import pytest

from mintmark.data.dataset import Dataset
from mintmark.errors import GenerationError, LedgerError, RecipeError, Unconfined, UnknownName
from mintmark.generators.text.asking import Dropped
from mintmark.generators.text.code import Code
from mintmark.generators.text.exercises import Exercise
from talk import Told, rng, scripted

pytestmark = pytest.mark.skipif(shutil.which("bwrap") is None, reason="bubblewrap is not installed")

RIGHT = "def double(n):\n    return 2 * n"
WRONG = "def double(n):\n    return n ** 2"
TESTS = "assert double(2) == 4\nassert double(0) == 0\nassert double(-3) == -6"


def told(problem="Write double(n).", solution=RIGHT, wrong=WRONG, tests=TESTS):
    return (f"### Problem\n{problem}\n### Solution\n```python\n{solution}\n```\n### Wrong solution\n"
            f"```python\n{wrong}\n```\n### Tests\n```python\n{tests}\n```")  # fmt: skip


def escaped(text):
    return text.replace("\\", "\\\\")


def code(*rules, **more):
    return Code(model=scripted(*rules), **more).fit(None, rng=rng())


def test_an_exercise_that_proves_itself_is_kept_with_its_level():
    heard = Told()
    made = code(("", told())).sample(1, rng=rng(), workshop=heard.workshop)
    (row,) = made.table.to_pylist()
    assert row["problem"] == "Write double(n)."
    assert row["solution"] == RIGHT
    assert row["tests"] == TESTS
    assert row["level"] == "bubblewrap"
    assert heard.counted == [("exercises that prove themselves", 1, 1)]
    assert len(heard.keys) == 1


@pytest.mark.parametrize(("answer", "why"), [
    (told(solution=WRONG), "the solution fails the tests"),
    (told(tests="assert double\ndef double(n): return 0\nassert True\nassert 1"), "the tests pass a hollow solution"),
    (told(tests="assert True\nassert 1 == 1\nassert not 0"), "the tests pass no solution"),
    (told(tests="assert callable(double)\nassert double(2) is None or True\nassert double"),
     "the tests pass a hollow solution"),
    (told(tests="assert double(2) == 4\nassert double(0) == 0\nassert double(2)"), "the tests pass the wrong solution"),
    (told(tests="assert double(2) == 4"), "too few tests"),
    (told(tests="assert double(2 == 4"), "not Python"),
    (told(solution="def double(n) return 2"), "not Python"),
    (told(solution="double = int"), "no function"),
    (told(solution="def double(n):\n    while True: pass"), "the solution fails the tests"),
    (told() + "\n```python\n1\n```", "not one block of Python"),
    ("### Problem\nWrite it.\n### Solution\n```python\n1\n```", "a part is missing"),
    ("I cannot.", "a part is missing"), (" ", "empty"), (told("long " * 2000), "cut off"),
])  # fmt: skip
def test_each_reason(answer, why):
    heard = Told()
    given = Dataset.of({"topic": ["doubling"]})
    made = code(("", answer), tries=1, seconds=1).sample(1, rng=rng(), given=given, workshop=heard.workshop)
    assert made.table["problem"].to_pylist() == [None]
    assert heard.reasons == [why]


def test_the_same_problem_is_not_kept_twice():
    heard = Told()
    model = code(("", (told("Write double(n)."), told("Write  DOUBLE(n)."), told("Give double(n)."))))
    made = model.sample(2, rng=rng(), workshop=heard.workshop)
    assert len({problem.split()[0] for problem in made.table["problem"].to_pylist()}) == 2


def test_given_columns_fill_the_prompt_and_are_not_doubled():
    given = Dataset.of({"topic": ["doubling", "halving"], "style": ["brief", "long"]})
    model = code(("exercise on doubling for (.*). The", told(r"For \1.")), ("halving", "no"), tries=1)
    made = model.sample(2, rng=rng(), given=given).table
    assert made.schema.names == ["topic", "style", "audience", "problem", "solution", "tests", "level"]
    assert made.schema.names == list(model.schema_with(given.columns).names)
    first, second = made.to_pylist()
    assert first["problem"] == f"For {first['audience']}."
    assert second["solution"] is None


def test_a_prompt_may_name_further_columns():
    prompt = "On {{topic}} for {{audience}}, {{tests}} tests, {{style}}."
    model = code(("brief", told()), prompt=prompt)
    assert model.sample(1, rng=rng(), given=Dataset.of({"style": ["brief"]})).table["solution"][0].as_py() == RIGHT
    with pytest.raises(UnknownName, match="style"):
        model.sample(1, rng=rng(), given=Dataset.of({"stile": ["brief"]}))
    with pytest.raises(UnknownName, match="style"):
        model.sample(1, rng=rng())
    assert len(model.requests(3)) == 3


def test_topics_are_drawn_and_the_same_seed_makes_the_same_rows():
    model = code((r"exercise on (\w+)", told(r"On \1.")), topics=("loops", "sets", "trees", "bits"))
    one, two = (model.sample(3, rng=rng(2)) for _ in range(2))
    assert one.digest == two.digest
    assert all(row["problem"] == f"On {row['topic']}." for row in one.table.to_pylist())


def test_a_model_that_never_proves_anything_is_stopped(monkeypatch):
    monkeypatch.setattr("mintmark.generators.text.asking.PATIENCE", 6)
    with pytest.raises(GenerationError, match="hardly anything"):
        code(("", "no")).sample(4, rng=rng())


def test_nothing_to_draw_from_is_refused():
    with pytest.raises(RecipeError, match="topics"):
        code(("", "x"), topics=())


def test_a_file_that_was_altered_is_not_read(tmp_path):
    model = code(("", "x"))
    model.save(tmp_path)
    assert model.recipe.load(tmp_path) == model
    (tmp_path / "model.json").write_text("{}")
    with pytest.raises(LedgerError):
        model.recipe.load(tmp_path)


def test_a_deep_nest_is_dropped_and_does_no_harm():
    with pytest.raises(Dropped, match="not Python"):
        Exercise.of(told(tests="assert " + "(" * 5000 + ")" * 5000), 1)


def test_a_weaker_level_is_recorded_with_each_row_and_refused_to_root():
    model = code(("", told()), level="process")
    if os.geteuid() == 0:
        with pytest.raises(Unconfined, match="root"):
            model.sample(1, rng=rng())
    else:
        assert model.sample(1, rng=rng()).table["level"].to_pylist() == ["process"]
