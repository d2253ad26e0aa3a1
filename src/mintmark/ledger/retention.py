"""Which versions may go: those that no clause of a policy keeps."""

import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mintmark.errors import InputError
from mintmark.ledger.entry import Act, Entry
from mintmark.ledger.ledger import Ledger
from mintmark.ledger.naming import Named, named

_DAY_SECONDS = 24 * 3600


@dataclass(frozen=True)
class Policy:
    """A version is kept if any of these keeps it. Without `last` and `days` every version is."""

    last: int | None = None
    """The newest so many of each name."""
    days: float | None = None
    """Those that are younger."""
    tagged: bool = True
    released: bool = True

    def __post_init__(self) -> None:
        for what, value in (("last", self.last), ("days", self.days)):
            if value is not None and not value >= 0:
                raise InputError("a policy cannot keep fewer than none", where=what, found=repr(value))

    def __str__(self) -> str:
        said = [
            f"the last {self.last} of a name" if self.last is not None else "",
            f"what is younger than {self.days:g} days" if self.days is not None else "",
            "tagged" if self.tagged else "",
            "released" if self.released else "",
        ]
        return f"keep {', '.join(filter(None, said)) or 'nothing'}"

    def to_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return dict(vars(self))

    def going(self, ledger: Ledger) -> list[Named]:
        """The versions that nothing keeps, oldest first."""
        if self.last is None and self.days is None:
            return []
        versions = named(ledger)
        newest = {each.name: each.version for each in versions}
        released = {entry.subject for entry in ledger.find(Act.RELEASE)}
        return [
            each
            for each in versions
            if not (self.tagged and each.tags)
            and not (self.released and each.entry.subject in released)
            and not (self.last is not None and each.version > newest[each.name] - self.last)
            and not (self.days is not None and _age_days(each.entry) < self.days)
        ]


def _age_days(entry: Entry) -> float:
    """Since the entry was made, by what it says itself; of one that says nothing, none."""
    try:
        return (time.time() - datetime.fromisoformat(str(entry.body["at"])).timestamp()) / _DAY_SECONDS
    except (KeyError, ValueError, OverflowError, OSError):
        return 0.0
