"""Conversations as one column holds them: JSON, a list of messages with role and content, as chat endpoints take it."""

import json
from collections.abc import Iterable
from typing import Any, cast

from mintmark.errors import DataError
from mintmark.models.request import Message, Role

ROLES = ("system", "user", "assistant")


def written(messages: Iterable[Message]) -> str:
    """A conversation as JSON on one line."""
    return json.dumps([{"role": one.role, "content": one.content} for one in messages], ensure_ascii=False)


def read(text: str, *, where: str) -> tuple[Message, ...]:
    """A conversation that waits for an answer; DataError where it is none, or does not end with the user."""
    try:
        held = json.loads(text)
    except (ValueError, RecursionError):
        held = None
    if not isinstance(held, list) or not held or not all(map(_is_message, held)):
        raise DataError("this is no conversation", where=where, found=repr(text[:100]),
                        fix='write it as [{"role": "user", "content": "…"}]')  # fmt: skip
    last = held[-1]["role"]
    if last != "user":
        raise DataError("this conversation waits for no answer", where=where, found=f"the {last} speaks last",
                        fix="end it with a message of the user")  # fmt: skip
    return tuple(Message(cast(Role, one["role"]), one["content"]) for one in held)


def _is_message(one: Any) -> bool:
    return isinstance(one, dict) and one.get("role") in ROLES and isinstance(one.get("content"), str)
