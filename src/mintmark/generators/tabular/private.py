"""Formal differential privacy: noisy counts of few columns at a time, and the distribution that they determine."""

from collections.abc import Mapping
from dataclasses import dataclass as plain
from dataclasses import field
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass

from mintmark.data.dataset import Dataset
from mintmark.errors import UnknownName
from mintmark.generators import storage
from mintmark.generators.guarantee import ROW, Guarantee
from mintmark.generators.tabular import columns
from mintmark.generators.tabular.columns import Learnt
from mintmark.generators.tabular.marginals import accounting, margins, selection
from mintmark.generators.tabular.marginals.budget import Budget
from mintmark.generators.tabular.marginals.declared import Declared
from mintmark.generators.tabular.marginals.drawing import drawn
from mintmark.generators.tabular.marginals.fitting import Counted
from mintmark.generators.tabular.marginals.margins import Margins
from mintmark.generators.tabular.marginals.selection import Joint, Question
from mintmark.generators.tabular.tokens import Tokens

METHOD = "tabular.private"

BEGUN = 0.25
"""The part of the budget for what is counted without being chosen."""

Codes = NDArray[np.int64]


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class Private:
    """Formal differential privacy: noisy counts of few columns at a time, and the distribution that they determine.

    AIM (McKenna, Mullins, Sheldon, Miklau 2022), or as the fast preset MST (McKenna, Miklau, Sheldon 2021), on a
    junction tree. All noise is OpenDP's. What nobody declares as `public` is found within the budget, which costs
    truth: levels and bounds that are no secret are worth declaring.
    """

    epsilon: Annotated[float, Field(gt=0, le=100)] = 1.0
    """The most that the odds of anybody's presence may shift, as a logarithm: smaller is safer; 1 is strict."""
    delta: Annotated[float, Field(gt=0, le=1e-3)] = 1e-9
    """The chance that this may fail: far below one in the number of rows."""
    method: Literal["adaptive", "fast"] = "adaptive"
    target: str | None = None
    """The column whose dependence on the others matters most."""
    public: Mapping[str, Declared] = field(default_factory=dict)
    """What is known of columns without looking: `{age: {min: 17, max: 90}, sex: {levels: [Male, Female]}}`."""

    assumes: ClassVar[tuple[str, ...]] = (
        "Rows have nothing to do with each other, and their order means nothing.",
        "Few columns at a time say how all columns hang together.",
        "Counts bear noise: shares of what few rows show are rough, and rare combinations may be invented.",
        "Categories that too few rows show to be told privately are made as missing, unless declared.",
        "Values outside the declared levels and bounds are moved into them.",
        "Keys and free text are made up in a form that is declared or fixed.",
        "Noise comes from the operating system: learning twice gives two models, whatever the seed.",
    )

    def fit(self, real: Dataset | None, *, rng: np.random.Generator) -> "Marginals":
        """Spends the budget on the training rows; DataError where there are too few, UnknownName of no column."""
        table = columns.training_table(real)
        assert real is not None
        for name in (*self.public, *((self.target,) if self.target else ())):
            if name not in table.column_names:
                raise UnknownName("column", name, table.column_names)
        budget = Budget(self.epsilon, self.delta)
        seen = margins.learn(table, self.public, budget)
        question = selection.begun(_question(table, seen, self.target), budget, rho=BEGUN * budget.rho)
        look = selection.adaptive if self.method == "adaptive" else selection.tree_of_pairs
        joint = look(question, budget, rng)
        accounting.check(budget)
        proved = Guarantee(budget.epsilon, budget.delta, ROW, margins.shares(budget))
        return Marginals(seen.learnt(real), seen.codes, joint, proved)

    def load(self, folder: Path) -> "Marginals":
        """Reads what `Marginals.save` wrote; LedgerError where it was altered."""
        body, stored = storage.read(folder, METHOD)
        with storage.reading(folder):
            learnt = Learnt.rebuild(body, stored)
            codes = {name: _codes(stored, place, learnt, name) for place, name in enumerate(learnt.alphabets)}
            sizes = tuple(int(each.max()) + 1 for each in codes.values())
            return Marginals(learnt, codes, Joint.rebuild(sizes, body["tree"], stored),
                             Guarantee.from_json(body["guarantee"]))  # fmt: skip


@plain(frozen=True)
class Marginals:
    """Columns as codes of a junction tree, and codes as tokens."""

    learnt: Learnt
    codes: Mapping[str, Codes]
    joint: Joint
    guarantee: Guarantee

    def sample(self, count: int, *, rng: np.random.Generator, given: Dataset | None = None) -> Dataset:
        """Draws codes from the tree, exactly given what is given, and values by their share of the code."""
        known = self.learnt.given(given, count)
        names = list(self.codes)
        fixed = {names.index(name): margins.possible(self.codes[name])[tokens]
                 for name, tokens in self.learnt.tokens(known).items()}  # fmt: skip
        rows = drawn(self.joint.tree, self.joint.logs, fixed, count, rng)
        made = {name: _tokens(rows[:, place], self.codes[name], self.learnt.alphabets[name].mass, rng)
                for place, name in enumerate(names) if name not in known}  # fmt: skip
        return self.learnt.finish(count, made, known, rng)

    def save(self, folder: Path) -> None:
        """Writes `model.json` and `model.npz`."""
        body: dict[str, Any] = self.learnt.to_json()
        body |= {"tree": self.joint.to_json(), "guarantee": self.guarantee.to_json()}
        arrays: dict[str, NDArray[Any]] = self.learnt.to_arrays() | self.joint.to_arrays()
        arrays |= {f"codes{place}": codes for place, codes in enumerate(self.codes.values())}
        storage.write(folder, METHOD, body, arrays)


def _question(table: pa.Table, seen: Margins, target: str | None) -> Question:
    names = tuple(seen.alphabets)
    codes = {place: margins.coded(seen.alphabets[name], seen.codes[name], table[name])
             for place, name in enumerate(names)}  # fmt: skip
    sizes = tuple(int(seen.codes[name].max()) + 1 for name in names)
    known = tuple(Counted((place,), *seen.counts[name]) for place, name in enumerate(names) if sizes[place] > 1)
    return Question(codes, sizes, seen.total, names, names.index(target) if target in names else None, known)


def _tokens(rows: Codes, codes: Codes, mass: NDArray[np.float64], rng: np.random.Generator) -> Tokens:
    """A token of each row's code, by its share of it."""
    order = np.argsort(codes, kind="stable")
    below = np.concatenate([[0.0], np.cumsum(np.where(codes < 0, 0.0, mass)[order])])
    first = np.searchsorted(codes[order], np.arange(int(codes.max()) + 2))
    start, end = below[first[rows]], below[first[rows + 1]]
    found = np.searchsorted(below, start + rng.random(len(rows)) * (end - start), side="right") - 1
    return order[np.clip(found, first[rows], first[rows + 1] - 1)].astype(np.int32)


def _codes(stored: storage.Arrays, place: int, learnt: Learnt, name: str) -> Codes:
    codes = stored[f"codes{place}"].astype(np.int64)
    mass = learnt.alphabets[name].mass
    storage.need(codes.shape == mass.shape and int(codes.max()) >= 0 and int(codes.min()) >= -1, f"codes of {name}")
    held = np.bincount(codes[codes >= 0], mass[codes >= 0])
    storage.need(bool((held > 0).all()), f"codes of {name}")
    return codes
