"""What a dataset is to be mixed from, worked out before anything is made: real rows, steps, and earlier datasets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from mintmark.data.dataset import Dataset
from mintmark.data.origin import REAL, UNKNOWN, Making, Origins
from mintmark.data.schema import TableSchema
from mintmark.digest import Digest
from mintmark.errors import InputError, RecipeError, UnknownName
from mintmark.ledger.entry import Act
from mintmark.ledger.ledger import Ledger
from mintmark.ledger.versions import Version, open_dataset
from mintmark.metrics import overlap
from mintmark.pipeline.descent import Descent
from mintmark.recipe import REAL as REAL_PART
from mintmark.recipe import Recipe


@dataclass(frozen=True)
class Part:
    """One source of a mixture, and how many of its rows are taken."""

    name: str
    share: float
    there: int
    """Rows that it has."""
    rows: int
    """Rows that are taken, none of them twice."""
    version: Version | None = None
    """The dataset of the record, where it is one."""

    def to_json(self) -> dict[str, Any]:
        """Plain JSON."""
        dataset = self.version.entry.subject if self.version else None
        return {"name": self.name, "share": self.share, "rows": self.rows, "there": self.there, "dataset": dataset}


@dataclass(frozen=True)
class Mixture:
    """All sources, in the order in which their rows stand."""

    parts: tuple[Part, ...]
    notes: tuple[str, ...] = ()

    @property
    def rows(self) -> int:
        """Rows of the mixture."""
        return sum(part.rows for part in self.parts)

    @property
    def inputs(self) -> dict[str, Digest]:
        """The datasets of the record that go in."""
        return {f"mix {part.name}": part.version.entry.subject for part in self.parts if part.version}

    def to_json(self) -> list[dict[str, Any]]:
        """Plain JSON."""
        return [part.to_json() for part in self.parts]


def mixture(
    recipe: Recipe,
    counts: Mapping[str, int],
    train: Dataset | None,
    holdout: Dataset | None,
    came: Descent,
    record: Ledger | None,
) -> Mixture | None:
    """The recipe's mixture: as many rows as its parts can give in these shares; None where it mixes nothing.

    `counts` are the rows of each step. Raises UnknownName for a part that is neither a step nor a dataset of the
    record, RecipeError where columns differ, InputError where real rows would be let out unasked, and DataError where
    rows of a dataset are holdout rows.
    """
    if not recipe.mix:
        return None
    found = {name: _there(name, counts, train, record) for name in recipe.mix}
    total = int(min((rows + 1e-6) / recipe.mix[name] for name, (rows, _) in found.items()))
    taken = _apportioned([(recipe.mix[name], there) for name, (there, _) in found.items()], total)
    parts = tuple(Part(name, recipe.mix[name], there, rows, version)
                  for (name, (there, version)), rows in zip(found.items(), taken, strict=True))  # fmt: skip
    _refuse_none(parts)
    for part in parts:
        if part.version is not None:
            _refuse_other_columns(part, train)
            _refuse_unseen(part, train, holdout)
    _refuse_unasked(recipe, parts, came)
    return Mixture(parts, tuple(_notes(parts, train)))


def origins_of(version: Version) -> Origins:
    """Where the rows of a recorded dataset came from; of one that was recorded without, as far as its entry says."""
    [(table, rows)] = version.rows().items()
    known = version.origins(table)
    if known is not None:
        return known
    entry, depth = version.entry, version.entry.body.get("depth")
    making = Making("synthetic", depth=depth, data=entry.subject, recipe=entry.body.get("recipe_digest"),
                    basis="it was recorded before rows had origins")  # fmt: skip
    return Origins.of(making, rows)


def _there(
    name: str, counts: Mapping[str, int], train: Dataset | None, record: Ledger | None
) -> tuple[int, Version | None]:
    if name in counts:
        return counts[name], None
    if name == REAL_PART:
        if train is None:
            raise RecipeError("there is no real data to mix in", where="mix.real", fix="name its source under `real`")
        return len(train), None
    known = [*counts, REAL_PART, *(str(entry.body["name"]) for entry in (record.find(Act.DATASET) if record else ()))]
    try:
        if record is None:
            raise UnknownName("dataset", name, known)
        version = open_dataset(record, name)
    except UnknownName as error:
        raise UnknownName("step, and no dataset of the record, called", name, known, where=f"mix.{name}") from error
    if len(version.rows()) != 1:
        raise RecipeError("only a dataset of one table can be mixed in", where=f"mix.{name}")
    return sum(version.rows().values()), version


def _apportioned(parts: Sequence[tuple[float, int]], total: int) -> list[int]:
    """Rows by share, to the nearest row (largest remainders), and never more of a part than there are."""
    wanted = np.array([share * total for share, _ in parts])
    rows = np.floor(wanted + 1e-6).astype(np.int64)
    for place in np.argsort(rows - wanted, kind="stable")[: total - int(rows.sum())]:
        rows[place] += rows[place] < parts[place][1]
    return [int(count) for count in rows]


def _refuse_none(parts: Sequence[Part]) -> None:
    """RecipeError where so few rows are there that some part gives none."""
    none = [part.name for part in parts if not part.rows]
    if none:
        found = ", ".join(f"{part.rows:,} of {part.there:,} rows of {part.name}" for part in parts)
        fix = "make more rows of the part that has few, or change the shares"
        raise RecipeError(f"in these shares {none[0]} would give no row", where="mix", found=found, fix=fix)


def refuse_other_columns(name: str, columns: TableSchema, wanted: TableSchema, than: str) -> None:
    """RecipeError, with the names, where a part of a mixture has other columns than the first."""
    missing = [column for column in wanted.names if column not in columns]
    more = [column for column in columns.names if column not in wanted]
    if missing or more:
        told = [f"{name} lacks {', '.join(missing)}"] if missing else []
        told += [f"only {name} has {', '.join(more)}"] if more else []
        fix = "mix data of the same columns: `real.drop` leaves some out"
        raise RecipeError(f"{name} has other columns than {than}", where=f"mix.{name}", found="; ".join(told), fix=fix)


def _refuse_other_columns(part: Part, train: Dataset | None) -> None:
    assert part.version is not None
    if train is not None:
        [columns] = part.version.schema.tables.values()
        refuse_other_columns(part.name, columns, train.columns, "the real data")


def _refuse_unseen(part: Part, train: Dataset | None, holdout: Dataset | None) -> None:
    """DataError where a dataset brings rows that are this recipe's holdout: of another split, or of its own source."""
    assert part.version is not None
    if holdout is None or train is None:
        return
    rows = part.version.taken(next(iter(part.version.rows())), np.arange(part.there)).select(train.columns.names)
    if rows.schema != train.columns.arrow():
        rows = _typed(part, rows, train)
    overlap.refuse(Dataset(train.schema, {train.name: rows}), holdout, where=f"mix.{part.name}")


