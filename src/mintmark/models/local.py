"""A model that runs in this process, through `transformers`: from a folder, or from the hub's cache on this machine."""

import asyncio
import threading
from collections.abc import AsyncIterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

import torch
from pydantic import ConfigDict
from pydantic.dataclasses import dataclass
from transformers import AutoModelForCausalLM, AutoTokenizer, GenerationConfig, LogitsProcessor

from mintmark import digest
from mintmark.errors import InputError
from mintmark.models import weights
from mintmark.models.model import Line, Trouble
from mintmark.models.request import Reply, Request

_TAIL = 32
"""Tokens in whose text the end of a reply is looked for."""


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class Local:
    """A causal language model in this process: nothing is sent anywhere, and nothing is fetched unless it is allowed.

    One request is answered at a time. What is drawn follows from the request alone, so on a CPU the same request gets
    the same reply. Weights are read from safetensors, and no code that comes with a model is run.
    """

    model: str
    """A folder, or a name at the hub."""
    revision: str = "main"
    download: bool = False
    """Fetch from the hub what is not on this machine."""
    device: str = "cpu"

    free: ClassVar[bool] = True
    at_once: ClassVar[int | None] = 1
    paths: ClassVar[tuple[str, ...]] = ("model",)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Line]:
        """Reads the weights; raises InputError where they cannot be had."""
        line = await asyncio.to_thread(_Writer, self._folder, self.device)
        try:
            yield line
        finally:
            line.close()

    def describe(self) -> Mapping[str, Any]:
        """Its name, and the digest of its files: a model that was trained further is another one."""
        return {"kind": "models.local", "model": self.model, "weights": self._weights}

    @cached_property
    def _folder(self) -> Path:
        return weights.folder(self.model, self.revision, download=self.download)

    @cached_property
    def _weights(self) -> digest.Digest:
        return weights.name(self._folder)


class _Writer:
    """Weights, and the one thread that uses them."""

    def __init__(self, folder: Path, device: str) -> None:
        options = {"local_files_only": True, "trust_remote_code": False}
        try:
            self._words: Any = AutoTokenizer.from_pretrained(folder, **options)
            self._model: Any = AutoModelForCausalLM.from_pretrained(folder, use_safetensors=True, **options)
            self._model.to(device).eval()
        except (OSError, ValueError, RuntimeError, KeyError, ImportError) as error:
            said = f"{type(error).__name__}: {str(error)[:300]}"
            fix = "it takes a folder with config.json, a tokenizer and model.safetensors of a causal language model"
            raise InputError("this model cannot be read", where=str(folder), found=said, fix=fix) from error
        self._device = device
        self._closed = threading.Event()
        self._thread = ThreadPoolExecutor(1, "mintmark-local")

    async def answer(self, request: Request) -> Reply:
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._write, request)

    async def alive(self) -> bool:
        return True

    def close(self) -> None:
        self._closed.set()
        self._thread.shutdown()

    def _write(self, request: Request) -> Reply:
        prompt = self._read(request)
        room = int(getattr(self._model.config, "max_position_embeddings", 1 << 30)) - len(prompt)
        if room < 1:
            said = f"the prompt has {len(prompt)} tokens; with a reply the model holds {room + len(prompt)}"
            raise Trouble("bad", said, reason="too long for the model")
        made, text = self._drawn(prompt, request, min(room, request.max_tokens))
        cut = len(made) == min(room, request.max_tokens) and text is None
        said = self._words.decode(made, skip_special_tokens=True) if text is None else text
        return Reply(said, "length" if cut else "stop", len(prompt), len(made), str(self._model.config.name_or_path))

    def _read(self, request: Request) -> list[int]:
        if request.prompt is not None:
            return list(self._words(request.prompt)["input_ids"])
        if not self._words.chat_template:
            fix = "ask it with bare prompts, or give it a template (chat_template.jinja in its folder)"
            raise InputError("this model has no chat template", fix=fix)
        turns = [{"role": one.role, "content": one.content} for one in request.messages]
        text = self._words.apply_chat_template(turns, add_generation_prompt=True, tokenize=False)
        return list(self._words(text, add_special_tokens=False)["input_ids"])

    def _drawn(self, prompt: list[int], request: Request, most: int) -> tuple[list[int], str | None]:
        """Tokens up to the end of the reply, and its text where it came to an end of its own."""
        tokens = torch.tensor([prompt], device=self._device)
        stopped: list[str] = []

        def ended(ids: torch.Tensor, scores: torch.Tensor, **rest: Any) -> torch.Tensor:
            del scores, rest
            found = self._stopped(ids[0, len(prompt) :].tolist(), request.stop)
            stopped.extend([] if found is None else [found])
            return torch.tensor([found is not None or self._closed.is_set()], device=self._device)

        made = self._model.generate(
            tokens,
            attention_mask=torch.ones_like(tokens),
            # One token is left to choose from, so that what is drawn depends on no global state.
            generation_config=GenerationConfig(
                do_sample=False, max_new_tokens=most, eos_token_id=self._ends, pad_token_id=0
            ),
            logits_processor=[_Chance(request)],
            stopping_criteria=[ended],
        )[0, len(prompt) :].tolist()
        if made and made[-1] in self._ends:
            return made[:-1], self._words.decode(made[:-1], skip_special_tokens=True)
        return made, stopped[0] if stopped else None

    def _stopped(self, made: list[int], stop: tuple[str, ...]) -> str | None:
        tail = self._words.decode(made[-_TAIL:], skip_special_tokens=True)
        if not any(one in tail for one in stop):
            return None
        text: str = self._words.decode(made, skip_special_tokens=True)
        places = [text.find(one) for one in stop]
        return text[: min(place for place in places if place >= 0)] if max(places) >= 0 else None

    @cached_property
    def _ends(self) -> list[int]:
        told = [self._words.eos_token_id]
        said = getattr(self._model.generation_config, "eos_token_id", None)
        told += said if isinstance(said, list) else [said]
        return sorted({one for one in told if one is not None})


class _Chance(LogitsProcessor):
    """Leaves one token to choose from, drawn from a stream that is this request's own."""

    def __init__(self, request: Request) -> None:
        self._request = request
        # The process-wide stream belongs to whoever trains in another thread.
        self._stream = torch.Generator().manual_seed(int(digest.of_json(request.told())[-15:], 16))

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        del input_ids
        left = torch.full_like(scores, float("-inf"))
        left[0, _draw(scores[0].float().cpu(), self._request, self._stream)] = 0
        return left


def _draw(logits: torch.Tensor, request: Request, stream: torch.Generator) -> int:
    """One token: the likeliest at temperature 0, else drawn from the smallest set that holds `top_p` of the chance
    (nucleus sampling: Holtzman et al. 2020)."""
    if request.temperature == 0:
        return int(logits.argmax())
    shares, order = torch.softmax(logits / request.temperature, 0).sort(descending=True, stable=True)
    before = shares.cumsum(0) - shares
    shares[before >= request.top_p] = 0
    return int(order[torch.multinomial(shares, 1, generator=stream)])
