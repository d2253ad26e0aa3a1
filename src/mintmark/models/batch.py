"""A hosted model through its batch API: half the price, answers within a day, and what fails is sent again."""

import asyncio
import contextlib
import io
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass as plain
from typing import Any, ClassVar, Literal

import openai
from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass

from mintmark import digest
from mintmark.errors import MintmarkError
from mintmark.models import address, completion
from mintmark.models.address import Address
from mintmark.models.endpoint import Endpoint, body
from mintmark.models.model import Line, Trouble
from mintmark.models.request import Reply, Request

_OVER = {"completed", "expired", "cancelled", "failed"}
_MARK = "mintmark"
"""Batches of ours bear this word, with the name of the model, in their metadata."""


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class Batch:
    """A model that is handed files of requests, and asked now and then whether it is done.

    Requests are gathered until none comes for a second, uploaded, and polled. One that failed, or was not reached
    before the batch expired, goes into the next batch. A run that was killed finds its batches at the endpoint again,
    by what they hold, and sends nothing twice.
    """

    url: str
    model: str
    key_from: str = ""
    """The NAME of the environment variable that holds the key."""
    size: int = Field(default=10_000, ge=1, le=50_000)
    """Most requests in a file."""
    poll_s: float = Field(default=60.0, gt=0)
    structured: Literal["schema", "object", "none"] = "schema"
    length_as: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    extra: Mapping[str, Any] = Field(default_factory=dict)

    free: ClassVar[bool] = False

    def __post_init__(self) -> None:
        address.check(self.url, self.key_from)

    @property
    def at_once(self) -> int:
        """A file full."""
        return self.size

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Line]:
        """Raises InputError where the key is not in the environment."""
        found = address.find(self.url, self.key_from)
        async with openai.AsyncOpenAI(base_url=found.url, api_key=found.key or "none", max_retries=0) as client:
            tray = _Tray(self, client, found)
            try:
                yield tray
            finally:
                await tray.close()

    def describe(self) -> Mapping[str, Any]:
        """As the same model says when it is asked one by one: answers are kept alike."""
        return self.asked_singly.describe()

    @property
    def asked_singly(self) -> Endpoint:
        """The same model, asked over `/chat/completions`."""
        return Endpoint(
            self.url,
            self.model,
            key_from=self.key_from,
            structured=self.structured,
            length_as=self.length_as,
            extra=self.extra,
        )


@plain
class _Item:
    """A request that waits for its line in a file of answers."""

    request: Request
    answer: asyncio.Future[Reply]


