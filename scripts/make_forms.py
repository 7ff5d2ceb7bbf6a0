"""Makes the blank forms that a city hands out, in Kyrgyz, Russian and English: python scripts/make_forms.py

Labels come from documents/labels.toml, so that what is printed is also what is recognised.
"""
# ruff: noqa: SLF001  (python-docx gives its XML no public name)

import re
import zipfile
from collections.abc import Sequence
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from docx import Document
from docx.document import Document as WordDocument
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor
from docx.table import Table, _Cell
from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from documents.content import data, first_label
from documents.forms import LANGUAGES
from scripts import form_register

VERSION = 1
TARGET = Path(__file__).parent.parent / "documents" / "templates"
INK, SHADE, LINE = "1F3A5F", "E8EEF5", "9FB2C8"
# The day that stands in every form's properties, so that a form made again has the same bytes inside.
MADE = datetime(2026, 1, 1, tzinfo=UTC).replace(tzinfo=None)

WORDS: dict[str, dict[str, str]] = {
    "order": {
        "ky": "Мамлекеттик социалдык заказ",
        "ru": "Государственный социальный заказ",
        "en": "State social order",
    },
    "help": {
        "ky": "Оң жактагы талааларды толтуруңуз. Суммалар сом менен, күндөр 05.03.2026 түрүндө жазылат.",
        "ru": "Заполните поля справа. Суммы указываются в сомах, даты в виде 05.03.2026.",
        "en": "Fill in the fields on the right. Sums are in som, dates look like 05.03.2026.",
    },
    "sheet_help": {
        "ky": "Ак уячаларды толтуруңуз; боёлгон уячалар өздөрү эсептелет.",
        "ru": "Заполните белые ячейки; закрашенные считаются сами.",
        "en": "Fill in the white cells; the shaded ones are worked out by themselves.",
    },
    "contest": {"ky": "Конкурс", "ru": "Конкурс", "en": "The contest"},
    "applicant": {"ky": "Арыз ээси", "ru": "Заявитель", "en": "The applicant"},
    "contract": {"ky": "Келишим жана мезгил", "ru": "Договор и период", "en": "Contract and period"},
    "project": {"ky": "Долбоор", "ru": "Проект", "en": "The project"},
    "money": {"ky": "Каражат", "ru": "Средства", "en": "Money"},
    "indicators": {
        "ky": "Көрсөткүчтөр: эмнеге жетишилет",
        "ru": "Показатели: что будет достигнуто",
        "en": "Indicators: what will be reached",
    },
    "reached": {
        "ky": "Көрсөткүчтөр: план жана иш жүзүндө",
        "ru": "Показатели: план и факт",
        "en": "Indicators: planned and reached",
    },
    "checkpoints": {"ky": "Этаптар", "ru": "Этапы", "en": "Checkpoints"},
    "work": {"ky": "Аткарылган иш", "ru": "Выполненная работа", "en": "The work done"},
    "truth": {
        "ky": "Жазылгандардын тууралыгын ырастайм",
        "ru": "Достоверность сведений подтверждаю",
        "en": "I confirm that what is written is true",
    },
}
DATES = {"registered_on", "starts", "ends", "dated"}
LONG = {"problem", "goal", "solution", "participation", "sustainability", "done", "deviations"}
WORD_FORMS: dict[str, list[tuple[str, list[str]]]] = {
    "application-form": [
        ("contest", ["contest", "theme"]),
        (
            "applicant",
            [
                "organisation",
                "inn",
                "okpo",
                "registration_number",
                "registered_on",
                "head",
                "address",
                "phone",
                "email",
                "bank_account",
            ],
        ),
        (
            "project",
            [
                "title",
                "target_group",
                "beneficiaries",
                "starts",
                "ends",
                "problem",
                "goal",
                "solution",
                "participation",
                "sustainability",
            ],
        ),
        ("money", ["total", "requested", "own_contribution"]),
        ("indicators", ["indicator", "unit", "baseline", "target"]),
        ("checkpoints", ["name", "planned"]),
        ("truth", ["dated", "signature"]),
    ],
    "programme-report": [
        ("contract", ["number", "organisation", "title", "period", "starts", "ends"]),
        ("work", ["done", "deviations"]),
        ("reached", ["indicator", "unit", "baseline", "target", "reached"]),
        ("checkpoints", ["name", "planned", "actual"]),
        ("truth", ["head", "dated", "signature"]),
    ],
}
SHEET_FORMS: dict[str, tuple[list[str], list[str], int]] = {
    "budget": (
        ["contest", "organisation", "title"],
        ["name", "unit", "quantity", "price", "total", "requested", "own", "note"],
        25,
    ),
    "financial-report": (
        ["number", "organisation", "period", "starts", "ends", "opening", "received", "closing"],
        ["name", "planned", "spent", "balance", "proof"],
        25,
    ),
}


