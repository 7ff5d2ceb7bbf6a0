"""Workbooks: figures as they stand, with the cell that each came from."""

from datetime import date, datetime
from pathlib import Path

from python_calamine import CalamineWorkbook

from documents.content import Cell, Content, Grid, words
from schemas.facts import Fault

_ROWS = 5_000  # rows of one sheet that are read; a budget has 60, the largest honest one seen had 2,000
_SHEETS = 40
_FORM_SHEET = "_form"


def read(path: Path) -> Content:
    """An .xlsx or .xls as content. Raises what calamine raises when the file is broken or has a password."""
    content = Content()
    with CalamineWorkbook.from_path(str(path)) as book:
        for name in book.sheet_names[:_SHEETS]:
            sheet = book.get_sheet_by_name(name)
            start = sheet.start or (0, 0)
            rows: list[list[Cell]] = [
                [None if cell == "" else _cell(cell) for cell in row] for row in sheet.to_python(nrows=_ROWS)
            ]
            if name == _FORM_SHEET:
                content.form = words(rows[0][0]) if rows and rows[0] else ""
                continue
            while rows and not any(words(cell) for cell in rows[-1]):
                rows.pop()
            if rows:
                content.grids.append(
                    Grid(rows, f"sheet {name}", sheet=True, first_row=start[0] + 1, first_column=start[1] + 1)
                )
    if not content.grids:
        content.text_layer = False
        content.faults.append(Fault.NO_TEXT)
    return content


def _cell(value: object) -> Cell:
    return value if isinstance(value, (str, int, float, bool, date, datetime)) else str(value)
