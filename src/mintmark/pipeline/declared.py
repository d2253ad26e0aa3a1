"""Constraints as they are declared: read against the columns, against each other, and against the real rows."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from mintmark.data import constraints, contradictions
from mintmark.data.dataset import Dataset
from mintmark.data.schema import Schema
from mintmark.errors import DataError, RecipeError, UnknownName
from mintmark.generators.generator import Generator
from mintmark.generators.tabular.constraints import obeying

LARGEST = 0.1
"""Rows that are left out for breaking constraints are not worth proposing where they are more than this share."""
Written = str | Mapping[str, Sequence[str]]
"""`"end >= start"`, `{"unique": ["email"]}` or `{"together": ["city", "country"]}`."""


def constrained(data: Dataset, written: Written | Sequence[Written], *, where: str) -> Dataset:
    """The data with these constraints declared beside its own.

    Raises RecipeError for what is none or puts kinds together that do not fit, UnknownName for a column that is not
    there, and ConditionError for constraints that contradict each other.
    """
    schema = data.columns
    listed = written if isinstance(written, Sequence) and not isinstance(written, str) else [written]
    texts = [_text(one, where) for one in listed]
    for text in texts:
        for name in constraints.parse(text, where=where).columns:
            if name not in schema:
                raise UnknownName("column", name, schema.names, where=f"{where}: {text}")
        constraints.satisfied(data.table.slice(0, 1), schema, text)  # kinds that do not fit together show in any row
    every = tuple(dict.fromkeys([*schema.constraints, *texts]))
    contradictions.refuse(every, schema, where=where)
    return replace(data, schema=Schema({data.name: replace(schema, constraints=every)}))


def kept(data: Dataset, *, tolerate: float = 0.0, where: str) -> tuple[Dataset, list[str]]:
    """The rows that meet all constraints, and what is to be said of the others.

    Raises DataError, with the first rows, where a larger share breaks them than is tolerated.
    """
    good, broken = np.ones(len(data), dtype=bool), []
    for text in data.columns.constraints:
        lost = np.flatnonzero(~constraints.satisfied(data.table, data.columns, text))
        good[lost] = False
        if len(lost):
            rows = ", ".join(f"{row + 1:,}" for row in lost[:5]) + (", …" if len(lost) > 5 else "")
            broken.append(f"{text} by {len(lost):,} of {len(good):,} rows (number {rows})")
    if not broken:
        return data, []
    share = 1 - float(good.mean())
    if share > tolerate:
        fix = "mend these rows or loosen the constraint"
        if share <= LARGEST and where.startswith("real."):
            fix += f"; `tolerate: {share + 0.0005:.3f}` leaves them out"
        raise DataError("the real data breaks constraints that are said to hold", where=where,
                        found="; ".join(broken), fix=fix)  # fmt: skip
    return data.select(good), [f"real rows that break a constraint are left out: {'; '.join(broken)}"]


def notes(train: Dataset | None, generators: Sequence[Generator]) -> list[str]:
    """How each constraint will be met, and which columns were found to follow from others."""
    out: dict[str, None] = {}
    for generator in generators:
        out |= dict.fromkeys(obeying.foretold(generator, train))
    return list(out)


def _text(written: Written, where: str) -> str:
    try:
        return constraints.written(written)
    except RecipeError as error:
        raise RecipeError(error.wrong, where=where, found=error.found, fix=error.fix) from error
