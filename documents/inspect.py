"""What a file is, by its content and not its name, and what makes it of no use. Nothing is unpacked here."""

import binascii
import re
import zipfile
import zlib
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

import magic

from schemas.facts import Fault, Media

_UNPACKED = 200_000_000  # bytes; 838 honest office files unpacked to 14.6 MB at most (findings: documents, 6)
_RATIO, _RATIO_FROM = 200, 20_000_000
_ENTRIES = 5_000
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_SIGNED_DATA = bytes.fromhex("06092a864886f70d010702")  # the type of a CMS message that holds signatures (RFC 5652)
_PEM = re.compile(rb"^-----BEGIN [A-Z0-9 #]{1,40}-----")
_NAMES = {
    "pdf": {Media.PDF},
    "docx": {Media.DOCX},
    "docm": {Media.DOCX},
    "dotx": {Media.DOCX},
    "xlsx": {Media.XLSX},
    "xlsm": {Media.XLSX},
    "doc": {Media.DOC},
    "xls": {Media.XLS},
    "odt": {Media.ODT},
    "rtf": {Media.RTF},
    "jpg": {Media.JPEG},
    "jpeg": {Media.JPEG},
    "jpe": {Media.JPEG},
    "jfif": {Media.JPEG},
    "png": {Media.PNG},
    "zip": {Media.ZIP},
    "txt": {Media.TEXT},
    "csv": {Media.TEXT},
    "md": {Media.TEXT},
    "tsv": {Media.TEXT},
    "p7s": {Media.SIGNATURE},
    "sig": {Media.SIGNATURE},
}
_BY_MAGIC = {
    "application/pdf": Media.PDF,
    "application/msword": Media.DOC,
    "application/vnd.ms-excel": Media.XLS,
    "text/rtf": Media.RTF,
    "application/rtf": Media.RTF,
    "image/jpeg": Media.JPEG,
    "image/png": Media.PNG,
    "application/zip": Media.ZIP,
}
_PROGRAM = (
    b"\x7fELF",
    b"#!/",
    b"\xca\xfe\xba\xbe",
    bytes.fromhex("4c0000000114020000000000c000000000000046"),
)  # the last: a shortcut
# a script is a text like any other, and a package of a program an archive: only their names tell
_RUNS = frozenset(
    [
        "app",
        "apk",
        "bat",
        "cmd",
        "com",
        "cpl",
        "exe",
        "hta",
        "iso",
        "jar",
        "js",
        "jse",
        "lnk",
        "msc",
        "msi",
        "msp",
        "pif",
        "ps1",
        "psm1",
        "reg",
        "scf",
        "scr",
        "sh",
        "url",
        "vb",
        "vbe",
        "vbs",
        "wsf",
        "wsh",
    ]
)
_MAY_RUN = frozenset({Media.TEXT, Media.ZIP, Media.UNKNOWN})  # a PDF from "example.com" is a PDF
_LINK = re.compile(
    rb"""<Relationship\b[^>]*(?:Type="[^"]*/(?P<kind>\w+)"[^>]*TargetMode="External"|"""
    rb"""TargetMode="External"[^>]*Type="[^"]*/(?P<late>\w+)")"""
)


@dataclass
class Seen:
    """First look at a file."""

    media: Media
    faults: list[Fault] = field(default_factory=list)

    @property
    def readable(self) -> bool:
        """Whether a reader may open it."""
        stops = {
            Fault.EMPTY,
            Fault.UNKNOWN_TYPE,
            Fault.ENCRYPTED,
            Fault.DAMAGED,
            Fault.TOO_LARGE,
            Fault.UNSAFE_ARCHIVE,
            Fault.PROGRAM,
        }
        return not stops & set(self.faults)


def look(path: Path, name: str, *, file_limit: int) -> Seen:
    """True type and first faults of a file. `file_limit` in bytes; never raises for what is in the file."""
    size = path.stat().st_size
    if size == 0:
        return Seen(_by_name(name) or Media.UNKNOWN, [Fault.EMPTY])
    with path.open("rb") as file:
        head = file.read(4096)
        file.seek(max(0, size - 65_536))
        tail = file.read()
    if not head.strip(b"\0 \r\n\t") and size <= len(head):
        return Seen(Media.UNKNOWN, [Fault.EMPTY])
    suffix = PurePosixPath(name).suffix.lower().lstrip(".")
    if _is_program(head):
        return Seen(Media.UNKNOWN, [Fault.PROGRAM])
    seen = _sniff(path, name, head, tail)
    if suffix in _RUNS and seen.media in _MAY_RUN:
        return Seen(Media.UNKNOWN, [Fault.PROGRAM])
    if size > file_limit:
        seen.faults.insert(0, Fault.TOO_LARGE)
    expected = _NAMES.get(suffix)
    if seen.media is Media.UNKNOWN and not seen.faults:
        seen.faults.append(Fault.UNKNOWN_TYPE)
    elif expected and seen.media is not Media.UNKNOWN and seen.media not in expected:
        container = seen.media is Media.ZIP and expected & {Media.DOCX, Media.XLSX, Media.ODT}
        if container or (
            seen.media is Media.TEXT
            and expected
            & {
                Media.DOCX,
                Media.XLSX,
                Media.PDF,
                Media.ODT,
                Media.JPEG,
                Media.PNG,
                Media.SIGNATURE,
            }
        ):
            return Seen(next(iter(expected)), [*seen.faults, Fault.DAMAGED])
        if Fault.ENCRYPTED not in seen.faults and Fault.DAMAGED not in seen.faults:
            seen.faults.append(Fault.WRONG_NAME)
    elif expected and Fault.UNKNOWN_TYPE in seen.faults and not expected & {Media.TEXT}:
        seen = Seen(next(iter(expected)), [fault for fault in seen.faults if fault is not Fault.UNKNOWN_TYPE])
        seen.faults.append(Fault.DAMAGED)
    return seen


