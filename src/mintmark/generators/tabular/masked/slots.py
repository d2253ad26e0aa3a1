"""The columns in the order in which they are drawn, each as the choices that tell it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from mintmark.data import arrays
from mintmark.generators.storage import Arrays, need
from mintmark.generators.tabular import tokens
from mintmark.generators.tabular.columns import Learnt
from mintmark.generators.tabular.masked import grid, normal, residual, scale
from mintmark.generators.tabular.masked.grid import Grid, Ints
from mintmark.generators.tabular.masked.residual import Formula
from mintmark.generators.tabular.masked.scale import FEATURES, Scale
from mintmark.generators.tabular.tokens import Alphabet, Floats, Tokens

SMALL = 500
"""Below this many rows, any formula of normal scores says more than a network can learn: what is drawn is then a
Gaussian copula, told column by column, whose remainders the network bends."""
ENOUGH = 0.99
"""With more rows, a formula is worth its loss of detail where it foretells this share of the variance."""
REMAINDERS, REMAINDERS_SMALL = 256, 10
"""Quantile bins of what a formula leaves open."""
FEW_LEVELS = 8
"""Formulas see which level it is of columns with at most this many."""


@dataclass(frozen=True)
class Slot:
    """One column: its values, or what a formula leaves open of them, as an alphabet told in one or two choices."""

    name: str
    values: Alphabet
    """Of the column itself."""
    scale: Scale | None
    """Numbers only."""
    formula: Formula | None
    spread: float
    """Of what the formula leaves open of normal scores; 0 where it foretells the values themselves."""
    told: Alphabet
    """What is chosen from: of the values, or of the remainders."""
    grid: Grid

    @property
    def makeable(self) -> NDArray[np.bool_]:
        """(size + 1,) which tokens may be made: rare categories may not."""
        return self.told.mass > 0

    @property
    def width(self) -> int:
        """How many predictors it is to the formulas after it."""
        return 1 if self.scale else self.values.size * (self.values.size <= FEW_LEVELS)

    def features(self, numbers: Floats) -> Floats:
        """(n, FEATURES) what the network sees of the values beside their choices."""
        return self.scale.features(numbers, self.values) if self.scale else np.zeros((len(numbers), FEATURES))

    def predictors(self, numbers: Floats, tokens_: Tokens, *, small: bool) -> Floats:
        """(n, width) what formulas see: standard or normal scores, or which of a few levels it is."""
        if self.scale is None:
            return np.equal(tokens_[:, None], np.arange(self.width)).astype(np.float64)
        if small and self.values.size:
            return np.nan_to_num(normal.scores(numbers, self.values))[:, None]
        return self.scale.z(numbers, self.values)[:, None]

    def tokens(self, numbers: Floats, before: Floats) -> Tokens:
        """Tokens of numbers, shape (n,), after what formulas see of the columns before, (n, predictors)."""
        left = numbers if self.formula is None else self.remainders(numbers, before)
        found = np.searchsorted(self.told.borders, left, side="right").astype(np.int32)
        found[np.isnan(left)] = self.told.size
        return found

    def numbers(self, tokens_: Tokens, before: Floats, rng: np.random.Generator) -> tuple[Floats, pa.Array]:
        """Numbers drawn within their tokens, as they are and as they are stored."""
        drawn = self.told.values(tokens_, rng.random(len(tokens_)))
        if self.formula and self.spread:
            scores = self.formula.foretell(before) + self.spread * ndtri(np.clip(drawn, normal.EDGE, 1 - normal.EDGE))
            drawn = normal.values(scores, self.values)
        elif self.formula:
            drawn = drawn + self._foretold(before)
        stored = tokens.number_array(self.values.written(drawn, rng), self.values.column)
        return arrays.numbers(stored, self.values.column), stored

    def remainders(self, numbers: Floats, before: Floats) -> Floats:
        """(n,) what the formula leaves open: a difference, or the rank of one of normal scores, between 0 and 1."""
        if not self.spread:
            return numbers - self._foretold(before)
        assert self.formula is not None
        return ndtr((normal.scores(numbers, self.values) - self.formula.foretell(before)) / self.spread)

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
    rows, small = table.num_rows, table.num_rows < SMALL
    slots: list[Slot] = []
    choices, features, wanted = (
        [np.zeros((rows, 0), np.int64)],
        [np.zeros((rows, 0, FEATURES))],
        [np.zeros((rows, 0), bool)],
    )
    before = np.zeros((rows, 0))
    for name in order:
        alphabet = learnt.alphabets[name]
        numeric = alphabet.column.numeric
        numbers = arrays.numbers(table[name], alphabet.column) if numeric else np.zeros(rows)
        slot = _slot(alphabet, numbers, before, small=small, rare=rare) if numeric else _plain(alphabet, None)
        found = slot.tokens(numbers, before) if numeric else alphabet.encode(table[name])
        parts = slot.grid.split(found)
        slots.append(slot)
        choices += [part[:, None] for part in parts]
        wanted += [slot.makeable[found][:, None]] * len(parts)
        features.append(slot.features(numbers)[:, None])
        before = np.hstack([before, slot.predictors(numbers, found, small=small)])
    return tuple(slots), Encoded(np.hstack(choices), np.hstack(features).astype(np.float32), np.hstack(wanted))


def to_json(slots: Sequence[Slot]) -> list[dict[str, Any]]:
    """The part of the slots that is text."""
    return [
        {
            "column": slot.name,
            "formula": slot.formula is not None,
            "spread": slot.spread,
            "scale": slot.scale.to_json() if slot.scale else None,
        }
        for slot in slots
    ]


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
        formula, spread = None, float(part["spread"])
        need(0 <= spread < np.inf, "spread of remainders")
        if part["formula"]:
            need(alphabet.column.numeric and alphabet.size > 0, "formula of a column")
            before = sum(slot.width for slot in slots)
            formula = Formula.from_arrays(stored, f"slot{place}", before=before)
            column = residual.remainders(alphabet.column, normal=spread > 0)
            told = Alphabet.from_arrays(column, stored, f"slot{place}.remainders")
        runs = Grid.checked(stored[f"slot{place}.starts"], told)
        slots.append(Slot(alphabet.column.name, alphabet, scale_, formula, spread, told, runs))
    return tuple(slots)


def _plain(alphabet: Alphabet, found: Scale | None) -> Slot:
    return Slot(alphabet.column.name, alphabet, found, None, 0.0, alphabet, grid.learn(alphabet))


def _slot(alphabet: Alphabet, numbers: Floats, before: Floats, *, small: bool, rare: int) -> Slot:
    """A slot of numbers, with a formula where one foretells enough."""
    column = alphabet.column
    slot = _plain(alphabet, scale.learn(numbers, alphabet))
    if column.specials or not alphabet.size:
        return slot
    goal = normal.scores(numbers, alphabet) if small else numbers
    formula = residual.learn(before, goal, enough=-np.inf if small else ENOUGH)
    if formula is None:
        return slot
    spread = float(np.nanstd(goal - formula.foretell(before))) if small else 0.0
    if small and spread == 0:
        return slot
    remainders = residual.remainders(column, normal=small)
    slot = replace(slot, formula=formula, spread=spread, told=replace(alphabet, column=remainders))
    left = pa.array(slot.remainders(numbers, before), from_pandas=True)
    told = tokens.learn(remainders, left, rare=rare, bins=REMAINDERS_SMALL if small else REMAINDERS)
    if small and told.size:
        # Ranks end at 0 and 1, whoever holds the outermost: unlike values, these are nobody's.
        told.knots[0, 0], told.knots[-1, -1] = 0.0, 1.0
    return replace(slot, told=told, grid=grid.learn(told))
