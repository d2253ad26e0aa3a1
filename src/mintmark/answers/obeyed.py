"""Whether a reply is what an instruction orders: one check for each kind of order (IFEval, Zhou et al. 2023)."""

import json
import re
from collections.abc import Callable, Mapping
from functools import partial

from mintmark.answers.counted import UNITS
from mintmark.words.tongues import is_in

_EDGES = " \t\n\"'“”‘’*.!,"
"""What may stand around the first and the last words."""


def _length(reply: str, least: int, most: int | None, *, unit: str) -> bool:
    count = UNITS[unit](reply)
    return least <= count and (most is None or count <= most)


def _holds(reply: str, said: str) -> bool:
    return bool(re.search(rf"(?<!\w){re.escape(said)}(?!\w)", reply, re.IGNORECASE))


def _lacks(reply: str, said: str) -> bool:
    return not _holds(reply, said)


def _begins(reply: str, said: str) -> bool:
    return reply.casefold().strip(_EDGES).startswith(said.casefold().strip(_EDGES))


def _ends(reply: str, said: str) -> bool:
    return reply.casefold().strip(_EDGES).endswith(said.casefold().strip(_EDGES))


def _is_json(reply: str) -> bool:
    fenced = re.fullmatch(r"\s*```(?:json)?[ \t]*\n(.*)\n\s*```\s*", reply, re.DOTALL | re.IGNORECASE)
    try:
        json.loads(fenced[1] if fenced else reply)
    except (ValueError, RecursionError):
        return False
    return True


def _has_no_comma(reply: str) -> bool:
    return not set(reply) & set(",，、،")


CHECKS: Mapping[str, Callable[..., bool | None]] = {
    **{f"{unit}s": partial(_length, unit=unit) for unit in UNITS},
    "words that must be there": _holds,
    "words that must not be there": _lacks,
    "beginning": _begins,
    "end": _ends,
    "JSON": _is_json,
    "small letters": str.islower,
    "capitals": str.isupper,
    "no commas": _has_no_comma,
    "language": is_in,
}
"""By the kind of order: takes the reply and what was ordered; None where nobody can tell."""
