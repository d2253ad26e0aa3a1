"""The dataset's datasheet: the questions of its seven sections, answered as far as the record knows.

Source: Gebru et al., Datasheets for Datasets, Communications of the ACM 64, 2021, arXiv:1803.09010.
"""

from mintmark.metrics.evidence import Claim
from mintmark.report.datafiles import DataFiles
from mintmark.report.disclosure import findings
from mintmark.report.disclosure.writing import written
from mintmark.report.story import Story


def datasheet(story: Story, files: DataFiles) -> str:
    """The datasheet; what only its publisher can know stands there as a blank."""
    return written(
        "datasheet.md",
        story,
        files,
        chapters=findings.chapters(story, Claim.VALIDITY, Claim.FIDELITY, Claim.COVERAGE, Claim.UTILITY),
        privacy=findings.evidence(story, Claim.PRIVACY),
        fairness=findings.evidence(story, Claim.FAIRNESS),
    )
