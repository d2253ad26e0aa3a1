"""All pictures of a dataset, chosen and put in order."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mintmark.metrics.evidence import Evidence
from mintmark.report.pictures.fields import rows
from mintmark.report.pictures.grid import Grid, correlations, differences
from mintmark.report.pictures.marginals import marginal
from mintmark.report.pictures.pairing import pairs
from mintmark.report.pictures.picture import Picture
from mintmark.report.pictures.tails import tails
from mintmark.report.pictures.told import Exhibit, exhibits
from mintmark.report.story import Story

MOST_COLUMNS = 24
"""Columns that are pictured, the worst first."""


@dataclass(frozen=True)
class Album:
    """The pictures, and how many columns could not or need not be shown."""

    real_rows: int
    marginals: tuple[Picture, ...]
    left_out: int
    unpictured: tuple[str, ...]
    """Keys and free text."""
    tails: tuple[Picture, ...]
    differences: Grid | None
    correlations: Grid | None
    exhibits: tuple[Exhibit, ...]

    @classmethod
    def of(cls, story: Story) -> "Album":
        """Draws everything that the story's data and details allow."""
        found = _distances(story)
        columns = list(pairs(story.synthetic, story.real))
        drawn = {pair.title: marginal(pair, found) for pair in columns}
        pictures = sorted(
            (picture for picture in drawn.values() if picture),
            key=lambda picture: (-(picture.distance or 0.0), picture.title),
        )
        shown = [picture.title for picture in pictures[:MOST_COLUMNS]]
        worst_first = sorted(
            (pair for pair in columns if pair.title in shown), key=lambda pair: shown.index(pair.title)
        )
        return cls(
            real_rows=len(story.real) if story.real else 0,
            marginals=tuple(pictures[:MOST_COLUMNS]),
            left_out=len(pictures[MOST_COLUMNS:]),
            unpictured=tuple(title for title, picture in drawn.items() if picture is None),
            tails=tuple(tails(columns)),
            differences=differences(_details(story, "fidelity.pairs")),
            correlations=correlations(worst_first),
            exhibits=tuple(exhibits(story.findings)),
        )


def _distances(story: Story) -> Mapping[str, float]:
    """What `fidelity.marginals` measured for each column, where it was asked."""
    columns = rows(_details(story, "fidelity.marginals").get("columns"), column=str, distance=float)
    return {row["column"]: float(row["distance"]) for row in columns}


def _details(story: Story, metric: str) -> Mapping[str, Any]:
    found = (f for f in story.findings if isinstance(f, Evidence) and f.metric == metric)
    return next((evidence.reading.details for evidence in found), {})
