"""Workbooks: figures as they stand, with the cell that each came from."""

from datetime import date, datetime
from pathlib import Path

from python_calamine import CalamineWorkbook, SheetVisibleEnum

from documents.content import Cell, Content, Grid, words
from schemas.facts import Fault

ROWS = 5_000  # rows of one sheet that are read; a budget has 60, the largest honest one seen had 2,000
_SHEETS = 40
_FORM_SHEET = "_form"


def read(path: Path) -> Content:
    """An .xlsx or .xls as content, with a fault where it goes on beyond what is read.

    Raises what calamine raises when the file is broken or has a password.
    """
    content = Content()
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
            while rows and not any(words(cell) for cell in rows[-1]):
                rows.pop()
            if rows:
                content.grids.append(
                    Grid(rows, f"sheet {name}", sheet=True, first_row=start[0] + 1, first_column=start[1] + 1)
                )
    if content.cut_at:
        content.faults.append(Fault.ROWS_CUT)
    if not content.grids:
        content.text_layer = False
        content.faults.append(Fault.NO_TEXT)
    return content


def _cell(value: object) -> Cell:
    return value if isinstance(value, (str, int, float, bool, date, datetime)) else str(value)
