"""One PDF of a whole application: cover, contents, every file as numbered pages, findings.

The same parts give the same bytes. What cannot be shown as pages is attached as it came, with a page that says why. Signed
originals are attached as well: pages of a bundle are copies, and a rewritten signature proves nothing.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final

from pypdf import Configuration, PageObject, PdfReader, PdfWriter, apply_configuration
from pypdf.annotations import Link
from pypdf.generic import (
    ArrayObject,
    DecodedStreamObject,
    DictionaryObject,
    FloatObject,
    NameObject,
    RectangleObject,
)

from documents import bundle_pages as drawn
from documents.words import Language
from schemas.facts import Media

PAGES_AT_MOST: Final = 300  # of one part; a part with more is attached

# Far below the library's own bounds: a member of the commission waits for this file. Contents of pages are copied
# packed and never parsed, so these meet only what a reader must open to find the pages.
_BOUNDS: Final = Configuration(
    zlib_maximum_output_length=30_000_000,
    array_maximum_element_count=30_000,
    stream_decoding_work_maximum_length=100_000_000,
    stream_parsing_work_maximum_count=300_000,
    page_tree_maximum_entries=10_000,
    jbig2dec_binary=None,
)
_STAMP: Final = NameObject("/AsharStamp")
_SIDES: Final = (20.0, 14_400.0)  # points; a page beyond either is not one for a screen
_ACTING: Final = frozenset({"/FileAttachment", "/Screen", "/Movie", "/RichMedia", "/3D", "/Sound", "/Popup"})


@dataclass(frozen=True)
class BundleCover:
    """What the first page says. `rows` are label and value, ready to read: receipt, times, sender, contest."""

    title: str
    number: str
    rows: Sequence[tuple[str, str]] = ()
    language: Language = "ky"
    findings: Sequence[tuple[str, str]] = ()  # about no file of the package: the paper that it is about, the sentence


@dataclass(frozen=True)
class Part:
    """One file of the package.

    `shown` is the converted PDF of an office file; `why` the sentence when it cannot be shown (a locked file, say);
    `attach` adds the original bytes too (signed files); `findings` are sentences about it.
    """

    name: str
    label: str
    content: bytes
    media: Media
    shown: bytes | None = None
    why: str = ""
    attach: bool = False
    findings: Sequence[str] = ()


def bundle(cover: BundleCover, parts: Sequence[Part]) -> bytes:
    """The bundle as PDF. No part, however broken or hostile, stops it."""
    with apply_configuration(_BOUNDS):
        return _bundle(cover, parts)


@dataclass(frozen=True)
class _Body:
    """The pages of one section; `shown` is False when they only say why there is nothing to see."""

    label: str
    name: str
    pages: list[PageObject]
    shown: bool = True


def _bundle(cover: BundleCover, parts: Sequence[Part]) -> bytes:
    language, say = cover.language, drawn.SAID[cover.language]
    bodies = [_body(part, language) for part in parts]
    files = [(part.label, part.name, len(part.content), hashlib.sha256(part.content).hexdigest()) for part in parts]
    found = [(label, "", sentence) for label, sentence in cover.findings]
    found += [(part.label, part.name, sentence) for part in parts for sentence in part.findings]
    front = _Body(say.cover, "", _read(drawn.cover(cover.title, cover.number, cover.rows, files, language)))
    last = _Body(say.findings, "", _read(drawn.findings(found, language)))
    listed = [*bodies, last]
    # how many sheets the contents take depends on the number of lines alone
    count = -(-len(listed) // drawn.LINES_PER_SHEET)
    starts: list[int] = []
    at = len(front.pages) + count
    for body in listed:
        starts.append(at)
        at += len(body.pages)
    lines = [(body.label, body.name, start + 1) for body, start in zip(listed, starts, strict=True)]
    contents = _Body(say.contents, "", _read(drawn.contents(lines, language)))

    writer = PdfWriter()
    for body in (front, contents, *listed):
        start = len(writer.pages)
        for page in body.pages:
            writer.add_page(page)
        writer.add_outline_item(title=f"{body.label}: {body.name}" if body.name else body.label, page_number=start)
    _stamp(writer, cover.number, (front, contents, *listed))
    for line, start in enumerate(starts):
        sheet, rectangle = drawn.contents_line(line)
        link = Link(rect=RectangleObject(rectangle), target_page_index=start, border=[0, 0, 0])
        writer.add_annotation(len(front.pages) + sheet, link)
    for at, (part, body) in enumerate(zip(parts, bodies, strict=True), 1):
        if part.attach or not body.shown:
            # numbered, since two files of one name are both kept
            writer.add_attachment(f"{at:02d} {part.name}", part.content)
    writer.add_metadata({"/Producer": "Ashar", "/Title": f"{cover.title} {cover.number}"})
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def _read(made: bytes) -> list[PageObject]:
    return list(PdfReader(BytesIO(made)).pages)


def _body(part: Part, language: Language) -> _Body:
    """The part as pages, or the one page that says why there are none."""
    why = part.why
    if not why:
        try:
            pages, why = _pages(part, drawn.SAID[language])
            if pages:
                return _Body(part.label, part.name, pages)
        # a hostile file may raise anything at all (AssertionError, TypeError, RecursionError …): it is shown as broken
        except Exception:  # noqa: BLE001
            why = drawn.SAID[language].broken
    return _Body(part.label, part.name, _read(drawn.apology(part.label, part.name, why, language)), shown=False)


def _pages(part: Part, say: drawn.Said) -> tuple[list[PageObject], str]:
    if part.shown is None and part.media in {Media.JPEG, Media.PNG}:
        return _read(drawn.picture(part.content)), ""
    given = part.shown if part.shown is not None else part.content if part.media is Media.PDF else None
    if given is None:
        return [], say.no_view
    reader = PdfReader(BytesIO(given))
    if reader.is_encrypted and not reader.decrypt(""):
        return [], say.locked
    count = len(reader.pages)
    if count > PAGES_AT_MOST:
        return [], say.too_long.format(count=count)
    return _proven(reader.pages), say.empty


def _proven(given: Iterable[PageObject]) -> list[PageObject]:
    """The pages copied and written once on their own, so that what breaks breaks here and not in the bundle."""
    trial = PdfWriter()
    for page in given:
        copy = trial.add_page(page)
        _tame(copy)
        if not all(_SIDES[0] <= float(side) <= _SIDES[1] for side in (copy.cropbox.width, copy.cropbox.height)):
            raise ValueError("a page of impossible size")
        _pieces(copy)
    out = BytesIO()
    trial.write(out)
    return _read(out.getvalue())


def _tame(page: PageObject) -> None:
    """Takes out what would act by itself: scripts, launches, forms that send."""
    for key in ("/AA", "/A", "/B", "/PieceInfo"):
        page.pop(NameObject(key), None)
    listed = page.get("/Annots")
    if listed is None:
        return
    kept = ArrayObject()
    for reference in listed.get_object():
        note: Any = reference.get_object()
        if not isinstance(note, DictionaryObject) or note.get("/Subtype") in _ACTING:
            continue
        for key in ("/A", "/AA", "/PA", "/Parent", "/Popup", "/P"):
            note.pop(NameObject(key), None)
        kept.append(reference)
    page[NameObject("/Annots")] = kept


def _stamp(writer: PdfWriter, number: str, bodies: Iterable[_Body]) -> None:
    """Number and label along the foot of every page, whichever way it is turned."""
    labels = [f"{body.label}   {body.name}".strip() for body in bodies for _ in body.pages]
    wanted: list[tuple[float, float, str, str]] = []
    for at, (page, label) in enumerate(zip(writer.pages, labels, strict=True), 1):
        width, height = float(page.cropbox.width), float(page.cropbox.height)
        seen = (height, width) if page.rotation % 180 else (width, height)
        wanted.append((*seen, f"{number}   {at} / {len(labels)}", label))
    for page, mark in zip(writer.pages, _read(drawn.stamps(wanted)), strict=True):
        _stamped(writer, page, mark)


def _pieces(page: PageObject) -> list[Any]:
    """The streams that a page's contents are made of, still packed."""
    held = page.get("/Contents")
    if held is None:
        return []
    opened = held.get_object()
    return list(opened) if isinstance(opened, ArrayObject) else [page.raw_get("/Contents")]


