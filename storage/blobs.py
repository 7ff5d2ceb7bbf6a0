"""Bytes and their row, so that no document is ever without its bytes, whoever is killed and when.

Intent row, upload, then the row that the document rests on: bytes first, document after. What nobody claimed is swept
by way of a tombstone. A key is never used again after a delete: bare hashes as keys lost documents under kill -9
(findings: storage, section 6). The same bytes are stored once for each customer, never across customers.
"""

import contextlib
import hashlib
import io
import secrets
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self, TypeVar, cast
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, Engine, and_, bindparam, delete, exists, func, insert, or_, select, update
from sqlmodel import Session, col

from schemas.base import new_id
from schemas.document import Blob, BlobState, Document
from schemas.errors import Altered, NotFound, Overtaken, Retained, TooLarge
from schemas.hold import HoldStatus, LegalHold
from schemas.tables import METADATA
from storage import near
from storage.engine import reading, writing
from storage.folder import clear, hold, machine_clock
from storage.objects import CHUNK, Hashed, Objects, digest
from storage.streams import Checked, stream_of
from storage.threads import side_by_side

T = TypeVar("T")

PREFIX = "sha256/"
BATCH = 100
AT_ONCE = 8, 8  # writes and reads side by side; more only adds waiting (findings: storage, section 3)
ABANDONED = timedelta(days=1)  # what lies in the spool for longer belongs to a process that was killed
_KEPT = col(Blob.state) == BlobState.STORED
_MINE = col(Blob.tenant_id) == bindparam("tenant"), col(Blob.sha256).in_(bindparam("hashes", expanding=True))
_AS_KEPT = col(Blob.id), col(Blob.sha256), col(Blob.size), col(Blob.key)
_STORED = select(*_AS_KEPT).where(*_MINE, _KEPT)
_CHANGE = update(Blob).values(touched_at=bindparam("at")).execution_options(synchronize_session=False)
_TOUCH = _CHANGE.where(col(Blob.id) == bindparam("blob"), _KEPT)
_NAMED = col(Blob.id).in_(bindparam("ids", expanding=True)), col(Blob.key).in_(bindparam("keys", expanding=True))
_THERE = select(*_AS_KEPT).where(
    col(Blob.id).in_(bindparam("ids", expanding=True)), col(Blob.state) != BlobState.DELETING
)
_OTHERS = or_(col(Document.sha256) != col(Blob.sha256), col(Document.size) != col(Blob.size))
_SWAPPED = select(col(Blob.id)).join(Document, col(Document.blob_id) == col(Blob.id)).where(_OTHERS).distinct()
_CLAIM = _CHANGE.where(*_NAMED, col(Blob.state) != BlobState.DELETING).values(state=BlobState.STORED)


@dataclass(frozen=True, slots=True)
class Spooled:
    """Bytes on the local disk, hashed as they came; gone at the end of the `with`."""

    path: Path
    sha256: str
    size: int
    held: BinaryIO = field(repr=False, compare=False)  # as long as it is open, housekeeping leaves the file alone

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.path.unlink(missing_ok=True)
        self.held.close()


@dataclass(frozen=True, slots=True)
class Kept:
    """Bytes in the object store, to be claimed by the transaction that registers them."""

    blob_id: UUID
    sha256: str
    size: int
    key: str


@dataclass(frozen=True, slots=True)
class Swept:
    """What housekeeping removed, or would have: blobs nobody claimed, objects without a row, files left in the spool.

    `retained` counts what a lock still keeps; `size` is in bytes.
    """

    blobs: int = 0
    objects: int = 0
    retained: int = 0
    spool: int = 0
    size: int = 0


