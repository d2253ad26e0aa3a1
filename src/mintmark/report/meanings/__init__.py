"""What scores mean for a person, in a sentence each; one file per claim."""

from collections.abc import Callable

from mintmark.metrics.evidence import Evidence
from mintmark.report.meanings import coverage, fairness, fidelity, shortcuts, utility, writing
from mintmark.report.meanings.beside import beside

__all__ = ["MEANINGS", "beside", "writing"]

MEANINGS: dict[str, Callable[[Evidence], str]] = {
    **fidelity.MEANINGS,
    **coverage.MEANINGS,
    **utility.MEANINGS,
    **fairness.MEANINGS,
    **shortcuts.MEANINGS,
    **writing.MEANINGS,
}
"""By the metric's name."""
