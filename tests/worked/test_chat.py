"""Conversations as trainers read them, from columns and from whole conversations."""

import json

import pyarrow as pa
import pytest

from mintmark.data.chat import ALPACA, OPENAI, SHAREGPT, Roles, lines
from mintmark.errors import DataError, InputError, UnknownName

TURNS = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Zwölf?"},
         {"role": "assistant", "content": "Ja.\n"}]  # fmt: skip


def read(rows, form, roles):
    return [json.loads(line) for line in lines(rows, form, roles).decode().splitlines()]


def test_names_tell_what_columns_hold():
    assert Roles.of(["messages", "question", "answer"], {}) == Roles(messages="messages")
    assert Roles.of(["output", "instruction"], {}) == Roles(user="instruction", assistant="output")
    assert Roles.of(["instruction", "input", "output"], {}).input == "input"
    assert Roles.of(["system", "question", "answer"], {}).system == "system"
    told = {"user": "a", "assistant": "b", "system": None}
    assert Roles.of(["a", "b", "messages"], told) == Roles(user="a", assistant="b")
    with pytest.raises(InputError, match="nobody says"):
        Roles.of(["question", "reply"], {})
    with pytest.raises(UnknownName):
        Roles.of(["question", "answer"], {"user": "question", "assistant": "reply"})


@pytest.mark.parametrize("column", [[TURNS], [json.dumps(TURNS)]])
def test_whole_conversations_are_lists_or_json(column):
    rows, roles = pa.table({"m": column}), Roles(messages="m")
    assert read(rows, OPENAI, roles) == [{"messages": TURNS}]
    assert read(rows, SHAREGPT, roles)[0]["conversations"][1] == {"from": "human", "value": "Zwölf?"}
    assert read(rows, ALPACA, roles) == [
        {"instruction": "Zwölf?", "input": "", "output": "Ja.\n", "system": "Be brief."}
    ]


def test_what_a_question_is_about_stands_beneath_it_or_in_its_own_field():
    rows = pa.table({"q": ["Sum up"], "i": ["a text"], "a": ["short"]})
    roles = Roles(user="q", input="i", assistant="a")
    assert read(rows, ALPACA, roles) == [{"instruction": "Sum up", "input": "a text", "output": "short"}]
    assert read(rows, OPENAI, roles)[0]["messages"][0]["content"] == "Sum up\n\na text"


@pytest.mark.parametrize(("said", "form", "why"), [
    ("no list", OPENAI, "no list of"),
    (None, OPENAI, "no list of"),
    ([{"role": "user", "content": "Hm?"}], OPENAI, "assistant last"),
    ([{"role": "judge", "content": "x"}, *TURNS], OPENAI, "by system, user and assistant"),
    (TURNS[1:] * 2, ALPACA, "one question and one answer"),
    (TURNS[2:], ALPACA, "one question and one answer"),
])  # fmt: skip
def test_what_is_no_conversation_is_said_with_its_row(said, form, why):
    column = pa.array([json.dumps(said) if isinstance(said, list) else said], pa.string())
    with pytest.raises(DataError, match=why) as caught:
        lines(pa.table({"m": column}), form, Roles(messages="m"), first=6)
    assert caught.value.where == "row 7"


def test_a_column_that_holds_no_text_is_named():
    with pytest.raises(DataError, match="column q holds no text"):
        lines(pa.table({"q": [["a"]], "a": ["b"]}), OPENAI, Roles(user="q", assistant="a"))
