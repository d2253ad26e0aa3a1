"""Numbered lists as models write them."""

import re

from mintmark.generators.text.asking import Dropped
from mintmark.models.request import Reply

_ITEM = re.compile(r"(?m)^[ \t]*(?:\*\*)?(?:task\s*)?\d{1,3}[.):][ \t]*(?:\*\*)?[ \t]*", re.IGNORECASE)


def items(reply: Reply) -> list[str]:
    """The items of a numbered list; the last one of an answer that was cut off is not among them.

    Raises Dropped where there is no list.
    """
    parts = [part.strip().removesuffix("**").strip() for part in _ITEM.split(reply.text)[1:]]
    if reply.finish == "length":
        parts = parts[:-1]
    found = [part for part in parts if part]
    if not found:
        raise Dropped("no list", "", reply.text)
    return found
