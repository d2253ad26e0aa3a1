"""Programs that would do harm. Each is contained: it ends in time, and nothing of it is left outside."""

import os
import shutil
import socket
import time
from dataclasses import replace
from pathlib import Path

import pytest

from mintmark.sandbox.program import Limits, Program
from mintmark.sandbox.run import run

pytestmark = pytest.mark.skipif(shutil.which("bwrap") is None, reason="bubblewrap is not installed")

NAME = "import ctypes\nctypes.CDLL(None).prctl(15, b'mm-hostile', 0, 0, 0)\n"
"""Gives the process, and all that it forks, a name by which survivors are found."""

HOSTILE = {
    "fork bomb": ("import os\nwhile True:\n    try: os.fork()\n    except OSError: pass", {"time limit"}),
    "thread bomb": ("import threading, time\nwhile True: threading.Thread(target=time.sleep, args=(99,)).start()", {"error", "time limit"}),
    "memory bomb": ("x = []\nwhile True: x.append(bytearray(2**20))", {"memory limit"}),
    "memory bomb of several processes": ("import os, time\nfor _ in range(5):\n    if os.fork() == 0:\n        x = bytearray(b'x' * (60 * 2**20))\n        time.sleep(9)\ntime.sleep(9)", {"memory limit"}),
    "memory bomb that is shared": ("import mmap, os, time\nfor _ in range(5):\n    if os.fork() == 0:\n        x = mmap.mmap(-1, 60 * 2**20)\n        x.write(b'x' * len(x))\n        time.sleep(9)\ntime.sleep(9)", {"memory limit"}),
    "endless loop": ("while True: pass", {"time limit"}),
    "endless loop that refuses signals": ("import signal\nfor s in range(1, 32):\n    try: signal.signal(s, signal.SIG_IGN)\n    except (OSError, ValueError): pass\nwhile True: pass", {"time limit"}),
    "sleeps": ("import time\ntime.sleep(1000)", {"time limit"}),
    "stops itself": ("import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)", {"time limit"}),
    "child in a session of its own": ("import os, time\nif os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n        while True: time.sleep(1)\n    os._exit(0)\nprint('done')", {"passed", "wrong output"}),
    "huge output": ("while True: print('x' * 10**5)", {"output limit"}),
    "huge errors": ("import sys\nwhile True: print('x' * 10**5, file=sys.stderr)", {"output limit"}),
    "disk fill": ("f = open('/tmp/f', 'wb')\nwhile True: f.write(b'x' * 2**20)", {"error"}),
    "disk fill by many files": ("n = 0\nwhile True:\n    n += 1\n    open(f'/tmp/{n}', 'wb').write(b'x' * 2**19)", {"error"}),
    "shared memory fill": ("n = 0\nwhile True:\n    n += 1\n    open(f'/dev/shm/{n}', 'wb').write(b'x' * 2**19)", {"error"}),
    "memory files": ("import os\nkeep = [os.memfd_create(str(n)) for n in range(9)]", {"error"}),
    "deep recursion": ("import sys\nsys.setrecursionlimit(10**9)\ndef f(): return f()\nf()", {"error", "memory limit", "time limit"}),
    "crash of the interpreter": ("import ctypes\nctypes.string_at(0)", {"error"}),
    "deep source": ("x = " + "(" * 5000 + ")" * 5000, {"error"}),
    "catastrophic regex": ("import re\nre.match('(a+)+$', 'a' * 40 + 'b')", {"time limit"}),
    "huge power": ("print(9 ** 9 ** 9)", {"time limit"}),
}  # fmt: skip