def _typed(part: Part, rows: pa.Table, train: Dataset) -> pa.Table:
    try:
        return rows.cast(train.columns.arrow())
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        found, fix = str(error), "say the kinds of its columns alike: `real.columns`"
        raise RecipeError(f"{part.name} holds other types of values", where=f"mix.{part.name}", found=found, fix=fix
                          ) from error  # fmt: skip


def _refuse_unasked(recipe: Recipe, parts: Sequence[Part], came: Descent) -> None:
    """InputError where the mixture would let real rows out, and nobody said that they may go."""
    if recipe.release is None or recipe.release.real_rows:
        return
    for part in parts:
        own = part.name == REAL_PART and part.version is None and came.origin != "synthetic"
        if own or (part.version and origins_of(part.version).mask(REAL, UNKNOWN).any()):
            fix = "say `real_rows: true` under `release` if you may hand them on, or leave them out of the mix"
            found = f"{part.rows:,} rows of {part.name}"
            raise InputError("real rows would leave with this release", where="release.real_rows", found=found, fix=fix)


def _notes(parts: Sequence[Part], train: Dataset | None) -> list[str]:
    out = [f"mix: {part.rows:,} of {part.there:,} rows of {part.name} are taken, for its share is {part.share:g}"
           for part in parts if part.rows < part.there]  # fmt: skip
    personal = [column.name for column in train.columns.columns if column.personal] if train is not None else []
    if personal and any(part.name == REAL_PART and part.version is None for part in parts):
        out.append(f"mix: real rows keep what they say of people: {', '.join(personal)} stand in them as they are")
    own = train.digest if train is not None else None
    for part in parts:
        if part.version and part.version.entry.inputs.get("train") not in (None, own):
            told = "was learnt from other rows than these: the holdout may not be unseen by it"
            out.append(f"mix: {part.name} {told}")
    return out
