"""Makers of papers as people send them."""

from collections.abc import Callable, Sequence
from io import BytesIO
from pathlib import Path

import pytest
from docx import Document
from openpyxl import Workbook
from PIL import Image
from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

FONT = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"

Rows = Sequence[Sequence[str]]
WordMaker = Callable[..., Path]
SheetMaker = Callable[..., Path]
PdfMaker = Callable[..., Path]


def picture(width: int = 400, height: int = 120, kind: str = "PNG") -> bytes:
    out = BytesIO()
    image = Image.new("RGB", (width, height), "white")
    for x in range(20, width - 20):
        image.putpixel((x, height // 2 + (x * 7) % 15), (20, 20, 120))
    image.save(out, kind)
    return out.getvalue()


@pytest.fixture
def signature() -> bytes:
    return picture()


@pytest.fixture
def scan() -> bytes:
    return picture(600, 800, "JPEG")


@pytest.fixture
def word(tmp_path: Path) -> WordMaker:
    """A .docx of paragraphs and one table."""

    def make(name: str, paragraphs: Sequence[str] = (), table: Rows = (), signature: bytes | None = None) -> Path:
        document = Document()
        for paragraph in paragraphs:
            document.add_paragraph(paragraph)
        if table:
            made = document.add_table(0, max(len(row) for row in table))
            for row in table:
                for cell, text in zip(made.add_row().cells, row, strict=False):
                    cell.text = text
        if signature is not None:
            document.add_paragraph("Подпись: ").add_run().add_picture(BytesIO(signature))
        path = tmp_path / name
        document.save(str(path))
        return path

    return make


@pytest.fixture
def sheet(tmp_path: Path) -> SheetMaker:
    """An .xlsx of one sheet, as a program leaves it: formulas without cached values."""

    def make(name: str, rows: Sequence[Sequence[object]], title: str = "Смета") -> Path:
        book = Workbook()
        page = book.active
        assert page is not None
        page.title = title
        for row in rows:
            page.append(list(row))
        path = tmp_path / name
        book.save(path)
        return path

    return make


@pytest.fixture
def pdf(tmp_path: Path) -> PdfMaker:
    """A PDF of pages of lines, or of one picture to a page."""

    def make(name: str, *pages: Sequence[str] | bytes, stamp: bytes | None = None) -> Path:
        if "DejaVu" not in pdfmetrics.getRegisteredFontNames():
            pdfmetrics.registerFont(TTFont("DejaVu", FONT))
        path = tmp_path / name
        canvas = Canvas(str(path), pagesize=A4)
        for page in pages:
            if isinstance(page, bytes):
                canvas.drawImage(ImageReader(BytesIO(page)), 0, 0, *A4)
            else:
                canvas.setFont("DejaVu", 11)
                for at, line in enumerate(page):
                    canvas.drawString(60, 780 - 18 * at, line)
                if stamp is not None:
                    canvas.drawImage(ImageReader(BytesIO(stamp)), 160, 780 - 18 * len(page), 120, 36)
            canvas.showPage()
        canvas.save()
        return path

    return make
