"""What is put under lock is never without one, and what was marked as it was put is locked and removed without a question."""

import os
from collections import Counter
from datetime import datetime, timedelta
from hashlib import sha256
from io import BytesIO
from typing import Any

import pytest

from schemas.errors import AlreadyGiven, NotFound, Retained, StoreDown
from services.object_store import REGION, ObjectStore
from storage.objects import Objects
from storage.s3 import PART, S3Objects
from tests.storage.test_objects import DAY, bucket, now, objects, put

__all__ = ["bucket", "objects"]


def put_locked(objects: Objects, key: str, body: bytes, until: datetime) -> str:
    return objects.put(key, BytesIO(body), len(body), sha256(body).hexdigest(), until)


def marked(objects: Objects, key: str) -> str:
    return objects.put(key, BytesIO(b"1"), 1, sha256(b"1").hexdigest())


def kept(objects: Objects, key: str) -> datetime:
    with pytest.raises(Retained) as refused:
        objects.delete(key)
    until = refused.value.facts["until"]
    assert isinstance(until, datetime)
    return until


@pytest.mark.parametrize("size", [5, PART + 5])
@pytest.mark.parametrize("warm", [False, True])
def test_what_is_put_under_lock_cannot_be_deleted(objects: Objects, size: int, warm: bool):
    if warm:  # a server that has shown that it looks at checksums
        put(objects, "draft", b"1")
    until = now() + DAY
    put_locked(objects, "minutes", os.urandom(size), until)

    assert until <= kept(objects, "minutes") < until + timedelta(seconds=1)
    assert objects.size("minutes") == size


@pytest.mark.parametrize("size", [5, PART + 5])
def test_the_same_bytes_again_lock_what_lay_there_without_a_lock(objects: Objects, size: int):
    body, until = os.urandom(size), now() + DAY
    put(objects, "minutes", body)

    assert put_locked(objects, "minutes", body, until) == ""
    first = kept(objects, "minutes")
    assert first >= until
    put_locked(objects, "minutes", body, now() + timedelta(hours=1))
    assert kept(objects, "minutes") == first
    put_locked(objects, "minutes", body, now() + 2 * DAY)
    assert kept(objects, "minutes") > first


def test_other_bytes_are_refused_and_lock_nothing(objects: Objects):
    put(objects, "draft", b"1")
    with pytest.raises(AlreadyGiven):
        put_locked(objects, "draft", b"2", now() + DAY)

    objects.delete("draft")


def test_bytes_that_are_not_those_announced_are_not_kept_under_lock(objects: Objects):
    put(objects, "other", b"1")
    with pytest.raises(StoreDown):
        objects.put("minutes", BytesIO(b"2"), 1, sha256(b"1").hexdigest(), now() + DAY)

    assert [one.key for one in objects.keys("")] == ["other"]


def test_what_is_put_under_a_lock_that_has_passed_is_free(objects: Objects):
    put(objects, "other", b"1")
    put_locked(objects, "draft", b"1", now() - DAY)

    assert objects.read("draft", 1) == b"1"
    objects.delete("draft")
    assert objects.size("draft") is None


def test_a_lock_by_its_mark_is_a_lock_like_any_other(objects: Objects):
    mark = marked(objects, "tile")
    objects.lock("tile", now() - DAY, mark)
    objects.lock("tile", now() + 2 * DAY, mark)
    first = kept(objects, "tile")
    for earlier in (now() + DAY, now() - DAY, first):
        objects.lock("tile", earlier, mark)
        assert kept(objects, "tile") == first
    objects.lock("tile", now() + 3 * DAY, mark)
    assert kept(objects, "tile") > first


def test_what_is_gone_is_not_locked_by_its_mark_and_what_came_in_its_place_is(objects: Objects):
    mark = marked(objects, "tile")
    objects.delete("tile")
    with pytest.raises(NotFound):
        objects.lock("tile", now() + DAY, mark)
    put(objects, "tile", b"2")
    objects.lock("tile", now() + DAY, mark)
    kept(objects, "tile")


