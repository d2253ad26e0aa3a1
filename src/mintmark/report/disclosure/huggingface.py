"""The README of a dataset on the Hugging Face hub: front matter for its loaders, and the sections of its template.

Sources: huggingface/hub-docs, datasetcard.md; huggingface_hub, datasetcard_template.md.
"""

from mintmark.metrics.evidence import Claim
from mintmark.report import words
from mintmark.report.datafiles import DataFiles
from mintmark.report.disclosure import facts
from mintmark.report.disclosure.front import front
from mintmark.report.markdown import render
from mintmark.report.story import Story


def huggingface(story: Story, files: DataFiles) -> str:
    """The README; the hub finds the data files by its front matter."""
    body = render(
        "huggingface.md",
        story=story,
        made=story.provenance,
        files=files,
        facts=facts,
        banner=words.banner(story.decision),
        scores=facts.evidence(story),
        privacy=facts.evidence(story, Claim.PRIVACY),
        fairness=facts.evidence(story, Claim.FAIRNESS),
    )
    return f"{front(story, files)}\n\n{body}"
