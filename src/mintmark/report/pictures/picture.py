"""A chart with its name and what must be said beside it."""

from dataclasses import dataclass

from markupsafe import Markup


@dataclass(frozen=True)
class Picture:
    """One chart; `notes` are plain sentences beneath it."""

    title: str
    chart: Markup
    notes: tuple[str, ...] = ()
    distance: float | None = None
    """How far real and synthetic rows lie apart here, from 0 to 1: pictures are ordered by it."""
