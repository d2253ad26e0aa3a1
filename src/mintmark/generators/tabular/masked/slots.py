"""The columns in the order in which they are drawn, each as the choices that tell it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from mintmark.data import arrays
from mintmark.generators.tabular import tokens
from mintmark.generators.tabular.columns import Learnt
from mintmark.generators.tabular.masked import grid, residual, scale
from mintmark.generators.tabular.masked.grid import Grid, Ints
from mintmark.generators.tabular.masked.residual import Formula
from mintmark.generators.tabular.masked.scale import FEATURES, Scale
from mintmark.generators.tabular.storage import Arrays, need
from mintmark.generators.tabular.tokens import Alphabet, Floats, Tokens

SMALL = 2_000
"""Below this many rows, a formula need not be near perfect to be worth more than what a network can learn."""
ENOUGH, ENOUGH_SMALL = 0.99, 0.2
REMAINDERS, REMAINDERS_SMALL = 256, 10
"""Quantile bins of what a formula leaves open."""


@dataclass(frozen=True)
class Slot:
    """One column: its values, or what a formula leaves open of them, as an alphabet told in one or two choices."""

    name: str
    values: Alphabet
    """Of the column itself."""
    scale: Scale | None
    """Numbers only."""
    formula: Formula | None
    told: Alphabet
    """What is chosen from: of the values, or of the remainders."""
    grid: Grid

    @property
    def makeable(self) -> NDArray[np.bool_]:
        """(size + 1,) which tokens may be made: rare categories may not."""
        return self.told.mass > 0

    def features(self, values: Floats) -> Floats:
        """(n, FEATURES) what the network sees of the values beside their choices."""
        return self.scale.features(values, self.values) if self.scale else np.zeros((len(values), FEATURES))

    def scores(self, values: Floats) -> Floats:
        """(n,) standard scores."""
        assert self.scale is not None
        return self.scale.z(values, self.values)

    def tokens(self, values: Floats, before: Floats) -> Tokens:
        """Tokens of numbers, shape (n,); `before` holds the scores of the numbers before, (n, numbers before)."""
        left = values - self._foretold(before) if self.formula else values
        found = np.searchsorted(self.told.borders, left, side="right").astype(np.int32)
        found[np.isnan(left)] = self.told.size
        return found

    def numbers(self, tokens_: Tokens, before: Floats, rng: np.random.Generator) -> tuple[Floats, pa.Array]:
        """Numbers drawn within their tokens, as they are and as they are stored."""
        drawn = self.told.values(tokens_, rng.random(len(tokens_)))
        if self.formula:
            drawn = drawn + self._foretold(before)
        stored = tokens.number_array(drawn, self.values.column)
        return arrays.numbers(stored, self.values.column), stored

    def _foretold(self, before: Floats) -> Floats:
        """What the formula foretells, on the grid of the remainders and within the column's bounds."""
        assert self.formula is not None
        column = self.values.column
        found = np.clip(self.formula.foretell(before), column.low, column.high)
        digits = self.told.column.decimals
        return found if digits is None else arrays.rounded(found, digits)


@dataclass(frozen=True)
class Encoded:
    """Training rows as the network sees them."""

    choices: Ints
    """(n, choices)"""
    features: NDArray[np.float32]
    """(n, columns, FEATURES)"""
    wanted: NDArray[np.bool_]
    """(n, choices) is it to be foretold? Not where the value is one that may not be made."""