def element(name: str, **attributes: str) -> Any:
    made = OxmlElement(name)
    for key, value in attributes.items():
        made.set(qn(f"w:{key}"), value)
    return made


def run_of(text: str, *, grey: bool = False, hidden: bool = False) -> Any:
    run, properties, words = element("w:r"), element("w:rPr"), element("w:t")
    if hidden:
        properties.append(element("w:vanish"))
    if grey:
        properties.append(element("w:color", val="8A8A8A"))
    words.text = text
    run.append(properties)
    run.append(words)
    return run


def control(tag: str, title: str, text: str, *, day: bool = False, hidden: bool = False, number: int = 1) -> Any:
    """A content control in a line; grey text stands in it until somebody writes."""
    made, properties, inner = element("w:sdt"), element("w:sdtPr"), element("w:sdtContent")
    properties.append(element("w:alias", val=title[:60]))
    properties.append(element("w:tag", val=tag))
    properties.append(element("w:id", val=str(number)))
    if hidden:
        properties.append(element("w:lock", val="sdtContentLocked"))
    else:
        properties.append(element("w:showingPlcHdr"))
    if day:
        kind = element("w:date")
        for name, value in (("w:dateFormat", "dd.MM.yyyy"), ("w:lid", "ru-RU"), ("w:storeMappedDataAs", "date")):
            kind.append(element(name, val=value))
        properties.append(kind)
    # no kind = rich text: the plain kind loses the grey of its prompt in LibreOffice
    inner.append(run_of(text, grey=not hidden, hidden=hidden))
    made.append(properties)
    made.append(inner)
    return made


def shade(cell: _Cell) -> None:
    cell._tc.get_or_add_tcPr().append(element("w:shd", val="clear", color="auto", fill=SHADE))


def frame(table: Table, widths: Sequence[float]) -> None:
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    table.autofit = False
    borders = element("w:tblBorders")
    for side in ("top", "left", "bottom", "right", "insideH", "insideV"):
        borders.append(element(f"w:{side}", val="single", sz="4", space="0", color=LINE))
    table._tbl.tblPr.append(borders)
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Cm(width)
    for row in table.rows:
        for cell, width in zip(row.cells, widths, strict=True):
            cell.width = Cm(width)


def label_cell(cell: _Cell, text: str) -> None:
    shade(cell)
    run = cell.paragraphs[0].add_run(text)
    run.bold = True
    run.font.size = Pt(10)


def section(document: WordDocument, text: str) -> None:
    paragraph = document.add_paragraph()
    paragraph.paragraph_format.space_before, paragraph.paragraph_format.space_after = Pt(12), Pt(4)
    paragraph.paragraph_format.keep_with_next = True
    run = paragraph.add_run(text)
    run.bold = True
    run.font.size, run.font.color.rgb = Pt(12), RGBColor.from_string(INK)


