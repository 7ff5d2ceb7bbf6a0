"""The table of what a report lacks: in the order a person corrects it, in each language, safe to open."""

from io import BytesIO
from typing import Any

import pytest
from openpyxl import load_workbook

from documents import faults


def told(rule: str, place: str = "", *, file: str = "", page: int = 0, severity: str = "to_cure", **facts: Any):
    more = {"place": place} if place else {}
    return {"rule": rule, "severity": severity, "file": file, "page": page, "facts": {**facts, **more}}


REMARKS = [
    told("late_report", severity="notice", due="2019-01-14"),
    told("line_missing", file="смета.xlsx", line="Жабдуу"),
    told("receipt_twice", "sheet Чектер, F10", file="смета.xlsx", number="7", amount_tyiyn=5_000),
    told("receipt_twice", "sheet Чектер, F9", file="смета.xlsx", number="6", amount_tyiyn=5_000),
    told("line_unknown", "sheet Отчёт, B12", file="смета.xlsx", line="=HYPERLINK(1)", spent_tyiyn=50_000),
    told("indicator_fell", "table 3, row 10", file="отчёт.docx", indicator="Б", reached=1, before=2),
    told("indicator_fell", "table 3, row 2", file="отчёт.docx", indicator="А", reached=1, before=2),
    told("report_unreadable", file="a.pdf", page=2, code="", name="a.pdf", fault="damaged"),
]


def test_faults_stand_file_by_file_sheet_by_sheet_and_cell_by_cell():
    table = faults.rows(REMARKS, "ru")
    assert [(one.file, one.section, one.cell) for one in table] == [
        ("a.pdf", "страница 2", ""),
        ("отчёт.docx", "таблица 3", "2"),
        ("отчёт.docx", "таблица 3", "10"),
        ("смета.xlsx", "Отчёт", "B12"),
        ("смета.xlsx", "Чектер", "F9"),
        ("смета.xlsx", "Чектер", "F10"),
        ("смета.xlsx", "", ""),
        ("", "", ""),
    ]
    assert (table[-1].cure, table[-1].grade) == ("", "замечание")
    assert all(one.cure for one in table[:-1])


@pytest.mark.parametrize(
    ("language", "again"),
    [("ky", "Оңдоп, кайра жөнөтүңүз."), ("ru", "Исправьте и отправьте снова."), ("en", "Correct and send again.")],
)
def test_the_letter_numbers_all_faults_and_asks_to_correct_and_send_again(language: str, again: str):
    text = faults.text(faults.rows(REMARKS, language), language)
    lines = text.splitlines()
    assert lines[-1] == again
    assert [line for line in lines if line and line[0] != " "][:3] == ["a.pdf", "отчёт.docx", "смета.xlsx"]
    assert [number for number in range(1, 20) if f"    {number}. " in text] == list(range(1, 9))
    assert "F9: " in text
    assert "⟨" not in text


@pytest.mark.parametrize("language", ["ky", "ru", "en"])
def test_the_workbook_has_the_same_rows_and_no_formula(language: str):
    table = faults.rows(REMARKS, language)
    book = load_workbook(BytesIO(faults.workbook(table, language, about="№ 1")))
    sheet = book.worksheets[0]
    kept = [[cell.value or "" for cell in row] for row in sheet.iter_rows(min_row=4, max_row=11, min_col=2, max_col=7)]
    assert kept == [[one.file, one.section, one.cell, one.what, one.cure, one.grade] for one in table]
    assert "f" not in {cell.data_type for row in sheet.iter_rows() for cell in row}
    assert faults.workbook([faults.FaultRow("=1+1", "\x07", "", "=cmd", "", "")], language, about="x")


def test_what_a_stranger_wrote_into_a_table_stays_text():
    row = faults.FaultRow("=1+1", "a\x07b", "B2", "=cmd|' /C calc'!A0", "", "")
    sheet = load_workbook(BytesIO(faults.workbook([row], "ru", about="x"))).worksheets[0]
    assert [(cell.value, cell.data_type) for cell in sheet[4][1:5]] == [
        *(("=1+1", "s"), ("ab", "s"), ("B2", "s"), ("=cmd|' /C calc'!A0", "s"))
    ]
