"""Tasks that evolve, and those that fail to; the model is a script."""

import pytest

from mintmark.data.dataset import Dataset
from mintmark.errors import DataError, GenerationError, LedgerError, MintmarkError, RecipeError
from mintmark.generators.text.evolve import OPERATIONS, Evolve
from talk import Told, rng, scripted

SEEDS = Dataset.of({"instruction": ["Name a red fruit.", "Describe the sea at night."]})
SAME = ("Do both tasks ask the same", "No.")
GROW = (r"(?s)<task>\s*(.*?)\s*</task>", r"\1 Give a reason too, in one sentence of your own.")
ANSWER = ("", "An apple, since it is red.")


def evolve(*rules, real=SEEDS, **more):
    return Evolve(model=scripted(*rules), **more).fit(real, rng=rng())


def test_tasks_grow_from_turn_to_turn():
    heard = Told()
    made = evolve(SAME, GROW, ANSWER, rounds=3).sample(6, rng=rng(), workshop=heard.workshop).table.to_pylist()
    assert sorted(row["round"] for row in made) == [1, 1, 2, 2, 3, 3]
    for row in made:
        assert row["evolved"] == row["instruction"] + row["round"] * f" {GROW[1][3:]}"
        assert row["output"] == ANSWER[1]
        assert row["operation"] in OPERATIONS
    assert len(heard.keys) == 6


@pytest.mark.parametrize(("rules", "why"), [
    ([("Do both tasks", "Yes, they do."), GROW, ANSWER], "asks the same as before"),
    ([SAME, ("</task>", "Rewritten task: name two red fruits and say why they are red."), ANSWER],
     "talks of the prompt"),
    ([SAME, (r"(?s)<task>\s*(.*?)\s*</task>", r"\1"), ANSWER], "nothing is rewritten"),
    ([SAME, ("</task>", " "), ANSWER], "empty"),
    ([SAME, GROW, ("", "I am sorry, that is beyond me.")], "the answer is sorry"),
    ([SAME, GROW, ("", "It is so.")], "the answer says nothing"), ([SAME, GROW, ("", "…")], "the answer says nothing"),
    ([SAME, GROW, ("", "apple " * 300)], "cut off"),
])  # fmt: skip
def test_each_reason_for_elimination(rules, why):
    heard = Told()
    given = Dataset.of({"instruction": ["Name a red fruit."]})
    model = evolve(*rules, real=None, rounds=2, max_tokens=300)
    made = model.sample(1, rng=rng(), given=given, workshop=heard.workshop).table.to_pylist()
    assert made == [{"instruction": "Name a red fruit.", "evolved": None, "operation": None, "round": None,
                     "output": None}]  # fmt: skip
    assert heard.reasons == [why] * 2


def test_a_long_answer_may_be_sorry():
    model = evolve(SAME, GROW, ("", "I am sorry for him. " + "He sails on and on. " * 20))
    assert model.sample(1, rng=rng()).table.num_rows == 1


def test_what_failed_goes_into_the_next_turn_as_it_was():
    given = Dataset.of({"instruction": ["Name a red fruit."]})
    rule = (GROW[0], (GROW[1], "Rewritten task: none."))
    found = {evolve(SAME, rule, ANSWER, real=None, rounds=3).sample(1, rng=rng(seed), given=given)
             .table.to_pylist()[0]["evolved"] for seed in range(6)}  # fmt: skip
    grown = ["Name a red fruit." + turns * f" {GROW[1][3:]}" for turns in (1, 2, 3)]
    # With an even chance in each of three turns: none, one, two or three.
    assert found <= {None, *grown}
    assert len(found) > 2


def test_each_given_row_gets_the_last_that_lived():
    given = Dataset.of({"instruction": ["Name a red fruit.", None, "Name a red fruit."], "n": [1, 2, 3]})
    model = evolve(SAME, GROW, ANSWER, real=None, rounds=2)
    made = model.sample(3, rng=rng(), given=given).table
    assert made["round"].to_pylist() == [2, None, 2]
    assert made["n"].to_pylist() == [1, 2, 3]
    assert made.schema.names == list(model.schema_with(given.columns).names)


def test_only_the_operations_that_are_named_and_the_words_that_were_chosen():
    chosen = {"breadth": "Another one, please: {{task}}"}
    model = evolve(SAME, ("Another one, please: ", "Name a green herb that grows by rivers."), ANSWER,
                   operations=["breadth"], prompts=chosen)  # fmt: skip
    assert set(model.sample(3, rng=rng()).table["operation"].to_pylist()) == {"breadth"}
    assert model.recipe.asks == chosen["breadth"]
    with pytest.raises(RecipeError, match="leaves out"):
        evolve(ANSWER, operations=["breadth"], prompts={"breadth": "Another!"}).sample(1, rng=rng())


def test_few_tasks_make_many_rows_and_none_makes_none():
    made = evolve(SAME, GROW, ANSWER, rounds=2).sample(9, rng=rng()).table["round"].to_pylist()
    assert sorted(made) == [1] * 6 + [2] * 3
    assert evolve(ANSWER).sample(0, rng=rng()).table.num_rows == 0


def test_a_model_that_never_evolves_is_stopped(monkeypatch):
    monkeypatch.setattr("mintmark.generators.text.asking.PATIENCE", 6)
    with pytest.raises(GenerationError, match="hardly anything"):
        evolve(("Do both tasks", "yes"), GROW, ANSWER).sample(3, rng=rng())


def test_the_same_seed_makes_the_same_rows():
    model = evolve(SAME, GROW, ("", ("One apple.", "Two apples.")))
    assert model.sample(5, rng=rng(3)).digest == model.sample(5, rng=rng(3)).digest
    assert model.sample(5, rng=rng(3)).digest != model.sample(5, rng=rng(4)).digest


def test_what_is_missing_is_said():
    with pytest.raises(DataError, match="no tasks"):
        evolve(ANSWER, real=None).sample(1, rng=rng())
    with pytest.raises(RecipeError, match="operations"):
        evolve(ANSWER, operations=[])
    with pytest.raises(MintmarkError, match="instruction"):
        evolve(ANSWER, real=None).sample(1, rng=rng(), given=Dataset.of({"task": ["x"]}))


def test_the_estimate_counts_three_requests_a_row():
    assert len(evolve(ANSWER).requests(5)) == 15
    assert len(evolve(ANSWER, rounds=2).requests(2, given=SEEDS)) == 12


def test_the_tasks_are_kept_in_a_plain_file(tmp_path):
    model = evolve(ANSWER)
    model.save(tmp_path)
    assert model.recipe.load(tmp_path) == model
    path = tmp_path / "model.json"
    path.write_text(path.read_text().replace("fruit", "snake"))
    with pytest.raises(LedgerError):
        model.recipe.load(tmp_path)
