"""Bytes as streams: a source of any kind, and a stream that knows what it has to hold."""

import contextlib
import hashlib
import io
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from schemas.errors import Altered


class Checked(io.RawIOBase):
    """A stream that raises Altered at its end when it did not hold the blob's bytes, which have this hash."""

    def __init__(self, inner: BinaryIO, blob_id: UUID, sha256: str) -> None:
        self._inner = inner
        self._blob_id = blob_id
        self._sha256 = sha256
        self._found = hashlib.sha256()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview, /) -> int:  # pyright: ignore[reportIncompatibleMethodOverride]
        data = self._inner.read(len(buffer))
        self._found.update(data)
        if not data and self._found.hexdigest() != self._sha256:
            raise Altered(blob=str(self._blob_id))
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._inner.close()
        super().close()


@contextlib.contextmanager
def stream_of(source: BinaryIO | Path | bytes) -> Iterator[BinaryIO]:
    """What can be read of it; a file is closed at the end."""
    if isinstance(source, Path):
        with source.open("rb") as file:
            yield file
    elif isinstance(source, bytes):
        yield io.BytesIO(source)
    else:
        yield source
