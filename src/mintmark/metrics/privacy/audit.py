"""Which privacy loss ε do the attacks prove?"""

import math
from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field
from pydantic.dataclasses import dataclass
from scipy import stats

from mintmark.metrics import intervals
from mintmark.metrics.evidence import Claim, Reading
from mintmark.metrics.features import Floats
from mintmark.metrics.metric import Case, Role
from mintmark.metrics.privacy.attacks import ATTACKS, NEAREST, Known
from mintmark.metrics.privacy.scoring import Scores, by_turns, crossed
from mintmark.metrics.privacy.stage import Parties

RATES = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3)
"""False-alarm rates among which the threshold is chosen."""
ALPHA = 0.025
"""How often each of the two tests may claim too much: once in twenty, both together."""
ALARMS = 10
"""Fewest false alarms on which a threshold rests."""
GUESSES = (0.02, 0.1, 0.5, 1.0)
"""Shares of the targets about which a guess is made."""


@dataclass(frozen=True)
class Audit:
    """An auditor who was promised ε tries to refute it: attacks that do too well prove that ε must be larger.

    Two tests, each with its choices made on one half of the targets and its count taken on the other, and the same
    with the halves exchanged. The *threshold* test: under (ε, δ)-differential privacy no attack has TPR > e^ε FPR + δ,
    so ε ≥ ln((TPR − δ)/FPR), taken at the low exact end of TPR and the high end of FPR; and the same of 1 − FPR over
    1 − TPR (Jagielski et al. 2020). The *guessing* test: of v right guesses among m about who was in, each right with a
    chance of at most e^ε/(1 + e^ε), ε is refuted where P[Bin(m, e^ε/(1 + e^ε)) ≥ v] ≤ α; 90 of 100 right at α = 0.05
    prove ε ≥ 1.63 (one run: Steinke, Nasr & Jagielski 2023, with δ = 0). Each test has α = 0.025. The real people that
    were kept back stand for the canaries that were left out: each row was in or out by the random split. As its sizes
    are fixed, neighbours differ by one person put in another's place: who promised ε for a person added or left out
    promised up to 2ε here.

    The value is the larger bound, at 95 % confidence: 0 where nothing is proved. It is no upper bound: the true ε, and
    what a better attack proves, may be anything above it. So the interval begins at the value, which is itself a low
    end, and runs to the high exact end of what the same attack at the same threshold may truly reach, at most to what
    so many people could ever prove. That end is high where the threshold lets few false alarms through, so it moves
    from draw to draw between 0.04 and 0.8 where 2,000 people leak next to nothing, and less with more people.
    """

    targets: int = Field(2_000, ge=100)
    """Most members, and most others, that are attacked."""
    every: bool = Field(False)
    """Whether all attacks on membership are tried, or only the nearest neighbour."""
    epsilon: float | None = Field(None, gt=0)
    """The ε that was promised, if any: the reading says whether it stands."""
    delta: float = Field(1e-6, ge=0, lt=1)
    """The δ that was promised."""
    minimum: int = Field(100, ge=40)
    """Fewest members, and fewest others."""

    claim: ClassVar[Claim] = Claim.PRIVACY
    needs: ClassVar[frozenset[Role]] = frozenset({Role.SYNTHETIC, Role.TRAIN, Role.HOLDOUT})
    better: ClassVar[Literal["lower", "higher"]] = "lower"
    whole: ClassVar[bool] = True
    profiles: ClassVar[dict[str, dict[str, Any] | None]] = {
        "quick": None,
        "thorough": {"targets": 10_000, "every": True},
    }

    def measure(self, case: Case, *, rng: np.random.Generator) -> Reading:
        """The largest ε that is proved; details hold both tests."""
        parties = Parties.of(case, minimum=self.minimum, rng=rng)
        count = min(self.targets, len(parties.members), len(parties.others))
        members, others = by_turns(parties.members[:count]), by_turns(parties.others[:count])
        attacks = ATTACKS if self.every else {NEAREST: ATTACKS[NEAREST]}
        known = Known.of(parties, case.synthetic, 2 * count, rng)
        threshold, guessing = proved(crossed(attacks, known, members, others, rng), self.delta)
        best = max(threshold, guessing, key=lambda test: test["epsilon"])
        value = best["epsilon"]
        details = {
            "threshold": threshold,
            "guessing": guessing,
            "promised": self.epsilon,
            "delta": self.delta,
            "neighbours": "one person’s record replaced by another’s",
            "provable": max(_provable(count, self.delta), at_least(2 * count, 2 * count, ALPHA)),
            "targets": count,
            "attacks": list(attacks),
            "is": "a lower bound at 95 % confidence; the true ε may be any larger",
            "words": _words(value, self.epsilon),
            **known.note,
        }
        return Reading(value, (value, max(value, best["at_most"])), 2 * count, details)


