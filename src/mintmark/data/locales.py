"""Countries whose names, streets and towns can be made."""

from typing import Literal

Locale = Literal[
    "cs_CZ", "da_DK", "de_AT", "de_CH", "de_DE", "en_AU", "en_CA", "en_GB", "en_IE", "en_IN", "en_US", "es_AR", "es_ES",
    "es_MX", "fi_FI", "fr_BE", "fr_CA", "fr_FR", "hr_HR", "hu_HU", "it_IT", "nl_BE", "nl_NL", "no_NO", "pl_PL", "pt_BR",
    "pt_PT", "sv_SE", "tr_TR",
]  # fmt: skip
"""Those of Faker's that are written in Latin letters and hold names of their own."""
