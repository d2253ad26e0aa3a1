"""A folder that Mintmark released: which of its files holds the rows, and where each row came from."""

import base64
import json
from pathlib import Path

from mintmark import digest
from mintmark.data import chat, origin
from mintmark.data.origin import Origins
from mintmark.errors import DataError

STATEMENT, SIDE, DATA = "statement.dsse.json", "origin.arrow", "data"
"""What tells a release from other folders, the table of origins, and where the rows lie."""
FORMS = (".parquet", ".arrow", ".jsonl", ".csv")
"""Of several forms of the same rows, the first that is there is read."""


def part(file: str) -> str:
    """Which rows a file holds, whatever its form: `rows` in `rows.csv`, `rows.train` in `rows.train.alpaca.jsonl`."""
    stem = file.rpartition(".")[0]
    before, _, form = stem.rpartition(".")
    return before if form in chat.FORMS else stem


def rows(path: Path) -> Path:
    """The file of rows where the path is that of a release or of its data; any other path as it is.

    Of a release in two parts it is that of the rows to train on: who wants the other one names its file.
    """
    folder = path / DATA if (path / STATEMENT).is_file() else path
    if not (folder.is_dir() and folder.name == DATA and (folder.parent / STATEMENT).is_file()):
        return path
    files = sorted(file for file in folder.iterdir() if file.suffix in FORMS)
    plain = [file for file in files if file.stem == part(file.name)]  # no conversation holds all columns
    return min(plain or files, key=lambda file: FORMS.index(file.suffix), default=folder)


def origins(path: Path) -> Origins | None:
    """Where the rows of a release's file came from; None where the path is none, or that was not recorded.

    DataError where the table of origins cannot be read, or is not the one that the statement was signed for.
    """
    file = rows(path)
    if file.parent.name != DATA or not (file.parent.parent / STATEMENT).is_file():
        return None
    return sides(file.parent.parent).get(file.name.partition(".")[0])


def sides(folder: Path) -> dict[str, Origins]:
    """The origins of each table of a release; none where they were not recorded. DataError as `origins` raises."""
    side = folder / SIDE
    if not side.is_file():
        return {}
    if _signed(folder / STATEMENT) != digest.of_file(side):
        fix = f"see what else was altered: mintmark verify {folder}"
        raise DataError("these origins are not as they were signed", where=str(side), fix=fix)
    return read(side)


def read(side: Path) -> dict[str, Origins]:
    """The origins of each table, from the file beside the data; DataError where it cannot be read."""
    return origin.unpacked(side.read_bytes(), where=str(side))


def _signed(statement: Path) -> str | None:
    """The digest that the signed statement gives the table of origins; None where it cannot be read."""
    try:
        payload = json.loads(base64.b64decode(json.loads(statement.read_bytes())["payload"]))
        return next("sha256:" + one["digest"]["sha256"] for one in payload["subject"] if one["name"] == SIDE)
    except (ValueError, TypeError, KeyError, StopIteration, RecursionError):
        return None
