"""Countries whose names, streets and towns can be made."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Literal

import pyarrow as pa
import pyarrow.compute as pc

from mintmark.data import arrays
from mintmark.data.hints import hint
from mintmark.data.schema import Column, Personal

Locale = Literal[
    "cs_CZ", "da_DK", "de_AT", "de_CH", "de_DE", "en_AU", "en_CA", "en_GB", "en_IE", "en_IN", "en_US", "es_AR", "es_ES",
    "es_MX", "fi_FI", "fr_BE", "fr_CA", "fr_FR", "hr_HR", "hu_HU", "it_IT", "nl_BE", "nl_NL", "no_NO", "pl_PL", "pt_BR",
    "pt_PT", "sv_SE", "tr_TR",
]  # fmt: skip
"""Those of Faker's that are written in Latin letters and hold names of their own."""


def guessed(columns: Iterable[Column], table: pa.Table) -> str:
    """The country that most accounts, telephones or column names speak for; en_US where nothing does."""
    votes: Counter[str] = Counter()
    for column in columns:
        if column.personal is None:
            continue
        votes.update(filter(None, [_BY_WORD.get(hint(column.name, column.personal))]))
        length, known = _STARTS.get(column.personal, (0, {}))
        starts = pc.utf8_slice_codeunits(arrays.text(table[column.name]).drop_null().slice(0, 1000), 0, length)
        votes.update(known[start] for start in starts.to_pylist() if start in known)
    return max(sorted(votes), key=lambda locale: votes[locale]) if votes else "en_US"


_BY_COUNTRY = {
    "AT": "de_AT", "BE": "nl_BE", "CH": "de_CH", "CZ": "cs_CZ", "DE": "de_DE", "DK": "da_DK", "ES": "es_ES",
    "FI": "fi_FI", "FR": "fr_FR", "GB": "en_GB", "HR": "hr_HR", "HU": "hu_HU", "IE": "en_IE", "IT": "it_IT",
    "NL": "nl_NL", "NO": "no_NO", "PL": "pl_PL", "PT": "pt_PT", "SE": "sv_SE", "TR": "tr_TR",
}  # fmt: skip
_BY_CALLING_CODE = {
    "+31": "nl_NL", "+32": "nl_BE", "+33": "fr_FR", "+34": "es_ES", "+36": "hu_HU", "+39": "it_IT", "+41": "de_CH",
    "+43": "de_AT", "+44": "en_GB", "+45": "da_DK", "+46": "sv_SE", "+47": "no_NO", "+48": "pl_PL", "+49": "de_DE",
    "+52": "es_MX", "+54": "es_AR", "+55": "pt_BR", "+61": "en_AU", "+90": "tr_TR", "+91": "en_IN",
}  # fmt: skip
_BY_WORD = {
    "vorname": "de_DE", "nachname": "de_DE", "familienname": "de_DE", "strasse": "de_DE", "plz": "de_DE",
    "prenom": "fr_FR", "nom": "fr_FR", "rue": "fr_FR", "ville": "fr_FR", "nombre": "es_ES", "apellido": "es_ES",
    "apellidos": "es_ES", "cognome": "it_IT", "nome": "it_IT", "indirizzo": "it_IT", "voornaam": "nl_NL",
    "achternaam": "nl_NL", "sobrenome": "pt_BR", "apelido": "pt_PT", "nazwisko": "pl_PL", "imie": "pl_PL",
    "efternamn": "sv_SE", "fornamn": "sv_SE", "efternavn": "da_DK", "etternavn": "no_NO", "sukunimi": "fi_FI",
    "etunimi": "fi_FI", "prijmeni": "cs_CZ", "soyad": "tr_TR",
}  # fmt: skip
_STARTS: Mapping[Personal, tuple[int, Mapping[str, str]]] = {
    Personal.IBAN: (2, _BY_COUNTRY),
    Personal.PHONE: (3, _BY_CALLING_CODE),
}
