"""Numbers as a reader wants them: few digits, no exponents, the same everywhere."""

import math
from decimal import Decimal


def numeral(value: float, digits: int = 3) -> str:
    """So many significant digits; thousands are parted by commas: 0.57, 0.0113, 24,421."""
    if not math.isfinite(value):
        return "without end"
    if abs(value) >= 1000:
        return f"{value:,.0f}".replace("-", "−")
    short = Decimal(f"{value:.{digits}g}")
    return f"{short.normalize():f}".replace("-", "−") if short else "0"


def fixed(value: float, decimals: int) -> str:
    """So many digits after the point, so that numbers beside each other compare at a glance: 0.570, 0.012."""
    if not math.isfinite(value):
        return "without end"
    text = f"{value:,.{decimals}f}"
    return text.removeprefix("-") if not text.strip("-0.,") else text.replace("-", "−")


def place(value: float) -> str:
    """A place between floor (0) and ceiling (1): two digits after the point, or none where it is far off the scale."""
    return fixed(value, 2 if abs(value) < 10 else 0)


def decimals(span: float) -> int:
    """The digits after the point that tell places on a scale of this length apart."""
    return min(8, max(0, 1 + math.ceil(-math.log10(span / 1.2)))) if span > 0 else 2


def percent(share: float, digits: int = 1) -> str:
    """A share as per cent: 3.1 %."""
    text = f"{100 * share:.{digits}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return f"{'0' if text == '-0' else text.replace('-', '−')}\u00a0%"


def ticks(low: float, high: float, about: int = 4) -> list[float]:
    """Round numbers between two ends, about so many."""
    step = nice_step((high - low) / about)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [float(f"{index * step:.12g}") for index in range(first, last + 1)]


def nice_step(rough: float) -> float:
    """The smallest of 1, 2, 2.5 and 5 times a power of ten that is at least as large."""
    if not rough > 0 or not math.isfinite(rough):
        return 1.0
    power = 10.0 ** math.floor(math.log10(rough))
    return next(
        float(f"{factor * power:.12g}") for factor in (1, 2, 2.5, 5, 10) if factor * power >= rough * (1 - 1e-9)
    )
