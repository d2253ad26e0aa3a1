"""Fills in the template of a document in Markdown with all that templates may ask of a story."""

from typing import Any

from mintmark.report import words
from mintmark.report.datafiles import DataFiles
from mintmark.report.disclosure import facts, findings
from mintmark.report.markdown import render
from mintmark.report.story import Story


def written(template: str, story: Story, files: DataFiles, **more: Any) -> str:
    """The document; `more` is what its own template asks for."""
    banner = words.banner(story.decision)
    made = story.provenance
    return render(template, story=story, made=made, files=files, facts=facts, findings=findings, banner=banner, **more)
