"""The second sheet of the financial report's form: the register of receipts."""

from collections.abc import Sequence
from typing import Any

from openpyxl.styles import Alignment, Border, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.workbook import Workbook

from documents.content import first_label
from documents.forms import RECEIPTS, REGISTER

_HELP = {
    "ky": "Мезгилдин ар бир чыгым документин өзүнчө сапка жазыңыз; сметанын сабы биринчи барактагыдай аталат.",
    "ru": "Каждый документ о расходе за период вносится отдельной строкой; строка сметы называется как на первом листе.",
    "en": "Enter each paper of expense of the period on a row of its own; budget lines are named as on the first sheet.",
}
_ROWS = 200
_WIDTHS: Sequence[float] = (5, 18, 14, 34, 38, 16)
_DAYS = 3  # the column of dates


def add(book: Workbook, language: str, *, fill: PatternFill, border: Border) -> None:
    """Puts the empty register into the form."""
    sheet: Any = book.create_sheet(RECEIPTS[language])
    bold, plain = Font(name="Arial", size=10, bold=True), Font(name="Arial", size=10)
    for row, text, font in ((1, RECEIPTS[language], bold), (2, _HELP[language], plain)):
        sheet.cell(row, 1, text).font = font
        sheet.merge_cells(start_row=row, start_column=1, end_row=row, end_column=len(_WIDTHS))
    heads = ["№", *(first_label(key, language, "register") for key in REGISTER)]
    for at, (head, width) in enumerate(zip(heads, _WIDTHS, strict=True), 1):
        cell = sheet.cell(3, at, head)
        cell.font, cell.fill, cell.border = bold, fill, border
        cell.alignment = Alignment(vertical="center", wrap_text=True)
        sheet.column_dimensions[get_column_letter(at)].width = width
        for row in range(4, 4 + _ROWS):
            sheet.cell(row, at).border = border
            if at == 1:
                sheet.cell(row, at, row - 3).font = plain
            if at == _DAYS:
                sheet.cell(row, at).number_format = "dd.mm.yyyy"
            if at == len(_WIDTHS):
                sheet.cell(row, at).number_format = "#,##0.00"
    sheet.freeze_panes = "A4"
    sheet.print_title_rows = "3:3"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", 9
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
