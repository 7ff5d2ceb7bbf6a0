"""Papers as PDF and Excel files, always the same bytes for the same words."""

import re
import zipfile
from collections.abc import Mapping, Sequence
from functools import cache
from io import BytesIO
from typing import Literal
from xml.sax.saxutils import escape

from openpyxl import Workbook
from openpyxl.styles import Font, PatternFill
from reportlab import rl_config
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, Image, Paragraph, SimpleDocTemplate, Spacer, Table

from cli.demo import hands
from cli.demo.archives import settled
from cli.demo.wording import Block, Fields, Rows, Said, Sheet, Signed

_ALIGNED: dict[str, Literal[1, 2]] = {"right": 2, "centre": 1, "title": 1}  # the library's numbers; 4 is justified
_EMPTY_LINE = "______________________"
rl_config.useA85 = 0  # binary streams: smaller, and written ten times faster


@cache
def _fonts() -> None:
    for name, face in (("Paper", "serif"), ("Paper-Bold", "serif-bold")):
        pdfmetrics.registerFont(TTFont(name, str(hands.face(face))))


def _flow(block: Block) -> list[Flowable]:
    base = ParagraphStyle("text", fontName="Paper", fontSize=11.5, leading=15, spaceAfter=7, alignment=4)
    match block:
        case Said(text, style):
            bold, size = style in ("title", "head"), 14 if style == "title" else 11.5
            kind = ParagraphStyle(
                style,
                base,
                alignment=_ALIGNED.get(style, 4),
                fontName="Paper-Bold" if bold else "Paper",
                fontSize=size,
                leading=size + 4,
            )
            return [Paragraph(escape(text).replace("\n", "<br/>").replace("\t", "&nbsp;" * 12), kind)]
        case Fields(rows):
            plain = ParagraphStyle("field", base, alignment=0)
            return [
                Paragraph(f'<font name="Paper-Bold">{escape(label)}:</font> {escape(value)}', plain)
                for label, value in rows
            ]
        case Rows(header, rows):
            cell = ParagraphStyle("cell", base, fontSize=9.5, leading=12, alignment=0)
            data = [[Paragraph(escape(text), cell) for text in row] for row in (header, *rows)]
            return [Table(data, style=[("GRID", (0, 0), (-1, -1), 0.5, "black")]), Spacer(1, 8)]
        case Signed(label, name, by, stamp):
            if by is None:
                return [Spacer(1, 18), Paragraph(f"{escape(label)}: {_EMPTY_LINE} {escape(name)}", base)]
            picture = Image(BytesIO(hands.signature_jpeg(by, stamp)), width=140, height=67)
            row = Table(
                [[Paragraph(f"{escape(label)}:", base), picture, Paragraph(escape(name), base)]],
                colWidths=[120, 160, 160],
            )
            return [Spacer(1, 14), row]


def pdf(sheet: Sheet, *, password: str = "") -> bytes:
    """A paper as a digital PDF, under a password if one is given."""
    _fonts()
    out = BytesIO()
    locked = StandardEncryption(password, canPrint=0, strength=40) if password else None
    document = SimpleDocTemplate(
        out, pagesize=A4, leftMargin=70, rightMargin=45, topMargin=50, bottomMargin=50, invariant=1, encrypt=locked
    )
    document.build([flowable for block in sheet for flowable in _flow(block)])
    return out.getvalue()


def pdf_of_pictures(pages: Sequence[bytes]) -> bytes:
    """JPEG pages as a PDF without any text, as a scanner writes it."""
    out = BytesIO()
    canvas = Canvas(out, pagesize=A4, invariant=1)
    for page in pages:
        picture = ImageReader(BytesIO(page))
        width, height = picture.getSize()
        size = landscape(A4) if width > height else A4
        canvas.setPageSize(size)
        canvas.drawImage(picture, 0, 0, *size)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


Row = Sequence[str | int | None]


def book(
    title: str,
    above: Sequence[tuple[str, str]],
    header: Sequence[str],
    rows: Sequence[Row],
    sums: Row,
    *,
    kept: Mapping[str, int] | None = None,
) -> bytes:
    """A workbook: title, labelled lines, a table and its row of sums. Texts that begin with = are formulas;
    `kept` holds their results by cell, as a program that saved the file would have kept them.
    """
    workbook = Workbook()
    sheet = workbook.active
    assert sheet is not None
    sheet.title = "Смета"
    sheet["A1"] = title
    sheet["A1"].font = Font(bold=True, size=14)
    for at, (label, value) in enumerate(above, 3):
        sheet.cell(at, 1, label).font = Font(bold=True)
        sheet.cell(at, 3, value)
    start = len(above) + 4
    for at, name in enumerate(header, 1):
        cell = sheet.cell(start, at, name)
        cell.font, cell.fill = Font(bold=True), PatternFill("solid", fgColor="DDE6F0")
    for down, row in enumerate((*rows, sums), start + 1):
        for at, value in enumerate(row, 1):
            if value is not None:
                sheet.cell(down, at, value)
    for letter, width in zip("ABCDEFGHI", (5, 44, 12, 9, 14, 15, 16, 16, 30), strict=True):
        sheet.column_dimensions[letter].width = width
    out = BytesIO()
    workbook.save(out)
    return settled(out.getvalue(), _with_results(out.getvalue(), kept or {}))


def _with_results(saved: bytes, kept: Mapping[str, int]) -> dict[str, bytes]:
    """The sheet with the results of its formulas written beside them."""
    name = "xl/worksheets/sheet1.xml"
    with zipfile.ZipFile(BytesIO(saved)) as archive:
        xml = archive.read(name).decode()
    for cell, value in kept.items():
        xml = re.sub(
            rf'(<c r="{cell}"[^>]*><f>[^<]*</f>)<v\s*/>|(<c r="{cell}"[^>]*><f>[^<]*</f>)<v></v>',
            rf"\1\2<v>{value}</v>",
            xml,
        )
    return {name: xml.encode()}
