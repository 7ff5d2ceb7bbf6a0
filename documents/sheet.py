"""Workbooks: figures as they stand, with the cell that each came from."""

import re
import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

from python_calamine import CalamineWorkbook, SheetVisibleEnum

from documents.content import Cell, Content, Grid, words
from schemas.facts import Fault

ROWS = 5_000  # rows of one sheet that are read; a budget has 60, the largest honest one seen had 2,000
_SHEETS = 40
_FORM_SHEET = "_form"
_PART = re.compile(r"xl/worksheets/[^/]+\.xml")
# a cell with something in it: programs give a look to empty ones out to the last column
# (nothing without a bound: a tag may be as long as the file)
_FAR = re.compile(
    rb'<(?:\w{1,20}:)?c\s(?:[^<>]{0,200}?\s)?r="([A-Z]{3}[0-9]{1,7}|[A-Z]{2}[0-9]{5,7}|[A-Z][0-9]{6,7})"[^<>]{0,200}(?<!/)>'
    rb"\s{0,20}<(?:\w{1,20}:)?(?:v|is|f)\b"
)
_PERHAPS_FAR = re.compile(rb'r="(?:[A-Z]{3}|[A-Z]{2}[0-9]{5}|[A-Z][0-9]{6})')  # seven times as fast, and rarely there
_LONGEST_CELL, _CHUNK = 1_000, 1 << 20  # bytes of a cell's beginning, and of a part at a time
_COLUMNS = 256  # of a sheet with a cell far out that are read


def read(path: Path) -> Content:
    """An .xlsx or .xls as content, with a fault where it goes on beyond what is read.

    Raises what calamine raises when the file is broken or has a password.
    """
    content = Content()
    far = _far_out(path)
    if far:
        _sparse(path, far, content)
    else:
        _dense(path, content)
    if content.cut_at:
        content.faults.append(Fault.ROWS_CUT)
    if not content.grids:
        content.text_layer = False
        content.faults.append(Fault.NO_TEXT)
    return content


def _far_out(path: Path) -> dict[str, str]:
    """By the sheet's part a cell that stands so far out that all cells up to it would fill the memory: a slip of the hand."""
    found: dict[str, str] = {}
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            for name in filter(_PART.fullmatch, archive.namelist()):
                with archive.open(name) as part:
                    before = b""
                    while chunk := part.read(_CHUNK):
                        text = before + chunk
                        if _PERHAPS_FAR.search(text) and (match := _FAR.search(text)):
                            found[name] = match[1].decode()
                            break
                        before = text[-_LONGEST_CELL:]
    return found


def _sparse(path: Path, far: dict[str, str], content: Content) -> None:
    """What stands near the beginning of each sheet, by a slower reader that makes no cell of nothing."""
    from openpyxl import load_workbook  # noqa: PLC0415 -- seldom needed
    from openpyxl.utils.exceptions import InvalidFileException  # noqa: PLC0415

    try:
        book = load_workbook(path, read_only=True, data_only=True)
    except InvalidFileException as broken:
        raise ValueError(path.name) from broken
    for sheet in book.worksheets[:_SHEETS]:
        name = sheet.title
        if sheet.sheet_state != "visible" and name != _FORM_SHEET:
            continue
        rows: list[list[Cell]] = []
        for row in sheet.iter_rows(max_row=ROWS, max_col=_COLUMNS, values_only=True):
            rows.append([None if cell is None or cell == "" else _cell(cell) for cell in row])
            while rows[-1] and rows[-1][-1] is None:
                rows[-1].pop()
        if name == _FORM_SHEET:
            content.form = words(rows[0][0]) if rows and rows[0] else ""
            continue
        place: Any = sheet
        if cell := far.get(str(place._worksheet_path).lstrip("/")):  # noqa: SLF001 -- no other way from a sheet to its part
            content.cut_at = content.cut_at or f"sheet {name}, {cell}"
        width = max(map(len, rows), default=0)
        _keep(content, name, [[*row, *[None] * (width - len(row))] for row in rows], (0, 0))


def _dense(path: Path, content: Content) -> None:
    with CalamineWorkbook.from_path(str(path)) as book:
        if len(book.sheet_names) > _SHEETS:
            content.cut_at = f"sheet {book.sheet_names[_SHEETS]}, A1"
        # what nobody sees who opens the file, a draft of it or the lists of another year, is not the paper
        shown = {one.name for one in book.sheets_metadata if one.visible is SheetVisibleEnum.Visible}
        for name in (one for one in book.sheet_names[:_SHEETS] if one in shown or one == _FORM_SHEET):
            sheet = book.get_sheet_by_name(name)
            start = sheet.start or (0, 0)
            rows: list[list[Cell]] = [
                [None if cell == "" else _cell(cell) for cell in row] for row in sheet.to_python(nrows=ROWS)
            ]
            if name == _FORM_SHEET:
                content.form = words(rows[0][0]) if rows and rows[0] else ""
                continue
            if sheet.height > ROWS and not content.cut_at:
                content.cut_at = f"sheet {name}, A{start[0] + ROWS}"
            _keep(content, name, rows, start)


def _keep(content: Content, name: str, rows: list[list[Cell]], start: tuple[int, int]) -> None:
    while rows and not any(words(cell) for cell in rows[-1]):
        rows.pop()
    if rows:
        content.grids.append(Grid(rows, f"sheet {name}", sheet=True, first_row=start[0] + 1, first_column=start[1] + 1))


def _cell(value: object) -> Cell:
    return value if isinstance(value, (str, int, float, bool, date, datetime)) else str(value)
