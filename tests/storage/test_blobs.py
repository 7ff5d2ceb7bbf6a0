"""No document is ever without its bytes, and what nobody claimed does not stay."""

import io
import os
import secrets
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, delete, func, select, update

from schemas.customer import Role
from schemas.document import Blob, BlobState, Document
from schemas.errors import Altered, NotFound, Overtaken, StoreDown, Temporary, TooLarge
from schemas.event import Act
from services.object_store import REGION, ObjectStore
from storage.blobs import Blobs, Kept, Swept
from storage.engine import connect, reading, writing
from storage.folder import FolderObjects
from storage.ledger import Actor, Because
from storage.objects import Objects
from storage.s3 import S3Objects
from storage.work import working

TENANT, OTHER = uuid4(), uuid4()
CLERK = Actor(uuid4(), Role.SYSTEM, TENANT)
DAY = timedelta(days=1)


class Clock:
    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def objects(tmp_path: Path) -> FolderObjects:
    return FolderObjects(tmp_path / "objects")


@pytest.fixture
def blobs(engine: Engine, objects: FolderObjects, clock: Clock, tmp_path: Path) -> Blobs:
    return Blobs(engine, objects, clock, tmp_path / "spool")


def register(blobs: Blobs, kept: Kept) -> UUID:
    """A document that rests on the bytes, with its event, as the steps do it."""
    with working(blobs.engine, CLERK, blobs.now()) as work:
        blobs.claim(work.session, kept)
        stream = uuid4()
        work.open_stream(stream, TENANT, "case")
        paper = Document(subject_id=stream, name="арыз.docx", sha256=kept.sha256, size=kept.size, blob_id=kept.blob_id)
        work.new(paper, stream=stream)
        work.record(Act.PAPER_REGISTER, paper, because=Because(reason="kept"), files=[kept.sha256])
        return paper.id


def states(engine: Engine) -> dict[UUID, BlobState]:
    with reading(engine) as session:
        return {blob.id: blob.state for blob in session.scalars(select(Blob))}


def file_of(objects: FolderObjects, kept: Kept) -> Path:
    return objects.path / kept.key


@pytest.mark.parametrize("body", [b"", b"bytes", os.urandom(3_000_000)], ids=len)
def test_what_is_kept_and_claimed_is_read_back(blobs: Blobs, tmp_path: Path, body: bytes):
    (tmp_path / "in").write_bytes(body)
    kept = blobs.keep(TENANT, tmp_path / "in")
    register(blobs, kept)
    blobs.copy_to(kept.blob_id, tmp_path / "out")

    assert kept.size == len(body)
    assert blobs.read(kept.blob_id, len(body)) == body
    assert (tmp_path / "out").read_bytes() == body
    assert states(blobs.engine) == {kept.blob_id: BlobState.STORED}
    assert kept.key.startswith(f"sha256/{kept.sha256[:2]}/{kept.sha256[2:4]}/{kept.sha256}.")


def test_the_same_bytes_are_stored_once_for_a_customer_and_never_across(blobs: Blobs):
    first = blobs.keep(TENANT, b"same")
    register(blobs, first)

    assert blobs.keep(TENANT, b"same") == first
    assert blobs.keep(OTHER, b"same").blob_id != first.blob_id
    assert len(list(blobs.objects.keys(""))) == 2


def test_bytes_that_nobody_claimed_yet_are_no_ones_to_share(blobs: Blobs):
    one, two = blobs.keep(TENANT, b"same"), blobs.keep(TENANT, b"same")

    assert one.key != two.key


@pytest.mark.parametrize("kind", ["bytes", "file", "stream"])
def test_the_spool_hashes_on_the_way_and_leaves_nothing(blobs: Blobs, tmp_path: Path, kind: str):
    (tmp_path / "in").write_bytes(b"12345")
    source = {"bytes": b"12345", "file": tmp_path / "in", "stream": io.BytesIO(b"12345")}[kind]

    with blobs.spool_in(source, limit=5) as spooled:
        assert spooled.path.read_bytes() == b"12345"
        assert spooled.path.stat().st_mode & 0o077 == 0
        assert blobs.sweep(older_than=DAY, dry_run=False).spool == 0
        kept = blobs.keep(TENANT, spooled)
        assert (kept.sha256, kept.size) == (spooled.sha256, spooled.size)

    assert list((tmp_path / "spool" / "held").iterdir()) == []
    assert blobs.read(kept.blob_id, 5) == b"12345"


