"""Model files: one JSON document and, where there are arrays, one file of them; read with suspicion."""

import io
import json
import struct
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mintmark import digest
from mintmark.errors import LedgerError, MintmarkError

Arrays = Mapping[str, NDArray[Any]]

FORMAT = 1
_BROKEN = (
    OSError, ValueError, KeyError, TypeError, IndexError, AttributeError, EOFError, NotImplementedError, RecursionError,
    ArithmeticError, zipfile.BadZipFile, zlib.error, struct.error, MintmarkError,
)  # fmt: skip


def write(folder: Path, method: str, body: Mapping[str, Any], arrays: Arrays | None = None) -> None:
    """Writes `model.json` and, where there are arrays, `model.npz` into an existing folder."""
    plain = json.loads(json.dumps({"format": FORMAT, "method": method, **body}, allow_nan=False))
    if arrays is not None:
        stored = io.BytesIO()
        np.savez(stored, allow_pickle=False, **dict(arrays))
        (folder / "model.npz").write_bytes(stored.getvalue())
        plain["arrays"] = digest.of_bytes(stored.getvalue())
    plain["digest"] = digest.of_json(plain)
    (folder / "model.json").write_text(json.dumps(plain, indent=1, ensure_ascii=False), encoding="utf-8")


def read(folder: Path, method: str) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """Reads what `write` wrote; LedgerError where it is missing, altered, of another method or newer."""
    with reading(folder):
        body = json.loads((folder / "model.json").read_text(encoding="utf-8"))
        if body.get("method") != method:
            raise LedgerError(f"this is not a model of {method}", where=str(folder), found=str(body.get("method")))
        need(body.get("format") == FORMAT, f"format {body.get('format')}")
        said = body.pop("digest", None)
        need(digest.of_json(body) == said, "model.json does not fit its digest")
        if "arrays" not in body:
            return body, {}
        stored = (folder / "model.npz").read_bytes()
        need(digest.of_bytes(stored) == body.pop("arrays"), "model.npz does not fit its digest")
        with np.load(io.BytesIO(stored), allow_pickle=False) as arrays:
            return body, {name: arrays[name] for name in arrays.files}


class reading:  # noqa: N801 — reads as a word: with reading(folder): …
    """Turns whatever goes wrong while a model is rebuilt into one LedgerError."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __enter__(self) -> None: ...

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if isinstance(error, _BROKEN) and not isinstance(error, LedgerError):
            raise LedgerError("this model cannot be read", where=str(self.folder), found=str(error),
                              fix="fit it again") from error  # fmt: skip


def need(holds: bool, what: str) -> None:
    """LedgerError unless what a model file must fulfil holds."""
    if not holds:
        raise LedgerError("this model file is damaged", found=what, fix="fit it again")
