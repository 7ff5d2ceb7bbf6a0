"""A handed-in package, folder or zip, laid out as plain files: none outside its folder, none past a limit."""

import hashlib
import os
import re
import shutil
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO

from schemas.errors import EmptyPackage, TooLarge, UnsafeArchive
from schemas.facts import Fault

_CHUNK = 1 << 18
_ZIP = b"PK\x03\x04", b"PK\x05\x06"
_ENTRIES = 5_000
_DIRECTORY = 10_000_000  # bytes of an archive's directory: 2 kB for each entry
_RATIO, _RATIO_FROM = 200, 20_000_000  # 838 honest archives: ratio 4 in the middle, 24 for the last hundredth
_DEPTH = 1  # archives inside the archive that are opened
_JUNK = re.compile(r"(?:^|/)(?:__MACOSX/.*|\.DS_Store|Thumbs\.db|desktop\.ini|~\$[^/]*|\._[^/]*)$", re.IGNORECASE)
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    ValueError,
    NotImplementedError,
    RuntimeError,
    struct.error,
)
_OFFICE = ("[Content_Types].xml", "mimetype")


@dataclass(frozen=True)
class PackedFile:
    """One file of a package. `name` is the sender's, with `/` between folders and archives."""

    path: Path
    name: str
    size: int
    sha256: str
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True)
class Unpacked:
    """A whole package. `package_sha256` is over names and hashes in order of name, however it was packed."""

    files: tuple[PackedFile, ...]
    package_sha256: str


@dataclass
class _Room:
    """Where files go and how much has come so far."""

    into: Path
    file_limit: int
    package_limit: int
    source: str
    total: int = 0
    zipped: bool = False  # whether the last file that was kept begins as a zip
    laid: int = 0  # files laid out so far, with those that were taken out again: no number is given twice
    files: list[PackedFile] = field(default_factory=list)

    def keep(
        self, stream: IO[bytes], name: str, *, packed: int | None = None, faults: tuple[Fault, ...] = ()
    ) -> PackedFile:
        """Copies a stream to a numbered file; `packed` is its weight in the archive, for the ratio."""
        if len(self.files) >= _ENTRIES:
            raise UnsafeArchive(name=self.source, why="entries")
        self.laid += 1
        path = self.place(name)
        digest, size = hashlib.sha256(), 0
        self.zipped = False
        with path.open("xb") as target:
            while chunk := stream.read(_CHUNK):
                self.zipped = self.zipped or (not size and chunk.startswith(_ZIP))
                size += len(chunk)
                self.total += len(chunk)
                if packed is not None and size > _RATIO_FROM and size > _RATIO * max(packed, 1):
                    raise UnsafeArchive(name=self.source, why="ratio")
                if self.total > self.package_limit:
                    raise TooLarge(name=self.source, size=self.total, limit=self.package_limit)
                digest.update(chunk)
                target.write(chunk)
        if size > self.file_limit:
            faults = (*faults, Fault.TOO_LARGE)
        name = self._name(name)
        self.files.append(PackedFile(path, name, size, digest.hexdigest(), faults))
        return self.files[-1]

    def place(self, name: str) -> Path:
        """Where the last file that was begun lies."""
        return self.into / f"{self.laid:04d}{_suffix_of(name)}"

    def _name(self, name: str) -> str:
        """The name as it is written down: no sign that cannot be printed, and never one name for two files."""
        plain = _printed(name) or "_"
        taken = {file.name for file in self.files}
        if plain not in taken:
            return plain
        path = PurePosixPath(plain)
        return next(
            new
            for at in range(2, _ENTRIES + 2)
            if (new := str(path.with_name(f"{path.stem} ({at}){path.suffix}"))) not in taken
        )

    def drop(self, file: PackedFile) -> None:
        """Takes out an archive whose files now stand for it."""
        self.files.remove(file)
        file.path.rename(file.path.with_suffix(".opened"))


def unpack(source: Path, into: Path, *, file_limit: int, package_limit: int) -> Unpacked:
    """The files of a folder, a zip or a single file, copied into the empty folder `into`. Limits in bytes.

    A zip inside is opened once; one deeper, broken or locked is kept as a file with its fault. Files that a computer
    adds by itself (.DS_Store, ~$…) are left out. Raises EmptyPackage, UnsafeArchive, TooLarge for the package as a
    whole; nothing is then left in `into`.
    """
    into.mkdir(parents=True, exist_ok=True)
    if any(into.iterdir()):
        raise ValueError("the folder for the files must be empty")  # it is emptied when the package is refused
    room = _Room(into, file_limit, package_limit, source.name)
    try:
        if source.is_dir():
            _folder(source, room)
        elif _is_archive(source):
            _archive(source, "", room, depth=0)
        else:
            with source.open("rb") as stream:
                room.keep(stream, source.name)
        for opened in into.glob("*.opened"):
            opened.unlink()
        _refuse_empty(room)
    except BaseException:
        for left in into.iterdir():
            left.unlink() if not left.is_dir() else shutil.rmtree(left)
        raise
    return Unpacked(tuple(room.files), package_sha256(room.files))


