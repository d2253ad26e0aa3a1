"""Are values missing together, and in the same classes, as they really are?"""

from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic.dataclasses import dataclass

from mintmark.metrics import intervals, multiplicity
from mintmark.metrics.contingency import Distance, distance
from mintmark.metrics.enough import enough
from mintmark.metrics.evidence import Claim, Reading
from mintmark.metrics.features import Floats, Space
from mintmark.metrics.metric import Case, Role
from mintmark.metrics.targets import Classes

CLASSES = 10
SUPPORT = 30
PATTERNS = 100
"""Most patterns that are told apart, the most frequent ones; the rest count as one."""
NAMED = 10
"""Columns of a pattern that are named."""

Places = NDArray[np.int64]


@dataclass(frozen=True)
class Missingness:
    """In the synthetic rows the answer is missing where nobody would ask: does a gap give the class away?

    A row's pattern is the set of columns in which it has no value. The value is the total variation between the
    synthetic and the real shares of patterns, within the class of the target where it is greatest (of a quantity,
    quarters; without a target, over all rows); 0 is best. So it sees values that are missing too often, not together
    with those that they really are missing with, or dependent on the target. Chance alone makes some: see the ceiling.

    Interval: bootstrap variance, at a level raised for all classes (Bonferroni). Details name the classes where χ²
    finds a difference after Holm's correction: fresh real rows have one in at most 5 % of assays. Dependence on other
    columns than the target is not looked at.
    """

    claim: ClassVar[Claim] = Claim.SHORTCUTS
    needs: ClassVar[frozenset[Role]] = frozenset({Role.SYNTHETIC})
    better: ClassVar[Literal["lower", "higher"]] = "lower"
    whole: ClassVar[bool] = False

    def measure(self, case: Case, *, rng: np.random.Generator) -> Reading:
        """The greatest distance; details hold the classes, and the pattern that differs most in each."""
        real, synthetic = case.reference, case.need(Role.SYNTHETIC)
        enough(synthetic=len(synthetic), real=len(real))
        space = Space.of(real, synthetic)
        X, Y = space.matrix(real), space.matrix(synthetic)
        kinds, labels, skipped = _kinds(space, case.target, X, Y)
        patterns, words = _patterns(space, X, Y, skipped)
        found: list[tuple[str, Distance]] = []
        for kind, label in enumerate(labels):
            theirs, ours = (p[k == kind] for p, k in zip(patterns, kinds, strict=True))
            if min(len(theirs), len(ours)) >= SUPPORT:
                found.append((label, distance(_counts(ours, words), _counts(theirs, words), rng)))
        if not found:  # the synthetic rows lack the classes: then all rows are one
            found = [("all rows", distance(_counts(patterns[1], words), _counts(patterns[0], words), rng))]
        level = 1 - (1 - intervals.LEVEL) / len(found)
        ends = [each.interval(level) for _, each in found]
        adjusted = multiplicity.holm(np.array([each.p for _, each in found]))
        classes = [_told(name, each, float(p), words) for (name, each), p in zip(found, adjusted, strict=True)]
        classes.sort(key=lambda each: (-each["distance"], each["class"]))
        details = {
            "classes": classes,
            "differ": [each["class"] for each in classes if each["p_holm"] < 1 - intervals.LEVEL],
            "patterns": len(words),
            **space.note(),
        }
        low, high = max(low for low, _ in ends), max(high for _, high in ends)
        n = min(len(X), len(Y))
        return Reading(classes[0]["distance"], (low, max(high, intervals.proportion(0, n)[1])), n, details)


def _kinds(
    space: Space, target: str | None, X: Floats, Y: Floats
) -> tuple[tuple[Places, Places], tuple[str, ...], int]:
    """The class of every real and synthetic row, the classes' names, and the place of the target or −1."""
    if target is None:
        return (np.zeros(len(X), int), np.zeros(len(Y), int)), ("all rows",), -1
    classes = Classes.of(space, target, X, most=CLASSES, support=SUPPORT)
    return (classes.rows(X), classes.rows(Y)), classes.labels, classes.place


def _patterns(space: Space, X: Floats, Y: Floats, skipped: int) -> tuple[tuple[Places, Places], list[str]]:
    """The pattern of every real and synthetic row, and the patterns in words."""
    gone = np.isnan(np.concatenate([X, Y]))
    if skipped >= 0:
        gone[:, skipped] = False
    bits = np.ascontiguousarray(np.packbits(gone, axis=1))
    _, first, place, counts = np.unique(
        bits.view(np.dtype((np.void, bits.shape[1]))).ravel(),
        return_index=True,
        return_inverse=True,
        return_counts=True,
    )
    kept = np.argsort(-counts, kind="stable")[:PATTERNS]
    number = np.full(len(counts), len(kept))
    number[kept] = np.arange(len(kept))
    words = [_word([space.columns[j].name for j in np.flatnonzero(gone[first[k]])]) for k in kept]
    place = number[place]
    return (place[: len(X)], place[len(X) :]), [*words, *(["any other pattern"] if len(kept) < len(counts) else [])]


def _word(names: list[str]) -> str:
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return f"{', '.join(names[:NAMED])}{more}" if names else "nothing"


def _counts(patterns: Places, words: list[str]) -> Places:
    return np.bincount(patterns, minlength=len(words))


def _told(name: str, found: Distance, p: float, words: list[str]) -> dict[str, Any]:
    return {
        "class": name,
        "distance": found.value,
        "by_chance": found.chance,
        "p_holm": p,
        "most": {"missing": words[found.cell], "synthetic_share": found.share, "real_share": found.other_share},
    }
