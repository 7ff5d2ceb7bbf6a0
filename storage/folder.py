"""The object store of an office without S3: a folder, where nothing is acknowledged before it is on the disk.

Temporary file, fsync, rename, fsync of the folder: the only order that lost nothing at a power cut (findings:
storage, section 1). Retention is a file beside the object; it binds this program, not the folder's owner.
"""

import contextlib
import errno
import fcntl
import hashlib
import os
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from schemas.errors import AlreadyGiven, NotFound, Retained, StoreDown
from storage.objects import CHUNK, Stored, digest, plain_key, probe, whole

TEMPORARY = ".tmp"


def machine_clock() -> datetime:
    """Retention runs by the machine's clock, as on an S3 server: the office's clock may be a simulated one."""
    return datetime.fromtimestamp(time.time(), UTC)


class FolderObjects:
    """Objects as files of mode 0440 under `path`; names that begin with a dot are the store's own."""

    def __init__(self, path: Path, now: Callable[[], datetime] = machine_clock) -> None:
        self.path = path.absolute()
        self._now = now

    def put(self, key: str, source: BinaryIO, size: int, sha256: str, until: datetime | None = None) -> str:
        """Gives no mark: a file has no versions."""
        self._write(key, source, size, sha256)
        if until is not None:
            self.lock(key, until)
        return ""

    def _write(self, key: str, source: BinaryIO, size: int, sha256: str) -> None:
        target = self._file(key)
        with _answering(key):
            if target.exists():
                with _held(target.parent) as folder:
                    _same(target, sha256)
                    os.fsync(folder)  # its writer may not have got so far
                return
            with scratch(self.path / TEMPORARY) as (file, temporary):
                found, copied = hashlib.sha256(), 0
                while chunk := source.read(CHUNK):
                    found.update(chunk)
                    copied += len(chunk)
                    file.write(chunk)
                if copied != size or found.hexdigest() != sha256:
                    raise StoreDown(why="what arrived is not what was sent")
                file.flush()
                os.fchmod(file.fileno(), 0o440)
                os.fsync(file.fileno())
                _make_folders(target.parent)
                with _held(target.parent) as folder:
                    if target.exists():
                        _same(target, sha256)
                    else:
                        temporary.rename(target)
                    os.fsync(folder)

    def open(self, key: str) -> BinaryIO:
        with _answering(key):
            return self._file(key).open("rb")

    def read(self, key: str, limit: int) -> bytes:
        return whole(self, key, limit)

    def size(self, key: str) -> int | None:
        with _answering(key):
            file = self._file(key)
            return file.stat().st_size if file.is_file() else None

    def delete(self, key: str) -> None:
        target = self._file(key)
        with _answering(key):
            if not target.exists():
                return
            with _held(target.parent) as folder:
                until = _retained_until(target)
                if until is not None and until > self._now():
                    raise Retained(key=key, until=until)
                # The date goes last: an object without its date would be free for anybody.
                target.unlink(missing_ok=True)
                _sidecar(target).unlink(missing_ok=True)
                os.fsync(folder)

    def lock(self, key: str, until: datetime, mark: str = "") -> None:
        del mark
        target = self._file(key)
        with _answering(key):
            target.stat()
            with _held(target.parent) as folder:
                target.stat()
                before = _retained_until(target)
                if until <= self._now() or (before is not None and before >= until):
                    return
                with scratch(self.path / TEMPORARY) as (file, temporary):
                    file.write(until.astimezone(UTC).isoformat().encode())
                    file.flush()
                    os.fchmod(file.fileno(), 0o440)
                    os.fsync(file.fileno())
                    temporary.rename(_sidecar(target))
                os.fsync(folder)

    def keys(self, prefix: str) -> Iterator[Stored]:
        with _answering(prefix):
            for folder, folders, names in os.walk(self.path / prefix.rpartition("/")[0]):
                folders[:] = sorted(name for name in folders if not name.startswith("."))
                for name in sorted(names):
                    file = Path(folder, name)
                    key = file.relative_to(self.path).as_posix()
                    if name.startswith(".") or not key.startswith(prefix):
                        continue
                    with contextlib.suppress(FileNotFoundError):
                        seen = file.stat()
                        yield Stored(key, seen.st_size, datetime.fromtimestamp(seen.st_mtime, UTC))

    def first(self, prefix: str) -> str | None:
        return next((one.key for one in self.keys(prefix)), None)

    def clear(self, prefix: str) -> None:
        for one in list(self.keys(prefix)):
            self.delete(one.key)

    def drop(self, marks: Mapping[str, str]) -> None:
        for key in marks:
            self.delete(key)

    def link(self, key: str, expires: timedelta, name: str) -> str | None:
        """None: a folder has no address; the portal hands the file out itself."""
        del key, expires, name
        return None

    def check(self) -> None:
        probe(self)

    def tidy(self) -> int:
        with _answering(TEMPORARY):
            return clear(self.path / TEMPORARY)

    def _file(self, key: str) -> Path:
        return self.path / plain_key(key)


@contextlib.contextmanager
def scratch(folder: Path) -> Iterator[tuple[BinaryIO, Path]]:
    """A temporary file that is gone afterwards, unless it was renamed; while it is open `clear` leaves it alone."""
    file, path = hold(folder)
    try:
        with file:
            yield file, path
    finally:
        path.unlink(missing_ok=True)


def hold(folder: Path) -> tuple[BinaryIO, Path]:
    """A new file (mode 0600) that `clear` leaves alone as long as it stays open."""
    folder.mkdir(parents=True, exist_ok=True)
    while True:
        path = folder / secrets.token_hex(16)
        file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b")
        fcntl.flock(file, fcntl.LOCK_EX)
        if os.fstat(file.fileno()).st_nlink:
            return file, path
        file.close()  # cleared away between opening and locking


def clear(folder: Path, *, dry_run: bool = False) -> int:
    """Remove the temporary files that nobody holds: those of killed processes. How many."""
    count = 0
    for path in folder.iterdir() if folder.is_dir() else ():
        with contextlib.suppress(FileNotFoundError, BlockingIOError), path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if not dry_run:
                path.unlink()
            count += 1
    return count


@contextlib.contextmanager
def _answering(key: str) -> Iterator[None]:
    try:
        yield
    except (FileNotFoundError, IsADirectoryError) as missing:
        raise NotFound(noun="object", id=key) from missing
    except OSError as trouble:
        raise StoreDown(why=errno.errorcode.get(trouble.errno or 0, type(trouble).__name__)) from trouble


@contextlib.contextmanager
def _held(folder: Path) -> Iterator[int]:
    # One writer at a time in a folder, whichever process; the descriptor also serves for its fsync.
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield descriptor
    finally:
        os.close(descriptor)


def _make_folders(folder: Path) -> None:
    if folder.is_dir():
        return
    _make_folders(folder.parent)
    folder.mkdir(exist_ok=True)
    with _held(folder.parent) as parent:
        os.fsync(parent)


def _same(target: Path, sha256: str) -> None:
    with target.open("rb") as file:
        if digest(file)[0] != sha256:
            raise AlreadyGiven(noun="object")


def _sidecar(target: Path) -> Path:
    return target.with_name(f".{target.name}.until")


def _retained_until(target: Path) -> datetime | None:
    try:
        return datetime.fromisoformat(_sidecar(target).read_text())
    except FileNotFoundError:
        return None