def _stamped(writer: PdfWriter, page: PageObject, mark: PageObject) -> None:
    """Lays the mark over the page as a form of its own: the page's contents stay packed, unread and unchanged."""
    form = DecodedStreamObject()
    source = mark.get_contents()
    form.set_data(source.get_data() if source is not None else b"")
    form[NameObject("/Type")], form[NameObject("/Subtype")] = NameObject("/XObject"), NameObject("/Form")
    form[NameObject("/BBox")] = RectangleObject((0, 0, float(mark.mediabox.width), float(mark.mediabox.height)))
    form[NameObject("/Resources")] = mark["/Resources"].clone(writer)
    form[NameObject("/Matrix")] = ArrayObject(FloatObject(each) for each in _upright(page))
    held: Any = page.get("/Resources")
    resources = DictionaryObject(held.get_object() if held is not None else {})
    known: Any = resources.get("/XObject")
    forms = DictionaryObject(known.get_object() if known is not None else {})
    forms[_STAMP] = writer._add_object(form)  # noqa: SLF001 (there is no public name for it)
    resources[NameObject("/XObject")] = forms
    page[NameObject("/Resources")] = resources
    # what the page's own contents did to the drawing state must not bend the stamp
    before, after = DecodedStreamObject(), DecodedStreamObject()
    before.set_data(b"q\n")
    after.set_data(f"\nQ\nq {_STAMP} Do Q\n".encode())
    page[NameObject("/Contents")] = ArrayObject(
        [writer._add_object(before), *_pieces(page), writer._add_object(after)]  # noqa: SLF001
    )


def _upright(page: PageObject) -> tuple[float, ...]:
    """From the page as it is seen to the page as it is stored."""
    box = page.cropbox
    left, bottom, right, top = (float(each) for each in (box.left, box.bottom, box.right, box.top))
    return {
        0: (1, 0, 0, 1, left, bottom),
        90: (0, 1, -1, 0, right, bottom),
        180: (-1, 0, 0, -1, right, top),
        270: (0, -1, 1, 0, left, top),
    }[page.rotation % 360]
