"""A watched prefix of an S3 bucket: each object, or folder of objects, at its top is one package."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from flows.sources import Arrival
from schemas.collection import Mark, WatchedBucket
from storage.s3_inbox import Entry, Prefix


class BucketInbox:
    """One watched prefix; `limit` is the largest package that is fetched, in bytes."""

    epoch = 0

    def __init__(self, source: WatchedBucket, limit: int, now: datetime) -> None:
        self._limit = limit
        self._until = now - timedelta(seconds=source.quiet_seconds)
        self._prefix = Prefix(source)
        self._entries: dict[Path, Entry] = {}

    def arrivals(self, _mark: Mark | None, spool: Path, /) -> Iterator[Arrival]:
        """Packages that nobody has added to for a while, the oldest first."""
        for entry in self._prefix.entries():
            if entry.modified > self._until:
                continue
            with TemporaryDirectory(dir=spool) as folder:
                too_large = entry.size if entry.size > self._limit else 0
                place = Path(folder) if too_large else self._prefix.fetch(entry, Path(folder))
                self._entries[place] = entry
                yield Arrival(
                    folder=place, about=entry.name, subject=entry.name, reference=entry.name, too_large=too_large
                )

    def taken(self, arrival: Arrival) -> None:
        self._prefix.move_aside(self._entries.pop(arrival.folder))


@contextmanager
def opened(source: WatchedBucket, limit: int, now: datetime) -> Iterator[BucketInbox]:
    """Raises SourceDown when the store does not answer."""
    yield BucketInbox(source, limit, now)