def learn(table: pa.Table, learnt: Learnt, order: Sequence[str], *, rare: int) -> tuple[tuple[Slot, ...], Encoded]:
    """Slots in this order, and the training rows in their terms."""
    small = table.num_rows < SMALL
    slots: list[Slot] = []
    choices, features, wanted = [], [], []
    scores: list[Floats] = []
    for name in order:
        alphabet = learnt.alphabets[name]
        numbers = _numbers(table[name], alphabet)
        before = np.column_stack(scores) if scores else np.zeros((table.num_rows, 0))
        slot = _slot(name, alphabet, numbers, before, small=small, rare=rare)
        found = alphabet.encode(table[name]) if numbers is None else slot.tokens(numbers, before)
        parts = slot.grid.split(found)
        slots.append(slot)
        choices += parts
        wanted += [slot.makeable[found]] * len(parts)
        values = np.zeros(table.num_rows) if numbers is None else numbers
        features.append(slot.features(values).astype(np.float32))
        if numbers is not None:
            scores.append(slot.scores(values))
    if not slots:
        return (), Encoded(np.zeros((table.num_rows, 0), np.int64), np.zeros((table.num_rows, 0, FEATURES), np.float32),
                           np.zeros((table.num_rows, 0), bool))  # fmt: skip
    return tuple(slots), Encoded(np.column_stack(choices), np.stack(features, axis=1), np.column_stack(wanted))


def to_json(slots: Sequence[Slot]) -> list[dict[str, Any]]:
    """The part of the slots that is text."""
    return [{"column": slot.name, "formula": slot.formula is not None,
             "scale": slot.scale.to_json() if slot.scale else None} for slot in slots]  # fmt: skip


def to_arrays(slots: Sequence[Slot]) -> dict[str, NDArray[Any]]:
    """The part of the slots that is numbers."""
    out: dict[str, NDArray[Any]] = {}
    for place, slot in enumerate(slots):
        out[f"slot{place}.starts"] = slot.grid.starts
        if slot.formula:
            out |= slot.formula.to_arrays(f"slot{place}") | slot.told.to_arrays(f"slot{place}.remainders")
    return out


def rebuild(body: Sequence[Mapping[str, Any]], stored: Arrays, learnt: Learnt) -> tuple[Slot, ...]:
    """The inverse of `to_json` and `to_arrays`; LedgerError where they cannot belong to what was learnt."""
    need({part["column"] for part in body} == set(learnt.alphabets) and len(body) == len(learnt.alphabets), "columns")
    slots: list[Slot] = []
    for place, part in enumerate(body):
        alphabet = told = learnt.alphabets[str(part["column"])]
        scale_ = Scale.from_json(part["scale"]) if alphabet.column.numeric else None
        formula = None
        if part["formula"]:
            before = sum(slot.scale is not None for slot in slots)
            formula = Formula.from_arrays(stored, f"slot{place}", before=before)
            column = residual.remainders(alphabet.column)
            told = Alphabet.from_arrays(column, stored, f"slot{place}.remainders")
        runs = Grid.checked(stored[f"slot{place}.starts"], told)
        slots.append(Slot(alphabet.column.name, alphabet, scale_, formula, told, runs))
    return tuple(slots)


def _numbers(array: pa.ChunkedArray, alphabet: Alphabet) -> Floats | None:
    return arrays.numbers(array, alphabet.column) if alphabet.column.numeric else None


def _slot(name: str, alphabet: Alphabet, numbers: Floats | None, before: Floats, *, small: bool, rare: int) -> Slot:
    if numbers is None:
        return Slot(name, alphabet, None, None, alphabet, grid.learn(alphabet))
    found = scale.learn(numbers, alphabet)
    plain = Slot(name, alphabet, found, None, alphabet, grid.learn(alphabet))
    if alphabet.column.specials or not alphabet.size:
        return plain
    formula = residual.learn(before, numbers, enough=ENOUGH_SMALL if small else ENOUGH)
    if formula is None:
        return plain
    open_ = Slot(name, alphabet, found, formula, alphabet, plain.grid)
    left = numbers - open_._foretold(before)
    told = tokens.learn(residual.remainders(alphabet.column), pa.array(left, from_pandas=True), rare=rare,
                        bins=REMAINDERS_SMALL if small else REMAINDERS)  # fmt: skip
    return Slot(name, alphabet, found, formula, told, grid.learn(told))
