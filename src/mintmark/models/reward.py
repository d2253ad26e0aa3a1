"""A reward model in this process, through `transformers`: its reply to a text is a number."""

import asyncio
import math
from collections.abc import AsyncIterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

import torch
from pydantic import ConfigDict
from pydantic.dataclasses import dataclass
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from mintmark import digest
from mintmark.errors import InputError, UnknownName
from mintmark.models import weights
from mintmark.models.model import Line, Trouble
from mintmark.models.request import Reply, Request


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class Reward:
    """A sequence classifier in this process: what it says of a text is its one output, as a number.

    Reward models (Stiennon et al. 2020, "Learning to summarize from human feedback") have one output, the higher the
    better, on a scale of their own. Of a classifier with several outputs `label` chooses one, and the number is its
    probability. A conversation is put through the model's chat template; where it has none, the question and the answer
    are read as a pair. Nothing is fetched unless it is allowed, weights are read from safetensors, and no code that
    comes with a model is run.
    """

    model: str
    """A folder, or a name at the hub."""
    revision: str = "main"
    download: bool = False
    """Fetch from the hub what is not on this machine."""
    device: str = "cpu"
    label: str | None = None
    """Which output of several."""

    free: ClassVar[bool] = True
    at_once: ClassVar[int | None] = 1
    paths: ClassVar[tuple[str, ...]] = ("model",)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Line]:
        """Reads the weights; raises InputError where they cannot be had, or are none of a classifier."""
        line = await asyncio.to_thread(_Reader, self._folder, self.device, self.label)
        try:
            yield line
        finally:
            line.close()

    def describe(self) -> Mapping[str, Any]:
        """Its name, the digest of its files, and the output that is read."""
        return {"kind": "models.reward", "model": self.model, "weights": self._weights, "label": self.label}

    @cached_property
    def _folder(self) -> Path:
        return weights.folder(self.model, self.revision, download=self.download)

    @cached_property
    def _weights(self) -> digest.Digest:
        return weights.name(self._folder)


class _Reader:
    """Weights, and the one thread that uses them."""

    def __init__(self, folder: Path, device: str, label: str | None) -> None:
        options = {"local_files_only": True, "trust_remote_code": False}
        try:
            self._words: Any = AutoTokenizer.from_pretrained(folder, **options)
            self._model, found = AutoModelForSequenceClassification.from_pretrained(
                folder, use_safetensors=True, output_loading_info=True, **options
            )
            self._model.to(device).eval()
        except (OSError, ValueError, RuntimeError, KeyError, ImportError) as error:
            said = f"{type(error).__name__}: {str(error)[:300]}"
            fix = "it takes a folder with config.json, a tokenizer and model.safetensors of a sequence classifier"
            raise InputError("this model cannot be read", where=str(folder), found=said, fix=fix) from error
        if found["missing_keys"]:
            # `transformers` would draw them by chance, and the model would score at random.
            lacking = ", ".join(sorted(found["missing_keys"])[:5])
            raise InputError("this is no reward model: weights of its output are missing", where=str(folder),
                             found=lacking, fix="name a model for sequence classification")  # fmt: skip
        self._output = _output(self._model.config, label, folder)
        # A RoBERTa of 514 positions reads 512 tokens, which its tokenizer knows.
        positions = getattr(self._model.config, "max_position_embeddings", None) or self._words.model_max_length
        self._room = min(int(positions), int(self._words.model_max_length))
        self._device = device
        self._thread = ThreadPoolExecutor(1, "mintmark-reward")

    async def answer(self, request: Request) -> Reply:
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._scored, request)

    async def alive(self) -> bool:
        return True

    def close(self) -> None:
        self._thread.shutdown()

    @torch.inference_mode()
    def _scored(self, request: Request) -> Reply:
        read = {name: torch.tensor([ids], device=self._device) for name, ids in self._read(request).items()}
        count = read["input_ids"].shape[1]
        if not 0 < count <= self._room:
            reason = "too long for the model" if count else "nothing to read"
            raise Trouble("bad", f"it has {count} tokens; the model holds {self._room}", reason=reason)
        outputs = self._model(**read).logits[0].double()
        score = float(outputs[0] if self._output is None else outputs.softmax(0)[self._output])
        if not math.isfinite(score):
            raise Trouble("bad", f"the model says {score}", reason="no number")
        return Reply(repr(score), "stop", count, 0, str(self._model.config.name_or_path))

    def _read(self, request: Request) -> dict[str, list[int]]:
        """Tokens, and whatever else this tokenizer tells the model of them."""
        turns = [{"role": one.role, "content": one.content} for one in request.messages]
        if turns and self._words.chat_template:
            text = self._words.apply_chat_template(turns, add_generation_prompt=False, tokenize=False)
            return dict(self._words(text, add_special_tokens=False))
        if not turns:
            return dict(self._words(request.prompt))
        *before, last = (one["content"] for one in turns)
        return dict(self._words("\n".join(before), last) if before else self._words(last))


def _output(config: Any, label: str | None, folder: Path) -> int | None:
    """The place of the output that is read; None where there is but one."""
    names = {str(name): int(place) for place, name in config.id2label.items()}
    if label is not None and label not in names:
        raise UnknownName("output of this model called", label, names, where=str(folder))
    if config.num_labels == 1:
        return None
    if label is None:
        raise InputError("this model has several outputs, and none is chosen", where=str(folder),
                         found=", ".join(list(names)[:20]), fix="choose one: `label`")  # fmt: skip
    return names[label]
