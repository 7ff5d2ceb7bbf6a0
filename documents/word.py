"""Word files: what python-docx leaves out is read here too (content controls, text boxes, tracked insertions)."""

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lxml import etree  # pyright: ignore[reportAttributeAccessIssue]

from documents import hands
from documents.content import Cell, Content, Grid, Passage, form_mark, plain
from schemas.facts import Fault, Media, Seen

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_W14 = "{http://schemas.microsoft.com/office/word/2010/wordml}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_BLIP = "{http://schemas.openxmlformats.org/drawingml/2006/main}blip"
_IMAGE = "{urn:schemas-microsoft-com:vml}imagedata"
_SIGNATURE_LINE = "{urn:schemas-microsoft-com:office:office}signatureline"
_TRACKED = (f"{_W}ins", f"{_W}del", f"{_W}moveFrom", f"{_W}moveTo")
_PART_LIMIT = 60_000_000  # bytes of one unpacked part; the largest honest file of 838 unpacked to 14.6 MB in all
_COLUMNS = 63  # of one table; Word makes no more
_BLANK_LINE = re.compile(r"_{4,}|\.{6,}|…{2,}")
_FORM_TAG = "ashar.form"

Element = Any  # lxml has no types of its own


def _xml(archive: zipfile.ZipFile, name: str) -> Element | None:
    try:
        with archive.open(name) as part:
            raw = part.read(_PART_LIMIT + 1)
    except KeyError:
        return None
    if len(raw) > _PART_LIMIT:
        raise MemoryError(name)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, recover=False)
    return etree.fromstring(raw, parser)


_PLACEHOLDER, _STATE_OF_BOX = f"{_W}sdtPr/{_W}showingPlcHdr", f"{_W}sdtPr/{_W14}checkbox"
_NAME_OF_FIELD, _DAY, _IN_FIELD = f"{_W}sdtPr/{_W}tag", f"{_W}sdtPr/{_W}date", f"{_W}sdtContent"
_SPAN, _OF_CELL, _TABLE, _ROW, _CELL = f"{_W}gridSpan", f"{_W}tcPr", f"{_W}tbl", f"{_W}tr", f"{_W}tc"
_GONE = frozenset((f"{_W}del", f"{_W}moveFrom"))
_ALTERNATIVE = f"{_MC}AlternateContent"


def _children(element: Element) -> Iterator[Element]:
    """Children that count: the first choice of an alternative, never what was deleted."""
    for child in element:
        tag = child.tag
        if not isinstance(tag, str) or tag in _GONE:
            continue
        if tag == _ALTERNATIVE:
            chosen = next(iter(child), None)
            if chosen is not None:
                yield from _children(chosen)
        else:
            yield child


def _is_placeholder(control: Element) -> bool:
    return control.find(_PLACEHOLDER) is not None


def _box(control: Element) -> str | None:
    """☒ or ☐ for a check box, None for another control."""
    state = control.find(_STATE_OF_BOX)
    if state is None:
        return None
    checked = state.find(f"{_W14}checked")
    return "☒" if checked is not None and checked.get(f"{_W14}val") in ("1", "true") else "☐"


_SIGNS = {f"{_W}tab": "\t", f"{_W}br": "\n", f"{_W}cr": "\n", f"{_W}noBreakHyphen": "-"}
_BOXES_OF_FONTS = {"00FE": "☒", "F0FE": "☒", "F0A8": "☐", "00A8": "☐"}
_RUN, _WORDS, _PARAGRAPH = f"{_W}r", f"{_W}t", f"{_W}p"
_SYMBOL, _CHECK_BOX, _CONTROL, _BOX = f"{_W}sym", f"{_W}checkBox", f"{_W}sdt", f"{_W}txbxContent"
_AROUND = frozenset(f"{_W}{name}" for name in ("ins", "moveTo", "customXml", "smartTag", "txbxContent"))
_AROUND_CELLS = frozenset(f"{_W}{name}" for name in ("sdt", "sdtContent", "ins", "customXml"))
_SAYS_NOTHING = _GONE | {f"{_W}{name}" for name in ("pPr", "rPr", "txbxContent", "instrText", "sdtPr", "sdtEndPr")}


