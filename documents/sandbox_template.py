"""The warm process behind `documents.sandbox`: it forks children that read files, and never opens one itself.

A child reads a few files of one sender, one after the other; a fork costs more than most files do. Where it fails, the file that it was at
is read again in a child of its own, and so gets its own verdict.
"""

import contextlib
import ctypes
import gc
import json
import os
import resource
import selectors
import signal
import socket
import struct
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import BaseModel

from documents import confine, reading, scan
from documents.content import data
from documents.pdf import limit_pypdf
from documents.sandbox import _receive, _send  # pyright: ignore[reportPrivateUsage]
from schemas.facts import Facts, Fault

_RESULT = 4_000_000  # bytes of one answer; a 300-line budget is 60 kB
_PICTURE = 24_000_000  # bytes of one page as a picture
_RESULTS = 50_000_000  # bytes of all answers of a batch; past it an answer has no more than:
_RESULT_LATER = 64_000
_ROOMY = 0.25  # of its memory, up to which a child frees nothing
_TOGETHER = 8  # files that one child reads
_FRAME = struct.Struct(">I")
_SIGNED = '"signatures":[{'  # in the facts of a file that bears a signature
_LETTER = (
    "Исх. № 12 от 12 мая 2026 г.",
    "Просим принять заявку общественного фонда, ИНН 01707201410029, на сумму 250 000 сомов.",
    *("Фонд выполняет работу по договору в срок и отвечает за её качество перед городом." for _ in range(20)),
    "Директор ____________ Асанов А. А.",
)

File = tuple[int, list[str]]  # its place in the batch; path, the sender's name, what is to be done


@dataclass
class Child:
    """Files being read one after the other, and how many of them are answered."""

    files: list[File]
    pid: int
    pipe: int
    until: float
    most: int
    unread: bytearray = field(default_factory=bytearray)  # what came of the next answer so far
    answered: int = 0
    late: bool = False
    wordy: bool = False

    def take(self, answers: list[str]) -> bool:
        """Whole answers out of what came; whether there was one."""
        before = self.answered
        while len(self.unread) >= _FRAME.size and self.answered < len(self.files):
            (size,) = _FRAME.unpack_from(self.unread)
            if len(self.unread) < _FRAME.size + size:
                break
            # believed by nobody yet: the caller validates it
            answer = self.unread[_FRAME.size : _FRAME.size + size].decode("utf-8", "replace")
            answers[self.files[self.answered][0]] = answer
            del self.unread[: _FRAME.size + size]
            self.answered += 1
        return self.answered > before


Read = Callable[[Path, str, int], BaseModel]  # path, the sender's name, largest size in bytes


def _act(task: str, read: Read | None, roots: Sequence[bytes], kept: list[object]) -> Read:
    """What is done with a file: `read`, `understand`, `picture N` of its page N, `signature` and the files beside it."""
    if task == "understand":
        return lambda path, name, _: scan.understand(path, name)
    if task.startswith("picture "):
        number = int(task.removeprefix("picture "))
        return lambda path, name, file_limit: scan.picture(path, name, number, file_limit=file_limit)
    if task.startswith("signature "):
        listed = json.loads(task.removeprefix("signature "))
        beside = [(Path(os.fsdecode(bytes.fromhex(path))), name) for path, name in listed]
        from documents import signatures  # noqa: PLC0415 -- as in `_warm_signatures`

        return lambda path, name, _: signatures.detached(path, name, beside, roots)
    return read or (
        lambda path, name, file_limit: reading.read(path, name, file_limit=file_limit, roots=roots, keep=kept)
    )