# Each prints nothing where it is held; what it prints is what it could do.
ESCAPES = {
    "reads secrets": "import os\nfor p in ('/etc/shadow', '/etc/passwd', '/proc/1/environ', {home!r}, {file!r}, '/var/log', '/sys/class'):\n    if os.path.exists(p) and (not os.path.isdir(p) or set(os.listdir(p)) - {{'.pyenv'}}): print(p)",
    "writes outside": "import os\nfor p in ('/x', '/usr/x', '/etc/x', '/dev/x', '/inside/x', {home!r} + '/x', {file!r}, '/proc/sysrq-trigger', '/proc/self/oom_score_adj', '/sys/x'):\n    try: open(p, 'w').write('x'); print(p)\n    except OSError: pass",
    "follows links": "import os\nfor n, p in enumerate(('/etc/shadow', {file!r}, '/proc/self/root/etc/passwd', '../../../../../../etc/passwd')):\n    os.symlink(p, f'/tmp/{{n}}')\n    try: print(open(f'/tmp/{{n}}').read())\n    except OSError: pass\n    try: os.link(p, f'/tmp/l{{n}}'); print('link')\n    except OSError: pass",
    "links its answer out": "import os\nfor p in ('/tmp/program.py',):\n    try: os.remove(p)\n    except OSError: pass\n    os.symlink({file!r}, p)\n    try: open(p, 'w').write('x'); print('wrote')\n    except OSError: pass",
    "reaches the network": "import socket\nfor where in (('127.0.0.1', {port}), ('::1', {port}), ('192.0.2.1', 80), ('8.8.8.8', 53)):\n    try: socket.create_connection(where, timeout=0.5); print(where)\n    except OSError: pass\ntry: print(socket.getaddrinfo('example.com', 80))\nexcept OSError: pass\ntry: socket.socket(40, 1); print('vsock')\nexcept OSError: pass\ntry:\n    s = socket.socket(1, 1); s.connect({abstract!r}); print('abstract')\nexcept OSError: pass",
    "makes namespaces": "import ctypes\nlibc = ctypes.CDLL(None)\nfor flag in (0x10000000, 0x20000, 0x20000000, 0x40000000, 0x08000000, 0x04000000, 0x02000000):\n    if libc.unshare(flag) == 0: print('unshare', flag)\n    if libc.syscall(56, flag | 17, 0, 0, 0, 0) > 0: print('clone', flag)\nif libc.syscall(435, 0, 0) != -1: print('clone3')",
    "mounts": "import ctypes\nlibc = ctypes.CDLL(None)\nif libc.mount(b'none', b'/tmp', b'tmpfs', 0, None) == 0: print('mount')\nif libc.mount(None, b'/usr', None, 32 | 4096, None) == 0: print('remount')\nif libc.umount2(b'/tmp', 2) == 0: print('umount')\nif libc.chroot(b'/tmp') == 0: print('chroot')\nif libc.syscall(428, -100, b'/', 1) != -1: print('open_tree')",
    "traces": "import ctypes, os\nlibc = ctypes.CDLL(None)\nfor pid in range(1, 9):\n    if pid != os.getpid() and libc.ptrace(16, pid, 0, 0) == 0: print('ptrace', pid)\nif libc.syscall(310, os.getppid(), 0, 0, 0, 0, 0) != -1: print('process_vm_readv')\nif libc.syscall(425, 8, 0) != -1: print('io_uring')\nif libc.syscall(321, 0, 0, 0) != -1: print('bpf')\nif libc.syscall(250, 0, 0) != -1: print('keyctl')",
    "becomes another": "import ctypes, os\nfor n in (0, 1000):\n    for f in (os.setuid, os.setgid, os.seteuid):\n        try: f(n); print(f.__name__, n)\n        except OSError: pass\nos.chmod('/tmp', 0o777)\nif ctypes.CDLL(None).prctl(39, 0, 0, 0, 0) != 1: print('may gain privileges')",
    "raises its limits": "import resource as r\nfor n in (r.RLIMIT_AS, r.RLIMIT_CPU, r.RLIMIT_FSIZE, r.RLIMIT_NPROC, r.RLIMIT_NOFILE):\n    try: r.setrlimit(n, (r.getrlimit(n)[1] + 1,) * 2); print('raised', n)\n    except (OSError, ValueError): pass",
    "uses the terminal": "import os\ntry: os.open('/dev/tty', os.O_RDWR); print('tty')\nexcept OSError: pass\nprint(*[n for n in os.listdir('/dev') if n not in ('null', 'zero', 'full', 'random', 'urandom', 'tty', 'stdin', 'stdout', 'stderr', 'fd', 'core', 'shm', 'pts', 'ptmx', 'console')], end='')",
    "signals others": "import os\nfor pid in ({pid}, 99999):\n    try: os.kill(pid, 0); print('sees', pid)\n    except OSError: pass",
}  # fmt: skip

LIMITS = Limits(seconds=10, memory_mb=192, disk_mb=4)
SHORT = replace(LIMITS, seconds=0.7)
"""For what will run until it is stopped."""


@pytest.mark.parametrize("name", HOSTILE)
def test_harm_is_contained(name):
    source, reasons = HOSTILE[name]
    limits = SHORT if "time limit" in reasons else LIMITS
    start = time.monotonic()
    [found] = run([Program(NAME + source, expected="done", limits=limits)], workers=1)
    assert time.monotonic() - start < 30
    assert found.reason in reasons, found
    assert len(found.stdout) <= 2000
    assert len(found.stderr) <= 2000
    wait_for_none_left()


def wait_for_none_left():
    until = time.monotonic() + 5
    while survivors := [p for p in Path("/proc").iterdir() if p.name.isdigit() and comm(p) == "mm-hostile"]:
        assert time.monotonic() < until, survivors
        time.sleep(0.05)


def comm(folder):
    try:
        return (folder / "comm").read_text().strip()
    except OSError:
        return ""


@pytest.mark.parametrize("name", ESCAPES)
def test_there_is_no_way_out(name, tmp_path):
    file = tmp_path / "secret"
    file.write_text("secret")
    for folder in (tmp_path, *list(tmp_path.parents)[:3]):
        folder.chmod(0o777 if folder == tmp_path else 0o755)
    abstract = f"\0mintmark-{os.getpid()}"
    with socket.create_server(("127.0.0.1", 0)) as ear, socket.socket(socket.AF_UNIX) as other:
        other.bind(abstract)
        other.listen()
        told = {
            "home": str(Path.home()),
            "file": str(file),
            "port": ear.getsockname()[1],
            "abstract": abstract,
            "pid": os.getpid(),
        }
        [found] = run([Program(ESCAPES[name].format(**told), expected="", limits=LIMITS)], workers=1)
    assert found.passed, found
    assert file.read_text() == "secret"
    assert [path.name for path in tmp_path.iterdir()] == ["secret"]


def test_many_hostile_programs_at_once_do_not_harm_a_good_one():
    bomb, _ = HOSTILE["fork bomb"]
    programs = [Program(bomb, expected="", limits=SHORT), Program("print(1)", expected="1")] * 3
    found = [one.reason for one in run(programs, workers=2)]
    assert found == ["time limit", "passed"] * 3
