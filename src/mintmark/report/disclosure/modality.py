"""What kinds of data a dataset holds and which tasks it serves, in the words of the Hugging Face hub, by its columns.

Source: huggingface/hub-docs, datasetcard.md (tags, task_categories); huggingface.js, the list of tasks.
"""

from collections.abc import Iterable
from itertools import chain

from mintmark.data import chat
from mintmark.data.schema import Column, Kind, TableSchema
from mintmark.errors import InputError
from mintmark.report.datafiles import DataFiles
from mintmark.report.disclosure import facts
from mintmark.report.story import Story

CHAT = "chat"
_MEASURED = frozenset((Kind.NUMBER, Kind.ORDERED, Kind.DATETIME, Kind.DATE, Kind.TIME, Kind.DURATION, Kind.GEO))
"""Kinds that make a table of what else were texts with labels; a category, or a mark, beside a text is its label."""


def modalities(story: Story) -> tuple[str, ...]:
    """Of `text`, `tabular` and `geospatial` those that its columns hold; a table of whatever else is `tabular`."""
    kinds = {column.kind for column in _columns(story)}
    is_text = Kind.TEXT in kinds
    held = {"text": is_text, "tabular": not is_text or bool(kinds & _MEASURED), "geospatial": Kind.GEO in kinds}
    return tuple(name for name, there in held.items() if there)


def keywords(story: Story, files: DataFiles) -> list[str]:
    """By which people find it: that it is synthetic, what it holds, and who made it."""
    talk = [CHAT] if _is_chat(story, files) else []
    return ["synthetic", *modalities(story), *talk, "mintmark"]


def tasks(story: Story) -> list[str]:
    """The tasks of the hub: those of the target that the recipe names, or else what its texts are written for."""
    found, kind = modalities(story), facts.task_kind(story)
    if kind:
        told = [f"tabular-{kind}"] if "tabular" in found else []
        # The hub has a task of its own for classes of texts, and none for numbers that are told from texts.
        return told + (["text-classification"] if "text" in found and kind == "classification" else [])
    if "text" not in found:
        return []
    asked = any({"question", "answer"} <= _texts(table) for table in story.schema.tables.values())
    return (["question-answering"] if asked else []) + ["text-generation"]


def _is_chat(story: Story, files: DataFiles) -> bool:
    """Is it a conversation, by the files that were written or by its columns?"""
    if any(name.endswith(f".{form}.jsonl") for name in files.names for form in chat.FORMS):
        return True
    return any(map(_holds_talk, story.schema.tables.values()))


def _holds_talk(table: TableSchema) -> bool:
    try:
        chat.Roles.of(sorted(_texts(table)), {})
    except InputError:
        return False
    return True


def _texts(table: TableSchema) -> set[str]:
    return {column.name for column in table.columns if column.kind == Kind.TEXT}


def _columns(story: Story) -> Iterable[Column]:
    return chain.from_iterable(table.columns for table in story.schema.tables.values())
