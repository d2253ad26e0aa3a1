"""The network behind `text.transformer`: a small GPT, its loss, and drawing from it."""

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from mintmark.generators.deep import machine, training
from mintmark.generators.deep.training import Rows

Past = list[tuple[Tensor, Tensor]]
"""Keys and values of each layer for what was read, each (texts, heads, read, width / heads)."""
NONE = -1
"""What stands behind the end of a window: it is neither read nor guessed."""
AT_ONCE = 64
"""Texts that are drawn together, or windows that are judged together."""


class Net(nn.Module):
    """Decoder-only transformer (Vaswani et al. 2017; Radford et al. 2019): norms first, learnt places, tied weights."""

    def __init__(self, tokens: int, window: int, width: int, layers: int, heads: int) -> None:
        super().__init__()
        self.window = window
        self.tokens, self.places = nn.Embedding(tokens, width), nn.Embedding(window, width)
        self.layers = nn.ModuleList([Layer(width, heads) for _ in range(layers)])
        self.norm = nn.LayerNorm(width)

    def forward(self, read: Tensor, past: Past | None = None, drop: "Drop | None" = None) -> tuple[Tensor, Past]:
        """What comes next after each of (texts, t) tokens, as logits (texts, t, tokens), and the past for going on."""
        begin = past[0][0].shape[2] if past else 0
        places = torch.arange(begin, begin + read.shape[1], device=read.device)
        x = self.tokens(read) + self.places(places)
        x = drop(x) if drop else x
        seen: Past = []
        for place, layer in enumerate(self.layers):
            x, kept = layer(x, past[place] if past else None, drop)
            seen.append(kept)
        return self.norm(x) @ self.tokens.weight.T, seen


class Layer(nn.Module):
    """Attention to what came before, then a small network for each place."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.asks, self.says = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.wide, self.narrow = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x: Tensor, past: tuple[Tensor, Tensor] | None, drop: "Drop | None",
                ) -> tuple[Tensor, tuple[Tensor, Tensor]]:  # fmt: skip
        """(texts, t, width) in and out; one token at a time where there is a past."""
        texts, length, width = x.shape
        parts = self.asks(self.norm1(x)).view(texts, length, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4)
        asked, keys, values = parts[0], parts[1], parts[2]  # each (texts, heads, t, width / heads)
        if past is not None:
            keys, values = torch.cat([past[0], keys], dim=2), torch.cat([past[1], values], dim=2)
        met = functional.scaled_dot_product_attention(asked, keys, values, is_causal=past is None)
        said = self.says(met.transpose(1, 2).reshape(texts, length, width))
        x = x + (drop(said) if drop else said)
        thought = self.narrow(functional.gelu(self.wide(self.norm2(x))))
        return x + (drop(thought) if drop else thought), (keys, values)


class Drop:
    """Dropout (Srivastava et al. 2014) whose chance comes from a stream, and not from the whole program's."""

    def __init__(self, rate: float, source: torch.Generator) -> None:
        self.rate, self.source = rate, source

    def __call__(self, x: Tensor) -> Tensor:
        kept = machine.uniform(tuple(x.shape), self.source, x.device) >= self.rate
        return x * kept / (1 - self.rate)


class Learner:
    """AdamW on the surprise of each next token."""

    told = "surprise per token"

    def __init__(self, net: Net, rate: float, dropout: float) -> None:
        self.nets, self.dropout = net, dropout
        self.optimisers = (torch.optim.AdamW(net.parameters(), lr=rate, betas=(0.9, 0.95), weight_decay=0.1),)

    def step(self, rows: Rows, which: Tensor, source: torch.Generator) -> float:
        """Learns from some windows; returns their mean surprise."""
        drop = Drop(self.dropout, source) if self.dropout else None
        total, guesses = surprise(self.nets, rows[which].classes, drop)
        return training.descend(self.nets, self.optimisers[0], total / guesses, longest=1.0)

    @torch.no_grad()
    def judge(self, rows: Rows, source: torch.Generator) -> float:
        """Mean surprise over windows that were not learnt from."""
        del source
        return mean_surprise(self.nets, rows.classes)


@torch.no_grad()
def mean_surprise(net: Net, windows: Tensor) -> float:
    """Natural logarithm, for each token that is guessed."""
    parts = [surprise(net, windows[begin : begin + AT_ONCE]) for begin in range(0, len(windows), AT_ONCE)]
    return float(sum(float(total) for total, _ in parts) / sum(int(guesses) for _, guesses in parts))


def surprise(net: Net, windows: Tensor, drop: Drop | None = None) -> tuple[Tensor, Tensor]:
    """Summed over all guesses in (n, window + 1) tokens, and how many these are."""
    longest = int((windows != NONE).sum(1).max())
    read, guessed = windows[:, : longest - 1], windows[:, 1:longest]
    logits, _ = net(read.clamp(min=0), drop=drop)
    total = functional.cross_entropy(logits.flatten(0, 1), guessed.flatten(), ignore_index=NONE, reduction="sum")
    return total, (guessed != NONE).sum()


def windows_of(texts: Sequence[Sequence[int]], window: int, end: int) -> NDArray[np.int64]:
    """Each text between two ends, cut to windows that share a token; shape (windows, window + 1), filled with NONE."""
    rows = []
    for text in texts:
        whole = [end, *text, end]
        rows += [whole[begin : begin + window + 1] for begin in range(0, len(whole) - 1, window)]
    out = np.full((len(rows), window + 1), NONE, np.int64)
    for place, row in enumerate(rows):
        out[place, : len(row)] = row
    return out


@torch.no_grad()
def drawn(net: Net, count: int, *, end: int, most: int, temperature: float, rng: np.random.Generator,
          ) -> Iterator[list[int]]:  # fmt: skip
    """Texts of at most so many tokens, in the order of asking. Half a window is remembered where one is full."""
    for begin in range(0, count, AT_ONCE):
        yield from _batch(net, min(AT_ONCE, count - begin), end, most, temperature, rng)


def _batch(net: Net, count: int, end: int, most: int, temperature: float, rng: np.random.Generator) -> list[list[int]]:
    said: list[list[int]] = [[] for _ in range(count)]
    going = np.arange(count)
    past: Past | None = None
    read = torch.full((count, 1), end)
    for _ in range(most):
        logits, past = net(read, past)
        chances = functional.softmax(logits[:, -1].double() / temperature, dim=-1).cumsum(-1).numpy()
        draws = rng.random(len(going)) * chances[:, -1]
        next_ = np.minimum((chances <= draws[:, None]).sum(1), chances.shape[1] - 1)
        on = next_ != end
        going = going[on]
        if not len(going):
            break
        for place, token in zip(going.tolist(), next_[on].tolist(), strict=True):
            said[place].append(token)
        kept = torch.from_numpy(np.flatnonzero(on))
        past = [(keys[kept], values[kept]) for keys, values in past]
        read = torch.from_numpy(next_[on])[:, None]
        if past[0][0].shape[2] >= net.window:
            half = max(1, net.window // 2)
            read, past = torch.tensor([said[place][-half:] for place in going.tolist()]), None
    return said