class _Tray:
    """Gathers requests, and hands each its answer."""

    def __init__(self, batch: Batch, client: openai.AsyncOpenAI, found: Address) -> None:
        self._batch, self._client, self._address = batch, client, found
        self._endpoint = batch.asked_singly
        self._gathered: dict[str, _Item] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._known: dict[str, str] | None = None

    async def answer(self, request: Request) -> Reply:
        loop = asyncio.get_running_loop()
        item = _Item(request, loop.create_future())
        self._gathered[self._name(request)] = item
        if self._timer is not None:
            self._timer.cancel()
        self._timer = loop.call_later(0.0 if len(self._gathered) >= self._batch.size else _QUIET_S, self._send)
        return await item.answer

    async def alive(self) -> bool:
        await self._client.models.list()
        return True

    async def close(self) -> None:
        """Lets batches go on at the endpoint; the next run finds them."""
        if self._timer is not None:
            self._timer.cancel()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _name(self, request: Request) -> str:
        """What an item is found again by: its content, so that a later run knows it."""
        told = [self._path(request), body(self._endpoint, request), request.sample]
        return digest.of_json(told).removeprefix("sha256:")[:_NAME]

    def _path(self, request: Request) -> str:
        return "/v1/completions" if request.prompt is not None else "/v1/chat/completions"

    def _send(self) -> None:
        items, self._gathered = self._gathered, {}
        paths: dict[str, dict[str, _Item]] = {}
        for name, item in items.items():
            paths.setdefault(self._path(item.request), {})[name] = item
        for path, some in paths.items():
            task = asyncio.get_running_loop().create_task(self._carried(path, some))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _carried(self, path: str, items: dict[str, _Item]) -> None:
        """Sees items through: those under way from an earlier run, and the rest in a batch of their own."""
        try:
            if self._known is None:
                self._known = await self._under_way()
            old: dict[str, dict[str, _Item]] = {}
            for name, item in items.items():
                if name in self._known:
                    old.setdefault(self._known.pop(name), {})[name] = item
            fresh = {name: item for name, item in items.items() if not any(name in some for some in old.values())}
            if fresh:
                old[await self._begun(path, fresh)] = fresh
            await asyncio.gather(*(self._done(number, some) for number, some in old.items()))
        except openai.APIStatusError as error:
            trouble = self._address.trouble(error.status_code, error.response.headers, self._said(error))
            _fail(items, trouble)
        except openai.APIConnectionError:
            _fail(items, Trouble("failed", f"{self._address.url}: no connection", reason="no connection"))
        except (Trouble, MintmarkError) as error:
            _fail(items, error)

    async def _begun(self, path: str, items: dict[str, _Item]) -> str:
        lines = (
            {"custom_id": name, "method": "POST", "url": path, "body": body(self._endpoint, item.request)}
            for name, item in items.items()
        )
        data = "\n".join(json.dumps(line, ensure_ascii=False) for line in lines).encode()
        file = await self._client.files.create(file=("requests.jsonl", io.BytesIO(data)), purpose="batch")
        made = await self._client.batches.create(
            input_file_id=file.id,
            endpoint=path,
            completion_window="24h",
            metadata={_MARK: self._batch.model[:_NAME]},
        )
        return made.id

    async def _under_way(self) -> dict[str, str]:
        """The items of our batches that the endpoint has, and the batch of each; the latest wins."""
        found: dict[str, str] = {}
        listed = [one async for one in self._client.batches.list(limit=100)]
        for one in sorted(listed, key=lambda one: one.created_at):
            if (one.metadata or {}).get(_MARK) != self._batch.model[:_NAME] or one.status in ("failed", "cancelled"):
                continue
            with contextlib.suppress(openai.NotFoundError):  # files are thrown away after a while
                for line in await self._lines(one.input_file_id):
                    found[str(line.get("custom_id"))] = one.id
        return found

    async def _done(self, number: str, items: dict[str, _Item]) -> None:
        """Waits for a batch, and hands out what it brought."""
        while (now := await self._client.batches.retrieve(number)).status not in _OVER:
            await asyncio.sleep(self._batch.poll_s)
        for file in (now.output_file_id, now.error_file_id):
            for line in await self._lines(file) if file else []:
                item = items.get(str(line.get("custom_id")))
                if item is not None and not item.answer.done():
                    self._hand_out(item, line)
        why = f"the batch {number} is {now.status}, and holds no answer to this request"
        _fail(items, Trouble("failed", why, reason="not answered in the batch"))

    def _hand_out(self, item: _Item, line: dict[str, Any]) -> None:
        response = line.get("response") or {}
        status, told = response.get("status_code"), response.get("body")
        try:
            if status != _OK:
                raw = json.dumps(told or line.get("error") or line).encode()
                raise self._address.trouble(int(status or _FAILED), {}, self._address.message(raw))
            item.answer.set_result(completion.reply(told, item.request))
        except (Trouble, MintmarkError) as error:
            item.answer.set_exception(error)

    async def _lines(self, file: str) -> list[dict[str, Any]]:
        raw = (await self._client.files.content(file)).content
        try:
            return [line for line in map(json.loads, raw.splitlines()) if isinstance(line, dict)]
        except ValueError:
            raise Trouble("failed", f"the file {file} holds what is no JSON", reason="broken reply") from None

    def _said(self, error: openai.APIStatusError) -> str:
        return self._address.message(error.response.content)


_QUIET_S = 1.0
"""A batch is sent when no request has come for so long."""
_NAME = 64
_OK, _FAILED = 200, 500


def _fail(items: dict[str, _Item], error: Exception) -> None:
    for item in items.values():
        if not item.answer.done():
            item.answer.set_exception(error)
