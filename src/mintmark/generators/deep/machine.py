"""Where networks compute: on what accelerator torch sees, else on one core of the processor."""

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Literal, TypeVar

import torch
from threadpoolctl import threadpool_limits
from torch import Tensor, nn

from mintmark.errors import InputError

Net = TypeVar("Net", bound=nn.Module)
Device = Literal["auto", "cpu", "accelerator"]


def chosen(device: Device) -> torch.device:
    """The device; InputError where an accelerator is asked for and there is none."""
    found = torch.accelerator.current_accelerator(check_available=True) if device != "cpu" else None
    if found is None and device == "accelerator":
        raise InputError("torch sees no accelerator here", fix="leave `device` out, or write cpu")
    return found or torch.device("cpu")


@contextmanager
def one_core() -> Iterator[None]:
    """One thread for all that computes within: sums are then added in one order, and the same on every machine."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with threadpool_limits(1):
            yield
    finally:
        torch.set_num_threads(before)


def laid_out(make: Callable[[], Net]) -> Net:
    """A net without weights: shapes alone, whatever its size."""
    with torch.device("meta"), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Initializing zero-element")  # a table may have no column to learn
        return make()


def started(net: Net, source: torch.Generator) -> Net:
    """A net that was laid out on the meta device, with weights drawn from `source` and from nowhere else.

    Uniform within ±1/√inputs, as torch itself draws them (He et al. 2015); gains of norms are 1, all else is 0.
    """
    net = net.to_empty(device="cpu")
    with torch.no_grad():
        for module in net.modules():
            if isinstance(module, nn.Linear):
                bound = max(module.in_features, 1) ** -0.5
                module.weight.uniform_(-bound, bound, generator=source)
                if module.bias is not None:
                    module.bias.uniform_(-bound, bound, generator=source)
            elif isinstance(module, nn.Embedding):
                module.weight.normal_(0, module.embedding_dim**-0.5, generator=source)
            elif isinstance(module, nn.LayerNorm):
                module.weight.fill_(1.0)
                module.bias.zero_()
    return net


def normal(shape: tuple[int, ...], source: torch.Generator, device: torch.device) -> Tensor:
    """Standard normal draws; chance always comes from the processor, so that it is the same on every device."""
    return torch.randn(shape, generator=source).to(device)


def uniform(shape: tuple[int, ...], source: torch.Generator, device: torch.device) -> Tensor:
    """Draws between 0 and 1."""
    return torch.rand(shape, generator=source).to(device)
