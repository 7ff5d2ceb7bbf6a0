"""What a report lacks, as the table a person corrects by: file, sheet or section, cell. As text for a letter, and as a workbook."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from itertools import groupby
from typing import Any, Final

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side

from schemas.places import form_of
from schemas.wording import say

Told = Mapping[str, Any]  # a remark as a letter carries it
_GRADES: Final = ("blocks", "to_cure", "notice")
_WIDTHS: Final = (5, 34, 24, 12, 70, 60, 16)
_SHADE: Final = PatternFill("solid", fgColor="E8EEF5")
_LINE: Final = Side(style="thin", color="9FB2C8")


@dataclass(frozen=True)
class FaultRow:
    """One row: where it is, what is wrong, what cures it, how serious it is; in the words of its reader."""

    file: str
    section: str
    cell: str
    what: str
    cure: str
    grade: str


def rows(remarks: Sequence[Told], language: str) -> list[FaultRow]:
    """All remarks of a report: file by file, what is of no single file last; within a file by sheet, page or table, and cell."""
    return [_row(one, language) for one in sorted(remarks, key=_order)]


def _order(one: Told) -> tuple[Any, ...]:
    place = form_of(_place(one))
    code, where = place or ("", {})
    numbers = [int(value) if value.isdigit() else 0 for value in where.values()]
    column = where.get("cell", "").rstrip("0123456789")
    row = int(where["cell"].removeprefix(column)) if "cell" in where else 0
    file = str(one.get("file") or "")
    return (not file, file, not code, code, where.get("sheet", ""), numbers, row, len(column), column, one["rule"])


def _place(one: Told) -> str:
    return f"page {one['page']}" if one.get("page") else str(one["facts"].get("place") or "")


def _row(one: Told, language: str) -> FaultRow:
    facts = dict(one["facts"])
    code, where = form_of(_place(one)) or ("", {})
    cell = where.get("cell") or where.get("row") or ""
    if code == "place.sheet":
        section = where["sheet"]
    elif code == "place.table":
        section = say("paper.faults.table", language, number=where["table"])
    else:
        section = say(code, language, **where) if code else ""
    cure = "" if one["severity"] == "notice" else say(f"rule.{one['rule']}.cure", language, **facts)
    return FaultRow(
        file=str(one.get("file") or ""),
        section=section,
        cell=cell,
        what=say(f"rule.{one['rule']}", language, **facts),
        cure=cure,
        grade=say(f"severity.{one['severity']}", language),
    )


def text(table: Sequence[FaultRow], language: str) -> str:
    """The table as lines of a letter, numbered through; a heading for each file and each sheet or section of it."""
    return "\n".join(_lines(table, language))


def _lines(table: Sequence[FaultRow], language: str) -> Iterator[str]:
    number = 0
    for file, of_file in groupby(table, key=lambda row: row.file):
        yield file or say("paper.faults.whole", language)
        for section, of_section in groupby(of_file, key=lambda row: row.section):
            if section:
                yield f"  {section}"
            for row in of_section:
                number += 1
                yield f"    {number}. {f'{row.cell}: ' if row.cell else ''}{row.what} ({row.grade})"
                if row.cure:
                    yield f"       → {row.cure}"
        yield ""
    yield say("paper.faults.again", language)


def workbook(table: Sequence[FaultRow], language: str, *, about: str) -> bytes:
    """The table as xlsx: `about` is its title. What a stranger wrote is text there and never a formula."""
    book = Workbook()
    sheet: Any = book.active
    sheet.title = say("paper.faults.sheet", language)[:31]
    heads = ("number", "file", "section", "cell", "what", "cure", "grade")
    sheet.append([about])
    sheet.append([])
    sheet.append([say(f"paper.faults.{one}", language) for one in heads])
    for number, row in enumerate(table, 1):
        sheet.append([number])
        for at, value in enumerate((row.file, row.section, row.cell, row.what, row.cure, row.grade), 2):
            cell = sheet.cell(sheet.max_row, at)
            cell.value = ILLEGAL_CHARACTERS_RE.sub("", value)
            cell.data_type = "s"
    for line in sheet.iter_rows(min_row=3, max_col=len(heads)):
        for cell in line:
            cell.alignment = Alignment(vertical="top", wrap_text=True)
            cell.border = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
    for cell in sheet[3]:
        cell.font, cell.fill = Font(bold=True), _SHADE
    sheet["A1"].font = Font(bold=True, size=12)
    sheet.cell(sheet.max_row + 2, 2, say("paper.faults.again", language)).font = Font(bold=True)
    for at, width in enumerate(_WIDTHS):
        sheet.column_dimensions["ABCDEFG"[at]].width = width
    sheet.freeze_panes = "A4"
    sheet.page_setup.orientation, sheet.page_setup.fitToHeight = "landscape", 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    out = BytesIO()
    book.save(out)
    return out.getvalue()