def _is_program(head: bytes) -> bool:
    return head.startswith(_PROGRAM) or (head.startswith(b"MZ") and b"\0" in head[:64])


def _by_name(name: str) -> Media | None:
    found = _NAMES.get(PurePosixPath(name).suffix.lower().lstrip("."))
    return next(iter(found)) if found else None


def _sniff(path: Path, name: str, head: bytes, tail: bytes) -> Seen:
    if b"%PDF-" in head[:1024] and not (head.startswith(b"\x30") and _SIGNED_DATA in head[:32]):  # it may hold a PDF
        whole = b"%%EOF" in tail or b"startxref" in tail
        return Seen(Media.PDF, [] if whole else [Fault.TRUNCATED])
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _container(path, head)
    if head.startswith(_OLE):
        return _old_office(path, name)
    if head.startswith(b"\xff\xd8\xff"):
        return Seen(Media.JPEG, [] if b"\xff\xd9" in tail else [Fault.TRUNCATED])
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return Seen(Media.PNG, [] if b"IEND" in tail[-32_768:] else [Fault.TRUNCATED])
    if head.startswith(b"{\\rtf"):
        return Seen(Media.RTF, [] if b"}" in tail[-64:] else [Fault.TRUNCATED])
    if (whole := signed_message(head, path.stat().st_size)) is not None:
        return Seen(Media.SIGNATURE, [] if whole else [Fault.TRUNCATED])
    return _second_opinion(path, head)


def signed_message(head: bytes, size: int) -> bool | None:
    """None for what is no CMS signature (DER, or base64 of it); else whether the file is as long as it says."""
    if not head.startswith(b"\x30"):
        body = _PEM.sub(b"", head.lstrip(b"\xef\xbb\xbf \r\n"))
        try:
            inner = binascii.a2b_base64(b"".join(body.split())[:64])
        except binascii.Error:
            return None
        return True if inner.startswith(b"\x30") and _SIGNED_DATA in inner[:32] else None
    if _SIGNED_DATA not in head[:32]:
        return None
    many = head[1] & 0x7F if head[1] & 0x80 else 0  # bytes that the length takes; none where it is left open
    length = int.from_bytes(head[2 : 2 + many], "big") if many else 0
    return size >= 2 + many + length


def _second_opinion(path: Path, head: bytes) -> Seen:
    try:
        said = magic.from_file(str(path), mime=True)
    except (magic.MagicException, OSError, UnicodeError):
        said = ""
    if said in _BY_MAGIC:
        return Seen(_BY_MAGIC[said])
    if said.startswith("text/") and said not in ("text/html", "text/xml") and b"\0" not in head:
        return Seen(Media.TEXT)
    return Seen(Media.UNKNOWN, [Fault.UNKNOWN_TYPE])


def _by_parts(names: set[str], types: bytes) -> Media:
    if "[Content_Types].xml" in names or any(name.startswith(("word/", "xl/")) for name in names):
        if any(re.fullmatch(r"word/document\d*\.xml", name) for name in names) or b"wordprocessingml" in types:
            return Media.DOCX
        if any(name == "xl/workbook.xml" for name in names) or b"spreadsheetml.sheet.main" in types:
            return Media.XLSX
        return Media.UNKNOWN
    if "content.xml" in names and "mimetype" in names:
        return Media.ODT if b"opendocument.text" in types else Media.UNKNOWN
    return Media.ZIP


def _guess(head: bytes) -> Media:
    """What a container without its directory was meant to be."""
    if b"word/" in head or b"[Content_Types].xml" in head[:200]:
        return Media.XLSX if b"xl/" in head and b"word/" not in head else Media.DOCX
    if b"xl/" in head:
        return Media.XLSX
    return Media.ODT if b"opendocument.text" in head[:200] else Media.ZIP


