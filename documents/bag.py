"""A BagIt 1.0 zip that is written member after member: its bytes depend on what is in it and on nothing else.

No time, no owner, no zip64: whoever reads it may refuse everything that is not written so (docs/dossier.md).
"""

import hashlib
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from secrets import token_hex
from typing import BinaryIO

CHUNK = 1 << 20
MEMBERS = 65_000  # zip without zip64 holds 65,535
LARGEST_FILE = 1 << 28  # bytes of one enclosed file; a browser hashes it in one piece
LARGEST_BAG = 2_000_000_000  # bytes of all members; the library writes no offset beyond 2 GiB without zip64
_EPOCH = (1980, 1, 1, 0, 0, 0)


class Bag:
    """The zip while it is written; `room` says how many bytes are left for files."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._hashes: dict[str, str] = {}
        self.room = LARGEST_BAG

    def add(self, name: str, source: BinaryIO | bytes, *, stored: bool = False) -> str:
        """One member, deflated unless it is `stored` as it is. Returns its SHA-256."""
        info = zipfile.ZipInfo(name, _EPOCH)
        info.create_system = 3
        info.compress_type = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
        digest = hashlib.sha256()
        stream = BytesIO(source) if isinstance(source, bytes) else source
        with self._archive.open(info, "w") as member:
            while chunk := stream.read(CHUNK):
                digest.update(chunk)
                member.write(chunk)
                self.room -= len(chunk)
        self._hashes[name] = digest.hexdigest()
        return self._hashes[name]

    def full(self, size: int) -> bool:
        """Whether a file of this size has no place any more."""
        return size > LARGEST_FILE or size > self.room or len(self._hashes) >= MEMBERS

    def _seal(self) -> None:
        """The manifests: of what is under `data/`, and of the rest."""
        self.add("manifest-sha256.txt", self._listed(data=True))
        self.add("tagmanifest-sha256.txt", self._listed(data=False))

    def _listed(self, *, data: bool) -> bytes:
        names = sorted(name for name in self._hashes if name.startswith("data/") is data)
        return "".join(f"{self._hashes[name]}  {name}\n" for name in names).encode()


@contextmanager
def bag(target: Path) -> Iterator[Bag]:
    """A bag to be filled; it is at `target` once it is whole, and not at all when something went wrong."""
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = target.with_name(f".{target.name}.{token_hex(4)}")
    try:
        with zipfile.ZipFile(fresh, "x", allowZip64=False) as archive:
            filling = Bag(archive)
            filling.add("bagit.txt", b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n")
            yield filling
            filling._seal()  # noqa: SLF001 -- the two are one thing
        fresh.replace(target)
    finally:
        fresh.unlink(missing_ok=True)
