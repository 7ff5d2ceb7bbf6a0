"""Both object stores keep the same promises: the contract runs on a folder and on a real S3 server."""

import hashlib
import io
import os
import socket
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from schemas.errors import AlreadyGiven, BadSetting, NotFound, Retained, StoreDown, TooLarge
from services.object_store import REGION, ObjectStore
from storage.folder import FolderObjects, clear, hold
from storage.objects import Objects
from storage.s3 import PART, S3Objects

DAY = timedelta(days=1)


def s3_objects(store: ObjectStore, bucket: str, **changed: str) -> S3Objects:
    known = {"access_key": store.access_key, "secret_key": store.secret_key} | changed
    return S3Objects(store.endpoint, bucket=bucket, region=REGION, secure=False, **known)


@pytest.fixture(params=["folder", pytest.param("s3", marks=pytest.mark.server)])
def objects(request: pytest.FixtureRequest, tmp_path: Path) -> Objects:
    if request.param == "folder":
        return FolderObjects(tmp_path / "objects")
    return s3_objects(request.getfixturevalue("s3"), f"contract-{uuid4().hex[:12]}")


def put(objects: Objects, key: str, body: bytes) -> None:
    objects.put(key, io.BytesIO(body), len(body), hashlib.sha256(body).hexdigest())


def now() -> datetime:
    return datetime.now(UTC)


@pytest.mark.parametrize("size", [0, 1, 70_000, PART, PART + 1, 2 * PART + 12_345])
def test_what_is_put_is_read_to_the_byte(objects: Objects, size: int):
    body = os.urandom(size)
    put(objects, "sha256/ab/cd/one.generation", body)

    assert objects.size("sha256/ab/cd/one.generation") == size
    assert objects.read("sha256/ab/cd/one.generation", size) == body
    with objects.open("sha256/ab/cd/one.generation") as stream:
        assert b"".join(iter(lambda: stream.read(65_537), b"")) == body


def test_the_first_of_many_is_found_and_all_of_them_are_cleared(objects: Objects):
    assert objects.first("heads/") is None
    objects.clear("heads/")
    for key in ("heads/999/2", "heads/998/7", "heads/998/3", "other/1"):
        put(objects, key, key.encode())
    assert objects.first("heads/") == "heads/998/3"
    objects.clear("heads/998/")
    assert {one.key for one in objects.keys("")} == {"heads/999/2", "other/1"}
    assert objects.first("heads/") == "heads/999/2"
    objects.lock("heads/999/2", now() + DAY)
    with pytest.raises(Retained):
        objects.clear("heads/")
    assert objects.read("heads/999/2", 100) == b"heads/999/2"


@pytest.mark.parametrize("size", [5, PART + 5])
def test_the_same_bytes_again_change_nothing_and_others_are_refused(objects: Objects, size: int):
    first, other = os.urandom(size), os.urandom(size)
    put(objects, "k", first)
    put(objects, "k", first)

    with pytest.raises(AlreadyGiven):
        put(objects, "k", other)
    with pytest.raises(AlreadyGiven):
        put(objects, "k", other[:-1])
    assert objects.read("k", size) == first


def test_of_many_writers_of_one_key_one_wins(objects: Objects):
    bodies = [os.urandom(5_000) for _ in range(8)]
    start = threading.Barrier(len(bodies))

    def write(body: bytes) -> bytes | None:
        start.wait()
        try:
            put(objects, "checkpoint/7", body)
        except AlreadyGiven:
            return None
        return body

    with ThreadPoolExecutor(len(bodies)) as threads:
        winners = [body for body in threads.map(write, bodies) if body]

    assert winners == [objects.read("checkpoint/7", 5_000)]


@pytest.mark.parametrize("size", [100, PART + 100])
@pytest.mark.parametrize("wrong", ["bytes", "shorter", "longer"])
def test_bytes_that_are_not_those_announced_are_not_kept(objects: Objects, size: int, wrong: str):
    body = os.urandom(size)
    sent = {"bytes": body[:-1] + bytes([body[-1] ^ 1]), "shorter": body[:-1], "longer": body + b"x"}[wrong]
    announced = {"bytes": size, "shorter": size, "longer": size}[wrong]
    told = hashlib.sha256(body if wrong != "longer" else sent).hexdigest()

    with pytest.raises(StoreDown):
        objects.put("k", io.BytesIO(sent), announced, told)

    assert objects.size("k") is None
    assert list(objects.keys("")) == []


def test_what_is_not_there_is_said_so(objects: Objects):
    put(objects, "there", b"1")

    assert objects.size("missing") is None
    for look in (
        lambda: objects.open("missing"),
        lambda: objects.read("missing", 1),
        lambda: objects.lock("missing", now() + DAY),
    ):
        with pytest.raises(NotFound):
            look()
    objects.delete("missing")


