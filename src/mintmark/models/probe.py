"""What an endpoint can do, found out by asking: many take a parameter, ignore it, and say nothing.

Nothing here is relied upon. Each sample is asked for by itself, JSON is validated, and counts are checked, whatever an
endpoint seems to do. This tells a person what to expect: how many replies will have to be repaired, and whether the
counts, and so the costs, are the endpoint's own.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mintmark.errors import ModelError
from mintmark.models import address, completion
from mintmark.models.endpoint import Endpoint, body, session
from mintmark.models.model import Trouble
from mintmark.models.request import Reply, Request
from mintmark.models.structure import Form
from mintmark.models.wire import Wire

_ODD = {"type": "object", "required": ["mint"], "additionalProperties": False, "properties": {"mint": {"const": 41}}}
"""Nobody answers like this to a question about the weather, unless decoding follows the schema."""
_TIMEOUT_S = 60


@dataclass(frozen=True)
class Abilities:
    """What an endpoint did when it was asked; None where it gave no answer to that."""

    schema: bool | None
    """A reply kept to a JSON Schema that its prompt did not speak of."""
    choices: bool | None
    """Two choices came where `n` was 2."""
    counts: bool | None
    """It counts tokens, and not impossibly few."""
    length: bool | None
    """No reply was longer than `max_tokens`."""
    seed: bool | None
    """The same seed brought the same reply twice, at temperature 1."""

    def __str__(self) -> str:
        said = {True: "yes", False: "no", None: "no answer"}
        return ", ".join(f"{name}: {said[found]}" for name, found in vars(self).items())


def probe(endpoint: Endpoint) -> Abilities:
    """Asks four short questions, for 16 tokens each; raises as `ask` does where the endpoint cannot be asked."""
    return asyncio.run(_probed(endpoint))


async def _probed(endpoint: Endpoint) -> Abilities:
    found = address.find(endpoint.url, endpoint.key_from)
    async with session(found) as opened:
        wire = Wire(opened, found)
        try:
            await wire.models()
        except Trouble as trouble:
            if trouble.kind == "failed":
                fix = "check the URL, and that the server runs"
                raise ModelError("the endpoint does not answer", found=trouble.said, fix=fix) from None
        plain = Request.of("How is the weather on the moon?", max_tokens=16, seed=7)
        shaped = Request.of(plain.text, max_tokens=16, schema=_ODD)
        first, again = [await _asked(wire, endpoint, plain) for _ in range(2)]
        odd = await _asked(wire, endpoint, shaped)
        two = await _asked(wire, endpoint, plain, {"n": 2})
    replies = [reply for reply in (_reply(first, plain), _reply(again, plain)) if reply]
    counted = [reply for reply in replies if reply.counted == "endpoint"]
    shape = _reply(odd, shaped)
    return Abilities(
        schema=None if shape is None else isinstance(Form(_ODD).read(shape), Reply),
        choices=None if two is None else len(two.get("choices") or []) > 1,
        counts=len(counted) == len(replies) if replies else None,
        length=all(reply.reply_tokens <= plain.max_tokens for reply in counted) if counted else None,
        seed=replies[0].text == replies[-1].text if len(replies) > 1 else None,
    )


async def _asked(
    wire: Wire, endpoint: Endpoint, request: Request, more: Mapping[str, Any] | None = None
) -> dict[str, Any] | None:
    try:
        async with asyncio.timeout(_TIMEOUT_S):
            told = await wire.post("/chat/completions", body(endpoint, request) | dict(more or {}))
    except (Trouble, TimeoutError):
        return None
    return told if isinstance(told, dict) else None


def _reply(told: dict[str, Any] | None, request: Request) -> Reply | None:
    try:
        return completion.reply(told, request)
    except Trouble:
        return None
