"""A witness: it keeps the newest head of each log that it follows, and cosigns the next one once that is seen to continue it.

C2SP tlog-witness. It needs nothing of the log's own database, and runs wherever somebody else is master of the machine: its
folder holds a key, the logs' verifier lines, one file of state, and the evidence against a log that told two histories.
"""

import base64
import contextlib
import hashlib
import json
import os
import re
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock
from typing import Any, Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from filelock import FileLock, Timeout

from schemas.errors import BadSetting, BrokenTrail, DatabaseBusy
from storage import log
from storage.cosigning import Cosigner, cosign, parts, unbase64
from storage.full_witness import Fetch, FullReader

LARGEST = 65_536  # bytes of a request: 63 hashes, and a checkpoint with some dozens of signatures
PROOF_LINES = 63
EVIDENCE = 1000  # files; whoever holds a log's key shall not fill the disk
WAIT = 10  # seconds for the turn
SIZE_TYPE = "text/x.tlog.size"
PLAIN = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Answer:
    """What HTTP says; `why` is for the witness's own log."""

    status: int
    body: str
    why: str
    type: str = PLAIN


@dataclass(frozen=True, slots=True)
class Request:
    """A new head with the proof that it continues the one of `old` leaves."""

    old: int
    proof: tuple[bytes, ...]
    note: str

    @classmethod
    def read(cls, body: bytes) -> Self | None:
        """None for what is no request."""
        try:
            text = body.decode()
        except UnicodeDecodeError:
            return None
        head, gap, note = text.partition("\n\n")
        first, *lines = head.split("\n")
        size = re.fullmatch(r"old (0|[1-9][0-9]{0,17})", first, re.ASCII)
        proof = [unbase64(line) for line in lines]
        if size is None or not gap or len(body) > LARGEST or len(lines) > PROOF_LINES:
            return None
        whole = tuple(one for one in proof if one is not None and len(one) == log.HASH_BYTES)
        return cls(int(size[1]), whole, note) if len(whole) == len(lines) else None

    def write(self) -> bytes:
        lines = [f"old {self.old}", *(_base64(one) for one in self.proof), "", self.note]
        return "\n".join(lines).encode()


@dataclass(frozen=True, slots=True)
class Evidence:
    """Two heads of one log that its own key signed. `proven`: of one size and not of one root, which anybody can see."""

    file: str
    origin: str
    proven: bool
    sizes: tuple[int, int]
    roots: tuple[str, str]
    at: int
    why: str = ""  # of a map of cases that is not honest: what is wrong with the entry at `position`
    position: int = 0


