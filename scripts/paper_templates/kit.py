"""How a template looks: A4, PT Serif, a header with the number, pages counted, bilingual columns, ruled tables."""

from collections.abc import Sequence
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from PIL import Image

from documents.filling import PICTURE

FONT = "PT Serif"
GREY = RGBColor(0x55, 0x55, 0x55)
LEFT, CENTRE, RIGHT = WD_ALIGN_PARAGRAPH.LEFT, WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.RIGHT
POINT = (
    "Аракеттердин журналынын көзөмөл чекити",
    "Контрольная точка журнала действий",
    "Checkpoint of the audit trail",
)
FIXES = (
    (
        "Бул сап журналдын ага чейинки бардык жазууларын бекитет: алар кийин өзгөртүлбөгөнүн жана өчүрүлбөгөнүн ар ким ушул сап "
        "боюнча текшере алат."
    ),
    (
        "Эта строка закрепляет все сделанные до неё записи журнала: по ней каждый может проверить, что позже их не изменили и не "
        "удалили."
    ),
    "This line fixes every entry made in the trail before it: by it anybody can check that none was changed or removed later.",
)
WIDTH = 170  # mm between the margins of an upright page


class Sheet:
    """A template under construction."""

    def __init__(self, title: str, header: str, *, size: float = 10.5, wide: bool = False) -> None:
        self.docx = Document()
        self.width = 257 if wide else WIDTH
        section = self.docx.sections[0]
        section.page_width, section.page_height = (Mm(297), Mm(210)) if wide else (Mm(210), Mm(297))
        section.orientation = WD_ORIENT.LANDSCAPE if wide else WD_ORIENT.PORTRAIT
        section.left_margin, section.right_margin = (Mm(20), Mm(20)) if wide else (Mm(25), Mm(15))
        section.top_margin, section.bottom_margin = Mm(22), Mm(20)
        section.header_distance = section.footer_distance = Mm(10)
        style: Any = self.docx.styles["Normal"]
        style.font.name, style.font.size = FONT, Pt(size)
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for script in ("w:ascii", "w:hAnsi", "w:cs", "w:eastAsia"):
            fonts.set(qn(script), FONT)
        style.element.get_or_add_rPr().append(_made("w:lang", {"w:val": "ky-KG", "w:eastAsia": "ky-KG"}))
        style.paragraph_format.space_after = Pt(4)
        style.paragraph_format.line_spacing = 1.08
        style.paragraph_format.widow_control = True
        about = self.docx.core_properties
        about.title, about.author, about.comments, about.language = title, "", "", "ky"
        about.created = about.modified = datetime(2018, 6, 29, tzinfo=UTC)
        self.size = size
        self._edges(section, header)

    def _edges(self, section: Any, header: str) -> None:
        top = section.header.paragraphs[0]
        top.alignment = RIGHT
        write(top, header, size=8.5, colour=GREY)
        _border(top, "bottom")
        foot = section.footer.paragraphs[0]
        foot.alignment = CENTRE
        for piece in ("PAGE", " / ", "NUMPAGES"):
            if piece.isupper():
                _field(foot, piece, 8.5)
            else:
                write(foot, piece, size=8.5, colour=GREY)

    def line(
        self,
        text: str,
        *,
        bold: bool = False,
        italic: bool = False,
        size: float | None = None,
        align: Any = LEFT,
        before: float = 0,
        after: float = 4,
        keep: bool = False,
    ) -> Any:
        """A paragraph of the paper."""
        made = self.docx.add_paragraph()
        made.alignment = align
        made.paragraph_format.space_before, made.paragraph_format.space_after = Pt(before), Pt(after)
        made.paragraph_format.keep_with_next = keep
        write(made, text, bold=bold, italic=italic, size=size)
        return made

    def title(self, *lines: str) -> None:
        for at, text in enumerate(lines):
            capital = text.isupper() or text.split(" №")[0].isupper()
            size, before = (14, 6) if capital else (11, 0)
            self.line(text, bold=True, size=size, align=CENTRE, before=before if at else 0, after=2, keep=True)
        self.line("", after=0, size=6)

    def head(self, text: str) -> None:
        """A section's heading; stays with what follows."""
        self.line(text, bold=True, size=self.size + 0.5, before=10, after=4, keep=True)

    def only_if(self, condition: str) -> None:
        self.docx.add_paragraph(f"{{%p if {condition} %}}")

    def end_if(self) -> None:
        self.docx.add_paragraph("{%p endif %}")

    def sides(self, rows: Sequence[tuple[str, str]], *, bold: bool = False, ruled: bool = False) -> None:
        """Kyrgyz on the left, Russian on the right. A row that starts with `#` is a heading; `{%tr` rows steer."""
        half = self.width / 2
        table = self._table([half, half], ruled=ruled, room=140)
        for ky, ru in rows:
            cells = table.add_row().cells
            if ky.startswith("{%tr"):
                cells[0].paragraphs[0].add_run(ky)
                continue
            heading = ky.startswith("#")
            _fixed(table.rows[-1])
            for cell, text in zip(cells, (ky, ru), strict=True):
                fill(cell, text.removeprefix("#"), bold=bold or heading, keep=heading, before=5 if heading else 0)
        self._close(table)

    def grid(
        self,
        heads: Sequence[str],
        cells: Sequence[str],
        widths: Sequence[float],
        *,
        each: str,
        total: Sequence[str] = (),
        right: Sequence[int] = (),
        centre: Sequence[int] = (0,),
        size: float = 9,
        height: float = 0,
    ) -> None:
        """A ruled table: headings repeat on each page, one row per `each` ("line in lines"), perhaps a total."""
        scale = self.width / sum(widths)
        table = self._table([width * scale for width in widths], ruled=True)
        top = table.add_row()
        _fixed(top, repeat=True)
        for cell, text in zip(top.cells, heads, strict=True):
            fill(cell, text, bold=True, size=size, align=CENTRE, keep=True)
            _shade(cell)
        table.add_row().cells[0].paragraphs[0].add_run(f"{{%tr for {each} %}}")
        rows = [(cells, False)] + ([(total, True)] if total else [])
        for texts, bold in rows:
            if bold:
                table.add_row().cells[0].paragraphs[0].add_run("{%tr endfor %}")
            row = table.add_row()
            _fixed(row)
            if height:
                row.height = Mm(height)
            for at, (cell, text) in enumerate(zip(row.cells, texts, strict=True)):
                align = RIGHT if at in right else CENTRE if at in centre else LEFT
                fill(cell, text, bold=bold, size=size, align=align)
        if not total:
            table.add_row().cells[0].paragraphs[0].add_run("{%tr endfor %}")
        self._close(table)

    def facts(self, rows: Sequence[tuple[str, str]], *, first: float = 62, size: float | None = None) -> None:
        """Label and value, ruled."""
        table = self._table([first, self.width - first], ruled=True)
        for label, value in rows:
            row = table.add_row()
            if label.startswith("{%tr"):
                row.cells[0].paragraphs[0].add_run(label)
                continue
            _fixed(row)
            fill(row.cells[0], label, size=size or self.size - 1, bold=True)
            fill(row.cells[1], value, size=size or self.size - 1)
            _shade(row.cells[0])
        self._close(table)

    def signatures(self, left: Sequence[str], right: Sequence[str]) -> None:
        """Two blocks to sign in, held together on one page."""
        table = self._table([self.width / 2, self.width / 2], ruled=False)
        row = table.add_row()
        _fixed(row)
        for cell, lines in zip(row.cells, (left, right), strict=True):
            for at, text in enumerate(lines):
                made = cell.paragraphs[0] if at == 0 else cell.add_paragraph()
                made.paragraph_format.space_after = Pt(3)
                made.paragraph_format.keep_with_next = True
                write(made, text, bold=at == 0)
        self._close(table)

    def unconfirmed(self) -> None:
        """Says which values no lawyer has confirmed."""
        self.only_if("placeholders")
        self.line(
            "* Жылдызча менен белгиленген жана төмөндө саналган маанилер эрежелер топтомунда убактылуу коюлган, "
            "аларды юрист азырынча ырастай элек; кол коюлганга чейин текшерилүүгө тийиш.",
            italic=True, size=8.5, before=10, after=1, keep=True,
        )  # fmt: skip
        self.line(
            "* Значения, отмеченные звёздочкой и перечисленные ниже, в наборе правил временные: юрист их ещё не подтвердил; "
            "до подписания они подлежат проверке.",
            italic=True, size=8.5, after=1, keep=True,
        )  # fmt: skip
        self.docx.add_paragraph("{%p for each in placeholders %}")
        self.line(
            "– {{ each.name.ky }} / {{ each.name.ru }}: {{ each.value }}{% if each.source %} ({{ each.source }}){% endif %}",
            italic=True, size=8.5, after=0, keep=True,
        )  # fmt: skip
        self.docx.add_paragraph("{%p endfor %}")
        self.end_if()

    def checkpoint(
        self, name: str = f"{POINT[0]} / {POINT[1]}", meaning: str = f"{FIXES[0]} / {FIXES[1]}", more: str = ""
    ) -> None:
        """The checkpoint of the audit trail with its QR code, which takes the place of the picture named `checkpoint`."""
        self.only_if("checkpoint")
        table = self._table([24, self.width - 24], ruled=False)
        row = table.add_row()
        _fixed(row)
        picture = row.cells[0].paragraphs[0].add_run().add_picture(BytesIO(_blank()), width=Mm(20))
        picture._inline.docPr.set("descr", PICTURE)  # noqa: SLF001
        fill(row.cells[1], name, size=8.5, before=4)
        for text, size, bold in (("{{ checkpoint }}", 10.5, True), (meaning, 8, False), (more, 8, False)):
            if text:
                made = row.cells[1].add_paragraph()
                made.paragraph_format.space_after = Pt(1)
                write(made, text, size=size, bold=bold, colour=None if bold else GREY)
        self._close(table)
        self.end_if()

    def _table(self, widths: Sequence[float], *, ruled: bool, room: int = 85) -> Any:
        table = self.docx.add_table(rows=0, cols=len(widths))
        if ruled:
            table.style = "Table Grid"
        table.alignment = WD_TABLE_ALIGNMENT.CENTER
        table.autofit = False
        for column, width in zip(table.columns, widths, strict=True):
            column.width = Mm(width)
        properties = table._tbl.tblPr  # noqa: SLF001
        margins = OxmlElement("w:tblCellMar")
        for side, space in (("top", 30), ("left", room), ("bottom", 30), ("right", room)):
            margins.append(_made(f"w:{side}", {"w:w": str(space), "w:type": "dxa"}))
        look = properties.find(qn("w:tblLook"))
        # the schema wants one order, and word processors hold to it
        properties.append(margins) if look is None else look.addprevious(margins)
        return table

    def _close(self, table: Any) -> None:
        for row in table.rows:
            for cell, column in zip(row.cells, table.columns, strict=True):
                cell.width = column.width
        # two tables that touch would be read as one
        gap = self.docx.add_paragraph()
        gap.paragraph_format.space_after = Pt(0)
        gap.paragraph_format.line_spacing = Pt(6)


