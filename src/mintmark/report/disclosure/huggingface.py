"""The README of a dataset on the Hugging Face hub: front matter for its loaders, and the sections of its template.

Sources: huggingface/hub-docs, datasetcard.md; huggingface_hub, datasetcard_template.md.
"""

from mintmark.metrics.evidence import Claim
from mintmark.report.datafiles import DataFiles
from mintmark.report.disclosure import findings
from mintmark.report.disclosure.front import front
from mintmark.report.disclosure.writing import written
from mintmark.report.story import Story


def huggingface(story: Story, files: DataFiles) -> str:
    """The README; the hub finds the data files by its front matter."""
    body = written(
        "huggingface.md",
        story,
        files,
        scores=findings.evidence(story),
        privacy=findings.evidence(story, Claim.PRIVACY),
        fairness=findings.evidence(story, Claim.FAIRNESS),
    )
    return f"{front(story, files)}\n\n{body}"