def proved(scores: Scores, delta: float) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the threshold test and the guessing test prove of scores in random order; each is right in 97.5 % of cases.

    Of each test "epsilon" is the bound, and "at_most" what the attack may truly reach.
    """
    return _by_threshold(scores, delta), _by_guessing(scores)


def at_least(right: int, guesses: int, alpha: float = 0.05) -> float:
    """The largest ε that `right` of `guesses` refute: P[Bin(m, e^ε/(1 + e^ε)) ≥ v] ≤ α; 0 where they refute none.

    The tail is a beta distribution's, so the bound is the logit of the exact lower end of the share of right guesses.
    """
    return max(0.0, _logit_low(right, guesses, alpha)) if right else 0.0


def _logit_low(hits: int, tries: int, alpha: float = ALPHA) -> float:
    """The log-odds of the low exact end of a share; `hits` is above 0."""
    share = float(stats.beta.ppf(alpha, hits, tries - hits + 1))
    return math.log(share / (1 - share))


def _by_threshold(scores: Scores, delta: float) -> dict[str, Any]:
    """Attack, rate and side with the best estimate on one half of the rows; counted on the other; and the same turned
    about. Both counts together keep the inequality, since each keeps it with a choice that was made without it."""
    counts, chosen = np.zeros(4, dtype=np.int64), []
    for half in (0, 1):
        trials = []
        for name, (ours, theirs) in scores.items():
            (study, exam), (known, unseen) = _parted(ours, half), _parted(theirs, half)
            for rate in (rate for rate in RATES if rate * len(known) >= ALARMS or rate == RATES[-1]):
                limit = float(np.quantile(known, 1 - rate, method="higher"))
                for flipped in (False, True):
                    guess = _bound(*_caught(study, known, limit, flipped), delta)[0]
                    trials.append((guess, name, rate, flipped, _caught(exam, unseen, limit, flipped)))
        _, name, rate, flipped, found = max(trials, key=lambda trial: trial[0])
        chosen.append({"attack": name, "false_alarm_rate": rate, "names": "non-members" if flipped else "members"})
        counts += found
    hits, tries, alarms, alone = map(int, counts)
    epsilon, at_most = _bound(hits, tries, alarms, alone, delta)
    return {
        "epsilon": max(0.0, epsilon),
        "at_most": max(0.0, at_most),
        "chosen": chosen,
        "tpr": hits / tries,
        "fpr": alarms / alone,
    }


def _parted(scores: Floats, half: int) -> tuple[Floats, Floats]:
    """Rows that choose, and rows that count: pairs by turns, so that both halves of the calibration are in each."""
    first = np.arange(len(scores)) // 2 % 2 == half
    return scores[first], scores[~first]


def _caught(members: Floats, others: Floats, limit: float, flipped: bool) -> tuple[int, int, int, int]:
    """Hits and tries among those to be named, and among those to be left alone."""
    named, alone = int((members > limit).sum()), int((others > limit).sum())
    if flipped:
        return len(others) - alone, len(others), len(members) - named, len(members)
    return named, len(members), alone, len(others)


def _bound(hits: int, tries: int, alarms: int, others: int, delta: float) -> tuple[float, float]:
    """ln((TPR − δ)/FPR) at the ends that prove least, and at those that prove most."""
    low, high = intervals.proportion(hits, tries, 1 - ALPHA)
    fewest, most = intervals.proportion(alarms, others, 1 - ALPHA)
    lower = math.log((low - delta) / most) if low > delta else 0.0
    ceiling = _provable(min(tries, others), delta)
    upper = math.log((high - delta) / fewest) if fewest > 0 and high > delta else ceiling
    return lower, min(upper, max(ceiling, lower))


def _provable(count: int, delta: float) -> float:
    """The bound where all of so many members are named and none of as many others."""
    low, most = intervals.proportion(count, count, 1 - ALPHA)[0], intervals.proportion(0, count, 1 - ALPHA)[1]
    return math.log((low - delta) / most)


def _by_guessing(scores: Scores) -> dict[str, Any]:
    right = guesses = 0
    chosen = []
    for half in (0, 1):
        trials = []
        for name, (ours, theirs) in scores.items():
            (study, exam), (known, unseen) = _parted(ours, half), _parted(theirs, half)
            for share in GUESSES:
                guess = at_least(*_guessed(study, known, share))
                trials.append((guess, name, share, _guessed(exam, unseen, share)))
        _, name, share, found = max(trials, key=lambda trial: trial[0])
        chosen.append({"attack": name, "share_guessed": share})
        right, guesses = right + found[0], guesses + found[1]
    wrong = guesses - right
    return {
        "epsilon": at_least(right, guesses, ALPHA),
        "at_most": max(0.0, -_logit_low(wrong, guesses)) if wrong else at_least(right, guesses, ALPHA),
        "chosen": chosen,
        "right": right / guesses,
        "guesses": guesses,
    }


def _guessed(members: Floats, others: Floats, share: float) -> tuple[int, int]:
    """The highest scores are guessed to be members, the lowest to be none: how many are right, of how many."""
    scores = np.concatenate([members, others])
    is_member = np.arange(len(scores)) < len(members)
    order = np.argsort(scores, kind="stable")
    half = max(1, int(share * len(scores) / 2))
    return int((~is_member[order[:half]]).sum() + is_member[order[-half:]].sum()), 2 * half


def _words(epsilon: float, promised: float | None) -> str:
    if epsilon <= 0:
        told = "The attacks prove no loss of privacy for anybody whose record the generator saw"
    else:
        told = (
            f"The attacks prove a privacy loss ε of at least {epsilon:.2f}: for some people whose records the "
            f"generator saw, published rows shift the odds that they were in the data by a factor of "
            f"{math.exp(epsilon):.3g} or more"
        )
    if promised is None:
        return f"{told}. The true loss may be larger, for each of them: only a formal guarantee bounds it."
    stands = "is refuted" if epsilon > promised else "stands unrefuted, which does not confirm it"
    return f"{told}. The promise of ε = {promised:g} {stands}."
