"""Attacks on the log's history, each really tried on a witness that runs as a process of its own and speaks HTTP."""

import json
import signal
import socket
import threading
import time
from collections.abc import Iterator
from http.client import HTTPException
from pathlib import Path

import pytest

from storage import log
from storage.cosigning import Cosigner, parts
from tests.witness.logs import NAME, ORIGIN, Log, Served, ashar, serving

pytestmark = pytest.mark.server


@pytest.fixture
def honest() -> Log:
    return Log(20)


@pytest.fixture
def home(tmp_path: Path, honest: Log) -> Path:
    assert ashar(tmp_path, "witness", "key", NAME).returncode == 0
    assert ashar(tmp_path, "witness", "follow", honest.verifier).returncode == 0
    return tmp_path


@pytest.fixture
def served(home: Path) -> Iterator[Served]:
    with serving(home) as one:
        yield one


def cosigner(home: Path) -> Cosigner:
    return Cosigner.read(ashar(home, "witness", "key").stdout.strip())


def test_an_honest_log_gets_its_cosignature(served: Served, home: Path, honest: Log):
    status, kind, body = served.post(honest.request(0, 12))

    assert (status, kind) == (200, "text/plain")
    text, lines = parts(honest.note(12) + body)
    found = cosigner(home).time_of(text, lines)
    assert found is not None and abs(found[0] - time.time()) < 60
    assert log.verify_note(honest.note(12) + body, honest.verifier).size == 12  # still the log's own note


def test_a_stolen_log_key_that_rewrites_history_is_refused(served: Served, honest: Log):
    """The thief has the key, the database and the store: he can sign anything, and not make it continue the past."""
    served.post(honest.request(0, 12))
    rewritten = honest.fork(3, 20)
    for size in (12, 13, 20):
        for old in (0, 3, 12):
            status, _, _ = served.post(rewritten.request(old, size))
            assert status in (409, 422)
    assert served.post(honest.request(12, 20))[0] == 200


def test_a_forked_view_becomes_proof_that_anybody_can_verify(served: Served, home: Path, honest: Log, tmp_path: Path):
    served.post(honest.request(0, 12))
    assert served.post(honest.fork(5, 12).request(12)) == (409, "text/x.tlog.size", "12\n")

    shown = ashar(home, "witness", "prove")
    assert shown.returncode == 69
    assert "FRAUD PROVEN" in shown.stdout
    [kept] = (home / "witness" / "evidence").glob("*.json")
    elsewhere = tmp_path / "court" / "evidence.json"  # on another machine, with nothing but the file
    elsewhere.parent.mkdir()
    elsewhere.write_bytes(kept.read_bytes())
    told = ashar(tmp_path / "court", "--json", "witness", "prove", str(elsewhere))
    assert told.returncode == 69
    assert json.loads(told.stdout)[0]["proven"] is True
    served.end()
    assert any("409 fork" in line for line in served.said)


def test_an_old_backup_that_was_restored_is_told_what_was_signed(served: Served, honest: Log):
    served.post(honest.request(0, 12))
    restored = Log(key=honest.key, leaves=honest.leaves[:7])
    assert served.post(restored.request(7)) == (409, "text/x.tlog.size", "12\n")
    # and goes on from there on another way than the one it went
    restored.grow(15, b"after the restore")
    assert served.post(restored.request(7)) == (409, "text/x.tlog.size", "12\n")
    assert served.post(restored.request(12))[0] == 422


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGKILL])
def test_a_witness_that_was_restarted_remembers(home: Path, honest: Log, sign: int):
    with serving(home) as one:
        one.post(honest.request(0, 12))
        one.end(sign)
    with serving(home) as two:
        assert two.post(honest.fork(2, 12).request(12))[0] == 409
        assert two.post(honest.fork(2, 12).request(0))[0] == 409
        assert two.post(honest.request(12, 20))[0] == 200


def test_killed_at_random_under_fire_it_signs_one_history(home: Path):
    """Two histories race for each next size while the process is killed again and again."""
    one, two = Log(1), Log(1)
    two.key = one.key
    assert ashar(home, "witness", "follow", one.verifier).returncode == 0
    signed: dict[int, set[bytes]] = {}
    lock = threading.Lock()

    def fire(served: Served, whose: Log, size: int) -> None:
        for old in (0, size - 2, size - 1, size):
            if old < 0:
                continue
            try:
                status, _, _ = served.post(whose.request(old, size))
            except (OSError, HTTPException):
                return
            if status == 200:
                with lock:
                    signed.setdefault(size, set()).add(whose.root(size))

    kills = 0
    for round_ in range(12):
        size = 2 + round_
        one.grow(size, b"one")
        two.grow(size, b"two")
        with serving(home) as served:
            threads = [threading.Thread(target=fire, args=(served, whose, size)) for whose in (one, two, one, two)]
            for thread in threads:
                thread.start()
            time.sleep(0.002 * (round_ % 6))
            served.end(signal.SIGKILL)
            kills += 1
            for thread in threads:
                thread.join(30)
        state = json.loads((home / "witness" / "state.json").read_text())["logs"].get(ORIGIN)
        if state and state["size"] == size:
            ahead = one if one.root(size).hex() == state["root"] else two
            one, two = Log(key=one.key, leaves=ahead.leaves), Log(key=one.key, leaves=ahead.leaves)
        else:
            one, two = (Log(key=one.key, leaves=each.leaves[: size - 1]) for each in (one, two))
            one.grow(size, b"none %d" % round_)
            two.leaves = list(one.leaves)
    assert kills == 12
    assert all(len(roots) == 1 for roots in signed.values())


