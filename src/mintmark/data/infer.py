"""What kind of thing each column holds, told from its storage type and its values.

Whole numbers stay numbers even where few distinct ones occur: a count of rooms or a score from 1 to 5 has distances,
and a learner can always split between two values. Say `kinds: {sex: category}` where 1 and 2 are names. Two things
are told by a column's name: identifiers (`customer_id`, `PassengerId`, `key`) and degrees (`lat`, `longitude`).
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from mintmark.data import arrays, domain, personal, scales
from mintmark.data.schema import TEMPORAL, Column, Kind, Personal, TableSchema
from mintmark.errors import DataError

MANY_LEVELS = 0.5
"""Text whose distinct values exceed this share of the rows repeats too little to be a category."""
FEW_LEVELS = 20
"""As few distinct texts as this are a category in any table."""
PROSE_CHARACTERS = 60
"""Texts longer than this on average are prose unless few of them are distinct."""
FEW_REFERENCES = 100
"""An identifier that repeats and has no more values than this says something: which shop, which district."""

CALLED_KEY = re.compile(r"(?:^|[\W_])(?i:id|key|uuid|guid|rowid)$|[a-z](?:Id|ID|UUID|GUID)$|^(?i:index|rowid)$")

CODE = re.compile(r"[A-Za-z]{1,5}[-_./#]?\d{2,}")
"""`K00123`, `CUST-77`: what numbers something, whatever the column is called."""


def table_schema(table: pa.Table, *, kinds: Mapping[str, Kind | Personal] | None = None) -> TableSchema:
    """The schema of a table; `kinds` overrides what would be inferred."""
    kinds = kinds or {}
    columns = tuple(column(name, table[name], kinds.get(name)) for name in table.schema.names)
    columns = _about_persons(table, columns, kinds)
    named = (c for c in columns if c.kind == Kind.KEY and not c.personal and not c.nullable)
    keys = [c.name for c in named if is_unique(table[c.name])]
    return TableSchema(columns, key=keys[0] if keys else None)


def column(name: str, values: pa.ChunkedArray, told: Kind | Personal | None = None) -> Column:
    """One column's kind and domain; `told` is what a person says that it is, and then not asked of its values."""
    flat = values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
    found = told if isinstance(told, Personal) else None
    kind = told if isinstance(told, Kind) else _kind(name, flat)
    if told is None:
        found = personal.recognised(name, flat, kind)
    if found:
        return Column(name, Kind.KEY, flat.type, nullable=flat.null_count > 0, personal=found)
    out = Column(name, kind, flat.type, nullable=flat.null_count > 0)
    if out.discrete:
        return replace(out, levels=_levels(flat, kind))
    if out.kind in TEMPORAL:
        out = replace(out, step=domain.step(flat))
    return domain.bounded(out, flat) if out.numeric else out


def _about_persons(table: pa.Table, columns: Sequence[Column], said: Iterable[str]) -> tuple[Column, ...]:
    """The same columns, where other columns tell more of them: whose names, and whose numbers, they are."""
    told: dict[str, Kind | Personal] = {**personal.recognised_beside(table, columns)}
    for found in columns:
        coded = CALLED_KEY.search(found.name) is not None or all(CODE.fullmatch(level) for level in found.levels)
        open_ = found.kind == Kind.CATEGORY and found.name not in told
        if open_ and coded and personal.is_persons_number(table, found.name, columns):
            told[found.name] = Kind.KEY
    return tuple(column(c.name, table[c.name], told[c.name]) if c.name in told and c.name not in said else c
                 for c in columns)  # fmt: skip


def refuse_unusable(table: pa.Table, *, where: str = "") -> None:
    """DataError where there is nothing to learn from: no columns, no rows, or names that stand twice."""
    if table.num_columns == 0 or table.num_rows == 0:
        found = f"{table.num_rows} rows and {table.num_columns} columns"
        raise DataError("there is nothing here", where=where, found=found)
    twice = sorted(name for name, count in Counter(table.schema.names).items() if count > 1)
    if twice:
        raise DataError("column names stand twice", where=where, found=", ".join(twice), fix="rename them")


def is_unique(values: pa.ChunkedArray) -> bool:
    """Does no value stand twice?"""
    return _distinct(values) == len(values)


