"""The city's own blank forms: where they lie, and how a program fills one in."""

import re
from collections.abc import Mapping, Sequence
from copy import copy
from datetime import date
from importlib.resources import files
from io import BytesIO
from math import ceil
from typing import Any

import openpyxl
from docx import Document
from docx.document import Document as WordDocument
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm
from docx.table import Table
from openpyxl.formula.translate import Translator
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from documents.content import label
from schemas.errors import BadDraft

LANGUAGES = ("ky", "ru", "en")
RECEIPTS = {"ky": "Чектер", "ru": "Квитанции", "en": "Receipts"}  # the sheet of the financial report
REGISTER = ("number", "dated", "payee", "line", "amount")  # its columns, labels of the group "register"
_FIRST_RECEIPT = 4  # the row
_SHEETS = {"budget", "financial-report"}
_LINE = 13.5  # points, of the forms' Arial 10
_LOOKS = ("font", "border", "fill", "alignment", "number_format")


def blank(form: str, language: str) -> bytes:
    """The empty form as the city hands it out. `form` is a name of `labels.toml`. Raises BadDraft."""
    suffix = "xlsx" if form in _SHEETS else "docx"
    try:
        return files("documents").joinpath("templates", f"{form}-{language}.{suffix}").read_bytes()
    except FileNotFoundError as error:
        raise BadDraft(template=f"{form}-{language}", missing="file") from error


def fill(
    form: str,
    language: str,
    values: Mapping[str, str],
    rows: Sequence[Sequence[str | float | None]] = (),
    *,
    signature: bytes | None = None,
    receipts: Sequence[Sequence[str | float | date | None]] = (),
    checkpoints: Sequence[Sequence[str]] = (),
) -> bytes:
    """A filled form: fields by key, rows of its table, a signature's picture, its register or steps.

    Where it has fewer rows it gets more, as many as there are. Raises BadDraft.
    """
    source = blank(form, language)
    if form in _SHEETS:
        return _fill_sheet(source, form, values, rows, receipts)
    document = Document(BytesIO(source))
    missing = _fill_fields(document, values)
    if missing:
        raise BadDraft(template=f"{form}-{language}", missing=sorted(missing))
    if rows:
        _fill_table(document, rows, "column", "indicator")
    if checkpoints:
        _fill_table(document, checkpoints, "steps", "name")
    if signature is not None:
        _sign(document, signature)
    for row in document.element.body.iter(qn("w:tr")):
        properties = row.get_or_add_trPr()
        if properties.find(qn("w:cantSplit")) is None:
            properties.insert(0, OxmlElement("w:cantSplit"))  # a row stays on one page
    out = BytesIO()
    document.save(out)
    return out.getvalue()


def _fill_fields(document: WordDocument, values: Mapping[str, str]) -> set[str]:
    """Writes the content controls; answers with the keys that the form does not have."""
    left = set(values)
    for control in document.element.body.iter(qn("w:sdt")):
        tag = control.find(f"{qn('w:sdtPr')}/{qn('w:tag')}")
        name = tag.get(qn("w:val")) if tag is not None else None
        if name not in left:
            continue
        texts = list(control.iter(qn("w:t")))
        texts[0].text = values[name]
        for text in texts[1:]:
            text.text = ""
        placeholder = control.find(f"{qn('w:sdtPr')}/{qn('w:showingPlcHdr')}")
        if placeholder is not None:
            placeholder.getparent().remove(placeholder)
        for style in list(control.iter(qn("w:color"))):
            style.getparent().remove(style)
        left.discard(name)
    return left


def _table(document: WordDocument, group: str, key: str) -> Table | None:
    for table in document.tables:
        if any(key in label(group, cell.text) for cell in table.rows[0].cells):
            return table
    return None


def _fill_table(document: WordDocument, rows: Sequence[Sequence[str | float | None]], group: str, key: str) -> None:
    table = _table(document, group, key)
    if table is None:
        raise BadDraft(template="form", missing="table")
    while len(table.rows) - 1 < len(rows):
        table.add_row()
    for number, row in enumerate(rows, 1):
        for at, value in enumerate(row):
            table.rows[number].cells[at].text = "" if value is None else str(value)


