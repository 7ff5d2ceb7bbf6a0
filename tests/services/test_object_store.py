"""The embedded S3 server keeps what it acknowledged and answers nobody else."""

import contextlib
import io
import os
import signal
import sqlite3
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from minio.commonconfig import GOVERNANCE
from minio.error import S3Error
from minio.retention import Retention

from schemas.errors import ServiceDown
from services.child import alive, until
from services.object_store import ObjectStore

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ObjectStore]:
    store = ObjectStore(tmp_path_factory.mktemp("store") / "objects")
    store.start()
    store.client().make_bucket("locked", object_lock=True)
    yield store
    store.stop()


def listening(pid: int | None) -> dict[int, str]:
    """Port → address of every socket this process listens on, from the kernel."""
    mine = set()
    for entry in Path(f"/proc/{pid}/fd").iterdir():
        try:
            mine.add(str(entry.readlink()))
        except FileNotFoundError:
            continue
    found = {}
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]:
            cells = line.split()
            if cells[3] == "0A" and f"socket:[{cells[9]}]" in mine:
                address, port = cells[1].split(":")
                found[int(port, 16)] = address
    return found


def test_what_was_acknowledged_is_there_after_kill_and_restart(
    store: ObjectStore,
) -> None:
    client = store.client()
    if not client.bucket_exists("kept"):
        client.make_bucket("kept")
    bodies = {f"object-{n}": os.urandom(500 + 40_000 * n) for n in range(30)}
    for name, body in bodies.items():
        client.put_object("kept", name, io.BytesIO(body), len(body))

    assert store.pid is not None
    os.kill(store.pid, signal.SIGKILL)
    assert until(lambda: store.pid is None, 5)
    assert not store.healthy()
    store.stop()
    store.start()

    again = store.client()
    for name, body in bodies.items():
        assert sha256(again.get_object("kept", name).read()).digest() == sha256(body).digest()
    assert (store.folder / "synced").exists()


def _journal(store: ObjectStore) -> str:
    with contextlib.closing(sqlite3.connect(store.data / "names.db")) as names:
        return str(names.execute("PRAGMA journal_mode").fetchone()[0])


def test_names_that_lay_under_another_journal_are_all_there_in_wal(tmp_path: Path) -> None:
    store = ObjectStore(tmp_path / "store")
    store.start()
    store.client().make_bucket("kept")
    store.client().put_object("kept", "before", io.BytesIO(b"1"), 1)
    store.stop()
    with contextlib.closing(sqlite3.connect(store.data / "names.db")) as names:
        names.execute("PRAGMA journal_mode=DELETE")
    assert _journal(store) == "delete"

    store.start()

    store.client().put_object("kept", "behind", io.BytesIO(b"2"), 1)
    assert _journal(store) == "wal"
    assert (store.data / "names.db-wal").stat().st_size  # the server itself writes by it
    assert [store.client().get_object("kept", name).read() for name in ("before", "behind")] == [b"1", b"2"]
    store.stop()


def test_a_damaged_database_of_names_is_told_of_and_left_as_it_is(tmp_path: Path) -> None:
    store = ObjectStore(tmp_path / "store")
    store.data.mkdir(parents=True)
    (store.data / "names.db").write_bytes(b"no database" * 1000)

    with pytest.raises(ServiceDown) as told:
        store.start()

    assert "names.db" in told.value.facts["why"]
    assert (store.data / "names.db").read_bytes() == b"no database" * 1000


def test_it_listens_on_loopback_only(store: ObjectStore) -> None:
    assert set(listening(store.pid).values()) == {"0100007F"}


def test_its_secrets_are_the_owners_only(store: ObjectStore) -> None:
    assert store.folder.stat().st_mode & 0o077 == 0
    for name in ("keys.json", "s3.json", "security.toml", "certificates/node.key"):
        assert (store.folder / name).stat().st_mode & 0o777 == 0o600


def test_no_port_lets_a_stranger_read_or_delete(store: ObjectStore) -> None:
    client = store.client()
    client.put_object("locked", "contract", io.BytesIO(b"signed"), 6)

    for port in listening(store.pid):
        for method, path in (
            ("GET", "/buckets/locked/contract"),
            ("DELETE", "/buckets/locked/contract"),
            ("DELETE", "/buckets/locked?recursive=true"),
            ("GET", "/col/delete?collection=locked"),
            ("POST", "/col/delete?collection=locked"),
            ("DELETE", "/locked/contract"),
            ("GET", "/locked/contract"),
        ):
            request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", method=method)
            with pytest.raises((urllib.error.URLError, OSError)):
                urllib.request.urlopen(request, timeout=3)

    assert client.get_object("locked", "contract").read() == b"signed"


def test_the_administrators_shell_needs_the_certificate(store: ObjectStore, tmp_path: Path) -> None:
    client = store.client()
    client.put_object("locked", "minutes", io.BytesIO(b"signed"), 6)
    ports = sorted(listening(store.pid))
    weed = Path(sys.executable).with_name("weed")

    master = f"127.0.0.1:{store._port('master')}.{store._port('master', inner=True)}"
    filer = f"127.0.0.1:{store._port('filer')}.{store._port('filer', inner=True)}"
    assert store._port("master", inner=True) in ports
    with pytest.raises(subprocess.TimeoutExpired):
        subprocess.run(
            [weed, "shell", f"-master={master}", f"-filer={filer}"],
            input="fs.rm -rf /buckets/locked\nexit\n",
            text=True,
            capture_output=True,
            cwd=tmp_path,
            env={"HOME": str(tmp_path)},
            timeout=4,
            check=False,
        )

    assert client.get_object("locked", "minutes").read() == b"signed"


def test_a_wrong_key_is_refused(store: ObjectStore) -> None:
    stranger = ObjectStore(store.folder)
    stranger._ports, stranger.access_key, stranger.secret_key = (
        store._ports,
        store.access_key,
        "guessed",
    )
    with pytest.raises(S3Error) as refused:
        stranger.client().list_buckets()
    assert refused.value.code == "SignatureDoesNotMatch"


def test_what_is_locked_stays_for_its_term(store: ObjectStore) -> None:
    client = store.client()
    until_day = datetime.now(UTC) + timedelta(days=1)
    put = client.put_object(
        "locked",
        "checkpoint",
        io.BytesIO(b"42"),
        2,
        retention=Retention(GOVERNANCE, until_day),
    )

    with pytest.raises(S3Error) as refused:
        client.remove_object("locked", "checkpoint", version_id=put.version_id)
    assert refused.value.code == "AccessDenied"
    client.remove_object("locked", "checkpoint")  # a marker only
    client.put_object("locked", "checkpoint", io.BytesIO(b"43"), 2)
    assert client.get_object("locked", "checkpoint", version_id=put.version_id).read() == b"42"


def test_two_servers_never_share_a_folder(store: ObjectStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.object_store.LOCK_SECONDS", 0.2)
    with pytest.raises(ServiceDown):
        ObjectStore(store.folder).start()
    assert store.healthy()


def test_the_server_ends_with_the_process_that_started_it(tmp_path: Path) -> None:
    program = (
        "import sys, time, pathlib; from services.object_store import ObjectStore;"
        "s = ObjectStore(pathlib.Path(sys.argv[1])); s.start(); print(s.pid, flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", program, str(tmp_path / "store")], stdout=subprocess.PIPE)
    assert parent.stdout is not None
    server = int(parent.stdout.readline())

    parent.kill()
    parent.wait()

    assert until(lambda: not alive(server), 10)
    successor = ObjectStore(tmp_path / "store")
    successor.start()
    assert successor.healthy()
    successor.stop()
