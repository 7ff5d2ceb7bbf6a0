"""A watched folder: each entry at its top, a folder or a file, is one package; those taken move into `taken`."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from flows.sources import Arrival
from schemas.collection import Mark, WatchedFolder
from schemas.errors import SourceDown

TAKEN = "taken"
UNFINISHED = (".part", ".partial", ".tmp", ".crdownload", ".filepart")


class FolderInbox:
    """One watched folder."""

    epoch = 0

    def __init__(self, source: WatchedFolder, now: datetime) -> None:
        self._source = source
        self._until = now.timestamp() - source.quiet_seconds
        self._entries: dict[Path, Path] = {}  # where a copy was laid out: which entry it is of

    def arrivals(self, _mark: Mark | None, spool: Path, /) -> Iterator[Arrival]:
        """Entries that nobody has touched for a while, the oldest first."""
        try:
            whole = [(_touched(one), one) for one in self._source.path.iterdir() if _counts(one)]
        except OSError as trouble:
            raise SourceDown(source=self._source.name, why=type(trouble).__name__) from trouble
        for touched, entry in sorted(whole):
            if touched > self._until:
                continue
            with TemporaryDirectory(dir=spool) as folder:
                try:
                    place = _copied(entry, Path(folder))
                except OSError as trouble:
                    raise SourceDown(source=self._source.name, why=type(trouble).__name__) from trouble
                self._entries[place] = entry
                yield Arrival(folder=place, about=entry.name, subject=entry.name)

    def taken(self, arrival: Arrival) -> None:
        """Move the entry aside; its name is free again."""
        entry = self._entries.pop(arrival.folder)
        room = self._source.path / TAKEN
        room.mkdir(exist_ok=True)
        names = [entry.name, *(f"{entry.stem} ({at}){entry.suffix}" for at in range(2, 10_000))]
        entry.rename(next(room / name for name in names if not (room / name).exists()))


def _counts(entry: Path) -> bool:
    return not (entry.name == TAKEN or entry.name.startswith(".") or entry.name.endswith(UNFINISHED))


def _touched(entry: Path) -> float:
    """When anything in it changed last, in seconds of the machine's clock."""
    times = [entry.lstat().st_mtime]
    for place, folders, files in os.walk(entry):
        times += [os.lstat(Path(place) / name).st_mtime for name in (*folders, *files)]
    return max(times)


def _copied(entry: Path, into: Path) -> Path:
    """A copy that nobody changes while it is read; links are copied as links, and refused when unpacked."""
    target = into / entry.name
    if entry.is_dir():
        shutil.copytree(entry, target, symlinks=True)
    else:
        shutil.copy2(entry, target, follow_symlinks=False)
    return target


@contextmanager
def opened(source: WatchedFolder, now: datetime) -> Iterator[FolderInbox]:
    """Raises SourceDown when the folder is not there."""
    if not source.path.is_dir():
        raise SourceDown(source=source.name, why="FileNotFoundError")
    yield FolderInbox(source, now)
