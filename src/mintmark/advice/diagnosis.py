"""Looks at real data before anything is made: what is scarce in it, how surely, and would synthetic data help?"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from mintmark import catalog
from mintmark.advice.source import Source, classify
from mintmark.advice.symptom import Grade, Look, Patient, Symptom
from mintmark.data.dataset import Dataset
from mintmark.errors import CannotMeasure
from mintmark.seeds import Seed

Report = Callable[[str, int, int], None]
"""(what is being done, how much of it is done, of how much)"""

ROWS = 50_000
"""Most rows that are looked at, drawn at random."""


@dataclass(frozen=True)
class Looked:
    """A look, and what it found or why it found nothing."""

    name: str
    title: str
    symptom: Symptom | None
    reason: str = ""

    def to_json(self) -> dict[str, Any]:
        """Plain JSON."""
        if self.symptom is None:
            return {"name": self.name, "title": self.title, "reason": self.reason}
        found, reading = self.symptom, self.symptom.reading
        return {
            "name": self.name,
            "title": self.title,
            "grade": str(found.grade),
            "what": found.what,
            "helps": found.helps,
            "value": reading.value,
            "interval": list(reading.interval),
            "n": reading.n,
            "details": dict(reading.details),
        }


@dataclass(frozen=True)
class Diagnosis:
    """All looks, what is marked first."""

    looked: tuple[Looked, ...]
    source: Source
    """What kind of data it is."""
    rows: int
    notes: tuple[str, ...] = ()

    @property
    def marked(self) -> tuple[Looked, ...]:
        """What is plainly lacking."""
        return tuple(each for each in self.looked if each.symptom and each.symptom.grade == Grade.MARKED)

    def __getitem__(self, name: str) -> Looked:
        """The look of that name, with or without `symptoms.`; KeyError where there is none."""
        return {key: each for each in self.looked for key in (each.name, each.name.partition(".")[2])}[name]

    def to_json(self) -> dict[str, Any]:
        """What `mintmark diagnose --json` answers."""
        looked = [each.to_json() for each in self.looked]
        return {"rows": self.rows, "source": self.source.to_json(), "looked": looked, "notes": list(self.notes)}


def _silent(what: str, done: int, total: int) -> None:
    del what, done, total


def diagnose(patient: Patient, *, made_by: str | None = None, seed: int = 0, progress: Report = _silent) -> Diagnosis:
    """Takes every look; each has a random stream of its own, so that one more changes no other.

    `made_by` declares how the data came about, in a word of `source.DECLARED`; InputError for another word.
    """
    root, rows = Seed(seed), len(patient.data)
    notes = [f"looked at {ROWS:,} of {rows:,} rows, drawn at random"] if rows > ROWS else []
    seen = _some(patient, root)
    names = [name for name in catalog.names("advice") if name.startswith("symptoms.")]
    looked = []
    for place, name in enumerate(names):
        progress(f"looking at the data, {name.partition('.')[2].replace('_', ' ')}", place, len(names))
        looked.append(_looked(name, seen, root))
    progress("looking at the data", len(names), len(names))
    doubts = next((each.symptom for each in looked if each.name == "symptoms.mislabels"), None)
    source = classify(seen.data, made_by=made_by, doubts=doubts, rng=root.child("source").rng())
    order = {Grade.MARKED: 0, Grade.SLIGHT: 1, Grade.ABSENT: 2}
    looked.sort(key=lambda each: order[each.symptom.grade] if each.symptom else 3)
    return Diagnosis(tuple(looked), source, rows, tuple(notes))


def _looked(name: str, patient: Patient, root: Seed) -> Looked:
    look: Look = catalog.load("advice", name)()
    try:
        return Looked(name, look.title, look.look(patient, rng=root.child(name).rng()))
    except CannotMeasure as error:
        return Looked(name, look.title, None, " ".join(str(error).split()))


def _some(patient: Patient, root: Seed) -> Patient:
    def some(data: Dataset, name: str) -> Dataset:
        if len(data) <= ROWS:
            return data
        return data.select(np.sort(root.child(name).rng().permutation(len(data))[:ROWS]))

    other = some(patient.other, "other") if patient.other is not None else None
    return Patient(some(patient.data, "data"), patient.target, patient.task, patient.sensitive, other)