class Witness:
    """The witness whose folder is `home`. `clock` gives seconds since 1970.

    `sources` makes it a full witness of these logs (by origin): from there it reads all their entries.
    """

    def __init__(self, home: Path, clock: Callable[[], float], sources: Mapping[str, Fetch] | None = None) -> None:
        self._home = home
        self._clock = clock
        self._readers = {
            origin: FullReader(
                home / f"entries-{hashlib.sha256(origin.encode()).hexdigest()[:12]}.json", fetch, _atomically
            )
            for origin, fetch in (sources or {}).items()
        }
        self._reading = Lock()

    # -- what it is -----------------------------------------------------------------------------------------------

    def make(self, name: str) -> Cosigner:
        """Its key and its empty state, once; made before, what it is already. Raises BadSetting."""
        Cosigner.of(name, Ed25519PrivateKey.generate())
        self._home.mkdir(parents=True, exist_ok=True, mode=0o700)
        with self._turn():
            if not self._state.exists():
                if self._key.exists():  # an old key with a new memory would sign a second history
                    raise BadSetting(setting="witness state")
                self._write({"v": 1, "name": name, "logs": {}})
            log.make_key(self._key)
        return self.cosigner()

    def cosigner(self) -> Cosigner:
        """Its public side. Raises BadSetting where there is no witness here, or its memory was lost."""
        return Cosigner.of(str(self._read()["name"]), self._load_key())

    def full_cosigner(self) -> Cosigner:
        """The public side of its further statement: that it has read every entry, and the map of cases is honest."""
        name = self.cosigner().name
        return Cosigner.of(f"{name}/full", log.make_key(self._home / "full.key"))

    def follow(self, verifier: str) -> None:
        """Sign heads of this log too, known by its verifier line; several keys of one log are taken side by side."""
        _check(verifier)
        known = self.logs()
        if verifier not in known:
            _atomically(self._home / "logs.txt", "".join(f"{one}\n" for one in [*known, verifier]))

    def logs(self) -> list[str]:
        """Verifier lines of the logs that it follows."""
        path = self._home / "logs.txt"
        lines = path.read_text("utf-8").split("\n") if path.exists() else []
        found = [one.strip() for one in lines if one.strip() and not one.startswith("#")]
        for one in found:
            _check(one)
        return found

    def heads(self) -> dict[str, dict[str, Any]]:
        """The newest head of each log: size, root, the log's note, when it was signed."""
        return self._read()["logs"]

    # -- a request --------------------------------------------------------------------------------------------------

    def answer(self, body: bytes) -> Answer:
        """What is due to a request. The memory is on the disk before a signature is made. Raises DatabaseBusy, BadSetting."""
        request = Request.read(body)
        if request is None:
            return Answer(400, "no request\n", "malformed")
        origin = request.note.partition("\n")[0]
        keys = [one for one in self.logs() if one.partition("+")[0] == origin]
        if not keys:
            return Answer(404, "unknown log\n", "unknown")
        head, why, verifier = None, "", ""
        for verifier in keys:
            try:
                head = log.verify_note(request.note, verifier)
                break
            except BrokenTrail as wrong:
                why = str(wrong.facts["why"])
        if head is None:
            malformed = why in ("note", "checkpoint")
            return Answer(400 if malformed else 403, "no checkpoint\n" if malformed else "not signed\n", why)
        if request.old > head.size:
            return Answer(400, "smaller than the old size\n", "shrinks")
        with self._turn():
            due = self._decide(request, head, verifier)
        if due.status != 200 or head.origin not in self._readers:
            return due
        return replace(due, body=due.body + self._further(request, head, verifier))

    def _further(self, request: Request, head: log.Head, verifier: str) -> str:
        """The second line, where every entry was read and fits; empty where they could not be read in time."""
        try:
            with self._reading:  # outside the turn: the log is long, and its head is signed already
                if not self._readers[head.origin].agrees(head.size, head.root):
                    return ""
        except BrokenTrail as wrong:
            self._keep(request, request.note, verifier, why=str(wrong.facts["why"]), position=wrong.facts.get("seq", 0))
            return ""
        key = log.make_key(self._home / "full.key")
        at = int(self.heads()[head.origin]["at"])
        return cosign(parts(request.note)[0], self.full_cosigner().name, key, at) + "\n"

    def _decide(self, request: Request, head: log.Head, verifier: str) -> Answer:
        state = self._read()
        known = state["logs"].get(head.origin, {"size": 0, "root": log.EMPTY.hex(), "at": 0, "note": ""})
        size, root = int(known["size"]), bytes.fromhex(known["root"])
        told = f"{size}\n"
        if head.size == size and head.root != root and size:
            self._keep(request, known["note"], verifier)
            return Answer(409, told, "fork", SIZE_TYPE)
        if request.old != size:
            return Answer(409, told, "newer" if request.old < size else "ahead", SIZE_TYPE)
        if not log.verify_consistency(size, head.size, root, head.root, request.proof):
            self._keep(request, known["note"], verifier)
            return Answer(422, "not a continuation\n", "inconsistent")
        text, lines = parts(request.note)
        at = max(int(self._clock()), int(known["at"]))  # a clock put back does not make a head older
        note = f"{text}\n" + "".join(f"{one}\n" for one in lines if _signed_by(verifier, text, one))
        state["logs"][head.origin] = {"size": head.size, "root": head.root.hex(), "at": at, "note": note}
        self._write(state)
        return Answer(200, cosign(text, str(state["name"]), self._load_key(), at) + "\n", "cosigned")

    # -- evidence ---------------------------------------------------------------------------------------------------

    def _keep(self, request: Request, before: str, verifier: str, **more: object) -> None:
        text, lines = parts(request.note)
        second = f"{text}\n" + "".join(f"{one}\n" for one in lines if _signed_by(verifier, text, one))
        told = {
            "v": 1,
            "key": verifier,
            "first": before,
            "second": second,
            "old": request.old,
            "proof": [_base64(one) for one in request.proof],
            **more,
        }
        name = hashlib.sha256(f"{verifier}\n{before}\n{second}".encode()).hexdigest()[:16]
        folder = self._home / "evidence"
        folder.mkdir(exist_ok=True)
        path = folder / f"{name}.json"
        if not path.exists() and len(list(folder.iterdir())) < EVIDENCE:
            _atomically(path, json.dumps({**told, "at": int(self._clock())}, ensure_ascii=False, indent=1) + "\n")

    def evidence(self) -> list[Evidence]:
        """What logs have signed that does not go together, oldest first."""
        folder = self._home / "evidence"
        found = [judge(one) for one in sorted(folder.glob("*.json"))] if folder.is_dir() else []
        return sorted(found, key=lambda one: (one.at, one.file))

    # -- its files --------------------------------------------------------------------------------------------------

    @property
    def _state(self) -> Path:
        return self._home / "state.json"

    @property
    def _key(self) -> Path:
        return self._home / "witness.key"

    def _load_key(self) -> Ed25519PrivateKey:
        try:
            return log.load_key(self._key)
        except BadSetting as wrong:
            raise BadSetting(setting="witness key") from wrong

    def _read(self) -> dict[str, Any]:
        try:
            state = json.loads(self._state.read_text("utf-8"))
            logs = {
                str(origin): {
                    "size": int(one["size"]),
                    "root": bytes.fromhex(one["root"]).hex(),
                    "at": int(one["at"]),
                    "note": str(one["note"]),
                }
                for origin, one in state["logs"].items()
            }
            return {"v": 1, "name": str(state["name"]), "logs": logs}
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as wrong:
            raise BadSetting(setting="witness state") from wrong

    def _write(self, state: dict[str, Any]) -> None:
        _atomically(self._state, json.dumps(state, ensure_ascii=False, indent=1, sort_keys=True) + "\n")

    @contextlib.contextmanager
    def _turn(self) -> Iterator[None]:
        """One at a time, of threads and of processes: what is checked is what is replaced."""
        lock = FileLock(self._home / ".turn", timeout=WAIT, poll_interval=0.003)
        try:
            lock.acquire()
        except Timeout as busy:
            raise DatabaseBusy(why="turn") from busy
        try:
            yield
        finally:
            lock.release()


