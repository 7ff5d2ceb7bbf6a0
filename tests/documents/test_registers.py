"""Registers of reports, whoever drew the table, and the day that a photograph carries."""

from collections.abc import Sequence
from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from openpyxl import Workbook, load_workbook
from PIL import Image

from documents import forms, reading
from documents.content import Grid
from documents.registers import checkpoints, expenses, is_register
from schemas.facts import Facts, Fault, Kind

LIMIT = 5_000_000


def read(tmp_path: Path, name: str, content: bytes) -> Facts:
    path = tmp_path / name
    path.write_bytes(content)
    return reading.read(path, name, file_limit=LIMIT)


def short(found: Facts) -> list[tuple[Any, ...]]:
    return [(one.number, one.dated, one.payee, one.line, one.amount) for one in found.expenses]


@pytest.mark.parametrize("language", ["ky", "ru", "en"])
def test_the_second_sheet_of_the_form_is_its_register(tmp_path: Path, language: str) -> None:
    rows = [("7/1", date(2018, 11, 5), "ОсОО Ак", "Салыктар", 1500.5), (8, "06.11.2018", "Ак", "Жабдуу", "2 000,00")]
    money = [(1, "Салыктар", 2000, 1500.5), (2, "Жабдуу", 2000, 2000)]
    told = {"number": "BATKEN-2018-1/1", "period": "1", "opening": "0", "received": "5 000", "closing": "1 499,50"}
    found = read(tmp_path, "a.xlsx", forms.fill("financial-report", language, told, money, receipts=rows))
    assert found.kind is Kind.FINANCIAL_REPORT
    assert short(found) == [
        ("7/1", "2018-11-05", "ОсОО Ак", "Салыктар", 150_050),
        ("8", "2018-11-06", "Ак", "Жабдуу", 200_000),
    ]
    sheet = forms.RECEIPTS[language]
    assert [one.place for one in found.expenses] == [f"sheet {sheet}, F4", f"sheet {sheet}, F5"]
    assert [(one.name, one.total) for one in found.lines] == [("Салыктар", 150_050), ("Жабдуу", 200_000)]
    assert [found.amount(key) for key in ("opening", "received", "closing")] == [0, 500_000, 149_950]


def own_book(rows: Sequence[Sequence[object]]) -> bytes:
    book = Workbook()
    first: Any = book.active
    first.title = "Свод"
    for row in (["Финансовый отчёт"], ["Договор №", "B-1"], [], ["Статья", "План", "Факт"], ["Рейды", 9000, 8000]):
        first.append(row)
    second = book.create_sheet("Реестр расходов")
    for row in rows:
        second.append(row)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_register_in_a_book_of_ones_own_is_read_and_its_sum_is_no_receipt(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "отчёт.xlsx",
        own_book(
            [
                ["Реестр документов"],
                ["п/п", "Дата", "Поставщик", "Номер чека", "Статья", "Сумма, сом"],
                [1, datetime(2018, 11, 5, 12, 30), "ИП Асанов", "15", "Рейды", 3000],
                [2, None, "", "", "", None],
                [3, "7 ноября 2018 г.", "ИП Асанов", "16", "Рейды", "5 000"],
                ["", "", "Итого", "", "", 8000],
            ]
        ),
    )
    assert short(found) == [
        ("15", "2018-11-05", "ИП Асанов", "Рейды", 300_000),
        ("16", "2018-11-07", "ИП Асанов", "Рейды", 500_000),
    ]
    assert ([one.total for one in found.lines], found.arithmetic_holds) == ([800_000], True)
    assert found.text("number") == "B-1"


def test_a_register_in_a_word_table_is_read(tmp_path: Path) -> None:
    document = Document()
    document.add_paragraph("Финансылык отчёт")
    for rows in (
        [("Берене", "План", "Факт"), ("Рейд", "9000", "8000")],
        [("Чек №", "Күнү", "Алуучу", "Берене", "Суммасы"), ("15", "05.11.2018", "Асанов", "Рейд", "8 000 сом")],
    ):
        table = document.add_table(0, len(rows[0]))
        for row in rows:
            for cell, text in zip(table.add_row().cells, row, strict=True):
                cell.text = text
    out = BytesIO()
    document.save(out)
    found = read(tmp_path, "отчёт.docx", out.getvalue())
    assert short(found) == [("15", "2018-11-05", "Асанов", "Рейд", 800_000)]
    assert found.expenses[0].place == "table 2, row 2"


@pytest.mark.parametrize("language", ["ky", "ru", "en"])
def test_the_steps_of_the_programme_form_are_read_with_both_days(tmp_path: Path, language: str) -> None:
    rows = [("Жыйын", "05.11.2018", "7 ноября 2018 г."), ("Рейд", "10.11.2018", ""), ("", "", "")]
    results = [("Үй-бүлө", "", "", "100", "40")]
    told = {"number": "B-1", "period": "1"}
    found = read(tmp_path, "a.docx", forms.fill("programme-report", language, told, results, checkpoints=rows))
    assert found.kind is Kind.PROGRAMME_REPORT
    assert [(one.name, one.planned, one.actual) for one in found.checkpoints] == [
        *(("Жыйын", "2018-11-05", "2018-11-07"), ("Рейд", "2018-11-10", ""))
    ]
    assert [one.place.startswith("table ") for one in found.checkpoints] == [True, True]
    assert [(one.name, one.reached) for one in found.indicators] == [("Үй-бүлө", 40)]
    assert "dated" not in found.values
    assert checkpoints(Grid([["Этап", "Факт"]], "sheet A", sheet=True)) == []


