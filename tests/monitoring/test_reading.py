"""What is read in a report, and what stands against it, from the package to the verdict."""

from collections.abc import Callable
from datetime import UTC, datetime, time
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook

from cli.demo import printing
from cli.demo.reports import ReportSituation
from cli.demo.wording import Said
from flows.office import Office
from flows.steps import errands, letters, monitoring
from rules import deadlines
from rules.packs import Pack, load
from schemas.contest import Contest
from schemas.customer import Language, Role
from schemas.document import Document
from schemas.errors import WrongMoment
from schemas.event import Act, Event
from schemas.facts import Kind
from schemas.finding import Severity
from schemas.outbox import Errand, Letter
from schemas.report import PeriodStatus, Report
from storage.work import looking
from tests.offices import Desk
from tests.rules import makers

Open = Callable[..., Desk]


def handed_in(desk: Desk, package: Path, number: int = 1) -> Report:
    """The report of a package, read."""
    monitoring.hand_in_report(desk.office, desk.ngo(1), desk.contract().id, number, package)
    assert desk.work().troubles == []
    return monitoring.latest(desk.office, desk.period(number).id)


def against(report: Report, severity: Severity = Severity.TO_CURE) -> list[str]:
    return [one["rule"] for one in report.remarks if one["severity"] == severity.value]


def printed(desk: Desk, into: Path, *more: str) -> None:
    """A financial report as PDF, without a table."""
    head = ("Финансылык отчёт", f"Келишимдин номери: {desk.contract().number}", "Отчёттук мезгилдин номери: 1")
    into.write_bytes(printing.pdf(tuple(Said(one) for one in (*head, *more))))


def financial(package: Path) -> Path:
    return next(one for one in package.iterdir() if one.suffix == ".xlsx")


def test_a_printed_financial_report_counts_what_it_states_and_asks_for_its_table(desk_at: Open) -> None:
    desk = desk_at("reporting")
    package = desk.report(1)
    financial(package).unlink()
    printed(desk, package / "Финансылык отчёт 1.pdf", "Бардыгы жумшалды: 12 345,50 сом")
    report = handed_in(desk, package)
    assert (report.spent, report.lines, against(report)) == (
        *(1_234_550, [], ["lines_cannot_tell", "receipts_missing"]),
    )
    with pytest.raises(WrongMoment):
        monitoring.accept(desk.office, desk.who("coordinator"), desk.period().id)


def test_a_print_beside_the_sheet_neither_hides_nor_doubles_it(desk_at: Open) -> None:
    desk = desk_at("reporting")
    package = desk.report(1)
    printed(desk, package / "Я печать.pdf")
    report = handed_in(desk, package)
    assert len(report.lines) == len(desk.contract().lines)
    assert (report.spent > 0, against(report)) == (True, [])


def test_a_report_returned_unread_leaves_no_errand_for_a_person(desk_at: Open) -> None:
    desk = desk_at("reporting")
    monitoring.hand_in_report(desk.office, desk.ngo(1), desk.contract().id, 1, desk.report(1))
    monitoring.return_report(desk.office, desk.who("coordinator"), desk.period().id, "Башка долбоордуку.")
    tally = desk.work()
    assert (tally.troubles, tally.put_back, tally.for_a_person) == ([], 0, 0)
    assert desk.period().status is PeriodStatus.RETURNED
    report = handed_in(desk, desk.report(1, ReportSituation.LATE))
    assert (report.round, report.read, against(report)) == (2, True, [])


def test_rounds_that_were_returned_are_spent_once(desk_at: Open) -> None:
    desk = desk_at("reported")
    period, coordinator = desk.period(), desk.who("coordinator")
    monitoring.return_report(desk.office, coordinator, period.id, "Түшүндүрүп бериңиз.")
    handed_in(desk, desk.report(1, ReportSituation.VARIANCE_EXPLAINED))
    monitoring.explain(desk.office, desk.ngo(), period.id, "Материалдар кымбаттады.")
    monitoring.accept(desk.office, coordinator, period.id)
    second = desk.period(2)
    desk.at(datetime.combine(second.due, time(12), UTC))
    monitoring.sweep(desk.office)
    report = handed_in(desk, desk.report(2), 2)
    assert "over_contract" not in against(report)


