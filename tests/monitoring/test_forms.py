"""The forms of a period's report come filled in; with the facts alone put in, they are read back without a remark."""

from collections.abc import Callable
from contextlib import nullcontext
from datetime import date
from email import message_from_bytes, policy
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from docx import Document

from documents import reading, words
from documents.content import label
from documents.forms import RECEIPTS
from flows.papers.report_forms import Form, report_forms
from flows.steps import monitoring
from schemas.contract import Contract
from schemas.customer import Language
from schemas.doer import CLOCK
from schemas.errors import NotFound
from schemas.event import Act
from schemas.facts import Checkpoint, Indicator
from schemas.outbox import Errand
from schemas.report import PeriodStatus
from storage.ledger import Because
from storage.work import looking
from tests.offices import Desk
from tests.rules.makers import contract, period, report

Open = Callable[..., Desk]
SPENT = 1_000  # som, on the first line


def speaks(desk: Desk, language: str) -> None:
    """The contractor's letters and forms are in this language; the contract has a milestone."""
    with desk.office.acting(CLOCK, Act.REPORT_READ) as work:
        row = work.get(Contract, desk.contract().id)
        row.language = Language(language)
        row.milestones = [Checkpoint(name="Контейнерлер коюлду", planned="2018-11-30").model_dump()]
        work.record(Act.REPORT_READ, row, because=Because(reason="тил"))


def handed_out(desk: Desk, number: int) -> list[Form]:
    with looking(desk.office.engine, desk.office.system) as look:
        return monitoring.forms_of(look, desk.period(number))


def programme_with_facts(form: Form, reached: int, done: str) -> bytes:
    document = Document(BytesIO(form.content))
    for table in document.tables:
        head = [cell.text for cell in table.rows[0].cells]
        for row in table.rows[1:] if "indicator" in label("column", head[0]) else ():
            row.cells[-1].text = str(reached) if row.cells[0].text else ""
        for row in table.rows[1:] if "name" in label("steps", head[0]) else ():
            row.cells[-1].text = done if row.cells[0].text else ""
    out = BytesIO()
    document.save(out)
    return out.getvalue()


def financial_with_facts(form: Form, language: str, day: date, *, received: float, closing: float) -> bytes:
    book = openpyxl.load_workbook(BytesIO(form.content))
    sheet = book.worksheets[0]
    (first,) = [row for row in range(1, 40) if sheet.cell(row, 1).value == 1]
    name = sheet.cell(first, 2).value
    for row in range(first, first + 25):
        if sheet.cell(row, 2).value:
            sheet.cell(row, 4, SPENT if row == first else 0)
    for row in range(1, first):
        keys = label("line", str(sheet.cell(row, 1).value or ""), exact=True)
        for key, value in (("received", received), ("closing", closing)):
            if key in keys:
                sheet.cell(row, 3, f"{value:.2f}")
    for at, value in enumerate(("1", f"{day:%d.%m.%Y}", "«Ак-Соода»", name, SPENT), 2):
        book[RECEIPTS[language]].cell(4, at, value)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize("language", ["ky", "ru", "en"])
def test_with_the_facts_alone_put_in_a_form_is_read_without_a_remark(
    desk_at: Open, tmp_path: Path, language: str
) -> None:
    desk = desk_at("reporting")
    speaks(desk, language)
    one = desk.period(1)
    # what is spent is what the period's plan gives, else there would be a variance to explain
    with desk.office.acting(CLOCK, Act.REPORT_READ) as work:
        row = work.get(type(one), one.id)
        row.lines = [{**line, "amount": SPENT * 100 if not at else 0} for at, line in enumerate(one.lines)]
        work.record(Act.REPORT_READ, row, because=Because(reason="план"))
    programme, financial = handed_out(desk, 1)
    folder = tmp_path / "package"
    folder.mkdir()
    folder.joinpath(programme.name).write_bytes(programme_with_facts(programme, 1_000, "30.11.2018"))
    paid = desk.tranche(1).amount / 100
    told = financial_with_facts(financial, language, date(2018, 11, 5), received=paid, closing=paid - SPENT)
    folder.joinpath(financial.name).write_bytes(told)
    monitoring.hand_in_report(desk.office, desk.ngo(1), desk.contract().id, 1, folder)
    assert desk.work().troubles == []

    read = monitoring.latest(desk.office, one.id)
    assert [(remark["rule"], remark["facts"]) for remark in read.remarks] == []
    assert (read.spent, read.opening, read.closing) == (SPENT * 100, 0, round(paid * 100) - SPENT * 100)
    assert [(step["name"], step["actual"]) for step in read.checkpoints] == [("Контейнерлер коюлду", "2018-11-30")]
    assert [row["baseline"] for row in read.indicators] == [row["baseline"] for row in desk.contract().indicators]
    monitoring.accept(desk.office, desk.who("coordinator"), one.id)

    # what was left is where the next one begins
    again = openpyxl.load_workbook(BytesIO(handed_out(desk, 2)[1].content)).worksheets[0]
    assert words.money(round(paid * 100) - SPENT * 100, "ru").replace(words.NBSP, " ") in [
        again.cell(row, 3).value for row in range(3, 13)
    ]


def test_the_letters_that_ask_for_a_report_bring_its_forms_in_the_contractors_language(desk_at: Open) -> None:
    desk = desk_at("reporting")
    letters = sorted((desk.home / "outbox").glob("*.eml"))
    told = [message_from_bytes(one.read_bytes(), policy=policy.default) for one in letters]
    (opened,) = [one for one in told if len(list(one.iter_attachments())) == 2 and "мезгил" in one["subject"]]
    assert [part.get_filename() for part in opened.iter_attachments()] == [
        "Программалык отчёт BATKEN-2018-1-1 1-2.docx",
        "Финансылык отчёт BATKEN-2018-1-1 1-2.xlsx",
    ]
    assert desk.work(Errand.SEND_LETTER).troubles == []


