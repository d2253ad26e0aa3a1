"""An OpenAI-compatible endpoint that does what a prompt tells it to, faults included: nothing but the standard library.

A prompt may hold a plan, `<<500; 429 after=0.1; ok>>`: what happens the first, the second, the third time that this
prompt is sent; the last part holds for all further times. In a thread of the tests, or as a process of its own:
`python tests/endpoint.py PORT LATENCY_S LOG`, which appends each prompt that it answers to the log.
"""

import asyncio
import contextlib
import email.utils
import json
import math
import re
import sys
import threading
import time
from collections import Counter
from pathlib import Path

PLAN = re.compile(r"<<(.*?)>>", re.DOTALL)
REASONS = {200: "OK", 400: "Bad Request"}


class Endpoint:
    """A server on a free port of this machine."""

    def __init__(self, *, latency_s=0.0, key="", models=("tiny", "small"), port=0, log=None):
        self.latency_s, self.key, self.models, self.port, self.log = latency_s, key, models, port, log
        self.seen, self.bodies, self.times = Counter(), [], []
        self.under_way = self.most_at_once = 0
        self.plan = None  # what holds for all prompts
        self.models_work = True
        self.files, self.batches = {}, {}
        self.batches_rest = False
        self.rewards = ()  # functions of a text: what /classify says of it

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/v1"

    def __enter__(self):
        self._loop, self._ready = asyncio.new_event_loop(), threading.Event()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(self.serve(),), daemon=True)
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def __exit__(self, *_):
        self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join()
        self._loop.close()

    async def serve(self):
        self._end = asyncio.Event()
        server = await asyncio.start_server(self._connected, "127.0.0.1", self.port, backlog=500)
        self.port = server.sockets[0].getsockname()[1]
        if hasattr(self, "_ready"):
            self._ready.set()
        await self._end.wait()
        server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _connected(self, reader, writer):
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                first, *lines = head.split("\r\n")
                headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
                raw = await reader.readexactly(int(headers.get("content-length", 0)))
                if not await self._answer(writer, *first.split()[:2], headers, raw):
                    break
        writer.close()

    async def _answer(self, writer, method, path, headers, raw):
        path = path.partition("?")[0]
        if self.key and headers.get("authorization") != f"Bearer {self.key}":
            return await _send(writer, 401, _error(f"Incorrect API key: {headers.get('authorization')}"))
        if path == "/v1/models" and self.models_work:
            return await _send(writer, 200, {"object": "list", "data": [_model(name) for name in self.models]})
        if path.startswith(("/v1/files", "/v1/batches")):
            return await _send(writer, *self._batched(method, path, headers, raw))
        if path == "/classify" and self.rewards:
            return await self._classify(writer, json.loads(raw))
        if path not in ("/v1/chat/completions", "/v1/completions"):
            return await _send(writer, 404, {"detail": "Not Found"})
        self.under_way += 1
        self.most_at_once = max(self.most_at_once, self.under_way)
        self.times.append(time.monotonic())
        try:
            return await self._complete(writer, json.loads(raw))
        finally:
            self.under_way -= 1

    async def _complete(self, writer, body):
        self.bodies.append(body)
        if body["model"] not in self.models:
            return await _send(writer, 404, _error(f"The model `{body['model']}` does not exist"))
        prompt = body["prompt"] if "prompt" in body else body["messages"][-1]["content"]
        act, options = self._act(prompt, body)
        await asyncio.sleep(float(options.get("slow", self.latency_s)))
        if self.log:
            with Path(self.log).open("a") as log:
                log.write(prompt + "\n")
        if act == "hang":
            await asyncio.sleep(60)
        if act.isdigit():
            return await _send(writer, int(act), _error(options.get("said", "no")), _retry(options))
        told = completion(body, prompt, act)
        if act == "cut":
            data = json.dumps(told).encode()
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % len(data) + data[: len(data) // 2])
            await writer.drain()
            return False
        return await _send(writer, 200, told)

    async def _classify(self, writer, body):
        """As vLLM does: numbers, or probabilities where it is not told otherwise."""
        self.bodies.append(body)
        if body["model"] not in self.models:
            return await _send(writer, 404, _error(f"The model `{body['model']}` does not exist"))
        text = body["input"] if "input" in body else "\n".join(one["content"] for one in body["messages"])
        act, options = self._act(text, body)
        if act.isdigit():
            return await _send(writer, int(act), _error(options.get("said", "no")), _retry(options))
        numbers = [reward(text) for reward in self.rewards]
        if body.get("use_activation", True):
            numbers = [1 / (1 + math.exp(-number)) for number in numbers]
        told = {"object": "list", "model": body["model"], "data": [{"index": 0, "label": "0", "probs": numbers}]}
        return await _send(writer, 200, told | {"usage": {"prompt_tokens": len(text.split())}})

    def _act(self, prompt, body):
        """What is to be done this time, and how."""
        time_ = self.seen[prompt]
        self.seen[prompt] += 1
        plan = self.plan or PLAN.findall(json.dumps(body))[:1] or ["ok"]
        steps = (plan if isinstance(plan, str) else plan[0]).split(";")
        act, *options = steps[min(time_, len(steps) - 1)].split()
        return act, dict(option.split("=") for option in options)

    def _batched(self, method, path, headers, raw):
        """Files and batches; a batch is done as soon as it is looked at a second time."""
        parts = path.removeprefix("/v1/").split("/")
        if path == "/v1/files":
            bound = headers["content-type"].partition("boundary=")[2].strip('"').encode()
            found = next(part for part in raw.split(b"--" + bound) if b'name="file"' in part)
            name = f"file-{len(self.files)}"
            self.files[name] = found.partition(b"\r\n\r\n")[2].removesuffix(b"\r\n")
            return 200, _file(name)
        if parts[0] == "files":
            return 200, self.files[parts[1]]
        if method == "POST":
            body = json.loads(raw)
            name = f"batch-{len(self.batches)}"
            self.batches[name] = {
                "id": name, "object": "batch", "status": "in_progress", "created_at": 1, "completion_window": "24h",
                "endpoint": body["endpoint"], "input_file_id": body["input_file_id"], "metadata": body.get("metadata"),
            }  # fmt: skip
            return 200, self.batches[name]
        if len(parts) == 1:
            return 200, {"object": "list", "data": list(self.batches.values()), "has_more": False}
        batch = self.batches[parts[1]]
        looked = batch["looked"] = batch.get("looked", 0) + 1
        if looked >= 2 and not self.batches_rest and batch["status"] == "in_progress":
            self._run_batch(batch)
        return 200, batch

    def _run_batch(self, batch):
        done, failed = [], []
        for line in self.files[batch["input_file_id"]].splitlines():
            item = json.loads(line)
            body = item["body"]
            prompt = body["prompt"] if "prompt" in body else body["messages"][-1]["content"]
            act, options = self._act(prompt, body)
            status = int(act) if act.isdigit() else 200
            told = _error(options.get("said", "no")) if act.isdigit() else completion(body, prompt, act)
            answer = {"custom_id": item["custom_id"], "response": {"status_code": status, "body": told}, "error": None}
            (done if status == 200 else failed).append(json.dumps(answer))
        for kind, lines in (("output_file_id", done), ("error_file_id", failed)):
            if lines:
                batch[kind] = f"file-{len(self.files)}"
                self.files[batch[kind]] = "\n".join(lines).encode()
        batch["status"] = "completed"


def completion(body, prompt, act):
    """What is answered to a prompt where nothing but perhaps the content is wrong."""
    text = {
        "prose": "I would rather tell you in words.",
        "fenced": 'Here you are:\n```json\n{"n": 1}\n```\nAnything else?',
        "json": '{"n": 1}',
        "wrong": '{"n": "one"}',
        "half": '{"n": ',
    }.get(act, f"echo: {prompt}")
    if act == "bad":
        return b"<html>not JSON at all</html>"
    usage = {"prompt_tokens": max(1, len(prompt) // 4), "completion_tokens": max(1, len(text) // 4), "total_tokens": 2}
    finish = {"half": "length", "filter": "content_filter"}.get(act, "stop")
    chat = "messages" in body
    choice = {"index": 0, "finish_reason": finish}
    choice |= {"message": {"role": "assistant", "content": text}} if chat else {"text": text}
    told = {
        "id": "c", "object": "chat.completion" if chat else "text_completion", "created": 1, "model": body["model"],
        "choices": [choice] * {"none": 0, "two": 2}.get(act, 1),
    }  # fmt: skip
    counts = {"few": {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}, "odd": {"prompt_tokens": "many"}}
    return told if act == "uncounted" else told | {"usage": counts.get(act, usage)}


async def _send(writer, status, told, headers=()):
    data = told if isinstance(told, bytes) else json.dumps(told).encode()
    head = [f"HTTP/1.1 {status} {REASONS.get(status, 'Said')}", f"content-length: {len(data)}", *headers]
    writer.write("\r\n".join([*head, "content-type: application/json", "", ""]).encode() + data)
    await writer.drain()
    return True


def _retry(options):
    if "after" in options:
        return [f"Retry-After: {options['after']}"]
    if "date" in options:
        now = time.time()
        return [
            f"Date: {email.utils.formatdate(now - 3600, usegmt=True)}",
            f"Retry-After: {email.utils.formatdate(now - 3600 + float(options['date']), usegmt=True)}",
        ]
    return []


def _error(said):
    return {"error": {"message": said.replace("_", " "), "type": "some_error", "code": None}}


def _model(name):
    return {"id": name, "object": "model", "created": 1, "owned_by": "nobody"}


def _file(name):
    return {"id": name, "object": "file", "bytes": 1, "created_at": 1, "filename": "a", "purpose": "batch"}


if __name__ == "__main__":
    asyncio.run(Endpoint(port=int(sys.argv[1]), latency_s=float(sys.argv[2]), log=sys.argv[3]).serve())
