"""Can an attacker infer what is secret about a person from what is known of them?"""

from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from pydantic.dataclasses import dataclass

from mintmark.errors import CannotMeasure
from mintmark.metrics import boosting
from mintmark.metrics.closest import closest
from mintmark.metrics.evidence import Claim, Interval, Reading
from mintmark.metrics.features import Floats
from mintmark.metrics.metric import Case, Role
from mintmark.metrics.privacy.people_in_words import beyond_chance, counted
from mintmark.metrics.privacy.stage import Parties, entropy
from mintmark.metrics.privacy.trial import Outcome, worst

NEAR = 0.025
"""A guessed quantity is right where at most this share of people lies between it and the truth."""


@dataclass(frozen=True)
class Attributes:
    """Somebody knows all about a person but one thing, and reads that off the synthetic data.

    The attacker takes the synthetic row that is nearest in all other columns, and guesses that the secret is as there;
    where `models` is set, a second attacker asks gradient-boosted trees that learnt the secret from the synthetic rows.
    A level is guessed right where it is the same, a quantity where at most 2.5 % of people lie between guess and truth.
    That smokers are ill more often can be learnt from good synthetic data about anybody, and is no leak. So the same
    attack is put to people that were not learnt from, and the value is how much more often it succeeds on those that
    were (share of right guesses on members, less that on the holdout): 0 is best. Details also tell what the naive
    guess achieves, the commonest synthetic value for everybody; an attack that does not beat it found nothing.

    Secrets are the sensitive columns and the target, or else the columns with most values; the value is that of the
    worst secret and attacker. Interval: Newcombe 1998 at a level raised for that choice (Bonferroni). After Giomi et
    al. 2023 (anonymeter), whose risk, excess/(1 − control), stands in the details. A cleverer attacker may do better.
    """

    targets: int = Field(1_000, ge=100)
    """Most members, and most others, that are attacked."""
    secrets: int = Field(4, ge=1, le=50)
    """Most columns that are guessed."""
    models: bool = Field(False)
    """Whether trees attack as well."""
    minimum: int = Field(50, ge=10)
    """Fewest members, and fewest others."""

    claim: ClassVar[Claim] = Claim.PRIVACY
    needs: ClassVar[frozenset[Role]] = frozenset({Role.SYNTHETIC, Role.TRAIN, Role.HOLDOUT})
    better: ClassVar[Literal["lower", "higher"]] = "lower"
    whole: ClassVar[bool] = True
    profiles: ClassVar[dict[str, dict[str, Any] | None]] = {
        "quick": None,
        "thorough": {"targets": 5_000, "secrets": 10, "models": True},
    }

    def measure(self, case: Case, *, rng: np.random.Generator) -> Reading:
        """The excess for the worst secret; details hold every secret and attacker.

        Raises CannotMeasure with fewer than `minimum` real rows on a side, or with a single column.
        """
        parties = Parties.of(case, minimum=self.minimum, rng=rng)
        if len(parties.space.columns) < 2:
            raise CannotMeasure("there is nothing to infer a secret from", found="one column that can be compared")
        members, others = parties.members[: self.targets], parties.others[: self.targets]
        targets = np.concatenate([members, others])
        outcomes, secret_of = {}, {}
        for place in self._secrets(case, parties):
            name = parties.space.columns[place].name
            judge = _Judge(place in parties.space.categorical, np.sort(_present(parties.others[:, place])))
            naive = judge.right(np.full(len(members), judge.commonest(parties.published[:, place])), members[:, place])
            for attacker, guesses in self._guesses(parties, targets, place, rng).items():
                right = judge.right(guesses, targets[:, place])
                label = f"{name}, by {attacker}"
                outcomes[label] = Outcome.of(right[: len(members)], right[len(members) :], float(naive.mean()))
                secret_of[label] = name
        name, value, interval, level = worst(outcomes)
        details = {
            "worst": name,
            "secrets": {key: each.to_json(level) for key, each in outcomes.items()},
            "targets": len(members),
            "controls": len(others),
            "level": level,
            "words": _words(secret_of[name], outcomes[name], interval, counted(case.need(Role.TRAIN))),
            **parties.note,
        }
        return Reading(value, interval, len(targets), details)

    def _secrets(self, case: Case, parties: Parties) -> list[int]:
        named = [*case.sensitive, *([case.target] if case.target else [])]
        names = [name for name in dict.fromkeys(named) if name in parties.space.names]
        if not names:
            names = sorted(
                parties.space.names, key=lambda each: -entropy(parties.members[:5_000, parties.space.names.index(each)])
            )
        return [parties.space.names.index(name) for name in names[: self.secrets]]

    def _guesses(self, parties: Parties, targets: Floats, place: int, rng: np.random.Generator) -> dict[str, Floats]:
        """For each attacker a guess of every target's secret, shape (targets,)."""
        published = parties.published
        known = [column for column in range(published.shape[1]) if column != place]
        part = parties.place_of(known)
        nearest = closest(part.points(targets[:, known]), part.points(published[:, known]))[1]
        guesses = {"the nearest row": published[nearest, place]}
        taught = ~np.isnan(published[:, place])
        if self.models and taught.sum() >= self.minimum:
            guesses["a model"] = _learnt(parties, targets, place, taught, rng)
        return guesses


