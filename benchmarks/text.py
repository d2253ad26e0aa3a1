"""Pipeline overhead: 10,000 rows from an endpoint that takes 50 ms for each and is asked for 64 at once.

The slots allow 1,280 rows a second. Bare sockets say what of this the machine allows at the time, with whatever else
runs on it; processor time per request says what each way takes of it. Endpoint and asker are processes of their own;
the ways take turns. distilabel and Curator run in environments of their own, through files; MINTMARK_PEERS names their
Pythons, parted by `:`.
"""

import asyncio
import functools
import importlib
import json
import math
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

from benchmarks import asking_peers, measure

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

Told = tuple[float, ...] | str
"""Rows a second, milliseconds of processor time a row, and the share of time without a processor; or why not."""


def run(folder: Path) -> str:
    ways = {label: functools.partial(_alone, way) for label, way in WAYS.items()}
    ways |= {f"peer: {name}, its cache on": functools.partial(_peer, name) for name in asking_peers.PACKAGES}
    found: dict[str, list[Told]] = {label: [] for label in ways}
    with subprocess.Popen([sys.executable, "-m", "benchmarks.text", "serve"], stdout=subprocess.PIPE) as server:
        assert server.stdout is not None
        server.stdout.readline()
        try:
            for _ in range(ROUNDS):
                for label, way in ways.items():
                    with tempfile.TemporaryDirectory(dir=folder) as fresh:
                        found[label].append(way(Path(fresh)))
                    print(label, found[label][-1], f"load {os.getloadavg()[0]:.1f}", flush=True)
        finally:
            server.kill()  # what fails is told, and not waited with
    head = ("way", "rows/s", "of what 64 slots allow", "ms of processor time a request", "ready, but without processor")
    rows = [_row(label, each) for label, each in found.items()]
    return f"{measure.table(head, *rows)}\n\nMedians of {ROUNDS} rounds; load average {os.getloadavg()[1]:.1f}."


def _row(label: str, rounds: list[Told]) -> tuple[str, ...]:
    why = next((each for each in rounds if isinstance(each, str)), None)
    if why is not None:
        return (label, why, "", "", "")
    rate, cpu_ms, waited = map(statistics.median, zip(*rounds, strict=True))
    share = "" if math.isnan(waited) else f"{waited:.0%} of the time"
    return (label, f"{rate:,.0f}", f"{rate * LATENCY_S / SLOTS:.1%}", f"{cpu_ms:.3f}", share)


def _alone(way: str, folder: Path) -> Told:
    code = f"import sys; sys.path.insert(0, {str(Path.cwd())!r}); import benchmarks.text as text; text.timed({way!r})"
    return tuple(json.loads(measure.python(code, folder=folder).out.splitlines()[-1]))


def _peer(name: str, folder: Path) -> Told:
    """Its time without a processor is that of many processes, and is not known."""
    python = measure.having(asking_peers.__file__, name)
    if python is None:
        return "not installed: MINTMARK_PEERS names no Python that has it"
    (folder / "prompts.json").write_text(json.dumps([prompt(n) for n in range(ROWS)]))
    words = ["timeout", "--kill-after=5", "600", python, asking_peers.__file__, str(folder), name, URL, str(SLOTS)]
    try:
        said = measure.command(words, folder=folder).out
    except RuntimeError as error:  # 124 and 137 are what `timeout` ends with
        said = str(error)
    lines = said.strip().splitlines() or ["not done in 600 s, or killed"]
    return (*json.loads(lines[-1])[:2], math.nan) if lines[-1].startswith("[") else f"failed: {lines[-1][:160]}"


def timed(way: str) -> None:
    """Prints rows a second, milliseconds of processor time a row, and the share of time without a processor."""
    for module in LOADED.get(way, ()):
        importlib.import_module(module)
    start, before = time.perf_counter(), time.process_time()
    earlier = 0.0 if way == "desk" else _waited_s(os.getpid())  # the desk's thread is a new one
    waited = globals()[way](ROWS) - earlier
    wall, cpu = time.perf_counter() - start, time.process_time() - before
    print(json.dumps([ROWS / wall, 1000 * cpu / ROWS, waited / wall]))


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
