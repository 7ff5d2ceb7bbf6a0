"""A watched folder: each entry at its top, a folder or a file, is one package; those taken move into `taken`."""

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from flows.sources import Arrival, Listed
from schemas.collection import Mark, WatchedFolder
from schemas.errors import SourceDown

TAKEN = "taken"
UNFINISHED = (".part", ".partial", ".tmp", ".crdownload", ".filepart")
FORBIDDEN = (errno.EACCES, errno.EPERM, errno.EROFS)
# What the machine or the network is to blame for, and no entry.
OUTSIDE = (
    *(errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.ESTALE, errno.EMFILE, errno.ENFILE),
    *(errno.ETIMEDOUT, errno.EHOSTDOWN, errno.ENOTCONN, errno.ENODEV),
)


class FolderInbox:
    """One watched folder."""

    epoch = 0

    def __init__(self, source: WatchedFolder, now: datetime) -> None:
        self._source = source
        self._until = now.timestamp() - source.quiet_seconds

    def listed(self, _mark: Mark | None, /) -> list[Listed]:
        """Entries that nobody has touched for a while, the oldest first."""
        found: list[tuple[datetime, str, Listed]] = []
        try:
            for entry in self._source.path.iterdir():
                times = _times(entry) if _counts(entry) else None
                if times is not None and max(changed for changed, _ in times) <= self._until:
                    # what is moved in keeps the time of its last change; when its place changed is the machine's to say
                    known = max(max(pair) for pair in times)
                    modified = datetime.fromtimestamp(known, UTC)
                    key = f"{entry.name}\0{modified.isoformat()}\0{len(times)}"
                    found.append((modified, entry.name, Listed(key, entry.name, modified=modified)))
        except OSError as trouble:
            raise SourceDown(source=self._source.name, why=type(trouble).__name__) from trouble
        return [one for *_, one in sorted(found, key=lambda three: three[:2])]

    def opened(self, one: Listed, folder: Path, /) -> Arrival | None:
        entry = self._source.path / one.name
        try:
            place = _copied(entry, folder)
        except FileNotFoundError:
            if self._source.path.is_dir():
                return None  # somebody took it away meanwhile
            raise SourceDown(source=self._source.name, why="FileNotFoundError") from None
        except OSError as trouble:
            if trouble.errno in OUTSIDE:
                raise SourceDown(source=self._source.name, why=type(trouble).__name__) from trouble
            return Arrival(folder, about=one.name, subject=one.name, reference=one.key, broken=type(trouble).__name__)
        return Arrival(folder=place, about=one.name, subject=one.name)

    def taken(self, one: Listed, /) -> bool:
        """Move the entry aside; its name is free again."""
        entry, room = self._source.path / one.name, self._source.path / TAKEN
        names = [entry.name, *(f"{entry.stem} ({at}){entry.suffix}" for at in range(2, 10_000))]
        try:
            room.mkdir(exist_ok=True)
            entry.rename(next(room / name for name in names if not (room / name).exists()))
        except FileNotFoundError:
            return True  # somebody was quicker
        except OSError as trouble:
            if trouble.errno in FORBIDDEN:
                return False
            raise SourceDown(source=self._source.name, why=type(trouble).__name__) from trouble
        return True


def _counts(entry: Path) -> bool:
    return not (entry.name == TAKEN or entry.name.startswith(".") or entry.name.endswith(UNFINISHED))


def _times(entry: Path) -> list[tuple[float, float]] | None:
    """When each thing in it changed last, and when its place or rights did, in seconds of the machine's clock."""
    try:
        told = [entry.lstat()]
        for place, folders, files in os.walk(entry):
            told += [os.lstat(Path(place) / name) for name in (*folders, *files)]
    except FileNotFoundError:
        return None  # it is being moved
    return [(one.st_mtime, one.st_ctime) for one in told]


def _copied(entry: Path, into: Path) -> Path:
    """A copy that nobody changes while it is read; links are copied as links, and refused when unpacked."""
    target = into / entry.name
    if not entry.is_dir() or entry.is_symlink():
        shutil.copy2(entry, target, follow_symlinks=False)
        return target
    target.mkdir()
    for one in sorted(entry.iterdir()):
        _copied(one, target)  # one by one: the library's own walk gathers errors and loses what each was
    return target


@contextmanager
def opened(source: WatchedFolder, now: datetime) -> Iterator[FolderInbox]:
    """Raises SourceDown when the folder is not there."""
    if not source.path.is_dir():
        raise SourceDown(source=source.name, why="FileNotFoundError")
    yield FolderInbox(source, now)
