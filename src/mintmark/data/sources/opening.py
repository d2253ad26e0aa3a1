"""Files opened whatever they are packed in, and refused where they are not what their name says."""

from collections.abc import Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from pathlib import Path

import pyarrow as pa

from mintmark.errors import DataError, StorageError

HEAD_BYTES = 1 << 20

_PACKED = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd"}

_MAGIC = {
    b"\x89PNG": "a PNG image",
    b"\xff\xd8\xff": "a JPEG image",
    b"GIF8": "a GIF image",
    b"%PDF": "a PDF document",
    b"PK\x03\x04": "a zip archive, perhaps an Excel workbook",
    b"\xd0\xcf\x11\xe0": "an old Excel or Word file",
    b"PAR1": "a Parquet file",
    b"ARROW1": "an Arrow file",
    b"SQLite format 3\x00": "a SQLite database",
    b"\x89HDF": "an HDF5 file",
    b"\x7fELF": "a program",
    b"BZh": "a bzip2 archive",
    b"\xfd7zXZ": "an xz archive",
}


@contextmanager
def opened(path: Path) -> Iterator[pa.NativeFile]:
    """The file's bytes, unpacked where they begin as gzip or zstd do; DataError where they break off."""
    try:
        with pa.OSFile(str(path)) as file:
            packed = _packing(file.read(4))
            file.seek(0)
            yield pa.CompressedInputStream(file, packed) if packed else file
    except PermissionError as error:
        raise StorageError("this file may not be read", where=str(path)) from error
    except (EOFError, OSError) as error:
        raise DataError(
            "this file is damaged or breaks off early", where=str(path), found=str(error), fix="fetch it again"
        ) from error


def head(path: Path) -> bytes:
    """The first bytes of the file, unpacked; DataError where there are none."""
    with opened(path) as file:
        first: bytes = file.read(HEAD_BYTES)
    if not first.strip():
        raise DataError("this file is empty", where=str(path), found=f"{path.stat().st_size} bytes")
    return first


def whole(path: Path) -> pa.BufferReader:
    """All bytes of the file, unpacked, for formats that are read from their end."""
    with opened(path) as file:
        return pa.BufferReader(file.read())


def is_packed(path: Path) -> bool:
    """Is the file gzipped or zstd-compressed?"""
    with path.open("rb") as file:
        return _packing(file.read(4)) is not None


def looks_like(first: bytes) -> str | None:
    """What bytes that are not text seem to be, or None."""
    if first[8:12] == b"DUCK":
        return "a DuckDB database"
    return next((name for magic, name in _MAGIC.items() if first.startswith(magic)), None)


def resolved(source: str, base: Path | None) -> Path:
    """The path of a file or folder that exists; DataError with the nearest names where it does not."""
    path = Path(source).expanduser()
    path = path if path.is_absolute() or base is None else base / path
    if path.exists():
        return path
    folder = path.parent
    if not folder.is_dir():
        raise DataError(
            "there is no such file", where=source, found=f"looked for in {folder.absolute()}, which is no folder"
        )
    names = sorted(entry.name for entry in folder.iterdir())
    near = get_close_matches(path.name, names, n=3, cutoff=0.4)
    fix = f"did you mean {', '.join(near)}?" if near else f"there are: {', '.join(names[:12]) or 'none'}"
    raise DataError("there is no such file", where=source, found=f"looked for in {folder.absolute()}", fix=fix)


def _packing(first: bytes) -> str | None:
    return next((name for magic, name in _PACKED.items() if first.startswith(magic)), None)