def test_a_budget_is_no_register() -> None:
    grid = Grid([["Статья", "План", "Факт", "Остаток"], ["Рейды", 9000, 8000, 1000]], "sheet A", sheet=True)
    assert (is_register(grid), expenses(grid), is_register(Grid([], "sheet B"))) == (False, [], False)


def picture(**exif: str) -> bytes:
    image, out = Image.new("RGB", (40, 30), "green"), BytesIO()
    told = image.getexif()
    if "taken" in exif:
        told.get_ifd(0x8769)[0x9003] = exif["taken"]
    if "written" in exif:
        told[0x0132] = exif["written"]
    image.save(out, "JPEG", exif=told)
    return out.getvalue()


@pytest.mark.parametrize(
    ("exif", "day"),
    [
        ({"taken": "2018:11:05 14:30:00"}, date(2018, 11, 5)),
        ({"taken": "2018:11:05 14:30:00", "written": "2020:01:01 00:00:00"}, date(2018, 11, 5)),
        ({"written": "2018:11:06 00:00:00"}, date(2018, 11, 6)),
        ({"taken": "0000:00:00 00:00:00"}, None),
        ({"taken": "yesterday"}, None),
        ({}, None),
    ],
)
def test_a_photograph_tells_the_day_its_camera_wrote(tmp_path: Path, exif: dict[str, str], day: date | None) -> None:
    assert read(tmp_path, "a.jpg", picture(**exif)).day("taken_on") == day


@pytest.mark.parametrize(
    ("language", "title"),
    [("ky", "Четтөөнүн себеби"), ("ru", "Причина отклонения"), ("en", "Reason for variance")],
)
def test_a_column_of_reasons_explains_its_lines(tmp_path: Path, language: str, title: str) -> None:
    told = {"number": "B-1", "period": "1"}
    lines = [(1, "Рейд", 10, 15), (2, "Жыйын", 10, 10)]
    book = load_workbook(BytesIO(forms.fill("financial-report", language, told, lines)))
    sheet = book.worksheets[0]
    (head,) = [row for row in range(1, 20) if sheet.cell(row + 1, 1).value == 1]
    sheet.cell(head, 7, title)
    sheet.cell(head + 1, 7, "баа өстү")
    sheet.cell(head + 2, 7, "—")
    out = BytesIO()
    book.save(out)
    assert read(tmp_path, "a.xlsx", out.getvalue()).explanations == {"Рейд": "баа өстү"}


@pytest.mark.parametrize("language", ["ky", "ru", "en"])
def test_the_milestones_of_the_application_form_are_read_with_their_day(tmp_path: Path, language: str) -> None:
    steps = [("Контейнерлер коюлду", "30.11.2018"), ("Сабактар", "")]
    found = read(tmp_path, "a.docx", forms.fill("application-form", language, {"title": "x"}, checkpoints=steps))
    assert found.kind is Kind.PROJECT
    assert [(one.name, one.planned, one.actual) for one in found.checkpoints] == [
        ("Контейнерлер коюлду", "2018-11-30", "")
    ]


def test_a_plan_gives_the_milestones_that_have_a_day_and_of_a_span_the_last(tmp_path: Path) -> None:
    document = Document()
    document.add_paragraph("Иш-чаралардын планы")
    table = document.add_table(0, 3)
    for row in (
        ("Этап", "Аткаруу мөөнөтү", "Жооптуу"),
        ("Рейд", "01.10.2018 – 05.11.2018", "Асанов"),
        ("Жыйын", "ноябрь", "Асанов"),
    ):
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = text
    out = BytesIO()
    document.save(out)
    found = read(tmp_path, "план.docx", out.getvalue())
    assert [(one.name, one.planned) for one in found.checkpoints] == [("Рейд", "2018-11-05")]
    assert found.kind is Kind.PLAN


def rows_of(count: int, sheets: int = 1) -> bytes:
    """A register of so many rows, the head among them, behind so many sheets of one cell."""
    book = Workbook(write_only=True)
    for number in range(1, sheets):
        book.create_sheet(f"S{number}").append(["Финансовый отчёт"])
    register = book.create_sheet("Реестр")
    register.append(["№ чека", "Дата", "Сумма"])
    for number in range(1, count):
        register.append([f"1/{number}", "05.11.2018", 10])
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_sheet_is_read_to_the_limit_and_what_lies_beyond_is_told(tmp_path: Path) -> None:
    whole, cut = read(tmp_path, "a.xlsx", rows_of(5_000)), read(tmp_path, "b.xlsx", rows_of(5_001))
    assert (whole.faults, whole.values.get("rows_cut")) == ([], None)
    assert (cut.faults, cut.values["rows_cut"].place) == ([Fault.ROWS_CUT], "sheet Реестр, A5000")


def test_a_workbook_of_too_many_sheets_says_where_it_was_left(tmp_path: Path) -> None:
    whole, cut = read(tmp_path, "a.xlsx", rows_of(3, 40)), read(tmp_path, "b.xlsx", rows_of(3, 41))
    assert (whole.faults, cut.faults) == ([], [Fault.ROWS_CUT])
    assert cut.values["rows_cut"].place == "sheet Реестр, A1"
