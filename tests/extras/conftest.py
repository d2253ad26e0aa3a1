"""A PostgreSQL server of our own, thrown away after the tests."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

PASSWORD = "s3cr@t/x"
QUOTED = "s3cr%40t%2Fx"
# Debian keeps the server's programs off the path.
BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb")) or [Path(shutil.which("initdb") or "initdb")]


@pytest.fixture(scope="session")
def driver() -> ModuleType:
    """ADBC's driver for PostgreSQL."""
    return pytest.importorskip("adbc_driver_postgresql.dbapi", reason="the extra `databases` is not installed")


@pytest.fixture(scope="session")
def server(driver: ModuleType) -> Iterator[str]:
    """The address of an empty database, with user, password and port."""
    if not BINARIES[-1].is_file():
        pytest.skip("no PostgreSQL server is installed (Debian: apt-get install postgresql)")
    folder = Path(tempfile.mkdtemp(prefix="mintmark-postgres-"))
    owner = _owner(folder)
    try:
        port = _free_port()
        _initialised(folder, owner)
        _controlled(folder, owner, "start", "-o", f"-p {port} -h 127.0.0.1 -k {folder} -c fsync=off")
        yield f"postgresql://me:{QUOTED}@127.0.0.1:{port}/postgres"
    finally:
        if (folder / "data" / "postmaster.pid").exists():
            _controlled(folder, owner, "stop", "-m", "immediate")
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def ran(driver: ModuleType, server: str) -> Callable[..., None]:
    """Runs statements on the server, and keeps what they did."""

    def run(*statements: str) -> None:
        with driver.connect(server) as connection, connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
            connection.commit()

    return run


def _owner(folder: Path) -> str | None:
    """The user that the server runs as: it refuses to be root's, and then owns its folder."""
    if os.geteuid():
        return None
    try:
        pwd.getpwnam("postgres")
    except KeyError:
        pytest.skip("root cannot run PostgreSQL, and there is no user postgres")
    shutil.chown(folder, "postgres")
    return "postgres"


def _initialised(folder: Path, owner: str | None) -> None:
    secret = folder / "secret"
    secret.write_text(PASSWORD)
    options = ("-U", "me", f"--pwfile={secret}", "-A", "scram-sha-256", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
    _ran([BINARIES[-1], "-D", folder / "data", *options], owner)


def _controlled(folder: Path, owner: str | None, *what: str) -> None:
    _ran([BINARIES[-1].with_name("pg_ctl"), "-D", folder / "data", "-w", "-l", folder / "log", *what], owner)


def _ran(command: list[str | Path], owner: str | None) -> None:
    # No pipe: the server would hold it open for as long as it runs.
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    as_owner = {"user": owner, "group": owner, "extra_groups": []} if owner else {}
    subprocess.run(command, check=True, cwd="/", timeout=120, **quiet, **as_owner)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
