"""A chart with its name and what must be said beside it."""

from collections.abc import Callable
from dataclasses import dataclass

from markupsafe import Markup


@dataclass(frozen=True)
class Picture:
    """One chart; `notes` are plain sentences beneath it."""

    title: str
    draw: Callable[[], Markup]
    """Draws it; of many pictures only the few that are shown are drawn."""
    notes: tuple[str, ...] = ()
    distance: float | None = None
    """How far real and synthetic rows lie apart here, from 0 to 1: pictures are ordered by it."""

    @property
    def chart(self) -> Markup:
        """The drawing, as inline SVG."""
        return self.draw()
