"""The part on synthetic data of a public summary of training content, for whoever trains a general-purpose AI model.

It claims no compliance: the summary is the model provider's, of whom this record knows nothing.

Source: European Commission, Explanatory Notice and Template for the Public Summary of Training Content for
general-purpose AI models required by Article 53 (1)(d) of Regulation (EU) 2024/1689, 24 July 2025, section 2.5.
"""

from typing import Any

from mintmark.data.schema import Kind
from mintmark.report import words
from mintmark.report.datafiles import DataFiles
from mintmark.report.disclosure import facts
from mintmark.report.disclosure.writing import written
from mintmark.report.markdown import stopped
from mintmark.report.story import Story

DISCLAIMER = "This text helps to fill in a template. It is no summary by itself and claims no compliance with any law."
SECTION = "2.5 Synthetic data"
MODALITIES = ("text", "image", "audio", "video", "other")


def eu_summary(story: Story, files: DataFiles) -> str:
    """The section's questions with what can be answered from the record."""
    return written(
        "eu-summary.md",
        story,
        files,
        disclaimer=DISCLAIMER,
        section=SECTION,
        modalities=_modalities(story),
        writers=_writers(story),
        other=_other(story),
        comments=_comments(story),
    )


def eu_fields(story: Story, files: DataFiles) -> dict[str, Any]:  # noqa: ARG001 - all documents are told alike
    """The same answers by field; None where the provider of the model answers."""
    return {
        "notice": " ".join(filter(None, (facts.warning(story), DISCLAIMER))),
        "section": SECTION,
        "dataset": {"name": story.name, "digest": story.digest, "status": facts.status(story)},
        "used_to_train_the_model": None,
        "modalities": _modalities(story),
        "modality_other": "tables",
        # Whether a model is one on the market, only whoever chose it can say.
        "general_purpose_ai_models_on_the_market": None if facts.teachers(story) else [],
        "language_models": _writers(story),
        "other_ai_models": _other(story),
        "additional_comments": _comments(story),
    }


def _modalities(story: Story) -> dict[str, bool]:
    """Text where some was written; rows are tables in any case."""
    texts = any(column.kind == Kind.TEXT for table in story.schema.tables.values() for column in table.columns)
    return {name: name == "other" or (name == "text" and texts) for name in MODALITIES}


def _writers(story: Story) -> list[str]:
    """The language models that wrote rows, by the names under which they were asked."""
    return [f"Step {step} was written by the language model {name}." for step, name in facts.teachers(story).items()]


def _other(story: Story) -> list[str]:
    """What generated the data, and what that learnt from."""
    methods = [stopped(each) for each in facts.methods(story)] or ["The generator is not known."]
    return [*methods, *facts.learnt(story), *facts.distance(story)]


def _comments(story: Story) -> list[str]:
    return [*facts.size(story), facts.unseen(story), words.banner(story.decision).why]
