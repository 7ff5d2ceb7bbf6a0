"""A child process as a supervisor needs it: own session, clean signals, ends with its parent, stops within a time."""

import contextlib
import ctypes
import errno
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

PR_SET_PDEATHSIG = 1
DRAWN_FROM = range(20_000, 32_000)  # ports; Linux gives away 32768 and above by itself
BACKLOG = 2048  # callers that wait while a server starts
LOG_LIMIT = 20_000_000  # bytes; the log of the run before is kept beside it

_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def bind(parent: int, number: signal.Signals = signal.SIGTERM) -> None:
    """The kernel sends this process a signal when the *thread* that began it ends; where that was before, it ends at once."""
    if _libc is not None:
        _libc.prctl(PR_SET_PDEATHSIG, number)
        if os.getppid() != parent:
            os._exit(1)


def _settle(parent: int | None) -> None:
    # Between fork and exec. A background shell job hands down an ignored SIGINT, which Prefect turns into "never stop".
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    if parent is not None:
        bind(parent)


def spawn(
    command: Sequence[str],
    *,
    cwd: Path,
    log: Path,
    env: Mapping[str, str] | None = None,
    keep: Sequence[int] = (),
    bound: bool = True,
) -> subprocess.Popen[bytes]:
    """Start a program in its own session; its words go to the log, `keep` are descriptors it inherits.

    Where it is bound, the kernel ends it (SIGTERM) when the *thread* that called this ends: call from one that stays.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists() and log.stat().st_size > LOG_LIMIT:
        log.replace(log.with_name(log.name + ".1"))
    environment = dict(os.environ if env is None else env)
    # Prefect without bytecode takes two to three times as long to start.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    parent = os.getpid() if bound else None
    with log.open("ab") as words:
        return subprocess.Popen(
            list(command),
            cwd=cwd,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=words,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=lambda: _settle(parent),  # noqa: PLW1509 - no lock is taken in there
            pass_fds=tuple(keep),
        )


def stop(process: subprocess.Popen[bytes], *, patience: float) -> bool:
    """SIGTERM, then SIGKILL to its whole session after `patience` seconds. True where it went by itself, in order."""
    orderly = process.poll() is None
    if orderly:
        process.terminate()
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            orderly = False
    # What it left behind in its session (workers of a worker) goes too.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    return orderly


def alive(pid: int) -> bool:
    """Whether this process exists and is not a corpse waiting for its parent."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def started_at(pid: int) -> int | None:
    """Start time in clock ticks since boot: together with the pid it names one process and no later one."""
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19])
    except (FileNotFoundError, ProcessLookupError, IndexError):
        return None


def kill_stranger(pid: int, started: int | None, *, patience: float = 10) -> None:
    """End a process of a supervisor that was killed, if it is still the same process."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        if started is None or started_at(pid) != started or not alive(pid):
            return
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
        until(lambda: not alive(pid), patience)


def memory_mb(pid: int) -> int:
    """Resident memory of a process and all its descendants, in MB; shared pages are counted once (PSS)."""
    return sum(_pss_kb(member) for member in family(pid)) // 1024


def family(pid: int) -> list[int]:
    """A process and its descendants."""
    found = [pid]
    for member in found:
        for task in Path(f"/proc/{member}/task").glob("*/children"):
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                found += [int(child) for child in task.read_text().split()]
    return found


def _pss_kb(pid: int) -> int:
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return 0
    return next(
        (int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:")),
        0,
    )


def until(true: Callable[[], bool], seconds: float, *, step: float = 0.05) -> bool:
    """Ask again and again; False when the seconds are over."""
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            return False
        time.sleep(step)
    return True


def free_ports(count: int, *, wanted: Sequence[int] = ()) -> list[int]:
    """Free loopback ports: the wanted ones if all of them are free, else ones drawn below the system's own range.

    The system hands ports of its own range to whoever asks next, in the moment between our look and the server's start.
    """
    if len(wanted) == count and all(_is_free(port) for port in wanted):
        return list(wanted)
    found = list[int]()
    for port in random.SystemRandom().sample(DRAWN_FROM, len(DRAWN_FROM)):
        if len(found) == count:
            break
        if _is_free(port):
            found.append(port)
    return found


def listen(wanted: Sequence[int] = ()) -> socket.socket:
    """A listening loopback socket that a child can inherit; on the wanted port where that is free."""
    for port in (*wanted, 0):
        one = socket.socket()
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with contextlib.suppress(OSError):
            one.bind(("127.0.0.1", port))
            one.listen(BACKLOG)
            return one
        one.close()
    raise OSError(errno.EADDRINUSE, os.strerror(errno.EADDRINUSE))


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
