"""Facts: what a text says of a thing is what a table knows of it."""

import re
from collections.abc import Mapping
from typing import Annotated, ClassVar

import numpy as np
import pyarrow as pa
from pydantic import AfterValidator, ConfigDict, Field
from pydantic.dataclasses import dataclass

from mintmark.data import arrays
from mintmark.data.dataset import Dataset
from mintmark.data.sources import read
from mintmark.errors import DataError, UnknownName
from mintmark.filters.filter import Dropped
from mintmark.filters.judging import Each
from mintmark.models.means import NOTHING, Means
from mintmark.words.texts import Column, plain, short


def _grouped(text: str) -> str:
    try:
        named = re.compile(text).groupindex
    except re.error as error:
        raise ValueError(f"not a regular expression ({error})") from error
    if len(named) < 2:
        raise ValueError("name the parts: (?P<country>...) and at least one more")
    return text


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class Facts:
    """Each of `patterns` is a form of sentence whose named parts are columns of the table in `file`.

    "the capital of (?P<country>[A-Z][a-z]+) is (?P<capital>[A-Z][a-z]+)" with `key` "country": every such sentence in
    a text is looked up under its country, and its capital must be that of a row with this key. Case and white space do
    not matter, and numbers are compared as numbers (1,000 is 1000.0). A text with a wrong fact, or one about a thing
    that the table does not know, is dropped; one that states none is kept unless `stated` asks for one. What is said in
    other words is not seen: this checks facts that were made by a pattern, and does not read.
    """

    column: Column
    file: str
    key: str
    patterns: Annotated[tuple[Annotated[str, AfterValidator(_grouped)], ...], Field(min_length=1)]
    stated: bool = False

    streams: ClassVar[bool] = True

    @property
    def files(self) -> tuple[str, ...]:
        """What it reads."""
        return (self.file,)

    def open(self, real: Dataset | None, *, rng: np.random.Generator, workshop: Means = NOTHING) -> Each:  # noqa: ARG002
        """Reads the table; UnknownName where it lacks a column that a pattern names."""
        table = read(self.file, base=workshop.base).table
        forms = [re.compile(pattern) for pattern in self.patterns]
        for form in forms:
            for name in (self.key, *form.groupindex):
                if name not in table.column_names:
                    raise UnknownName("column", name, table.column_names, where=self.file)
            if self.key not in form.groupindex:
                raise DataError(f"a pattern does not name its key {self.key}", found=form.pattern)
        known = _known(table, self.key, sorted({name for form in forms for name in form.groupindex}))
        return Each(self.column, lambda text: self._judge(text or "", forms, known))

    def _judge(self, text: str, forms: list[re.Pattern[str]], known: "Known") -> Dropped | None:
        found = False
        for form in forms:
            for match in form.finditer(text):
                found = True
                said = {name: value for name, value in match.groupdict().items() if value is not None}
                fault = _fault(self.key, said, known)
                if fault:
                    return fault[0], f"{short(match[0])}{fault[1]}"
        return ("states no fact", "") if self.stated and not found else None


Known = Mapping[str, list[dict[str, str | None]]]


def _fault(key: str, said: dict[str, str], known: Known) -> Dropped | None:
    rows = known.get(_comparable(said.get(key, "")))
    if rows is None:
        return f"of an unknown {key}", ""
    rest = {name: value for name, value in said.items() if name != key}
    if any(all(_same(value, row[name]) for name, value in rest.items()) for row in rows):
        return None
    holds = "; ".join(f"{name} {rows[0][name]}" for name in rest)
    return "contradicts the table", f" (the table: {holds})"


def _known(table: pa.Table, key: str, columns: list[str]) -> Known:
    words = {name: arrays.text(table[name]).to_pylist() for name in {key, *columns}}
    known: dict[str, list[dict[str, str | None]]] = {}
    for row, name in enumerate(words[key]):
        if name is not None:
            known.setdefault(_comparable(name), []).append({each: words[each][row] for each in columns})
    return known


def _same(said: str, known: str | None) -> bool:
    return known is not None and _comparable(said) == _comparable(known)


def _comparable(text: str) -> str:
    """The same for equal numbers, and for names that differ in case and white space alone."""
    line = " ".join(plain(text).split())
    try:
        return repr(float(re.sub(r"(?<=\d),(?=\d{3}\b)", "", line)))
    except ValueError:
        return line