def judge(path: Path) -> Evidence:
    """What a file of evidence shows, its signatures verified. Raises BrokenTrail, BadSetting."""
    try:
        told = json.loads(path.read_text("utf-8"))
        key, notes, at = str(told["key"]), (str(told["first"]), str(told["second"])), int(told["at"])
    except (OSError, ValueError, TypeError, KeyError) as wrong:
        raise BadSetting(setting=path.name) from wrong
    second = log.verify_note(notes[1], key)
    first = log.verify_note(notes[0], key) if notes[0] else log.Head(second.origin, 0, log.EMPTY)
    proven = first.size == second.size and first.root != second.root
    sizes, roots = (first.size, second.size), (first.root.hex(), second.root.hex())
    why, position = str(told.get("why", "")), int(told.get("position", 0))
    return Evidence(path.name, second.origin, proven, sizes, roots, at, why, position)


def _check(verifier: str) -> None:
    """Raises BadSetting for a line that is no log's verifier line."""
    with contextlib.suppress(BrokenTrail):
        log.read_signed("x\n\n— x AAAAAAA=\n", verifier)


def _signed_by(verifier: str, text: str, line: str) -> bool:
    try:
        log.read_signed(f"{text}\n{line}\n", verifier)
    except BrokenTrail:
        return False
    return True


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode()


def _atomically(path: Path, text: str) -> None:
    """The file as it was or as it shall be, whenever the power goes; on the disk when this returns."""
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        with fresh.open("x", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def request_of(old: int, proof: Sequence[bytes], note: str) -> bytes:
    """A request as it goes over the wire, or on a stick."""
    return Request(old, tuple(proof), note).write()
