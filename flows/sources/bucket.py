"""A watched prefix of an S3 bucket: each object, or folder of objects, at its top is one package."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from flows.sources import Arrival, Listed
from schemas.collection import Mark, WatchedBucket
from storage.s3_inbox import Entry, Prefix


class BucketInbox:
    """One watched prefix; `limit` is the largest package that is fetched, in bytes."""

    epoch = 0

    def __init__(self, source: WatchedBucket, limit: int, now: datetime) -> None:
        self._limit = limit
        self._until = now - timedelta(seconds=source.quiet_seconds)
        self._prefix = Prefix(source)
        self._entries: dict[str, Entry] = {}

    def listed(self, _mark: Mark | None, /) -> list[Listed]:
        """Packages that nobody has added to for a while, the oldest first."""
        found: list[Listed] = []
        for entry in self._prefix.entries():
            if entry.modified <= self._until:
                key = f"{entry.name}\0{entry.modified.isoformat()}\0{entry.size}\0{len(entry.keys)}"
                self._entries[key] = entry
                found.append(Listed(key, entry.name, modified=entry.modified))
        return found

    def opened(self, one: Listed, folder: Path, /) -> Arrival | None:
        entry = self._entries[one.key]
        too_large = entry.size if entry.size > self._limit else 0
        place = folder if too_large else self._prefix.fetch(entry, folder)
        return Arrival(folder=place, about=entry.name, subject=entry.name, reference=entry.name, too_large=too_large)

    def taken(self, one: Listed, /) -> bool:
        return self._prefix.move_aside(self._entries[one.key])


@contextmanager
def opened(source: WatchedBucket, limit: int, now: datetime) -> Iterator[BucketInbox]:
    """Raises SourceDown when the store does not answer."""
    yield BucketInbox(source, limit, now)
