"""The contract that every metric keeps, and the case that is put to it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Literal, Protocol

import numpy as np

from mintmark.data.dataset import Dataset
from mintmark.errors import CannotMeasure
from mintmark.metrics.evidence import Claim, Reading


class Role(StrEnum):
    """A part that data plays in a case."""

    SYNTHETIC = "synthetic"
    TRAIN = "train"
    HOLDOUT = "holdout"


Task = Literal["classification", "regression"]


@dataclass(frozen=True)
class Case:
    """The data under question, and the real data beside it. `synthetic` may in truth be a ceiling or a floor."""

    synthetic: Dataset
    train: Dataset | None = None
    """Real rows that the generator saw."""
    holdout: Dataset | None = None
    """Real rows that no generator saw."""
    target: str | None = None
    """The column that the task predicts."""
    sensitive: tuple[str, ...] = ()
    """Columns that name groups of people."""
    task: Task | None = None
    """What the target is predicted as; None where its kind decides."""

    def need(self, role: Role) -> Dataset:
        """The data in that role; CannotMeasure with the reason where there is none."""
        found = {Role.SYNTHETIC: self.synthetic, Role.TRAIN: self.train, Role.HOLDOUT: self.holdout}[role]
        if found is None:
            raise CannotMeasure(_MISSING[role])
        return found

    @property
    def reference(self) -> Dataset:
        """The best real data to compare with: the holdout, or the training data where there is none."""
        found = self.holdout if self.holdout is not None else self.train
        if found is None:
            raise CannotMeasure("there is no real data to compare with")
        return found


_MISSING = {
    Role.SYNTHETIC: "there is no synthetic data",
    Role.TRAIN: "the rows that the generator was trained on are not known",
    Role.HOLDOUT: "there is no real data that the generator did not see: give a holdout",
}


class Metric(Protocol):
    """One question. Its fields are its parameters; making one does nothing else."""

    claim: ClassVar[Claim]
    needs: ClassVar[frozenset[Role]]
    better: ClassVar[Literal["lower", "higher"]]
    whole: ClassVar[bool]
    """True where all synthetic rows count (an attacker has them all); False where n must match the ceiling's."""

    def measure(self, case: Case, *, rng: np.random.Generator) -> Reading:
        """Puts the question to a case.

        Raises CannotMeasure with the reason where there is no honest answer, and with the n that would be needed.
        """
        ...
