"""Differential privacy for networks: public domains, clipped and blurred gradients, and what they add up to.

DP-SGD (Abadi et al. 2016): each step draws every row with the same small chance, alone of all others (Poisson
sampling); the gradient of each drawn row is clipped to a norm of 1, and Gaussian noise is added to their sum. The
accountant is Rényi differential privacy of the sampled Gaussian mechanism (Mironov, Talwar, Zhang 2019), by Opacus.
Neighbours are tables of which one has one row more; how many rows there are is public. What is claimed is that of real
numbers: noise in floating point has gaps of its own (Mironov 2012), which no published training accounts for.
"""

import math
import secrets
from collections.abc import Callable, Mapping
from typing import Annotated, Any

import numpy as np
import pyarrow as pa
import torch
from opacus.accountants.analysis import rdp
from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass
from torch import Tensor, nn
from torch.func import functional_call, grad, vmap

from mintmark.data import arrays
from mintmark.data.dataset import Dataset
from mintmark.data.schema import TEMPORAL, Column, Kind
from mintmark.errors import DataError, InputError
from mintmark.generators.tabular.columns import Learnt, training_table
from mintmark.generators.tabular.deep.training import Course
from mintmark.generators.tabular.tokens import PARTS, Alphabet

ORDERS = [1.25, 1.5, 1.75, *range(2, 65), 80, 96, 128, 192, 256, 512]
BINS = 64
"""Equal parts of a public range."""
MOST_VALUES = 128
"""Whole numbers in a public range that are each a token of their own, at most."""
AT_ONCE = 64
"""Rows whose gradients are held at once."""


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class Budget:
    """The guarantee: (ε, δ)-differential privacy for one row."""

    epsilon: Annotated[float, Field(gt=0, le=1000)]
    delta: Annotated[float, Field(gt=0, lt=1)]


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class Domain:
    """What is publicly known of one column, without looking at its rows."""

    min: float | str | None = None
    max: float | str | None = None
    levels: tuple[str, ...] = ()
    decimals: Annotated[int, Field(ge=0, le=12)] | None = None
    """Digits after the point; whole numbers have none."""
    missing: bool = False
    """May a value be missing?"""


Domains = Mapping[str, Domain]


def check(budget: Budget | None, public: Domains | None) -> None:
    """InputError unless a guarantee and a public domain come together."""
    if (budget is None) != (public is None):
        raise InputError(
            "`private` and `public` belong together: bounds and levels taken from the rows would void the guarantee",
            fix="write public: {age: {min: 17, max: 90}, sex: {levels: [female, male]}, …} beside private",
        )


def declared(real: Dataset | None, public: Domains) -> Learnt:
    """The columns as they are publicly known; nothing is taken from the rows but that they keep to it.

    Names, types and kinds of the columns count as public. Raises DataError for a column that is not declared, or whose
    rows hold levels or gaps that are not; numbers beyond the range are moved to its ends.
    """
    table = training_table(real)
    assert real is not None
    unknown = sorted(set(public) - set(real.columns.names))
    if unknown:
        raise DataError("`public` names columns that are not there", found=", ".join(unknown))
    alphabets = {}
    for column in real.columns.columns:
        if column.name not in public or not (column.numeric or column.discrete):
            fix = (
                "leave it out (`drop`)" if column.kind in (Kind.KEY, Kind.TEXT) else f"add public: {{{column.name}: …}}"
            )
            raise DataError("under `private` each column needs a public domain", where=column.name, fix=fix)
        alphabet = _alphabet(_redeclared(column, public[column.name]), missing=public[column.name].missing)
        if table[column.name].null_count and not public[column.name].missing:
            raise DataError("values are missing, which `public` does not allow for", where=column.name,
                            fix="write missing: true")  # fmt: skip
        alphabets[column.name] = alphabet
    schema = real.columns.__class__(tuple(alphabet.column for alphabet in alphabets.values()))
    return Learnt(real.name, schema, alphabets, {})


def source(seed: int, budget: Budget | None) -> torch.Generator:
    """Chance for a training: by the seed, but under privacy by the operating system.

    A seed is released with the data, and whoever knew that of the noise could take the noise off.
    """
    return torch.Generator().manual_seed(seed if budget is None else secrets.randbits(63))


def noise(budget: Budget, *, share: float, steps: int) -> float:
    """The smallest noise, in clipping norms, at which so many steps of that sampling share keep the guarantee."""

    def spent(multiplier: float) -> float:
        moments = rdp.compute_rdp(q=share, noise_multiplier=multiplier, steps=steps, orders=ORDERS)
        return float(rdp.get_privacy_spent(orders=ORDERS, rdp=moments, delta=budget.delta)[0])

    low, high = 0.1, 1.0
    while spent(high) > budget.epsilon:
        high *= 2
        if high > 1e6:
            raise InputError("no noise is enough for so small an epsilon", found=f"{budget.epsilon:g}")
    for _ in range(14):
        middle = (low + high) / 2
        low, high = (low, middle) if spent(middle) <= budget.epsilon else (middle, high)
    return high


