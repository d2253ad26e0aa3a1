"""What an answer holds: plain text, or an object whose fields become columns."""

from collections.abc import Mapping
from typing import Any, Literal

import pyarrow as pa
from pydantic import ConfigDict
from pydantic.dataclasses import dataclass

from mintmark.data.schema import Column, Kind
from mintmark.generators.text import tables
from mintmark.generators.text.asking import Dropped
from mintmark.models.request import Reply


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class Answer:
    """One column of what a model writes."""

    kind: Literal["text", "number", "integer", "boolean"] = "text"
    levels: tuple[str, ...] = ()
    """The only answers that there are."""
    about: str = ""
    """What it is to hold, told to the model."""

    def column(self, name: str) -> Column:
        """The column; any may be missing, where the model did not answer."""
        if self.levels:
            return Column(name, Kind.CATEGORY, pa.string(), nullable=True, levels=self.levels)
        if self.kind == "text":
            return tables.text(name, nullable=True)
        if self.kind == "boolean":
            return Column(name, Kind.BOOLEAN, pa.bool_(), nullable=True, levels=("false", "true"))
        whole = self.kind == "integer"
        return Column(
            name, Kind.NUMBER, pa.int64() if whole else pa.float64(), nullable=True, decimals=0 if whole else None
        )

    def schema(self) -> dict[str, Any]:
        """As JSON Schema."""
        kind = "string" if self.kind == "text" else self.kind
        body: dict[str, Any] = {"enum": list(self.levels)} if self.levels else {"type": kind}
        if kind == "string" and not self.levels:
            body["minLength"] = 1
        return body | ({"description": self.about} if self.about else {})


def schema_of(columns: Mapping[str, Answer]) -> dict[str, Any] | None:
    """The JSON Schema of an answer; None where one column of plain text is all of it."""
    answers = list(columns.values())
    if len(answers) == 1 and answers[0].kind == "text" and not answers[0].levels:
        return None
    return {"type": "object", "properties": {name: answer.schema() for name, answer in columns.items()},
            "required": list(columns), "additionalProperties": False}  # fmt: skip


def read(reply: Reply, columns: Mapping[str, Answer]) -> dict[str, Any]:
    """The columns of an answer. Raises Dropped where it is empty or was cut off."""
    if schema_of(columns) is None:
        return {next(iter(columns)): whole(reply)}
    value = reply.value
    return {name: _stored(value[name], answer) for name, answer in columns.items()}


def whole(reply: Reply) -> str:
    """The text of an answer that is there and was not cut off; Dropped else."""
    if reply.finish == "length":
        raise Dropped("cut off", f"after {reply.reply_tokens} tokens", reply.text)
    if not reply.text.strip():
        raise Dropped("empty")
    return reply.text.strip()


def bare(text: str, tag: str) -> str:
    """An answer without the marks that documents stand between, or quotes around the whole."""
    inner = text.removeprefix(f"<{tag}>").removesuffix(f"</{tag}>").strip()
    return inner[1:-1].strip() if len(inner) > 1 and inner[0] + inner[-1] in ('""', "“”", "«»") else inner


def _stored(value: Any, answer: Answer) -> Any:
    return float(value) if answer.kind == "number" and not answer.levels else value
