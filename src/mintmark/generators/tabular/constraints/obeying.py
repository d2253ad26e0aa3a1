"""Any generator, made to obey the constraints of its training data; none of them needs to know.

What the generator is shown has a gap in the place of an end date, nothing in the place of a total, and one column for
city and country together (see `arrangement`). What it makes is turned back, checked, and drawn again where it breaks
what has no such form (see `drawing`). Without constraints or copies in the data, the generator is used as it is.
"""

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from mintmark import digest
from mintmark.data import arrays, constraints
from mintmark.data.dataset import Dataset
from mintmark.data.schema import Schema, TableSchema
from mintmark.errors import ConditionError, LedgerError
from mintmark.generators import storage
from mintmark.generators import workshop as workshops
from mintmark.generators.generator import Generator, Sampler
from mintmark.generators.storage import need
from mintmark.generators.tabular import completion
from mintmark.generators.tabular.constraints import drawing, settling
from mintmark.generators.tabular.constraints.arrangement import DRAWN, Arrangement, columns_of
from mintmark.generators.tabular.constraints.arranging import arrange, arrange_unseen
from mintmark.generators.tabular.constraints.form import Form, Known
from mintmark.generators.tabular.constraints.formula import Formula
from mintmark.generators.tabular.constraints.gap import Gap
from mintmark.generators.tabular.constraints.shares import Shares
from mintmark.generators.tabular.constraints.together import Together
from mintmark.generators.workshop import ALONE, Workshop

FILE, COMBOS = "constraints.json", "constraints-{}.arrow"
FORMAT = 1
RARE = 5
"""What fewer rows than this share is not reproduced, where the generator does not say."""
PILOT = 1000
"""Rows that are drawn after learning, to say how many meet each constraint at first."""


@dataclass(frozen=True)
class Obeying:
    """A generator whose rows meet the constraints of the data that it learns from."""

    generator: Generator

    def fit(self, real: Dataset | None, *, rng: np.random.Generator, workshop: Workshop = ALONE) -> Sampler:
        """Learns from the data as the arrangement turns them; what learns from nothing is left alone.

        `workshop` is handed on to a method whose `fit` takes one.
        """

        def learnt(generator: Generator, rows: Dataset | None) -> Sampler:
            return workshops.fit(generator, rows, rng=rng, workshop=workshop)

        if real is not None and _proves(self.generator):
            return _mended(learnt(self.generator, real), real.columns.constraints, rng)
        arranged = _arranged(self.generator, real)
        if real is None or arranged is None:
            return learnt(self.generator, real)
        rows = arranged.forward(real, rng)
        sampler = learnt(_renamed(self.generator, arranged), rows)
        pilot = sampler.sample(PILOT, rng=rng)
        if set(pilot.tables) != {arranged.name} or pilot.columns.names != rows.columns.names:
            return sampler  # it makes its own columns, and learnt nothing from these
        return Obedient(sampler, arranged, _said(arranged, pilot))

    def load(self, folder: Path) -> Sampler:
        """Reads what the sampler's `save` wrote; LedgerError where it was altered."""
        sampler = self.generator.load(folder)
        if not (folder / FILE).is_file():
            return sampler
        with storage.reading(folder):
            return _read(folder, sampler)


