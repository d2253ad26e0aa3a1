"""The dataset's datasheet: the questions of its seven sections, answered as far as the record knows.

Source: Gebru et al., Datasheets for Datasets, Communications of the ACM 64, 2021, arXiv:1803.09010.
"""

from mintmark.metrics.evidence import Claim
from mintmark.report import words
from mintmark.report.datafiles import DataFiles
from mintmark.report.disclosure import facts
from mintmark.report.markdown import render
from mintmark.report.story import Story


def datasheet(story: Story, files: DataFiles) -> str:
    """The datasheet; what only its publisher can know stands there as a blank."""
    return render(
        "datasheet.md",
        story=story,
        made=story.provenance,
        files=files,
        facts=facts,
        banner=words.banner(story.decision),
        chapters=facts.chapters(story, Claim.VALIDITY, Claim.FIDELITY, Claim.COVERAGE, Claim.UTILITY),
        privacy=facts.evidence(story, Claim.PRIVACY),
        fairness=facts.evidence(story, Claim.FAIRNESS),
    )