def _text(element: Element) -> str:
    """Words of a paragraph or cell in reading order, without those of text boxes."""
    parts: list[str] = []
    _gather(element, parts)
    return "".join(parts)


def _gather(element: Element, parts: list[str]) -> None:
    for child in element:  # not by `_children`: of a long file each call counts
        tag = child.tag
        if tag == _WORDS:
            parts.append(child.text or "")
        elif tag == _RUN:
            _gather(child, parts)
        elif tag in _SAYS_NOTHING:
            continue
        elif tag == _PARAGRAPH:
            parts.append("\n" if parts else "")  # an empty paragraph counts too
            _gather(child, parts)
        elif tag in _SIGNS:
            parts.append(_SIGNS[tag])
        elif tag == _CONTROL:
            parts.append(_box(child) or ("" if _is_placeholder(child) else _text(child)))
        elif tag == _SYMBOL:
            parts.append(_BOXES_OF_FONTS.get(child.get(f"{_W}char", ""), ""))
        elif tag == _CHECK_BOX:
            on = child.find(f"{_W}checked") if child.find(f"{_W}checked") is not None else child.find(f"{_W}default")
            parts.append("☒" if on is not None and on.get(f"{_W}val", "1") not in ("0", "false") else "☐")
        elif tag == _ALTERNATIVE:
            for chosen in child[:1]:
                _gather(chosen, parts)
        elif isinstance(tag, str):
            parts.append(_text(child))


class _Body:
    """One pass over the body that keeps the order of paragraphs and tables."""

    def __init__(self, body: Element) -> None:
        self.content = Content()
        self.tracked = False
        # looked for once: to ask each paragraph and cell of a long file takes longer than to read them
        self.holding: set[Element] = set()  # what has text boxes or controls inside
        self.widths: dict[Element, str] = {}  # of cells over several columns
        self.nesting: set[Element] = set()  # what has tables inside
        for found in body.iter(_CONTROL, _BOX, _SPAN, _TABLE, *_TRACKED):
            above = found.getparent()
            if found.tag == _SPAN:
                if above.tag == _OF_CELL:
                    self.widths.setdefault(above.getparent(), found.get(f"{_W}val", "1"))
            elif found.tag == _TABLE:
                self.nesting.add(above)
            elif found.tag in _TRACKED:
                self.tracked = True
            else:
                for above in found.iterancestors():
                    if above in self.holding:
                        break
                    self.holding.add(above)
        self.paragraphs = 0
        self.tables = 0
        self.areas: list[tuple[str, Element]] = []  # text and element of each paragraph and row, for signatures
        self.boxes: set[Element] = set()  # text boxes that were read: one lies in all that it is nested in

    def walk(self, element: Element) -> None:
        for child in _children(element):
            tag = child.tag
            if tag == _PARAGRAPH:
                self.paragraphs += 1
                self._paragraph(child)
            elif tag == _TABLE:
                self._table(child)
            elif tag == _CONTROL:
                self._control(child)
                inner = child.find(_IN_FIELD)
                if inner is not None and not _is_placeholder(child):
                    self.walk(inner)
            elif tag in _AROUND:
                self.walk(child)

    def _paragraph(self, paragraph: Element) -> None:
        text = _text(paragraph).strip()
        if text:
            self.content.passages.append(Passage(text, f"paragraph {self.paragraphs}"))
        self.areas.append((text, paragraph))
        self._boxes_and_controls(paragraph)

    def _boxes_and_controls(self, element: Element) -> None:
        if element not in self.holding:
            return
        for control in element.iter(_CONTROL):
            self._control(control)
        for box in element.iter(_BOX):
            if box in self.boxes or any(above.tag == f"{_MC}Fallback" for above in box.iterancestors()):
                continue
            self.boxes.add(box)
            self.walk(box)

    def _table(self, table: Element) -> None:
        self.tables += 1
        name = f"table {self.tables}"
        rows: list[list[Cell]] = []
        inner: list[Element] = []
        for row in self._inside(table, _ROW):
            cells: list[str] = []
            for cell in self._inside(row, _CELL):
                text = _text(cell).strip()
                width = self.widths.get(cell, "1")
                cells += [text] * (min(int(width), _COLUMNS) if width.isdecimal() and len(width) < 5 else 1)
                if cell in self.nesting:
                    inner += cell.iterchildren(_TABLE)
            cells = cells[:_COLUMNS]
            rows.append([*cells])
            self.areas.append(("\t".join(cells), row))
        self.content.grids.append(Grid(rows, name))
        for one in inner:
            self._table(one)
        self._boxes_and_controls(table)

    def _inside(self, element: Element, tag: str) -> Iterator[Element]:
        """Rows or cells, also those that stand in a content control."""
        for child in _children(element):
            if child.tag == tag:
                yield child
            elif child.tag in _AROUND_CELLS:
                yield from self._inside(child, tag)

    def _control(self, control: Element) -> None:
        tag = control.find(_NAME_OF_FIELD)
        name = (tag.get(f"{_W}val") or "").strip() if tag is not None else ""
        inner = control.find(_IN_FIELD)
        if not name or inner is None or name in self.content.tagged:
            return
        text = "" if _is_placeholder(control) else (_box(control) or _text(inner)).strip()
        day = control.find(_DAY)
        if text and day is not None and day.get(f"{_W}fullDate"):
            text = day.get(f"{_W}fullDate")[:10]
        if name == _FORM_TAG:
            self.content.form = text
        else:
            self.content.tagged[name] = Passage(text, f"field {name}")