def test_what_is_dropped_is_gone_and_nothing_else(objects: Objects):
    marks = {key: marked(objects, key) for key in ("1.p/3", "1.p/4", "1.p/40", "1.p/5")}
    put(objects, "1.p/6", b"1")
    objects.delete("1.p/5")
    del marks["1.p/40"]
    objects.drop(marks | {"1.p/6": marked(objects, "1.p/6")})  # of which the second put gives no mark

    assert [one.key for one in objects.keys("")] == ["1.p/40"]
    objects.drop({})


@pytest.mark.parametrize("known", [True, False])
def test_what_is_locked_is_not_dropped(objects: Objects, known: bool):
    free, mark = marked(objects, "free"), marked(objects, "locked")
    objects.lock("locked", now() + DAY, mark)

    with pytest.raises(Retained) as refused:
        objects.drop({"free": free, "locked": mark if known else ""})
    assert refused.value.facts["key"] == "locked"
    assert [one.key for one in objects.keys("")] == ["locked"]


# -- the S3 server ---------------------------------------------------------------------------------------------------


def counted(objects: S3Objects, monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """What is asked of the server from now on, by method."""
    asked, send = Counter[str](), objects._server.urlopen

    def urlopen(method: str, *arguments: Any, **options: Any) -> Any:
        asked[method] += 1
        return send(method, *arguments, **options)

    monkeypatch.setattr(objects._server, "urlopen", urlopen)
    return asked


@pytest.mark.server
def test_each_costs_the_server_one_request(bucket: S3Objects, monkeypatch: pytest.MonkeyPatch):
    marks = {key: marked(bucket, key) for key in ("a", "b", "c")}
    assert all(marks.values())
    put_locked(bucket, "first", b"1", now() + DAY)  # it shows that it locks what it is told to
    asked = counted(bucket, monkeypatch)

    put_locked(bucket, "checkpoint", b"1", now() + DAY)
    assert asked == {"PUT": 1}
    bucket.lock("a", now() + DAY, marks.pop("a"))
    assert asked == {"PUT": 2}
    bucket.drop(marks)
    assert asked == {"PUT": 2, "POST": 1}


@pytest.mark.server
def test_a_server_that_passes_over_the_lock_of_a_put_is_told_once_more(
    bucket: S3Objects, monkeypatch: pytest.MonkeyPatch
):
    put(bucket, "other", b"1")
    send = bucket._put

    def deaf(key: str, body: bytes, sha256: str, headers: dict[str, Any]) -> Any:
        heard = {name: told for name, told in headers.items() if "object-lock" not in name}
        return send(key, body, sha256, heard)

    monkeypatch.setattr(bucket, "_put", deaf)
    until = now() + DAY
    for key in ("first", "second"):
        put_locked(bucket, key, b"1", until)
        assert kept(bucket, key) >= until


@pytest.mark.server
def test_nothing_is_left_of_what_was_dropped_not_even_a_version(bucket: S3Objects, s3: ObjectStore):
    bucket.drop({key: marked(bucket, key) for key in ("a", "b")})

    assert list(s3.client().list_objects(bucket.bucket, include_version=True)) == []


@pytest.mark.parametrize(
    ("endpoint", "region", "home"),
    [
        ("s3.amazonaws.com", "eu-central-1", "grants.s3.eu-central-1.amazonaws.com"),
        ("oss-cn-hangzhou.aliyuncs.com", "cn-hangzhou", "grants.oss-cn-hangzhou.aliyuncs.com"),
        ("127.0.0.1:9000", REGION, "127.0.0.1"),
    ],
)
def test_bytes_go_to_the_server_that_the_client_itself_would_ask(endpoint: str, region: str, home: str):
    objects = S3Objects(endpoint, access_key="a", secret_key="b", bucket="grants", region=region, secure=False)

    assert objects._server.host == home
