"""A watched prefix of somebody's S3 bucket, through the `minio` client: look, fetch, move aside."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

import urllib3
from minio import Minio
from minio.commonconfig import CopySource
from minio.error import MinioException, S3Error

from schemas.collection import WatchedBucket
from schemas.errors import SourceDown

TAKEN = "taken/"
FORBIDDEN = ("AccessDenied", "MethodNotAllowed")
NEVER = datetime.max.replace(tzinfo=UTC)
LONGEST = 120  # letters of a name; Cyrillic ones take two bytes of the 255 that a file system allows


@dataclass(frozen=True)
class Entry:
    """One package at the top of the prefix: an object, or all objects under one name."""

    name: str
    modified: datetime  # of its newest object, by the store's clock
    size: int  # bytes
    keys: list[str] = field(default_factory=list)


class Prefix:
    """What lies under the prefix. All methods raise SourceDown when the store does not answer."""

    def __init__(self, source: WatchedBucket) -> None:
        self._source = source
        pool = urllib3.PoolManager(
            timeout=urllib3.Timeout(connect=5, read=60), retries=urllib3.Retry(total=3, backoff_factor=0.2)
        )
        self._client = Minio(
            source.endpoint,
            access_key=source.access_key.get_secret_value(),
            secret_key=source.secret_key.get_secret_value(),
            secure=source.secure,
            region=source.region,
            http_client=pool,
        )

    def entries(self) -> list[Entry]:
        """All packages but those moved aside, the oldest first."""
        found: dict[str, Entry] = {}
        with self._answering():
            for one in self._client.list_objects(self._source.bucket, prefix=self._source.prefix, recursive=True):
                key = str(one.object_name)
                rest = key.removeprefix(self._source.prefix)
                if one.is_dir or not rest or rest.endswith("/") or rest.startswith(TAKEN):
                    continue
                name = rest.split("/", 1)[0]
                at = (one.last_modified or NEVER).astimezone(UTC)
                known = found.get(name) or Entry(name, at, 0)
                found[name] = Entry(name, max(at, known.modified), known.size + (one.size or 0), [*known.keys, key])
        return sorted(found.values(), key=lambda entry: (entry.modified, entry.name))

    def fetch(self, entry: Entry, into: Path) -> Path:
        """The package as a file or a folder below `into`."""
        target = into / _plain(entry.name)
        for key in entry.keys:
            inner = key.removeprefix(self._source.prefix).split("/")[1:]
            alone = len(entry.keys) == 1 and not inner
            path = target if alone else target.joinpath(*map(_plain, inner or [entry.name]))
            path.parent.mkdir(parents=True, exist_ok=True)
            with self._answering():
                self._client.fget_object(self._source.bucket, key, str(path))
        return target

    def move_aside(self, entry: Entry) -> bool:
        """Copy below `taken/`, then remove the original. False where these keys may not do that."""
        bucket, prefix = self._source.bucket, self._source.prefix
        stamp = f"{entry.modified:%Y%m%dT%H%M%SZ}-"
        for key in entry.keys:
            with self._answering():
                aside = f"{prefix}{TAKEN}{stamp}{key.removeprefix(prefix)}"
                try:
                    self._client.copy_object(bucket, aside, CopySource(bucket, key))
                    self._client.remove_object(bucket, key)
                except S3Error as refused:
                    if refused.code not in FORBIDDEN:
                        raise
                    return False
        return True

    @contextmanager
    def _answering(self) -> Iterator[None]:
        try:
            yield
        except (MinioException, urllib3.exceptions.HTTPError, OSError, ValueError) as trouble:
            raise SourceDown(source=self._source.name, why=type(trouble).__name__) from trouble


def _plain(segment: str) -> str:
    """A key's segment as the name of a file: never a way out of its folder."""
    name = PurePosixPath(segment.replace("\\", "_")).name.replace("\0", "_")
    return name[-LONGEST:] if name not in ("", ".", "..") else "_"
