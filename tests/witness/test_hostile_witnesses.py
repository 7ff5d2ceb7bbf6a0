"""What a hostile or broken witness answers is believed in nothing, and nobody waits for it."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import pytest

from flows.office import Office
from flows.steps import witnessing
from schemas.errors import NotFound
from schemas.witness import Cosignature, WitnessCall
from schemas.wording import say
from storage import log
from storage.cosigning import LATEST, Cosigner, cosign, parts
from tests.witness.offices import customer_of, office_of, policy, rows, sealed

pytestmark = pytest.mark.server
NOW = int(time.time())


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    office = office_of(tmp_path / "city")
    yield office
    office.close()


@pytest.fixture
def tenant(office: Office) -> UUID:
    return customer_of(office)


@contextmanager
def answering(*pieces: bytes, pause: float = 0) -> Iterator[str]:
    """A server that says this to whoever connects."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        stop = threading.Event()

        def run() -> None:
            while not stop.is_set():
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                threading.Thread(target=speak, args=(connection,), daemon=True).start()

        def speak(connection: socket.socket) -> None:
            with connection:
                try:
                    connection.recv(65536)
                    for piece in pieces:
                        connection.sendall(piece)
                        if stop.wait(pause):
                            return
                except OSError:
                    return

        threading.Thread(target=run, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.getsockname()[1]}"
        finally:
            stop.set()


def http(status: int, body: bytes, kind: str = "text/plain") -> bytes:
    return f"HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


@pytest.mark.parametrize(
    ("said", "trouble"),
    [
        (http(200, b""), "answer"),
        (http(200, b"\xff\xff\n"), "answer"),
        (http(200, "— w.example/1 AAAA\n".encode()), "answer"),
        (http(200, b"x" * 100_000), "silent"),  # more than an answer is: cut off
        (http(409, b"12", "text/x.tlog.size"), "answer"),
        (http(409, b"012\n", "text/x.tlog.size"), "answer"),
        (http(409, b"-1\n", "text/x.tlog.size"), "answer"),
        (http(409, b"1\n", "text/plain"), "answer"),
        (http(409, b"99999999999999999\n", "text/x.tlog.size"), "restored"),
        (http(409, b"0\n", "text/x.tlog.size"), "fork"),
        (http(403, b""), "unsigned"),
        (http(404, b""), "unknown"),
        (http(422, b""), "inconsistent"),
        (http(500, b""), "answer"),
        (http(302, b"") + b"Location: http://127.0.0.1/\r\n", "answer"),
        (b"rubbish\r\n\r\n", "silent"),
        (b"", "silent"),
    ],
)
def test_what_a_hostile_witness_says_is_believed_in_nothing(office: Office, tenant: UUID, said: bytes, trouble: str):
    sealed(office, tenant)
    line = Cosigner.of("w.example/1", log.make_key(office.home / "w.key")).line
    with answering(said) as url:
        policy(office, f"witness a {line} {url}", quorum="a")
        assert [one.trouble for one in witnessing.ask(office)] == [trouble]
    assert rows(office, Cosignature) == []
    [call] = rows(office, WitnessCall)
    assert say(f"why.{call.trouble}", "ky") != f"why.{call.trouble}"


def test_an_answer_that_drips_in_is_not_waited_for(office: Office, tenant: UUID, monkeypatch: pytest.MonkeyPatch):
    sealed(office, tenant)
    monkeypatch.setattr(witnessing, "SECONDS", 1.0)
    line = Cosigner.of("w.example/1", log.make_key(office.home / "w.key")).line
    with answering(*(bytes([one]) for one in http(200, b"y" * 5000)), pause=0.2) as url:
        policy(office, f"witness a {line} {url}", quorum="a")
        began = time.monotonic()
        assert [one.trouble for one in witnessing.ask(office)] == ["silent"]
        assert time.monotonic() - began < 3


def test_a_cosignature_of_another_checkpoint_or_key_is_not_taken(office: Office, tenant: UUID):
    first = sealed(office, tenant)
    second = sealed(office, tenant)
    key = log.make_key(office.home / "w.key")
    line = Cosigner.of("w.example/1", key).line
    other = log.make_key(office.home / "other.key")
    for said in (
        cosign(parts(first.note)[0], "w.example/1", key, NOW),
        cosign(parts(second.note)[0], "w.example/1", other, NOW),
        cosign(parts(second.note)[0], "w.example/2", key, NOW),
    ):
        with answering(http(200, f"{said}\n".encode())) as url:
            policy(office, f"witness a {line} {url}", quorum="a")
            assert [one.trouble for one in witnessing.ask(office)] == ["answer"]
    with answering(http(200, f"{cosign(parts(second.note)[0], 'w.example/1', key, NOW)}\n".encode())) as url:
        policy(office, f"witness a {line} {url}", quorum="a")
        assert [one.trouble for one in witnessing.ask(office)] == [""]


@pytest.mark.parametrize(
    ("at", "trouble"),
    [(NOW, ""), (NOW - 90_000, "clock"), (NOW + 90_000, "clock"), (LATEST, "clock")],
    ids=["now", "a day ago", "in a day", "the last"],
)
def test_a_cosignature_of_another_time_shows_no_witness_that_is_awake(
    office: Office, tenant: UUID, at: int, trouble: str
):
    """Kept from an earlier day and said again, or of no time that there is."""
    newest = sealed(office, tenant)
    key = log.make_key(office.home / "w.key")
    said = cosign(parts(newest.note)[0], "w.example/1", key, at)
    with answering(http(200, f"{said}\n".encode())) as url:
        policy(office, f"witness a {Cosigner.of('w.example/1', key).line} {url}", quorum="a")
        assert [one.trouble for one in witnessing.ask(office)] == [trouble]
    if trouble:
        policy(office, f"witness a {Cosigner.of('w.example/1', key).line}", quorum="a")
        carried = f"{newest.note}{said}\n"
        if at < NOW:  # from a stick it may be older
            assert [one.size for one in witnessing.take_back(office, carried)] == [newest.size]
        else:
            with pytest.raises(NotFound):
                witnessing.take_back(office, carried)
