"""Files of text samplers: one JSON document with its digest, and plain arrays beside it; read with suspicion."""

import io
import json
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mintmark import digest
from mintmark.errors import LedgerError, MintmarkError

FORMAT = 1


def write(folder: Path, method: str, body: Mapping[str, Any]) -> None:
    """Writes `model.json` into an existing folder."""
    plain = json.loads(json.dumps({"format": FORMAT, "method": method, **body}, allow_nan=False, ensure_ascii=False))
    plain["digest"] = digest.of_json(plain)
    (folder / "model.json").write_text(json.dumps(plain, indent=1, ensure_ascii=False), encoding="utf-8")


def read(folder: Path, method: str) -> dict[str, Any]:
    """Reads what `write` wrote; LedgerError where it is missing, altered, of another method or newer."""
    try:
        body = json.loads((folder / "model.json").read_text(encoding="utf-8"))
        said = body.pop("digest", None)
        sound = digest.of_json(body) == said and body.get("format") == FORMAT and body.get("method") == method
    except (OSError, ValueError, AttributeError, RecursionError, MintmarkError) as error:
        raise damaged(folder, error) from error
    if not sound:
        raise LedgerError(f"this is no sound model of {method}", where=str(folder), fix="fit it again")
    return dict(body)


def write_with_arrays(
    folder: Path, method: str, body: Mapping[str, Any], arrays: Mapping[str, NDArray[np.generic]]
) -> None:
    """Writes `model.json` and `model.npz` into an existing folder."""
    held = io.BytesIO()
    np.savez(held, allow_pickle=False, **dict(arrays))
    (folder / "model.npz").write_bytes(held.getvalue())
    write(folder, method, {**body, "arrays": digest.of_bytes(held.getvalue())})


def read_with_arrays(folder: Path, method: str) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """Reads what `write_with_arrays` wrote; LedgerError as `read`."""
    body = read(folder, method)
    try:
        held = (folder / "model.npz").read_bytes()
        if digest.of_bytes(held) != body.pop("arrays", None):
            raise ValueError("model.npz does not fit its digest")
        with np.load(io.BytesIO(held), allow_pickle=False) as arrays:
            return body, {name: arrays[name] for name in arrays.files}
    except (OSError, ValueError, KeyError, zipfile.BadZipFile, zlib.error) as error:
        raise damaged(folder, error) from error


def damaged(folder: Path, error: Exception) -> LedgerError:
    """The one answer to a model file that cannot be what was written."""
    return LedgerError("this model cannot be read", where=str(folder), found=str(error), fix="fit it again")