def word_form(name: str, language: str) -> WordDocument:
    document = Document()
    page = document.sections[0]
    page.page_width, page.page_height = Cm(21), Cm(29.7)
    page.left_margin, page.right_margin, page.top_margin, page.bottom_margin = Cm(2.5), Cm(1.5), Cm(2), Cm(2)
    style: Any = document.styles["Normal"]
    style.font.name, style.font.size = "Arial", Pt(10.5)
    style.element.rPr.rFonts.set(qn("w:cs"), "Arial")
    style.paragraph_format.space_after = Pt(2)
    title = data("labels.toml")["form"][name][language]
    for text, size, bold in (
        (WORDS["order"][language], 10, False),
        (title, 18, True),
        (WORDS["help"][language], 9.5, False),
    ):
        paragraph = document.add_paragraph()
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        run = paragraph.add_run(text)
        run.bold = bold
        run.font.size = Pt(size)
        if bold:
            run.font.color.rgb = RGBColor.from_string(INK)
    document.paragraphs[-1]._p.append(
        control("ashar.form", "form", f"{name} {VERSION} {language}", hidden=True, number=1)
    )
    number = 1
    for heading, keys in WORD_FORMS[name]:
        section(document, WORDS[heading][language])
        if heading == "checkpoints" or keys[0] == "indicator":
            group, widths = ("steps", [9, 4, 4]) if heading == "checkpoints" else ("column", [8, 3, 3, 3])
            widths = {2: [13, 4], 5: [7, 2.5, 2.5, 2.5, 2.5]}.get(len(keys), widths)
            table = document.add_table(5, len(keys))
            for cell, key in zip(table.rows[0].cells, keys, strict=True):
                label_cell(cell, first_label(key, language, group))
            frame(table, widths)
            repeat = element("w:tblHeader")
            table.rows[0]._tr.get_or_add_trPr().append(repeat)
            continue
        table = document.add_table(len(keys), 2)
        for row, key in zip(table.rows, keys, strict=True):
            row._tr.get_or_add_trPr().append(element("w:cantSplit"))
            label_cell(row.cells[0], first_label(key, language))
            if key == "signature":
                row.height = Cm(1.8)
                continue
            number += 1
            if key in LONG:
                row.height = Cm(2.2)
            prompt = data("labels.toml")["prompt"]["day" if key in DATES else "write"][language]
            made = control(key, first_label(key, language), prompt, day=key in DATES, number=number)
            row.cells[1].paragraphs[0]._p.append(made)
        frame(table, [6, 11])
    properties = document.core_properties
    mark = f"{name} {VERSION} {language}"
    properties.title, properties.author, properties.comments = title, "Ashar", mark
    properties.keywords = mark  # of all properties the one that also comes along into a PDF
    properties.created = properties.modified = MADE
    return document


