"""HTTP to an OpenAI-compatible endpoint: one request, sent once, and what went wrong by what follows from it.

The `openai` package takes 1.9 ms of processor time a call, most of it to build typed objects of which few fields are
read: at 64 slots and 50 ms a reply that is the bottleneck (decision 14). The same bodies are sent here through aiohttp,
for a tenth of it.
"""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import aiohttp

from mintmark.errors import InputError, MintmarkError, UnknownName
from mintmark.models.address import Address
from mintmark.models.model import Trouble

_LONGEST = 64 * 1024 * 1024
"""Bytes of a reply; what is longer is none."""


class Wire:
    """A session with an endpoint."""

    def __init__(self, session: aiohttp.ClientSession, address: Address) -> None:
        self._session, self._address = session, address

    async def post(self, path: str, body: Mapping[str, Any], *, from_root: bool = False) -> Any:
        """What the endpoint answers to a JSON body; raises Trouble, or MintmarkError where it is in vain.

        `from_root`: the path begins at the server, and not behind the `/v1` of the address.
        """
        data = json.dumps(body, ensure_ascii=False).encode()
        base = self._address.url.removesuffix("/v1") if from_root else self._address.url
        status, headers, raw = await self._sent(
            "POST", path, base, data=data, headers={"Content-Type": "application/json"}
        )
        if status == HTTPStatus.NOT_FOUND:
            raise await self._not_there(str(body.get("model", "")), path, self._address.message(raw))
        return self._address.read(status, headers, raw)

    async def models(self) -> list[str]:
        """The names of the models that are there; raises as `post` does."""
        told = self._address.read(*await self._sent("GET", "/models", self._address.url))
        listed = told.get("data") if isinstance(told, dict) else None
        return [str(one.get("id")) for one in listed or [] if isinstance(one, dict)]

    async def _sent(self, method: str, path: str, url: str, **more: Any) -> tuple[int, Mapping[str, str], bytes]:
        # `from None`: the errors of aiohttp hold the headers that were sent.
        clean = self._address.clean
        try:
            async with self._session.request(method, url + path, allow_redirects=False, **more) as response:
                return response.status, response.headers, await _body(response)
        except aiohttp.InvalidURL:
            raise InputError("this is no URL", where="url", found=url) from None
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise Trouble("failed", f"{url}: {clean(str(error))}", reason="no connection") from None
        except aiohttp.ClientError as error:
            # It may have broken while the reply was on its way, which is then paid for.
            said = clean(f"{type(error).__name__}: {error}")
            raise Trouble("cut", f"the connection broke: {said}", reason="connection broke") from None

    async def _not_there(self, model: str, path: str, said: str) -> MintmarkError:
        """Whether it is the model that is not there, the path, or the whole endpoint."""
        try:
            there = await self.models()
        except (Trouble, MintmarkError):
            there = []
        if model not in there and there:
            return UnknownName("model", model, there, where=self._address.url)
        if there:
            fix = "is it a model that is asked this way, and does this server know how?"
            return InputError(
                f"the endpoint has no {path} for this model", where=self._address.url, found=said, fix=fix
            )
        fix = "most such addresses end in /v1"
        return InputError("no OpenAI-compatible endpoint answers here", where=self._address.url, found=said, fix=fix)


async def _body(response: aiohttp.ClientResponse) -> bytes:
    if response.content_length is not None and response.content_length <= _LONGEST:
        return await response.read()
    parts, size = [], 0
    async for part in response.content.iter_any():
        parts.append(part)
        size += len(part)
        if size > _LONGEST:
            raise Trouble("cut", f"the endpoint's reply is longer than {_LONGEST:,} bytes", reason="broken reply")
    return b"".join(parts)