def as_they_lie(source: Path, into: Path, *, package_limit: int) -> Unpacked | None:
    """A file, or the plain files of a folder, none of them looked into: for what could not be unpacked. `into` as above.

    None where there is none, or more than `package_limit` bytes.
    """
    found = [one for one in (source, *sorted(source.rglob("*"))) if one.is_file() and not one.is_symlink()]
    if not found or sum(one.lstat().st_size for one in found) > package_limit:
        return None
    into.mkdir(parents=True, exist_ok=True)
    room = _Room(into, package_limit, package_limit, source.name)
    for one in found:
        with one.open("rb") as stream:
            room.keep(stream, one.name if one == source else one.relative_to(source).as_posix())
    return Unpacked(tuple(room.files), package_sha256(room.files))


def _refuse_empty(room: _Room) -> None:
    if not room.files:
        raise EmptyPackage(name=room.source)


def package_sha256(files: Sequence[PackedFile]) -> str:
    """One hash for a package: over its names and hashes in order of name."""
    digest = hashlib.sha256()
    for name, sha256 in sorted((unicodedata.normalize("NFC", file.name), file.sha256) for file in files):
        digest.update(name.encode() + b"\0" + sha256.encode() + b"\n")
    return digest.hexdigest()


def _folder(source: Path, room: _Room) -> None:
    for path in sorted(_files_of(source), key=lambda path: path.relative_to(source).as_posix()):
        name = path.relative_to(source).as_posix()
        if _JUNK.search(name):
            continue
        # the name is looked up once and never through a link, whatever changes in the folder meanwhile
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(handle, "rb") as stream:
            kept = room.keep(stream, name)
        if room.zipped and _is_archive(kept.path):
            _open_inner(kept, room, depth=1)


def _files_of(folder: Path) -> Iterator[Path]:
    for entry in os.scandir(folder):
        if entry.is_symlink() or not (entry.is_dir() or entry.is_file()):
            raise UnsafeArchive(name=folder.name, why="link")
        if entry.is_dir():
            yield from _files_of(Path(entry.path))
        else:
            yield Path(entry.path)


def _is_archive(path: Path) -> bool:
    """A zip that is no office file. A broken one counts: it is kept with its fault."""
    with path.open("rb") as file:
        head = file.read(4096)
    if not head.startswith(_ZIP):
        return False
    if _crowded(path):
        return True  # refused when it is opened
    try:
        with zipfile.ZipFile(path) as archive:
            return not any(name in _OFFICE for name in archive.namelist()[:_ENTRIES])
    except _BROKEN:
        return not any(name.encode() in head for name in _OFFICE)


