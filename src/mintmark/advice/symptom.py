"""What a look at real data is: the patient, the look, and the symptom that it finds."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Protocol

import numpy as np

from mintmark.data.dataset import Dataset
from mintmark.metrics.evidence import Reading
from mintmark.metrics.metric import Task


@dataclass(frozen=True)
class Patient:
    """The data that is looked at, and what is known of it."""

    data: Dataset
    target: str | None = None
    task: Task | None = None
    sensitive: tuple[str, ...] = ()
    other: Dataset | None = None
    """A second sample: newer, or from where the model will be used."""


class Grade(StrEnum):
    """How plainly something is lacking."""

    MARKED = "marked"
    SLIGHT = "slight"
    ABSENT = "absent"


@dataclass(frozen=True)
class Bars:
    """A picture: lengths beside names."""

    says: str
    names: tuple[str, ...]
    values: tuple[float, ...]


@dataclass(frozen=True)
class Symptom:
    """What a look found."""

    grade: Grade
    what: str
    """In a sentence, with its numbers."""
    helps: str
    """Which synthetic data would help, or that none would, and what would."""
    reading: Reading
    """The number that the grade stands on, with its interval and n."""
    bars: Bars | None = None


class Look(Protocol):
    """One question to real data."""

    title: ClassVar[str]

    def look(self, patient: Patient, *, rng: np.random.Generator) -> Symptom:
        """What is found; CannotMeasure with the reason where there is no honest answer."""
        ...


def first(names: Sequence[str], most: int = 3) -> str:
    """Some names in a sentence."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
