"""Rows as prompts in many forms: each form by hand, and its share by count."""

from typing import get_args

import numpy as np
import pytest

from mintmark.data.dataset import Dataset
from mintmark.errors import ConditionError, DataError, LedgerError, RecipeError, UnknownName
from mintmark.generators.text import templates
from mintmark.generators.text.flan import Flan, Side
from mintmark.generators.text.templates import Template
from talk import rng

SUMS = Dataset.of({"input": [f"{n} + 1" for n in range(40)], "output": [str(n + 1) for n in range(40)],
                   "why": [f"After {n} comes {n + 1}." for n in range(40)]})  # fmt: skip
PLAIN = {"zero_shot": ["Sum: {{input}}\n=>\n{{output}}"], "inverted_input": ["From {{output}}:\n=>\n{{input}}"],
         "chain_of_thought": ["Think: {{input}}\n=>\n{{reasoning}} {{output}}"],
         "few_shot_chain_of_thought": ["Steps: {{input}}\n=>\n{{reasoning}} {{output}}"],
         "inverted_reasoning": ["Why {{input}} = {{output}}?\n=>\n{{reasoning}}"]}  # fmt: skip


def flan(real=SUMS, **more):
    return Flan(**{"input": "input", "templates": PLAIN, **more}).fit(real, rng=rng())


def test_styles_and_inversions_come_at_their_shares():
    made = flan(reasoning="why").sample(4000, rng=rng()).table
    styles = made["style"].to_pylist()
    # 4,000 draws: five standard errors are 0.04 at most; false alarm below 1e-5.
    shares = {"zero_shot": 0.4, "few_shot": 0.4, "chain_of_thought": 0.1, "few_shot_chain_of_thought": 0.1}
    for style, share in shares.items():
        assert styles.count(style) / 4000 == pytest.approx(share, abs=0.04)
    assert np.mean(made["inverted"].to_pylist()) == pytest.approx(0.3, abs=0.037)
    shots = [n for n, style in zip(made["examples"].to_pylist(), styles, strict=True) if "few_shot" in style]
    assert set(shots) == {2, 3, 4, 5}


def test_every_form_is_what_its_template_says():
    for row in flan(reasoning="why").sample(300, rng=rng()).table.to_pylist():
        *before, asked = row["prompt"].split("\n\n")
        assert len(before) == row["examples"] == (len(before) if "few_shot" in row["style"] else 0)
        if row["style"] == "few_shot_chain_of_thought":
            continue  # by hand below
        if row["style"] == "chain_of_thought":
            if row["inverted"]:
                n = int(asked.removeprefix("Why ").split(" +")[0])
                assert (asked, row["answer"]) == (f"Why {n} + 1 = {n + 1}?", f"After {n} comes {n + 1}.")
            else:
                n = int(asked.removeprefix("Think: ").split(" +")[0])
                assert row["answer"] == f"After {n} comes {n + 1}. {n + 1}"
        elif row["inverted"]:
            n = int(asked.removeprefix("From ").removesuffix(":"))
            assert row["answer"] == f"{n - 1} + 1"
            assert all(each.startswith("From ") and each.endswith(" + 1") for each in before)
        else:
            n = int(asked.removeprefix("Sum: ").split(" +")[0])
            assert row["answer"] == str(n + 1)
            # A row is never its own example.
            assert all(each.startswith("Sum: ") and not each.startswith(f"Sum: {n} +") for each in before)


def test_every_row_is_used_once_before_any_again():
    made = flan(shares={"zero_shot": 1}, inverted=0).sample(100, rng=rng()).table["prompt"].to_pylist()
    for part in (made[:40], made[40:80]):
        assert len(set(part)) == 40
    assert made[:40] != made[40:80]


def test_examples_come_from_the_same_task_and_few_rows_make_none():
    real = Dataset.of({"input": [f"{kind}{n}" for kind, many in (("a", 9), ("b", 9), ("c", 2)) for n in range(many)],
                       "output": ["x"] * 20, "kind": ["a"] * 9 + ["b"] * 9 + ["c"] * 2})  # fmt: skip
    made = flan(real, task="kind", shares={"few_shot": 1}, inverted=0).sample(20, rng=rng()).table.to_pylist()
    for row in made:
        kinds = {part[len("Sum: ")] for part in row["prompt"].split("\n\n")}
        assert len(kinds) == 1
        assert row["style"] == ("zero_shot" if kinds == {"c"} else "few_shot")


def test_reasoning_is_shown_where_a_row_has_it():
    real = Dataset.of({"input": ["a", "b"], "output": ["x", "y"], "why": ["since", None]})
    made = (
        flan(real, reasoning="why", shares={"chain_of_thought": 1}, inverted=0).sample(2, rng=rng()).table.to_pylist()
    )
    assert {row["prompt"]: row["answer"] for row in made} == {"Think: a": "since x", "Sum: b": "y"}


def test_examples_of_reasoning_are_worked_out_and_the_row_itself_is_not():
    made = flan(reasoning="why", shares={"few_shot_chain_of_thought": 1}, inverted=0).sample(40, rng=rng())
    for row in made.table.to_pylist():
        *before, asked = row["prompt"].split("\n\n")
        n = int(asked.removeprefix("Steps: ").removesuffix(" + 1"))
        assert row["answer"] == f"After {n} comes {n + 1}. {n + 1}"
        assert len(before) == row["examples"] >= 2
        for each in before:
            question, _, worked = each.partition("\n")
            m = int(question.removeprefix("Steps: ").removesuffix(" + 1"))
            assert m != n
            assert worked == f"After {m} comes {m + 1}. {m + 1}"


