"""The warm process behind `documents.sandbox`: it forks a child for each file and never opens one itself."""

import contextlib
import ctypes
import gc
import json
import os
import resource
import selectors
import signal
import socket
import sys
import tempfile
import time
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pypdf import PdfWriter

from documents import reading
from documents.content import data
from documents.pdf import limit_pypdf
from documents.sandbox import _receive, _send  # pyright: ignore[reportPrivateUsage]
from schemas.document import Facts, Fault

_RESULT = 4_000_000  # bytes of one answer; a 300-line budget is 60 kB
_WALL = 8  # a busy machine: wall time allowed, in times of the CPU limit, and at least:
_WALL_AT_LEAST = 30.0
_OPEN_FILES = 64
_CLONE_NEWUSER, _CLONE_NEWNET, _PR_SET_PDEATHSIG, _PR_SET_NO_NEW_PRIVS = 0x10000000, 0x40000000, 1, 38


@dataclass
class Child:
    """One file being read."""

    place: int
    pid: int
    pipe: int
    until: float
    answer: bytearray
    late: bool = False
    wordy: bool = False


class Template:
    """Keeps the limits and runs batches of files."""

    def __init__(self, limits: dict[str, int]) -> None:
        self.cpu_seconds, self.memory, self.file_limit = limits["cpu_seconds"], limits["memory"], limits["file_limit"]
        self.at_once = max(1, len(os.sched_getaffinity(0)))
        self.line: socket.socket | None = None

    def batch(self, files: list[list[str]]) -> list[dict[str, Any]]:
        """Facts of each file as JSON, in order. Ends the process if the caller hangs up."""
        waiting = deque(enumerate(files))
        answers: list[dict[str, Any]] = [{} for _ in files]
        running: dict[int, Child] = {}
        with selectors.DefaultSelector() as selector:
            if self.line is not None:
                selector.register(self.line, selectors.EVENT_READ)
            while waiting or running:
                while waiting and len(running) < self.at_once:
                    child = self._start(*waiting.popleft())
                    running[child.pipe] = child
                    selector.register(child.pipe, selectors.EVENT_READ)
                soonest = min(child.until for child in running.values())
                for key, _ in selector.select(max(0.0, soonest - time.monotonic())):
                    if key.fileobj is self.line:
                        for child in running.values():
                            _kill(child.pid)
                        os._exit(0)  # the caller is gone: nobody waits for these answers
                    child = running[key.fd]
                    chunk = os.read(child.pipe, 1 << 16)
                    child.answer += chunk
                    child.wordy = len(child.answer) > _RESULT
                    if not chunk or child.wordy:
                        self._finish(child, running, selector, answers)
                for child in [child for child in running.values() if child.until <= time.monotonic()]:
                    child.late = True
                    self._finish(child, running, selector, answers)
        return answers

    def _start(self, place: int, file: list[str]) -> Child:
        reading_end, writing_end = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(reading_end)
            self._child(writing_end, Path(os.fsdecode(bytes.fromhex(file[0]))), file[1])
        os.close(writing_end)
        wall = max(_WALL_AT_LEAST, _WALL * self.cpu_seconds)
        return Child(place, pid, reading_end, time.monotonic() + wall, bytearray())

    def _child(self, pipe: int, path: Path, name: str) -> None:
        """Runs in the child and never returns."""
        code = 1
        gc.disable()  # it lives for one file: what it drops goes with it
        try:
            os.setsid()
            if self.line is not None:
                self.line.close()
            _die_with_parent()
            with contextlib.suppress(ValueError, OSError):
                resource.setrlimit(resource.RLIMIT_AS, (self.memory, self.memory))
            resource.setrlimit(resource.RLIMIT_CPU, (self.cpu_seconds, self.cpu_seconds + 1))
            resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            resource.setrlimit(resource.RLIMIT_NOFILE, (_OPEN_FILES, _OPEN_FILES))
            try:
                facts = reading.read(path, name, file_limit=self.file_limit)
                answer = facts.model_dump_json().encode()
            except (MemoryError, RecursionError):
                answer = Facts(faults=[Fault.TOO_HUNGRY]).model_dump_json().encode()
            except Exception:  # noqa: BLE001  whatever a parser throws, it is a finding on the file
                answer = Facts(faults=[Fault.CRASHED]).model_dump_json().encode()
            at = 0
            while at < len(answer):
                at += os.write(pipe, answer[at:])
            code = 0
        finally:
            os._exit(code)

    def _finish(
        self, child: Child, running: dict[int, Child], selector: selectors.BaseSelector, answers: list[dict[str, Any]]
    ) -> None:
        selector.unregister(child.pipe)
        del running[child.pipe]
        os.close(child.pipe)
        # a child that closed its pipe and runs on gets a second to end by itself
        patience = time.monotonic() + (0.0 if child.late or child.wordy else 1.0)
        ended = os.WEXITED | os.WNOHANG | os.WNOWAIT
        while os.waitid(os.P_PID, child.pid, ended) is None and time.monotonic() < patience:
            time.sleep(0.002)
        _kill(child.pid)  # whatever it started is in its session and goes too
        _, status, usage = os.wait4(child.pid, 0)
        answers[child.place] = self._verdict(child, status, usage)

    def _verdict(self, child: Child, status: int, usage: resource.struct_rusage) -> dict[str, Any]:
        if os.WIFEXITED(status) and os.WEXITSTATUS(status) == 0 and not child.wordy:
            with contextlib.suppress(ValueError):
                return json.loads(child.answer)
        ended = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
        used = usage.ru_utime + usage.ru_stime
        # a parser in C that gets no memory ends by a signal of its own
        hungry = ended in (signal.SIGABRT, signal.SIGSEGV, signal.SIGTRAP, signal.SIGBUS, signal.SIGILL)
        hungry = hungry and usage.ru_maxrss * 1024 > 0.4 * self.memory
        if child.late or ended == signal.SIGXCPU or used >= self.cpu_seconds:
            fault = Fault.TOO_SLOW
        elif child.wordy or hungry:
            fault = Fault.TOO_HUNGRY
        else:
            fault = Fault.CRASHED
        return Facts(faults=[fault]).model_dump(mode="json")


