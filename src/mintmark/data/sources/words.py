"""Columns of text given the types that all their cells agree on, one column at a time."""

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from mintmark.data.schema import TEMPORAL, Kind
from mintmark.data.sources import moments
from mintmark.errors import DataError

SAMPLE = 2000
"""Cells that are looked at before a whole column is tried."""

WHOLE = r"^[+-]?\d+$"
REAL = r"^[+-]?((\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|(?i:inf|infinity|nan))$"
CODE = r"^[+-]?0[\dxX]"
"""A leading zero makes a code of what could be a number: 00501 is a place, not a quantity."""
DIALLED = r"^\+[1-9]\d{6,14}$"
"""A plus before so many digits is dialled, and is no sign."""
DECIMAL_COMMA = r"^[+-]?(\d+|\d{1,3}(\.\d{3})+)(,\d+)?$"
THOUSANDS = r"^[+-]?(\d{1,3}(,\d{3})+|\d{1,3})(\.\d+)?$"

TRUTHS = ({"true", "false"}, {"yes", "no"}, {"t", "f"})
TRUE, FALSE = ("true", "yes", "t", "y", "1"), ("false", "no", "f", "n", "0")


def typed(words: pa.ChunkedArray, *, missing: Sequence[str], comma: bool = False) -> tuple[pa.ChunkedArray, str]:
    """The column as booleans, integers, decimals, dates or times where every cell is one, and a note on what was open.

    What stays text keeps its cells to the letter. Integers beyond 64 bits stay text, for no number holds them exactly.
    """
    clean = _clean(words, missing)
    sample = pc.unique(clean.slice(0, SAMPLE).drop_null())
    if not len(sample):
        sample = pc.unique(clean.drop_null()).slice(0, SAMPLE)
    if not len(sample):
        return words, ""
    for parse in (_truth, _whole, _real):
        out = parse(clean, sample)
        if out is not None:
            return out, ""
    out, note = _with_comma(clean, sample, comma)
    if out is None and not note:
        out, note = moments.parsed(clean, sample)
    return (words, note) if out is None else (out, note)


def forced(name: str, words: pa.ChunkedArray, kind: Kind, *, missing: Sequence[str], comma: bool) -> pa.ChunkedArray:
    """The column as what a person says that it is; DataError with the first cell that is not."""
    if kind in {Kind.CATEGORY, Kind.ORDERED, Kind.TEXT}:
        return words
    if kind == Kind.KEY:
        out, _ = typed(words, missing=missing)
        return out if pa.types.is_integer(out.type) else words
    clean = _clean(words, missing)
    if kind == Kind.BOOLEAN:
        out, shape = _boolean(clean), r"^(?i:true|false|yes|no|t|f|y|n|0|1)$"
    elif kind in TEMPORAL:
        out, shape = moments.as_kind(clean, kind), r"^$"
    else:
        out, shape = _number(clean, comma), REAL
    if out is None:
        raise _not_a(name, kind, clean, shape)
    return out


def _clean(words: pa.ChunkedArray, missing: Sequence[str]) -> pa.ChunkedArray:
    """Without outer spaces, and with quoted markers missing too: a number is never an empty string."""
    trimmed = pc.ascii_trim_whitespace(words)
    marked = pc.is_in(trimmed, value_set=pa.array(["", *missing]))
    if pc.any(marked).as_py():
        trimmed = pc.if_else(marked, pa.scalar(None, pa.string()), trimmed)
    return trimmed


def _truth(words: pa.ChunkedArray, sample: pa.Array) -> pa.ChunkedArray | None:
    if len(sample) > 12 or not any(set(pc.utf8_lower(sample).to_pylist()) <= pair for pair in TRUTHS):
        return None
    seen = set(pc.unique(pc.utf8_lower(words)).drop_null().to_pylist())
    # A lone "f" or "no" may be anything; a lone "true" is not.
    if seen in TRUTHS or seen <= TRUTHS[0]:
        return _boolean(words)
    return None


