"""Which language a text is in, as far as its letters or its smallest words tell: nothing is learnt for it."""

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping

SCRIPTS: Mapping[str, tuple[str, ...]] = {
    "arabic": ("ARABIC",),
    "bengali": ("BENGALI",),
    "bulgarian": ("CYRILLIC",),
    "chinese": ("CJK",),
    "greek": ("GREEK",),
    "gujarati": ("GUJARATI",),
    "hebrew": ("HEBREW",),
    "hindi": ("DEVANAGARI",),
    "japanese": ("HIRAGANA", "KATAKANA", "CJK"),
    "kannada": ("KANNADA",),
    "korean": ("HANGUL",),
    "marathi": ("DEVANAGARI",),
    "nepali": ("DEVANAGARI",),
    "persian": ("ARABIC",),
    "punjabi": ("GURMUKHI",),
    "russian": ("CYRILLIC",),
    "tamil": ("TAMIL",),
    "telugu": ("TELUGU",),
    "thai": ("THAI",),
    "ukrainian": ("CYRILLIC",),
    "urdu": ("ARABIC",),
}
"""The letters that a language is written in: a text in them may be in another language that uses them too."""

SMALL: Mapping[str, frozenset[str]] = {
    name: frozenset(words.split())
    for name, words in {
        "english": "the of and to in is that it for was on are with as at be this have from or an you not",
        "french": "le la les des et en un une du est que qui dans pour pas sur au ce il elle avec sont je",
        "german": "der die das und ist in den von zu mit dem nicht ein eine für auf es sich des im auch als",
        "spanish": "el la los las de y en que un una es por con no para del se al lo como más su son",
        "italian": "il la di che e un una è in per non con del della gli le si da sono dei al come più",
        "portuguese": "o a os as de e que do da em um uma é para com não no na se por mais dos ao são",
        "dutch": "de het een van en in is dat op te zijn met voor niet aan er die ook als maar om bij",
    }.items()
}
"""Words of which each language is full (Grefenstette 1995)."""
FEWEST = 8
"""Words of a text below which its small words tell nothing."""
CLEAR = 2
"""Small words that the likelier language must have more than the other."""


def is_in(text: str, language: str) -> bool | None:
    """Whether a text may be in a language, by its English name in small letters; None where nobody can tell."""
    scripts = Counter(unicodedata.name(sign, "?").split()[0] for sign in text if sign.isalpha())
    if language in SCRIPTS:
        ours = sum(scripts[name] for name in SCRIPTS[language])
        kana = language != "japanese" or scripts["HIRAGANA"] + scripts["KATAKANA"] > 0
        return ours > sum(scripts.values()) / 2 and kana if scripts else None
    if scripts.total() > 2 * scripts["LATIN"]:
        return False
    words = re.findall(r"[^\W\d_]+", text.lower())
    if language not in SMALL or len(words) < FEWEST:
        return None
    held = {name: sum(word in small for word in words) for name, small in SMALL.items()}
    ours, others = held.pop(language), max(held.values())
    if abs(ours - others) < CLEAR:
        return None
    return ours > others
