"""Writing that survives being killed: a file is there whole, or it is not there at all.

What is to be published is written beside its place, brought safely to the disk, and renamed. A rename is atomic, so a
process that is killed, or a disk that fills up, leaves at worst a draft that nobody refers to.
"""

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

from mintmark.errors import StorageError

_FIXES = {
    errno.ENOSPC: "free some space (`mintmark gc` may help) and run this again: finished work is kept",
    errno.EDQUOT: "the quota is used up: free some space and run this again",
    errno.EFBIG: "raise the limit on the size of files (ulimit -f) and run this again",
    errno.EACCES: "choose a folder that you may write to",
    errno.EPERM: "choose a folder that you may write to",
    errno.EROFS: "choose a folder that is not read-only",
}


@contextmanager
def storage(path: Path) -> Iterator[None]:
    """Turns what the operating system says of `path` into a StorageError."""
    try:
        yield
    except OSError as error:
        said = error.strerror or str(error)
        raise StorageError(
            "this could not be read or written", where=str(path), found=said, fix=_FIXES.get(error.errno or 0, "")
        ) from error


@contextmanager
def draft(folder: Path) -> Iterator[Path]:
    """Yields a fresh path in a folder of drafts; what is still there at the end is thrown away.

    Raises StorageError.
    """
    with storage(folder):
        make_folder(folder)
        path = folder / f".{uuid4().hex}.draft"
        try:
            yield path
        finally:
            path.unlink(missing_ok=True)


def publish(path: Path, target: Path) -> None:
    """Moves a finished draft to its place, which lies on the same file system, once it is safe on the disk."""
    sync(path)
    make_folder(target.parent)
    path.replace(target)
    sync(target.parent)


def write(target: Path, data: bytes, *, drafts: Path) -> None:
    """Publishes bytes as a file; StorageError where that fails, and then `target` is as it was before."""
    with draft(drafts) as path:
        path.write_bytes(data)
        publish(path, target)


def make_folder(path: Path) -> None:
    """Makes a folder, and those above it, so that they outlast a loss of power."""
    if not path.is_dir():
        make_folder(path.parent)
        path.mkdir(exist_ok=True)
        sync(path.parent)


def sync(path: Path) -> None:
    """Waits until a file's bytes, or a folder's list of names, are on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def locked(path: Path, *, shared: bool = False) -> Iterator[None]:
    """Holds a file's lock alone, or with others who share it.

    The operating system frees it with its process, so a dead one cannot block.
    """
    with storage(path):
        handle = _locked(path, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)
    try:
        yield
    finally:
        os.close(handle)


@contextmanager
def tried(path: Path) -> Iterator[bool]:
    """Holds a file's lock alone if nobody else holds it, and says whether it does."""
    with storage(path):
        try:
            handle = _locked(path, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            handle = None
    try:
        yield handle is not None
    finally:
        if handle is not None:
            os.close(handle)


def _locked(path: Path, how: int) -> int:
    """An open file whose lock is held, and which still bears its name: `gc` removes old ones."""
    while True:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        try:
            fcntl.flock(handle, how)
            with suppress(FileNotFoundError):
                if os.path.samestat(os.fstat(handle), path.stat()):
                    return handle
        except BaseException:
            os.close(handle)
            raise
        os.close(handle)
