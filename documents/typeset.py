"""How the pages that Ashar draws itself are set: fonts that have the Kyrgyz letters, paragraphs, tables.

Nothing here depends on the day or on chance, so that the same page has the same bytes.
"""

import html
from collections.abc import Sequence
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any, Final, Literal

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import LongTable, Paragraph, SimpleDocTemplate, TableStyle

from schemas.errors import NotRunning

# Debian's fonts-paratype, else fonts-dejavu-core; both have ң ө ү
_FACES: Final = (
    ("truetype/paratype/PTF55F.ttf", "truetype/paratype/PTF75F.ttf"),
    ("truetype/dejavu/DejaVuSerif.ttf", "truetype/dejavu/DejaVuSerif-Bold.ttf"),
)
_FONTS: Final = Path("/usr/share/fonts")
GREY: Final = HexColor("#555555")
RULE: Final = HexColor("#aaaaaa")
SHADE: Final = HexColor("#eef1f4")
_LEFT: Final = 22 * mm
_RIGHT: Final = 18 * mm


@cache
def faces() -> tuple[str, str]:
    """Registers the fonts once. NotRunning: neither font package is installed."""
    for plain, bold in _FACES:
        if (_FONTS / plain).is_file() and (_FONTS / bold).is_file():
            pdfmetrics.registerFont(TTFont("Text", str(_FONTS / plain)))
            pdfmetrics.registerFont(TTFont("Text-Bold", str(_FONTS / bold)))
            pdfmetrics.registerFontFamily(
                "Text", normal="Text", bold="Text-Bold", italic="Text", boldItalic="Text-Bold"
            )
            return "Text", "Text-Bold"
    raise NotRunning(service="fonts-paratype")


def style(
    size: float = 10, *, bold: bool = False, after: float = 2, align: Literal[0, 1, 2] = 0, breaks: bool = False
) -> ParagraphStyle:
    """Letters of a size in points. `breaks`: lines may break anywhere, between any two signs."""
    name = faces()[bold]
    # a file name or a digest has no spaces to break at
    return ParagraphStyle(
        name, fontName=name, fontSize=size, leading=size * 1.3, spaceAfter=after, alignment=align,
        splitLongWords=1, wordWrap="CJK" if breaks else None,
    )  # fmt: skip


def said(text: str, look: ParagraphStyle) -> Paragraph:
    """A paragraph of plain text: nothing in it is read as markup."""
    return Paragraph(html.escape(text, quote=False).replace("\n", "<br/>"), look)


def built(story: list[Any], *, foot: str = "") -> bytes:
    """The story on A4 pages, as PDF. With a `foot`, it stands under each page, with the page's number."""

    def sign(canvas: Any, document: Any) -> None:
        plain, _ = faces()
        canvas.setFont(plain, 8)
        canvas.setFillColor(GREY)
        canvas.drawString(_LEFT + 6, 12 * mm, shortened(foot, plain, 8, A4[0] - _LEFT - _RIGHT - 40))
        canvas.drawRightString(A4[0] - _RIGHT - 6, 12 * mm, str(document.page))

    out = BytesIO()
    made = SimpleDocTemplate(
        out, pagesize=A4, leftMargin=_LEFT, rightMargin=_RIGHT, topMargin=22 * mm, bottomMargin=20 * mm, invariant=1,
        title=foot, author="",
    )  # fmt: skip
    if foot:
        made.build(story, onFirstPage=sign, onLaterPages=sign)
    else:
        made.build(story)
    return out.getvalue()


def table(rows: list[list[Any]], widths: Sequence[float], *, head: bool) -> LongTable:
    """Rows in a grid; widths in mm. `head`: the first row is one, and stands on every page."""
    look: list[Any] = [
        ("GRID", (0, 0), (-1, -1), 0.5, RULE),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("TOPPADDING", (0, 0), (-1, -1), 2),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
        ("BACKGROUND", (0, 0), (-1, 0) if head else (0, -1), SHADE),
    ]
    return LongTable(rows, colWidths=[w * mm for w in widths], repeatRows=int(head), style=TableStyle(look))


def shortened(text: str, face: str, size: float, room: float) -> str:
    """The text, or so much of it as finds room (in points), with a sign that there is more."""
    if pdfmetrics.stringWidth(text, face, size) <= room:
        return text
    fits, over = 0, len(text)
    while over - fits > 1:
        half = (fits + over) // 2
        if pdfmetrics.stringWidth(text[:half] + "…", face, size) <= room:
            fits = half
        else:
            over = half
    return f"{text[:fits]}…" if fits else ""
