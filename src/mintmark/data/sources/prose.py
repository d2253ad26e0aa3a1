"""A corpus as people keep it: files of plain text, in which an empty line ends a paragraph."""

import re
from pathlib import Path

import pyarrow as pa

from mintmark.data.sources import opening
from mintmark.data.sources.found import Found
from mintmark.errors import DataError

COLUMN = "text"
_BREAK = re.compile(r"\n[ \t]*\n\s*")


def find(path: Path) -> Found:
    """One column, `text`, with a row for each paragraph of a file, or of all .txt files of a folder, in order."""
    files = sorted(file for file in path.glob("*.txt*") if file.is_file()) if path.is_dir() else [path]
    if not files:
        raise DataError("this folder holds no text", where=str(path), fix="put files named .txt into it")
    paragraphs, notes = [], []
    for file in files:
        text, more = _decoded(file)
        paragraphs += [part.strip() for part in _BREAK.split(text) if part.strip()]
        notes += more
    return Found(pa.table({COLUMN: pa.array(paragraphs, pa.string())}), notes=tuple(notes))


def _decoded(file: Path) -> tuple[str, list[str]]:
    first = opening.head(file)
    seen = opening.looks_like(first)
    if seen or b"\x00" in first:
        raise DataError("this is no plain text", where=str(file), found=seen or "zero bytes", fix="save it as UTF-8")
    with opening.opened(file) as source:
        raw = source.read()
    try:
        return _lines(raw.decode("utf-8-sig")), []
    except UnicodeDecodeError:
        return _lines(raw.decode("cp1252", errors="replace")), [f"{file.name} is not UTF-8: read as cp1252"]


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
