"""Pipeline overhead: 10,000 rows from an endpoint that takes 50 ms for each and is asked for 64 at once.

The slots allow 1,280 rows a second. Bare sockets say what of this the machine allows at the time, with whatever else
runs on it; processor time per request says what each way takes of it. Endpoint and asker are processes of their own;
the ways take turns. Of peers 2,000 rows are asked, for they take long.
"""

import asyncio
import importlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Awaitable, Callable
from itertools import islice
from pathlib import Path

from benchmarks import measure

ROWS, SLOTS, LATENCY_S = 10_000, 64, 0.05
PORT = 8765
URL = f"http://127.0.0.1:{PORT}/v1"
ROUNDS = 3
WAYS = {
    "bare sockets, nothing kept": "bare",
    "Mintmark: desk, store, all checks": "desk",
    "peer: `openai` package, nothing kept": "openai",
    "peer: `openai` package over aiohttp, nothing kept": "over_aiohttp",
}

LOADED = {
    "desk": ("mintmark.models.desk", "mintmark.models.endpoint"),
    "openai": ("openai.resources.chat",),
    "over_aiohttp": ("openai.resources.chat", "aiohttp"),
}
"""What each way imports, which is not timed."""


def run(folder: Path) -> str:
    code = f"import sys; sys.path.insert(0, {str(Path.cwd())!r}); import benchmarks.text as text; text.timed({{way!r}})"
    found: dict[str, list[tuple[float, ...]]] = {label: [] for label in WAYS}
    with subprocess.Popen([sys.executable, "-m", "benchmarks.text", "serve"], stdout=subprocess.PIPE) as server:
        assert server.stdout is not None
        server.stdout.readline()
        try:
            for _ in range(ROUNDS):
                for label, way in WAYS.items():
                    cost = measure.python(code.format(way=way), folder=folder)
                    found[label].append(tuple(json.loads(cost.out.splitlines()[-1])))
                    print(label, found[label][-1], f"load {os.getloadavg()[0]:.1f}", flush=True)
        finally:
            server.kill()  # what fails is told, and not waited with
    rows = [
        ("way", "rows/s", "of what 64 slots allow", "ms of processor time a request", "ready, but without processor")
    ]
    for label, each in found.items():
        rate, cpu_ms, waited = map(statistics.median, zip(*each, strict=True))
        slots = SLOTS / LATENCY_S
        rows.append((label, f"{rate:,.0f}", f"{rate / slots:.1%}", f"{cpu_ms:.3f}", f"{waited:.0%} of the time"))
    return f"{measure.table(*rows)}\n\nMedians of {ROUNDS} rounds; load average {os.getloadavg()[1]:.1f}."


def timed(way: str) -> None:
    """Prints rows a second, milliseconds of processor time a row, and the share of time without a processor."""
    for module in LOADED.get(way, ()):
        importlib.import_module(module)
    start, before = time.perf_counter(), time.process_time()
    rows = ROWS if way in ("bare", "desk") else ROWS // 5
    earlier = 0.0 if way == "desk" else _waited_s(os.getpid())  # the desk's thread is a new one
    waited = globals()[way](rows) - earlier
    wall, cpu = time.perf_counter() - start, time.process_time() - before
    print(json.dumps([rows / wall, 1000 * cpu / rows, waited / wall]))


def _waited_s(thread: int) -> float:
    """Seconds in which a thread stood ready and no processor was free for it."""
    return int(Path(f"/proc/self/task/{thread}/schedstat").read_text().split()[1]) / 1e9


def prompt(n: int) -> str:
    """About 200 bytes, no two alike."""
    return f"Tell me something about the number {n}. " + "Be brief, and be right. " * 7


def desk(rows: int) -> float:
    """As a recipe asks: through the desk, each answer in the store."""
    from mintmark.models.desk import Desk
    from mintmark.models.endpoint import Endpoint
    from mintmark.models.pace import Limits
    from mintmark.models.request import Request
    from mintmark.models.store import Store

    with tempfile.TemporaryDirectory() as folder, Store(Path(folder) / "replies.sqlite") as store:
        answers = Desk(Endpoint(URL, "m"), store, Limits(slots=SLOTS)).ask(Request.of(prompt(n)) for n in range(rows))
        for answer in islice(answers, rows):
            assert answer.text
        asker = next(one for one in threading.enumerate() if one.name == "mintmark-switchboard")
        waited = _waited_s(asker.native_id)
        answers.close()
    return waited


def bare(rows: int) -> float:
    """The least that Python can do: a socket for each slot."""
    asyncio.run(_bare(rows))
    return _waited_s(os.getpid())


async def _bare(rows: int) -> None:
    async def slot(numbers: range) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", PORT)
        for n in numbers:
            body = json.dumps(_body(n)).encode()
            writer.write(b"POST / HTTP/1.1\r\ncontent-length: %d\r\n\r\n" % len(body) + body)
            head = await reader.readuntil(b"\r\n\r\n")
            json.loads(await reader.readexactly(int(head.rpartition(b": ")[2])))

    await asyncio.gather(*(slot(range(first, rows, SLOTS)) for first in range(SLOTS)))


def openai(rows: int) -> float:
    """The official package, its retries off."""
    from openai import AsyncOpenAI

    asyncio.run(_typed(lambda: AsyncOpenAI(base_url=URL, api_key="none", max_retries=0), rows))
    return _waited_s(os.getpid())


def over_aiohttp(rows: int) -> float:
    """The official package with the transport that it offers for speed."""
    from openai import AsyncOpenAI, DefaultAioHttpClient

    client = DefaultAioHttpClient
    asyncio.run(_typed(lambda: AsyncOpenAI(base_url=URL, api_key="none", max_retries=0, http_client=client()), rows))
    return _waited_s(os.getpid())


async def _typed(make: Callable[[], Awaitable], rows: int) -> None:
    async with make() as client:

        async def slot(numbers: range) -> None:
            for n in numbers:
                assert (await client.chat.completions.create(**_body(n))).choices[0].message.content

        await asyncio.gather(*(slot(range(first, rows, SLOTS)) for first in range(SLOTS)))


def _body(n: int) -> dict:
    return {"model": "m", "messages": [{"role": "user", "content": prompt(n)}], "max_tokens": 1024, "temperature": 1.0}


def serve() -> None:
    """An endpoint that says the same to everybody, 50 ms after it was asked."""
    asyncio.run(_serve())


async def _serve() -> None:
    message = {"role": "assistant", "content": "It is a number like any other. " * 8}
    told = {
        "id": "c",
        "object": "chat.completion",
        "created": 1,
        "model": "m",
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 50, "completion_tokens": 60, "total_tokens": 110},
    }
    body = json.dumps(told).encode()
    said = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(body) + body
    loop = asyncio.get_running_loop()

    class Slot(asyncio.Protocol):
        def connection_made(self, transport: asyncio.Transport) -> None:
            self.transport, self.heard = transport, b""

        def data_received(self, data: bytes) -> None:
            self.heard += data
            head, found, rest = self.heard.partition(b"\r\n\r\n")
            if found and len(rest) >= int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]):
                self.heard = b""
                loop.call_later(LATENCY_S, self.transport.write, said)

    server = await loop.create_server(Slot, "127.0.0.1", PORT, backlog=500)
    print("ready", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    globals()[sys.argv[1]]()