@dataclass(frozen=True)
class Obedient:
    """A sampler, and the arrangement that turns its rows into those of the table."""

    sampler: Sampler
    arranged: Arrangement
    said: tuple[str, ...]
    """How each constraint is met."""

    def sample(self, count: int, *, rng: np.random.Generator, given: Dataset | None = None) -> Dataset:
        """Makes rows that meet all constraints; what is given is kept exactly.

        Raises ConditionError where what is given breaks a constraint or nothing fits it, and where a constraint without
        a form is hardly ever met.
        """
        name, schema = self.arranged.name, self.arranged.schema
        known = completion.parts(given, name=name, schema=schema, count=count)
        _refuse(known, self.arranged)
        table = self._draw(count, known, rng)
        if count:
            table = drawing.until_met(self.arranged, table, known, self._draw, rng)
        return completion.assemble(columns_of(table), name=name, schema=schema)

    @property
    def guarantee(self) -> Any:
        """What the method proves of its training rows: making rows obey takes nothing from it. None where nothing."""
        return getattr(self.sampler, "guarantee", None)

    @property
    def notes(self) -> tuple[str, ...]:
        """What the method's own fit has to say against its result."""
        return tuple(getattr(self.sampler, "notes", ()))

    def save(self, folder: Path) -> None:
        """Writes what the sampler writes, and the arrangement beside it."""
        self.sampler.save(folder)
        body: dict[str, Any] = {"format": FORMAT, "name": self.arranged.name, "schema": self.arranged.schema.to_json(),
                                "forms": [], "met": dict(self.arranged.met), "found": list(self.arranged.found),
                                "said": list(self.said)}  # fmt: skip
        for place, form in enumerate(self.arranged.forms):
            told = form.to_json()
            if isinstance(form, Together):
                path = folder / COMBOS.format(place)
                with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, form.combos.schema) as out:
                    out.write_table(form.combos)
                told["combos"] = digest.of_bytes(path.read_bytes())
            body["forms"].append(told)
        plain = json.loads(json.dumps(body, allow_nan=False))
        plain["digest"] = digest.of_json(plain)
        (folder / FILE).write_text(json.dumps(plain, indent=1, ensure_ascii=False), encoding="utf-8")

    def _draw(self, count: int, known: Known, rng: np.random.Generator) -> pa.Table:
        """Rows of which some columns are known, whether they meet the constraints or not."""
        arranged = self.arranged
        settled = settling.settled(arranged, known, lambda: self._pool(rng), rng) if known else {}
        told = settling.told(arranged, settled, rng) if settled else None
        given = None
        if told is not None:
            part = arranged.learnt.only(told.column_names)
            given = Dataset(Schema({arranged.name: part}), {arranged.name: told.cast(part.arrow())})
        made = arranged.inverse(self.sampler.sample(count, rng=rng, given=given).table)
        return pa.table({name: settled.get(name, made[name]) for name in arranged.schema.names})

    def _pool(self, rng: np.random.Generator) -> pa.Table:
        made = self.arranged.inverse(self.sampler.sample(settling.POOL, rng=rng).table)
        table = pa.table({name: made[name] for name in self.arranged.schema.names})
        good = ~drawing.judged(self.arranged, table).bad
        return table.filter(pa.array(good)) if good.any() else table


def each_alone(sampler: Sampler) -> Sampler:
    """The sampler, for rows that are only looked at: nothing need be unique among them."""
    if not isinstance(sampler, Obedient):
        return sampler
    schema = sampler.arranged.schema
    texts = tuple(each.text for each in sampler.arranged.constraints if each.form != constraints.UNIQUE)
    loose = dataclasses.replace(schema, constraints=texts)
    return dataclasses.replace(sampler, arranged=dataclasses.replace(sampler.arranged, schema=loose))


def possible(sampler: Sampler, table: pa.Table) -> NDArray[np.bool_]:
    """Which rows, of some columns, break neither a constraint nor what all training rows show of copies."""
    good = np.ones(table.num_rows, dtype=bool)
    if not isinstance(sampler, Obedient):
        return good
    arranged, there = sampler.arranged, set(table.column_names)
    for constraint in arranged.constraints:
        if set(constraint.columns) <= there and constraint.form != constraints.UNIQUE:
            good &= constraints.satisfied(table, arranged.schema, constraint.text)
    known = columns_of(table)
    for form in arranged.forms:
        if isinstance(form, Formula) and not form.kept and {*form.defines, *form.reads} <= there:
            for name, made in form.inverse(known, {}).items():
                good &= _alike(made, known[name])
    return good


def _alike(one: pa.Array, other: pa.Array) -> NDArray[np.bool_]:
    """Are values the same, or missing on both sides?"""
    words = [arrays.text(side).to_numpy(zero_copy_only=False) for side in (one, other)]
    return np.asarray(words[0] == words[1], dtype=bool)


def foretold(generator: Generator, real: Dataset | None) -> tuple[str, ...]:
    """How each constraint will be met, in words, before anything is learnt; nothing where there are none."""
    if real is not None and _proves(generator):
        arranged: Arrangement | None = arrange_unseen(real.name, real.columns)
    else:
        arranged = _arranged(generator, real)
    if arranged is None:
        return ()
    return (*(f"{text}: {how}" for text, how in arranged.met.items()), *arranged.found)


def _proves(generator: Generator) -> bool:
    """Is this a method whose guarantee would not cover what an arrangement tells of the training rows?"""
    return any(getattr(generator, name, None) is not None for name in ("epsilon", "private"))


