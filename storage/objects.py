"""Where bytes lie: the interface of an object store; behind it S3 (`storage.s3`) or a folder (`storage.folder`).

An object is written once: the same bytes again change nothing, other bytes under the same key are refused.
"""

import hashlib
import io
import re
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO, Protocol

from schemas.errors import StoreDown, TooLarge

CHUNK = 1 << 20
SEGMENT = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}\Z")


@dataclass(frozen=True, slots=True)
class Stored:
    """An object in a listing: its size in bytes and when it was written, by the store's own clock."""

    key: str
    size: int
    modified: datetime


@dataclass(frozen=True, slots=True)
class Hashed:
    """A file whose hash and size are known already; the store looks again whether they are so."""

    path: Path
    sha256: str
    size: int


class Objects(Protocol):
    """An object store. Keys are ASCII names parted by slashes. All methods raise StoreDown when it does not answer."""

    def put(self, key: str, source: BinaryIO, size: int, sha256: str, until: datetime | None = None) -> str:
        """Write `size` bytes and verify that they arrived. Raises AlreadyGiven where other bytes lie under the key.

        With `until` the object is locked as `lock` would do it, from its first moment where the store can. Returns the mark
        that the store gave what was written; "" where it gives none, or where the same bytes lay there already.
        """
        ...

    def open(self, key: str) -> BinaryIO:
        """The object as a stream, to be closed by the reader. Raises NotFound."""
        ...

    def read(self, key: str, limit: int) -> bytes:
        """The whole object. Raises NotFound, and TooLarge above `limit` bytes."""
        ...

    def size(self, key: str) -> int | None:
        """Its size in bytes; None where there is no such object."""
        ...

    def delete(self, key: str) -> None:
        """Remove the object and all its versions; a missing one is no error. Raises Retained while it is locked."""
        ...

    def lock(self, key: str, until: datetime, mark: str = "") -> None:
        """Keep the object until that instant, by the store's own clock; only ever extended. Raises NotFound.

        With the mark that `put` gave the store need not be asked first what lies there.
        """
        ...

    def keys(self, prefix: str) -> Iterator[Stored]:
        """Every object whose key begins so."""
        ...

    def first(self, prefix: str) -> str | None:
        """The first key, in the order of their letters, that begins so; whatever their number, one is asked for."""
        ...

    def clear(self, prefix: str) -> None:
        """Remove every object whose key begins so. Raises Retained, with some of them gone perhaps."""
        ...

    def drop(self, marks: Mapping[str, str]) -> None:
        """Remove these objects, each with the mark that `put` gave; a missing one is no error. Raises Retained, as `clear`."""
        ...

    def link(self, key: str, expires: timedelta, name: str) -> str | None:
        """An address that downloads the object as a file of that name until it expires; None where there is none."""
        ...

    def check(self) -> None:
        """Prove with a real object that the store takes, gives and deletes."""
        ...

    def tidy(self) -> int:
        """Remove what interrupted writes left behind; how many."""
        ...


def plain_key(key: str) -> str:
    """The key itself, if every store can hold it: no empty, hidden or climbing segment. Raises ValueError."""
    if not all(SEGMENT.match(segment) for segment in key.split("/")):
        raise ValueError("an object's key is made of plain names parted by slashes")
    return key


def whole(objects: Objects, key: str, limit: int) -> bytes:
    """All bytes of an object. Raises TooLarge above `limit`."""
    with objects.open(key) as body:
        data = body.read(limit + 1)
    if len(data) > limit:
        raise TooLarge(name=key, size=objects.size(key), limit=limit)
    return data


def probe(objects: Objects) -> None:
    """Put, get and delete a small object. Raises StoreDown."""
    body = uuid.uuid4().hex.encode()
    key = f"check/{body.decode()}"
    objects.put(key, io.BytesIO(body), len(body), hashlib.sha256(body).hexdigest())
    same = objects.read(key, len(body)) == body
    objects.delete(key)
    if not same or objects.size(key) is not None:
        raise StoreDown(why="what was put is not what was read")


def digest(source: BinaryIO) -> tuple[str, int]:
    """SHA-256 and number of the bytes that are left in the stream."""
    found, size = hashlib.sha256(), 0
    while chunk := source.read(CHUNK):
        found.update(chunk)
        size += len(chunk)
    return found.hexdigest(), size
