"""A model behind an OpenAI-compatible endpoint: vLLM, Ollama, llama.cpp, `transformers serve`, or a hosted API."""

import urllib.request
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, ClassVar, Literal
from urllib.parse import urlsplit

import aiohttp
from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass

from mintmark.models import address, completion
from mintmark.models.address import Address
from mintmark.models.model import Line
from mintmark.models.request import Reply, Request
from mintmark.models.wire import Wire


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class Endpoint:
    """A model that is asked over HTTP, at `/chat/completions` or, for bare prompts, at `/completions`.

    Each sample is a request of its own: `n` is never sent, for many endpoints ignore it. A schema is asked for, and the
    desk validates what comes. The key is read from the environment when the endpoint is opened; it is in no file, no
    error and no record.
    """

    url: str
    """Up to and with `/v1`."""
    model: str
    """The name that the endpoint knows it by."""
    key_from: str = ""
    """The NAME of the environment variable that holds the key. Left out, no key is sent."""
    structured: Literal["schema", "object", "none"] = "schema"
    """How a schema is asked for: itself, as any JSON object, or in the prompt alone."""
    length_as: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    """What the endpoint calls the longest reply; reasoning models have the second name."""
    extra: Mapping[str, Any] = Field(default_factory=dict)
    """Further fields of every body, for what one server knows: `{top_k: 20}`."""

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
        return {
            "kind": "models.endpoint",
            "url": self.url,
            "model": self.model,
            "structured": self.structured,
            "extra": dict(self.extra),
        }


def session(found: Address) -> aiohttp.ClientSession:
    """A session that bears the key and bounds nothing: the desk says how many ask at once, and for how long."""
    return aiohttp.ClientSession(
        # Servers close idle connections after five seconds and more; one that is used as it closes costs a try.
        connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=4),
        headers={"Authorization": f"Bearer {found.key}"} if found.key else {},
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=30),
        cookie_jar=aiohttp.DummyCookieJar(),
        proxy=proxy(found.url),
    )


def proxy(url: str) -> str | None:
    """The proxy that the environment names for an address, looked up once: aiohttp would do so for each request."""
    parts = urlsplit(url)
    passed = parts.hostname is None or bool(urllib.request.proxy_bypass(parts.hostname))
    return None if passed else urllib.request.getproxies().get(parts.scheme)


class _Call:
    def __init__(self, endpoint: Endpoint, wire: Wire) -> None:
        self._endpoint, self._wire = endpoint, wire

    async def answer(self, request: Request) -> Reply:
        path = "/completions" if request.prompt is not None else "/chat/completions"
        return completion.reply(await self._wire.post(path, body(self._endpoint, request)), request)

    async def alive(self) -> bool:
        await self._wire.models()
        return True


def body(endpoint: Endpoint, request: Request) -> dict[str, Any]:
    """What is sent: as the `openai` package would, but for what is left at the endpoint's own default."""
    told: dict[str, Any] = {"model": endpoint.model}
    if request.prompt is not None:
        told["prompt"] = request.prompt
    else:
        told["messages"] = [{"role": one.role, "content": one.content} for one in request.messages]
    told |= {endpoint.length_as: request.max_tokens, "temperature": request.temperature}
    optional = {
        "top_p": request.top_p if request.top_p < 1 else None,
        "stop": list(request.stop) or None,
        # Samples that share a seed would be one and the same.
        "seed": None if request.seed is None else request.seed + request.sample,
        "response_format": _format(endpoint, request),
    }
    return told | {name: value for name, value in optional.items() if value is not None} | dict(endpoint.extra)


def _format(endpoint: Endpoint, request: Request) -> dict[str, Any] | None:
    if request.schema is None or endpoint.structured == "none" or request.prompt is not None:
        return None
    if endpoint.structured == "object":
        return {"type": "json_object"}
    return {"type": "json_schema", "json_schema": {"name": "answer", "strict": True, "schema": dict(request.schema)}}
