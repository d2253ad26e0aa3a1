"""What a run has finished before it is done, so that one that was killed goes on where it stopped."""

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mintmark import digest
from mintmark.ledger import disk
from mintmark.ledger.entry import references
from mintmark.ledger.objects import Objects


@dataclass(frozen=True)
class Work:
    """Finished parts of one plan, each a small JSON value that may refer to objects.

    Two runs of the same plan may share it: they finish the same parts with the same values.
    """

    folder: Path
    objects: Objects

    def done(self, part: str) -> Any | None:
        """What was noted for a part such as `rows-00003`; None where it is not finished, or its objects are gone."""
        try:
            value = json.loads(self._path(part).read_bytes())
        except (OSError, ValueError):
            return None
        return value if all(self.objects.holds(name) for name in references(value)) else None

    def finish(self, part: str, value: Mapping[str, Any]) -> None:
        """Notes a finished part; StorageError where that fails."""
        disk.write(self._path(part), digest.canonical(dict(value)), drafts=self.folder.parent.parent / "drafts")

    def clear(self) -> None:
        """Forgets the work, once its result is published."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _path(self, part: str) -> Path:
        return self.folder / f"{part}.json"
