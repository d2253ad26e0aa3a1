"""Scales whose words say their own order."""

from collections.abc import Iterable

SCALES = (
    ("very low", "low", "medium", "high", "very high"),
    ("low", "moderate", "high", "severe"),
    ("none", "mild", "moderate", "severe"),
    ("xxs", "xs", "s", "m", "l", "xl", "xxl", "xxxl"),
    ("tiny", "small", "medium", "large", "huge"),
    ("never", "rarely", "sometimes", "often", "usually", "always"),
    ("strongly disagree", "disagree", "neutral", "agree", "strongly agree"),
    ("very dissatisfied", "dissatisfied", "neutral", "satisfied", "very satisfied"),
    ("very poor", "poor", "fair", "average", "good", "very good", "excellent"),
    ("fair", "good", "very good", "premium", "ideal"),
    ("very bad", "bad", "okay", "good", "very good"),
    ("beginner", "intermediate", "advanced", "expert"),
    ("first", "second", "third", "fourth", "fifth"),
)

FEWEST = 3
"""Two words, such as good and bad, say too little to be a scale."""


def ordered(levels: Iterable[str]) -> tuple[str, ...] | None:
    """The levels in the order of the first scale that holds them all, or None."""
    place = {level.strip().lower(): level for level in levels}
    for scale in SCALES if len(place) >= FEWEST else ():
        if place.keys() <= set(scale):
            return tuple(place[word] for word in scale if word in place)
    return None
