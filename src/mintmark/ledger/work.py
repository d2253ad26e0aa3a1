"""What a run has finished before it is done, so that one that was killed goes on where it stopped."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from mintmark import digest, disk
from mintmark.ledger.objects import Objects, ShardRef


@contextmanager
def going_on(ledger: Path, what: str) -> Iterator[None]:
    """Lets `gc` know that something needs what no entry refers to yet; many may do so side by side."""
    lock = ledger / "work" / f"{what}.lock"
    with disk.storage(lock):
        disk.make_folder(lock.parent)
    with disk.locked(lock, shared=True):
        lock.touch()
        yield


@dataclass(frozen=True)
class Work:
    """The finished shards of one plan, each noted in a small file of its own.

    Two runs of the same plan may share it: they finish the same shards with the same rows.
    """

    folder: Path
    objects: Objects

    def done(self, index: int) -> ShardRef | None:
        """The shard of that number; None where it is not finished, or its object is gone."""
        try:
            ref = ShardRef.from_json(json.loads(self._path(index).read_bytes()))
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return ref if self.objects.holds(ref.object) else None

    def finish(self, index: int, ref: ShardRef) -> None:
        """Notes a finished shard; StorageError where that fails."""
        drafts = self.folder.parent.parent / "drafts"
        disk.write(self._path(index), digest.canonical(ref.to_json()), drafts=drafts)

    def clear(self) -> None:
        """Forgets the work, once its result is published."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _path(self, index: int) -> Path:
        return self.folder / f"shard-{index:05}.json"
