"""Rows as a workbook. What a stranger wrote stays text: no cell of it is ever reckoned by the program that opens it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Final

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

_ACTING: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
_FORBIDDEN: Final = re.compile(r"[\[\]:*?/\\']")
_LONGEST: Final = 32_767  # signs that a cell holds
_WIDE: Final = 60

Value = str | int | Decimal | date | None


@dataclass(frozen=True)
class Sheet:
    """A sheet of a workbook: Decimal is money in som, int a count."""

    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[Value]]


def workbook(sheets: Sequence[Sheet], at: datetime) -> bytes:
    """The file's bytes; `at` is when it was made."""
    made = Workbook(write_only=True)
    made.properties.created = made.properties.modified = at.replace(tzinfo=None, microsecond=0)
    made.properties.creator = "Ashar"
    for sheet in sheets:
        page = made.create_sheet(_FORBIDDEN.sub(" ", sheet.title)[:31])
        page.freeze_panes = "A2"
        for at_column, name in enumerate(sheet.head):
            longest = max((len(_shown(row[at_column])) for row in sheet.rows), default=0)
            page.column_dimensions[get_column_letter(at_column + 1)].width = min(max(len(name), longest, 8) + 2, _WIDE)
        page.append([_head(page, name) for name in sheet.head])
        for row in sheet.rows:
            page.append([_cell(page, value) for value in row])
    out = BytesIO()
    made.save(out)
    return out.getvalue()


def plain(text: str) -> str:
    """Text that no program takes for a formula: an apostrophe stands before a sign that would begin one."""
    clean = ILLEGAL_CHARACTERS_RE.sub("\ufffd", text)
    return (f"'{clean}" if clean.lstrip(" ").startswith(_ACTING) else clean)[:_LONGEST]


def _shown(value: Value) -> str:
    return f"{value:,.2f}" if isinstance(value, Decimal) else "" if value is None else str(value)


def _head(page: object, name: str) -> Cell:
    cell = WriteOnlyCell(page, value=plain(name))  # pyright: ignore[reportArgumentType] -- a sheet of a workbook that is only written
    cell.font = Font(bold=True)
    cell.fill = PatternFill("solid", fgColor="EEF1F4")
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    return cell


def _cell(page: object, value: Value) -> Cell:
    cell = WriteOnlyCell(page, value=plain(value) if isinstance(value, str) else value)  # pyright: ignore[reportArgumentType] -- as above
    if isinstance(value, Decimal):
        cell.number_format = "#,##0.00"
    elif isinstance(value, date):
        cell.number_format = "yyyy-mm-dd"
    elif isinstance(value, str):
        cell.data_type = "s"  # a number written as text stays one
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    return cell