def _crowded(path: Path) -> bool:
    """Whether an archive lists more than is taken of one. Asked before it is opened, which costs up to 0.7 kB for each entry.

    The directory is found as zipfile finds it: by the record at the end, or the one before that for archives over 4 GB.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(max(0, size - 66_000))
        tail = file.read()
        plain = tail[-22:-18] == b"PK\x05\x06" and tail[-2:] == b"\0\0"
        at = len(tail) - 22 if plain else tail.rfind(b"PK\x05\x06")
        if at < 0 or len(tail) < at + 22:
            return False  # zipfile says so too
        (length,) = struct.unpack_from("<I", tail, at + 12)
        ends = size - len(tail) + at
        if tail[max(0, at - 20) :].startswith(b"PK\x06\x07") and tail[max(0, at - 76) :].startswith(b"PK\x06\x06"):
            (length,) = struct.unpack_from("<Q", tail, at - 36)
            ends -= 76
        if length > _DIRECTORY:
            return True
        file.seek(max(0, ends - length))
        return file.read(length).count(b"PK\x01\x02") > _ENTRIES


def _open_inner(kept: PackedFile, room: _Room, *, depth: int) -> None:
    """Opens an archive that is a file of the package, once."""
    if depth > _DEPTH:
        room.files[room.files.index(kept)] = _with(kept, Fault.UNSAFE_ARCHIVE)
        return
    before, total = list(room.files), room.total
    try:
        room.total -= kept.size  # its contents are counted in its place
        _archive(kept.path, kept.name + "/", room, depth=depth)
    except UnsafeArchive as unsafe:
        if unsafe.facts.get("why") == "ratio" or depth == 0:
            raise
        for extra in room.files[len(before) :]:
            extra.path.rename(extra.path.with_suffix(".opened"))
        room.files[:], room.total = before, total
        room.files[room.files.index(kept)] = _with(kept, Fault.UNSAFE_ARCHIVE)


def _with(file: PackedFile, *faults: Fault) -> PackedFile:
    return PackedFile(file.path, file.name, file.size, file.sha256, (*file.faults, *faults))


def _archive(path: Path, prefix: str, room: _Room, *, depth: int) -> None:
    """Lays out one zip. What cannot be opened is kept as the archive itself, with its fault."""
    own = next((file for file in room.files if file.path == path), None)
    faults: list[Fault] = []
    if _crowded(path):
        raise UnsafeArchive(name=room.source, why="entries")
    try:
        with zipfile.ZipFile(path) as archive:
            entries = _checked(archive, room)
            laid = 0
            for entry, name in entries:
                if entry.flag_bits & 1:
                    faults.append(Fault.ENCRYPTED)
                    continue
                try:
                    _lay(archive, entry, prefix + name, room, depth)
                    laid += 1
                except _BROKEN:
                    faults.append(Fault.DAMAGED)
    except (UnsafeArchive, TooLarge):
        raise
    except _BROKEN:
        faults, laid = [Fault.DAMAGED if _has_end(path) else Fault.TRUNCATED], 0
    if faults:
        kinds = tuple(dict.fromkeys(faults))
        if own is not None:
            room.files[room.files.index(own)] = _with(own, *kinds)
        else:
            with path.open("rb") as stream:
                room.keep(stream, room.source, faults=kinds)
    elif own is not None and laid:
        room.drop(own)


def _has_end(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 70_000))
        return b"PK\x05\x06" in file.read()


def _lay(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, name: str, room: _Room, depth: int) -> None:
    before, laid = room.total, room.laid
    try:
        with archive.open(entry) as stream:
            kept = room.keep(stream, name, packed=entry.compress_size)
    except _BROKEN:
        if room.laid > laid:
            room.place(name).unlink(missing_ok=True)
        room.total = before
        raise
    if room.zipped and _is_archive(kept.path):
        _open_inner(kept, room, depth=depth + 1)


def _suffix_of(name: str) -> str:
    suffix = PurePosixPath(name).suffix.lower()
    return suffix if re.fullmatch(r"\.[a-z0-9]{1,8}", suffix) else ""


def _checked(archive: zipfile.ZipFile, room: _Room) -> list[tuple[zipfile.ZipInfo, str]]:
    """The files of an archive under the names that they are given; refuses the archive that lies about them."""
    infos = archive.infolist()
    if len(infos) > _ENTRIES:
        raise UnsafeArchive(name=room.source, why="entries")
    found: list[tuple[zipfile.ZipInfo, str]] = []
    names: set[str] = set()
    for info in infos:
        name = _name(info)
        mode = info.external_attr >> 16
        if stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise UnsafeArchive(name=room.source, why="link")
        if name.startswith("/") or re.match(r"^[A-Za-z]:", name) or ".." in name.split("/"):
            raise UnsafeArchive(name=room.source, why="path")
        if info.filename.endswith("/") or name.endswith("/") or _JUNK.search(name):
            continue
        if name in names:
            raise UnsafeArchive(name=room.source, why="duplicate")
        names.add(name)
        found.append((info, name))
    return sorted(found, key=lambda pair: pair[1])


def _name(info: zipfile.ZipInfo) -> str:
    """The entry's name: UTF-8 where it says so, the Unicode extra field, else DOS Cyrillic as Windows packs it."""
    name = info.orig_filename.split("\0")[0]
    if not info.flag_bits & 0x800:
        raw = name.encode("cp437", "replace")
        name = _unicode_field(info.extra, raw) or _decoded(raw)
    return _printed(name.replace("\\", "/"))


def _printed(name: str) -> str:
    """Without control and direction signs, and bytes that are no text: they make a name read as another."""
    return unicodedata.normalize("NFC", "".join(letter for letter in name if letter.isprintable()))


def _unicode_field(extra: bytes, raw: bytes) -> str | None:
    at = 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<HH", extra, at)
        body = extra[at + 4 : at + 4 + length]
        if kind == 0x7075 and len(body) > 5 and struct.unpack_from("<I", body, 1)[0] == zlib.crc32(raw):
            try:
                return body[5:].decode("utf-8")
            except UnicodeDecodeError:
                return None
        at += 4 + length
    return None


def _decoded(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        dos, windows = raw.decode("cp866"), raw.decode("cp1251", "replace")

        # the wrong page of the two gives box lines or capitals inside words
        def honest(text: str) -> int:
            return (
                len(re.findall(r"[а-яё]", text)) * 2
                + len(re.findall(r"[А-ЯЁ]", text))
                - 3 * len(re.findall(r"[─-▟Ђ-Џ�]", text))
            )

        return dos if honest(dos) >= honest(windows) else windows
