"""A workbook holds every figure as a figure, and no stranger's text as a formula."""

from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO

import pytest
from openpyxl import load_workbook

from documents.export import Sheet, plain, workbook

AT = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)


def read(rows: list[list[object]]) -> list[list[object]]:
    book = load_workbook(BytesIO(workbook([Sheet("Мезгилдер", ["a"] * len(rows[0]), rows)], AT)))
    return [[one.value for one in row] for row in book["Мезгилдер"].iter_rows(min_row=2)]


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "  =HYPERLINK(1)", "=cmd|' /C calc'!A0", "\n=1", "\r=1"]
)
def test_no_text_is_a_formula(text: str):
    content = workbook([Sheet("x", ["x"], [[text]])], AT)
    cell = load_workbook(BytesIO(content)).active["A2"]

    assert cell.data_type == "s"
    assert str(cell.value).startswith("'")


def test_other_text_and_figures_stay_as_they_are():
    row = ["«Таза муун», 5-4 @", "0012", Decimal("1234.05"), 7, date(2026, 3, 31), None]

    assert read([row]) == [["«Таза муун», 5-4 @", "0012", 1234.05, 7, datetime(2026, 3, 31), None]]


def test_signs_that_no_workbook_takes_are_shown_as_such():
    assert plain("a\x00b\x1f") == "a\ufffdb\ufffd"
    assert len(plain("x" * 40_000)) == 32_767


def test_a_title_that_no_sheet_may_have_is_cut():
    assert load_workbook(BytesIO(workbook([Sheet("a/b:" + "x" * 40, ["x"], [])], AT))).sheetnames == ["a b " + "x" * 27]
