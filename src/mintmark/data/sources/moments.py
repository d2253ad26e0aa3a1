"""Dates, times and durations as people write them, told apart on the whole column and never guessed cell by cell.

`03/04/2021` is the third of April or the fourth of March. Some cell whose first or second number exceeds twelve
settles it for the column; where none does, the column stays text and a note says so. Dots mean day first.
"""

from typing import TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from mintmark.data.schema import Kind

Words: TypeAlias = "pa.ChunkedArray | pa.Array"

DAY = r"^\d{4}-\d{2}-\d{2}$"
MOMENT = r"^\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?$"
ZONED = r"^\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)? ?(Z|[+-]\d{2}:?\d{2})$"
CLOCK = r"(?P<h>\d{1,2}):(?P<n>\d{2})(?::(?P<s>\d{2}(?:\.\d{1,6})?))? ?(?P<half>[AaPp][Mm])?"
NUMERIC = r"^(?P<a>\d{1,2})(?P<sep>[./-])(?P<b>\d{1,2})[./-](?P<y>\d{4})"
YEAR_FIRST = r"^(?P<y>\d{4})[/.](?P<m>\d{1,2})[/.](?P<d>\d{1,2})"
DAY_NAMED = r"^(?P<d>\d{1,2})[ -](?P<m>[A-Za-z]{3,9})[ -](?P<y>\d{4})"
MONTH_NAMED = r"^(?P<m>[A-Za-z]{3,9}) (?P<d>\d{1,2}),? (?P<y>\d{4})"
LONG_CLOCK = r"^(?P<sign>-?)(?:(?P<d>\d+) days?,? \+?)?(?P<h>\d+):(?P<n>[0-5]\d):(?P<s>[0-5]\d(?:\.\d{1,6})?)$"
PERIOD = r"^(?P<sign>-?)P(?:(?P<d>\d+)D)?(?:T(?:(?P<h>\d+)H)?(?:(?P<n>\d+)M)?(?:(?P<s>\d+(?:\.\d{1,6})?)S)?)?$"

MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
          "november", "december")  # fmt: skip
AMBIGUOUS = "stays text: every day and month is 12 or less, so their order cannot be told; write 2021-04-03"


def parsed(words: pa.ChunkedArray, sample: pa.Array) -> tuple[pa.ChunkedArray | None, str]:
    """The column as dates, moments, times or durations, or None; with a note where the order is open."""
    for try_ in (_day, _moment, _clock, _duration):
        out = try_(words, sample)
        if out is not None:
            return out, ""
    return _regional(words, sample)


def as_kind(words: pa.ChunkedArray, kind: Kind) -> pa.ChunkedArray | None:
    """The column as this kind of time, or None where a cell is not."""
    if kind == Kind.DURATION:
        return _duration(words, words, whole_days=True)
    if kind == Kind.DATE and _all(words, r"^\d{8}$"):
        words = pc.replace_substring_regex(words, r"^(\d{4})(\d{2})(\d{2})$", r"\1-\2-\3")
    out, _ = parsed(words, pc.unique(words).drop_null())
    wanted = {Kind.DATETIME: pa.types.is_timestamp, Kind.DATE: pa.types.is_date, Kind.TIME: pa.types.is_time}[kind]
    if out is None or wanted(out.type):
        return out
    if pa.types.is_date(out.type) and kind == Kind.DATETIME:
        return out.cast(pa.timestamp("us"))
    return _cast(out, pa.date32()) if pa.types.is_timestamp(out.type) and kind == Kind.DATE else None


def _day(words: pa.ChunkedArray, sample: Words) -> pa.ChunkedArray | None:
    return _cast(words, pa.date32()) if _all(sample, DAY) else None


def _moment(words: pa.ChunkedArray, sample: Words) -> pa.ChunkedArray | None:
    if _all(sample, MOMENT) or (_all(sample, f"{DAY}|{MOMENT}")):
        zone = None
    elif _all(sample, ZONED):
        zone, words = "UTC", pc.replace_substring_regex(words, r" ?(Z|[+-]\d{2}:?\d{2})$", r"\1")
    else:
        return None
    # Microseconds reach from year 1 to 9999; nanoseconds end in 2262 and are kept only where they are written.
    out = _cast(words, pa.timestamp("us", zone))
    return out if out is not None else _cast(words, pa.timestamp("ns", zone))


def _clock(words: pa.ChunkedArray, sample: Words) -> pa.ChunkedArray | None:
    if not _all(sample, f"^{CLOCK}$") or not _all(words, f"^{CLOCK}$"):
        return None
    distinct = pc.unique(words).drop_null()
    moments = _cast(
        pc.binary_join_element_wise("1970-01-01", _clock_text(distinct, f"^{CLOCK}$"), " "), pa.timestamp("us")
    )
    if moments is None:
        return None
    fine = _any(distinct, r"\.")
    return _spread(moments.cast(pa.time64("us") if fine else pa.time32("s")), words, distinct)


