"""A log to be witnessed, honest or not, and a witness that runs as a process of its own."""

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from storage import log
from storage.witness import request_of

ROOT = Path(__file__).parents[2]
ORIGIN = "ashar.batken.kg/log"
NAME = "chamber.example/w1"


class Log:
    """Leaves and a key; `fork` is another history under the same key, alike up to `at`."""

    def __init__(self, size: int = 0, key: Ed25519PrivateKey | None = None, leaves: Sequence[bytes] = ()) -> None:
        self.key = key or Ed25519PrivateKey.generate()
        self.leaves = list(leaves) or [log.leaf_hash(b"event %d" % number) for number in range(size)]

    @property
    def verifier(self) -> str:
        return log.verifier_of(ORIGIN, self.key)

    def grow(self, to: int, word: bytes = b"event") -> "Log":
        self.leaves += [log.leaf_hash(b"%s %d" % (word, number)) for number in range(len(self.leaves), to)]
        return self

    def fork(self, at: int, to: int) -> "Log":
        return (
            Log(key=self.key, leaves=self.leaves[:at]).grow(to, b"rewritten")
            if at
            else Log(key=self.key).grow(to, b"rewritten")
        )

    def root(self, size: int | None = None) -> bytes:
        return log.root(self.leaves[:size])

    def note(self, size: int | None = None) -> str:
        size = len(self.leaves) if size is None else size
        return log.note(ORIGIN, size, self.root(size), self.key)

    def request(self, old: int, size: int | None = None, proof: Sequence[bytes] | None = None) -> bytes:
        size = len(self.leaves) if size is None else size
        if proof is None:
            proof = log.consistency(self.leaves[:size], old) if old <= size else []
        return request_of(old, proof, self.note(size))


def ashar(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """One line of the command in a process of its own."""
    line = [sys.executable, "-m", "cli.main", "--home", str(home), "--language", "en", *words]
    return subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)


class Served:
    """A witness behind HTTP."""

    def __init__(self, home: Path, *more: str) -> None:
        line = [sys.executable, "-m", "cli.main", "--home", str(home), "witness", "serve", "--port", "0", *more]
        self.process = subprocess.Popen(
            line, cwd=ROOT, stderr=subprocess.PIPE, text=True, env={**os.environ, "ASHAR_LANGUAGE": "en"}
        )
        self.said: list[str] = []
        assert self.process.stderr is not None
        for told in self.process.stderr:
            self.said.append(told)
            if found := re.search(r"http://127\.0\.0\.1:(\d+)", told):
                self.port = int(found[1])
                break
        else:
            raise AssertionError(self.said)
        threading.Thread(target=lambda: self.said.extend(self.process.stderr or ()), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def post(self, body: bytes, path: str = "/add-checkpoint", **headers: str) -> tuple[int, str, str]:
        """Status, content type, body."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request("POST", path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.headers.get_content_type(), answer.read().decode()
        finally:
            connection.close()

    def end(self, sign: int = signal.SIGTERM) -> None:
        if self.process.poll() is None:
            self.process.send_signal(sign)
        self.process.wait(20)


@contextmanager
def serving(home: Path, *more: str) -> Iterator[Served]:
    served = Served(home, *more)
    try:
        yield served
    finally:
        served.end(signal.SIGKILL)
