"""Replies as JSON that meets a schema: asked of the endpoint, and believed only when it is validated here.

Many endpoints take a schema, answer in prose, and say nothing of it. So each reply is read with some charity (a fence
around it, words before it), validated, and where it fails asked for once more with what was wrong: a bounded number of
times, after which the refusal says what the last complaint was.
"""

import importlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from mintmark.errors import InputError, MissingExtra
from mintmark.models.request import Message, Refusal, Reply, Request

NOT_JSON = "not valid JSON"
UNLIKE = "not as the schema says"
CUT_OFF = "cut off at max_tokens"

_FENCE = re.compile(r"```[a-zA-Z]*\s*\n(.*?)```", re.DOTALL)
_STARTS = 16
"""Places in a reply from which JSON is tried."""
_SHOWN = 400
"""Letters of a complaint that a model, and a reader, is shown."""


@dataclass(frozen=True)
class Form:
    """A JSON Schema, ready to validate.

    Nothing that a schema refers to is fetched. Raises InputError for a schema that is none.
    """

    schema: Mapping[str, Any]

    def __post_init__(self) -> None:
        self._validator  # noqa: B018 (a schema that is none is said before anything is asked)

    def read(self, reply: Reply) -> Reply | Refusal:
        """The reply with its parsed value, or a refusal that says what is wrong with it."""
        parsed = False
        complaint = ""
        for value in _values(reply.text):
            wrong = self._wrong(value)
            if not wrong:
                return replace(reply, value=value)
            complaint, parsed = complaint or wrong, True
        if reply.finish == "length":
            said = f"the reply ends after {reply.reply_tokens} tokens, before its JSON does"
            return Refusal(CUT_OFF, said, reply.text, reply.key)
        if not parsed:
            return Refusal(NOT_JSON, f"no JSON was found in: {reply.text[:_SHOWN]!r}", reply.text, reply.key)
        return Refusal(UNLIKE, complaint, reply.text, reply.key)

    def _wrong(self, value: Any) -> str:
        try:
            error = _package("jsonschema.exceptions").best_match(self._validator.iter_errors(value))
        except _package("referencing.exceptions").Unresolvable as error:
            fix = "put all of it beneath `$defs`: nothing is fetched"
            raise InputError("the schema refers to what it does not hold", found=str(error), fix=fix) from error
        except re.error as error:
            raise InputError("a pattern of the schema cannot be read", found=str(error)) from error
        return "" if error is None else f"{error.json_path}: {error.message}"[:_SHOWN]

    @cached_property
    def _validator(self) -> Any:
        validators = _package("jsonschema.validators")
        kind = validators.validator_for(self.schema, default=validators.Draft202012Validator)
        try:
            kind.check_schema(self.schema)
        except _package("jsonschema.exceptions").SchemaError as error:
            raise InputError("this is no JSON Schema", where=error.json_path, found=error.message[:_SHOWN]) from error
        return kind(self.schema, registry=_package("referencing").Registry())


def _package(name: str) -> Any:
    """A part of the validator, which only those need who ask for JSON; MissingExtra where it is not installed."""
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        raise MissingExtra("a reply that meets a schema", name.partition(".")[0], "text") from error


def mended(request: Request, refusal: Refusal) -> Request:
    """The question once more, with the reply that was wrong and what was wrong with it."""
    said = "It was longer than is allowed: answer more briefly." if refusal.reason == CUT_OFF else refusal.said
    ask = f"That reply cannot be used. {said}\nAnswer again, with the corrected JSON and nothing else."
    if request.prompt is not None:
        return replace(request, prompt=f"{request.prompt}{refusal.text}\n\n{ask}\n\n")
    turn = (Message("assistant", refusal.text or "(nothing)"), Message("user", ask))
    return replace(request, messages=(*request.messages, *turn))


def _values(text: str) -> Iterator[Any]:
    """JSON that the reply may mean, the likeliest first: all of it, what a fence holds, what begins somewhere."""
    after = text.rpartition("</think>")[2]
    for whole in (after.strip(), *(fenced.strip() for fenced in _FENCE.findall(after))):
        try:
            yield _DECODER.decode(whole)
        except (ValueError, RecursionError):
            continue
    for start in list(re.finditer(r"[{\[]", after))[:_STARTS]:
        try:
            yield _DECODER.raw_decode(after, start.start())[0]
        except (ValueError, RecursionError):
            continue


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is no JSON")


_DECODER = json.JSONDecoder(parse_constant=_no_number)