def _duration(words: pa.ChunkedArray, sample: Words, *, whole_days: bool = False) -> pa.ChunkedArray | None:
    """Hours beyond a day, `2 days 03:00:00`, or ISO 8601 periods; `whole_days` takes shorter ones too."""
    pattern = next((p for p in (LONG_CLOCK, PERIOD) if _all(sample, p) and _all(words, p)), None)
    if pattern is None:
        return None
    distinct = pc.unique(words).drop_null()
    parts = pc.extract_regex(distinct, pattern)
    amounts = {name: _amount(parts, name) for name in "dhns"}
    if (
        pattern == LONG_CLOCK
        and not whole_days
        and not (_any(distinct, "day|^-") or pc.any(pc.greater_equal(amounts["h"], 24)).as_py())
    ):
        return None
    seconds = pc.add(
        pc.add(pc.multiply(amounts["d"], 86400.0), pc.multiply(amounts["h"], 3600.0)),
        pc.add(pc.multiply(amounts["n"], 60.0), amounts["s"]),
    )
    signed = pc.if_else(pc.equal(pc.struct_field(parts, "sign"), "-"), pc.negate(seconds), seconds)
    ticks = pc.round(pc.multiply(signed, 1e6)).cast(pa.int64()).cast(pa.duration("us"))
    return _spread(ticks, words, distinct)


def _regional(words: pa.ChunkedArray, sample: Words) -> tuple[pa.ChunkedArray | None, str]:
    for day in (NUMERIC, YEAR_FIRST, DAY_NAMED, MONTH_NAMED):
        pattern = f"{day}(?:,?[ T]+{CLOCK})?$"
        if _all(sample, pattern) and _all(words, pattern):
            distinct = pc.unique(words).drop_null()
            parts = pc.extract_regex(distinct, pattern)
            days = _numeric_days(parts) if day == NUMERIC else _days(*(pc.struct_field(parts, f) for f in "ymd"))
            if days is None:
                return None, AMBIGUOUS if day == NUMERIC and not _contradictory(parts) else ""
            return _dated(days, distinct, pattern, words), ""
    return None, ""


def _dated(days: pa.Array, distinct: pa.Array, pattern: str, words: pa.ChunkedArray) -> pa.ChunkedArray | None:
    if _any(distinct, ":"):
        out = _cast(pc.binary_join_element_wise(days, _clock_text(distinct, pattern), " "), pa.timestamp("us"))
    else:
        out = _cast(days, pa.date32())
    return None if out is None else _spread(out, words, distinct)


def _numeric_days(parts: pa.StructArray) -> pa.Array | None:
    first, second, year = (pc.struct_field(parts, name) for name in ("a", "b", "y"))
    day_first, month_first = _beyond_twelve(first), _beyond_twelve(second)
    dotted = pc.all(pc.equal(pc.struct_field(parts, "sep"), "."), min_count=0).as_py()
    if day_first == month_first and not (dotted and not month_first):
        return None
    return _days(year, first, second) if month_first else _days(year, second, first)


def _contradictory(parts: pa.StructArray) -> bool:
    return _beyond_twelve(pc.struct_field(parts, "a")) and _beyond_twelve(pc.struct_field(parts, "b"))


def _beyond_twelve(numbers: pa.Array) -> bool:
    return bool(pc.any(pc.greater(numbers.cast(pa.int64()), 12), min_count=0).as_py())


def _days(year: pa.Array, month: pa.Array, day: pa.Array) -> pa.Array:
    if _any(month, "[A-Za-z]"):
        # "sept" is the one abbreviation of four letters; three letters name every month.
        known = pa.array([name[:3] for name in MONTHS])
        place = pc.index_in(pc.utf8_slice_codeunits(pc.utf8_lower(month), 0, 3), value_set=known)
        month = pc.fill_null(pc.add(place, 1), 99).cast(pa.string())
    return pc.binary_join_element_wise(year, pc.utf8_lpad(month, 2, "0"), pc.utf8_lpad(day, 2, "0"), "-")


def _clock_text(words: pa.Array, pattern: str) -> pa.Array:
    """Times as hh:mm:ss; what names no time is midnight."""
    parts = pc.extract_regex(words, pattern)
    hour = _amount(parts, "h").cast(pa.int64())
    half = pc.utf8_lower(pc.struct_field(parts, "half"))
    twelve = pc.equal(hour, 12)
    hour = pc.if_else(pc.and_(pc.equal(half, "am"), twelve), 0, hour)
    hour = pc.if_else(pc.and_(pc.equal(half, "pm"), pc.invert(twelve)), pc.add(hour, 12), hour)
    minute, second = (pc.struct_field(parts, name) for name in "ns")
    minute = pc.if_else(pc.equal(minute, ""), "00", minute)
    second = pc.if_else(pc.equal(second, ""), "00", second)
    return pc.binary_join_element_wise(pc.utf8_lpad(hour.cast(pa.string()), 2, "0"), minute, second, ":")


def _amount(parts: pa.StructArray, name: str) -> pa.Array:
    text = pc.struct_field(parts, name)
    return pc.if_else(pc.equal(text, ""), "0", text).cast(pa.float64())


def _spread(values: pa.Array, words: pa.ChunkedArray, distinct: pa.Array) -> pa.ChunkedArray:
    """What each distinct text means, given to every cell that bears it."""
    places = pc.index_in(words, value_set=distinct)
    return pa.chunked_array([values.take(places.combine_chunks() if isinstance(places, pa.ChunkedArray) else places)])


def _cast(words: Words, type_: pa.DataType) -> pa.ChunkedArray | None:
    try:
        return words.cast(type_)
    except pa.ArrowInvalid:
        return None


def _all(words: Words, pattern: str) -> bool:
    return bool(pc.all(pc.match_substring_regex(words, pattern), min_count=0).as_py())


def _any(words: Words, pattern: str) -> bool:
    return bool(pc.any(pc.match_substring_regex(words, pattern), min_count=0).as_py())
