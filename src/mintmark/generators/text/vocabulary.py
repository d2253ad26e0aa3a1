"""Words that small children know, and their forms: what stories are made of, and how one sees that they are in them."""

import re
from pathlib import Path

VERBS, NOUNS, ADJECTIVES = (
    tuple(part.split()) for part in Path(__file__).with_suffix(".txt").read_text(encoding="utf-8").split("\n\n")
)


def holds(text: str, word: str) -> bool:
    """Does a word, or one of its regular English forms, stand in a text? Capitals do not matter."""
    told = " ".join(re.findall(r"[\w'’-]+", text.lower()))
    return any(f" {form} " in f" {told} " for form in forms(word.lower()))


def forms(word: str) -> set[str]:
    """A word as it may be bent: plural, past, -ing, comparison, -ly; those of irregular words are not known."""
    stem = word[:-1]
    out = {word + end for end in ("", "s", "es", "d", "ed", "ing", "er", "est", "r", "st", "ly", "'s", "’s")}
    if word.endswith("e"):
        out |= {f"{stem}ing", f"{stem}y"}
    if word.endswith("y"):
        out |= {stem + end for end in ("ies", "ied", "ier", "iest", "ily")}
    if word.endswith(("f", "fe")):
        out |= {f"{word.rstrip('e')[:-1]}ves"}
    return out | {word + word[-1] + end for end in ("ed", "ing", "er", "est", "y")}