def test_more_than_the_limit_is_neither_spooled_nor_read(blobs: Blobs, tmp_path: Path):
    with pytest.raises(TooLarge) as refused:
        blobs.spool_in(b"123456", limit=5)

    assert refused.value.facts == {"name": "", "size": 6, "limit": 5}
    assert list((tmp_path / "spool" / "held").iterdir()) == []
    with pytest.raises(TooLarge):
        blobs.read(blobs.keep(TENANT, b"123456").blob_id, 5)


def test_what_is_unknown_is_not_found(blobs: Blobs, tmp_path: Path):
    for look in (blobs.open, lambda one: blobs.read(one, 1), lambda one: blobs.copy_to(one, tmp_path / "out")):
        with pytest.raises(NotFound):
            look(uuid4())
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("change", [lambda body: body[:-1], lambda body: b"X" + body[1:], lambda body: body + b"X"])
def test_altered_bytes_are_never_handed_out(
    blobs: Blobs, objects: FolderObjects, tmp_path: Path, change: Callable[[bytes], bytes]
):
    kept = blobs.keep(TENANT, b"signed minutes")
    register(blobs, kept)
    path = file_of(objects, kept)
    path.chmod(0o600)
    path.write_bytes(change(b"signed minutes"))

    with pytest.raises(Altered):
        blobs.read(kept.blob_id, 1_000)
    with pytest.raises(Altered):
        blobs.copy_to(kept.blob_id, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_full_check_names_what_is_missing_and_what_is_altered(blobs: Blobs, objects: FolderObjects):
    sound, gone, changed = (blobs.keep(TENANT, body) for body in (b"sound", b"gone", b"changed"))
    for kept in (sound, gone, changed):
        register(blobs, kept)
    blobs.keep(TENANT, b"not claimed, so not promised")
    file_of(objects, gone).unlink()
    file_of(objects, changed).chmod(0o600)
    file_of(objects, changed).write_bytes(b"CHANGED")

    assert sorted(blobs.verify()) == sorted([f"{gone.blob_id} missing", f"{changed.blob_id} altered"])
    assert len(blobs.verify(sample=1)) <= 1
    assert blobs.verify(sample=0) == []
    assert blobs.verify(sample=50) == blobs.verify()


def test_an_upload_that_failed_leaves_nothing_to_claim_and_is_swept(blobs: Blobs, clock: Clock, tmp_path: Path):
    class Down(FolderObjects):
        def put(self, *_: object) -> str:
            raise StoreDown(why="test")

    broken = Blobs(blobs.engine, Down(tmp_path / "objects"), clock, tmp_path / "spool")
    with pytest.raises(StoreDown):
        broken.keep(TENANT, b"1")
    assert list(states(blobs.engine).values()) == [BlobState.STORING]

    clock.now += DAY
    assert blobs.sweep(older_than=DAY, dry_run=False) == Swept(blobs=1, size=1)
    assert states(blobs.engine) == {}


def test_what_nobody_claimed_goes_after_its_grace_and_not_before(blobs: Blobs, clock: Clock):
    kept = blobs.keep(TENANT, b"12345")
    clock.now += DAY - timedelta(seconds=1)
    assert blobs.sweep(older_than=DAY, dry_run=False) == Swept()
    clock.now += timedelta(seconds=1)

    assert blobs.sweep(older_than=DAY) == Swept(blobs=1, size=5)
    assert blobs.read(kept.blob_id, 5) == b"12345"
    assert blobs.sweep(older_than=DAY, dry_run=False) == Swept(blobs=1, size=5)

    assert states(blobs.engine) == {}
    assert list(blobs.objects.keys("")) == []


def test_what_a_document_rests_on_is_never_swept(blobs: Blobs, clock: Clock):
    kept = blobs.keep(TENANT, b"12345")
    register(blobs, kept)
    clock.now += 10_000 * DAY

    assert blobs.sweep(older_than=timedelta(), dry_run=False) == Swept()
    assert blobs.read(kept.blob_id, 5) == b"12345"


def test_bytes_claimed_after_they_were_swept_are_to_be_sent_again(blobs: Blobs, clock: Clock):
    kept = blobs.keep(TENANT, b"12345")
    clock.now += DAY
    blobs.sweep(older_than=DAY, dry_run=False)

    with pytest.raises(Overtaken):
        register(blobs, kept)
    again = blobs.keep(TENANT, b"12345")
    assert again.key != kept.key
    register(blobs, again)


def test_a_claim_of_another_key_is_refused(blobs: Blobs):
    kept = blobs.keep(TENANT, b"12345")
    with pytest.raises(Overtaken):
        register(blobs, Kept(kept.blob_id, kept.sha256, kept.size, kept.key + "0"))


def test_a_tombstone_is_neither_read_nor_claimed_nor_shared_and_the_next_sweep_ends_it(blobs: Blobs):
    kept = blobs.keep(TENANT, b"12345")
    with writing(blobs.engine) as session:
        session.get_one(Blob, kept.blob_id).state = BlobState.DELETING

    with pytest.raises(NotFound):
        blobs.open(kept.blob_id)
    with pytest.raises(Overtaken):
        register(blobs, kept)
    assert blobs.keep(TENANT, b"12345").key != kept.key
    assert blobs.sweep(older_than=DAY, dry_run=False).blobs == 1


def test_bytes_sent_again_begin_their_grace_anew(blobs: Blobs, clock: Clock):
    kept = blobs.keep(TENANT, b"12345")
    with writing(blobs.engine) as session:
        blobs.claim(session, kept)
    clock.now += DAY
    assert blobs.keep(TENANT, b"12345") == kept

    assert blobs.sweep(older_than=DAY, dry_run=False) == Swept()


def test_what_is_locked_waits_for_its_date(blobs: Blobs, objects: FolderObjects, clock: Clock, tmp_path: Path):
    kept = blobs.keep(TENANT, b"12345")
    objects.lock(kept.key, clock.now + 2 * DAY)
    clock.now += DAY
    assert blobs.sweep(older_than=DAY, dry_run=False) == Swept(retained=1)
    assert objects.read(kept.key, 5) == b"12345"

    blobs.objects = FolderObjects(objects.path, now=lambda: clock.now + 2 * DAY)
    assert blobs.sweep(older_than=DAY, dry_run=False) == Swept(blobs=1, size=5)


def test_objects_without_a_row_go_after_their_grace_and_others_things_stay(
    blobs: Blobs, objects: FolderObjects, clock: Clock
):
    blobs.keep(TENANT, b"12345")
    with writing(blobs.engine) as session:
        session.execute(update(Blob).values(state=BlobState.DELETING))
        session.execute(delete(Blob))
    objects.put("checkpoint/1", io.BytesIO(b""), 0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    clock.now += timedelta(hours=1)
    assert blobs.sweep(older_than=DAY, dry_run=False) == Swept()
    clock.now += DAY

    assert blobs.sweep(older_than=DAY) == Swept(objects=1, size=5)
    assert blobs.sweep(older_than=DAY, dry_run=False) == Swept(objects=1, size=5)
    assert [one.key for one in objects.keys("")] == ["checkpoint/1"]


def test_the_spool_is_cleared_of_what_killed_processes_left(blobs: Blobs, tmp_path: Path):
    spool = tmp_path / "spool"
    (spool / "package-of-a-killed-worker").mkdir(parents=True)
    (spool / "package-of-a-killed-worker" / "passport.jpg").write_bytes(b"1")
    (spool / "in-use").mkdir()
    (spool / "held").mkdir()
    (spool / "held" / "half").write_bytes(b"1")
    (spool / "stray").write_bytes(b"1")
    old = time.time() - 90_000
    for name in ("package-of-a-killed-worker", "stray"):
        os.utime(spool / name, (old, old))

    assert blobs.sweep(older_than=DAY).spool == 3
    assert blobs.sweep(older_than=DAY, dry_run=False).spool == 3
    assert sorted(path.name for path in spool.rglob("*")) == ["held", "in-use"]


# -- under kill -9 -----------------------------------------------------------------------------------------------------

BODIES = [bytes([n]) * (300 * n + 1) for n in range(40)]  # few, so that the same bytes come again and again


def send(database: str, objects: Callable[[], Objects], spool: Path) -> None:
    blobs = Blobs(connect(database), objects(), lambda: datetime.now(UTC), spool)
    while True:
        with suppress(Temporary), blobs.spool_in(secrets.choice(BODIES), limit=100_000) as spooled:
            kept = blobs.keep(TENANT, spooled)
            if secrets.randbelow(3):
                register(blobs, kept)


def sweep(database: str, objects: Callable[[], Objects], spool: Path) -> None:
    blobs = Blobs(connect(database), objects(), lambda: datetime.now(UTC), spool)
    while True:
        with suppress(Temporary):
            blobs.sweep(older_than=timedelta(), dry_run=False)
        time.sleep(secrets.randbelow(200) / 1000)  # without any grace they would leave nothing to claim


def survive(database: str, objects: Callable[[], Objects], spool: Path, *, seconds: float, pause: float) -> int:
    """Three senders and two sweepers without any grace, one of them killed after each pause. How many kills."""
    fork = get_context("fork")
    work = [send, send, send, sweep, sweep]

    def begin(task: Callable[..., None]) -> BaseProcess:
        process = fork.Process(target=task, args=(database, objects, spool), daemon=True)
        process.start()
        return process

    running = [begin(task) for task in work]
    kills, start = 0, time.monotonic()
    engine = connect(database)
    try:
        # A busy machine gets more time, not fewer documents.
        while time.monotonic() < start + seconds or (papers(engine) < 10 and time.monotonic() < start + 10 * seconds):
            time.sleep(2 * pause * secrets.randbelow(1000) / 1000)
            victim = secrets.randbelow(len(work))
            pid = running[victim].pid
            assert pid is not None
            os.kill(pid, signal.SIGKILL)
            running[victim].join()
            running[victim] = begin(work[victim])
            kills += 1
    finally:
        for process in running:
            process.kill()
            process.join()
        engine.dispose()
    return kills


def papers(engine: Engine) -> int:
    with reading(engine) as session:
        return session.scalar(select(func.count()).select_from(Document)) or 0


def all_is_well(blobs: Blobs) -> int:
    """Every document has its bytes; one more sweep leaves just what documents rest on. How many documents."""
    with reading(blobs.engine) as session:
        rests = [(one.blob_id, one.sha256) for one in session.scalars(select(Document))]
    assert blobs.verify() == []
    blobs.sweep(older_than=-DAY, dry_run=False)
    with reading(blobs.engine) as session:
        rows = {blob.id: blob for blob in session.scalars(select(Blob))}
    assert {blob_id for blob_id, _ in rests} == set(rows)
    assert all(rows[blob_id].sha256 == sha256 for blob_id, sha256 in rests if blob_id)
    assert {one.key for one in blobs.objects.keys("")} == {blob.key for blob in rows.values()}
    assert blobs.verify() == []
    assert list((blobs.spool / "held").iterdir()) == []
    return len(rests)


def test_no_document_loses_its_bytes_whoever_is_killed(database: str, tmp_path: Path):
    where = tmp_path / "objects"
    kills = survive(database, lambda: FolderObjects(where), tmp_path / "spool", seconds=8, pause=0.08)

    engine = connect(database)
    documents = all_is_well(Blobs(engine, FolderObjects(where), lambda: datetime.now(UTC), tmp_path / "spool"))
    engine.dispose()
    assert kills >= 10
    assert documents >= 10


@pytest.mark.server
def test_no_document_loses_its_bytes_in_s3_either(s3: ObjectStore, database: str, tmp_path: Path):
    bucket = f"kill-{uuid4().hex[:12]}"

    def objects() -> Objects:
        return S3Objects(
            s3.endpoint, access_key=s3.access_key, secret_key=s3.secret_key, bucket=bucket, region=REGION, secure=False
        )

    kills = survive(database, objects, tmp_path / "spool", seconds=8, pause=0.4)

    engine = connect(database)
    documents = all_is_well(Blobs(engine, objects(), lambda: datetime.now(UTC), tmp_path / "spool"))
    engine.dispose()
    assert kills >= 5
    assert documents >= 10
