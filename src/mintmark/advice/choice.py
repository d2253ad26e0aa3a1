"""Which way should a gap be filled? All ways, weighed by what speaks for and against them here."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mintmark import catalog
from mintmark.advice.method import Method, Reason, Wish

RUN = 2
"""Points that a comparison of the user's own gives or takes: it outweighs one reason from the literature."""


@dataclass(frozen=True)
class Run:
    """What a comparison of the user's own found of a method."""

    comparison: str
    advised: tuple[str, ...]
    compared: tuple[str, ...]


@dataclass(frozen=True)
class Weighed:
    """A way, with what speaks for and against it."""

    method: Method
    reasons: tuple[Reason, ...]

    @property
    def points(self) -> int:
        """All reasons together."""
        return sum(reason.points for reason in self.reasons)

    @property
    def vetoes(self) -> tuple[Reason, ...]:
        """What rules it out."""
        return tuple(reason for reason in self.reasons if reason.veto)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON."""
        way = self.method
        return {
            "name": way.name,
            "alternative": way.alternative,
            "points": self.points,
            "ruled_out": bool(self.vetoes),
            "reasons": [{"points": r.points, "why": r.why, "source": r.source, "veto": r.veto} for r in self.reasons],
            "ceiling": way.ceiling,
            "fails": way.fails,
            "cannot": way.cannot,
            "owes": list(way.owes),
            "cost": way.cost,
        }


@dataclass(frozen=True)
class Choice:
    """Ways to make data, ways to do without, and what is ruled out; the best first."""

    wish: Wish
    ways: tuple[Weighed, ...]
    alternatives: tuple[Weighed, ...]
    ruled_out: tuple[Weighed, ...]

    @property
    def headline(self) -> str:
        """What to do, in a sentence."""
        if not self.ways:
            rest = f"; look at {self.alternatives[0].method.name}" if self.alternatives else ""
            return f"No way of making such data can be advised{rest}."
        best = self.ways[0]
        first = self.alternatives[0] if self.alternatives else None
        if best.points <= 0:
            return f"Little speaks for synthetic data here{f'; try {first.method.name}' if first else ''}."
        if first is not None and first.points >= best.points:
            return f"Try {first.method.name} first; then {best.method.name}, measured beside it."
        return f"Take {best.method.name}, and measure it: advice is no evidence."

    def to_json(self) -> dict[str, Any]:
        """What `mintmark advise --json` answers."""
        parts = {"ways": self.ways, "alternatives": self.alternatives, "ruled_out": self.ruled_out}
        listed = {name: [each.to_json() for each in part] for name, part in parts.items()}
        return {"headline": self.headline, "wish": dict(vars(self.wish)), **listed}


def advise(wish: Wish, runs: Sequence[Run] = ()) -> Choice:
    """Weighs every way that makes what is wished; `runs` are comparisons of the user's own, newest last."""
    ways = [catalog.load("advice", name)() for name in catalog.names("advice") if name.startswith("methods.")]
    weighed = [_weighed(way, wish, runs) for way in ways if wish.modality in way.makes]
    weighed.sort(key=lambda each: (-each.points, each.method.name))
    kept = [each for each in weighed if not each.vetoes]
    return Choice(
        wish,
        tuple(each for each in kept if not each.method.alternative),
        tuple(each for each in kept if each.method.alternative and each.points > 0),
        tuple(each for each in weighed if each.vetoes),
    )


def _weighed(way: Method, wish: Wish, runs: Sequence[Run]) -> Weighed:
    reasons = [*way.weigh(wish), *(_ran(way.name, run) for run in runs[-1:] if way.name in run.compared)]
    return Weighed(way, tuple(sorted(reasons, key=lambda reason: -reason.points)))


def _ran(name: str, run: Run) -> Reason:
    if name in run.advised:
        return Reason(RUN, f"your own comparison {run.comparison} advises it")
    return Reason(-RUN, f"your own comparison {run.comparison} does not advise it")
