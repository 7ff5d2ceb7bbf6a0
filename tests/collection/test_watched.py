"""Reports by a watched folder or bucket: taken when they are whole, moved aside when they are safe."""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from shutil import copytree, make_archive

import pytest
from minio import Minio

from flows.steps import collection
from schemas.collection import Obstacle, Parcel, WatchedBucket, WatchedFolder
from schemas.report import Report
from services.object_store import ObjectStore
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


def test_a_folder_that_is_not_there_is_told(desk: Desk, tmp_path: Path) -> None:
    assert collection.collect(desk.office, watched(tmp_path / "no")).trouble == "SourceDown"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ObjectStore]:
    place = tmp_path_factory.mktemp("watched-store")
    server = ObjectStore(place / "objects", log=place / "log")
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