def _container(path: Path, head: bytes) -> Seen:
    """A zip: an office file, an archive, or a broken one."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            names = {entry.filename for entry in entries}
            types = b""
            for part in ("[Content_Types].xml", "mimetype"):
                if part in names and not archive.getinfo(part).flag_bits & 1:
                    with archive.open(part) as file:
                        types += file.read(200_000)
            media = _by_parts(names, types)
            seen = Seen(media)
            _weigh(seen, entries)
            if any(entry.flag_bits & 1 for entry in entries):
                seen.faults.append(Fault.ENCRYPTED)
            elif media is Media.ZIP:
                # a package opens its archives: one that comes here as a file lies too deep, or hides something
                seen.faults.append(Fault.DAMAGED if _broken_inside(archive) else Fault.UNSAFE_ARCHIVE)
            if media in (Media.DOCX, Media.XLSX):
                _office(seen, archive, names, types)
            elif media is Media.ODT and "META-INF/manifest.xml" in names:
                with archive.open("META-INF/manifest.xml") as file:
                    if b"encryption-data" in file.read(1_000_000):
                        seen.faults.append(Fault.ENCRYPTED)
            return seen
    except (zipfile.BadZipFile, OSError, EOFError, ValueError, NotImplementedError, RuntimeError, zlib.error):
        # a container whose directory is gone lost its end
        cut = not _has_directory(path)
        return Seen(_guess(head), [Fault.TRUNCATED, Fault.DAMAGED] if cut else [Fault.DAMAGED])


def _broken_inside(archive: zipfile.ZipFile) -> bool:
    """Whether a member does not unpack to what the directory says; looks at no more than is safe."""
    left = _UNPACKED
    for entry in archive.infolist()[:_ENTRIES]:
        try:
            with archive.open(entry) as file:
                while left > 0 and (chunk := file.read(1 << 18)):
                    left -= len(chunk)
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError):
            return True
    return False


def _has_directory(path: Path) -> bool:
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(max(0, size - 70_000))
        return b"PK\x05\x06" in file.read()


def _weigh(seen: Seen, entries: list[zipfile.ZipInfo]) -> None:
    unpacked = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries) or 1
    names = [entry.filename for entry in entries]
    if seen.media is Media.ZIP:
        return  # an archive is weighed by its bytes as it is unpacked
    if (
        unpacked > _UNPACKED
        or (unpacked > _RATIO_FROM and unpacked / packed > _RATIO)
        or len(entries) > _ENTRIES
        or len(set(names)) < len(names)
        or any(".." in name.split("/") or name.startswith("/") for name in names)
    ):
        seen.faults.append(Fault.UNSAFE_ARCHIVE)


def _office(seen: Seen, archive: zipfile.ZipFile, names: set[str], types: bytes) -> None:
    """Macros, and links that reach outside when the file is opened (a web address to click on is none)."""
    if any(name.lower().endswith("vbaproject.bin") for name in names) or b"macroEnabled" in types:
        seen.faults.append(Fault.MACROS)
    if any(
        "/activeX/" in name or name.startswith(("word/embeddings/oleObject", "xl/embeddings/ole")) for name in names
    ):
        seen.faults.append(Fault.ACTIVE_CONTENT)
    for name in sorted(names):
        if name.endswith(".rels") and not archive.getinfo(name).flag_bits & 1:
            with archive.open(name) as file:
                found = _LINK.finditer(file.read(2_000_000))
            kinds = {(match["kind"] or match["late"]).decode("latin-1") for match in found}
            if kinds - {"hyperlink"}:
                seen.faults.append(Fault.EXTERNAL_LINKS)
                return


def _old_office(path: Path, name: str) -> Seen:
    """An OLE file: old Word or Excel, or a new one under a password."""
    with path.open("rb") as file:
        raw = file.read(20_000_000)

    def has(stream: str) -> bool:
        return stream.encode("utf-16-le") in raw

    if has("EncryptedPackage") or has("EncryptionInfo"):
        sheet = has("Workbook") or name.lower().endswith((".xlsx", ".xlsm"))
        return Seen(Media.XLSX if sheet else Media.DOCX, [Fault.ENCRYPTED])
    if has("WordDocument"):
        media = Media.DOC
        at = raw.find(b"\xec\xa5")  # the start of the Word stream; bit 8 of its flags says it is encrypted
        locked = 0 <= at < len(raw) - 12 and bool(raw[at + 11] & 1)
    elif has("Workbook") or has("Book"):
        media, locked = Media.XLS, False
    else:
        return Seen(Media.UNKNOWN, [Fault.UNKNOWN_TYPE])
    seen = Seen(media, [Fault.ENCRYPTED] if locked else [Fault.LEGACY])
    if has("_VBA_PROJECT") or has("Macros"):
        seen.faults.append(Fault.MACROS)
    return seen
