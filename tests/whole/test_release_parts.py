"""Chats and parts of a dataset, released as a user has them: readable, signed, and without leaks between parts."""

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

import mintmark as mm
from mintmark.data import sources
from mintmark.data.chat import Roles, lines
from mintmark.errors import DataError, InputError, RecipeError, UnknownName
from mintmark.pipeline.verify import verify

SAID = {"choice": {"What is rain made of": 0.5, "How far is the sun from here": 0.5}}


def recipe(release, **columns):
    held = {"question": SAID, "answer": {"pattern": "It is ####."}, "topic": {"choice": {"a": 1}}, **columns}
    return {
        "name": "talk", "seed": 3, "gate": ["validity.schema >= 0"], "assay": ["validity.schema"],
        "real": {"from": "real.csv", "holdout": 0.3},
        "steps": {"rows": {"make": "tabular.rules", "count": 120,
                           "with": {"columns": held}}},
        "release": {"formats": ["parquet", "jsonl", "chat-openai", "chat-sharegpt", "alpaca"], **release},
    }  # fmt: skip


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    lines = [f"What is rain made of,It is {1000 + row}.,a" for row in range(60)]
    (tmp_path / "real.csv").write_text("\n".join(["question,answer,topic", *lines]))
    return tmp_path


def read(path):
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_each_form_of_chat_holds_every_row_and_its_bytes_are_signed(place):
    made = mm.run(recipe({}))
    data = made.folder / "data"
    rows = pq.read_table(data / "rows.parquet").to_pylist()
    openai, sharegpt, alpaca = (
        read(data / f"rows.{form}.jsonl") for form in ("chat-openai", "chat-sharegpt", "alpaca")
    )
    assert len(openai) == len(sharegpt) == len(alpaca) == 120
    for row, one, two, three in zip(rows, openai, sharegpt, alpaca, strict=True):
        asked, said = row["question"], row["answer"]
        assert one == {"messages": [{"role": "user", "content": asked}, {"role": "assistant", "content": said}]}
        assert two == {"conversations": [{"from": "human", "value": asked}, {"from": "gpt", "value": said}]}
        assert three == {"instruction": asked, "input": "", "output": said}
    assert verify(made.folder).ok
    croissant = json.loads((made.folder / "croissant.json").read_text())
    assert "data/rows.alpaca.jsonl" in {each["@id"] for each in croissant["distribution"]}
    front = yaml.safe_load((made.folder / "card.md").read_text().split("---")[1])
    assert [each["config_name"] for each in front["configs"]] == [
        "rows", "rows-chat-openai", "rows-chat-sharegpt", "rows-alpaca"]  # fmt: skip
    again = sources.read(data / "rows.chat-openai.jsonl")
    assert json.loads(again.table["messages"][0].as_py()) == openai[0]["messages"]
    (data / "rows.alpaca.jsonl").write_text("{}")
    assert any("rows.alpaca.jsonl" in problem for problem in verify(made.folder).problems)


def test_a_split_keeps_what_is_alike_on_one_side_and_both_sides_are_signed(place):
    made = mm.run(recipe({"split": {"validation": 0.25, "by": "answer", "group": "pair"}},
                         pair={"pattern": "P-#", "repeat": 4}))  # fmt: skip
    data = made.folder / "data"
    train, other = (pq.read_table(data / f"rows.{side}.parquet") for side in ("train", "validation"))
    assert len(train) + len(other) == 120
    assert 0 < len(other) <= 30
    assert not set(train["pair"].to_pylist()) & set(other["pair"].to_pylist())
    assert not set(train["answer"].to_pylist()) & set(other["answer"].to_pylist())
    assert len(read(data / "rows.validation.alpaca.jsonl")) == len(other)
    assert verify(made.folder).ok
    card = (made.folder / "card.md").read_text()
    [first, *_] = yaml.safe_load(card.split("---")[1])["configs"]
    assert first["data_files"] == [{"split": "train", "path": "data/rows.train.parquet"},
                                   {"split": "validation", "path": "data/rows.validation.parquet"}]  # fmt: skip
    assert f"{len(other):,} rows in rows.validation" in card
    assert {each["@id"] for each in json.loads((made.folder / "croissant.json").read_text())["recordSet"]} == {
        "rows.train", "rows.validation"}  # fmt: skip
    back = sources.read(made.folder)
    assert len(back) == len(train)
    assert len(sources.read(data / "rows.validation.parquet")) == len(other)


@pytest.mark.parametrize(("release", "error", "said"), [
    ({"chat": {"user": "question", "assistant": "reply"}}, UnknownName, "answer"),
    ({"chat": {"user": "question"}}, RecipeError, "`user` and `assistant`"),
    ({"chat": {"messages": "question", "user": "answer"}}, RecipeError, "leave out the other columns"),
    ({"formats": ["csv"], "chat": {"user": "question", "assistant": "answer"}}, RecipeError, "none is asked for"),
    ({"split": {"validation": 0.1, "by": "tekst"}}, UnknownName, "release.split"),
    ({"split": {"validation": 1.0}}, RecipeError, "less than 1"),
])  # fmt: skip
def test_what_is_told_wrong_is_said_before_anything_is_made(place, release, error, said):
    with pytest.raises(error) as caught:
        mm.check(recipe(release))
    assert said in str(caught.value)


def test_names_that_say_nothing_ask_for_the_columns(place):
    body = recipe({})
    held = body["steps"]["rows"]["with"]["columns"]
    held["q"] = held.pop("question")
    with pytest.raises(InputError, match="nobody says which columns"):
        mm.check(body)


def test_an_answer_that_is_missing_is_said_with_its_row():
    with pytest.raises(DataError, match="row 12"):
        lines(pa.table({"q": ["a", "b"], "a": ["x", None]}), "alpaca", Roles(user="q", assistant="a"), first=10)
