"""Sweeps what nobody needs: versions that no policy keeps, objects of abandoned runs, stale work, drafts of killed
processes.

That rows are collected is entered in the chain before the first of them goes. So one who is killed half-way leaves a
ledger that knows what it may miss, and the next sweep takes the rest. What a run that is going on may need is younger
than that run, or is its work: neither is touched.
"""

import shutil
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from mintmark import disk
from mintmark.digest import Digest
from mintmark.ledger.entry import Act, mentions
from mintmark.ledger.ledger import Ledger
from mintmark.ledger.living import collected, mentioned
from mintmark.ledger.naming import Named
from mintmark.ledger.retention import Policy

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
    versions: tuple[str, ...] = ()
    """Whose rows are collected, as in `wine@2`."""
    policy: Policy = field(default_factory=Policy)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return {
            "objects": list(self.objects),
            "leftovers": list(self.leftovers),
            "bytes": self.size,
            "versions": list(self.versions),
            "policy": self.policy.to_json(),
        }


def gc(ledger: Ledger, *, grace: timedelta = GRACE, dry_run: bool = False, policy: Policy | None = None) -> Swept:
    """Collects the rows of versions that `policy` does not keep; removes objects that no entry needs and no unfinished
    work refers to, and leftovers. All of it only if older than `grace`.

    LedgerError where the chain does not hold: then nothing is removed, for what is referred to is not known.
    """
    told = policy or Policy()
    with ledger.alone() as enter, disk.storage(ledger.folder), _resting(ledger) as started:
        oldest = min(time.time() - grace.total_seconds(), started)
        leftovers = [path for path in _leftovers(ledger, started) if _mtime(path) < oldest]
        going = _going(ledger, told, oldest)
        if not dry_run:
            for each in going:
                enter(Act.COLLECT, each.entry.subject, body={
                    "name": each.name, "entry": each.entry.digest, "policy": str(told), "terms": told.to_json(),
                })  # fmt: skip
        old = [name for name in _unneeded(ledger, going, leftovers) if _mtime(ledger.objects.path(name)) < oldest]
        size = sum(map(_size, (*leftovers, *map(ledger.objects.path, old))))
        if not dry_run:
            _remove(ledger, old, leftovers, oldest)
    paths = tuple(str(path.relative_to(ledger.folder)) for path in leftovers)
    return Swept(tuple(old), paths, size, tuple(map(str, going)), told)


@contextmanager
def _resting(ledger: Ledger) -> Iterator[float]:
    """When the longest of the runs that are going on began (infinity where there is none); meanwhile none begins.

    Each run holds the lock of its work, and touches it when it begins; only those that nobody holds can be taken.
    """
    with ExitStack() as held:
        locks = sorted((ledger.folder / "work").glob("*.lock"))
        taken = {path: held.enter_context(disk.tried(path)) for path in locks}
        yield min((_mtime(path) for path, mine in taken.items() if not mine), default=float("inf"))


def _leftovers(ledger: Ledger, started: float) -> Iterator[Path]:
    yield from sorted((ledger.folder / "drafts").glob("*"))
    if started == float("inf"):  # which work a run goes on from is not known, so all of it is kept
        yield from sorted((ledger.folder / "work").glob("*"))


def _going(ledger: Ledger, policy: Policy, oldest: float) -> list[Named]:
    """Versions that nothing keeps, none of whose files is young, and which are not collected already."""
    gone = collected(ledger)
    manifests = {f"sha256:{file[13:77]}": ledger.manifests.folder / file for file in ledger.manifests.files()}
    return [
        each
        for each in policy.going(ledger)
        if each.entry.digest not in gone
        and _mtime(manifests.get(each.entry.digest)) < oldest
        and all(_mtime(ledger.objects.path(name)) < oldest for name in each.entry.objects)
    ]


def _unneeded(ledger: Ledger, going: Iterable[Named], leftovers: Iterable[Path]) -> list[Digest]:
    entries = ledger.whole()
    gone = {**collected(ledger), **{each.entry.digest: each.entry for each in going}}
    work = [path for path in (ledger.folder / "work").glob("*/*.json") if path.parent not in leftovers]
    kept = {*mentioned(entries, gone), *(name for path in work for name in _named(path))}
    return [name for name in ledger.objects if name not in kept]


def _remove(ledger: Ledger, objects: Iterable[Digest], leftovers: Iterable[Path], oldest: float) -> None:
    for name in objects:
        if _mtime(ledger.objects.path(name)) < oldest:  # looked at again: somebody may have kept it meanwhile
            ledger.objects.remove(name)
    for path in leftovers:
        if path.is_dir():
            # Out of its place at once: a run must never go on from work that is half removed.
            path = path.rename(ledger.folder / "drafts" / f".{uuid4().hex}.draft")
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def _named(path: Path) -> set[Digest]:
    return mentions(path.read_text(encoding="utf-8", errors="replace"))


def _mtime(path: Path | None) -> float:
    """When a file was last kept; long ago where there is none."""
    try:
        return path.stat().st_mtime if path else 0.0
    except FileNotFoundError:
        return 0.0


def _size(path: Path) -> int:
    if path.is_dir():
        return sum(map(_size, path.iterdir()))
    return path.stat().st_size if path.exists() else 0
