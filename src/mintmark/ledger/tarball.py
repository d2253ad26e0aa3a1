"""A plain tar, written in one way only and read with suspicion.

The same files give the same bytes: names in the order given, no times, no owners. Nothing is compressed, for the rows
are already, and what is not unpacked cannot burst. What is read must be what would have been written: files with names
of the known layout, each once, and not a byte before, between or after them.
"""

import hashlib
import io
import re
import tarfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from mintmark import disk
from mintmark.digest import Digest
from mintmark.errors import LedgerError

BLOCK = 512
MOST_FILES = 1_000_000
MOST_BYTES = 2**40
"""Of all files together: 1 TiB."""

_END = bytes(2 * BLOCK)
_AT_ONCE = 1 << 20
_COMPRESSED = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd", b"PK": "zip", b"\xfd7zXZ": "xz", b"BZh": "bzip2"}
_KINDS = {
    tarfile.SYMTYPE: "a symbolic link", tarfile.LNKTYPE: "a hard link", tarfile.CHRTYPE: "a device",
    tarfile.BLKTYPE: "a device", tarfile.FIFOTYPE: "a pipe", tarfile.DIRTYPE: "a folder",
}  # fmt: skip


@dataclass(frozen=True)
class Place:
    """Where a file lies in the tar."""

    start: int
    size: int


@dataclass(frozen=True)
class Tarball:
    """A tar whose every header was looked at; no content was."""

    path: Path
    files: Mapping[str, Place]

    @classmethod
    def open(cls, path: Path, layout: re.Pattern[str]) -> "Tarball":
        """Looks through a tar. LedgerError where it is none, is cut short, or holds what does not belong there."""
        with disk.storage(path):
            size = path.stat().st_size
            with path.open("rb") as file:
                _refuse_compressed(file.read(8), path)
                file.seek(0)
                return cls(path, _files(file, size, layout, str(path)))

    def read(self, name: str, most: int) -> bytes:
        """A file's bytes; LedgerError where it is longer than `most`."""
        if self.files[name].size > most:
            raise LedgerError("this file is too large for what it is", where=f"{self.path}: {name}",
                              found=f"{self.files[name].size:,} bytes")  # fmt: skip
        return self.open_file(name).read()

    def open_file(self, name: str) -> io.BufferedReader:
        """A file in it, to be read where it lies."""
        return io.BufferedReader(Slice(self.path, self.files[name]), _AT_ONCE)

    def digest(self, name: str) -> Digest:
        """The digest of a file's bytes, in bounded memory."""
        found = hashlib.sha256()
        with self.open_file(name) as file:
            while block := file.read(_AT_ONCE):
                found.update(block)
        return f"sha256:{found.hexdigest()}"