def blurred(net: nn.Module, loss: Callable[..., Tensor], rows: tuple[Tensor, ...], *, multiplier: float,
            expected: float, source: torch.Generator) -> None:  # fmt: skip
    """Leaves in `net` the gradient that may be shown: clipped row by row, summed, blurred, over the expected number.

    `loss(call, *row)` is the loss of one row; `call` is the net, with its inputs as arguments.
    """
    weights = {name: value.detach() for name, value in net.named_parameters()}

    def one(inner: dict[str, Tensor], *row: Tensor) -> Tensor:
        return loss(lambda *inputs: functional_call(net, inner, inputs), *row)

    total = {name: torch.zeros_like(value) for name, value in weights.items()}
    each = vmap(grad(one), in_dims=(None, *[0] * len(rows)))
    for start in range(0, len(rows[0]), AT_ONCE):
        found = each(weights, *[part[start : start + AT_ONCE] for part in rows])
        norm = torch.sqrt(sum(value.flatten(1).pow(2).sum(1) for value in found.values()))
        factor = 1 / norm.clamp_min(1.0)
        for name, value in found.items():
            total[name] += torch.einsum("n,n...->...", factor, value)
    for name, value in net.named_parameters():
        drawn = torch.randn(value.shape, generator=source).to(value.device)
        value.grad = (total[name] + multiplier * drawn) / expected


def poisson(count: int, share: float, source: torch.Generator) -> Tensor:
    """Numbers of the rows that a step draws, each with the same chance."""
    return torch.nonzero(torch.rand(count, generator=source) < share)[:, 0]


def _redeclared(column: Column, domain: Domain) -> Column:
    """The column with nothing in it that its rows told."""
    if column.discrete:
        levels = ("false", "true") if column.kind == Kind.BOOLEAN else domain.levels
        if not levels:
            raise DataError(
                "a column of levels needs them all under `private`", where=column.name, fix="write levels: […]"
            )
        return Column(column.name, column.kind, column.type, domain.missing, levels)
    if domain.min is None or domain.max is None:
        raise DataError("a column of numbers needs min and max under `private`", where=column.name)
    decimals = domain.decimals
    if pa.types.is_integer(column.type):
        decimals = 0
    elif pa.types.is_decimal(column.type):
        decimals = column.type.scale
    bare = Column(column.name, column.kind, column.type, domain.missing, decimals=decimals)
    low, high = (_number(value, bare) for value in (domain.min, domain.max))
    if not low <= high:
        raise DataError("min lies above max", where=column.name, found=f"{domain.min} and {domain.max}")
    return Column(column.name, column.kind, column.type, domain.missing, decimals=decimals, low=low, high=high)


def _number(value: float | str, column: Column) -> float:
    try:
        stored = pa.array([value]).cast(column.type) if column.kind in TEMPORAL else pa.array([float(value)])
        return float(arrays.numbers(stored, column)[0]) if column.kind in TEMPORAL else float(value)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, ValueError) as error:
        raise DataError(f"this is no {column.type}", where=column.name, found=str(value)) from error


def _alphabet(column: Column, *, missing: bool) -> Alphabet:
    """Tokens that divide the domain evenly, each as frequent as any other as far as is known."""
    gone = float(missing)
    if column.discrete:
        return Alphabet(column, np.array([1.0] * len(column.levels) + [gone]), np.zeros(0), np.zeros((0, PARTS + 1)))
    assert column.low is not None
    assert column.high is not None
    whole = column.decimals == 0 or column.kind in TEMPORAL
    if whole and column.high - column.low < MOST_VALUES:
        points = np.arange(math.ceil(column.low), math.floor(column.high) + 1, dtype=np.float64)
        if not len(points):
            raise DataError("no whole number lies in this range", where=column.name)
        knots, borders = np.repeat(points[:, None], PARTS + 1, axis=1), (points[1:] + points[:-1]) / 2
    else:
        edges = np.linspace(column.low, column.high, BINS + 1)
        knots, borders = np.linspace(edges[:-1], edges[1:], PARTS + 1, axis=1), edges[1:-1]
    return Alphabet(column, np.append(np.ones(len(knots)), gone), borders, knots)


def proof(budget: Budget, course: Course, rows: int, what: str) -> dict[str, Any]:
    """The guarantee in numbers: what is spent, on what, and how much noise that takes."""
    share, steps = min(1.0, course.batch / rows), course.steps(rows)
    return {"epsilon": budget.epsilon, "delta": budget.delta, "neighbours": "one row more or less", "blurred": what,
            "accountant": "RDP of the Poisson-sampled Gaussian mechanism", "share": share, "steps": steps,
            "noise": noise(budget, share=share, steps=steps)}  # fmt: skip
