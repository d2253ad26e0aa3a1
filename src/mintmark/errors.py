"""Everything that can go wrong, as one tree.

MintmarkError
├── InputError            the person's input is wrong; nothing was changed (exit code 2)
│   ├── RecipeError       a recipe or a part of it cannot be read
│   ├── DataError         real data cannot be read or does not hold what was said of it
│   ├── UnknownName       a generator, metric, column or data set that does not exist
│   ├── MissingExtra      an optional package is not installed
│   ├── ConditionError    `where`, `given` or a constraint that cannot be met
│   └── Unconfined        untrusted code cannot be held here, so none is run
├── CannotMeasure         a metric has no honest answer here; becomes NoEvidence
├── LedgerError           the record is damaged, locked or newer than this program (exit code 2)
├── StorageError          the disk is full or may not be written (exit code 2)
├── GenerationError       a generator failed on sound input (exit code 2)
├── ModelError            a language model cannot be had, or answers nothing of use (exit code 2)
└── BudgetSpent           asking stopped before it would cost more than was allowed (exit code 2)
"""

import difflib
from collections.abc import Iterable


class MintmarkError(Exception):
    """What is wrong, where, what was found and what to do about it."""

    def __init__(self, wrong: str, *, where: str = "", found: str = "", fix: str = "") -> None:
        self.wrong, self.where, self.found, self.fix = wrong, where, found, fix
        super().__init__(str(self))

    def __str__(self) -> str:
        head = f"{self.where}: {self.wrong}" if self.where else self.wrong
        found = f"found: {self.found}" if self.found else ""
        return "\n  ".join(part for part in (head, found, self.fix) if part)

    def __reduce__(self) -> tuple[object, ...]:
        # Errors cross process borders on their way back from a worker.
        return _again, (type(self), self.wrong, self.where, self.found, self.fix)


def _again(kind: type[MintmarkError], wrong: str, where: str, found: str, fix: str) -> MintmarkError:
    error = kind.__new__(kind)
    MintmarkError.__init__(error, wrong, where=where, found=found, fix=fix)
    return error


class InputError(MintmarkError):
    """The person's input is wrong; nothing was changed."""


class RecipeError(InputError):
    """A recipe, or a part of it, cannot be read."""


class DataError(InputError):
    """Real data cannot be read, or does not hold what was said of it."""


class UnknownName(InputError):
    """A name that does not exist, with the nearest ones that do."""

    def __init__(self, what: str, name: str, choices: Iterable[str], *, where: str = "") -> None:
        known = sorted(choices)
        near = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
        fix = f"did you mean {', '.join(near)}?" if near else f"choose from: {', '.join(known[:20]) or 'none'}"
        super().__init__(f"there is no {what} {name!r}", where=where, fix=fix)


class MissingExtra(InputError):
    """An optional package is not installed; says which pip command brings it."""

    def __init__(self, name: str, package: str, extra: str) -> None:
        super().__init__(f"{name} needs {package}", fix=f"pip install 'mintmark[{extra}]'")


class ConditionError(InputError):
    """A `where`, `given` or constraint that cannot be met."""


class Unconfined(InputError):
    """Untrusted code cannot be held on this machine at the level asked for, so none is run."""


class CannotMeasure(MintmarkError):
    """A metric has no honest answer here."""


class LedgerError(MintmarkError):
    """The record is damaged, locked, or newer than this program."""


class StorageError(MintmarkError):
    """The disk is full or may not be written."""


class GenerationError(MintmarkError):
    """A generator failed on sound input."""


class ModelError(MintmarkError):
    """A language model cannot be had, or answers nothing of use; all that it answered is kept."""


class BudgetSpent(MintmarkError):
    """Asking stopped before it would cost more than was allowed; all that was answered is kept."""
