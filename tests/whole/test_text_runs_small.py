"""Recipes for text that small methods make: learnt from the user's rows, or asked of a script."""

import pyarrow as pa
import pyarrow.csv as arrow_csv
import pytest

import mintmark as mm
from mintmark.errors import RecipeError
from mintmark.ledger.versions import open_dataset

SAID = [f"{who} {what} {where}." for who in ("The cat", "A dog", "My old aunt", "The postman", "Nobody")
        for what in ("sleeps", "sings loudly", "waits for rain", "eats a pear") for where in
        ("in the garden", "on the roof", "near the old bridge")]  # fmt: skip


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    arrow_csv.write_csv(pa.table({"text": SAID, "label": ["indoors" if "roof" in each else "out" for each in SAID]}),
                        tmp_path / "said.csv")  # fmt: skip
    return tmp_path


def recipe(make, count, rules=(), **with_):
    body = {"name": "small", "seed": 3, "real": {"from": "said.csv", "columns": {"text": "text"}},
            "steps": {"rows": {"make": make, "count": count, "with": with_}}, "assay": ["validity.schema"]}  # fmt: skip
    if rules:
        body["models"] = {"teacher": {"use": "models.scripted", "with": {"rules": list(rules)}}}
    return body


def rows(place):
    version = open_dataset(mm.Ledger.open(place / ".mintmark"), "small")
    return [row for shard in version.shards("rows") for row in shard.to_pylist()]


def test_a_counting_model_speaks_after_its_corpus(place):
    made = mm.run(recipe("text.markov", 40, longest=5))
    assert made.rows == {"rows": 40}
    assert all(row["text"] and row["text"] not in SAID for row in rows(place) if len(row["text"].split()) > 5)
    assert any("no passage of more than 5 words" in note for note in made.notes)


def test_labelled_texts_by_the_classes_of_the_task(place):
    said = [{"match": f"belongs to “{label}”", "reply": [f"{label} story {i} of {word}" for i in range(9) for word in
             ("birds", "cars", "soup", "maths")]} for label in ("indoors", "out")]  # fmt: skip
    body = recipe("text.label", 12, said, labels={"indoors": 3, "out": 1}, closest=0.95)
    body["purpose"] = {"task": {"target": "label"}}
    made = mm.run(body)
    assert made.rows == {"rows": 12}
    assert sorted(row["label"] for row in rows(place)) == ["indoors"] * 9 + ["out"] * 3


def test_real_texts_are_changed_by_the_classes_asked_for(place):
    (place / "own.txt").write_text("sings, chants\nsleeps, naps\n")
    body = recipe("text.augment", 12, swap=0.2, synonyms="own.txt")
    body["purpose"] = {"task": {"target": "label"}}
    body["steps"]["rows"]["where"] = {"label": {"indoors": 0.75, "out": 0.25}}
    made = mm.run(body)
    held = rows(place)
    assert made.rows == {"rows": 12}
    assert sorted(row["label"] for row in held) == ["indoors"] * 9 + ["out"] * 3
    assert not {row["text"] for row in held} & set(SAID)


def test_stories_hold_their_words(place):
    said = [{"match": r"verb “(\w+)”, the noun “(\w+)” and the adjective “(\w+)”",
             "reply": [r"One day a \3 \2 began to \1. “Good day!”", "No."]}]  # fmt: skip
    made = mm.run(recipe("text.story", 15, said))
    assert made.rows == {"rows": 15}
    assert all(row["noun"] in row["story"] and row["verb"] in row["story"] for row in rows(place))
    told = [note for note in made.notes if note.startswith("how stories begin: ")]
    assert len(told) == 1
    assert "of 15 (" in told[0]
    # The record keeps it, and whoever reads the report finds it beside what the method assumes.
    assert told[0] in open_dataset(mm.Ledger.open(place / ".mintmark"), "small").entry.body["steps"]["rows"]["notes"]
    assert told[0].capitalize().partition(" (")[0] in made.report.read_text()


def test_real_texts_get_sources_that_a_model_translated(place):
    said = [{"match": r"<text>\n(.*)\n</text>", "reply": r"en français \1 sans doute mais oui"}]
    made = mm.run(recipe("text.translate", 10, said, source="fr", target="text", copied=0.95))
    assert made.rows == {"rows": 10}
    held = rows(place)
    assert len({row["text"] for row in held}) == 10
    assert all(row["text"] in SAID and row["fr"].startswith("<BT>") for row in held)


def test_conditions_on_rows_that_are_asked_for_are_refused_before_thousands_are(place):
    body = recipe("text.label", 12, [{"match": "", "reply": "x"}], target="label")
    body["steps"]["rows"]["where"] = {"label": "indoors"}
    with pytest.raises(RecipeError, match="takes no `where`"):
        mm.run(body)


def test_classes_of_an_earlier_step_get_texts(place):
    said = [{"match": f"belongs to “{label}”", "reply": [f"{label} story {i} of {word}" for i in range(9) for word in
             ("birds", "cars", "soup", "maths")]} for label in ("indoors", "out")]  # fmt: skip
    body = recipe("text.label", 8, said, target="label", closest=0.95)
    body["steps"] = {"labels": {"make": "tabular.rules", "count": 8,
                                "with": {"columns": {"label": {"choice": {"indoors": 1, "out": 1}}}}},
                     "rows": {**body["steps"]["rows"], "given": "labels"}}  # fmt: skip
    assert mm.run(body).rows == {"rows": 8}
    assert all(row["text"].startswith(row["label"]) for row in rows(place))
