"""What the card of a model that learns from this data says of its training data: a part to be put into that card.

Sources: Mitchell et al., Model Cards for Model Reporting, FAT* 2019, section "Training Data"; huggingface_hub,
modelcard_template.md, "Training Details".
"""

from mintmark.report.datafiles import DataFiles
from mintmark.report.disclosure import findings
from mintmark.report.disclosure.writing import written
from mintmark.report.story import Story


def model_card(story: Story, files: DataFiles) -> str:
    """The section, headed as the hub's template heads it."""
    return written(
        "model-card.md",
        story,
        files,
        scores=findings.evidence(story),
    )