def _sign(document: WordDocument, picture: bytes) -> None:
    for table in document.tables:
        for row in table.rows:
            if "signature" in label("line", row.cells[0].text):
                row.cells[-1].paragraphs[0].add_run().add_picture(BytesIO(picture), width=Cm(4))
                return
    raise BadDraft(template="form", missing="signature")


def _fill_sheet(
    source: bytes,
    form: str,
    values: Mapping[str, str],
    rows: Sequence[Sequence[str | float | None]],
    receipts: Sequence[Sequence[str | float | date | None]],
) -> bytes:
    """Cells beside their labels, then the rows under the header; formulas of the form stay. A row without a number is the
    sum, typed over.
    """
    book = openpyxl.load_workbook(BytesIO(source))
    sheet = book.worksheets[0]
    left = set(values)
    header = 0
    for row in sheet.iter_rows():
        first = str(row[0].value or "")
        key = next((key for key in label("line", first, exact=True) if key in left), None) if first else None
        if key and not header:
            sheet.cell(row[0].row or 1, 3, values[key])
            left.discard(key)
        if sum(bool(label("column", str(cell.value or ""))) for cell in row) > 2:
            header = row[0].row
    if left or not header:
        raise BadDraft(template=form, missing=sorted(left) or "table")
    last = header
    while isinstance(sheet.cell(last + 1, 1).value, int):
        last += 1
    _grow(sheet, header, last, sum(row[0] is not None for row in rows))
    for number, values_of_row in enumerate(rows, header + 1):
        for at, value in enumerate(values_of_row, 1):
            if value is not None:
                sheet.cell(number, at, value)
        _heighten(sheet, number)
    register = next((one for one in book.worksheets if one.title in RECEIPTS.values()), None)
    if receipts and register is None:
        raise BadDraft(template=form, missing="receipts")
    for number, receipt in enumerate(receipts, _FIRST_RECEIPT):
        for at, value in enumerate(receipt, 2):
            register.cell(number, at, value)  # pyright: ignore[reportOptionalMemberAccess]
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _heighten(sheet: Worksheet, number: int) -> None:
    """A row as high as its longest text: a program that finds no height in the file gives it that of one line."""
    lines = 1
    for at, cell in enumerate(sheet[number], 1):
        if isinstance(cell.value, str) and not cell.value.startswith("="):
            lines = max(lines, ceil(len(cell.value) / sheet.column_dimensions[get_column_letter(at)].width))
    if lines > 1:
        sheet.row_dimensions[number].height = lines * _LINE


def _grow(sheet: Worksheet, header: int, last: int, count: int) -> None:
    """So many lines under the header: more like the `last` one; what stands below moves down, its sums are of all lines."""
    more = count - (last - header)
    if more <= 0:
        return
    below = [one for one in sheet.merged_cells.ranges if one.min_row > last]
    for one in below:
        sheet.unmerge_cells(one.coord)
    sheet.move_range(f"A{last + 1}:{get_column_letter(sheet.max_column)}{sheet.max_row}", rows=more)
    for one in below:
        one.shift(row_shift=more)
        sheet.merge_cells(one.coord)
    for row in range(last + 1, last + more + 1):
        for column in range(1, sheet.max_column + 1):
            model, cell = sheet.cell(last, column), sheet.cell(row, column)
            told = model.value
            if isinstance(told, str) and told.startswith("="):
                told = Translator(told, model.coordinate).translate_formula(cell.coordinate)
            sheet.cell(row, column, row - header if column == 1 else told)
            for name in _LOOKS:
                setattr(cell, name, copy(getattr(model, name)))
    cells: tuple[Any, ...] = sheet[last + more + 1]
    for cell in cells:
        if isinstance(cell.value, str) and cell.value.startswith("="):
            cell.value = re.sub(rf"(?<=[A-Z]){last}\b", str(last + more), cell.value)
