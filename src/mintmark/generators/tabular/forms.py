"""How codes are written (`+49 ### #######`), learnt without a digit of theirs, and codes that are nobody's.

A form keeps what stands between the digits, and those digits that name a country. Numbers made in it begin as none does
that is in use: dialled in an area that is not given out, booked at a bank that there is not, issued from a range that
is never issued. Of several such beginnings the first is taken that no training value has.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mintmark.data import checksums
from mintmark.data.schema import Personal
from mintmark.generators.storage import need

MOST = 20
"""So many forms of a column are kept, those that most values have."""

_ALPHABETS = {"#": "0123456789", "@": "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "?": "abcdefghijklmnopqrstuvwxyz"}
_OPEN = re.compile(r"[#@?]")
_TWO_DIGITS = re.compile("20|27|3[0-4]|36|39|4[01]|4[3-9]|5[1-8]|6[0-6]|8[12]|84|86|9[0-5]|98")
"""Calling codes of two digits (ITU-T E.164); 1 and 7 have one, all others three."""

_USUAL = {
    Personal.PHONE: "###-###-####", Personal.SSN: "###-##-####", Personal.CARD: "#### #### #### ####",
    Personal.IBAN: "DE####################", Personal.POSTCODE: "#####",
}  # fmt: skip
"""Where too few values share a form."""


@dataclass(frozen=True)
class Form:
    """One way to write a code: `#`, `@` and `?` stand for a digit, a capital and a small letter."""

    text: str
    share: float
    lead: str
    """What the open places begin with, so that the code is nobody's."""


def learn(personal: Personal, texts: Sequence[str], *, rare: int, whole: bool = False) -> tuple[Form, ...]:
    """The forms that at least `rare` of the distinct values have; `whole` for values that are stored as numbers."""
    counts = Counter(_shaped(personal, text) for text in texts)
    usual = _USUAL[personal].replace("-", "").replace(" ", "") if whole else _USUAL[personal]
    shared = [(form, count) for form, count in counts.most_common() if count >= rare and _OPEN.search(form)]
    kept = shared[:MOST] or [(usual, 1)]
    total = sum(count for _, count in kept)
    known = {_unchecked(personal, _bare(text)) for text in texts}
    safe = [(*_reserved(personal, form, known, whole), count / total) for form, count in sorted(kept)]
    return tuple(Form(form, share, lead) for form, lead, share in safe)


def write(personal: Personal, forms: Sequence[Form], count: int, rng: np.random.Generator) -> list[str]:
    """Codes in these forms, `count` of them; with their check digits where such codes have any."""
    if personal not in _FINISH and len(forms) == 1:
        return filled(forms[0].text, [forms[0].lead] * count, rng)
    which = rng.choice(len(forms), size=count, p=np.array([form.share for form in forms]))
    out = np.empty(count, dtype=object)
    for place, form in enumerate(forms):
        rows = np.flatnonzero(which == place)
        out[rows] = filled(form.text, [form.lead] * len(rows), rng)
    finish = _FINISH.get(personal)
    return [finish(text) for text in out] if finish else out.tolist()


def filled(form: str, leads: Sequence[str], rng: np.random.Generator) -> list[str]:
    """The form once for each lead, which takes the first open places; the others are drawn."""
    columns: list[Sequence[str]] = []
    open_places = 0
    for character in form:
        if character not in _ALPHABETS:
            columns.append([character] * len(leads))
            continue
        alphabet = np.array(list(_ALPHABETS[character]))
        drawn = alphabet[rng.integers(len(alphabet), size=len(leads))].tolist()
        columns.append([lead[open_places] if open_places < len(lead) else fresh
                        for lead, fresh in zip(leads, drawn, strict=True)])  # fmt: skip
        open_places += 1
    return ["".join(row) for row in zip(*columns, strict=True)]


def shape(text: str, *, letters: bool) -> str:
    """A code with its digits, and if so asked its letters, made open places."""
    out = re.sub(r"\d", "#", text)
    return re.sub(r"[a-z]", "?", re.sub(r"[A-Z]", "@", out)) if letters else out


def plain(word: str) -> str:
    """In small ASCII letters, as in an e-mail address."""
    spelt = word.replace("ß", "ss").replace("ø", "o").replace("æ", "ae").replace("ı", "i").replace("ł", "l")
    return re.sub(r"[^a-z]", "", unicodedata.normalize("NFKD", spelt.lower()).encode("ascii", "ignore").decode())


def to_json(forms: Sequence[Form]) -> list[list[Any]]:
    """What `from_json` reads."""
    return [[form.text, form.share, form.lead] for form in forms]