def test_a_new_store_is_empty(objects: Objects):
    assert list(objects.keys("")) == []
    assert objects.size("missing") is None
    assert objects.tidy() == 0


def test_more_than_the_limit_is_not_read(objects: Objects):
    put(objects, "k", b"12345")

    assert objects.read("k", 5) == b"12345"
    with pytest.raises(TooLarge) as refused:
        objects.read("k", 4)
    assert refused.value.facts == {"name": "k", "size": 5, "limit": 4}


def test_keys_are_listed_by_their_beginning(objects: Objects):
    before = now() - timedelta(seconds=2)
    for key in ("sha256/ab/one", "sha256/ac/two", "checkpoint/1"):
        put(objects, key, key.encode())

    assert sorted(one.key for one in objects.keys("")) == ["checkpoint/1", "sha256/ab/one", "sha256/ac/two"]
    assert [one.key for one in objects.keys("sha256/ab")] == ["sha256/ab/one"]
    assert [one.key for one in objects.keys("sha256/none/")] == []
    (one,) = objects.keys("checkpoint/")
    assert one.size == len(one.key)
    assert before <= one.modified <= now() + timedelta(seconds=2)


def test_what_is_deleted_is_gone(objects: Objects):
    put(objects, "a", b"1")
    put(objects, "ab", b"2")

    objects.delete("a")
    objects.delete("a")

    assert objects.size("a") is None
    assert [one.key for one in objects.keys("")] == ["ab"]


def test_what_is_locked_is_not_deleted(objects: Objects):
    put(objects, "minutes", b"signed")
    until = now() + DAY
    objects.lock("minutes", until)

    with pytest.raises(Retained) as refused:
        objects.delete("minutes")

    kept = refused.value.facts["until"]
    assert isinstance(kept, datetime)
    assert until <= kept < until + timedelta(seconds=1)
    assert objects.read("minutes", 6) == b"signed"
    put(objects, "minutes", b"signed")


def test_a_lock_is_only_ever_extended(objects: Objects):
    put(objects, "minutes", b"signed")

    def kept() -> datetime:
        with pytest.raises(Retained) as refused:
            objects.delete("minutes")
        until = refused.value.facts["until"]
        assert isinstance(until, datetime)
        return until

    objects.lock("minutes", now() + 2 * DAY)
    first = kept()
    for earlier in (now() + DAY, now() - DAY, first):
        objects.lock("minutes", earlier)
        assert kept() == first
    objects.lock("minutes", now() + 3 * DAY)
    assert kept() > first


def test_a_date_that_has_passed_keeps_nothing(objects: Objects):
    put(objects, "draft", b"1")
    objects.lock("draft", now() - DAY)

    objects.delete("draft")

    assert objects.size("draft") is None


@pytest.mark.parametrize("key", ["", "/a", "a/", "a//b", "../a", "a/../b", ".tmp/a", "a/.until", "a b", "арыз", "a\0b"])
def test_a_key_that_not_every_store_can_hold_is_refused(objects: Objects, key: str):
    for act in (lambda: put(objects, key, b""), lambda: objects.open(key), lambda: objects.delete(key)):
        with pytest.raises(ValueError, match="plain names"):
            act()


def test_a_store_that_works_passes_its_check_and_keeps_nothing_of_it(objects: Objects):
    objects.check()

    assert list(objects.keys("")) == []


# -- the folder ------------------------------------------------------------------------------------------------------


def test_files_of_the_folder_can_only_be_read(tmp_path: Path):
    objects = FolderObjects(tmp_path)
    put(objects, "sha256/k", b"1")
    objects.lock("sha256/k", now() + DAY)

    assert {file.stat().st_mode & 0o777 for file in (tmp_path / "sha256").iterdir()} == {0o440}
    assert [one.key for one in objects.keys("")] == ["sha256/k"]
    assert objects.link("sha256/k", DAY, "арыз.docx") is None


def test_a_lock_ends_with_its_date(tmp_path: Path):
    put(FolderObjects(tmp_path), "k", b"1")
    FolderObjects(tmp_path).lock("k", now() + DAY)

    later = FolderObjects(tmp_path, now=lambda: now() + 2 * DAY)
    later.delete("k")

    assert [file.name for file in tmp_path.iterdir()] == [".tmp"]


def test_only_temporary_files_that_nobody_holds_are_tidied(tmp_path: Path):
    objects = FolderObjects(tmp_path)
    mine, path = hold(tmp_path / ".tmp")
    (tmp_path / ".tmp" / "of-a-killed-process").write_bytes(b"half")

    assert clear(tmp_path / ".tmp", dry_run=True) == 1
    assert objects.tidy() == 1
    assert path.exists()
    mine.close()
    assert objects.tidy() == 1


def test_a_folder_that_cannot_be_written_is_a_store_that_is_down(tmp_path: Path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StoreDown):
        FolderObjects(tmp_path / "file" / "objects").check()


# -- the S3 server ---------------------------------------------------------------------------------------------------