class Template:
    """Keeps the limits and runs batches of files."""

    def __init__(self, limits: dict[str, int], read: Read | None = None) -> None:
        self.cpu_seconds, self.memory, self.file_limit = limits["cpu_seconds"], limits["memory"], limits["file_limit"]
        self.wall_seconds = limits["wall_seconds"]
        self.at_once = max(1, len(os.sched_getaffinity(0)))
        self.line: socket.socket | None = None
        self.nowhere = os.open(os.devnull, os.O_WRONLY)
        self.read = read
        self.roots: list[bytes] = []
        self.kept: list[object] = []  # of a child: what it parsed and need not take apart, since it ends soon

    def batch(self, files: list[list[str]]) -> list[str]:
        """Facts of each file as JSON, in order. Ends the process if the caller hangs up. Raises OSError without a fork."""
        waiting = deque(self._groups(list(enumerate(files))))
        answers = [""] * len(files)
        told = 0
        running: dict[int, Child] = {}
        with selectors.DefaultSelector() as selector:
            if self.line is not None:
                selector.register(self.line, selectors.EVENT_READ)
            while waiting or running:
                while waiting and len(running) < self.at_once:
                    try:
                        child = self._start(waiting[0])
                    except OSError:
                        for child in running.values():
                            _end(child)
                        raise
                    waiting.popleft()
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
                    child.unread += chunk
                    told += len(chunk)
                    if child.take(answers):
                        child.until = time.monotonic() + self.wall_seconds
                    child.wordy = len(child.unread) > (child.most if told < _RESULTS else _RESULT_LATER)
                    if not chunk or child.wordy:
                        waiting.extendleft(reversed(self._finish(child, running, selector, answers)))
                for child in [child for child in running.values() if child.until <= time.monotonic()]:
                    child.late = True
                    waiting.extendleft(reversed(self._finish(child, running, selector, answers)))
        return answers

    def _groups(self, files: list[File]) -> Iterator[list[File]]:
        """Files that share a child; a picture or a page is a matter of its own.

        A package of eight is not divided among the cores: a second child costs more than it hastens (18 ms of CPU).
        """
        together = _TOGETHER if all(file[2] == "read" for _, file in files) else 1
        for at in range(0, len(files), together):
            yield files[at : at + together]

    def _start(self, files: list[File]) -> Child:
        reading_end, writing_end = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(reading_end)
            self._child(writing_end, [file for _, file in files])
        os.close(writing_end)
        until = time.monotonic() + self.wall_seconds
        return Child(files, pid, reading_end, until, _RESULT if files[0][1][2] == "read" else _PICTURE)

    def _child(self, pipe: int, files: list[list[str]]) -> None:
        """Runs in the child and never returns."""
        code = 1
        gc.disable()  # it lives for a few files: what it drops goes with it
        try:
            os.setsid()
            confine.die_with_parent()
            os.dup2(self.nowhere, 2)  # what libraries say of a file is of no use, and may be endless
            confine.keep_only(pipe)
            confine.limit(memory=self.memory, cpu_seconds=self.cpu_seconds * len(files))
            confine.seal()
            for file in files:
                if len(files) > 1:
                    signal.setitimer(signal.ITIMER_PROF, self.cpu_seconds)  # ends this child; the file is tried alone
                self._answer(pipe, file, alone=len(files) == 1)
            code = 0
        finally:
            os._exit(code)

    def _answer(self, pipe: int, file: list[str], *, alone: bool) -> None:
        """One answer into the pipe. What goes wrong among others leaves, since the file before may be at fault."""
        path, act = Path(os.fsdecode(bytes.fromhex(file[0]))), _act(file[2], self.read, self.roots, self.kept)
        if resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 > _ROOMY * self.memory:
            self.kept.clear()
        try:
            answer = act(path, file[1], self.file_limit).model_dump_json().encode()
        except (MemoryError, RecursionError):
            if not alone:
                raise
            answer = Facts(faults=[Fault.TOO_HUNGRY]).model_dump_json().encode()
        except Exception:
            if not alone:
                raise
            # whatever a parser throws, it is a finding on the file
            answer = Facts(faults=[Fault.CRASHED]).model_dump_json().encode()
        answer, at = _FRAME.pack(len(answer)) + answer, 0
        while at < len(answer):
            at += os.write(pipe, answer[at:])

    def _finish(
        self, child: Child, running: dict[int, Child], selector: selectors.BaseSelector, answers: list[str]
    ) -> list[list[File]]:
        """Ends the child. A file alone gets its verdict; of several, those without an answer are to be read again."""
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
        _end_strays({child.pid for child in running.values()})
        if len(child.files) == 1:
            place = child.files[0][0]
            well = os.WIFEXITED(status) and os.WEXITSTATUS(status) == 0 and not child.wordy and child.answered
            answers[place] = answers[place] if well else self._fault(child, status, usage)
            return []
        left = child.files[child.answered :]
        return [group for group in (left[:1], left[1:]) if group]

    def _fault(self, child: Child, status: int, usage: resource.struct_rusage) -> str:
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
        return Facts(faults=[fault]).model_dump_json()