def from_json(body: Sequence[Any], name: str) -> tuple[Form, ...]:
    """The inverse of `to_json`; LedgerError where nothing can be written so."""
    out = tuple(Form(str(text), float(share), str(lead)) for text, share, lead in body)
    need(all(form.share > 0 and _OPEN.search(form.text) for form in out), f"forms of {name}")
    need(not out or abs(sum(form.share for form in out) - 1) < 1e-9, f"forms of {name}")
    return out


def _shaped(personal: Personal, text: str) -> str:
    if personal == Personal.IBAN:
        return text[:2].upper() + shape(text[2:].upper(), letters=True)
    if personal == Personal.PHONE and re.search(r"[^\W\d_]", re.sub(r"(?i)x|ext|tel", "", text)):
        return ""  # somebody wrote a name beside their number
    if personal == Personal.PHONE and text.startswith("+"):
        country = re.match(r"\+\D?(1|7|\d{2,3})", text)
        digits = country[1] if country else ""
        digits = digits[:2] if _TWO_DIGITS.fullmatch(digits[:2]) else digits
        return text[: text.find(digits) + len(digits)] + shape(text[text.find(digits) + len(digits) :], letters=False)
    return shape(text, letters=personal in (Personal.SSN, Personal.POSTCODE))


def _reserved(personal: Personal, form: str, known: set[str], whole: bool) -> tuple[str, str]:
    """The form, and a beginning that no known code of this form has: one digit longer where every beginning is had."""
    for lead in _LEADS.get(personal, _no_lead)(form, whole, known):
        begun = iter(lead)
        wanted = "".join(next(begun, "\0") if place in _ALPHABETS else place for place in form)
        like = re.compile(re.sub(r"[^0-9A-Z\0]", "", wanted.upper()).replace("\0", "."))
        if not any(like.fullmatch(code) for code in known):
            return form, lead
    return (form, "") if personal == Personal.POSTCODE else _reserved(personal, form + "#", known, whole)


def _unchecked(personal: Personal, bare: str) -> str:
    """Without what follows from the rest: an account's check digits."""
    return bare[:2] + "00" + bare[4:] if personal == Personal.IBAN else bare


def _no_lead(form: str, whole: bool, known: set[str]) -> list[str]:  # noqa: ARG001 — every kind of lead has this signature
    return []


def _phone_leads(form: str, whole: bool, known: set[str]) -> list[str]:
    """North America has no area 555; elsewhere, with or without a country's code, no number begins with 000."""
    digits = re.split(r"[a-z]", form)[0].count("#")  # less the extension
    abroad = (form.startswith("+") and not form.startswith("+1")) or any(code.startswith("0") for code in known)
    american = [] if abroad or digits != 10 else ["555"]
    if whole:
        return ["555", *(f"{999 - at}" for at in range(9))]
    return [*american, *(f"00{at}" for at in range(10))] if digits >= 7 else ["0"]


def _ssn_leads(form: str, whole: bool, known: set[str]) -> list[str]:  # noqa: ARG001
    """The United States never issue 000 and 666 (Social Security Administration, RM 10201.035)."""
    digits = ["666", "999", "998"] if whole else ["000", "666", "001"]
    return ["".join("X" if place == "@" else "x" if place == "?" else digit
                    for place, digit in zip(_OPEN.findall(form), lead, strict=False)) for lead in digits]  # fmt: skip


def _card_leads(form: str, whole: bool, known: set[str]) -> list[str]:  # noqa: ARG001
    """No network's cards begin with 9, and 99 is no country (ISO/IEC 7812-1)."""
    return [f"99{at:02d}" for at in range(99, -1, -1)]


def _iban_leads(form: str, whole: bool, known: set[str]) -> list[str]:  # noqa: ARG001
    """Behind the two check digits, banks that there are not: 0000 and the like, or XXXA."""
    bank = _OPEN.findall(form)[2:6]
    return ["00" + "".join(f"{at:04d}"[place] if kind == "#" else "XXX"[place : place + 1] or chr(65 + at % 26)
                           for place, kind in enumerate(bank)) for at in range(26)]  # fmt: skip


_LEADS: Mapping[Personal, Callable[[str, bool, set[str]], list[str]]] = {
    Personal.PHONE: _phone_leads, Personal.SSN: _ssn_leads, Personal.CARD: _card_leads, Personal.IBAN: _iban_leads,
}  # fmt: skip


def _checked_card(text: str) -> str:
    digits = re.sub(r"\D", "", text)
    return text[:-1] + checksums.luhn_digit(digits[:-1])


def _checked_iban(text: str) -> str:
    bare = _bare(text)
    return text[:2] + checksums.iban_digits(bare[:2], bare[4:]) + text[4:]


_FINISH: Mapping[Personal, Callable[[str], str]] = {Personal.CARD: _checked_card, Personal.IBAN: _checked_iban}


def _bare(text: str) -> str:
    return re.sub(r"[^0-9A-Za-z]", "", text).upper()
