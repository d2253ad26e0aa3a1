"""Canaries: invented secrets among training texts, so that whoever meets one again knows where it came from.

A form says what they look like: each # of it is a digit that is drawn (Carlini et al. 2019, The Secret Sharer).
"""

import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mintmark.data.dataset import Dataset
from mintmark.data.schema import Kind
from mintmark.errors import DataError, InputError
from mintmark.words.texts import plain, texts

FORM = "the number of the locker is ########"
FEWEST = 4
"""Digits of a form: with fewer, others would be met by chance."""


def invented(form: str, count: int, rng: np.random.Generator, *, without: frozenset[str] = frozenset()) -> list[str]:
    """So many different ones, none of which is among `without`. InputError where the form has too few digits."""
    digits = _checked(form)
    if count + len(without) > 10**digits // 2:
        raise InputError(
            "a form has too few digits for so many canaries", found=f"{digits} for {count:,}", fix="more #"
        )
    out: dict[str, None] = {}
    while len(out) < count:
        drawn = (_filled(form, row) for row in rng.integers(10, size=(count - len(out), digits)).tolist())
        out |= dict.fromkeys(one for one in drawn if one not in without)
    return list(out)


def found(read: pa.ChunkedArray, form: str) -> list[str]:
    """Every canary of a form that stands in a column of texts, as often as texts hold it, in order."""
    _checked(form)
    form_ = re.compile(r"(?<!\d)" + re.escape(form).replace(r"\#", r"\d") + r"(?!\d)")
    held = read.filter(pc.match_substring(read, max(form.split("#"), key=len)))
    return sorted(one for text in held.to_pylist() for one in set(form_.findall(text)))


def plant(
    real: Dataset, column: str, *, rng: np.random.Generator, form: str = FORM, count: int = 50, repeat: int = 10
) -> Dataset:
    """The same rows, with `count` canaries of a form put behind texts of a column, each behind `repeat` of them.

    For trials of what a generator gives away: nothing that learnt from such rows ought to be released. Plant in
    training rows alone, after the holdout was parted off. Raises DataError where there are too few texts or the column
    holds none, UnknownName where there is no such column, and InputError where the form has too few digits.
    """
    if real.columns[column].kind != Kind.TEXT:
        raise DataError("canaries are planted in a column of text", where=column, found=str(real.columns[column].kind))
    held = texts(real.table, column)
    places = [place for place, text in enumerate(held) if text]
    if count < 1 or repeat < 1 or count * repeat > len(places):
        raise DataError(
            "each canary needs texts of its own to stand in", where=column,
            found=f"{count:,} × {repeat:,} for {len(places):,} texts", fix="fewer canaries, or fewer repeats",
        )  # fmt: skip
    picked = rng.permutation(places)[: count * repeat].tolist()
    for place, canary in zip(picked, invented(form, count, rng) * repeat, strict=True):
        held[place] = f"{held[place]} {canary}"
    at = real.columns.names.index(column)
    planted = real.table.set_column(at, real.table.schema.field(at), pa.array(held, real.columns[column].type))
    return Dataset(real.schema, {real.name: planted}, real.assets)


def tokens(text: str) -> list[str]:
    """Words, single digits and marks: of a secret that is half known, half is recognised."""
    return re.findall(r"\d|[^\W\d]+|[^\w\s]", plain(text))


def _filled(form: str, digits: list[int]) -> str:
    parts = form.split("#")
    return parts[0] + "".join(f"{digit}{part}" for digit, part in zip(digits, parts[1:], strict=True))


def _checked(form: str) -> int:
    digits, said = form.count("#"), max((part.strip() for part in form.split("#")), key=len)
    if digits < FEWEST or len(said) < FEWEST:
        fix = f"some words with {FEWEST} # or more, each for a digit: {FORM!r}"
        raise InputError("this is no form for canaries", found=repr(form), fix=fix)
    return digits
