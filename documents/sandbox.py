"""Children that read strangers' files: a hostile file can end its child and nothing else.

A small template process, started once and single-threaded, has the parsers loaded; it forks children with
limits on memory, CPU and files, in a session of their own and without a network, and kills the whole group at the end.
(An executor's pool hung on this Python; a fresh interpreter per file costs 140 to 330 ms, a fork with its limits 14 ms, half of
the files less than that: so the files of one call share a few children, and one that fails among others is read again alone.)
"""

import json
import os
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from schemas.errors import ServiceDown
from schemas.facts import Facts, Fault, Picture

_START_SECONDS = 120.0
_WALL, _WALL_AT_LEAST = 8, 30.0  # wall time for one file, in times of its CPU limit, and at least that many seconds
T = TypeVar("T", Facts, Picture)
_ROOT = Path(__file__).resolve().parent.parent
# a long Word file takes 50 MB in small pieces: by pages of 2 MB a tenth of its CPU is saved (other C libraries pass over it)
_HEAP = "glibc.malloc.hugetlb=1:glibc.malloc.top_pad=8388608"


class Reader:
    """Reads files in children. Safe to share between threads; close it when done.

    `cpu_seconds`, `wall_seconds` (a busy machine: many times the former) and `memory` (bytes of address space) are for
    one file, `file_limit` is its largest size in bytes; `roots` are the certificates (DER) whose signers are trusted;
    `program` is the module that the template runs.
    """

    def __init__(
        self,
        *,
        cpu_seconds: int,
        memory: int,
        file_limit: int,
        wall_seconds: float | None = None,
        roots: Sequence[bytes] = (),
        program: str = "documents.sandbox_template",
    ) -> None:
        wall = max(_WALL_AT_LEAST, _WALL * cpu_seconds) if wall_seconds is None else wall_seconds
        self._limits = {"cpu_seconds": cpu_seconds, "memory": memory, "file_limit": file_limit, "wall_seconds": wall}
        self._roots = [one.hex() for one in roots]
        self._program = program
        self._lock = threading.Lock()
        self._template: subprocess.Popen[bytes] | None = None
        self._line: socket.socket | None = None

    def read(self, path: Path, name: str) -> Facts:
        """Facts of one file; a hang, a crash or a bomb is a fault in them. Raises ServiceDown if no child can start."""
        return self.read_all([(path, name)])[0]

    def read_all(self, files: Sequence[tuple[Path, str]]) -> list[Facts]:
        """Facts of many files of one sender, in their order; every eight share a child, a child for each core.

        A file that takes its child over could speak for those that the child reads after it: never mix senders.
        """
        return self._all(files, "read", Facts)

    def picture(self, path: Path, name: str, number: int) -> Picture:
        """Page `number` (from one) as a grey picture, with none but a fault where it cannot be drawn."""
        return self._all([(path, name)], f"picture {number}", Picture)[0]

    def signature(self, path: Path, name: str, beside: Sequence[tuple[Path, str]]) -> Facts:
        """Facts of a detached signature, checked against the other files of its package, path and name each."""
        others = json.dumps([[os.fsencode(one.absolute()).hex(), called] for one, called in beside])
        return self._all([(path, name)], f"signature {others}", Facts)[0]

    def understand(self, path: Path, name: str) -> Facts:
        """Facts of recognised text, which lies as JSON (`documents.scan.Recognised`) in the file."""
        return self._all([(path, name)], "understand", Facts)[0]

    def _all(self, files: Sequence[tuple[Path, str]], task: str, kind: type[T]) -> list[T]:
        if not files:
            return []
        with self._lock:
            try:
                return self._ask(files, task, kind)
            except (OSError, EOFError):
                self._stop()
            # the template died: the file that it died of is found by reading one at a time
            return [self._alone(file, task, kind) for file in files]

    def _alone(self, file: tuple[Path, str], task: str, kind: type[T]) -> T:
        for _ in range(2):
            try:
                return self._ask([file], task, kind)[0]
            except (OSError, EOFError):
                self._stop()
        return kind(faults=[Fault.CRASHED])

    def _ask(self, files: Sequence[tuple[Path, str]], task: str, kind: type[T]) -> list[T]:
        line = self._line or self._start()
        _send(line, {"files": [[os.fsencode(path.absolute()).hex(), name, task] for path, name in files]})
        answer = _receive(line)
        if "facts" not in answer:
            raise ServiceDown(service="documents.sandbox")  # the machine has no process to give
        return [_believed(facts, kind) for facts in answer["facts"]]

    def _start(self) -> socket.socket:
        ours, theirs = socket.socketpair()
        # nothing of the caller's settings (keys, passwords) reaches a process that opens strangers' files
        environment = {"PYTHONPATH": str(_ROOT), "LANG": "C.UTF-8", "PATH": os.defpath, "GLIBC_TUNABLES": _HEAP}
        with theirs:
            self._template = subprocess.Popen(
                [
                    sys.executable,
                    "-P",
                    "-m",
                    self._program,
                    str(theirs.fileno()),
                    json.dumps(self._limits),
                ],
                pass_fds=(theirs.fileno(),),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                start_new_session=True,
                env=environment,
            )
        self._line = ours
        ours.settimeout(_START_SECONDS)
        try:
            _receive(ours)
            _send(ours, {"roots": self._roots})
        except (OSError, EOFError) as error:
            self._stop()
            raise ServiceDown(service="documents.sandbox") from error
        ours.settimeout(None)
        return ours

    def _stop(self) -> None:
        line, template, self._line, self._template = self._line, self._template, None, None
        if line is not None:
            line.close()  # the template ends when its line does, and takes its children along
        if template is not None:
            try:
                template.wait(timeout=5)
            except subprocess.TimeoutExpired:
                template.kill()
                template.wait()

    def close(self) -> None:
        """Ends the template; a later read starts a new one."""
        with self._lock:
            self._stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _believed(answer: str, kind: type[T]) -> T:
    """The answer of a child, which a hostile file may have written itself: what is none is a crash of that file."""
    try:
        return kind.model_validate_json(answer)
    except ValueError:
        return kind(faults=[Fault.CRASHED])


def _send(line: socket.socket, message: object) -> None:
    raw = json.dumps(message, ensure_ascii=False).encode("utf-8", "surrogatepass")
    line.sendall(struct.pack(">I", len(raw)) + raw)


def _exactly(line: socket.socket, size: int) -> bytes:
    parts = bytearray()
    while len(parts) < size:
        chunk = line.recv(min(size - len(parts), 1 << 20))
        if not chunk:
            raise EOFError
        parts += chunk
    return bytes(parts)


def _receive(line: socket.socket) -> dict[str, list[Any]]:
    (size,) = struct.unpack(">I", _exactly(line, 4))
    return json.loads(_exactly(line, size).decode("utf-8", "surrogatepass"))
