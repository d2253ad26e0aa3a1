"""Flan: rows as prompts, alone, behind examples, or with reasoning, and some turned round (Longpre et al. 2023)."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass as plain
from functools import cached_property
from pathlib import Path
from typing import Annotated, ClassVar, Literal

import numpy as np
import pyarrow as pa
from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass

from mintmark.data.dataset import Dataset
from mintmark.data.schema import Column, Kind, TableSchema
from mintmark.errors import DataError, RecipeError
from mintmark.generators import storage
from mintmark.generators.text import tables, templates
from mintmark.generators.text.templates import PLACES, Template

METHOD = "text.flan"
Style = Literal["zero_shot", "few_shot", "chain_of_thought", "few_shot_chain_of_thought"]
STYLES: tuple[Style, ...] = ("zero_shot", "few_shot", "chain_of_thought", "few_shot_chain_of_thought")
SHARES: Mapping[Style, float] = {
    "zero_shot": 0.4, "few_shot": 0.4, "chain_of_thought": 0.1, "few_shot_chain_of_thought": 0.1,
}  # fmt: skip
Side = Literal["zero_shot", "chain_of_thought", "few_shot_chain_of_thought", "inverted_input", "inverted_instruction",
               "inverted_reasoning"]  # fmt: skip
Example = Mapping[str, str]
"""A row by the places of templates, and its task; what it lacks is not there."""


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class Flan:
    """Flan: rows as prompts, alone, behind examples, or with reasoning, and some turned round (Longpre et al. 2023).

    Every row of the training data, or of `given`, is put into a template that is drawn. Shares of styles hold among
    those that a row can have: reasoning takes a column of it, examples take other rows of the same task, and examples
    with reasoning (few-shot chain of thought, Wei et al. 2022) take both. At a rate of `inverted` the answer is shown
    and what it answers is asked for. No model is asked.
    """

    instruction: str | None = None
    """The column that says what to do."""
    input: str | None = None
    """The column with what it is to be done to. One of both is needed."""
    output: str = "output"
    reasoning: str | None = None
    task: str | None = None
    """The column that names the task: examples come from rows of the same one. Without it all rows are one task."""
    shares: Mapping[Style, Annotated[float, Field(ge=0)]] = Field(default_factory=lambda: dict(SHARES))
    inverted: Annotated[float, Field(ge=0, le=1)] = 0.3
    fewest: Annotated[int, Field(ge=1)] = 2
    most: Annotated[int, Field(ge=1)] = 5
    """Examples before a row of `few_shot` and `few_shot_chain_of_thought`."""
    templates: Mapping[Side, tuple[str, ...]] = Field(default_factory=dict)
    """In place of those in `prompts/flan_SIDE.txt`."""

    origin: ClassVar[str] = "augmented"
    talks: ClassVar[bool] = False
    assumes: ClassVar[tuple[str, ...]] = (
        "Rows are real, and stand in the prompts word for word, those of others as examples too.",
        "What an answer answers can be told from it: where many inputs have one output, a turned row teaches a guess.",
    )

    def __post_init__(self) -> None:
        if self.instruction is None and self.input is None:
            raise RecipeError("nothing is asked", where="input", fix="name a column: instruction, input, or both")
        if self.fewest > self.most:
            raise RecipeError("more examples are needed than there may be", where="fewest", found=str(self.fewest),
                              fix=f"at most {self.most}")  # fmt: skip
        if not any(self.shares.values()):
            raise RecipeError("no style has a share", where="shares", fix=f"choose from {', '.join(STYLES)}")
        for side in self.templates:
            if not self.of(side):
                raise RecipeError("no template", where=f"templates.{side}", fix="name one, or leave it out")

    def of(self, side: Side) -> tuple[Template, ...]:
        """The templates of a side."""
        ours = self.templates.get(side)
        return templates.named(f"flan_{side}") if ours is None else tuple(map(Template.of, ours))

    def fit(self, real: Dataset | None, *, rng: np.random.Generator) -> "Mixer":  # noqa: ARG002 (nothing is drawn)
        """Reads rows, where there are any; those that lack an output, or whatever it answers, are told and left."""
        there = tables.holds(real, *self.columns.values())
        if there is None:
            return Mixer(self, ())
        rows = list(_examples(self, there))
        kept = [row for row in rows if row]
        left = len(rows) - len(kept)
        return Mixer(self, tuple(kept), (f"{left:,} rows lack an output, or what it answers",) if left else ())

    def load(self, folder: Path) -> "Mixer":
        """Reads what `Mixer.save` wrote; LedgerError where it was altered."""
        body, _ = storage.read(folder, METHOD)
        with storage.reading(folder):
            return Mixer(self, tuple(body["rows"]), tuple(body["notes"]))

    @property
    def columns(self) -> dict[str, str]:
        """The columns that are read, by the places that they fill."""
        named = {place: getattr(self, place) for place in (*PLACES, "task")}
        return {place: column for place, column in named.items() if column is not None}


@plain(frozen=True)
class Mixer:
    """The rows, by task."""

    recipe: Flan
    rows: tuple[Example, ...]
    notes: tuple[str, ...] = ()

    @cached_property
    def schema(self) -> TableSchema:
        """Prompt, answer, style, whether it is turned round, and how many examples are shown."""
        return TableSchema(_made(nullable=False))

    def schema_with(self, given: TableSchema | None) -> TableSchema:
        """What `sample` returns. ConditionError where a name stands twice."""
        return self.schema if given is None else tables.joined(given, _made(nullable=True))

    def sample(self, count: int, *, rng: np.random.Generator, given: Dataset | None = None) -> Dataset:
        """Puts every row into one template before any into another; DataError where there is none."""
        if given is None:
            if not self.rows:
                fix = f"name real data with columns {', '.join(self.recipe.columns.values())}"
                raise DataError(
                    f"{METHOD} has no rows", found="neither given rows nor training rows that answer", fix=fix
                )
            drawn = _Drawn(self.recipe, self.rows, rng)
            chosen = [self.rows[place] for place in _cycled(len(self.rows), count, rng)]
            return tables.dataset(self.schema, [drawn.row(each) for each in chosen])
        shown = list(_examples(self.recipe, given))
        drawn = _Drawn(self.recipe, self.rows or [each for each in shown if each], rng)
        made = [drawn.row(each) if each else {} for each in shown]
        return tables.completed(given, _made(nullable=True), made)

    def save(self, folder: Path) -> None:
        """Writes `model.json`."""
        storage.write(folder, METHOD, {"rows": [dict(row) for row in self.rows], "notes": list(self.notes)})


class _Drawn:
    """Draws style, direction, template and examples for rows."""

    def __init__(self, recipe: Flan, pool: Sequence[Example], rng: np.random.Generator) -> None:
        self._recipe, self._rng = recipe, rng
        self._pool: dict[str, list[Example]] = defaultdict(list)
        self._reasoned: dict[str, list[Example]] = defaultdict(list)
        for each in pool:
            self._pool[each.get("task", "")].append(each)
            if "reasoning" in each:
                self._reasoned[each.get("task", "")].append(each)
        self._sides: dict[str, tuple[Template, ...]] = {}

    def row(self, example: Example) -> dict[str, object]:
        """One row as a prompt and its answer."""
        shots: dict[Style, list[Example]] = {"few_shot": self._shots(example, self._pool)}
        if "reasoning" in example:
            shots["few_shot_chain_of_thought"] = self._shots(example, self._reasoned)
        style = self._style(example, shots)
        turned = bool(self._rng.random() < self._recipe.inverted)
        template = self._template(_side(style, turned, example))
        asked, answered = template.fill(example)
        before = shots.get(style, [])
        told = ["\n".join(template.fill(each)) for each in before]
        return {"prompt": "\n\n".join([*told, asked]), "answer": answered, "style": style, "inverted": turned,
                "examples": len(before)}  # fmt: skip

    def _style(self, example: Example, shots: Mapping[Style, Sequence[Example]]) -> Style:
        alone = {"zero_shot": True, "chain_of_thought": "reasoning" in example}
        shares = [self._recipe.shares.get(style, 0.0) * bool(alone.get(style) or shots.get(style)) for style in STYLES]
        if not sum(shares):
            return "zero_shot"
        return STYLES[self._rng.choice(len(STYLES), p=np.array(shares) / sum(shares))]

    def _template(self, side: Side) -> Template:
        known = self._sides.setdefault(side, self._recipe.of(side))
        return known[self._rng.integers(len(known))]

    def _shots(self, example: Example, pools: Mapping[str, list[Example]]) -> list[Example]:
        """Other rows of its task that have what it has, in an order that is drawn; none where they are too few."""
        recipe, pool = self._recipe, pools.get(example.get("task", ""), [])
        wanted = int(self._rng.integers(recipe.fewest, recipe.most + 1))
        # Some more than are wanted: the row itself, its copies, and rows of another form are not shown.
        if not pool:
            return []
        others = (pool[place] for place in self._rng.choice(len(pool), min(len(pool), 4 * wanted + 8), replace=False))
        fit = [one for one in others if ("input" in one) == ("input" in example) and not _same(one, example)]
        return fit[:wanted] if len(fit) >= recipe.fewest else []


def _side(style: Style, turned: bool, example: Example) -> Side:
    if style in ("chain_of_thought", "few_shot_chain_of_thought"):
        return "inverted_reasoning" if turned else style
    if not turned:
        return "zero_shot"
    return "inverted_input" if "input" in example else "inverted_instruction"


def _same(one: Example, other: Example) -> bool:
    return all(one.get(place) == other.get(place) for place in ("instruction", "input"))


def _examples(recipe: Flan, data: Dataset) -> Iterator[Example | None]:
    """Rows by the places that they fill; None where one lacks its output, or whatever it answers."""
    for column in recipe.columns.values():
        tables.texts(data, column, METHOD)
    for row in tables.rows_of(data):
        held = {place: (row[column] or "").strip() for place, column in recipe.columns.items()}
        there = {place: text for place, text in held.items() if text}
        yield there if "output" in there and ("instruction" in there or "input" in there) else None


def _cycled(rows: int, count: int, rng: np.random.Generator) -> Iterator[int]:
    """Places of rows in an order that is drawn, each once before any again."""
    for start in range(0, count, rows):
        yield from rng.permutation(rows)[: count - start].tolist()


def _made(*, nullable: bool) -> tuple[Column, ...]:
    style = Column("style", Kind.CATEGORY, pa.string(), nullable=nullable, levels=STYLES)
    turned = Column("inverted", Kind.BOOLEAN, pa.bool_(), nullable=nullable, levels=("false", "true"))
    number = Column("examples", Kind.NUMBER, pa.int64(), nullable=nullable, decimals=0)
    return tables.text("prompt", nullable=nullable), tables.text("answer", nullable=nullable), style, turned, number
