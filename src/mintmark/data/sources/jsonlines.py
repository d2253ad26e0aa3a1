"""JSON Lines, or one JSON array: an object for each row."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from mintmark.data.sources import opening
from mintmark.data.sources.found import Found, Request, Told
from mintmark.errors import DataError

BATCH_ROWS = 50_000


def find(path: Path, request: Request) -> Found:  # noqa: ARG001 - every reader has this signature
    """The rows; objects and lists inside them become JSON text, and so does a column of mixed types."""
    first = opening.head(path)
    seen = opening.looks_like(first)
    if seen or b"\x00" in first:
        raise DataError("this is not JSON text", where=str(path), found=seen or "zero bytes")
    columns: dict[str, list[pa.Array]] = {}
    done = 0
    for batch in _batches(_rows(path, array=first.lstrip().startswith(b"["))):
        for name in dict.fromkeys(name for row in batch for name in row):
            columns.setdefault(name, [pa.nulls(done)] if done else [])
        for name, chunks in columns.items():
            chunks.append(arrow([row.get(name) for row in batch]))
        done += len(batch)
    if not done:
        raise DataError("this file holds no rows", where=str(path))
    return Found(pa.table({name: joined(chunks) for name, chunks in columns.items()}), Told.NO_TIMES)


def arrow(values: list[Any]) -> pa.Array:
    """Values as Python holds them, in the narrowest type that keeps them all; text where there is none."""
    kinds = {type(value) for value in values} - {type(None)}
    if kinds <= {int, float} and kinds:
        whole = kinds == {int} or all(float(v).is_integer() and abs(v) < 2**53 for v in values if v is not None)
        for type_ in (pa.int64(), pa.uint64()) if whole and float not in kinds else (pa.float64(),):
            try:
                return pa.array(values, type_)
            except (OverflowError, pa.ArrowInvalid):
                continue
    elif not kinds or kinds in ({bool}, {str}, {bytes}):
        return pa.array(values)
    return pa.array([_text(value) for value in values], pa.string())


def joined(chunks: list[pa.Array]) -> pa.ChunkedArray:
    """Chunks laid end to end in the narrowest type that holds them all."""
    types = {chunk.type for chunk in chunks if not pa.types.is_null(chunk.type)} or {pa.string()}
    if len(types) == 1:
        target = types.pop()
    elif all(pa.types.is_integer(type_) or pa.types.is_floating(type_) for type_ in types):
        target = pa.float64() if pa.float64() in types else pa.uint64()
    else:
        target = pa.string()
    try:
        return pa.chunked_array([chunk.cast(target) for chunk in chunks])
    except pa.ArrowInvalid:  # whole numbers that no 64-bit type holds all of
        return pa.chunked_array([chunk.cast(pa.string()) for chunk in chunks])


def _rows(path: Path, *, array: bool) -> Iterator[dict[str, Any]]:
    with opening.opened(path) as file:
        source: Iterable[Any] = _array(path, file.read()) if array else _lines(path, file)
        for place, row in enumerate(source, 1):
            if not isinstance(row, dict):
                raise DataError("a row is not a JSON object", where=f"{path}, row {place}", found=repr(row)[:80])
            yield row


def _lines(path: Path, file: pa.NativeFile) -> Iterator[Any]:
    for place, line in enumerate(_split(file), 1):
        if line.strip():
            yield _parsed(line, f"{path}, line {place}")


def _split(file: pa.NativeFile) -> Iterator[bytes]:
    rest = b""
    while block := file.read(1 << 22):
        *lines, rest = (rest + block).split(b"\n")
        yield from lines
    yield rest


def _array(path: Path, body: bytes) -> list[Any]:
    return list(_parsed(body, str(path)))


def _parsed(text: bytes, where: str) -> Any:
    try:
        return json.loads(text.removeprefix(b"\xef\xbb\xbf"))
    except (ValueError, RecursionError) as error:
        found = text[:80].decode(errors="replace")
        raise DataError(f"this is not JSON: {error}", where=where, found=found, fix="give one object a line") from error


def _batches(rows: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    batch: list[dict[str, Any]] = []
    for row in rows:
        batch.append(row)
        if len(batch) == BATCH_ROWS:
            yield batch
            batch = []
    if batch:
        yield batch


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, default=str)
