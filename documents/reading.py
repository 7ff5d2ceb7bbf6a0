"""One file to its facts: look, read, recognise, take out the values. Runs inside the sandbox."""

import struct
import zipfile
import zlib
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from lxml import etree  # pyright: ignore[reportAttributeAccessIssue]
from PIL import Image, UnidentifiedImageError
from python_calamine import CalamineError, PasswordError

from documents import facts, inspect, letters, pdf, photo, recognise, sheet, sketch, word
from documents.content import Content, Passage
from schemas.facts import Facts, Fault, Media, Seen, Value

_TEXT_LIMIT = 5_000_000  # bytes of a plain text file that are read
_PIXELS = 200_000_000
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    etree.XMLSyntaxError,
    CalamineError,
    UnidentifiedImageError,
    KeyError,
    ValueError,
    IndexError,
    AttributeError,
    TypeError,
    NotImplementedError,
    OSError,
    RuntimeError,
    SyntaxError,  # Pillow's word for a broken PNG
    struct.error,
    pdf.Unreadable,
)


def _read_text(path: Path) -> Content:
    with path.open("rb") as file:
        raw = file.read(_TEXT_LIMIT)
    for encoding in ("utf-8-sig", "cp1251"):
        try:
            text = raw.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        text = raw.decode("utf-8", "replace")
    content = Content(
        passages=[Passage(line, f"line {at}") for at, line in enumerate(text.splitlines(), 1) if line.strip()]
    )
    if not content.passages:
        content.faults.append(Fault.EMPTY)
    return content


def _read_picture(path: Path) -> Content:
    """A photograph or scan: whole or not. Its words need a person or text recognition."""
    Image.MAX_IMAGE_PIXELS = None  # counted here, so that the sender reads what is wrong
    with Image.open(path) as picture:
        if picture.width * picture.height > _PIXELS:
            return Content(pages=1, text_layer=False, faults=[Fault.TOO_LARGE])
        picture.draft("RGB", (256, 256))
        picture.load()
        taken = photo.taken_on(picture)
    return Content(pages=1, text_layer=False, signed=Seen.SEEN, faults=[Fault.NO_TEXT], taken_on=taken)


READERS = {
    Media.PDF: pdf.read,
    **word.READERS,
    Media.XLSX: sheet.read,
    Media.XLS: sheet.read,
    Media.TEXT: _read_text,
    Media.JPEG: _read_picture,
    Media.PNG: _read_picture,
}


def read(
    path: Path, name: str, *, file_limit: int, roots: Sequence[bytes] = (), keep: list[object] | None = None
) -> Facts:
    """Facts of one file. A broken file gives facts with a fault; only MemoryError leaves.

    `roots` are the certificates (DER) of the centres whose signers are trusted. What was parsed goes into `keep`: to free
    the tree of a long Word file costs a fifth of reading it, and a process that ends soon need not.
    """
    seen = inspect.look(path, name, file_limit=file_limit)
    found = Facts(media=seen.media, faults=list(seen.faults))
    if seen.media is Media.SIGNATURE:
        found.signed = Seen.NOT_SEEN  # it bears the name of the file that it is of, and is none of the papers itself
        return found
    content: Content | None = None
    reader = READERS.get(seen.media)
    if reader is not None and seen.readable:
        try:
            content = pdf.read(path, partial(recognise.enough, name=name)) if reader is pdf.read else reader(path)
        except (pdf.Locked, PasswordError):
            found.faults.append(Fault.ENCRYPTED)
        except _BROKEN:
            found.faults.append(Fault.DAMAGED)
    if content is not None:
        if keep is not None:
            keep.append(content.parsed)
        content.parsed = None
        found.faults += content.faults
        found.pages, found.text_layer, found.signed = content.pages, content.text_layer, content.signed
        if content.digital:
            from documents import signatures  # noqa: PLC0415 -- dear to load, and most files bear no signature

            found.signatures = signatures.in_pdf(path, roots)
            if any(one.intact for one in found.signatures):
                found.signed = Seen.SEEN
        found.language = letters.language(content.text(letters.TELLS)) if content.text_layer else None
    found.kind, found.kind_confidence = recognise.kind_of(content, name)
    if content is not None and content.text_layer:
        facts.fill(found, content)
        found.sketch = sketch.sketch(content) if found.kind in sketch.KINDS else None
    if content is not None and content.taken_on:
        found.values["taken_on"] = Value(value=content.taken_on, place="hidden field")
    if content is not None and content.cut_at:
        found.values["rows_cut"] = Value(value=sheet.ROWS, place=content.cut_at)
    found.faults = list(dict.fromkeys(found.faults))
    return found