def _kill(pid: int) -> None:
    for kill in (os.killpg, os.kill):  # the second for a child that has no session of its own yet
        with contextlib.suppress(ProcessLookupError, PermissionError):
            kill(pid, signal.SIGKILL)


def _end(child: Child) -> None:
    os.close(child.pipe)
    _kill(child.pid)
    os.waitpid(child.pid, 0)


def _end_strays(known: set[int]) -> None:
    """A process that left its session and lost its parent came to us: no reader of ours does that."""
    for _ in range(100):  # what a stray starts while it is being ended comes next
        strays = [pid for pid in confine.children() if pid not in known]
        if not strays:
            return
        for pid in strays:
            _kill(pid)
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, 0)


def _letter() -> bytes:
    """A PDF as a word processor prints it: letters by numbers of its own, and a table that says which they are."""
    lines = b"".join(b"(%s) ' " % line.encode("cp1251") for line in _LETTER)
    table = (
        b"1 begincodespacerange <00> <FF> endcodespacerange 2 beginbfrange <20> <7E> <0020> <C0> <FF> <0410> endbfrange"
    )
    parts = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>",
        _stream(b"BT /F 9 Tf 12 TL 40 800 Td " + lines + b"ET"),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/ToUnicode 6 0 R>>",
        _stream(table),
    ]
    whole, places = b"%PDF-1.4\n", b""
    for number, part in enumerate(parts, 1):
        places += b"%010d 00000 n \n" % len(whole)
        whole += b"%d 0 obj\n%s\nendobj\n" % (number, part)
    end = (len(parts) + 1, places, len(parts) + 1, len(whole))
    return whole + b"xref\n0 %d\n0000000000 65535 f \n%strailer<</Root 1 0 R/Size %d>>\nstartxref\n%d\n%%%%EOF\n" % end


def _stream(data: bytes) -> bytes:
    return b"<</Length %d>>stream\n%s\nendstream" % (len(data), data)


def _warm() -> None:
    """Read our own blank forms and a letter once, so that no child pays again for what the first file of a kind costs: 119 against 30 ms.

    A stranger's file is never opened here.
    """
    forms = Path(__file__).parent / "templates"
    with tempfile.TemporaryDirectory() as folder:
        letter, unknown = Path(folder) / "letter.pdf", Path(folder) / "1.txt"
        letter.write_bytes(_letter())
        unknown.write_text("Сабиз, пияз")  # a paper of no kind is looked at for single words
        for path in (
            *sorted(forms.glob("*-form-*.docx")),
            *sorted(forms.glob("*-report-*")),
            *forms.glob("budget-*"),
            letter,
            unknown,
        ):
            reading.read(path, path.name, file_limit=1_000_000)


def _warm_signatures() -> None:
    """Load the validator once some file was signed: 0.3 s and 21 MB that an office without signed files need not pay."""
    from documents import signatures  # noqa: F401, PLC0415  # pyright: ignore[reportUnusedImport]

    gc.collect()
    gc.freeze()


def main(read: Read | None = None) -> None:
    """Serves one caller on the given descriptor until it hangs up."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    line = socket.socket(fileno=int(sys.argv[1]))
    confine.leave_network()
    confine.adopt()
    limit_pypdf()
    for name in ("labels.toml", "phrases.toml"):
        data(name)
    template = Template(json.loads(sys.argv[2]), read)
    template.line = line
    with contextlib.suppress(Exception):  # a cold template serves as well, only slower
        _warm()
    gc.collect()
    gc.freeze()
    with contextlib.suppress(AttributeError):  # not every C library can
        ctypes.CDLL(None).malloc_trim(0)  # a page that is empty need not be copied for each child
    _send(line, {"ready": []})
    warm = False
    while True:
        try:
            request = _receive(line)
        except (EOFError, OSError):
            return
        if "roots" in request:
            template.roots = [bytes.fromhex(one) for one in request["roots"]]
            continue
        try:
            answers = template.batch(request["files"])
            _send(line, {"facts": answers})
        except OSError as error:
            _send(line, {"down": [str(error.errno)]})
            continue
        if not warm and any(_SIGNED in answer for answer in answers):
            warm = True
            _warm_signatures()


if __name__ == "__main__":
    main()
