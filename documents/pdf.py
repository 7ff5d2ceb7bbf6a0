"""PDF files: pypdf for structure, fields and what may run; pdfium for the words, 20 times faster."""

from collections.abc import Callable
from pathlib import Path

import pypdfium2
import pypdfium2.raw as pdfium
from pypdf import PdfReader, overwrite_configuration
from pypdf.generic import NullObject

from documents import hands
from documents.acting import acts, plain
from documents.content import Content, Passage, form_mark
from documents.letters import sense
from schemas.facts import Fault, Seen

PAGES = 300  # pages read of one file; a charter has some 40 (findings: documents, 1c)
_DRAWN = 20_000  # objects of one page that are looked at
_BEGINNINGS = 1_800, 4_000  # characters after which a paper may be known
_LAST = 2  # pages at its end that are read in any case
_AT_ONCE = 8_000_000  # bytes of a file that is taken into memory whole
_TEXT = 3_000_000  # characters kept of one file
_FORM_FIELD = "ashar.form"  # a field of the city's own forms that says which form it is
_SENSE = 0.6  # under this share of honest words the text layer is a picture of numbers
_SCAN_WORDS = 8  # a page with fewer words and a picture over most of it is a scan
_LOCKED = (pdfium.FPDF_ERR_PASSWORD, pdfium.FPDF_ERR_SECURITY)  # the second: for the holders of a key only
_HEAD = 0.85  # of a page's height; pictures above it belong to the letterhead
Box = tuple[float, float, float, float]  # left, bottom, right and top, in points
_SIGNATURE_WORDS = ("подпись", "колу:", "кол тамга", "кол коюл", "signature", "signed by", "м.п.", "м.о.")
_RAW = 100_000_000  # bytes of a broken file that are searched for a signature


def limit_pypdf() -> None:
    """Tighter limits than pypdf's own, for the whole process; nothing outside it is started."""
    overwrite_configuration(
        disable_legacy_handling=True,
        maximum_declared_stream_length=30_000_000,
        array_based_stream_maximum_output_length=30_000_000,
        zlib_maximum_output_length=30_000_000,
        lzw_maximum_output_length=30_000_000,
        run_length_maximum_output_length=30_000_000,
        stream_decoding_work_maximum_length=100_000_000,
        stream_parsing_work_maximum_count=300_000,
        xform_maximum_invocations_per_extraction=1_000,
        page_tree_maximum_entries=20_000,
        form_fields_maximum_entries=20_000,
        jbig2dec_binary=None,
    )


def _form_of(reader: PdfReader) -> str:
    """The city's own form that was printed to this PDF."""
    try:
        return form_mark(str((reader.metadata or {}).get("/Keywords", "")))
    except Exception:  # noqa: BLE001  broken properties say nothing, and nothing about the file
        return ""


class Unreadable(Exception):
    """Neither library can open the file."""


class Locked(Exception):
    """The file asks for a password, or for somebody's key."""


class _Structure:
    """What pypdf sees."""

    def __init__(self, path: Path) -> None:
        self.pages: int | None = None
        self.waits = False  # a field that waits for its digital signature is an empty line
        self.fields: dict[str, str] = {}
        self.form = ""
        reader = PdfReader(str(path), strict=False)
        if reader.is_encrypted and not reader.decrypt(""):
            raise Locked
        self.pages = len(reader.pages)
        self.acts = acts(reader)
        self.signed = self.acts.signed
        try:
            fields = reader.get_fields() or {}
        except Exception:  # noqa: BLE001  as above
            fields = {}
        for name, value in list(fields.items())[:2_000]:
            if value.get("/FT") == "/Sig":
                filled = value.get("/V") not in (None, NullObject())
                self.signed, self.waits = self.signed or filled, self.waits or not filled
            elif value.get("/V") is not None or value.get("/FT") == "/Tx":
                self.fields[str(name)] = str(value.get("/V") or "")[:4_000]
        self.form = self.fields.pop(_FORM_FIELD, "") or _form_of(reader)


def _structure(path: Path) -> _Structure | None:
    """What pypdf sees, or None where it cannot open the file: pdfium may still read it. Raises `Locked`."""
    try:
        return _Structure(path)
    except (Locked, MemoryError):
        raise
    except Exception:  # noqa: BLE001  pypdf fails on broken files with many classes
        return None


def _pictures(page: pypdfium2.PdfPage) -> list[Box]:
    """Left, bottom, right and top of the pictures of a page, in points."""
    # asked of pdfium itself: the library would make an object of every line of text first
    raw, kind_of, drawn = page.raw, pdfium.FPDFPageObj_GetType, pdfium.FPDFPage_GetObject
    kinds = {kind_of(drawn(raw, at)) for at in range(min(pdfium.FPDFPage_CountObjects(raw), _DRAWN))}
    boxes: list[Box] = []
    if kinds & {pdfium.FPDF_PAGEOBJ_IMAGE, pdfium.FPDF_PAGEOBJ_FORM}:
        for found in page.get_objects(filter=(pdfium.FPDF_PAGEOBJ_IMAGE,), max_depth=3):
            left, bottom, right, top = found.get_bounds()
            boxes.append((left, bottom, right, top))
            if len(boxes) >= 200:
                break
    return boxes


