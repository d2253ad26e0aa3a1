"""The command that puts walls around a program: bubblewrap, or at the weaker level a bare process.

Under bubblewrap a program has a system that it can only read, a small folder of its own in memory, no network, no
processes but its own, no /proc, no capability, no way to new namespaces, and a user that owns nothing. Started by
root it is handed to that user first: limits on processes do not bind root, nor do permissions.
"""

import contextlib
import os
import py_compile
import shutil
import stat
import sys
import sysconfig
import tempfile
import threading
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import get_args

from mintmark.errors import Unconfined, UnknownName
from mintmark.sandbox import calls
from mintmark.sandbox.program import Level, Program

NOBODY = 65534
INSIDE = "/inside"
SLACK = 32
"""Processes more than it should have, that a program at the weaker level may start."""
_SHARED_MEMORY = 4 * 2**20


@dataclass(frozen=True)
class Walls:
    """How programs are started at one level, with one interpreter."""

    level: Level
    python: Path
    """The interpreter that runs the harness and programs in Python."""
    harness: Path
    """A folder with what runs inside, compiled and readable to all, for as long as this process lives."""

    @property
    def drops(self) -> bool:
        """Whether this process is root, and programs are handed to nobody."""
        return os.geteuid() == 0

    def command(self, program: Program, *, filter_fd: int) -> list[str]:
        """The words before those of the interpreter."""
        if self.level == "process":
            return _drop() if self.drops else []
        size = str(program.limits.disk_mb * 2**20)
        # The tmpfs that bubblewrap builds its root and /dev upon would take files until memory is full: both are
        # read-only in the end. Folders come after /tmp, since they may lie in the machine's own.
        box = [*_SYSTEM, "--dev", "/dev", "--size", str(_SHARED_MEMORY), "--tmpfs", "/dev/shm", "--size", size]  # noqa: S108
        box += ["--tmpfs", "/tmp", *self._mounts(program.packages), "--remount-ro", "/dev", "--remount-ro", "/"]  # noqa: S108
        box += ["--chdir", "/tmp", "--seccomp", str(filter_fd)]  # noqa: S108
        return [*self._gate(program.packages), _path("bwrap"), *box, "--"]

    def environment(self, program: Program, folder: str) -> dict[str, str]:
        """All that a program finds in its environment: nothing of ours."""
        found = {"PATH": "/usr/bin:/bin", "HOME": folder, "TMPDIR": folder, "LANG": "C.UTF-8", "PYTHONHASHSEED": "0"}
        if program.packages:
            # One thread each: a library that starts one for every core would meet the limit on processes.
            found |= {"PYTHONPATH": os.pathsep.join(_libraries()), "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
        return found

    def others(self) -> int:
        """What a limit on processes must allow for processes that are not the program's."""
        if self.level == "bubblewrap":
            return 0  # its namespace of users has a count of its own
        # All threads of one user are counted, and others come and go meanwhile: a bound, but not a sharp one.
        return _threads_of(NOBODY if self.drops else os.geteuid()) + SLACK

    def inside(self) -> str:
        """Where the harness lies for the program's eyes."""
        return str(self.harness) if self.level == "process" else INSIDE

    def _mounts(self, packages: bool) -> list[str]:
        words = []
        for folder in self._folders(packages):
            words += ["--ro-bind", folder, folder]
        return [*words, "--ro-bind", str(self.harness), INSIDE]

    def _folders(self, packages: bool) -> list[str]:
        """What is read beside /usr: the interpreter where it lies elsewhere, and packages where they are wanted."""
        wanted = [str(self.python.parent.parent), *(_libraries() if packages else [])]
        return [folder for folder in wanted if not Path(folder).is_relative_to("/usr")]

    def _gate(self, packages: bool) -> list[str]:
        """For root: becomes nobody. Folders below one that only root may enter are first bound where nobody may."""
        if not self.drops:
            return []
        needed = [*self._folders(packages), str(self.harness)]
        closed = [folder for folder in needed if not open_to_all(Path(folder))]
        if not closed:
            return _drop()
        words = [_path("bwrap"), "--die-with-parent", "--unshare-pid", "--bind", "/", "/", "--dev-bind", "/dev", "/dev"]
        for top in sorted({_closed_above(Path(folder)) for folder in closed}):
            words += ["--perms", "0755", "--tmpfs", str(top)]
        for folder in closed:
            top = _closed_above(Path(folder))
            between = [above for above in reversed(Path(folder).parents) if above.is_relative_to(top) and above != top]
            for above in between:
                words += ["--perms", "0755", "--dir", str(above)]
            words += ["--ro-bind", folder, folder]
        return [*words, "--chdir", "/", *_drop()]


def _drop() -> list[str]:
    return [_path("setpriv"), f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--no-new-privs"]


def _path(program: str) -> str:
    found = shutil.which(program)
    assert found, "walls() looked for it"
    return found


_ONE_AT_A_TIME = threading.Lock()
_SYSTEM = [
    *("--unshare-all", "--unshare-user", "--uid", str(NOBODY), "--gid", str(NOBODY), "--disable-userns"),
    *("--cap-drop", "ALL", "--die-with-parent", "--new-session", "--hostname", "sandbox"),
    *("--ro-bind", "/usr", "/usr", "--ro-bind-try", "/etc/ld.so.cache", "/etc/ld.so.cache"),
]
for _folder in ("/bin", "/sbin", "/lib", "/lib32", "/lib64"):
    if Path(_folder).is_symlink():
        _SYSTEM += ["--symlink", str(Path(_folder).readlink()), _folder]
    elif Path(_folder).exists():
        _SYSTEM += ["--ro-bind", _folder, _folder]


def walls(level: Level, python: str | None = None) -> Walls:
    """The walls of a level on this machine, with an interpreter: by default the one that runs this.

    Raises UnknownName, or Unconfined where what they are made of is missing; whether they hold, the self-test says.
    """
    with _ONE_AT_A_TIME:
        return _walls(level, python)


@cache
def _walls(level: Level, python: str | None) -> Walls:
    path = Path(python or getattr(sys, "_base_executable", "") or sys.executable).resolve()
    if level not in get_args(Level):
        raise UnknownName("level", level, get_args(Level))
    if _holds_home(path.parent.parent):
        # What lies beside an interpreter can be read by programs.
        fix = "name an interpreter in a folder of its own: python='/usr/bin/python3'"
        raise Unconfined("the interpreter's folder holds your home", found=str(path), fix=fix)
    if level == "process":
        if os.geteuid() == 0 and not (open_to_all(path.parent) and shutil.which("setpriv")):
            raise Unconfined(
                "root would run untrusted code as root",
                found=f"{path}, which only root may enter",
                fix="start mintmark as another user, or name an interpreter open to all: python='/usr/bin/python3'",
            )
        return Walls(level, path, _harness())
    for program, package in (("bwrap", "bubblewrap"), ("setpriv", "util-linux")):
        if shutil.which(program) is None and (program == "bwrap" or os.geteuid() == 0):
            raise Unconfined(
                f"untrusted code needs {program}, which is not installed",
                fix=f"install {package} (apt-get install {package}), or accept the weaker level: process",
            )
    if not calls.known():
        fix = "use an x86_64 or aarch64 machine, or accept the weaker level: process"
        raise Unconfined("no filter of system calls is known for this processor", fix=fix)
    return Walls(level, path, _harness())


@cache
def _kept() -> "tempfile.TemporaryDirectory[str]":
    return tempfile.TemporaryDirectory(prefix="mintmark-sandbox-")


def _threads_of(user: int) -> int:
    found = 0
    for folder in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if folder.name.isdigit() and folder.stat().st_uid == user:
                found += len(list((folder / "task").iterdir()))
    return found


@cache
def _harness() -> Path:
    """A copy of what runs inside: a package of the same name as here, which holds nothing else of Mintmark."""
    top = Path(_kept().name)
    package = top / "mintmark" / "sandbox" / "inside"
    shutil.copytree(Path(__file__).parent / "inside", package, ignore=shutil.ignore_patterns("__pycache__"))
    for folder in (package.parent, package.parent.parent):
        (folder / "__init__.py").touch()
    for file in top.rglob("*.py"):
        py_compile.compile(str(file), invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH, doraise=True)
    for path in [top, *top.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)
    return top


def _libraries() -> list[str]:
    return sorted({sysconfig.get_path("purelib"), sysconfig.get_path("platlib")})


def open_to_all(path: Path) -> bool:
    """Whether any user may enter a folder and all those above it."""
    return all(above.stat().st_mode & stat.S_IXOTH for above in (path, *path.parents))


def _holds_home(folder: Path) -> bool:
    try:
        return Path.home().is_relative_to(folder)
    except RuntimeError:  # somebody without an entry in passwd has none
        return False


def _closed_above(path: Path) -> Path:
    """The topmost folder on the way that not everybody may enter."""
    return next(above for above in (*reversed(path.parents), path) if not above.stat().st_mode & stat.S_IXOTH)
