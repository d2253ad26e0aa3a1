"""Finds the arrangement of a table: the forms that its training rows bear, in the order of their making."""

import ast
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from mintmark.data import constraints
from mintmark.data.constraints import Constraint, Pair
from mintmark.data.dataset import Dataset
from mintmark.data.expressions import Expression, written
from mintmark.data.schema import Column, Kind, Schema, TableSchema
from mintmark.errors import DataError, RecipeError
from mintmark.generators.tabular.constraints import copies, formula, gap, moments, rearranging, shares, together, values
from mintmark.generators.tabular.constraints.arrangement import DRAWN, Arrangement, columns_of
from mintmark.generators.tabular.constraints.form import Form

FEWEST = 5
"""Of fewer rows nothing is told."""
SLACK = 0.98
"""A condition on several columns that so many rows meet by chance is left to drawing again."""
BY_CHANCE = 2000


def arrange(real: Dataset, *, avoid: Iterable[str] = (), rare: int = 5) -> Arrangement:
    """The arrangement for a table's constraints, for copies of other columns, and for moments close behind others.

    `avoid` names columns that are better left as they are. Raises DataError where `together` cannot be met.
    """
    builder = _Builder(real, frozenset(avoid), rare)
    if len(real) >= FEWEST:
        declared = [constraints.parse(text) for text in real.columns.constraints]
        for constraint in sorted(declared, key=_urgency):
            builder.meet(constraint)
        builder.find_copies()
        builder.find_close_moments()
    met = {text: builder.met.get(text, DRAWN) for text in real.columns.constraints}
    return Arrangement(real.name, real.columns, builder.ordered(), met, tuple(builder.found))


def arrange_unseen(name: str, schema: TableSchema) -> Arrangement:
    """The arrangement that can be told from the constraints alone, for methods that prove what they tell of their rows.

    Such a method learns all columns as they are, and only what it has made is mended: an equality by computing one of
    its columns, all else by drawing again. Raises DataError for `together`, whose combinations only rows can tell.
    """
    builder = _Builder(Dataset(Schema({name: schema}), {name: schema.arrow().empty_table()}), frozenset(), 1)
    for constraint in map(constraints.parse, schema.constraints):
        if constraint.form == constraints.TOGETHER:
            wrong = "a method with a formal guarantee cannot keep combinations: only rows could tell which exist"
            raise DataError(wrong, where=constraint.text, fix="leave this constraint out")
        for pair in constraint.pairs or ():
            made = [builder.computed(pair)] if pair.sign == "==" else []
            if None not in made and made and len(constraint.pairs or ()) == 1:
                builder.met[constraint.text] = f"by construction: {made[0]}"
    met = {text: builder.met.get(text, DRAWN) for text in schema.constraints}
    return Arrangement(name, schema, builder.ordered(), met)


def _urgency(constraint: Constraint) -> int:
    """Combinations first, then equalities: what can be met in one way only comes before what can in several."""
    if constraint.form:
        return 0
    return 1 if any(pair.sign == "==" for pair in constraint.pairs or ()) else 2


