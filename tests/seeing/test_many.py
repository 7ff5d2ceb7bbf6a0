"""A contest of many contracts: sums are of all, lists are cut, and no more questions are asked than for one."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from uuid import uuid4

import pytest
from openpyxl import load_workbook
from sqlalchemy import event

from flows.papers import overview_plots as plotted
from flows.papers.overview import contest_page
from flows.steps import overview, seeing
from flows.steps.moving import in_words
from schemas.application import Application
from schemas.contract import Contract, ContractStatus, Tranche, TrancheStatus
from schemas.doer import CLOCK
from schemas.event import Act
from schemas.overview import ContestOverview
from schemas.report import Period, PeriodStatus, Report
from tests.offices import Desk

At = Callable[[str], Desk]


def copies(desk: Desk, count: int) -> None:
    """So many contracts more, each like ours with its periods, reports and tranches."""
    case, ours = desk.case(1), desk.contract()
    office = desk.office
    for number in range(1, count + 1):
        with office.acting(CLOCK, Act.CONTRACT_DRAFT) as work:
            stream = uuid4()
            work.open_stream(stream, case.tenant_id, "application")

            def add(row, **new):  # a copy on a stream of its own
                told = row.model_dump() | {"id": uuid4(), "version": 0} | new
                told.pop("event_id")
                return work.new(type(row)(**told), stream=stream, tenant=case.tenant_id)  # noqa: B023 -- used at once

            application = add(case, id=stream, number=1000 + number, package_sha256=f"{number:064}")
            contract = add(ours, number=f"{ours.number}-{number:04}", application_id=application.id)
            for tranche in desk.all(Tranche, contract_id=ours.id):
                order = tranche.order_number and f"{tranche.order_number}-{number}"
                add(tranche, contract_id=contract.id, order_number=order)
            for period in desk.all(Period, contract_id=ours.id):
                copy = add(period, contract_id=contract.id)
                for report in desk.all(Report, period_id=period.id):
                    add(report, period_id=copy.id)
            work.record(Act.CONTRACT_DRAFT, contract, because=in_words("x"))


def seen(desk: Desk) -> ContestOverview:
    doer = desk.who("coordinator")
    with desk.office.looking(doer) as look:
        return overview.of_contest(look, doer, desk.contest.id, desk.office.today(desk.contest.zone))


@contextmanager
def counted(desk: Desk) -> Iterator[list[str]]:
    asked: list[str] = []

    def hear(_connection, _cursor, statement, *_rest):
        asked.append(statement)

    event.listen(desk.office.engine, "before_cursor_execute", hear)
    yield asked
    event.remove(desk.office.engine, "before_cursor_execute", hear)


@pytest.mark.parametrize("stage", ["reported", "accepted"])
def test_sums_are_those_of_all_rows(desk_at: At, stage: str):
    desk = desk_at(stage)
    copies(desk, 4)
    told = seen(desk)
    contracts = desk.all(Contract)
    tranches, periods = desk.all(Tranche), desk.all(Period)

    assert told.contracts == len(contracts) == len(told.listed) == 5
    assert told.amount == sum(one.amount for one in contracts)
    assert told.spent == sum(one.spent for one in contracts)
    assert told.paid == sum(one.amount for one in tranches if one.status is TrancheStatus.PAID)
    assert sum(told.periods.values()) == len(periods)
    assert max((one.spent or 0 for one in told.curve), default=0) == told.spent
    assert told.curve[-1].planned == told.amount
    assert told.payments[-1][1] == told.paid


def test_only_the_last_round_of_a_report_counts(desk_at: At):
    desk = desk_at("accepted")
    period = desk.period(2)
    first = desk.all(Report, period_id=period.id)[0]
    with desk.office.acting(CLOCK, Act.CONTRACT_DRAFT) as work:
        old = first.model_dump() | {"id": uuid4(), "version": 0, "round": 0, "package_sha256": "0" * 64, "spent": 77}
        old.pop("event_id")
        work.new(Report(**old), stream=period.stream_id)
        work.record(Act.CONTRACT_DRAFT, work.get(Contract, desk.contract().id), because=in_words("x"))

    assert max(one.spent or 0 for one in seen(desk).curve) == desk.contract().spent
    assert period.status is PeriodStatus.ACCEPTED


def test_more_contracts_ask_no_more_questions(desk_at: At):
    desk = desk_at("reported")
    seen(desk)
    with counted(desk) as one:
        seen(desk)
    copies(desk, 6)
    with counted(desk) as seven:
        seen(desk)

    assert len(seven) == len(one)


def test_beyond_so_many_the_list_is_cut_and_the_workbook_is_whole(desk_at: At, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(overview, "LISTED", 3)
    monkeypatch.setattr(plotted, "DRAWN", 2)
    desk = desk_at("reported")
    copies(desk, 6)
    told = seen(desk)
    page = contest_page(told, "en")
    book = seeing.export(desk.office, desk.who("head"), desk.contest.id, "en")["xlsx"]

    assert (len(told.listed), told.contracts) == (3, 7)
    assert "The list has the first 3 contracts of 7; the sums are of all." in page.sections[-1].notes
    rows = list(load_workbook(BytesIO(book))["Contracts"].iter_rows(min_row=2, values_only=True))
    assert [row[0] for row in rows] == sorted(one.number for one in desk.all(Contract))
    days = seeing.calendar(desk.office, desk.who("head"), None, "en")["ics"]
    assert days.count(b"BEGIN:VEVENT") == len(desk.all(Period))


def test_a_draft_is_in_no_calendar(desk_at: At):
    desk = desk_at("published")

    assert desk.contract().status is ContractStatus.DRAFTED
    assert b"BEGIN:VEVENT" not in seeing.calendar(desk.office, desk.who("head"), desk.contest.id, "en")["ics"]
    assert desk.all(Application)