def sheet_form(name: str, language: str) -> Workbook:
    fields, columns, count = SHEET_FORMS[name]
    book = Workbook()
    sheet: Worksheet = book.active  # pyright: ignore[reportAssignmentType]
    title = data("labels.toml")["form"][name][language]
    sheet.title = title[:31]
    last = len(columns) + 1
    thin = Side(style="thin", color=LINE)
    box = Border(left=thin, right=thin, top=thin, bottom=thin)
    fill = PatternFill("solid", fgColor=SHADE)

    def write(
        row: int, column: int, value: object, *, bold: bool = False, size: float = 10, shaded: bool = False
    ) -> Any:
        cell: Any = sheet.cell(row, column)
        cell.value = value
        cell.font = Font(name="Arial", size=size, bold=bold, color=INK if size > 12 else "000000")
        cell.alignment = Alignment(vertical="center", wrap_text=True)
        if shaded:
            cell.fill = fill
        return cell

    write(1, 1, title, bold=True, size=16)
    write(2, 1, f"{WORDS['order'][language]}. {WORDS['sheet_help'][language]}", size=9)
    for row in (1, 2):
        sheet.merge_cells(start_row=row, start_column=1, end_row=row, end_column=last)
    sheet.row_dimensions[1].height = 28
    row = 3
    for key in fields:
        write(row, 1, first_label(key, language), bold=True, shaded=True)
        write(row, 3, None)
        sheet.merge_cells(start_row=row, start_column=1, end_row=row, end_column=2)
        sheet.merge_cells(start_row=row, start_column=3, end_row=row, end_column=last)
        for column in range(1, last + 1):
            sheet.cell(row, column).border = box
        row += 1
    header = row + 1
    write(header, 1, "№", bold=True, shaded=True)
    for at, key in enumerate(columns, 2):
        write(header, at, first_label(key, language, "column"), bold=True, shaded=True)
    sheet.row_dimensions[header].height = 44
    where = {key: get_column_letter(at) for at, key in enumerate(columns, 2)}
    first, end = header + 1, header + count
    for line in range(first, end + 1):
        write(line, 1, line - header)
        for at, key in enumerate(columns, 2):
            formula = formula_of(key, line, where)
            cell = write(line, at, formula, shaded=formula is not None)
            if key not in ("name", "unit", "note", "proof"):
                cell.number_format = "#,##0.00" if key != "quantity" else "#,##0.##"
    total = end + 1
    write(total, 1, None, shaded=True)
    write(total, 2, data("labels.toml")["row"]["sum"][language][0], bold=True, shaded=True)
    for at, key in enumerate(columns[1:], 3):
        summed = key in ("total", "requested", "own", "planned", "spent", "balance")
        formula = f"=SUM({where[key]}{first}:{where[key]}{end})" if summed else None
        write(total, at, formula, bold=True, shaded=True).number_format = "#,##0.00"
    for line in range(header, total + 1):
        for column in range(1, last + 1):
            sheet.cell(line, column).border = box
    write(total + 2, 2, f"{first_label('signature', language)}: ______________________")
    sheet.merge_cells(start_row=total + 2, start_column=2, end_row=total + 2, end_column=last)
    widths = {"name": 38, "unit": 11, "quantity": 11, "note": 28, "proof": 34}
    sheet.column_dimensions["A"].width = 5
    for key, letter in where.items():
        sheet.column_dimensions[letter].width = widths.get(key, 16)
    sheet.freeze_panes = f"A{first}"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", 9
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True  # pyright: ignore[reportOptionalMemberAccess]
    sheet.print_title_rows = f"{header}:{header}"
    if name == "financial-report":
        form_register.add(book, language, fill=fill, border=box)
    mark = book.create_sheet("_form")
    mark["A1"] = f"{name} {VERSION} {language}"
    mark.sheet_state = "veryHidden"
    book.properties.title, book.properties.creator = title, "Ashar"
    book.properties.keywords = f"{name} {VERSION} {language}"
    book.properties.created = book.properties.modified = MADE
    return book


def formula_of(key: str, line: int, where: dict[str, str]) -> str | None:
    """What the form works out by itself; empty until there is something to work out."""
    if key == "total":
        a, b = f"{where['quantity']}{line}", f"{where['price']}{line}"
        return f'=IF(OR({a}="",{b}=""),"",{a}*{b})'
    if key == "requested":
        a, b = f"{where['total']}{line}", f"{where['own']}{line}"
        return f'=IF({a}="","",{a}-N({b}))'
    if key == "balance":
        a, b = f"{where['planned']}{line}", f"{where['spent']}{line}"
        return f'=IF(AND({a}="",{b}=""),"",N({a})-N({b}))'
    return None


def settled(made: bytes) -> bytes:
    """The same office file without the moment of its making, so that only a change of the form changes it."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(made)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            data = old.read(entry)
            if entry.filename == "docProps/core.xml":
                data = re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>" + MADE.isoformat().encode() + b"Z", data)
            info = zipfile.ZipInfo(entry.filename, date_time=(2026, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(info, data)
    return out.getvalue()


def main(target: Path = TARGET) -> None:
    """Writes every form in every language into the folder."""
    target.mkdir(exist_ok=True)
    for language in LANGUAGES:
        made = {f"{name}-{language}.docx": word_form(name, language) for name in WORD_FORMS}
        made |= {f"{name}-{language}.xlsx": sheet_form(name, language) for name in SHEET_FORMS}
        for name, form in made.items():
            out = BytesIO()
            form.save(out)
            (target / name).write_bytes(settled(out.getvalue()))


if __name__ == "__main__":
    main()
