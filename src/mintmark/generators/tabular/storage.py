"""Model files: one JSON document and one file of plain arrays, read with suspicion."""

import json
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mintmark.errors import LedgerError, MintmarkError

Arrays = Mapping[str, NDArray[Any]]

FORMAT = 1
_BROKEN = (
    OSError,
    ValueError,
    KeyError,
    TypeError,
    IndexError,
    EOFError,
    zipfile.BadZipFile,
    zlib.error,
    MintmarkError,
)


def write(folder: Path, method: str, body: Mapping[str, Any], arrays: Arrays) -> None:
    """Writes `model.json` and `model.npz` into an existing folder."""
    document = {"format": FORMAT, "method": method, **body}
    text = json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False)
    (folder / "model.json").write_text(text, encoding="utf-8")
    np.savez(folder / "model.npz", allow_pickle=False, **dict(arrays))


def read(folder: Path, method: str) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """Reads what `write` wrote; LedgerError where it is missing, altered, of another method or newer."""
    try:
        body = json.loads((folder / "model.json").read_text(encoding="utf-8"))
        with np.load(folder / "model.npz", allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
    except _BROKEN as error:
        raise damaged(folder, error) from error
    if not isinstance(body, dict) or body.get("method") != method:
        found = str(body.get("method")) if isinstance(body, dict) else "no document"
        raise LedgerError(f"this is not a model of {method}", where=str(folder), found=found)
    if body.get("format") != FORMAT:
        raise LedgerError("this model is of another format", where=str(folder), found=str(body.get("format")))
    return body, arrays


class reading:  # noqa: N801 — reads as a word: with reading(folder): …
    """Turns whatever goes wrong while a model is rebuilt into one LedgerError."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __enter__(self) -> None: ...

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if isinstance(error, _BROKEN) and not isinstance(error, LedgerError):
            raise damaged(self.folder, error) from error


def damaged(folder: Path, error: Exception) -> LedgerError:
    """The one answer to a model file that cannot be what `write` wrote."""
    return LedgerError("this model cannot be read", where=str(folder), found=str(error), fix="fit it again")


def need(holds: bool, what: str) -> None:
    """LedgerError unless what a model file must fulfil holds."""
    if not holds:
        raise LedgerError("this model file is damaged", found=what, fix="fit it again")