def _mended(sampler: Sampler, texts: tuple[str, ...], rng: np.random.Generator) -> Sampler:
    """The sampler, with its own schema and nothing of the training rows, made to obey."""
    if not texts:
        return sampler
    pilot = sampler.sample(PILOT, rng=rng)
    schema = dataclasses.replace(pilot.columns, constraints=texts)
    arranged = arrange_unseen(pilot.name, schema)
    return Obedient(sampler, arranged, _said(arranged, pilot))


def _arranged(generator: Generator, real: Dataset | None) -> Arrangement | None:
    """The arrangement of the training data; None where there is none to make, or the generator has its own."""
    if real is None or len(real.tables) != 1 or hasattr(generator, "constraints"):
        return None
    # Columns that it is told of by name, its target and those of conditions, are better left as they are.
    first, target = getattr(generator, "first", ()), getattr(generator, "target", None)
    avoid = [*first, *([target] if isinstance(target, str) else [])]
    arranged = arrange(real, avoid=avoid, rare=int(getattr(generator, "rare", RARE)))
    return arranged if arranged.forms or arranged.met else None


def _renamed(generator: Generator, arranged: Arrangement) -> Generator:
    """The generator, told of learnt columns where it was told of such as are computed."""
    first = getattr(generator, "first", None)
    if not first:
        return generator
    names: dict[str, None] = {}
    queue = list(first)
    for name in queue:
        form = next((form for form in arranged.forms if name in form.defines), None)
        if form is None:
            names[name] = None
        else:
            names |= dict.fromkeys(column.name for column in form.latent)
            queue += [other for other in form.reads if other not in queue]
    changed: Any = generator
    return dataclasses.replace(changed, first=tuple(names))


def _refuse(known: Known, arranged: Arrangement) -> None:
    """ConditionError where what is given breaks a constraint by itself."""
    if not known:
        return
    table = pa.table(dict(known))
    for constraint in arranged.constraints:
        if not set(constraint.columns) <= set(known):
            continue
        lost = np.flatnonzero(~constraints.satisfied(table, arranged.schema, constraint.text))
        if len(lost):
            row = int(lost[0])
            found = ", ".join(f"{name}: {known[name][row]}" for name in constraint.columns)
            raise ConditionError(f"what is given breaks the constraint {constraint.text!r}",
                                 where=f"row {row + 1}", found=f"{found} (and {len(lost) - 1} more rows)",
                                 fix="give other values, or leave one of these columns out")  # fmt: skip


def _said(arranged: Arrangement, pilot: Dataset) -> tuple[str, ...]:
    made = arranged.inverse(pilot.table)
    table = pa.table({name: made[name] for name in arranged.schema.names})
    out = []
    for text, how in arranged.met.items():
        if how == DRAWN:
            met = float(constraints.satisfied(table, arranged.schema, text).mean())
            how = f"{DRAWN}: {met:.1%} of the rows met it at first"
        out.append(f"{text}: {how}")
    return (*out, *arranged.found)


def _read(folder: Path, sampler: Sampler) -> Obedient:
    body = json.loads((folder / FILE).read_text(encoding="utf-8"))
    said = body.pop("digest", None)
    need(digest.of_json(body) == said, f"{FILE} does not fit its digest")
    need(body["format"] == FORMAT, f"format {body['format']}")
    schema = TableSchema.from_json(body["schema"])
    forms = tuple(_form(told, schema, folder, place) for place, told in enumerate(body["forms"]))
    arranged = Arrangement(str(body["name"]), schema, forms, dict(body["met"]), tuple(body["found"]))
    return Obedient(sampler, arranged, tuple(body["said"]))


def _form(told: dict[str, Any], schema: TableSchema, folder: Path, place: int) -> Form:
    kind = told["form"]
    if kind == "together":
        stored = (folder / COMBOS.format(place)).read_bytes()
        need(digest.of_bytes(stored) == told["combos"], f"{COMBOS.format(place)} does not fit its digest")
        return Together.from_json(told, schema, pa.ipc.open_file(stored).read_all())
    known: dict[str, Any] = {"gap": Gap, "formula": Formula, "shares": Shares}
    if kind not in known:
        raise LedgerError("this form of a constraint is not known", found=str(kind))
    made: Form = known[kind].from_json(told, schema)
    return made
