"""Tensors as plain files: what a killed training goes on from, and the weights of a model."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor, nn
from torch.optim import Optimizer

from mintmark import catalog, digest, disk
from mintmark.data.dataset import Dataset
from mintmark.generators.storage import need

Tensors = dict[str, Tensor]

FILE = "checkpoint.safetensors"


@dataclass(frozen=True)
class Checkpoints:
    """The last checkpoint of one fit; `fit` names it, so that none is ever taken for that of another."""

    folder: Path | None
    fit: str

    def read(self) -> tuple[Tensors, dict[str, Any]] | None:
        """The last one; None where there is none, or where it is damaged: then the training starts anew."""
        if self.folder is None:
            return None
        try:
            with safe_open(self.folder / FILE, framework="pt") as file:
                body = json.loads((file.metadata() or {})["body"])
                found = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 — no mapping
        except (OSError, SafetensorError, KeyError, ValueError):
            return None
        return (found, body) if body.get("fit") == self.fit else None

    def write(self, tensors: Tensors, body: Mapping[str, Any]) -> None:
        """Replaces the last one, whole or not at all; StorageError where that fails."""
        if self.folder is not None:
            disk.make_folder(self.folder)
            told = {"body": json.dumps({**body, "fit": self.fit})}
            disk.write(self.folder / FILE, save(tensors, told), drafts=self.folder)

    def clear(self) -> None:
        """Forgets it: the training is over."""
        if self.folder is not None:
            (self.folder / FILE).unlink(missing_ok=True)


def identity(method: str, generator: Any, real: Dataset, seed: int) -> str:
    """The name of a fit: two that bear it learn the same."""
    told = {"method": method, "parameters": catalog.parameters(generator), "data": real.digest, "seed": seed}
    return digest.of_json({**told, "torch": torch.__version__})


def pack(nets: nn.Module, optimisers: Iterable[Optimizer], source: torch.Generator) -> Tensors:
    """All that decides how a training goes on, copied to the main memory."""
    out = {f"net.{name}": value for name, value in nets.state_dict().items()}
    for place, optimiser in enumerate(optimisers):
        for number, state in optimiser.state_dict()["state"].items():
            out |= {f"optimiser{place}.{number}.{name}": torch.as_tensor(value) for name, value in state.items()}
    out["source"] = source.get_state()
    return {name: value.detach().to("cpu", copy=True).contiguous() for name, value in out.items()}


def unpack(tensors: Tensors, nets: nn.Module, optimisers: Iterable[Optimizer], source: torch.Generator) -> None:
    """The inverse of `pack`."""
    nets.load_state_dict({name[4:]: value for name, value in tensors.items() if name.startswith("net.")})
    for place, optimiser in enumerate(optimisers):
        state: dict[int, dict[str, Tensor]] = {}
        for name, value in tensors.items():
            label, _, rest = name.partition(".")
            if label == f"optimiser{place}":
                number, _, part = rest.partition(".")
                state.setdefault(int(number), {})[part] = value.clone()
        groups = optimiser.state_dict()["param_groups"]
        optimiser.load_state_dict({"state": state, "param_groups": groups})
    source.set_state(tensors["source"])


def to_arrays(net: nn.Module, prefix: str) -> dict[str, NDArray[Any]]:
    """Weights as plain arrays, for a model file."""
    return {f"{prefix}.{name}": value.detach().cpu().numpy() for name, value in net.state_dict().items()}


def from_arrays(net: nn.Module, stored: Mapping[str, NDArray[Any]], prefix: str) -> None:
    """Fills a net that was laid out without weights; LedgerError where the arrays are not its weights."""
    wanted = net.state_dict()
    found = {name: stored[f"{prefix}.{name}"] for name in wanted}
    for name, value in found.items():
        need(value.shape == tuple(wanted[name].shape) and value.dtype == np.float32, f"weights {name}")
        need(bool(np.isfinite(value).all()), f"weights {name}")
    net.load_state_dict({name: torch.from_numpy(value.copy()) for name, value in found.items()}, assign=True)