# -- whoever else may come -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"\x00" * 1000, 400),
        (b"old 0\n\n" + b"x" * 60_000, 404),
        ("old 0\n\nashar.batken.kg/log\n3\n\u202e\n".encode(), 400),
        (b"GET / HTTP/1.1\r\n\r\n", 400),
        (b"{" * 60_000, 400),
    ],
)
def test_malicious_bodies_get_a_plain_no(served: Served, honest: Log, body: bytes, status: int):
    assert served.post(body)[0] == status
    assert served.post(honest.request(0, 3))[0] == 200


def raw(served: Served, said: bytes, wait: float = 5) -> bytes:
    with socket.create_connection(("127.0.0.1", served.port), timeout=wait) as connection:
        connection.sendall(said)
        got = b""
        try:
            while chunk := connection.recv(65536):
                got += chunk
        except TimeoutError:
            return got
        return got


@pytest.mark.parametrize(
    ("said", "status"),
    [
        (b"POST /add-checkpoint HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n", b" 413 "),
        (b"POST /add-checkpoint HTTP/1.1\r\nHost: x\r\nContent-Length: 9999999999999999999999\r\n\r\n", b" 413 "),
        (b"POST /add-checkpoint HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", b" 411 "),
        (b"POST /add-checkpoint HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd", b" 411 "),
        (b"POST /add-checkpoint HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", b" 411 "),
        (b"POST /add-checkpoint HTTP/1.1\r\nHost: x\r\n\r\n", b" 411 "),
        (b"POST /../../etc/passwd HTTP/1.0\r\nContent-Length: 0\r\n\r\n", b" 404 "),
        (b"GET /state.json HTTP/1.0\r\n\r\n", b" 404 "),
        (b"DELETE / HTTP/1.0\r\n\r\n", b" 501 "),
        (b"X" * 70_000 + b"\r\n\r\n", b" 414 "),
        (b"GET / HTTP/1.0\r\n" + b"A: b\r\n" * 200 + b"\r\n", b" 431 "),
    ],
)
def test_what_is_no_good_http_is_turned_away(served: Served, honest: Log, said: bytes, status: bytes):
    assert status in raw(served, said).partition(b"\r\n")[0] + b" "
    assert served.post(honest.request(0, 3))[0] == 200


def test_a_crowd_and_slow_talkers_do_not_keep_the_log_from_its_witness(served: Served, honest: Log):
    """Thirty callers that say half a line and wait: the others are still answered."""
    idle = [socket.create_connection(("127.0.0.1", served.port), timeout=5) for _ in range(30)]
    try:
        for one in idle:
            one.sendall(b"POST /add-check")
        assert served.post(honest.request(0, 3))[0] == 200
        more = [socket.create_connection(("127.0.0.1", served.port), timeout=5) for _ in range(40)]
        time.sleep(0.3)
        threads = len(list(Path(f"/proc/{served.process.pid}/task").iterdir()))
        assert threads < 100
        for one in more:
            one.close()
    finally:
        for one in idle:
            one.close()
    time.sleep(0.3)
    assert served.post(honest.request(3, 6))[0] == 200


def test_who_asks_too_often_is_told_to_wait(served: Served, honest: Log):
    told = [served.post(b"")[0] for _ in range(120)]
    assert 429 in told
    time.sleep(0.5)
    assert served.post(honest.request(0, 3))[0] == 200


def test_it_shows_its_line_and_nothing_else(served: Served, home: Path):
    got = raw(served, b"GET / HTTP/1.0\r\n\r\n").decode()
    assert got.endswith(f"\r\n\r\n{cosigner(home).line}\n")


def test_by_hand_from_a_stick(home: Path, honest: Log, tmp_path: Path):
    asked = tmp_path / "offer.txt"
    asked.write_bytes(honest.request(0, 12))
    assert ashar(home, "witness", "cosign", str(asked)).returncode == 0
    signed = (tmp_path / "offer.txt.cosigned").read_text()
    text, lines = parts(signed)
    assert cosigner(home).time_of(text, lines)
    assert log.verify_note(signed, honest.verifier).size == 12

    asked.write_bytes(honest.fork(4, 12).request(12))
    refused = ashar(home, "witness", "cosign", str(asked))
    assert refused.returncode == 2
    assert "12" in refused.stderr


def test_by_hand_while_it_serves_is_one_memory(served: Served, home: Path, honest: Log, tmp_path: Path):
    served.post(honest.request(0, 12))
    asked = tmp_path / "offer.txt"
    asked.write_bytes(honest.request(12, 20))
    assert ashar(home, "witness", "cosign", str(asked)).returncode == 0
    assert served.post(honest.request(12, 16)) == (409, "text/x.tlog.size", "20\n")