@pytest.fixture
def bucket(s3: ObjectStore) -> S3Objects:
    return s3_objects(s3, f"own-{uuid4().hex[:12]}")


@pytest.mark.server
def test_a_link_downloads_under_its_cyrillic_name_until_it_is_touched(bucket: S3Objects):
    put(bucket, "k", b"bytes")
    link = bucket.link("k", timedelta(minutes=5), "Арыз; №1.docx")
    assert link is not None

    with urllib.request.urlopen(link) as answer:
        assert answer.read() == b"bytes"
        assert "filename*=UTF-8''%D0%90%D1%80%D1%8B%D0%B7%3B%20%E2%84%961.docx" in answer.headers["Content-Disposition"]
    with pytest.raises(urllib.error.HTTPError):
        urllib.request.urlopen(link.replace("/k?", "/l?"))


@pytest.mark.server
def test_the_bucket_is_made_with_versions_lock_and_an_end_of_broken_uploads(bucket: S3Objects, s3: ObjectStore):
    put(bucket, "k", b"1")
    client = s3.client()

    assert client.get_bucket_versioning(bucket.bucket).status == "Enabled"
    client.get_object_lock_config(bucket.bucket)
    lifecycle = client.get_bucket_lifecycle(bucket.bucket)
    assert lifecycle is not None
    assert lifecycle.rules[0].abort_incomplete_multipart_upload is not None


@pytest.mark.server
def test_nothing_is_left_of_a_deleted_object_not_even_a_version(bucket: S3Objects, s3: ObjectStore):
    put(bucket, "k", b"1")
    s3.client().remove_object(bucket.bucket, "k")  # a marker, by another program
    put(bucket, "k", b"2")

    bucket.delete("k")

    assert list(s3.client().list_objects(bucket.bucket, include_version=True)) == []


@pytest.mark.server
def test_a_bucket_that_cannot_lock_is_a_wrong_setting(s3: ObjectStore):
    name = f"plain-{uuid4().hex[:12]}"
    s3.client().make_bucket(name)
    with pytest.raises(BadSetting):
        s3_objects(s3, name).check()


@pytest.mark.server
def test_a_wrong_key_is_a_store_that_is_down(s3: ObjectStore, bucket: S3Objects):
    put(bucket, "k", b"1")
    with pytest.raises(StoreDown):
        s3_objects(s3, bucket.bucket, secret_key="guessed").check()
    with pytest.raises(StoreDown):
        s3_objects(s3, bucket.bucket, secret_key="guessed").open("k")


def acts(objects: Objects) -> Iterator[Callable[[], object]]:
    yield lambda: put(objects, "k", b"1")
    yield lambda: objects.open("k")
    yield lambda: objects.size("k")
    yield lambda: objects.delete("k")
    yield lambda: objects.lock("k", now() + DAY)
    yield lambda: list(objects.keys(""))
    yield objects.check


def test_a_server_that_is_not_there_is_a_store_that_is_down():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    objects = S3Objects(
        f"127.0.0.1:{port}", access_key="a", secret_key="b", bucket="ashar", region=REGION, secure=False
    )

    with pytest.raises(StoreDown):
        put(objects, "k", b"1")


def serve(answers: list[bytes]) -> tuple[S3Objects, threading.Thread]:
    """A server that gives each connection the next answer and hangs up."""
    door = socket.create_server(("127.0.0.1", 0))

    def answer() -> None:
        with door:
            for words in answers:
                visitor, _ = door.accept()
                with visitor:
                    visitor.recv(65_536)
                    visitor.sendall(words)

    thread = threading.Thread(target=answer, daemon=True)
    thread.start()
    address = f"127.0.0.1:{door.getsockname()[1]}"
    return S3Objects(address, access_key="a", secret_key="b", bucket="ashar", region=REGION, secure=False), thread


def test_a_busy_server_is_asked_again():
    busy = b"HTTP/1.1 503 Slow Down\r\nContent-Length: 0\r\nRetry-After: 600\r\nConnection: close\r\n\r\n"
    found = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\n"
    objects, thread = serve([busy, busy, found])

    assert objects.size("k") == 5
    thread.join(5)


def test_an_answer_that_breaks_off_is_not_taken_for_a_short_file():
    half = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\nConnection: close\r\n\r\nonly this"
    objects, thread = serve([half])

    with objects.open("k") as stream, pytest.raises(StoreDown):
        stream.read()
    thread.join(5)


@pytest.mark.parametrize("status", [b"400 Bad", b"403 No", b"500 Trouble", b"301 Moved"])
def test_whatever_a_broken_server_says_it_is_down(status: bytes):
    words = (
        b"HTTP/1.1 " + status + b"\r\nContent-Length: 6\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n<html>"
    )
    for act in range(7):
        objects, _ = serve([words] * 9)
        with pytest.raises(StoreDown):
            list(acts(objects))[act]()