class Slice(io.RawIOBase):
    """A part of a file, as a file of its own."""

    def __init__(self, path: Path, place: Place) -> None:
        super().__init__()
        self._file, self._place, self._at = path.open("rb"), place, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """As for any file."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._place.size}[whence]
        self._at = max(0, start + offset)
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        """As for any file; never beyond its end."""
        self._file.seek(self._place.start + self._at)
        data = self._file.read(max(0, min(len(buffer), self._place.size - self._at)))
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)

    def close(self) -> None:
        self._file.close()
        super().close()


def write(path: Path, files: Iterable[tuple[str, Path | bytes]]) -> int:
    """Writes files in this order; returns the bytes written."""
    with path.open("wb") as out:
        for name, content in files:
            size = len(content) if isinstance(content, bytes) else content.stat().st_size
            out.write(_header(name, size))
            start = out.tell()
            if isinstance(content, bytes):
                out.write(content)
            else:
                with content.open("rb") as file:
                    while block := file.read(_AT_ONCE):
                        out.write(block)
            if out.tell() - start != size:
                raise LedgerError("this file changed while it was read", where=str(content))
            out.write(bytes(-size % BLOCK))
        out.write(_END)
        return out.tell()


def _header(name: str, size: int) -> bytes:
    info = tarfile.TarInfo(name)
    info.size, info.mode = size, 0o644
    return info.tobuf(tarfile.GNU_FORMAT)


def _files(file: io.BufferedReader, size: int, layout: re.Pattern[str], where: str) -> dict[str, Place]:
    files: dict[str, Place] = {}
    folded: dict[str, str] = {}
    total = 0
    while (block := file.read(BLOCK)) and block.strip(b"\0"):
        info = _info(block, where, first=not files)
        _refuse_strange(info, layout, folded, where)
        if block != _header(info.name, info.size):
            raise LedgerError("this file is not packed as Mintmark packs it", where=f"{where}: {shown(info.name)}")
        folded[info.name.casefold()] = info.name
        files[info.name] = Place(file.tell(), info.size)
        total += info.size
        if total > MOST_BYTES or len(files) > MOST_FILES:
            raise LedgerError("this archive is larger than any ledger may be", where=where,
                              found=f"over {len(files) - 1:,} files, {total:,} bytes")  # fmt: skip
        beyond = file.tell() + info.size + -info.size % BLOCK
        if beyond > size:
            raise _cut(where, f"{shown(info.name)} should go on to byte {beyond:,}, and there are {size:,}")
        file.seek(info.size, io.SEEK_CUR)
        if file.read(-info.size % BLOCK).strip(b"\0"):
            raise LedgerError("something hides behind the end of a file", where=f"{where}: {shown(info.name)}")
    if block + file.read(BLOCK) != _END:
        raise _cut(where, "its end is missing")
    if file.read(1):
        raise LedgerError("something comes after the end of this archive", where=where)
    return files


def _info(block: bytes, where: str, *, first: bool) -> tarfile.TarInfo:
    try:
        return tarfile.TarInfo.frombuf(block, "utf-8", "strict")
    except (tarfile.HeaderError, UnicodeError, ValueError) as error:
        if len(block) < BLOCK and not (first and block.isascii() and b"\n" in block):  # a short text never was one
            raise _cut(where, "its end is missing") from error
        raise LedgerError("this is no archive of a ledger, or was altered", where=where, found=str(error)) from error


def _refuse_strange(info: tarfile.TarInfo, layout: re.Pattern[str], folded: Mapping[str, str], where: str) -> None:
    name, place = info.name, f"{where}: {shown(info.name)}"
    if info.type != tarfile.REGTYPE:
        what = _KINDS.get(info.type, "no plain file")
        raise LedgerError(f"this is {what}, and an archive holds plain files alone", where=place)
    if name.startswith(("/", "\\")) or ":" in name or ".." in PurePosixPath(name.replace("\\", "/")).parts:
        raise LedgerError("this name leads out of the archive", where=place)
    if name in folded.values():
        raise LedgerError("two files bear this name", where=place)
    if name.casefold() in folded:
        raise LedgerError("two names differ by upper and lower case alone", where=place,
                          found=shown(folded[name.casefold()]))  # fmt: skip
    if not layout.fullmatch(name):
        raise LedgerError("this file has no place in an archive of a ledger", where=place)
    if info.size < 0:
        raise LedgerError("no file is smaller than nothing", where=place)


def _refuse_compressed(start: bytes, path: Path) -> None:
    for magic, form in _COMPRESSED.items():
        if start.startswith(magic):
            raise LedgerError("this is compressed, and an archive of a ledger is a plain tar", where=str(path),
                              found=form, fix="unpack it first, if you know how large it will be")  # fmt: skip


def _cut(where: str, found: str) -> LedgerError:
    return LedgerError("this archive was cut short", where=where, found=found, fix="fetch it again")


def shown(name: str) -> str:
    """A stranger's name, without what would act upon a terminal."""
    return ascii(name[:120]).strip("'\"")