def test_examples_of_reasoning_come_from_rows_that_have_it_and_turned_rows_show_theirs():
    why = [f"After {n} comes {n + 1}." if n % 4 == 0 else None for n in range(40)]
    real = Dataset.of({**{name: SUMS.table[name].to_pylist() for name in ("input", "output")}, "why": why})
    shares = {"few_shot_chain_of_thought": 1}
    made = flan(real, reasoning="why", shares=shares, inverted=1).sample(40, rng=rng()).table.to_pylist()
    worked = [row for row in made if row["style"] == "few_shot_chain_of_thought"]
    assert len(worked) == 10  # the others have no reasoning, and no style but zero_shot is left to them
    for row in worked:
        *before, asked = row["prompt"].split("\n\n")
        assert asked.startswith("Why ")
        assert row["answer"] not in row["prompt"]
        assert len(before) == row["examples"]
        assert all("\nAfter " in each for each in before)
    few = Dataset.of({"input": ["a", "b"], "output": ["x", "y"], "why": ["since", "hence"]})
    alone = flan(few, reasoning="why", shares=shares).sample(2, rng=rng()).table["style"].to_pylist()
    assert alone == ["zero_shot", "zero_shot"]  # one other row is fewer than the two that an example takes


def test_our_own_templates_leave_no_gaps_and_show_the_row():
    example = {"instruction": "Do it.", "input": "IN", "output": "OUT", "reasoning": "WHY"}
    for side in get_args(Side):
        for template in templates.named(f"flan_{side}"):
            for left in ((), ("input",)) if side != "inverted_input" else ((),):
                row = {place: text for place, text in example.items() if place not in left}
                asked, answered = template.fill(row)
                assert "{{" not in asked + answered
                assert "\n\n\n" not in asked
                assert not any(line.rstrip().endswith(("Input:", "Task:")) and not asked.endswith(line)
                               for line in asked.splitlines())  # fmt: skip
                assert answered
                # What is to be answered does not stand in what is asked.
                assert not ({*asked.split()} & {*answered.split()} & set(example.values()))


def test_what_stands_in_a_row_is_not_filled_again_and_keeps_its_lines():
    template = Template.of("{{input}}\n=>\n{{output}}")
    assert template.fill({"input": "a {{output}}\n\n\n\nb", "output": "c"}) == ("a {{output}}\n\n\n\nb", "c")


def test_given_rows_are_completed():
    given = Dataset.of({"input": ["7 + 1", None, "9 + 1"], "output": ["8", "1", None], "n": [1, 2, 3]})
    model = flan(real=None, shares={"zero_shot": 1}, inverted=0)
    made = model.sample(3, rng=rng(), given=given).table
    assert made["prompt"].to_pylist() == ["Sum: 7 + 1", None, None]
    assert made["answer"].to_pylist() == ["8", None, None]
    assert made.schema.names == list(model.schema_with(given.columns).names)
    with pytest.raises(ConditionError, match="prompt"):
        flan(input="prompt", real=None).sample(1, rng=rng(), given=Dataset.of({"prompt": ["x"], "output": ["y"]}))


def test_rows_that_lack_an_answer_are_told():
    real = Dataset.of({"input": ["a", "b", None], "output": ["x", None, "z"]})
    model = flan(real)
    assert len(model.rows) == 1
    assert "2 rows lack" in model.notes[0]


@pytest.mark.parametrize(("more", "error", "said"), [
    ({"input": None}, RecipeError, "nothing is asked"), ({"fewest": 6}, RecipeError, "more examples"),
    ({"shares": {"zero_shot": 0}}, RecipeError, "no style"),
    ({"templates": {"zero_shot": []}}, RecipeError, "no template"),
    ({"templates": {"zero_shot": ["no sides"]}}, RecipeError, "two sides"),
    ({"templates": {"zero_shot": ["{{inptu}}\n=>\n{{output}}"]}}, UnknownName, "input"),
])  # fmt: skip
def test_mistakes_are_named(more, error, said):
    with pytest.raises(error, match=said):
        flan(**more)


def test_no_rows_and_none_asked():
    with pytest.raises(DataError, match="no rows"):
        flan(real=None).sample(1, rng=rng())
    with pytest.raises(UnknownName, match="input"):
        flan(real=None).sample(1, rng=rng(), given=Dataset.of({"inputs": ["x"], "output": ["y"]}))
    assert flan().sample(0, rng=rng()).table.num_rows == 0


def test_the_same_seed_makes_the_same_rows_from_a_plain_file(tmp_path):
    model = flan(reasoning="why")
    model.save(tmp_path)
    loaded = model.recipe.load(tmp_path)
    assert loaded.sample(50, rng=rng(3)).digest == model.sample(50, rng=rng(3)).digest
    assert model.sample(50, rng=rng(3)).digest != model.sample(50, rng=rng(4)).digest
    path = tmp_path / "model.json"
    path.write_text(path.read_text().replace("After 3", "After 2"))
    with pytest.raises(LedgerError):
        model.recipe.load(tmp_path)
