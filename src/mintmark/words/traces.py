"""What names a person within running text: addresses and numbers that prove themselves by form or check digit."""

import ipaddress
import re
from collections.abc import Iterator

from mintmark.data import checksums
from mintmark.data.schema import Personal

_FORMS = {
    Personal.EMAIL: re.compile(r"[^\s@<>,;:()\"'\[\]]+@[^\s@<>,;:()\"'\[\]]+\.[^\W\d_]{2,}"),
    Personal.IBAN: re.compile(r"\b[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]{4}){2,7}(?:[ -]?[A-Z0-9]{1,3})?\b"),
    Personal.CARD: re.compile(r"(?<![\d.-])(?<!\d )[2-6]\d{3}(?:[ -]?\d{2,6}){2,4}(?![ \d.-]*\d)"),
    Personal.SSN: re.compile(r"(?<![\d-])\d{3}-\d{2}-\d{4}(?![\d-])"),
    Personal.PHONE: re.compile(
        r"(?<![\w+])\+\d[\d ()./-]{6,20}\d(?!\w)"
        r"|(?<!\w)\(\d{3}\) ?\d{3}-\d{4}(?!\w)|(?<![\w.-])\d{3}-\d{3}-\d{4}(?![\w-])"
    ),
    Personal.IP: re.compile(r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.]*\d)"),
}
"""In the order in which they are looked for; what one has found no other finds again."""


def traces(text: str) -> Iterator[tuple[Personal, str]]:
    """What is found, kind by kind, and what it is.

    An account and a card must have their check digits, and an address of the internet must exist: other numbers in
    running text are prices and dates. Names are not looked for: without a column's name nothing proves them.
    """
    if not _HINT.search(text):
        return
    taken: list[tuple[int, int]] = []
    for kind, form in _FORMS.items():
        for match in form.finditer(text):
            begin, end = match.span()
            if _proves(kind, match.group()) and all(end <= low or begin >= high for low, high in taken):
                taken.append((begin, end))
                yield kind, match.group()


_HINT = re.compile(r"@|\d.*\d.*\d", re.DOTALL)
"""Without either there is nothing to find."""


def _proves(kind: Personal, text: str) -> bool:
    if kind == Personal.IBAN:
        return checksums.is_iban(text)
    if kind == Personal.CARD:
        return checksums.is_card(text)
    if kind == Personal.IP:
        return _is_public(text)
    return True


def _is_public(text: str) -> bool:
    try:
        return ipaddress.ip_address(text).is_global
    except ValueError:
        return False


FOUND = {
    Personal.EMAIL: "e-mail address",
    Personal.IBAN: "bank account",
    Personal.CARD: "payment card",
    Personal.SSN: "social security number",
    Personal.PHONE: "telephone number",
    Personal.IP: "IP address",
}
"""How each kind is called."""
