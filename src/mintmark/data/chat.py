"""Conversations as trainers of chat models read them: OpenAI's messages, ShareGPT's conversations, Alpaca's triples."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from mintmark.errors import DataError, InputError, UnknownName

OPENAI, SHAREGPT, ALPACA = "chat-openai", "chat-sharegpt", "alpaca"
FORMS = (OPENAI, SHAREGPT, ALPACA)

_SPEAKERS = {"system": "system", "user": "human", "assistant": "gpt"}
"""Who speaks, as ShareGPT names them."""
_FOUND = (
    {"messages": "messages"},
    {"user": "instruction", "input": "input", "assistant": "output"},
    {"user": "question", "assistant": "answer"},
)
"""What columns of these names hold, where nobody says otherwise; `input` may be lacking."""

Turn = tuple[str, str]
"""(role, what is said)."""


@dataclass(frozen=True)
class Roles:
    """Which columns hold what is said: either whole conversations, or one question and its answer."""

    messages: str | None = None
    """A column of lists of {role, content}, or of the same as JSON text."""
    user: str | None = None
    input: str | None = None
    """What the question is about, where it stands in a column of its own."""
    assistant: str | None = None
    system: str | None = None

    @classmethod
    def of(cls, columns: Sequence[str], told: Mapping[str, str | None]) -> "Roles":
        """What was told, or else what the columns' names say.

        Raises UnknownName for a column that is not there, and InputError where no names that are known are.
        """
        given = {role: column for role, column in told.items() if column is not None}
        for column in given.values():
            if column not in columns:
                raise UnknownName("column", column, columns, where="release.chat")
        if given:
            return cls(**given)
        for names in _FOUND:
            there = {role: column for role, column in names.items() if column in columns}
            if set(there) >= set(names) - {"input"}:
                return cls(**there, system="system" if "system" in columns and "messages" not in there else None)
        raise InputError(
            "nobody says which columns hold the conversation", where="release.chat", found=", ".join(columns),
            fix="name them: chat: {user: question, assistant: answer}",
        )  # fmt: skip


def lines(rows: pa.Table, form: str, roles: Roles, *, first: int = 0) -> bytes:
    """One JSON object a line. Raises DataError, with the row's number from `first` on, where one is no conversation."""
    write = _WRITERS[form]
    out = []
    for place, turns in enumerate(_conversations(rows, roles), first):
        try:
            out.append(json.dumps(write(turns), ensure_ascii=False) + "\n")
        except ValueError as error:
            fix = "leave such rows out: keep: [{filters.length: {column: …}}]"
            raise DataError(f"this row is no conversation: {error}", where=f"row {place + 1:,}", fix=fix) from error
    return "".join(out).encode()


@dataclass(frozen=True)
class Exchange:
    """What a user said last, what that is about where it stands apart, and what was replied."""

    instruction: str
    input: str
    reply: str


def exchanges(rows: pa.Table, roles: Roles) -> list[Exchange | None]:
    """The last question and answer of each row; None where a row is no conversation, or does not end with these."""
    out: list[Exchange | None] = []
    for said in _conversations(rows, roles):
        whole = not said.fault and [role for role, _ in said.turns[-2:]] == ["user", "assistant"]
        out.append(Exchange(said.turns[-2][1], said.input, said.turns[-1][1]) if whole else None)
    return out


@dataclass(frozen=True)
class _Said:
    """What a row holds, before anybody looks whether it is a conversation."""

    turns: tuple[Turn, ...] = ()
    input: str = ""
    fault: str = ""


def _conversations(rows: pa.Table, roles: Roles) -> Iterator[_Said]:
    if roles.messages is not None:
        yield from map(_listed, rows[roles.messages].to_pylist())
        return
    asked = ("system", "user", "input", "assistant")
    held = [_texts(rows, getattr(roles, role)) for role in asked]
    for system, user, more, answer in zip(*held, strict=True):
        if not user.strip() or not answer.strip():
            yield _Said(fault=f"it has no {roles.assistant if user.strip() else roles.user}")
        else:
            before = (("system", system),) if system else ()
            yield _Said((*before, ("user", user), ("assistant", answer)), more)


def _texts(rows: pa.Table, column: str | None) -> list[str]:
    if column is None:
        return [""] * len(rows)
    try:
        return [text or "" for text in rows[column].cast(pa.string()).to_pylist()]
    except pa.ArrowException as error:
        found = str(rows.schema.field(column).type)
        raise DataError(f"column {column} holds no text", where="release.chat", found=found) from error


def _listed(value: Any) -> _Said:
    try:
        turns = json.loads(value) if isinstance(value, str) else value
        said = tuple((turn["role"], turn["content"]) for turn in turns)
    except (ValueError, TypeError, KeyError, RecursionError):
        return _Said(fault="its messages are no list of {role, content}")
    known = all(role in _SPEAKERS and isinstance(text, str) for role, text in said)
    if not known or not said or said[-1][0] != "assistant":
        return _Said(fault="its messages are not text by system, user and assistant, with the assistant last")
    return _Said(said)


def _turns(said: _Said) -> list[Turn]:
    """All that is said; what a question is about stands beneath it."""
    if said.fault:
        raise ValueError(said.fault)
    return [(role, f"{text}\n\n{said.input}" if role == "user" and said.input else text) for role, text in said.turns]


def _openai(said: _Said) -> dict[str, Any]:
    return {"messages": [{"role": role, "content": text} for role, text in _turns(said)]}


def _sharegpt(said: _Said) -> dict[str, Any]:
    return {"conversations": [{"from": _SPEAKERS[role], "value": text} for role, text in _turns(said)]}


def _alpaca(said: _Said) -> dict[str, Any]:
    roles = [role for role, _ in _turns(said)]
    if roles[-2:] != ["user", "assistant"] or roles[:-2] not in ([], ["system"]):
        raise ValueError(f"Alpaca holds one question and one answer, and not {', '.join(roles)}")
    spoken = dict(said.turns)
    made = {"instruction": spoken["user"], "input": said.input, "output": spoken["assistant"]}
    return made | ({"system": spoken["system"]} if "system" in spoken else {})


_WRITERS = {OPENAI: _openai, SHAREGPT: _sharegpt, ALPACA: _alpaca}
