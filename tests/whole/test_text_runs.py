"""Recipes that ask language models and filter what they write; the model is a script, so every answer is known."""

import json

import pyarrow.parquet as pq
import pytest
import yaml

import mintmark as mm
from mintmark.errors import BudgetSpent, GenerationError, InputError, RecipeError, UnknownName
from mintmark.ledger.versions import open_dataset

RULES = [{"match": r"about (\w+)", "reply": [r"Well, \1 is fine, I think.", r"Why ask about \1? It is \1.", "no"]}]


def recipe(**more):
    steps = {
        "topics": {"make": "tabular.rules", "count": 60,
                   "with": {"columns": {"topic": {"choice": {"rain": 0.5, "sun": 0.3, "snow": 0.2}}}}},
        "texts": {"make": "text.write", "given": "topics", "count": 20, "with": {"prompt": "Write about {{topic}}"},
                  "keep": [{"filters.length": {"column": "text", "least": 3}}]},
    }  # fmt: skip
    body = {"name": "talk", "seed": 3, "models": {"teacher": {"use": "models.scripted", "with": {"rules": RULES}}},
            "steps": steps, "assay": ["validity.schema"]}  # fmt: skip
    return {**body, **more}


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def left_out(version, step):
    told = version.entry.body["steps"][step]["filters"]
    tables = [pq.read_table(version.ledger.objects.open(ref["object"])) for ref in told["left_out"]]
    return told, [row for table in tables for row in table.to_pylist()]


def test_as_many_rows_as_were_asked_for_pass_and_the_others_are_kept_with_their_reason(place):
    made = mm.run(recipe())
    assert made.rows == {"texts": 20}
    version = open_dataset(mm.Ledger.open(place / ".mintmark"), "talk")
    rows = next(version.shards("texts")).to_pylist()
    assert all(row["topic"] in row["text"] for row in rows)
    told, left = left_out(version, "texts")
    assert told["kept"] == 20
    assert 20 < told["made"] < 50  # of 60 given rows no more are asked about than it takes
    assert {row["text"] for row in left} == {"no"}
    assert {row["left_out_because"] for row in left} == {"too short"}
    assert len(left) == told["reasons"]["filters.length"]["too short"] > 5
    assert any("the filters thin out text is no" in note for note in made.notes)


def test_a_row_tells_who_wrote_it_and_what_was_asked(place):
    mm.run(recipe())
    ledger = mm.Ledger.open(place / ".mintmark")
    version = open_dataset(ledger, "talk")
    step = version.entry.body["steps"]["texts"]
    asked = [key for one in step["asked"] for key in ledger.objects.get_json(one["object"])["rows"]]
    assert len(asked) == step["filters"]["made"] >= 20
    assert all(key.startswith("sha256:") for key in asked)


def test_how_far_a_language_model_is_from_the_world_is_not_known(place):
    mm.run(recipe(gate=["provenance.depth <= 1"]))
    told = mm.row_origin("talk", 3)
    assert (told.making.origin, told.making.depth, told.making.teacher) == ("synthetic", None, "scripted")
    assert told.making.prompt == "Write about {{topic}}"
    assert told.making.given.depth is not None
    assert "nobody here knows" in told.making.basis
    version = open_dataset(mm.Ledger.open(place / ".mintmark"), "talk")
    assert version.entry.body["depth"] is None


def test_a_row_does_not_tell_its_models_whole_script(place, mintmark):
    rules = [*RULES, *({"match": f"never {n}", "reply": "x" * 50} for n in range(60))]
    mm.run(recipe(models={"teacher": {"use": "models.scripted", "with": {"rules": rules}}}))
    shown = mintmark("lineage", "talk", "--row", "3").out
    assert "(all of it in JSON)" in shown
    assert len(shown) < 3500
    assert "never 59" in mintmark("lineage", "talk", "--row", "3", "--json").out


def test_filters_work_for_rows_that_no_model_wrote(place):
    steps = {"rows": {"make": "tabular.rules", "count": 500, "keep": [{"filters.length": {"column": "t", "least": 2}}],
                      "with": {"columns": {"t": {"choice": {"one word": 0.1, "one": 0.9}}}}}}  # fmt: skip
    made = mm.run(recipe(steps=steps, models={}))
    assert made.rows == {"rows": 500}
    version = open_dataset(mm.Ledger.open(place / ".mintmark"), "talk")
    told, left = left_out(version, "rows")
    # One row in ten passes: five thousand are needed, and made in rounds.
    assert 4000 < told["made"] < 8000
    assert len(left) == sum(told["reasons"]["filters.length"].values())


def test_the_same_rows_for_any_number_of_processes(place):
    steps = {"rows": {"make": "tabular.rules", "count": 150_000,
                      "keep": [{"filters.length": {"column": "t", "least": 2}}],
                      "with": {"columns": {"t": {"choice": {"one word": 0.7, "one": 0.3}}}}}}  # fmt: skip
    one = mm.run(recipe(steps=steps, models={}), ledger=place / "a")
    two = mm.run(recipe(steps=steps, models={}), ledger=place / "b", workers=2)
    assert one.digest == two.digest


