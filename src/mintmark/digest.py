"""Names made from content: equal content has an equal digest, whatever file it lies in."""

import hashlib
import json
from pathlib import Path
from typing import Any

Digest = str
"""`sha256:` and 64 hexadecimal digits."""


def of_bytes(data: bytes) -> Digest:
    """Digest of raw bytes."""
    return "sha256:" + hashlib.sha256(data).hexdigest()


def of_file(path: Path) -> Digest:
    """Digest of a file's bytes, read in blocks."""
    with path.open("rb") as file:
        return "sha256:" + hashlib.file_digest(file, "sha256").hexdigest()


def of_json(value: Any) -> Digest:
    """Digest of a JSON value in its canonical form."""
    return of_bytes(canonical(value))


def canonical(value: Any) -> bytes:
    """JSON with sorted keys and no spaces; NaN and infinities are refused, for they are not JSON."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()