def _boolean(words: pa.ChunkedArray) -> pa.ChunkedArray | None:
    low = pc.utf8_lower(words)
    true, false = pc.is_in(low, value_set=pa.array(TRUE)), pc.is_in(low, value_set=pa.array(FALSE))
    if not pc.all(pc.or_(pc.or_(true, false), words.is_null())).as_py():
        return None
    return pc.if_else(words.is_null(), pa.scalar(None, pa.bool_()), true)


def _whole(words: pa.ChunkedArray, sample: pa.Array) -> pa.ChunkedArray | None:
    if not _all(sample, WHOLE):
        return None
    if _any(words, CODE) or _all(sample, DIALLED):
        return words if _all(words, WHOLE) else None
    plain = _without_plus(words, sample)
    for type_ in (pa.int64(), pa.uint64()):
        try:
            return plain.cast(type_)
        except pa.ArrowInvalid:
            continue
    return words if _all(words, WHOLE) else None


def _real(words: pa.ChunkedArray, sample: pa.Array) -> pa.ChunkedArray | None:
    if not _all(sample, REAL) or _any(words, CODE) or not _any(sample, r"\d"):
        return None
    try:
        return words.cast(pa.float64())
    except pa.ArrowInvalid:
        return None


def _with_comma(words: pa.ChunkedArray, sample: pa.Array, comma: bool) -> tuple[pa.ChunkedArray | None, str]:
    """Numbers with commas in them: 1,5 or 1,234,567. Where both readings hold, the file's separator decides or none."""
    if not (_all(sample, DECIMAL_COMMA) or _all(sample, THOUSANDS)) or not _any(words, ","):
        return None, ""
    point, thousands = _all(words, DECIMAL_COMMA), _all(words, THOUSANDS)
    if point and (comma or not thousands):
        return _decimal_comma(words), "commas were read as decimal points"
    if thousands and not point:
        return _thousands(words), "commas were read as thousands separators"
    return None, "stays text: its commas may mean thousands or decimals; say kinds: number" if point else ""


def _number(words: pa.ChunkedArray, comma: bool) -> pa.ChunkedArray | None:
    if _any(words, ","):
        if _all(words, THOUSANDS) and not comma:
            return _thousands(words)
        return _decimal_comma(words) if _all(words, DECIMAL_COMMA) else None
    plain = _without_plus(words, words)
    for type_ in (pa.int64(), pa.uint64(), pa.float64()):
        try:
            return plain.cast(type_)
        except pa.ArrowInvalid:
            continue
    return None


def _decimal_comma(words: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.replace_substring(pc.replace_substring(words, ".", ""), ",", ".").cast(pa.float64())


def _thousands(words: pa.ChunkedArray) -> pa.ChunkedArray:
    plain = pc.replace_substring(words, ",", "")
    return plain.cast(pa.float64() if _any(plain, r"\.") else pa.int64())


def _without_plus(words: pa.ChunkedArray, sample: pa.Array) -> pa.ChunkedArray:
    return pc.replace_substring_regex(words, r"^\+", "") if _any(sample, r"^\+") else words


def _not_a(name: str, kind: Kind, words: pa.ChunkedArray, shape: str) -> DataError:
    wrong = pc.fill_null(pc.invert(pc.match_substring_regex(words, shape)), False)
    row = pc.index(wrong, True).as_py()
    return DataError(
        f"column {name} cannot be read as {kind}",
        where=f"row {row + 1}" if row >= 0 else "",
        found=repr(words[max(row, 0)].as_py()),
        fix="mend the cell, name it under missing, or give the column another kind",
    )


def _all(words: pa.Array | pa.ChunkedArray, pattern: str) -> bool:
    return bool(pc.all(pc.match_substring_regex(words, pattern), min_count=0).as_py())


def _any(words: pa.Array | pa.ChunkedArray, pattern: str) -> bool:
    return bool(pc.any(pc.match_substring_regex(words, pattern), min_count=0).as_py())
