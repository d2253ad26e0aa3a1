"""Sweeps what nobody refers to: objects of abandoned runs, stale work, drafts of killed processes."""

import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from mintmark import disk
from mintmark.digest import Digest
from mintmark.ledger.entry import mentions
from mintmark.ledger.ledger import Ledger

GRACE = timedelta(days=7)
"""What is younger may belong to a run that is still going."""


@dataclass(frozen=True)
class Swept:
    """What was removed, or would be."""

    objects: tuple[Digest, ...]
    leftovers: tuple[str, ...]
    """Drafts and work, as paths within the ledger."""
    size: int
    """Bytes freed."""

    def to_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return {"objects": list(self.objects), "leftovers": list(self.leftovers), "bytes": self.size}


def gc(ledger: Ledger, *, grace: timedelta = GRACE, dry_run: bool = False) -> Swept:
    """Removes objects that no entry mentions and no unfinished work refers to, and leftovers, if older than `grace`.

    LedgerError where the chain does not hold: then nothing is removed, for what is referred to is not known.
    """
    oldest = time.time() - grace.total_seconds()
    with disk.locked(ledger.folder / "lock"), disk.storage(ledger.folder):
        leftovers = [path for path in _leftovers(ledger) if path.stat().st_mtime < oldest]
        work = [path for path in (ledger.folder / "work").glob("*/*.json") if path.parent not in leftovers]
        kept = {name for entry in ledger for name in entry.mentions} | {name for path in work for name in _named(path)}
        paths = {name: ledger.objects.path(name) for name in ledger.objects if name not in kept}
        old = [name for name, path in paths.items() if path.stat().st_mtime < oldest]
        size = sum(map(_size, (*leftovers, *(paths[name] for name in old))))
        if not dry_run:
            for name in old:
                ledger.objects.remove(name)
            for path in leftovers:
                shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    return Swept(tuple(old), tuple(str(path.relative_to(ledger.folder)) for path in leftovers), size)


def _leftovers(ledger: Ledger) -> Iterator[Path]:
    yield from sorted((ledger.folder / "drafts").glob("*"))
    yield from sorted((ledger.folder / "work").glob("*"))


def _named(path: Path) -> set[Digest]:
    return mentions(path.read_text(encoding="utf-8", errors="replace"))


def _size(path: Path) -> int:
    return sum(map(_size, path.iterdir())) if path.is_dir() else path.stat().st_size
