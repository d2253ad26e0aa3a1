"""One number as people and models write it, read exactly: 1,234.50, $5, 50 %, 1 1/2, 1.5e3, 2 × 10^3, 1.2 million."""

import re
from dataclasses import dataclass
from fractions import Fraction

LONGEST = 200
"""Characters; and the largest power of ten. What is longer is no answer, and would cost time to compute with."""

_PLAIN = r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?|\.\d+"
_NUMBER = re.compile(
    rf"""
    (?<![\w.,/^:])(?P<sign>[-+]|(?:minus|negative)\s+)?\s*(?P<money>[$€£¢])?\s*(?P<inner>[-+])?
    (?: (?P<whole>\d+)\s+(?P<upper>\d+)\s*/\s*(?P<lower>\d+)
      | (?P<over>{_PLAIN})\s*/\s*(?P<under>{_PLAIN})
      | (?P<plain>{_PLAIN})(?:[eE](?P<power>[-+]?\d+)|\s*[×x*]\s*10\s*\^\s*[{{(]?\s*(?P<raised>[-+]?\d+)[)}}]?)?
    )
    (?![\d^]|[.,/:]\d)\s*
    (?P<scale>thousand|million|billion|trillion)?\s*
    (?P<percent>%|percent\b|per\s+cent\b)?\s*
    (?P<unit>[A-Za-z°€$£¢]+)?
    """,
    re.VERBOSE | re.IGNORECASE,
)
_SCALES = {"thousand": 3, "million": 6, "billion": 9, "trillion": 12}
_HALVES = {
    "½": "1/2",
    "⅓": "1/3",
    "⅔": "2/3",
    "¼": "1/4",
    "¾": "3/4",
    "⅕": "1/5",
    "⅛": "1/8",
    "⅜": "3/8",
    "⅝": "5/8",
    "⅞": "7/8",
}
# Hedges that make of a number something else than that number.
_HEDGED = re.compile(
    r"\b(?:not|never|cannot|or|between|(?:more|less|fewer|greater)\s+than|at\s+(?:least|most)|up\s+to|over|under)\b"
    r"|n't\b|[<>≤≥±?]|\\[lg]eq?\b|\\pm\b",
    re.IGNORECASE,
)
_UNITS = {
    alias: name
    for name, aliases in {
        "dollar": "$ dollar dollars usd",
        "euro": "€ euro euros eur",
        "pound sterling": "£ gbp",
        "cent": "¢ cent cents",
        "kilometre": "km kilometer kilometers kilometre kilometres",
        "metre": "m meter meters metre metres",
        "centimetre": "cm centimeter centimeters centimetre centimetres",
        "millimetre": "mm millimeter millimeters",
        "mile": "mile miles mi",
        "foot": "ft foot feet",
        "inch": "inch inches",
        "kilogram": "kg kilogram kilograms",
        "gram": "g gram grams",
        "second": "s sec secs second seconds",
        "minute": "min mins minute minutes",
        "hour": "h hr hrs hour hours",
        "day": "day days",
        "week": "week weeks",
        "month": "month months",
        "year": "year years yr yrs",
    }.items()
    for alias in aliases.split()
}


@dataclass(frozen=True)
class Quantity:
    """A number, exactly, with what it is of where that is one of the common units."""

    value: Fraction
    percent: bool = False
    unit: str | None = None


def quantity(text: str) -> Quantity | str:
    """The one number of a text, or the reason why there is not just one."""
    if len(text) > LONGEST:
        return "is too long for a number"
    cleaned = _cleaned(text)
    if _HEDGED.search(cleaned):
        return "does not commit itself to a number"
    # Of an equation, what it comes to.
    cleaned = cleaned.rpartition("=")[2]
    found = list(_NUMBER.finditer(cleaned))
    if len(found) != 1 or re.search(r"\d", cleaned[: found[0].start()] + cleaned[found[0].end() :]):
        return "gives several numbers" if re.search(r"\d", cleaned) else "gives no number"
    return _read(found[0])


def _read(match: re.Match[str]) -> Quantity | str:
    part = match.groupdict()
    power = int(part["power"] or part["raised"] or 0) + _SCALES.get((part["scale"] or "").lower(), 0)
    if abs(power) > LONGEST:
        return "is too large or small a number"
    if part["whole"]:
        over, under, first = part["upper"], part["lower"], Fraction(part["whole"])
    else:
        over, under, first = part["over"] or part["plain"], part["under"] or "1", Fraction(0)
    divisor = Fraction(under.replace(",", ""))
    if divisor == 0:
        return "divides by nothing"
    value = (first + Fraction(over.replace(",", "")) / divisor) * Fraction(10) ** power
    signs = (part["sign"] or "").strip().lower() in ("-", "minus", "negative"), part["inner"] == "-"
    unit = _UNITS.get(part["money"] or (part["unit"] or "").lower())
    return Quantity(-value if sum(signs) == 1 else value, percent=bool(part["percent"]), unit=unit)


def _cleaned(text: str) -> str:
    """Without the marks of Markdown and LaTeX."""
    text = re.sub(r"\\(?:text|mathrm|mbox|textbf|mathbf)\s*\{([^{}]*)\}", r" \1 ", text)
    text = re.sub(r"\\[dt]?frac\s*\{\s*(-?[\d.,]+)\s*\}\s*\{\s*([\d.,]+)\s*\}", r" \1/\2 ", text)
    text = re.sub(
        r"\\(?:left|right)\b|\\[()\[\],;:! ]|\*\*|[`{}~]", " ", re.sub(r"\^\s*\{\s*([-+]?\d+)\s*\}", r"^\1", text)
    )
    text = re.sub(r"\\(?:times|cdot)\b", "×", text.replace("\\%", "%").replace("\\$", "$"))
    # A pair of dollar signs is LaTeX, a single one is money.
    text = re.sub(r"\$([^$]*)\$", r" \1 ", text)
    for sign, words in _HALVES.items():
        text = text.replace(sign, f" {words}")
    return re.sub(r"[\u2212\u2013]", "-", re.sub(r"[\u00a0\u2009\u202f]", " ", text))