def _kill(pid: int) -> None:
    for kill in (os.killpg, os.kill):  # the second for a child that has no session of its own yet
        with contextlib.suppress(ProcessLookupError, PermissionError):
            kill(pid, signal.SIGKILL)


def _die_with_parent() -> None:
    libc = ctypes.CDLL(None)
    libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def _leave_network() -> None:
    """An empty network of its own, where the system permits it; readers need none."""
    libc = ctypes.CDLL(None)
    if libc.unshare(_CLONE_NEWNET) != 0:
        libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET)


def _warm() -> None:
    """Read our own blank forms once, so that no child pays again for what the first file of a kind costs: 119 against 30 ms.

    A stranger's file is never opened here.
    """
    forms = Path(__file__).parent / "templates"
    with tempfile.TemporaryDirectory() as folder:
        blank = Path(folder) / "blank.pdf"
        writer = PdfWriter()
        writer.add_blank_page(595, 842)
        writer.write(blank)
        for path in (
            *sorted(forms.glob("*-form-*.docx")),
            *sorted(forms.glob("*-report-*")),
            *forms.glob("budget-*"),
            blank,
        ):
            reading.read(path, path.name, file_limit=1_000_000)


def main() -> None:
    """Serves one caller on the given descriptor until it hangs up."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    line = socket.socket(fileno=int(sys.argv[1]))
    _leave_network()
    limit_pypdf()
    for name in ("labels.toml", "phrases.toml"):
        data(name)
    template = Template(json.loads(sys.argv[2]))
    template.line = line
    with contextlib.suppress(Exception):  # a cold template serves as well, only slower
        _warm()
    gc.collect()
    gc.freeze()
    _send(line, {"ready": []})
    while True:
        try:
            request = _receive(line)
        except (EOFError, OSError):
            return
        _send(line, {"facts": template.batch(request["files"])})  # pyright: ignore[reportArgumentType]


if __name__ == "__main__":
    main()
