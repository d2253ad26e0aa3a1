"""What several documents say of one dataset: plain sentences from its story, and nothing that it does not hold.

What a person alone can know (who made it, for whom, who looks after it) is left to the publisher.
"""

from collections.abc import Mapping
from typing import Any

from mintmark.data.sources.released import SIDE
from mintmark.gate import Status
from mintmark.report import words
from mintmark.report.evidence import public
from mintmark.report.numerals import percent
from mintmark.report.story import Story

GAPS = {
    "annotation": "labels are scarce",
    "privacy": "the real rows cannot be handed on",
    "imbalance": "one class is much rarer than the others",
    "rarity": "some cases are rare",
    "coverage": "some kinds of cases are missing",
    "bias": "groups of people are not represented or served alike",
    "volume": "there are too few rows",
}
"""The gap that a recipe names, as a reason."""

USES = {
    "augment": "to stand beside real data",
    "replace": "to take the place of real data",
    "share": "to be handed on to others",
    "test": "to test software",
    "study": "to be looked at and studied",
}
"""What becomes of the data."""


def released(story: Story) -> bool:
    """Did the gate let it pass?"""
    return story.decision is not None and story.decision.released


def status(story: Story) -> str:
    """How its decision ended."""
    return str(story.decision.status) if story.decision else "not judged"


def warning(story: Story) -> str:
    """What a reader must know of data that the gate did not let pass; nothing where it did."""
    if released(story):
        return ""
    if story.decision is not None and story.decision.status == Status.UNVALIDATED:
        return "This data is unvalidated: no score below was checked against real data that the generator did not see."
    return "This data was not let out. Do not use it, and do not hand it on, as if it had passed."


def purpose(story: Story) -> list[str]:
    """Why it was made and what becomes of it, in sentences."""
    told = []
    gap, use, task = story.purpose.get("gap"), story.purpose.get("use"), story.purpose.get("task")
    if gap in GAPS:
        told.append(f"It was made because {GAPS[gap]} (gap: {gap}).")
    if use in USES:
        told.append(f"It is meant {USES[use]} (use: {use}).")
    if isinstance(task, Mapping) and task.get("target"):
        told.append(f"What is to be predicted from it is the column {task['target']}.")
    return told


def task_kind(story: Story) -> str | None:
    """classification or regression: as the recipe says, or as the target's column tells."""
    task = story.purpose.get("task")
    stated = task.get("kind") if isinstance(task, Mapping) else None
    if stated in ("classification", "regression"):
        return str(stated)
    found = [c for table in story.schema.tables.values() for c in table.columns if c.name == target(story)]
    return None if not found else "regression" if found[0].numeric else "classification" if found[0].discrete else None


def target(story: Story) -> str | None:
    """The column that is to be predicted."""
    task = story.purpose.get("task")
    return story.target or (task.get("target") if isinstance(task, Mapping) else None)


def recipe(story: Story) -> Mapping[str, Any]:
    """The recipe without what is only the maker's business; empty where the data came without one."""
    found = public(story.provenance.recipe)
    return found if isinstance(found, Mapping) else {}


def real(story: Story) -> Mapping[str, Any]:
    """What the recipe says of the real data."""
    found = recipe(story).get("real")
    return found if isinstance(found, Mapping) else {}


def licence(story: Story) -> str | None:
    """The licence that the recipe names."""
    found = (recipe(story).get("release") or {}).get("license")
    return str(found) if found else None


def size(story: Story) -> list[str]:
    """How many rows and columns each table has."""
    return [
        f"{name}: {_counted(story.rows[name], 'row')}, {_counted(len(table.columns), 'column')}"
        for name, table in story.schema.tables.items()
    ]


def methods(story: Story) -> list[str]:
    """Each generator that took part, with what it is."""
    made = story.provenance
    if not made.methods:
        return [made.generator] if made.generator else []
    return [f"{name}: {caption}" if caption else name for name, caption in made.methods.items()]


def teachers(story: Story) -> dict[str, str]:
    """For each step that asked a language model, the name under which it was asked."""
    out = {}
    for step, parameters in story.provenance.parameters.items():
        model = parameters.get("model") if isinstance(parameters, Mapping) else None
        if isinstance(model, Mapping) and "use" in model:
            own = model.get("parameters") or {}
            out[step] = str(own.get("model") or own.get("path") or model["use"])
    return out


