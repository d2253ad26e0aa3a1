"""Files of text samplers: one JSON document with its digest, read with suspicion."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

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
        raise LedgerError(
            "this model cannot be read", where=str(folder), found=str(error), fix="fit it again"
        ) from error
    if not sound:
        raise LedgerError(f"this is no sound model of {method}", where=str(folder), fix="fit it again")
    return dict(body)
