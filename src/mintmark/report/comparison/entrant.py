"""A generator in a comparison: what its rows scored, and what making them cost."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mintmark.gate import Decision
from mintmark.metrics.evidence import Evidence, NoEvidence
from mintmark.metrics.findings import Findings


@dataclass(frozen=True)
class Cost:
    """What one fit, and the sampling after it, took in a process that did nothing else."""

    fit_cpu_s: float
    """Processor seconds, of all threads and child processes."""
    fit_s: float
    """Seconds on the clock."""
    sample_cpu_s: float
    sample_s: float
    rows: int
    """Rows that were sampled."""
    peak_bytes: int
    """The largest resident memory of the process; it holds Python, the packages and the training rows too."""
    base_bytes: int
    """Resident memory with the training rows read, and before the method and its packages were loaded."""

    @property
    def grown_bytes(self) -> int:
        """What the method itself added, its packages included."""
        return max(0, self.peak_bytes - self.base_bytes)

    @property
    def cpu_s(self) -> float:
        """Processor seconds to fit and to sample."""
        return self.fit_cpu_s + self.sample_cpu_s


@dataclass(frozen=True)
class Spread:
    """A cost over all seeds: its mean, least and most."""

    mean: float
    least: float
    most: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread":
        """Of one value or more."""
        return cls(sum(values) / len(values), min(values), max(values))

    def to_json(self) -> dict[str, float]:
        """Plain JSON."""
        return {"mean": self.mean, "least": self.least, "most": self.most}


@dataclass(frozen=True)
class Entrant:
    """One generator with its parameters: its findings and costs, or why there are none."""

    label: str
    """As it was written: `tabular.trees(leaf=20)`."""
    make: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    findings: Findings | None = None
    """Each score is the mean over the seeds, and its interval holds their spread."""
    costs: tuple[Cost, ...] = ()
    """One for each seed."""
    decision: Decision | None = None
    """What the recipe's gate says of these findings; None without rules."""
    failure: str = ""
    """Why it could not be compared."""
    notes: tuple[str, ...] = ()
    """What its fits have to say against their results."""

    def evidence(self, metric: str) -> Evidence | None:
        """What was found for that metric, or None."""
        found = next((each for each in self.findings or () if each.metric == metric), None)
        return None if isinstance(found, NoEvidence) else found

    @property
    def fit(self) -> Spread:
        """Processor seconds to fit."""
        return Spread.of([cost.fit_cpu_s for cost in self.costs])

    @property
    def sampling(self) -> Spread:
        """Processor seconds to sample."""
        return Spread.of([cost.sample_cpu_s for cost in self.costs])

    @property
    def time(self) -> Spread:
        """Processor seconds to fit and to sample."""
        return Spread.of([cost.cpu_s for cost in self.costs])

    @property
    def memory(self) -> Spread:
        """Bytes that the method added to its process."""
        return Spread.of([cost.grown_bytes for cost in self.costs])

    def to_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return {
            "label": self.label,
            "generator": self.make,
            "parameters": dict(self.parameters),
            "failure": self.failure or None,
            "notes": list(self.notes),
            "findings": self.findings.to_json() if self.findings is not None else [],
            "costs": self._spent() if self.costs else None,
            "seeds": [vars(cost) for cost in self.costs],
            "decision": self.decision.to_json() if self.decision else None,
        }

    def _spent(self) -> dict[str, dict[str, float]]:
        spent = {"fit_cpu_s": self.fit, "sample_cpu_s": self.sampling, "cpu_s": self.time, "memory_bytes": self.memory}
        return {name: spread.to_json() for name, spread in spent.items()}
