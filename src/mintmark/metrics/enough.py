"""How few rows are too few for an honest answer."""

from mintmark.errors import CannotMeasure
from mintmark.metrics import cells

MINIMUM = 30


def enough(minimum: int = MINIMUM, **rows: int) -> None:
    """CannotMeasure where any of the named tables has fewer rows than are needed."""
    short = {name: count for name, count in rows.items() if count < minimum}
    if short:
        # How few real rows meet the conditions of a recipe is nobody's business, and the reason leaves the house.
        found = ", ".join(f"{cells.told(count)} {name} rows" for name, count in short.items())
        least = "one row" if minimum == 1 else f"{minimum} rows"
        raise CannotMeasure(f"this needs at least {least} on each side", found=found)
