"""What a rule is: a code, what it finds wrong, why that is wrong and who has shown it, and how it is mended."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar, Protocol

from mintmark.advice.proposal import Proposal
from mintmark.document import Place


class Severity(StrEnum):
    """How much a finding weighs."""

    ERROR = "error"
    """What would be made is not what it will be taken for: nothing is made."""
    WARNING = "warning"
    """It is likely to go wrong, or will not be noticed if it does."""
    NOTE = "note"
    """Worth knowing before money is spent."""


@dataclass(frozen=True)
class Found:
    """One place in a proposal where a rule found something."""

    place: Place
    """The field, as in ("real", "holdout")."""
    what: str
    """What is the matter here, in a sentence."""
    severity: Severity | None = None
    """Where it weighs less here than the rule says."""


class Rule(Protocol):
    """One way in which a plan can be wrong."""

    code: ClassVar[str]
    """Stable for ever: MM101."""
    severity: ClassVar[Severity]
    reason: ClassVar[str]
    """Why this is wrong, as its sources have it."""
    sources: ClassVar[tuple[str, ...]]
    """Keys of `sources.SOURCES`; at least one."""
    fix: ClassVar[str]
    trips: ClassVar[str]
    """A proposal, in YAML, in which the rule finds something."""
    passes: ClassVar[str]
    """The same proposal, mended: the rule finds nothing."""

    def check(self, plan: Proposal) -> Iterator[Found]:
        """What is wrong with this plan."""
        ...


@dataclass(frozen=True)
class Finding:
    """What a rule says of a plan."""

    code: str
    rule: str
    severity: Severity
    file: str
    line: int
    field: str
    what: str
    reason: str
    sources: tuple[str, ...]
    fix: str
    accepted: str | None = None
    """The reason for which the plan accepts it."""

    @property
    def where(self) -> str:
        """`file:line: field`."""
        return f"{self.file}:{self.line}: {self.field}" if self.field else f"{self.file}:{self.line}"

    @property
    def stops(self) -> bool:
        """Is this an error that nobody has accepted?"""
        return self.severity == Severity.ERROR and self.accepted is None

    def to_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return {**vars(self), "severity": str(self.severity), "sources": list(self.sources)}
