"""Parts of a whole are learnt as shares of what the parts before them leave: `a + b + c == 100`.

Shares lie between 0 and 1, and the last part is what is left, so the parts sum to the whole and none is negative
(stick breaking: Connor, Mosimann 1969).
"""

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from mintmark.data import arrays, infer
from mintmark.data.expressions import Expression, quoted
from mintmark.data.masked import Masked
from mintmark.data.schema import Column, Kind, TableSchema
from mintmark.generators.tabular.constraints import values
from mintmark.generators.tabular.constraints.form import Known
from mintmark.generators.tabular.constraints.formula import evaluate


@dataclass(frozen=True)
class Shares:
    """Columns that sum to a constant, or to another column."""

    parts: tuple[Column, ...]
    whole: Expression
    columns: Mapping[str, Column]
    """The column that is the whole; none where it is a constant."""
    shares: tuple[Column, ...]
    """(parts − 1) one for each part but the last, under its name."""

    @property
    def defines(self) -> tuple[str, ...]:
        """The parts."""
        return tuple(part.name for part in self.parts)

    @property
    def reads(self) -> tuple[str, ...]:
        """The column that they sum to."""
        return self.whole.columns

    @property
    def latent(self) -> tuple[Column, ...]:
        """The shares."""
        return self.shares

    @property
    def said(self) -> str:
        """How it meets the constraint, in words."""
        return f"{', '.join(self.defines)} are learnt as shares of {self.whole.text}"

    @property
    def value(self) -> Expression:
        """The sum of the parts."""
        return Expression.parse(" + ".join(quoted(name) for name in self.defines))

    def forward(self, known: Known, rng: np.random.Generator) -> dict[str, pa.Array]:  # noqa: ARG002
        """What each part takes of what is left by those before it; all of it where nothing is left."""
        parts = [arrays.numbers(known[part.name], part) for part in self.parts]
        left = _whole(self.whole, known, self.columns, len(parts[0]))
        out: dict[str, pa.Array] = {}
        for part, share in zip(parts, self.shares, strict=False):
            taken = np.where(left > 0, part / np.where(left > 0, left, 1.0), 1.0)
            out[share.name] = pa.array(np.clip(taken, 0.0, 1.0))
            left = left - part
        return out

    def inverse(self, known: Known, latent: Known) -> dict[str, pa.Array]:
        """Each part on its own grid; the last one is the rest."""
        rows = len(next(iter(latent.values())))
        left = _whole(self.whole, known, self.columns, rows)
        out: dict[str, pa.Array] = {}
        for part, share in zip(self.parts, self.shares, strict=False):
            taken = np.clip(arrays.numbers(latent[share.name], share), 0.0, 1.0) * left
            out[part.name] = values.stored(Masked.of(np.minimum(_rounded(taken, part), left)), part, rows)
            left = left - arrays.numbers(out[part.name], part)
        last = self.parts[-1]
        return out | {last.name: values.stored(Masked.of(np.maximum(left, 0.0)), last, rows)}

    def wanted(self, known: Known, like: Known) -> Masked:
        """The whole, as it is given or as the row that it resembles has it."""
        there = {name: known.get(name, like[name]) for name in self.reads}
        return Masked.of(_whole(self.whole, there, self.columns, len(next(iter(like.values())))))

    def to_json(self) -> dict[str, Any]:
        """What `from_json` reads."""
        return {"form": "shares", "parts": list(self.defines), "whole": self.whole.text,
                "shares": [share.to_json() for share in self.shares]}  # fmt: skip

    @classmethod
    def from_json(cls, body: Mapping[str, Any], schema: TableSchema) -> "Shares":
        """The inverse of `to_json`."""
        whole = Expression.parse(body["whole"])
        parts = tuple(schema[name] for name in body["parts"])
        shares = tuple(Column.from_json(share) for share in body["shares"])
        return cls(parts, whole, {name: schema[name] for name in whole.columns}, shares)


def learnt(parts: tuple[Column, ...], whole: Expression, known: Known, columns: Mapping[str, Column]) -> Shares | None:
    """The form, from training rows; None where a part is missing, negative or a code in any of them."""
    if not all(part.kind == Kind.NUMBER and not part.specials for part in parts):
        return None
    if not (isinstance(whole.tree, ast.Name | ast.Constant) and len(parts) > 1):
        return None
    numbers = [arrays.numbers(known[part.name], part) for part in parts]
    total = _whole(whole, known, columns, len(numbers[0]))
    if not all(bool((found >= 0).all()) for found in [*numbers, total]):
        return None
    bare = tuple(Column(part.name, Kind.NUMBER, pa.float64(), low=0.0, high=1.0) for part in parts[:-1])
    rough = Shares(parts, whole, columns, bare)
    found = rough.forward(known, np.random.default_rng(0))
    seen = tuple(infer.column(name, pa.chunked_array([array]), Kind.NUMBER) for name, array in found.items())
    return Shares(parts, whole, columns, seen)


def _whole(whole: Expression, known: Known, columns: Mapping[str, Column], rows: int) -> NDArray[np.float64]:
    found = evaluate(whole, known, columns).spread(rows)
    return np.where(found.missing, np.nan, found.values.astype(np.float64))


def _rounded(numbers: NDArray[np.float64], part: Column) -> NDArray[np.float64]:
    """Rounded to the grid of the part."""
    if pa.types.is_integer(part.type):
        return np.rint(numbers)
    return numbers if part.decimals is None else arrays.rounded(numbers, part.decimals)