def learnt(story: Story) -> list[str]:
    """What the generator learnt from, and how that is known."""
    if "train" not in story.provenance.inputs:
        return ["The generator learnt from no rows."] if story.provenance.recipe is not None else []
    source, descent = real(story).get("from"), story.provenance.descent
    told = [f"The generator learnt from rows of {source}."] if source else []
    return [*told, words.reason(descent or "it is not known whether the rows are real")]


def collected(story: Story) -> str:
    """Whether any of its rows was collected."""
    if not story.outside_rows:
        return "Synthetic data: its rows were generated, not collected."
    total = sum(story.rows.values())
    return (
        f"Real and synthetic data: {story.outside_rows:,} of its {total:,} rows are real, or rows of which nobody says "
        f"what they are, as they stood in the data; the others were generated. `{SIDE}` names them."
    )


def distance(story: Story) -> list[str]:
    """How far from the world it is."""
    made = story.provenance
    depth = "not known" if made.depth is None else str(made.depth)
    share = "not known" if made.real_share is None else percent(made.real_share)
    return [f"Generations between this data and the world: {depth}.", f"Real rows among the released ones: {share}."]


def unseen(story: Story) -> str:
    """Whether real rows were kept back to judge by."""
    if "holdout" in story.provenance.inputs:
        return (
            "Real rows that no generator saw were kept back before anything was made, and the scores were measured "
            "with them. They are no part of this data."
        )
    return "No real rows were kept back, so nothing here was checked against real data that the generator did not see."


def preparation(story: Story) -> list[str]:
    """What was done to the real rows before they were learnt from, and to the columns of the result."""
    of = real(story)
    told = []
    if of.get("drop"):
        told.append(f"These columns of the real data were left out: {', '.join(of['drop'])}.")
    if of.get("tolerate"):
        told.append(
            f"Real rows that break the constraints were left out; up to {percent(of['tolerate'])} of them may do so."
        )
    if of.get("missing"):
        told.append(f"These texts were read as missing values: {', '.join(map(repr, of['missing']))}.")
    if of.get("constraints"):
        told.append(f"Every row was made to meet: {'; '.join(map(str, of['constraints']))}.")
    for name, step in sorted((recipe(story).get("steps") or {}).items()):
        if step.get("where"):
            told.append(f"Step {name} made rows under conditions on: {', '.join(step['where'])}.")
    told += [
        f"Values of {name} ({what}) were made anew, not taken from the real data."
        for name, what in personal(story).items()
    ]
    return told


def personal(story: Story) -> dict[str, str]:
    """Columns that say who somebody is, with what they say: their values were made anew."""
    tables = story.schema.tables.values()
    return {c.name: str(c.personal).replace("_", " ") for table in tables for c in table.columns if c.personal}


def missing(story: Story) -> list[str]:
    """Where values are missing, and how often."""
    found = [
        (f"{table}: {column}" if len(story.schema.tables) > 1 else column, share)
        for table, columns in (story.missing or {}).items()
        for column, share in columns.items()
    ]
    return [f"{name}: {percent(share)} of the rows" for name, share in found]


def related(story: Story) -> bool:
    """Does the schema say that rows belong to each other?"""
    return any(table.parents or table.group for table in story.schema.tables.values())


def shown_missing(story: Story, table: str, column: str) -> str:
    """How often one column has no value, in a cell of a table."""
    if story.missing is None:
        return "not counted"
    share = story.missing.get(table, {}).get(column)
    return percent(share) if share else "none"


def unsuited(story: Story) -> list[str]:
    """What it is not for."""
    told = [
        f"decisions about single people: no {'made row' if story.outside_rows else 'row'} stands for one",
        "questions that were not measured above",
        "conclusions about real data that are not checked on real data",
    ]
    if not released(story):
        told.insert(0, "anything that relies on its having passed: it has not")
    if story.provenance.depth is not None and story.provenance.depth > 1:
        told.append("training a further generation: this data is already some generations away from real data")
    return told


def accepted(story: Story) -> list[str]:
    """What the check of the plan found and the writer of the recipe accepted, each with their reason."""
    return [f"{code}: {why}" for code, why in sorted((recipe(story).get("accept") or {}).items())]


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"
