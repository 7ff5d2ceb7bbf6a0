"""What in a PDF would act by itself: scripts, launches, attached files, forms that are programs; and whether it is signed."""

import mmap
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, NullObject

_OBJECTS = 60_000  # objects that are looked at
_RUNS = {"/JS", "/JavaScript", "/EmbeddedFiles", "/RichMediaContent"}
_ACTIONS = {"/JavaScript", "/Launch", "/ImportData", "/Rendition"}
# None of these is written out in most files, and then no object but the pages need be opened: objects take three quarters of the time.
# Names inside object streams are packed, and names may be written with codes (#4A), so such files are walked.
_WORTH_A_LOOK = re.compile(
    rb"/(?:AcroForm|E(?:ncrypt|mbeddedFile)|J(?:S|avaScript)|XFA|R(?:ichMedia|endition)|NeedsRendering|Launch|ImportData|Sig|ObjStm)"
)
_CODE, _NAME_BEFORE = re.compile(rb"#[0-9A-Fa-f]{2}"), re.compile(rb"/\w*\Z")
_NAME = 32  # letters of a name before its first code; no name that acts has as many


@dataclass
class Acts:
    """`runs`: something would start or open by itself. `dynamic`: an XFA form, whose content is not in the pages."""

    runs: bool = False
    dynamic: bool = False
    signed: bool = False

    def look(self, found: Any, depth: int = 0) -> None:
        """Takes note of one object and of what stands directly in it."""
        if isinstance(found, DictionaryObject):
            if any(found.get(key) not in (None, NullObject()) for key in _RUNS):
                self.runs = True
            if found.get("/XFA") not in (None, NullObject()) or str(found.get("/NeedsRendering")) == "True":
                self.dynamic = True
            if found.get("/S") in _ACTIONS or found.get("/Type") == "/EmbeddedFile":
                self.runs = True
            if found.get("/Type") == "/Sig" and "/ByteRange" in found:
                self.signed = True
            inner = [value for value in found.values() if not isinstance(value, IndirectObject)]
        elif isinstance(found, ArrayObject):
            inner = [value for value in found[:1_000] if not isinstance(value, IndirectObject)]
        else:
            return
        if depth < 6:
            for value in inner:
                if isinstance(value, (DictionaryObject, ArrayObject)):
                    self.look(value, depth + 1)


def acts(reader: PdfReader) -> Acts:
    """What the file would do, by its objects. `reader` has it open. Never raises for what is in it."""
    found = Acts()
    for one in _objects(reader):
        found.look(one)
    return found


def plain(file: Path | bytes) -> bool:
    """Whether the file has pages and nothing else: no form, no lock, nothing that acts, and nothing that could hide it."""
    if isinstance(file, bytes):
        return _nothing_acts(file)
    with file.open("rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as raw:
        return _nothing_acts(raw)


def _nothing_acts(raw: bytes | mmap.mmap) -> bool:
    if _WORTH_A_LOOK.search(raw) is not None:
        return False
    return not any(_NAME_BEFORE.search(raw[max(0, one.start() - _NAME) : one.start()]) for one in _CODE.finditer(raw))


def _objects(reader: PdfReader) -> Iterator[Any]:
    seen = 0
    for generation, numbers in reader.xref.items():
        for number in list(numbers):
            seen += 1
            if seen > _OBJECTS:
                return
            yield from _object(reader, number, generation)
    for number in list(reader.xref_objStm):
        seen += 1
        if seen > _OBJECTS:
            return
        yield from _object(reader, number, 0)


def _object(reader: PdfReader, number: int, generation: int) -> Iterator[Any]:
    try:
        found = reader.get_object(IndirectObject(number, generation, reader))
    except Exception:  # noqa: BLE001  one broken object says nothing about the others
        return
    if found is not None:
        yield found
