"""A section on synthetic data for the technical file of a medical device; it claims no compliance.

Sources: Regulation (EU) 2017/745, Annex II, section 6.1 (b); FDA, Health Canada, MHRA, Good Machine Learning Practice
for Medical Device Development: Guiding Principles, 2021; IMDRF/AIML WG/N88 FINAL:2025, of the same name.
"""

from mintmark.metrics.evidence import Claim
from mintmark.report.datafiles import DataFiles
from mintmark.report.disclosure import findings
from mintmark.report.disclosure.writing import written
from mintmark.report.story import Story


def technical_file(story: Story, files: DataFiles) -> str:
    """Method, purpose, validation, the independent test with real data, limitations and traceability."""
    return written(
        "technical-file.md",
        story,
        files,
        scores=findings.evidence(story),
        fairness=findings.evidence(story, Claim.FAIRNESS),
        coverage=findings.evidence(story, Claim.COVERAGE),
    )