def _has_picture(element: Element) -> bool:
    """An inline or floating picture, or a line for a digital signature that was put in by Word."""
    for found in element.iter(_BLIP, _IMAGE):
        if found.get(f"{_R}embed") or found.get(f"{_R}id") or found.get(f"{_R}link"):
            return True
    return False


def signed(areas: list[tuple[str, Element]]) -> Seen:
    """A picture in the line, row or next two lines of a signature label: seen. An empty line there: not seen.

    Without such a label a post and a name with a picture, or an empty line, between them do, in the second half of the text.
    """
    verdict = Seen.CANNOT_TELL
    for number in hands.labelled([text for text, _ in areas]):
        text = areas[number][0]
        if any(_has_picture(element) for _, element in areas[number : number + 3]):
            return Seen.SEEN
        cells = [cell.strip() for cell in text.split("\t")]
        beside_label = [cell for cell in cells[1:] if not hands.labels(cell)]
        ends_blank = not re.split(r"[:\t]", text, maxsplit=1)[-1].strip() and (":" in text or "\t" in text)
        only_label = len(plain(text)) < 40 and "\t" not in text and ":" not in text
        if _BLANK_LINE.search(text) or ends_blank or only_label or (beside_label and not any(beside_label)):
            verdict = Seen.NOT_SEEN
    if verdict is not Seen.CANNOT_TELL:
        return verdict
    for text, element in areas[len(areas) // 2 :]:
        if hands.names_one(text) and _has_picture(element):
            return Seen.SEEN
        if hands.waits(text):
            verdict = Seen.NOT_SEEN
    return verdict


def read(path: Path) -> Content:
    """A .docx as content. Raises what zipfile and lxml raise when the file is broken."""
    with zipfile.ZipFile(path) as archive:
        names = set(archive.namelist())
        main = "word/document.xml"
        if main not in names:
            main = next((name for name in names if re.fullmatch(r"word/document\d*\.xml", name)), main)
        root = _xml(archive, main)
        if root is None:
            raise zipfile.BadZipFile("no main part")
        inner = root.find(f"{_W}body")
        if inner is None:
            raise zipfile.BadZipFile("no body")
        body = _Body(inner)
        body.walk(inner)
        content = body.content
        content.parsed = root
        if body.tracked:
            content.faults.append(Fault.TRACKED_CHANGES)
        digital = any(name.startswith("_xmlsignatures/") and name.endswith(".xml") for name in names)
        content.signed = Seen.SEEN if digital else signed(body.areas)
        content.pages = _pages(archive)
        content.form = content.form or form_mark(_keywords(archive, "docProps/core.xml"))
        pictures = any(name.startswith("word/media/") for name in names)
    if not content.text(1):
        content.text_layer = False
        content.faults.append(Fault.NO_TEXT)
        if pictures:
            content.signed = Seen.SEEN  # pages photographed into a Word file are a scan
    return content


def _pages(archive: zipfile.ZipFile) -> int | None:
    """Pages as the program that saved the file counted them; it may be behind."""
    try:
        root = _xml(archive, "docProps/app.xml")
    except etree.XMLSyntaxError:
        return None
    if root is None:
        return None
    found = root.find("{http://schemas.openxmlformats.org/officeDocument/2006/extended-properties}Pages")
    return int(found.text) if found is not None and (found.text or "").isdigit() else None


def _keywords(archive: zipfile.ZipFile, part: str) -> str:
    """The keywords among a file's properties; empty where there are none."""
    try:
        root = _xml(archive, part)
    except etree.XMLSyntaxError:
        return ""
    found = root.iter("{*}keywords", "{*}keyword") if root is not None else ()
    return " ".join(one.text or "" for one in found)


def read_odt(path: Path) -> Content:
    """An OpenDocument text: its paragraphs and tables."""
    office = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
    table = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
    with zipfile.ZipFile(path) as archive:
        root = _xml(archive, "content.xml")
        form = form_mark(_keywords(archive, "meta.xml"))
    if root is None:
        raise zipfile.BadZipFile("no content")
    content = Content(form=form)
    for number, found in enumerate(root.iter(f"{office}p", f"{office}h"), 1):
        if not any(above.tag == f"{table}table" for above in found.iterancestors()):
            text = "".join(found.itertext()).strip()
            if text:
                content.passages.append(Passage(text, f"paragraph {number}"))
    for number, found in enumerate(root.iter(f"{table}table"), 1):
        rows: list[list[Cell]] = [
            ["".join(cell.itertext()).strip() for cell in row.iterchildren(f"{table}table-cell")]
            for row in found.iter(f"{table}table-row")
        ]
        content.grids.append(Grid(rows, f"table {number}"))
    if not content.text(1):
        content.text_layer = False
        content.faults.append(Fault.NO_TEXT)
    return content


_RTF = re.compile(
    r"\\u(-?\d+) ?\??|\\'([0-9a-fA-F]{2})|\\(par|line|tab|cell|row)\b ?|\\[a-z]+-?\d* ?|\\[^a-z]|[{}\r\n]"
)
_RTF_GROUPS = re.compile(r"\\.|[{}]", re.DOTALL)
_RTF_SILENT = re.compile(r"\{\\(?:\*|fonttbl|colortbl|stylesheet|info|pict)(?:[^{}]++|\{[^{}]*+\})*+\}")


def _stays_open(rtf: str) -> bool:
    """Whether a group is not closed, so that the end is missing. Bytes of a picture may look like brackets: then unknown."""
    if "\\bin" in rtf:
        return False
    signs = _RTF_GROUPS.findall(rtf)
    return signs.count("{") > signs.count("}")


def read_rtf(path: Path) -> Content:
    """The words of a rich-text file; its single bytes are taken as Windows Cyrillic."""
    whole = path.read_bytes().decode("cp1251", "replace")
    raw = _RTF_SILENT.sub("", whole)

    def turn(match: re.Match[str]) -> str:
        if match[1]:
            return chr(int(match[1]) % 0x10000)
        if match[2]:
            return bytes([int(match[2], 16)]).decode("cp1251", "replace")
        return {"par": "\n", "line": "\n", "row": "\n", "tab": "\t", "cell": "\t"}.get(match[3] or "", "")

    text = _RTF.sub(turn, raw).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    passages = [Passage(line.strip(), f"paragraph {at}") for at, line in enumerate(text.split("\n"), 1) if line.strip()]
    content = Content(passages=passages)
    if _stays_open(whole):
        content.faults.append(Fault.TRUNCATED)
    if not passages:
        content.text_layer = False
        content.faults.append(Fault.NO_TEXT)
    return content


READERS = {Media.DOCX: read, Media.ODT: read_odt, Media.RTF: read_rtf}