def test_a_contractor_gets_the_forms_of_his_own_contract(desk_at: Open) -> None:
    desk = desk_at("reporting")
    for number, refused in ((1, nullcontext()), (3, pytest.raises(NotFound))):
        contractor = desk.ngo(number)
        with desk.office.looking(contractor) as look, refused:
            assert len(monitoring.forms_of(look, desk.period(1), contractor)) == 2


def rows(form: Form) -> list[tuple[object, ...]]:
    sheet = openpyxl.load_workbook(BytesIO(form.content)).worksheets[0]
    return [tuple(row) for row in sheet.iter_rows(min_row=1, max_row=20, max_col=4, values_only=True)]


TOLD = {"organisation": "«Таза Баткен» КФ", "title": "Таза шаар", "head": "Нурматов А."}


def test_the_form_of_the_final_report_has_the_whole_budget_and_begins_with_nothing() -> None:
    last = period(3, PeriodStatus.OPEN, of=3, final=True, whole=True, ends=date(2019, 3, 31))
    _, financial = report_forms(contract(), last, [report(2, closing=700)], **TOLD)

    table = rows(financial)
    assert [row[1:3] for row in table if row[0] in (1, 2)] == [("Салыктар", 30_000), ("Жабдуу", 20_000)]
    told = {row[0]: row[2] for row in table if row[0]}
    assert "3 (3 ичинен), бүткүл долбоор боюнча жыйынтыктоочу отчёт" in told.values()
    assert "0,00" in told.values()


def test_the_form_of_a_period_has_its_own_plan_and_the_balance_before_it() -> None:
    plan = [{"name": "Салыктар", "amount": 1_234_500}]
    before = [report(1, closing=700), report(2, closing=None)]
    _, financial = report_forms(contract(), period(3, of=4, lines=plan, title="Сабактар"), before, **TOLD)

    table = rows(financial)
    assert [row[1:3] for row in table if row[0] in (1, 2)] == [("Салыктар", 12_345), ("Жабдуу", 0)]
    told = [row[2] for row in table]
    assert "3 (4 ичинен), Сабактар" in told
    assert "7,00" in told


MANY = 40


@pytest.mark.parametrize("language", ["ky", "ru", "en"])
def test_a_form_has_as_many_lines_as_the_contract_and_is_read_back(tmp_path: Path, language: str) -> None:
    lines = [
        {"name": f"Сап {number}", "total": number * 100, "requested": number * 100} for number in range(1, MANY + 1)
    ]
    goals = [Indicator(name=f"Көрсөткүч {number}", target=number).model_dump() for number in range(1, MANY + 1)]
    steps = [Checkpoint(name=f"Этап {number}", planned="2018-11-30").model_dump() for number in range(1, MANY + 1)]
    agreed = contract(lines=lines, indicators=goals, milestones=steps, language=Language(language))
    plan = [{"name": one["name"], "amount": one["requested"]} for one in lines]
    programme, financial = report_forms(agreed, period(1, of=2, lines=plan), [], **TOLD)

    book = openpyxl.load_workbook(BytesIO(financial.content))
    sheet = book.worksheets[0]
    (first,) = [row for row in range(1, 40) if sheet.cell(row, 1).value == 1]
    last = first + MANY - 1
    assert [sheet.cell(row, 1).value for row in (last, last + 1)] == [MANY, None]
    assert sheet.cell(last, 5).value == f'=IF(AND(C{last}="",D{last}=""),"",N(C{last})-N(D{last}))'
    assert sheet.cell(last + 1, 4).value == f"=SUM(D{first}:D{last})"
    assert (sheet.cell(last, 2).border.left.style, sheet.cell(last, 4).number_format) == ("thin", "#,##0.00")
    assert f"B{last + 3}:F{last + 3}" in sheet.merged_cells
    for row in range(first, last + 1):
        sheet.cell(row, 4, row)
    out = BytesIO()
    book.save(out)
    tmp_path.joinpath("f.xlsx").write_bytes(out.getvalue())
    read = reading.read(tmp_path / "f.xlsx", "f.xlsx", file_limit=1_000_000)
    assert [(one.name, one.requested, one.total) for one in read.lines] == [
        (one["name"], one["requested"], (first + at) * 100) for at, one in enumerate(lines)
    ]

    tmp_path.joinpath("p.docx").write_bytes(programme_with_facts(programme, 7, "30.11.2018"))
    read = reading.read(tmp_path / "p.docx", "p.docx", file_limit=1_000_000)
    assert [(one.name, one.target, one.reached) for one in read.indicators] == [
        (f"Көрсөткүч {number}", number, 7) for number in range(1, MANY + 1)
    ]
    assert [one.actual for one in read.checkpoints] == ["2018-11-30"] * MANY


def test_twenty_six_lines_do_not_write_over_the_sum() -> None:
    lines = [{"name": f"Сап {number}", "total": 100, "requested": 100} for number in range(1, 27)]
    _, financial = report_forms(contract(lines=lines), period(1), [], **TOLD)
    table = openpyxl.load_workbook(BytesIO(financial.content)).worksheets[0]
    column = [table.cell(row, 2).value for row in range(1, table.max_row + 1)]
    assert column.count("Сап 26") == column.count("Бардыгы") == 1
