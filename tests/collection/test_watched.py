"""Reports by a watched folder or bucket: taken when they are whole, moved aside when they are safe."""

import ctypes
import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from shutil import copytree, make_archive

import pytest
from minio import Minio

from flows.sources import Arrival, Listed
from flows.sources.folder import FolderInbox
from flows.steps import collection, monitoring
from schemas.collection import Leftover, Mark, Obstacle, Parcel, WatchedBucket, WatchedFolder
from schemas.document import Document
from schemas.outbox import Letter
from schemas.report import PeriodStatus, Report
from services.object_store import ObjectStore
from storage.s3_inbox import Entry, Prefix
from tests.offices import Desk

Open = Callable[..., Desk]


@pytest.fixture
def desk(desk_at: Open) -> Desk:
    return desk_at("reporting")


def entry_name(desk: Desk, period: int = 1) -> str:
    return f"{desk.contract().number.replace('/', '_')}-{period}"


def old(place: Path) -> None:
    """As if it had lain there for an hour."""
    then = time.time() - 3600
    for one in (place, *place.rglob("*")):
        os.utime(one, (then, then), follow_symlinks=False)


def watched(folder: Path) -> WatchedFolder:
    return WatchedFolder(customer="batken", path=folder)


def test_a_folder_that_names_its_contract_is_its_report_and_moves_aside(desk: Desk, tmp_path: Path) -> None:
    copytree(desk.report(1), tmp_path / "in" / entry_name(desk))
    old(tmp_path / "in")

    found = collection.collect(desk.office, watched(tmp_path / "in"))

    assert (found.filed, found.waiting, found.trouble) == (1, 0, "")
    assert len(desk.all(Report)) == 1
    assert [one.name for one in (tmp_path / "in").iterdir()] == ["taken"]
    assert [one.name for one in (tmp_path / "in" / "taken").iterdir()] == [entry_name(desk)]
    assert collection.collect(desk.office, watched(tmp_path / "in")).filed == 0


def test_the_same_report_as_an_archive_is_the_same_report(desk: Desk, tmp_path: Path) -> None:
    package = desk.report(1)
    copytree(package, tmp_path / "in" / entry_name(desk))
    old(tmp_path / "in")
    collection.collect(desk.office, watched(tmp_path / "in"))
    make_archive(str(tmp_path / "in" / entry_name(desk)), "zip", package)
    old(tmp_path / "in")

    assert collection.collect(desk.office, watched(tmp_path / "in")).filed == 1
    assert len(desk.all(Report)) == 1


def test_what_is_still_being_written_is_left_alone(desk: Desk, tmp_path: Path) -> None:
    copytree(desk.report(1), tmp_path / "in" / entry_name(desk))
    old(tmp_path / "in")
    (tmp_path / "in" / entry_name(desk) / "дагы.txt").write_text("азыр")
    (tmp_path / "in" / "жүктөлүүдө.zip.part").write_bytes(b"PK")

    found = collection.collect(desk.office, watched(tmp_path / "in"))

    assert (found.filed, found.waiting) == (0, 0)
    assert desk.all(Parcel) == []


