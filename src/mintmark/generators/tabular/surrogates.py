"""Keys and free text, made and never learnt: what names a person cannot be drawn from a distribution.

Of keys only their form is kept: which kinds of characters stand where. Of text only how many words there are. No
value of the training data is stored, so none can be returned.
"""

import string
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from mintmark.data import arrays
from mintmark.data.schema import Column, Kind
from mintmark.errors import ConditionError, DataError
from mintmark.generators.storage import need

ROOM = 1e12
"""So many keys to choose from, at least, that neither another shard's nor a training key is met again."""
FEWEST = 20
"""A character is part of the form, and not of somebody's key, where at least this many keys share it."""

_CLASSES = {"d": string.digits, "l": string.ascii_lowercase, "u": string.ascii_uppercase, "x": "0123456789abcdef",
            "X": "0123456789ABCDEF"}  # fmt: skip
_WORDS = (
    "lorem", "ipsum", "dolor", "sit", "amet", "consectetur", "adipiscing", "elit", "sed", "do", "eiusmod", "tempor",
    "incididunt", "ut", "labore", "et", "dolore", "magna", "aliqua", "enim", "ad", "minim", "veniam", "quis", "nostrud",
    "exercitation", "ullamco", "laboris", "nisi", "aliquip", "ex", "ea", "commodo",
)  # fmt: skip


@dataclass(frozen=True)
class Surrogate:
    """One column of keys or text: its form, and how often it is missing."""

    column: Column
    missing: float
    form: tuple[str, ...] = ()
    """Text keys: what stands at each place, as a class of characters (`[d]`) or as itself."""
    above: int = 0
    """Number keys: fresh ones lie above this power of ten."""
    words: tuple[float, ...] = ()
    """Text: how many words there are, at the deciles."""

    def make(self, count: int, rng: np.random.Generator) -> pa.Array:
        """Fresh values, shape (count,), in the column's storage type; keys are unique."""
        gone = rng.random(count) < self.missing
        if pa.types.is_nested(self.column.type):
            return _empty_lists(self.column.type, gone)
        made = self._numbers(count, rng) if _is_number(self.column.type) else self._texts(count, rng)
        return pc.if_else(pa.array(gone), pa.scalar(None, made.type), made) if gone.any() else made

    def _numbers(self, count: int, rng: np.random.Generator) -> pa.Array:
        low, high = _number_room(self.column.type, self.above)
        if high - low < 2 * count:
            raise ConditionError(f"column {self.column.name} has no room for {count:,} fresh keys",
                                 found=str(self.column.type), fix="store it in a wider type")  # fmt: skip
        return pa.array(_distinct(low, high, count, rng), pa.int64()).cast(self.column.type)

    def _texts(self, count: int, rng: np.random.Generator) -> pa.Array:
        if self.column.kind == Kind.KEY:
            return _stored(_from_form(self.form, count, rng), self.column.type)
        many = np.rint(np.interp(rng.random(count) * 10, np.arange(11), self.words)).astype(np.int64)
        picked = np.array(_WORDS)[rng.integers(len(_WORDS), size=int(many.sum()))].tolist()
        ends = np.cumsum(many)
        starts = ends - many
        return _stored([" ".join(picked[a:b]).capitalize() for a, b in zip(starts, ends, strict=True)],
                       self.column.type)  # fmt: skip

    def to_json(self) -> dict[str, Any]:
        """What `from_json` reads."""
        return {"missing": self.missing, "form": list(self.form), "above": self.above, "words": list(self.words)}

    @classmethod
    def from_json(cls, column: Column, body: Mapping[str, Any]) -> "Surrogate":
        """The inverse of `to_json`; LedgerError where it cannot be."""
        out = cls(column, float(body["missing"]), tuple(body["form"]), int(body["above"]), tuple(body["words"]))
        need(0 <= out.missing <= 1 and all(isinstance(part, str) for part in out.form), f"form of {column.name}")
        need(len(out.words) in (0, 11) and all(0 <= n <= 1e5 for n in out.words), f"words of {column.name}")
        need(0 <= out.above < 2**63, f"keys of {column.name}")
        return out