def _kind(name: str, flat: pa.Array) -> Kind:
    known = arrays.kind_of(flat.type)
    if known:
        return known
    if pa.types.is_dictionary(flat.type):
        return Kind.ORDERED if flat.type.ordered else Kind.CATEGORY
    if pa.types.is_nested(flat.type) or pa.types.is_binary(flat.type) or pa.types.is_large_binary(flat.type):
        return Kind.TEXT
    if pa.types.is_floating(flat.type) or pa.types.is_decimal(flat.type):
        return Kind.GEO if _on_the_globe(name, flat) else Kind.NUMBER
    if pa.types.is_integer(flat.type):
        return _whole_kind(name, flat)
    try:
        return _word_kind(name, flat)
    except pa.ArrowNotImplementedError as error:
        fix = "leave the column out, or write its values as numbers, dates or text"
        raise DataError(f"column {name} holds values that cannot be read", found=str(flat.type), fix=fix) from error


def _whole_kind(name: str, flat: pa.Array) -> Kind:
    if _on_the_globe(name, flat):
        return Kind.GEO
    distinct, present = _distinct(flat), len(flat) - flat.null_count
    if CALLED_KEY.search(name) and present:
        return Kind.CATEGORY if distinct < present and distinct <= FEW_REFERENCES else Kind.KEY
    return Kind.KEY if distinct == present == len(flat) and _counts_up(flat) else Kind.NUMBER


def _on_the_globe(name: str, flat: pa.Array) -> bool:
    """Called degrees, and within them."""
    return arrays.is_latitude_or_longitude(name) and bool(
        pc.all(pc.less_equal(pc.abs(flat.cast(pa.float64(), safe=False)), 180), min_count=0).as_py()
    )


def _counts_up(flat: pa.Array) -> bool:
    """0, 1, 2 … or 1, 2, 3 … are row numbers; 1990, 1991 … may be years."""
    if len(flat) < FEW_LEVELS or flat[0].as_py() not in (0, 1):
        return False
    return bool(pc.all(pc.equal(pc.subtract(flat.slice(1), flat.slice(0, len(flat) - 1)), 1)).as_py())


def _word_kind(name: str, flat: pa.Array) -> Kind:
    words = arrays.text(flat)
    distinct, present = _distinct(words), len(flat) - flat.null_count
    if not present:
        return Kind.CATEGORY
    if _is_json(words):
        return Kind.TEXT
    repeats = distinct < present
    if CALLED_KEY.search(name) and distinct > FEW_LEVELS and not (repeats and distinct <= FEW_REFERENCES):
        return Kind.KEY
    if not repeats and present > FEW_LEVELS and _looks_like_key(words):
        return Kind.KEY
    prose = pc.mean(pc.utf8_length(words)).as_py() > PROSE_CHARACTERS and distinct > 5 * FEW_LEVELS
    if prose or distinct > max(FEW_LEVELS, MANY_LEVELS * present):
        return Kind.TEXT
    return Kind.ORDERED if scales.ordered(pc.unique(words).drop_null().to_pylist()[:50]) else Kind.CATEGORY


def _is_json(words: pa.Array) -> bool:
    shaped = pc.match_substring_regex(words, r"(?s)^\s*(\{.*\}|\[.*\])\s*$")
    return bool(pc.all(shaped, min_count=0).as_py())


def _looks_like_key(words: pa.Array) -> bool:
    """Words without spaces, all of nearly one length."""
    spaced = pc.any(pc.match_substring(words, " ")).as_py()
    shortest, longest = pc.min_max(pc.utf8_length(words)).as_py().values()
    return not spaced and longest - shortest <= 2 and shortest >= 6


def _levels(flat: pa.Array, kind: Kind) -> tuple[str, ...]:
    if kind == Kind.BOOLEAN and pa.types.is_boolean(flat.type):
        return ("false", "true")
    if pa.types.is_dictionary(flat.type) and (flat.type.ordered or kind == Kind.ORDERED):
        return tuple(str(word) for word in flat.dictionary.to_pylist())
    counted = arrays.text(flat).drop_null().value_counts()
    level, count = counted.field(0).to_pylist(), counted.field(1).to_pylist()
    if kind == Kind.ORDERED:
        return scales.ordered(level) or tuple(sorted(level, key=_natural))
    # Ties are broken by name, so that the order of rows never shows.
    return tuple(word for word, _ in sorted(zip(level, count, strict=True), key=lambda pair: (-pair[1], pair[0])))


def _natural(word: str) -> list[tuple[float, str]]:
    """Numbers inside words by their size: 2 before 10, "6-10" before "11-20", −1 before 0."""
    if re.fullmatch(r"[+-]?\d+(\.\d+)?(e[+-]?\d+)?", word):
        return [(float(word), "")]
    return [(float(part), "") if part.isdecimal() else (float("inf"), part) for part in re.findall(r"\d+|\D+", word)]


def _distinct(values: pa.Array | pa.ChunkedArray) -> int:
    if pa.types.is_nested(values.type):
        return len(values)
    if pa.types.is_dictionary(values.type):
        values = arrays.text(values)
    return int(pc.count_distinct(values).as_py())