@dataclass
class Blobs:
    """Keeping, claiming, reading and sweeping of bytes. `spool` is a local folder for bytes on their way.

    `at_once` is how many writes and how many reads go side by side: one where a thread costs more than the wait.
    """

    engine: Engine
    objects: Objects
    now: Callable[[], datetime]
    spool: Path
    at_once: tuple[int, int] = AT_ONCE

    # -- in --------------------------------------------------------------------------------------------------------

    def spool_in(self, source: BinaryIO | Path | bytes, limit: int) -> Spooled:
        """Bring bytes to the local disk, hashing on the way. Raises TooLarge above `limit` bytes."""
        name = source.name if isinstance(source, Path) else ""
        with contextlib.ExitStack() as undo:
            file, path = hold(self._held)
            undo.callback(file.close)
            undo.callback(path.unlink, missing_ok=True)
            found, size = hashlib.sha256(), 0
            with stream_of(source) as stream:
                while chunk := stream.read(CHUNK):
                    size += len(chunk)
                    if size > limit:
                        raise TooLarge(name=name, size=size, limit=limit)
                    found.update(chunk)
                    file.write(chunk)
            file.flush()
            undo.pop_all()
        return Spooled(path, found.hexdigest(), size, file)

    def keep(self, tenant_id: UUID, source: Path | bytes | Spooled | Hashed) -> Kept:
        """Bytes into the object store, once for each customer. Never inside a transaction: it has its own.

        Raises StoreDown, DatabaseBusy; what was half done is swept later.
        """
        return self.keep_all(tenant_id, [source])[0]

    def keep_all(self, tenant_id: UUID, sources: Sequence[Path | bytes | Spooled | Hashed]) -> list[Kept]:
        """Many at once: one short transaction says what will come, then the bytes go side by side. Errors as `keep`."""
        known = [_identity(source) for source in sources]
        with writing(self.engine) as session:
            there = self._touch(session, tenant_id, {sha256 for sha256, _ in known})
            fresh: dict[str, tuple[Kept, Path | bytes]] = {}
            for source, (sha256, size) in zip(sources, known, strict=True):
                if sha256 not in there:
                    key = f"{PREFIX}{sha256[:2]}/{sha256[2:4]}/{sha256}.{uuid4().hex}"
                    there[sha256] = Kept(new_id(), sha256, size, key)
                    fresh[sha256] = there[sha256], source.path if isinstance(source, Spooled | Hashed) else source
            if fresh:
                coming = {"tenant_id": tenant_id, "state": BlobState.STORING, "touched_at": self.now()}
                rows = [
                    {"id": one.blob_id, "sha256": one.sha256, "size": one.size, "key": one.key, **coming}
                    for one, _ in fresh.values()
                ]
                session.execute(insert(Blob), rows)
        side_by_side(self.at_once[0], self._put, list(fresh.values()))
        return [there[sha256] for sha256, _ in known]

    def _put(self, kept: Kept, source: Path | bytes) -> None:
        with stream_of(source) as stream:
            self.objects.put(kept.key, stream, kept.size, kept.sha256)

    def claim(self, session: Session, *kept: Kept) -> None:
        """In the transaction that registers the bytes: from now on they stay. Raises Overtaken if some were swept."""
        wanted = {one.blob_id for one in kept}
        said = {"ids": list(wanted), "keys": [one.key for one in kept], "at": self.now()}
        claimed = session.execute(_CLAIM, said)
        if _changed(claimed) != len(wanted):
            raise Overtaken(noun="blob", id=", ".join(sorted(map(str, wanted))))

    def _touch(self, session: Session, tenant_id: UUID, hashes: set[str]) -> dict[str, Kept]:
        """What of these bytes the customer has in store already, by hash; it is left alone for a while."""
        found: dict[str, Kept] = {}
        for row in session.execute(_STORED, {"tenant": tenant_id, "hashes": list(hashes)}).all():
            blob = Kept(*row)
            # The sweeper may stand between the two statements.
            if _changed(session.execute(_TOUCH, {"blob": blob.blob_id, "at": self.now()})):
                found[blob.sha256] = blob
        return found

    # -- out -------------------------------------------------------------------------------------------------------

    def open(self, blob_id: UUID, sha256: str = "") -> BinaryIO:
        """The bytes as a stream. Raises NotFound, and Altered at its end when they are not those handed in.

        `sha256` is what the document says that rests on them, here and below: Altered at once where these are others.
        """
        return self._opened(self._blob(blob_id, sha256))

    def _opened(self, blob: Kept) -> BinaryIO:
        checked = Checked(self.objects.open(blob.key), blob.blob_id, blob.sha256)
        return cast("BinaryIO", io.BufferedReader(checked, CHUNK))

    def read(self, blob_id: UUID, limit: int, sha256: str = "") -> bytes:
        """All bytes. Raises NotFound, Altered, and TooLarge above `limit` bytes."""
        blob = self._blob(blob_id, sha256)
        if blob.size > limit:
            raise TooLarge(name=str(blob_id), size=blob.size, limit=limit)
        with self._opened(blob) as stream:
            return stream.read()

    def copy_to(self, blob_id: UUID, path: Path, sha256: str = "") -> None:
        """The bytes as a file. Raises NotFound, Altered; then there is no file."""
        self._copy(self._blob(blob_id, sha256), path)

    def copy_all(self, wanted: Sequence[tuple[UUID, Path, str]]) -> None:
        """Many at once, side by side: blob, where to, and the hash. Raises as `copy_to`."""
        blobs = self._blobs([(blob_id, sha256) for blob_id, _, sha256 in wanted])
        side_by_side(self.at_once[1], self._copy, [(blobs[blob_id], path) for blob_id, path, _ in wanted])

    def _copy(self, blob: Kept, path: Path) -> None:
        if near.take(self.spool, blob.sha256, path):
            return
        try:
            with self._opened(blob) as stream, path.open("wb") as file:
                shutil.copyfileobj(stream, file, CHUNK)
        except BaseException:
            path.unlink(missing_ok=True)
            raise

    def _blob(self, blob_id: UUID, sha256: str = "") -> Kept:
        return self._blobs([(blob_id, sha256)])[blob_id]

    def _blobs(self, wanted: Sequence[tuple[UUID, str]]) -> dict[UUID, Kept]:
        with reading(self.engine) as session:
            ids = list({blob_id for blob_id, _ in wanted})
            found = {row[0]: Kept(*row) for row in session.execute(_THERE, {"ids": ids})}
        for blob_id, sha256 in wanted:
            if blob_id not in found:
                raise NotFound(noun="blob", id=str(blob_id))
            if sha256 not in ("", found[blob_id].sha256):
                raise Altered(blob=str(blob_id))
        return found

    # -- housekeeping ----------------------------------------------------------------------------------------------

    def sweep(self, *, older_than: timedelta, dry_run: bool = True) -> Swept:
        """Remove what nobody claimed for `older_than`; never what a document rests on.

        `older_than` must be longer than a backup takes. A bucket serves one database: another one's objects have no
        row here.
        """
        spool = self._clear_spool(dry_run=dry_run)
        spool += 0 if dry_run else self.objects.tidy()
        cutoff = self.now() - older_than
        blobs, objects, retained, size = 0, 0, 0, 0
        with reading(self.engine) as session:
            left = session.execute(select(col(Blob.id)).where(_sweepable(cutoff))).scalars().all()
        for ids in _batches(left):
            gone, locked, freed = self._bury(ids, cutoff, dry_run=dry_run)
            blobs, retained, size = blobs + gone, retained + locked, size + freed
        # Row first, object after: an object without a row has never one on its way, and its key is never used again.
        for found in _batches(one for one in self.objects.keys(PREFIX) if one.modified <= cutoff):
            with reading(self.engine) as session:
                keys = [one.key for one in found]
                known = set(session.execute(select(col(Blob.key)).where(col(Blob.key).in_(keys))).scalars())
            for one in found:
                if one.key in known:
                    continue
                if dry_run or self._delete(one.key):
                    objects, size = objects + 1, size + one.size
                else:
                    retained += 1
        return Swept(blobs, objects, retained, spool, size)

    def release(self, blob_ids: Sequence[UUID]) -> Swept:
        """Remove at once what no document rests on any more; a locked object stays until its day, and is swept then."""
        gone, locked, size = 0, 0, 0
        for ids in _batches(blob_ids):
            some, kept, freed = self._bury(ids, self.now(), dry_run=False)
            gone, locked, size = gone + some, locked + kept, size + freed
        return Swept(blobs=gone, retained=locked, size=size)

    def verify(self, sample: int | None = None) -> list[str]:
        """Hash stored objects again, all or a random sample; a line for each that is missing, altered or unreadable.

        One that is another than a document says that rests on it is swapped; that is looked for in all.
        """
        with reading(self.engine) as session:
            stored = select(col(Blob.id)).where(col(Blob.state) == BlobState.STORED).order_by(col(Blob.id))
            ids = list(session.execute(stored).scalars())
            swapped = list(session.execute(_SWAPPED).scalars())
        ids = [one for one in ids if one not in set(swapped)]
        if sample is not None and sample < len(ids):
            ids = secrets.SystemRandom().sample(ids, sample)
        wrong = [(blob_id, self._trouble(blob_id)) for blob_id in ids]
        told = [f"{blob_id} {trouble}" for blob_id, trouble in wrong if trouble]
        return [*(f"{blob_id} swapped" for blob_id in swapped), *told]

    def _trouble(self, blob_id: UUID) -> str:
        try:
            with self.open(blob_id) as stream:
                digest(stream)
        except Altered:
            return "altered"
        except OSError:
            return "unreadable"
        except NotFound:
            with contextlib.suppress(NotFound):
                self._blob(blob_id)
                return "missing"
        return ""  # swept meanwhile, or sound

    def _bury(self, ids: list[UUID], cutoff: datetime, *, dry_run: bool) -> tuple[int, int, int]:
        if dry_run:
            with reading(self.engine) as session:
                mine = col(Blob.id).in_(ids)
                count, size = session.execute(select(func.count(), func.sum(col(Blob.size))).where(mine)).one()
            return count, 0, int(size or 0)
        with writing(self.engine) as session:
            # First the locks, then what rests on the rows: PostgreSQL would else judge by what it saw before waiting.
            session.execute(select(col(Blob.id)).where(col(Blob.id).in_(ids)).with_for_update())
            dead = (
                select(Blob).where(col(Blob.id).in_(ids), _sweepable(cutoff)).execution_options(populate_existing=True)
            )
            buried = [(blob.id, blob.key, blob.size) for blob in session.scalars(dead)]
            tomb = update(Blob).where(col(Blob.id).in_([one[0] for one in buried])).values(state=BlobState.DELETING)
            session.execute(tomb.execution_options(synchronize_session=False))
        gone = [(blob_id, size) for blob_id, key, size in buried if self._delete(key)]
        with writing(self.engine) as session:
            # A tombstone is final, so several sweepers do each other no harm; a locked one waits for its date.
            session.execute(
                delete(Blob).where(col(Blob.id).in_([one[0] for one in gone]), col(Blob.state) == BlobState.DELETING)
            )
        return len(gone), len(buried) - len(gone), sum(size for _, size in gone)

    def _delete(self, key: str) -> bool:
        try:
            self.objects.delete(key)
        except Retained:
            return False
        return True

    @property
    def _held(self) -> Path:
        return self.spool / "held"

    def _clear_spool(self, *, dry_run: bool) -> int:
        count = clear(self._held, dry_run=dry_run)
        for path in self.spool.iterdir() if self.spool.is_dir() else ():
            with contextlib.suppress(FileNotFoundError):
                if path == self._held or path.stat().st_mtime > (machine_clock() - ABANDONED).timestamp():
                    continue
                count += 1
                if dry_run:
                    continue
                if path.is_dir() and not path.is_symlink():
                    shutil.rmtree(path, ignore_errors=True)
                else:
                    path.unlink()
        return count


def _identity(source: Path | bytes | Spooled | Hashed) -> tuple[str, int]:
    if isinstance(source, Spooled | Hashed):
        return source.sha256, source.size
    with stream_of(source) as stream:
        return digest(stream)


def _sweepable(cutoff: datetime) -> ColumnElement[bool]:
    # Whatever table refers to blobs keeps them, also one that comes later.
    keys = (key for table in METADATA.tables.values() for key in table.foreign_keys)
    references = [key.parent for key in keys if key.target_fullname == "blob.id"]
    held = exists().where(col(LegalHold.stream_id) == col(Blob.tenant_id), col(LegalHold.status) == HoldStatus.PLACED)
    free = [~held, *(~exists().where(column == col(Blob.id)) for column in references)]
    buried = and_(col(Blob.state) == BlobState.DELETING, ~held)
    return or_(buried, and_(col(Blob.touched_at) <= cutoff, *free))


def _changed(result: object) -> int:
    return int(getattr(result, "rowcount", 0))


def _batches(items: Iterable[T]) -> Iterator[list[T]]:
    rest = iter(items)
    while batch := list(islice(rest, BATCH)):
        yield batch