def _blank() -> bytes:
    out = BytesIO()
    Image.new("1", (8, 8), 1).save(out, "PNG")
    return out.getvalue()


def write(
    paragraph: Any,
    text: str,
    *,
    bold: bool = False,
    italic: bool = False,
    size: float | None = None,
    colour: RGBColor | None = None,
) -> None:
    run = paragraph.add_run(text)
    run.bold, run.italic = bold or None, italic or None
    if size is not None:
        run.font.size = Pt(size)
    if colour is not None:
        run.font.color.rgb = colour


def fill(
    cell: Any,
    text: str,
    *,
    bold: bool = False,
    size: float | None = None,
    align: Any = LEFT,
    keep: bool = False,
    before: float = 0,
) -> None:
    paragraph = cell.paragraphs[0]
    paragraph.alignment = align
    paragraph.paragraph_format.space_after = Pt(1)
    paragraph.paragraph_format.space_before = Pt(before)
    paragraph.paragraph_format.keep_with_next = keep
    write(paragraph, text, bold=bold, size=size)


def _made(name: str, attributes: dict[str, str]) -> Any:
    element = OxmlElement(name)
    for key, value in attributes.items():
        element.set(qn(key), value)
    return element


def _fixed(row: Any, *, repeat: bool = False) -> None:
    properties = row._tr.get_or_add_trPr()  # noqa: SLF001
    properties.append(_made("w:cantSplit", {}))
    if repeat:
        properties.append(_made("w:tblHeader", {}))


def _shade(cell: Any) -> None:
    cell._tc.get_or_add_tcPr().append(  # noqa: SLF001
        _made("w:shd", {"w:val": "clear", "w:color": "auto", "w:fill": "EEF1F4"})
    )


def _border(paragraph: Any, side: str) -> None:
    borders = OxmlElement("w:pBdr")
    borders.append(_made(f"w:{side}", {"w:val": "single", "w:sz": "4", "w:space": "2", "w:color": "999999"}))
    properties = paragraph._p.get_or_add_pPr()  # noqa: SLF001
    properties.insert_element_before(borders, "w:shd", "w:tabs", "w:spacing", "w:ind", "w:jc", "w:rPr")


def _field(paragraph: Any, code: str, size: float) -> None:
    for kind in ("begin", code, "end"):
        run = paragraph.add_run()
        run.font.size, run.font.color.rgb = Pt(size), GREY
        if kind == code:
            instruction = OxmlElement("w:instrText")
            instruction.text = code
            run._r.append(instruction)  # noqa: SLF001
        else:
            run._r.append(_made("w:fldChar", {"w:fldCharType": kind}))  # noqa: SLF001