def test_nothing_leaves_the_folder_before_it_is_safe(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copytree(desk.report(1), tmp_path / "in" / entry_name(desk))
    old(tmp_path / "in")

    class Dead(BaseException):
        pass

    def dies(*_: object) -> None:
        raise Dead

    with monkeypatch.context() as broken:
        broken.setattr(collection, "_enter", dies)
        with pytest.raises(Dead):
            collection.collect(desk.office, watched(tmp_path / "in"))
    assert (tmp_path / "in" / entry_name(desk)).is_dir()
    assert collection.collect(desk.office, watched(tmp_path / "in")).filed == 1
    assert len(desk.all(Report)) == 1


def test_a_hostile_entry_waits_in_the_tray_and_those_after_it_go_on(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "in" / "a").mkdir(parents=True)
    (tmp_path / "in" / "a" / "passwd").symlink_to("/etc/passwd")
    copytree(desk.report(1), tmp_path / "in" / entry_name(desk))
    old(tmp_path / "in")

    found = collection.collect(desk.office, watched(tmp_path / "in"))

    assert (found.filed, found.waiting) == (1, 1)
    hostile = desk.all(Parcel, obstacle=Obstacle.UNUSABLE)
    assert [one.detail for one in hostile] == ["UnsafeArchive"]


@contextmanager
def bound_by_rights() -> Iterator[None]:
    """Rights of files count for this thread, even where it is root's (capabilities(7): CAP_DAC_OVERRIDE and its like)."""
    libc = ctypes.CDLL(None, use_errno=True)
    head = (ctypes.c_uint32 * 2)(0x20080522, 0)
    now, less = (ctypes.c_uint32 * 6)(), (ctypes.c_uint32 * 6)()
    assert libc.capget(head, now) == 0
    less[:] = now
    less[0] &= ~0b1110  # override of rights to read, search and write, and of ownership
    assert libc.capset(head, less) == 0
    try:
        yield
    finally:
        assert libc.capset(head, now) == 0


def test_what_may_not_be_moved_aside_is_taken_once_and_looked_at_no_more(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "in"
    copytree(desk.report(1), place / entry_name(desk))
    (place / "Салам.txt").write_text("1")
    old(place)
    opened: list[str] = []
    real = FolderInbox.opened

    def counted(self: FolderInbox, one: Listed, folder: Path) -> Arrival | None:
        opened.append(one.name)
        return real(self, one, folder)

    monkeypatch.setattr(FolderInbox, "opened", counted)
    place.chmod(0o555)
    with bound_by_rights():
        first = collection.collect(desk.office, watched(place))
        again = collection.collect(desk.office, watched(place))
        assert (first.filed, first.waiting, first.trouble) == (1, 1, "")
        assert (again.filed, again.waiting, again.known, again.trouble) == (0, 0, 0, "")
        assert sorted(opened) == sorted([entry_name(desk), "Салам.txt"])
        assert len(desk.all(Leftover)) == 2
        opened.clear()
        place.chmod(0o755)
        (place / "Дагы.txt").write_text("2")  # as one that was moved in with the time of its last change
        os.utime(place / "Дагы.txt", (0, 0))
        place.chmod(0o555)
        assert collection.collect(desk.office, watched(place)).waiting == 1
        assert opened == ["Дагы.txt"]
        place.chmod(0o755)
        (place / "Салам.txt").write_text("3")
        os.utime(place / "Салам.txt", (0, 0))
        place.chmod(0o555)
        assert collection.collect(desk.office, watched(place)).waiting == 1
    assert sorted(one.name for one in place.iterdir()) == sorted([entry_name(desk), "Салам.txt", "Дагы.txt"])


def test_an_entry_that_may_not_be_read_waits_in_the_tray_and_those_after_it_go_on(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "in" / "a").mkdir(parents=True)
    (tmp_path / "in" / "a" / "план.txt").write_text("x")
    (tmp_path / "in" / "a" / "сыр.txt").write_text("x")
    (tmp_path / "in" / "a" / "сыр.txt").chmod(0)
    copytree(desk.report(1), tmp_path / "in" / entry_name(desk))
    old(tmp_path / "in")

    with bound_by_rights():
        found = collection.collect(desk.office, watched(tmp_path / "in"))

    assert (found.filed, found.waiting, found.trouble) == (1, 1, "")
    [parcel] = desk.all(Parcel, obstacle=Obstacle.UNREADABLE)
    assert (parcel.subject, parcel.detail) == ("a", "PermissionError")
    assert [one.name for one in desk.all(Document, subject_id=parcel.id)] == ["a/план.txt"]


def test_the_same_files_after_a_return_are_told_to_be_the_same(desk: Desk, tmp_path: Path) -> None:
    for put_again in range(2):
        copytree(desk.report(1), tmp_path / "in" / entry_name(desk))
        old(tmp_path / "in")
        collection.collect(desk.office, watched(tmp_path / "in"))
        assert desk.work().troubles == []
        if not put_again:
            monitoring.return_report(desk.office, desk.who("coordinator"), desk.period().id, "Оңдоңуз.")
            before = desk.period()

    assert len(desk.all(Letter, code="report_same")) == 1
    after = desk.period()
    assert (after.status, after.version, after.due) == (PeriodStatus.RETURNED, before.version, before.due)
    assert len(desk.all(Report)) == 1


def test_a_folder_that_is_not_there_is_told(desk: Desk, tmp_path: Path) -> None:
    assert collection.collect(desk.office, watched(tmp_path / "no")).trouble == "SourceDown"


READER = {"accessKey": "READER", "secretKey": "okuu-gana-7"}


class Shared(ObjectStore):
    """A store with a second key, which may look and fetch, and nothing else."""

    def _write_configuration(self) -> None:
        super()._write_configuration()
        file = self.folder / "s3.json"
        told = json.loads(file.read_text())
        told["identities"].append({"name": "reader", "credentials": [READER], "actions": ["Read", "List"]})
        file.write_text(json.dumps(told))


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ObjectStore]:
    place = tmp_path_factory.mktemp("watched-store")
    server = Shared(place / "objects", log=place / "log")
    server.start()
    yield server
    server.stop()


@pytest.mark.server
def test_a_report_in_a_bucket_is_filed_and_moved_aside(desk: Desk, store: ObjectStore) -> None:
    client = Minio(
        store.endpoint, access_key=store.access_key, secret_key=store.secret_key, secure=False, region="us-east-1"
    )
    client.make_bucket("reports")
    for file in sorted(desk.report(1).iterdir()):
        client.fput_object("reports", f"batken/{entry_name(desk)}/{file.name}", str(file))
    told = {"customer": "batken", "endpoint": store.endpoint, "secure": False, "bucket": "reports"}
    keys = {"access_key": store.access_key, "secret_key": store.secret_key, "prefix": "batken/"}
    early = WatchedBucket.model_validate({**told, **keys, "quiet_seconds": 600})
    source = WatchedBucket.model_validate({**told, **keys, "quiet_seconds": 0})

    assert collection.collect(desk.office, early).filed == 0
    found = collection.collect(desk.office, source)

    assert (found.filed, found.trouble) == (1, "")
    assert len(desk.all(Report)) == 1
    names = [str(one.object_name) for one in client.list_objects("reports", recursive=True)]
    assert names
    assert all(name.startswith("batken/taken/") for name in names)
    assert collection.collect(desk.office, source).filed == 0
    wrong = WatchedBucket.model_validate({**told, **keys, "bucket": "absent"})
    assert collection.collect(desk.office, wrong).trouble == "SourceDown"


@pytest.mark.server
def test_a_bucket_of_which_one_may_only_read_is_fetched_once(
    desk: Desk, store: ObjectStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = Minio(
        store.endpoint, access_key=store.access_key, secret_key=store.secret_key, secure=False, region="us-east-1"
    )
    client.make_bucket("others")
    for file in sorted(desk.report(1).iterdir()):
        client.fput_object("others", f"batken/{entry_name(desk)}/{file.name}", str(file))
    told = {"customer": "batken", "endpoint": store.endpoint, "secure": False, "bucket": "others", "quiet_seconds": 0}
    keys = {"access_key": READER["accessKey"], "secret_key": READER["secretKey"], "prefix": "batken/"}
    source = WatchedBucket.model_validate({**told, **keys})
    fetched: list[str] = []
    real = Prefix.fetch

    def counted(self: Prefix, entry: Entry, into: Path) -> Path:
        fetched.append(entry.name)
        return real(self, entry, into)

    monkeypatch.setattr(Prefix, "fetch", counted)
    first, again = (collection.collect(desk.office, source) for _ in range(2))
    assert (first.filed, first.trouble) == (1, "")
    assert (again.filed, again.known, again.trouble) == (0, 0, "")
    assert fetched == [entry_name(desk)]
    [mark] = desk.all(Mark)
    assert (mark.name, mark.modified is not None and mark.modified <= datetime.now(UTC)) == (entry_name(desk), True)

    client.fput_object("others", "batken/Салам.txt", str(next(desk.report(1).iterdir())))
    assert collection.collect(desk.office, source).waiting == 1
    assert fetched == [entry_name(desk), "Салам.txt"]
    assert len(list(client.list_objects("others", recursive=True))) == 3