def test_too_few_that_pass_end_with_the_reasons(place):
    steps = recipe()["steps"]
    steps["texts"]["count"] = 55
    with pytest.raises(GenerationError) as caught:
        mm.run(recipe(steps=steps))
    assert "too short" in caught.value.found
    assert "steps.texts.keep" in caught.value.where


def test_without_a_count_all_that_pass_are_taken(place):
    steps = recipe()["steps"]
    del steps["texts"]["count"]
    made = mm.run(recipe(steps=steps))
    assert 30 < made.rows["texts"] < 50


def test_the_budget_stops_the_run_and_nothing_is_paid_for_twice(place):
    with pytest.raises(BudgetSpent, match="30 requests"):
        mm.run(recipe(budget={"requests": 30}))
    made = mm.run(recipe(budget={"requests": 60}))
    assert made.spent.requests + 30 == made.spent_in_all.requests


def test_the_estimate_warns_before_anything_is_spent(place):
    notes = mm.check(recipe(budget={"requests": 15})).notes
    assert any("20 requests" in note for note in notes)
    assert any("likely to be spent" in note for note in notes)
    assert not (place / ".mintmark").exists()


def test_a_dry_run_tells_what_it_would_cost(place, mintmark):
    body = recipe(models={"teacher": {"use": "models.scripted", "with": {"rules": RULES}}})
    (place / "r.yaml").write_text(yaml.safe_dump(body, sort_keys=False))
    done = mintmark("run", "r.yaml", "--dry-run", "--json")
    assert done.code == 0, done.err
    told = json.loads(done.out)
    assert told["estimates"]["texts"]["requests"] == 20


def test_what_was_spent_is_told_and_is_what_the_dry_run_said(place, mintmark):
    steps = {"texts": {"make": "text.write", "count": 250, "with": {"prompt": "Write about rain"}}}
    (place / "r.yaml").write_text(yaml.safe_dump(recipe(steps=steps, budget={"requests": 100}), sort_keys=False))
    assert "100 requests" in mintmark("run", "r.yaml").err  # the budget's end
    (place / "r.yaml").write_text(yaml.safe_dump(recipe(steps=steps, budget={"requests": 400}), sort_keys=False))
    told = json.loads(mintmark("run", "r.yaml", "--dry-run", "--json").out)["estimates"]["texts"]
    assert (told["requests"], told["kept"]) == (150, 100)
    made = json.loads(mintmark("run", "r.yaml", "--json").out)
    assert made["spent"]["requests"] == 150
    assert made["spent_in_all"]["requests"] == 250
    assert made["spent"]["cost"] == 0
    assert "spent     0 requests, 0 + 0 tokens, cost 0; in all runs of this recipe 250" in mintmark("run", "r.yaml").err


@pytest.mark.parametrize(("change", "error", "said"), [
    (lambda r: r["steps"]["texts"]["with"].update(model="pupil"), UnknownName, "pupil"),
    (lambda r: r["models"]["teacher"].update(use="models.scriptd"), UnknownName, "models.scripted"),
    (lambda r: r["steps"]["texts"].update(keep=["filters.lenth"]), UnknownName, "filters.length"),
    (lambda r: r["steps"]["texts"].update(keep=[{"filters.length": {"colum": "text"}}]), UnknownName, "column"),
    (lambda r: r["steps"]["topics"].update(candidates=5), RecipeError, "candidates"),
    (lambda r: r["steps"]["texts"].update(count=61), RecipeError, "as many rows"),
    (lambda r: r["steps"]["texts"]["with"].update(prompt="About {{theme}}"), UnknownName, "topic"),
    (lambda r: r.update(models={}), InputError, "model"),
])  # fmt: skip
def test_mistakes_are_named(place, change, error, said):
    body = recipe()
    change(body)
    with pytest.raises(error, match=said):
        mm.run(body)


def test_a_prompt_over_a_column_that_no_step_makes_is_said_before_anything_is_asked(place):
    body = recipe()
    body["steps"]["texts"]["with"]["columns"] = {"text": {}}
    body["steps"]["more"] = {"make": "text.write", "given": "texts", "count": 20,
                             "with": {"prompt": "Mend {{txet}}", "columns": {"better": {}}}}  # fmt: skip
    for act in (mm.check, mm.run):
        with pytest.raises(UnknownName, match=r"steps\.more\.with: .* rows of texts called 'txet'"):
            act(body)
    del body["steps"]["more"]["given"]
    with pytest.raises(RecipeError, match=r"nothing fills \{\{txet\}\}(?s:.*)given: topics or texts"):
        mm.check(body)
    assert not (place / ".mintmark").exists()