@dataclass
class _Builder:
    real: Dataset
    avoid: frozenset[str]
    rare: int
    forms: list[Form] = field(default_factory=list)
    met: dict[str, str] = field(default_factory=dict)
    found: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.known = columns_of(self.real.table)
        self.schema = self.real.columns

    def meet(self, constraint: Constraint) -> None:
        """Finds the form of a constraint; without one, it is met by drawing again."""
        if constraint.form == constraints.TOGETHER:
            self._together(constraint)
        elif constraint.pairs is not None and not constraint.form:
            said = [self._pair(pair) for pair in constraint.pairs]
            if None not in said:
                self.met[constraint.text] = "by construction: " + "; ".join(dict.fromkeys(filter(None, said)))

    def find_copies(self) -> None:
        """Columns that are others, but for a factor and a constant."""
        defined = {name for form in self.forms for name in form.defines}
        for name, expression in copies.found(self.known, self.schema, apart=defined):
            form = self._formula(name, expression)
            if form is not None and self._add(form):
                self.found.append(f"in all training rows {name} is {expression.text}: it is computed, not learnt")

    def find_close_moments(self) -> None:
        """Moments that follow others closely, as ends follow starts."""
        apart = self.avoid | {name for form in self.forms for name in form.defines}
        for name, start in moments.found(self.known, self.schema, apart=apart):
            form = self._gap(name, ">=", start)
            if form is not None and self._add(form):
                self.found.append(f"in all training rows {name} follows {start.text} closely: {form.said}")

    def computed(self, pair: Pair) -> str | None:
        """How an equality is met by computing what was learnt all the same; None where it cannot be."""
        for name, _, expression in rearranging.solved(pair):
            form = self._formula(name, expression)
            if isinstance(form, formula.Formula) and self._add(replace(form, kept=True)):
                return form.said
        return None

    def ordered(self) -> tuple[Form, ...]:
        """The forms, each behind those that make what it reads."""
        out: list[Form] = []
        made: set[str] = set()
        waiting = list(self.forms)
        while waiting:
            ahead = {name for form in waiting for name in form.defines}
            ready = next(form for form in waiting if not set(form.reads) & ahead)
            waiting.remove(ready)
            out.append(ready)
            made |= set(ready.defines)
        return tuple(out)

    def _together(self, constraint: Constraint) -> None:
        taken = {name for form in self.forms for name in form.defines}
        twice = sorted(taken & set(constraint.columns))
        if twice:
            raise DataError("a column stands in one combination only", where=constraint.text, found=", ".join(twice),
                            fix="write both as one: together(…) of all their columns")  # fmt: skip
        form = together.learnt(tuple(self.schema[name] for name in constraint.columns), self.known, rare=self.rare)
        if not self._add(form):
            raise DataError("a key or a group stands in no combination", where=constraint.text,
                            fix="leave it out of the constraint")  # fmt: skip
        self.met[constraint.text] = f"by construction: {form.said}"

    def _pair(self, pair: Pair) -> str | None:
        """How a comparison is met by construction; None where it is not."""
        if self._is_range(pair):
            return "the column keeps to the values that training rows show"
        for form in self._candidates(pair):
            if self._add(form):
                return form.said
        return None

    def _candidates(self, pair: Pair) -> Iterable[Form]:
        whole = rearranging.parts(pair)
        # The larger side is the smaller one and a gap: an end follows a start, and not the other way round.
        solutions = sorted(rearranging.solved(pair), key=lambda each: (each[0] in self.avoid, each[1] in ("<", "<=")))
        if pair.sign == "==" and whole is not None and (not whole[1].columns or whole[1].columns[0] in self.avoid):
            yield from filter(None, [self._shares(*whole)])
        for name, sign, expression in solutions:
            if sign == "==":
                yield from filter(None, [self._formula(name, expression)])
            elif isinstance(expression.tree, ast.Name) or self._binds(pair):
                yield from filter(None, [self._gap(name, sign, expression)])
        if whole is not None:
            yield from filter(None, [self._shares(*whole)])

    def _binds(self, pair: Pair) -> bool:
        """Would rows whose columns have nothing to do with each other break it? Else its columns are left alone."""
        condition = Expression.parse(f"{written(pair.left)} {pair.sign} {written(pair.right)}")
        rng = np.random.default_rng(0)
        some = {name: self.known[name].take(pa.array(rng.integers(len(self.real), size=BY_CHANCE)))
                for name in condition.columns}  # fmt: skip
        rows = constraints.read(pa.table(some), self.schema, condition.columns)
        return bool(constraints.holds(condition, rows, self.schema, BY_CHANCE).mean() < SLACK)

    def _formula(self, name: str, expression: Any) -> Form | None:
        if not self._exact((name, *expression.columns)):
            return None
        columns = {each: self.schema[each] for each in expression.columns}
        return formula.learnt(self.schema[name], expression, self.known, columns)

    def _gap(self, name: str, sign: str, expression: Any) -> Form | None:
        if not self._exact((name, *expression.columns)):
            return None
        columns = {each: self.schema[each] for each in expression.columns}
        spare = _spare(name, self.schema.names)
        return gap.learnt(self.schema[name], sign, expression, self.known, columns, spare=spare)

    def _shares(self, names: tuple[str, ...], whole: Any) -> Form | None:
        if not self._exact((*names, *whole.columns)):
            return None
        columns = {each: self.schema[each] for each in whole.columns}
        return shares.learnt(tuple(self.schema[name] for name in names), whole, self.known, columns)

    def _exact(self, names: Iterable[str]) -> bool:
        return all(values.exact(self.known[name], self.schema[name]) for name in names)

    def _is_range(self, pair: Pair) -> bool:
        """A column beside constants: its domain is told from rows that meet this already."""
        return is_range(pair, self.schema)

    def _add(self, form: Form) -> bool:
        """Takes a form in, unless it makes what another makes already, a key, or itself by a roundabout way."""
        taken = {name: other for other in self.forms for name in other.defines}
        fixed = {self.schema.key, self.schema.group} | {link.column for link in self.schema.parents}
        reached = set(form.reads)
        while True:
            more = {name for one in reached if one in taken for name in taken[one].reads} - reached
            if not more:
                break
            reached |= more
        if set(form.defines) & (set(taken) | fixed | reached):
            return False
        if not isinstance(form, together.Together) and not self._comes_back(form):
            return False
        self.forms.append(form)
        return True

    def _comes_back(self, form: Form) -> bool:
        """Are training rows still sound, having gone there and back?"""
        rng = np.random.default_rng(0)
        try:
            again = form.inverse(self.known, form.forward(self.known, rng))
        except (RecipeError, pa.ArrowInvalid):
            return False
        return not any(_lost(again[name], self.schema[name], self.known[name]).any() for name in form.defines)


def is_range(pair: Pair, schema: TableSchema) -> bool:
    """Is this a column beside constants, such that whatever lies between values that meet it meets it too?"""
    sides = [constraints.named(pair.left), constraints.named(pair.right)]
    name = next((side for side in sides if side is not None), None)
    if name is None or name not in schema or not constraints.constant(pair.right if sides[0] else pair.left):
        return False
    return schema[name].discrete or (schema[name].numeric and pair.sign in ("<", "<=", ">", ">=", "=="))


def _lost(again: pa.Array, column: Column, before: pa.Array) -> NDArray[np.bool_]:
    """Which values do not come back: missing ones that were there, or the other way round."""
    gone = again.is_null().to_numpy(zero_copy_only=False) != before.is_null().to_numpy(zero_copy_only=False)
    return gone | values.outside(again, column) if column.kind not in (Kind.TEXT, Kind.KEY) else gone


def _spare(name: str, taken: Iterable[str]) -> str:
    """A name for a column as itself, that no other bears."""
    spare = f"{name} alone"
    while spare in set(taken):
        spare += "_"
    return spare
