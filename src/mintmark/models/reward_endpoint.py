"""A reward model behind an endpoint that classifies, as vLLM and SGLang do: its reply to a text is a number."""

import math
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Annotated, Any, ClassVar

from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass

from mintmark.errors import InputError
from mintmark.models import address
from mintmark.models.endpoint import session
from mintmark.models.model import Line, Trouble
from mintmark.models.request import Reply, Request
from mintmark.models.wire import Wire


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class RewardEndpoint:
    """A sequence classifier that is asked over HTTP at `/classify`, with a conversation or a text.

    vLLM squeezes what its classifiers say into probabilities unless it is told not to, by a name that changed with its
    versions: `extra` holds that of 0.13 and later. A server that does not know it gives probabilities all the same:
    the order of texts is then the same, and a threshold is another one.
    """

    url: str
    """Up to and with `/v1`."""
    model: str
    """The name that the endpoint knows it by."""
    key_from: str = ""
    """The NAME of the environment variable that holds the key. Left out, no key is sent."""
    path: str = "/classify"
    """From the root of the server, as vLLM has it; SGLang: `/v1/classify`."""
    output: Annotated[int, Field(ge=0)] | None = None
    """Which of several numbers is the reward, counted from 0."""
    extra: Mapping[str, Any] = Field(default_factory=lambda: {"use_activation": False})
    """Further fields of every body."""

    free: ClassVar[bool] = False
    at_once: ClassVar[int | None] = None

    def __post_init__(self) -> None:
        address.check(self.url, self.key_from)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Line]:
        """Makes a session; raises InputError where the key is not in the environment."""
        found = address.find(self.url, self.key_from)
        async with session(found) as opened:
            yield _Call(self, Wire(opened, found))

    def describe(self) -> Mapping[str, Any]:
        """Where it is, what it is called, and how it is asked."""
        return {"kind": "models.reward_endpoint", "url": self.url, "model": self.model, "path": self.path,
                "output": self.output, "extra": dict(self.extra)}  # fmt: skip


class _Call:
    def __init__(self, endpoint: RewardEndpoint, wire: Wire) -> None:
        self._endpoint, self._wire = endpoint, wire

    async def answer(self, request: Request) -> Reply:
        told = await self._wire.post(self._endpoint.path, _body(self._endpoint, request), from_root=True)
        return _reply(told, request, self._endpoint.output)

    async def alive(self) -> bool:
        await self._wire.models()
        return True


def _body(endpoint: RewardEndpoint, request: Request) -> dict[str, Any]:
    told: dict[str, Any] = {"model": endpoint.model}
    if request.prompt is not None:
        told["input"] = request.prompt
    else:
        told["messages"] = [{"role": one.role, "content": one.content} for one in request.messages]
    return told | dict(endpoint.extra)


def _reply(told: Any, request: Request, output: int | None) -> Reply:
    """The number; Trouble where there is none, and InputError where there are several and none is chosen."""
    try:
        numbers = [float(number) for number in told["data"][0]["probs"]]
    except (KeyError, IndexError, TypeError, ValueError):
        raise Trouble("cut", f"the endpoint's reply has no numbers: {str(told)[:200]}", reason="broken reply") from None
    if output is None and len(numbers) != 1:
        raise InputError("this model gives several numbers, and none is chosen", where="output",
                         found=f"{len(numbers)} of them", fix="say which is the reward, counted from 0")  # fmt: skip
    if output is not None and output >= len(numbers):
        raise InputError("this model has no such output", where="output", found=f"{output}, of {len(numbers)}")
    score = numbers[output or 0]
    if not math.isfinite(score):
        raise Trouble("bad", f"the model says {score}", reason="no number")
    usage = told.get("usage")
    count = usage.get("prompt_tokens") if isinstance(usage, dict) else None
    if type(count) is int and count > 0:
        return Reply(repr(score), "stop", count, 0, str(told.get("model") or "")[:100])
    return Reply(repr(score), "stop", len(request.text.encode()), 0, str(told.get("model") or "")[:100], "bytes")
