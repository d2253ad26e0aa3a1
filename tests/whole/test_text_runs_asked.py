"""Recipes that ask, from real rows to the ledger; the model is a script, so every answer is known."""

import csv
import json
import shutil
from pathlib import Path

import pytest

import mintmark as mm
from mintmark.errors import BudgetSpent
from mintmark.ledger.versions import open_dataset


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Runs a step upon real rows, and gives the rows that it made, the notes, and the record of the version."""
    monkeypatch.chdir(tmp_path)

    def done(step, rules=(), real=(), before=(), **more):
        steps = {**dict(before), "rows": step}
        model = {"use": "models.scripted", "with": {"rules": [{"match": m, "reply": r} for m, r in rules]}}
        body = {"name": "asked", "seed": 3, "steps": steps, "assay": ["validity.schema"], **more}
        if rules:
            body["models"] = {"teacher": model}
        if real:
            with Path("real.csv").open("w", newline="", encoding="utf-8") as file:
                writer = csv.DictWriter(file, list(real[0]))
                writer.writeheader()
                writer.writerows(real)
            body["real"] = {"from": "real.csv", "columns": dict.fromkeys(real[0], "text")}
        made = mm.run(body)
        version = open_dataset(mm.Ledger.open(tmp_path / ".mintmark"), "asked")
        rows = [row for shard in version.shards("rows") for row in shard.to_pylist()]
        return rows, made.notes, version.entry.body["steps"]["rows"]

    return done


def test_reason(run):
    real = [{"question": f"What is {n} plus 1?", "answer": f"{n} + 1\n#### {n + 1}"} for n in range(60)]
    rules = [(rf"is {n} plus", (f"{n} + 1 = {n + 1}\n#### {n + 1}", "#### no")) for n in range(60)]
    rows, notes, told = run({"make": "text.reason", "count": 20}, rules, real)
    assert len({row["question"] for row in rows}) == len(rows) == 20
    assert all(row["reasoning"].endswith(f"= {row['found']}") for row in rows)
    assert any(note.startswith("answers that verify: ") for note in notes)
    assert told["asked"]


def test_reason_with_answers_told(run):
    real = [{"question": f"What is {n} plus 1?", "answer": f"{n} + 1\n#### {n + 1}"} for n in range(40)]
    even = [(rf"is {n} plus", f"{n} + 1 = {n + 1}\n#### {n + 1}") for n in range(0, 40, 2)]
    told = (r"One more makes \1.\n#### \1", r"The hint: \1.\n#### \1")
    rules = [(r"arrive at (\d+)\.", told), *even, ("", "#### no")]
    # 28 of the 40 rows are for learning from: every one of them gets its reasoning, an odd number only when told.
    step = {"make": "text.reason", "count": 28, "with": {"samples": 2, "rationalise": 9}}
    rows, notes, _ = run(step, rules, real)
    assert len({row["question"] for row in rows}) == 28
    assert all(row["rationalised"] == (int(row["found"]) % 2 == 0) for row in rows)
    assert all("hint" not in "".join(map(str, row.values())) for row in rows)
    marked = sum(row["rationalised"] for row in rows)
    assert any(note.startswith(f"rows that are rationalised: {marked} of 28") for note in notes)
    assert any(note.startswith("rationalised answers that were rejected: ") for note in notes)


@pytest.mark.skipif(shutil.which("bwrap") is None, reason="bubblewrap is not installed")
def test_code(run):
    part = "```python\ndef up(n):\n    return n{}\n```"
    tests = "```python\nassert up(1) == 2\nassert up(0) == 1\nassert up(-1) == 0\n```"
    answer = (
        f"### Problem\nOn \\1, for \\2.\n### Solution\n{part.format(' + 1')}\n### Wrong solution\n{part.format('')}\n"
    )
    rules = [(r"exercise on (.*?) for (.*?)\. The", (answer + "### Tests\n" + tests, "no"))]
    rows, notes, _ = run({"make": "text.code", "count": 5}, rules)
    assert len({row["problem"] for row in rows}) == 5
    assert {row["level"] for row in rows} == {"bubblewrap"}
    assert any(note.startswith("exercises that prove themselves: ") for note in notes)


def test_question(run):
    real = [{"text": f"Town {n} has {n + 1000} people.\nIt lies by the sea."} for n in range(40)]
    pair = '{"question": "How many live in town \\1?", "answer": "\\2", "span": "Town \\1 has %s people."}'
    said = ['{"pairs": [' + pair % people + "]}" for people in (r"\2", "999")]
    rows, notes, _ = run({"make": "text.question", "count": 15}, [(r"Town (\d+) has (\d+)", said)], real)
    assert len({row["question"] for row in rows}) == 15
    assert all(row["span"] in row["passage"] and row["answer"] in row["span"] for row in rows)
    assert any("the span does not stand in the document" in note for note in notes)
    assert any(note.startswith("pairs that their passage proves: ") for note in notes)


def test_evolve(run):
    real = [{"instruction": f"Name town number {n}."} for n in range(20)]
    grown = r"\1 Say why, in a sentence of your own making."
    rules = [("Do both tasks", ("no", "yes")), (r"(?s)<task>\s*(.*?)\s*</task>", grown), ("", "Rome, of course.")]
    rows, notes, _ = run({"make": "text.evolve", "count": 25}, rules, real)
    assert len(rows) == 25
    assert {row["round"] for row in rows} > {1, 2}
    assert any("asks the same as before" in note for note in notes)


def test_persona(run):
    real = [{"text": f"Of stones number {n}."} for n in range(60)]
    rules = [
        (r"number (\d+)\.\s*</text>", (r"Somebody who collects stone \1.", r"Somebody who collects.")),
        (r"(?s)stone (\d+).*comes from the life", r"Where is \1?"),
        (r"(?s)stone (\d+)", r"A neighbour of whoever has stone \1."),
    ]
    rows, notes, _ = run({"make": "text.persona", "count": 30, "with": {"task": "a question"}}, rules, real)
    assert len({row["persona"] for row in rows}) == 30
    assert {row["step"] for row in rows} == {0, 1}
    assert any("too short or too long for a persona" in note for note in notes)


def test_distil(run):
    real = [{"prompt": f"What comes after {n}?"} for n in range(40)]
    rows, notes, _ = run(
        {"make": "text.distil", "count": 20, "with": {"samples": 5}},
        [(r"after (\d+)", (r"What follows \1.", " "))],
        real,
    )
    assert len(rows) == 20
    assert any("empty" in note for note in notes)
    assert all(json.loads(row["messages"])[-1] == {"role": "assistant", "content": row["answer"]} for row in rows)


def test_flan(run):
    real = [{"question": f"{n} plus 1?", "answer": str(n + 1), "why": f"{n} and one."} for n in range(60)]
    step = {"make": "text.flan", "count": 80, "with": {"input": "question", "output": "answer", "reasoning": "why"}}
    rows, _, _ = run(step, real=real)
    assert len(rows) == 80
    styles = {"zero_shot", "few_shot", "chain_of_thought", "few_shot_chain_of_thought"}
    assert {row["style"] for row in rows} == styles
    assert {row["inverted"] for row in rows} == {True, False}


def test_a_step_that_is_given_to_another_tells_its_rate_too(run):
    real = [{"question": f"What is {n} plus 1?", "answer": f"#### {n + 1}"} for n in range(60)]
    rules = [(rf"is {n} plus", f"{n} + 1 = {n + 1}\n#### {n + 1}") for n in range(60)]
    before = {"proved": {"make": "text.reason", "count": 20}}
    step = {"make": "text.flan", "given": "proved", "with": {"input": "question", "output": "found"}}
    rows, notes, _ = run(step, rules, real, before)
    assert len(rows) == 20
    assert any(note.startswith("answers that verify: 20 of 20 ") for note in notes)


def test_a_run_that_the_budget_stopped_goes_on_to_the_rows_of_one_that_was_not(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "real.csv").write_text("instruction\n" + "".join(f"Name town number {n}.\n" for n in range(20)))
    grown = r"\1 Say why, in a sentence of your own making."
    rules = [("Do both tasks", ["no", "yes"]), (r"(?s)<task>\s*(.*?)\s*</task>", grown), ("", "Rome, of course.")]
    model = {"use": "models.scripted", "with": {"rules": [{"match": match, "reply": reply} for match, reply in rules]}}
    body = {"name": "grown", "seed": 3, "models": {"teacher": model}, "assay": ["validity.schema"],
            "real": {"from": "real.csv", "columns": {"instruction": "text"}},
            "steps": {"rows": {"make": "text.evolve", "count": 25}}}  # fmt: skip
    with pytest.raises(BudgetSpent):
        mm.run({**body, "budget": {"requests": 40}}, ledger=tmp_path / "a")
    gone_on = mm.run(body, ledger=tmp_path / "a")
    assert gone_on.digest == mm.run(body, ledger=tmp_path / "b").digest