def learn(column: Column, array: arrays.Array) -> Surrogate:
    """The form of a column of keys or text.

    Raises DataError for a storage type in which neither can be made.
    """
    missing = array.null_count / max(1, len(array)) if column.nullable else 0.0
    present = array.drop_null()
    if pa.types.is_nested(column.type):
        return Surrogate(column, missing)
    if _is_number(column.type):
        largest = max((abs(int(v)) for v in present.to_pylist() if np.isfinite(float(v))), default=0)
        return Surrogate(column, missing, above=10 ** min(len(str(largest)), 17))
    if not (_is_text(column.type) or pa.types.is_binary(column.type) or pa.types.is_large_binary(column.type)):
        raise DataError(f"column {column.name} is {column.kind}, which cannot be made as {column.type}",
                        fix="leave it out, or say what kind it is")  # fmt: skip
    words = [word for word in arrays.text(present).to_pylist() if word is not None]
    if column.kind == Kind.KEY:
        return Surrogate(column, missing, form=_form(words))
    lengths = [len(word.split()) for word in words] or [1]
    return Surrogate(column, missing, words=tuple(float(v) for v in np.quantile(lengths, np.linspace(0.05, 0.95, 11))))


def _is_number(type_: pa.DataType) -> bool:
    return pa.types.is_integer(type_) or pa.types.is_floating(type_) or pa.types.is_decimal(type_)


def _is_text(type_: pa.DataType) -> bool:
    if pa.types.is_dictionary(type_):
        return _is_text(type_.value_type)
    return pa.types.is_string(type_) or pa.types.is_large_string(type_) or pa.types.is_string_view(type_)


def _stored(texts: list[str], type_: pa.DataType) -> pa.Array:
    words = pa.array(texts, pa.string())
    return words.cast(pa.binary()).cast(type_) if pa.types.is_binary(type_) else arrays.from_text(words, type_)


def _empty_lists(type_: pa.DataType, gone: NDArray[np.bool_]) -> pa.Array:
    empty: Any = {} if pa.types.is_struct(type_) or pa.types.is_map(type_) else []
    return pa.array([None if missing else empty for missing in gone.tolist()], type=type_)


def _number_room(type_: pa.DataType, above: int) -> tuple[int, int]:
    """Keys lie above all training keys where the type allows it, and spread widely."""
    if pa.types.is_integer(type_):
        top = min(2**62, int(np.iinfo(type_.to_pandas_dtype()).max))
    elif pa.types.is_decimal(type_):
        top = 10 ** min(17, type_.precision - max(0, type_.scale)) - 1
    else:
        top = 2**24 if pa.types.is_float32(type_) else 2**53
    high = min(top, max(above * 10**6, int(ROOM)))
    return (above, high) if above < high // 2 else (0, top)


def _distinct(low: int, high: int, count: int, rng: np.random.Generator) -> NDArray[np.int64]:
    found = np.unique(rng.integers(low, high, size=count))
    while len(found) < count:
        found = np.unique(np.concatenate([found, rng.integers(low, high, size=2 * (count - len(found)) + 8)]))
    return rng.permutation(found)[:count]


def _form(keys: list[str]) -> tuple[str, ...]:
    """What stands at each place of the commonest length."""
    lengths = [len(key) for key in keys]
    length = int(np.bincount(lengths).argmax()) if lengths else 8
    places = list(zip(*(key for key in keys if len(key) == length), strict=True)) if lengths else []
    form = [_class(set(place), len(place)) for place in places]
    room = float(np.prod([float(len(_CLASSES[part[1]])) for part in form if len(part) == 3]))
    extra = int(np.ceil(max(0.0, np.log10(ROOM / max(room, 1.0)))))
    longer = max(lengths, default=0) - length
    return tuple(form + ["[d]"] * (extra + (longer if extra else 0)))


def _class(seen: set[str], rows: int) -> str:
    if len(seen) == 1 and rows >= FEWEST:
        return next(iter(seen))
    if seen <= set(string.digits):
        return "[d]"
    for label in ("x", "X", "l", "u"):
        if seen <= set(_CLASSES[label]):
            return f"[{label}]"
    return "[l]" if not seen & set(string.ascii_uppercase) else "[u]"


def _from_form(form: tuple[str, ...], count: int, rng: np.random.Generator) -> list[str]:
    found: dict[str, None] = {}
    while len(found) < count:
        more = count - len(found)
        places = [_characters(part, more, rng) for part in form]
        found.update(dict.fromkeys("".join(row) for row in zip(*places, strict=True)))
    return list(found)


def _characters(part: str, count: int, rng: np.random.Generator) -> list[str]:
    if len(part) == 3 and part[1] in _CLASSES:
        alphabet = np.array(list(_CLASSES[part[1]]))
        return alphabet[rng.integers(len(alphabet), size=count)].tolist()
    return [part] * count
