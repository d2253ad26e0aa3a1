"""Check digits: how a bank account and a payment card prove that nobody mistyped them."""

import re

_IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}")
_SEPARATORS = re.compile(r"[\s-]")

IBAN_LENGTHS = {
    "AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22, "BR": 29, "CH": 21,
    "CR": 22, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "DO": 28, "EE": 20, "ES": 24, "FI": 18, "FO": 18, "FR": 27,
    "GB": 22, "GE": 22, "GI": 23, "GL": 18, "GR": 27, "GT": 28, "HR": 21, "HU": 28, "IE": 22, "IL": 23, "IS": 26,
    "IT": 27, "JO": 30, "KW": 30, "KZ": 20, "LB": 28, "LI": 21, "LT": 20, "LU": 20, "LV": 21, "MC": 27, "MD": 24,
    "ME": 22, "MK": 19, "MR": 27, "MT": 31, "MU": 30, "NL": 18, "NO": 15, "PK": 24, "PL": 28, "PS": 29, "PT": 25,
    "QA": 29, "RO": 24, "RS": 22, "SA": 24, "SE": 24, "SI": 19, "SK": 24, "SM": 27, "TN": 24, "TR": 26, "UA": 29,
    "VG": 24, "XK": 20,
}  # fmt: skip
"""Characters of each country's account numbers (SWIFT, IBAN Registry)."""


def is_iban(text: str) -> bool:
    """Is it an International Bank Account Number: of its country's length, and 1 modulo 97 (ISO 13616)?"""
    plain = _SEPARATORS.sub("", text).upper()
    known = IBAN_LENGTHS.get(plain[:2])
    return known == len(plain) and _IBAN.fullmatch(plain) is not None and _modulo_97(plain) == 1


def iban_digits(country: str, account: str) -> str:
    """The two check digits that belong behind a country's code (ISO 7064, MOD 97-10)."""
    return f"{98 - _modulo_97(country + '00' + account):02d}"


def is_card(text: str) -> bool:
    """Is it the number of a payment card: 13 to 19 digits of a known network, with Luhn's check digit?"""
    plain = _SEPARATORS.sub("", text)
    known = plain.isascii() and plain.isdigit() and 13 <= len(plain) <= 19 and plain[0] in "23456"
    return known and luhn_digit(plain[:-1]) == plain[-1]


def luhn_digit(digits: str) -> str:
    """The digit that completes a number (ISO/IEC 7812-1, annex B)."""
    doubled = [2 * int(digit) if place % 2 == 0 else int(digit) for place, digit in enumerate(reversed(digits))]
    return str(-sum(value - 9 if value > 9 else value for value in doubled) % 10)


def _modulo_97(iban: str) -> int:
    turned = iban[4:] + iban[:4]
    return int("".join(str(int(character, 36)) for character in turned)) % 97
