"""Differential privacy for networks: rows drawn by chance, gradients clipped row by row, and noise on their sum.

DP-SGD (Abadi et al. 2016): each step draws every row with the same small chance, alone of all others (Poisson
sampling); the gradient of each drawn row is clipped to a norm of 1, and Gaussian noise is added to their sum. Neither
chance nor steps follow from the number of rows, or they would tell it. What all this costs is in `account`.
"""

import secrets
from collections.abc import Callable
from typing import Annotated

import numpy as np
import torch
from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass
from torch import Tensor, nn
from torch.func import functional_call, grad, vmap

ROUNDS = 32
"""Steps of an epoch; each draws one row in so many."""
AT_ONCE = 64
"""Rows whose gradients are held at once."""
HALVES = 4
"""Draws that are added up to one: what rounding tells of a single one, it no longer tells of their sum."""
WORDS, WORDS_AT = 624, 24
"""State of torch's Mersenne Twister on the processor: so many words of 64 bits, behind so many bytes."""


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class Promise:
    """The guarantee: (ε, δ)-differential privacy for one row."""

    epsilon: Annotated[float, Field(gt=0, le=100)]
    delta: Annotated[float, Field(gt=0, le=1e-3)]


def secret() -> torch.Generator:
    """Chance that no seed repeats: whoever knew the seed of the noise could take the noise off.

    A seed of torch's own reaches 32 bits of its state, few enough to try out. So the operating system fills it whole.
    """
    out = torch.Generator().manual_seed(secrets.randbits(63))
    state = out.get_state().numpy().copy()
    words = np.frombuffer(secrets.token_bytes(4 * WORDS), np.uint32).astype(np.uint64)
    state[WORDS_AT : WORDS_AT + 8 * WORDS] = words.view(np.uint8)
    out.set_state(torch.from_numpy(state))
    return out


def drawn(count: int, source: torch.Generator) -> Tensor:
    """Numbers of the rows that a step draws, each with the same chance (Poisson sampling)."""
    return torch.nonzero(torch.rand(count, generator=source) < 1 / ROUNDS)[:, 0]


def blurred(net: nn.Module, loss: Callable[..., Tensor], rows: tuple[Tensor, ...], *, noise: float,
            source: torch.Generator) -> None:  # fmt: skip
    """Leaves in `net` the gradient that may be shown: clipped to a norm of 1 row by row, summed, and blurred.

    `loss(call, *row)` is the loss of one row; `call` is the net, with its inputs as arguments. It is a sum and no mean,
    for how many rows were drawn is nobody's business, and Adam asks for no scale.
    """
    weights = {name: value.detach() for name, value in net.named_parameters()}

    def one(inner: dict[str, Tensor], *row: Tensor) -> Tensor:
        return loss(lambda *inputs: functional_call(net, inner, inputs), *row)

    total = {name: torch.zeros_like(value) for name, value in weights.items()}
    each = vmap(grad(one), in_dims=(None, *[0] * len(rows)))
    for start in range(0, len(rows[0]), AT_ONCE):
        found = each(weights, *[part[start : start + AT_ONCE] for part in rows])
        for name, value in clipped(found).items():
            total[name] += value
    for name, value in net.named_parameters():
        value.grad = total[name] + noise * _normal(value.shape, source).to(value.device)


def largest(net: nn.Module) -> float:
    """The largest weight: all that may be told of a step, for the loss itself would tell of the rows."""
    return max(float(value.detach().abs().max()) for value in net.parameters())


def clipped(found: dict[str, Tensor]) -> dict[str, Tensor]:
    """The sum of the gradients of rows, each no longer than 1 in all weights together; a row of no number counts not.

    `found` is (rows, …) for each weight.
    """
    norm = torch.sqrt(torch.stack([value.flatten(1).pow(2).sum(1) for value in found.values()]).sum(0))
    sound = torch.isfinite(norm)
    factor = torch.where(sound, 1 / norm.clamp_min(1.0), 0.0)
    return {name: torch.einsum("n,n...->...", factor, torch.where(_like(sound, value), value, 0.0))
            for name, value in found.items()}  # fmt: skip


def _like(rows: Tensor, value: Tensor) -> Tensor:
    return rows.reshape(-1, *[1] * (value.dim() - 1))


def _normal(shape: torch.Size, source: torch.Generator) -> Tensor:
    """Standard normal draws, each from several, against what floating point tells of one (Holohan, Braghin 2021)."""
    total = torch.zeros(shape)
    for _ in range(HALVES):
        total += torch.randn(shape, generator=source)
    return total / HALVES**0.5