def test_a_returned_report_brings_all_its_faults_as_a_table_with_cells(desk_at: Open) -> None:
    desk = desk_at("reporting")
    package = desk.report(1)
    book = load_workbook(financial(package))
    register = book["Чектер"]
    receipt = {at: register.cell(4, at).value for at in range(2, 7)}
    for at, value in receipt.items():
        register.cell(30, at, value)  # the first receipt once more
    register.cell(5, 3, "05.01.2018")
    book.save(financial(package))
    report = handed_in(desk, package)
    assert {"receipt_twice", "receipt_outside_period", "receipts_unequal"} <= set(against(report))

    monitoring.return_report(desk.office, desk.who("coordinator"), desk.period().id, "Оңдоңуз.")
    assert desk.work().troubles == []
    letter = desk.all(Letter, code="report_returned")[0]
    with looking(desk.office.engine, desk.office.system) as look:
        message = letters.compose(desk.office, look, letter)
    body, attached = message.get_body(), list(message.iter_attachments())
    assert body is not None
    text = body.get_content()
    for cell in ("F5: ", "F30: "):
        assert cell in text
    assert "Оңдоп, кайра жөнөтүңүз." in text
    assert [one.get_filename() for one in attached] == ["Кемчиликтер 1-1.xlsx"]
    sheet = load_workbook(BytesIO(attached[0].get_content())).worksheets[0]
    told = {(row[1].value, row[2].value, row[3].value) for row in sheet.iter_rows(min_row=4, max_col=7)}
    assert {(financial(package).name, "Чектер", "F5"), (financial(package).name, "Чектер", "F30")} <= told
    assert [one.name for one in desk.all(Document, subject_id=report.id)] == sorted(
        one.name for one in package.iterdir()
    )


def test_a_report_in_russian_comes_back_in_russian() -> None:
    def paper(language: str | None, kind: Kind = Kind.OTHER) -> Document:
        return makers.document(kind, language=language)

    assert monitoring.written_in([paper(None)]) is None
    assert monitoring.written_in([paper("ru"), paper("ky", Kind.FINANCIAL_REPORT)]) is Language.KY
    assert monitoring.written_in([paper("ky"), paper("ru", Kind.FINANCIAL_REPORT)]) is Language.RU
    assert monitoring.written_in([paper("en"), paper("tr", Kind.FINANCIAL_REPORT)]) is Language.EN


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The contest's pack lets the clock return reports."""
    whole = Office.pack_of

    def pack_of(office: Office, contest: Contest) -> Pack:
        return makers.changed("monitoring.return_at_once", value=True, pack=whole(office, contest))

    monkeypatch.setattr(Office, "pack_of", pack_of)


def without_a_line(package: Path) -> None:
    """Takes the last line out of the financial report: what it spent is in no line, and its receipts are of none."""
    book = load_workbook(financial(package))
    sheet = book.worksheets[0]
    last = max(cell.row for cell in sheet["B"] if cell.value and isinstance(sheet.cell(cell.row, 1).value, int))
    sheet.delete_rows(last)
    book.save(financial(package))


@pytest.mark.usefixtures("at_once")
def test_what_he_can_cure_goes_back_to_the_contractor_by_the_clock(desk_at: Open) -> None:
    desk = desk_at("reporting")
    package = desk.report(1)
    without_a_line(package)
    before = desk.period()
    report = handed_in(desk, package)

    after = desk.period()
    assert "line_missing" in against(report)
    assert (after.status, after.cycle) == (PeriodStatus.RETURNED, before.cycle + 1)
    assert after.due == max(
        before.due, deadlines.add(desk.office.today("Asia/Bishkek"), load(desk.contest.pack).monitoring.cure.value)
    )
    (event,) = [one for one in desk.all(Event) if one.act is Act.REPORT_RETURN]
    assert (event.actor_role, event.rule) == (Role.SYSTEM, "return_at_once")
    assert event.pack == desk.contest.edition
    (letter,) = desk.all(Letter, code="report_returned")
    assert [one.name for one in desk.all(Document, subject_id=after.id)] == ["Кемчиликтер 1-1.xlsx"]
    assert "reason" not in letter.facts

    corrected = handed_in(desk, desk.report(1, ReportSituation.LATE))
    assert (corrected.round, against(corrected), desk.period().status) == (2, [], PeriodStatus.RECEIVED)


@pytest.mark.usefixtures("at_once")
def test_what_asks_for_a_word_alone_waits_for_the_officer(desk_at: Open) -> None:
    desk = desk_at("reporting")
    report = handed_in(desk, desk.report(1, ReportSituation.VARIANCE))
    assert (against(report), desk.period().status) == (["variance"], PeriodStatus.RECEIVED)


def test_where_the_pack_does_not_say_so_the_officer_returns_it(desk_at: Open) -> None:
    desk = desk_at("reporting")
    package = desk.report(1)
    without_a_line(package)
    report = handed_in(desk, package)
    assert ("line_missing" in against(report), desk.period().status) == (True, PeriodStatus.RECEIVED)


@pytest.mark.usefixtures("at_once")
def test_an_officer_who_was_quicker_leaves_the_clock_nothing_to_return(desk_at: Open) -> None:
    desk = desk_at("reporting")
    package = desk.report(1)
    without_a_line(package)
    monitoring.hand_in_report(desk.office, desk.ngo(1), desk.contract().id, 1, package)
    errands.chunk(desk.office, [Errand.READ_REPORT])
    monitoring.return_report(desk.office, desk.who("coordinator"), desk.period().id, "Бир сап жок.")

    tally = desk.work()
    assert (tally.troubles, tally.for_a_person) == ([], 0)
    assert [one.act for one in desk.all(Event)].count(Act.REPORT_RETURN) == 1
    assert len(desk.all(Letter, code="report_returned")) == 1