def test_a_filter_of_all_rows_together_says_that_it_needs_candidates(place):
    steps = {"rows": {"make": "tabular.rules", "count": 50,
                      "keep": [{"filters.keep_top": {"column": "x", "share": 0.5}}],
                      "with": {"columns": {"x": {"uniform": {"low": 0, "high": 1}}}}}}  # fmt: skip
    with pytest.raises(InputError, match="candidates"):
        mm.run(recipe(steps=steps, models={}))
    steps["rows"]["candidates"] = 100
    assert mm.run(recipe(steps=steps, models={})).rows == {"rows": 50}


def test_a_budget_is_for_all_models_of_a_recipe_and_for_no_other(place):
    body = recipe(budget={"requests": 40})
    body["models"]["other"] = {"use": "models.scripted", "with": {"rules": [{"match": "", "reply": "Very well then."}]}}
    body["steps"]["texts"]["with"]["model"] = "teacher"
    again = {"make": "text.write", "given": "texts", "count": 20,
             "with": {"model": "other", "prompt": "Answer {{text}}", "columns": {"answer": {}}}}  # fmt: skip
    body["steps"]["answers"] = again
    with pytest.raises(BudgetSpent, match="40 requests"):
        mm.run(body)
    # Another recipe has an account of its own, and what was answered costs it nothing.
    assert mm.run({**body, "name": "other", "budget": {"requests": 15}}).rows == {"answers": 20}


GRADES = [{"match": r"<text>\s*Well", "reply": '{"reason": "it is to the point", "score": 5}'},
          {"match": ".", "reply": '{"reason": "it evades", "score": 2}'}]  # fmt: skip


def judged(**more):
    body = recipe(**more)
    body["models"]["grader"] = {"use": "models.scripted", "with": {"rules": GRADES, "model": "grader"}}
    body["steps"]["texts"]["with"]["model"] = "teacher"
    body["steps"]["texts"]["count"] = 15
    body["steps"]["texts"]["keep"] = [
        {"filters.judge": {"column": "text", "model": "grader", "rubric": "to the point"}}
    ]
    return body


def test_a_model_of_the_recipe_judges_and_what_it_drops_is_kept_with_its_reason(place):
    made = mm.run(judged())
    assert made.rows == {"texts": 15}
    version = open_dataset(mm.Ledger.open(place / ".mintmark"), "talk")
    assert all(text.startswith("Well") for text in next(version.shards("texts"))["text"].to_pylist())
    _, left = left_out(version, "texts")
    assert {row["left_out_because"] for row in left} == {"scored too low by the judge"}
    assert {row["left_out_shown"] for row in left} == {"2 of 5: it evades"}


def test_the_budget_and_the_estimate_know_of_the_judge(place):
    notes = mm.check(judged(budget={"requests": 70})).notes
    assert any("step texts, filters.judge asks a language model" in note for note in notes)
    with pytest.raises(BudgetSpent):
        mm.run(judged(budget={"requests": 5}))
    made = mm.run(judged(budget={"requests": 70}, name="whole"))
    assert made.spent.requests > 30  # of the writer and the grader together
    with pytest.raises(BudgetSpent, match=f"{made.spent.requests - 1} requests"):
        mm.run(judged(budget={"requests": made.spent.requests - 1}), ledger=place / "other")
    body = judged()
    body["steps"]["texts"]["keep"][0]["filters.judge"]["model"] = "nobody"
    with pytest.raises(UnknownName, match="nobody"):
        mm.run(body)


def test_what_is_unique_stays_so_where_filters_take_rows_away(place, monkeypatch):
    """Shards of 40 rows are made without knowledge of each other, from 400 pairs of which half are on the left."""
    monkeypatch.setattr("mintmark.pipeline.plan.SHARD_ROWS", 40)
    pairs = [(f"c{n % 20}", f"{('left', 'right')[n // 200]} {n // 20 % 10}") for n in range(400)]
    lines = ["code,side", *(f"{code},{side}" for code, side in pairs)]
    (place / "pairs.csv").write_text("\n".join(lines) + "\n")
    steps = {"rows": {"make": "tabular.independent", "count": 90,
                      "keep": [{"filters.format": {"column": "side", "allow": ["left"]}}]}}  # fmt: skip
    real = {"from": "pairs.csv", "origin": "real", "holdout": None, "constraints": [{"unique": ["code", "side"]}],
            "columns": {"code": "category", "side": "category"}}  # fmt: skip
    mm.run(recipe(steps=steps, models={}, real=real))
    version = open_dataset(mm.Ledger.open(place / ".mintmark"), "talk")
    rows = [tuple(row.values()) for table in version.shards("rows") for row in table.to_pylist()]
    assert len(rows) == len(set(rows)) == 90
    assert all(side.startswith("left") for _, side in rows)
    assert version.entry.body["steps"]["rows"]["filters"]["reasons"]["unique"]["repeats what is unique"] > 0
