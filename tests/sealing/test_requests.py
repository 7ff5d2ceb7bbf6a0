"""What the sequencer asks of its store: nothing twice, and nothing half full is left of what is full."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest

from flows.office import Office
from flows.steps import sealing
from flows.steps.sequencer import Sequencer
from schemas.errors import Retained, StoreDown
from services.object_store import REGION, ObjectStore
from storage import policy, tiles
from storage.folder import FolderObjects
from storage.s3 import S3Objects
from storage.tiles import ENTRIES, name_of
from tests.sealing.conftest import Happen
from tests.storage.conftest import s3

__all__ = ["s3"]

pytestmark = pytest.mark.parametrize(
    "database", ["sqlite", pytest.param("postgres", marks=pytest.mark.server)], indirect=True
)


class Counting(FolderObjects):
    """The folder store, which notes what it is called for, also by itself."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.calls: list[str] = []

    def __getattribute__(self, name: str) -> Any:
        found = super().__getattribute__(name)
        if name not in ("put", "lock", "size", "delete", "clear", "drop"):
            return found

        def noted(*arguments: Any) -> Any:
            self.calls.append(name)
            return found(*arguments)

        return noted


def beside(office: Office) -> set[str]:
    return {one.key for one in office.objects.keys(tiles.PREFIX) if tiles.BESIDE in one.key}


def examine(office: Office, size: int) -> None:
    """The newest unfilled forms lie there, and of full tiles none."""
    there = beside(office)
    newest = {name_of(*one) for one in tiles.shape(size)}
    newest |= {name_of(ENTRIES, index, width) for level, index, width in tiles.shape(size) if level == 0}
    assert newest <= there
    full = {one.key for one in office.objects.keys(tiles.PREFIX)} - there
    assert not {one for one in there if one.partition(tiles.BESIDE)[0] in full}


@pytest.mark.parametrize("restarts", [(), (2, 3, 7)])
def test_nothing_half_full_is_left_beside_what_is_full(office: Office, happen: Happen, restarts: tuple[int, ...]):
    sequencer = Sequencer(office)
    for number in range(10):
        if number in restarts:
            sequencer = Sequencer(office)
        happen(100 + number)
        made = sequencer.drain()
        assert made is not None
        examine(office, made.size)
    for name in tiles.full(office.objects, 1_055):
        with pytest.raises(Retained):
            office.objects.delete(name)


def test_nor_of_what_a_run_left_that_was_killed(office: Office, happen: Happen, monkeypatch: pytest.MonkeyPatch):
    def struck(*_: object) -> None:
        raise StoreDown(why="struck")

    happen(10)
    sealing.seal(office)
    happen(300)
    with monkeypatch.context() as patched:
        patched.setattr(policy, "put_checkpoint", struck)
        with pytest.raises(StoreDown):
            sealing.seal(office)
    assert name_of(0, 1, 312 - 256) in beside(office)
    happen(300)
    sealing.seal(office)
    examine(office, 613)


def test_a_steady_round_locks_by_marks_and_drops_all_at_once(office: Office, happen: Happen):
    office._objects = store = Counting(office.home / "objects")
    sequencer = Sequencer(office)
    for _ in range(5):
        happen(100)
        sequencer.drain()
    store.calls.clear()
    happen(100)
    sequencer.drain()  # from 505 to 606 leaves: a tile and its bundle are full
    told = Counter(store.calls)
    assert "size" not in told
    assert "clear" not in told
    assert told["drop"] == 1


@pytest.fixture
def server(s3: ObjectStore) -> S3Objects:
    known = {"access_key": s3.access_key, "secret_key": s3.secret_key}
    return S3Objects(s3.endpoint, bucket=f"rounds-{uuid4().hex[:12]}", region=REGION, secure=False, **known)


@pytest.fixture
def asked(server: S3Objects, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Every request to the server, as its method and what of the object it is about."""
    requests: list[str] = []
    send = server._server.urlopen

    def urlopen(method: str, url: str, *arguments: Any, **options: Any) -> Any:
        told = urlsplit(url)
        about = sorted(parse_qs(told.query, keep_blank_values=True).keys() & {"retention", "delete", "versions"})
        room = f"{told.path}/".split("/")[2]
        requests.append(" ".join([method, *([room] if method == "PUT" else []), *about]))
        return send(method, url, *arguments, **options)

    monkeypatch.setattr(server._server, "urlopen", urlopen)
    yield requests


@pytest.mark.server
def test_a_steady_round_asks_an_s3_server_no_more_than_this(
    office: Office, happen: Happen, server: S3Objects, asked: list[str]
):
    office._objects = server
    sequencer = Sequencer(office)
    for _ in range(4):
        happen(100)
        sequencer.drain()
    asked.clear()
    happen(100)
    sequencer.drain()  # from 404 to 505 leaves: nothing is full
    # what is newest is asked for twice: of checkpoints and of policies
    assert Counter(asked) == {"GET": 2, "PUT log": 2, "PUT checkpoints": 1}
    asked.clear()
    happen(100)
    sequencer.drain()  # to 606: a tile and its bundle are
    assert Counter(asked) == {
        "GET": 2,
        "PUT log": 5,
        "PUT checkpoints": 1,
        "PUT log retention": 2,
        "POST delete": 1,
    }
    examine(office, 606)