class _Judge:
    """Says which guesses are right."""

    def __init__(self, levels: bool, known: Floats) -> None:
        self.levels, self.known = levels, known

    def commonest(self, values: Floats) -> float:
        """The best guess about anybody: the most frequent level, or the median."""
        present = _present(values)
        if not len(present):
            return float("nan")
        if not self.levels:
            return float(np.quantile(present, 0.5, method="inverted_cdf"))
        found, counts = np.unique(present, return_counts=True)
        return float(found[np.argmax(counts)])

    def right(self, guesses: Floats, truth: Floats) -> NDArray[np.bool_]:
        both_missing = np.isnan(guesses) & np.isnan(truth)
        if self.levels or not len(self.known):
            return (guesses == truth) | both_missing
        low, high = np.minimum(guesses, truth), np.maximum(guesses, truth)
        between = np.searchsorted(self.known, high, "left") - np.searchsorted(self.known, low, "right")
        return (np.maximum(between, 0) <= NEAR * len(self.known)) & ~np.isnan(low) | both_missing


def _present(values: Floats) -> Floats:
    return values[~np.isnan(values)]


def _learnt(
    parties: Parties, targets: Floats, place: int, taught: NDArray[np.bool_], rng: np.random.Generator
) -> Floats:
    """What trees that learnt from the synthetic rows guess: the likeliest class, or the expected rank as a quantity."""
    known = [column for column in range(targets.shape[1]) if column != place]
    categorical = [known.index(column) for column in parties.space.categorical if column != place]
    X, secret = parties.published[taught][:, known], parties.published[taught, place]
    classes, codes = np.unique(secret, return_inverse=True)
    if place not in parties.space.categorical:
        model = boosting.fit(X, secret, categorical=categorical, task="regression", rng=rng)
        return boosting.scores(model, targets[:, known])
    if len(classes) == 1:
        return np.full(len(targets), classes[0])
    task: boosting.Task = "binary" if len(classes) == 2 else "multiclass"
    model = boosting.fit(X, codes.astype(float), categorical=categorical, task=task, classes=len(classes), rng=rng)
    answers = boosting.scores(model, targets[:, known])
    return classes[(answers > 0.5).astype(int) if answers.ndim == 1 else answers.argmax(axis=1)]


def _words(secret: str, outcome: Outcome, interval: Interval, people: int) -> str:
    right, control = 100 * outcome.hits / outcome.targets, 100 * outcome.control_hits / outcome.controls
    return (
        f"Who knows all else about a person guesses “{secret}” right for {right:.0f} of 100 people whose records the "
        f"generator saw, and for {control:.0f} of 100 others; knowing nothing, for {100 * outcome.naive:.0f}. Of "
        f"{people:,} people, having been in the data costs that secret to "
        f"{beyond_chance(outcome.excess, interval, people)}; what is true of people at large can be learnt about "
        f"everybody and is not counted."
    )
