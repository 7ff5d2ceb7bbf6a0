"""A template whose reader does what the file's own words say: a parser that a hostile file took over completely."""

import contextlib
import ctypes
import os
import signal
import socket
import time
from pathlib import Path

from documents.sandbox_template import main
from schemas.facts import Facts, Value


def told(**found: object) -> Facts:
    return Facts(values={name: Value(value=str(value), place="") for name, value in found.items()})


def tried(*acts: object) -> str:
    """Names of the errors that the acts end with; "done" where one succeeds."""
    ends: list[str] = []
    for act in acts:
        try:
            act()  # type: ignore[operator]
        except OSError as error:
            ends.append(type(error).__name__)
        else:
            ends.append("done")
    return " ".join(ends)


def connects(path: Path) -> Facts:
    """The address of a server that does answer stands in the file."""
    host, port = path.read_text().split()[1].split(":")
    plain = tried(lambda: socket.create_connection((host, int(port)), timeout=2))
    libc = ctypes.CDLL(None, use_errno=True)
    return told(plain=plain, raw=libc.syscall(41, 2, 1, 0), local=tried(lambda: socket.socket(socket.AF_UNIX)))


def kills(path: Path) -> Facts:
    """Itself last; before that its parent, its brothers and everybody."""
    others = [os.getppid(), *map(int, path.read_text().split()[1:])]
    ended = tried(*[lambda pid=pid: os.kill(pid, signal.SIGKILL) for pid in [*others, -1, 0]])
    return told(ended=ended, group=tried(lambda: os.killpg(os.getpgid(os.getppid()), signal.SIGKILL)))


def dies(path: Path) -> Facts:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError(path)


def starts(_: Path) -> Facts:
    """A second process, a program, a life of its own."""
    return told(
        fork=tried(os.fork),
        program=tried(lambda: os.execv("/bin/sh", ["sh", "-c", "exit 3"])),
        spawn=tried(lambda: os.posix_spawn("/bin/true", ["true"], {})),
        away=tried(os.setsid),
    )


def forks(_: Path) -> Facts:
    """A fork bomb."""
    while True:
        with contextlib.suppress(OSError):
            os.fork()


def writes(path: Path) -> Facts:
    """Changes, removes or makes files."""
    beside = path.with_name("made")
    return told(
        ends=tried(
            lambda: path.open("r+"),
            lambda: beside.write_text("x"),
            path.unlink,
            lambda: path.rename(beside),
            lambda: path.chmod(0),
            lambda: os.truncate(path, 0),
            lambda: beside.symlink_to("/"),
            beside.mkdir,
        )
    )


def loosens(_: Path) -> Facts:
    """Raises its own limits."""
    import resource

    high = resource.RLIM_INFINITY
    ends = []
    for which in (resource.RLIMIT_AS, resource.RLIMIT_CPU, resource.RLIMIT_FSIZE, resource.RLIMIT_NOFILE):
        try:
            resource.setrlimit(which, (high, high))
        except (OSError, ValueError):
            ends.append("refused")
        else:
            ends.append("done")
    return told(ends=" ".join(ends))


def sees(_: Path) -> Facts:
    """What it could carry off: the environment, open descriptors."""
    open_ones = [number for number in range(256) if _is_open(number)]
    return told(environment=" ".join(sorted(os.environ)), descriptors=len(open_ones))


def _is_open(number: int) -> bool:
    try:
        os.fstat(number)
    except OSError:
        return False
    return True


def eats(_: Path) -> Facts:
    held = []
    while True:
        held.append(bytearray(50_000_000))


def spins(_: Path) -> Facts:
    while True:
        pass


def sleeps(_: Path) -> Facts:
    signal.pthread_sigmask(signal.SIG_BLOCK, set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP})
    while True:
        time.sleep(1)


def shouts(_: Path) -> Facts:
    """An answer without end, on the answer's own pipe and on the error stream."""
    pipes = [number for number in range(3, 256) if _is_open(number)]
    while True:
        os.write(2, b"x" * 65_536)
        for pipe in pipes:
            os.write(pipe, b"x" * 65_536)


def lies(path: Path) -> Facts:
    """An answer that is no facts, or one that is built to overwhelm who reads it."""
    wanted = path.read_text().split()[1]
    answer = {"nonsense": '{"faults": 7}', "deep": "[" * 1_000_000, "bytes": "\udcff", "empty": ""}[wanted]
    pipe = next(number for number in range(3, 256) if _is_open(number))
    os.write(pipe, answer.encode("utf-8", "surrogateescape"))
    os._exit(0)


def recurses(_: Path) -> Facts:
    return recurses(_)


def limits(_: Path) -> Facts:
    status = dict(line.split(":\t") for line in Path("/proc/self/status").read_text().splitlines() if ":\t" in line)
    return told(seccomp=status["Seccomp"].strip(), privileges=status["NoNewPrivs"].strip())


def honest(path: Path) -> Facts:
    return told(text=path.read_text())


def read(path: Path, _name: str, _file_limit: int) -> Facts:
    """The first word of the file is what the reader is made to do."""
    act = path.read_text().split()[0]
    return globals()[act](path) if act in globals() else honest(path)


if __name__ == "__main__":
    main(read)