def _signature(words: pypdfium2.PdfTextPage, text: str, boxes: list[Box], size: tuple[float, float]) -> Seen:
    """Whether a picture stands by a signature label of this page, or an empty line does."""
    lower, verdict = text.casefold(), Seen.CANNOT_TELL
    for word in _SIGNATURE_WORDS:
        if word not in lower:
            continue
        search = words.search(word)
        while (hit := search.get_next()) is not None:
            left, bottom, right, top = words.get_charbox(hit[0])
            near = (left - 40, bottom - 60, right + 420, top + 50)
            if any(b[0] < near[2] and b[2] > near[0] and b[1] < near[3] and b[3] > near[1] for b in boxes):
                return Seen.SEEN
            line = words.get_text_range(hit[0], min(hit[1] + 60, words.count_chars() - hit[0]))
            if "____" in line or "....." in line or "……" in line or not line[hit[1] :].strip(" :\r\n"):
                verdict = Seen.NOT_SEEN
        search.close()
    return verdict if verdict is not Seen.CANNOT_TELL else _by_name(words, text, boxes, size)


def _by_name(words: pypdfium2.PdfTextPage, text: str, boxes: list[Box], size: tuple[float, float]) -> Seen:
    """Whether a small picture stands beside a name, or an empty line before one; at the top it would be a letterhead."""
    width, height = size
    for left, bottom, right, top in boxes:
        if top < _HEAD * height and right - left < width / 2 and top - bottom < height / 4:
            beside = words.get_text_bounded(left=0, bottom=bottom, right=width, top=top)
            if hands.names_one(beside.strip()):
                return Seen.SEEN
    return Seen.NOT_SEEN if hands.waits(text) else Seen.CANNOT_TELL


def _read_words(file: Path | bytes, content: Content, enough: Callable[[Content], bool | None]) -> int:
    """Fills in passages and signature; answers with the number of pages. Raises what pdfium raises."""
    kept = 0
    looked, worded = list[bool](), list[bool]()  # of pages, and of those with words: whether a picture covers it
    asks, skipping = list(_BEGINNINGS), False
    with pypdfium2.PdfDocument(file) as document:
        count = len(document)
        content.form = content.form or form_mark(document.get_metadata_value("Keywords"))
        if count > PAGES:
            return count
        for number in range(count):
            if asks and kept >= asks[0] and number < count - _LAST:
                asks = [one for one in asks if one > kept]
                if (known := enough(content)) is not None:
                    asks, skipping = [], known
            if skipping and number < count - _LAST:
                continue
            try:
                page = document[number]
                words = page.get_textpage()
            except pypdfium2.PdfiumError:
                continue
            text = words.get_text_range().replace("\r\n", "\n") if words.count_chars() else ""
            text = text.replace("\ufffe", "").replace("\x00", "")
            boxes = _pictures(page)
            width, height = page.get_size()
            whole = any((b[2] - b[0]) * (b[3] - b[1]) > 0.6 * width * height for b in boxes)
            looked.append(whole)
            if text.strip() and kept < _TEXT:
                worded.append(whole)
                kept += len(text)
                content.passages.append(Passage(text, f"page {number + 1}"))
                seen = _signature(words, text, boxes, (width, height))
                if seen is Seen.SEEN or (seen is Seen.NOT_SEEN and content.signed is Seen.CANNOT_TELL):
                    content.signed = seen
            words.close()
            page.close()
    pages = worded if skipping else looked  # the pages left out are like those with words, not like a cover
    if any(pages) and sum(pages) * 2 >= len(pages):
        content.signed = Seen.SEEN  # a scan shows what was on paper
    return count


def read(path: Path, enough: Callable[[Content], bool | None] = lambda _: None) -> Content:
    """A PDF as content. Raises `Locked` if it asks for a password, `Unreadable` if neither library opens it.

    `enough` is asked once 1,800 characters of a long file are read and, where it cannot say yet (None), once more at 4,000: where it
    says so, only the last pages are read too.
    """
    content = Content()
    file = path.read_bytes() if path.stat().st_size <= _AT_ONCE else path
    only_pages = plain(file)  # then pypdf has nothing to look for, and pdfium knows the pages
    structure = None
    if not only_pages:
        structure = _structure(path)
        content.digital = structure.signed if structure is not None else _has_signature(path)
        if structure is not None:
            _take(structure, content)
    try:
        pages = 0 if (content.pages or 0) > PAGES else _read_words(file, content, enough)
    except pypdfium2.PdfiumError as error:
        if getattr(error, "err_code", None) in _LOCKED:
            raise Locked from error
        pages = 0
    if only_pages and not pages and (structure := _structure(path)) is not None:
        _take(structure, content)
    if structure is None and not pages:
        raise Unreadable
    content.pages = content.pages or pages
    if content.pages > PAGES:
        content.faults.append(Fault.TOO_MANY_PAGES)
        content.text_layer = False
        return content
    if structure is not None and structure.waits and not structure.signed and content.signed is not Seen.SEEN:
        content.signed = Seen.NOT_SEEN
    if Fault.XFA not in content.faults:  # its page only says that another program is needed
        _judge_text(content)
    return content


def _take(structure: _Structure, content: Content) -> None:
    content.pages = structure.pages
    if structure.acts.runs:
        content.faults.append(Fault.ACTIVE_CONTENT)
    if structure.acts.dynamic:
        content.faults.append(Fault.XFA)
    content.tagged = {name: Passage(value, f"field {name}") for name, value in structure.fields.items()}
    content.form = structure.form


def _has_signature(path: Path) -> bool:
    """Whether a file that pypdf cannot open says that parts of it are signed."""
    with path.open("rb") as file:
        return b"/ByteRange" in file.read(_RAW)


def _judge_text(content: Content) -> None:
    # of a paper that its beginning told, what follows in the list are its last pages
    words = " ".join(passage.text for passage in content.passages[: 1 if content.known else 3]).split()
    if len(words) < _SCAN_WORDS and not any(field.text for field in content.tagged.values()):
        content.text_layer = False
        content.faults.append(Fault.NO_TEXT)
        return
    score = sense(words)
    if score is not None and score < _SENSE:
        content.text_layer = False
        content.faults.append(Fault.BAD_TEXT)
