"""Figures of an overview are those of rows, and everybody sees no more than is his."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, time, timedelta

import pytest

from flows.steps import monitoring, overview, register, seeing
from flows.steps.moving import by_rule
from flows.steps.worklist import worklist
from rules.packs import load
from schemas.contract import Tranche, TrancheStatus
from schemas.customer import Role
from schemas.document import Document
from schemas.doer import CLOCK, Doer
from schemas.errors import AsharError, NotAllowed, NotFound
from schemas.event import Act, Event
from schemas.facts import Kind, Media
from schemas.overview import ContestOverview, Overview
from schemas.report import Period, PeriodStatus, Report
from tests.offices import CURED, Desk

At = Callable[[str], Desk]


def seen(desk: Desk, by: str = "coordinator") -> Overview:
    doer = desk.who(by)
    with desk.office.looking(doer) as look:
        return overview.view(look, doer, desk.contract().id, desk.office.today(desk.contest.zone))


def seen_contest(desk: Desk, doer: Doer | None = None) -> ContestOverview:
    doer = doer or desk.who("coordinator")
    with desk.office.looking(doer) as look:
        return overview.of_contest(look, doer, desk.contest.id, desk.office.today(desk.contest.zone))


@pytest.mark.parametrize("stage", ["published", "signed", "reporting", "reported", "accepted", "evaluated"])
def test_every_figure_of_a_contract_is_that_of_a_row(desk_at: At, stage: str):
    desk = desk_at(stage)
    contract = desk.contract()
    tranches = desk.all(Tranche, contract_id=contract.id, order="number")
    periods = desk.all(Period, contract_id=contract.id, order="number")
    told = seen(desk)

    assert (told.amount, told.spent, told.balance, told.returned, told.status) == (
        contract.amount,
        contract.spent,
        contract.balance,
        contract.returned,
        contract.status,
    )
    assert told.paid == sum(one.amount for one in tranches if one.status is TrancheStatus.PAID)
    assert [(one.number, one.amount, one.status) for one in told.tranches] == [
        (one.number, one.amount, one.status) for one in tranches
    ]
    assert [(one.number, one.due, one.status) for one in told.periods] == [
        (one.number, one.due, one.status) for one in periods
    ]
    reports = {one.period_id: one for one in desk.all(Report, order="round")}
    assert {one.id: one.spent for one in told.periods if one.spent is not None} == {
        one: report.spent for one, report in reports.items()
    }
    assert sum(one.spent for one in told.periods if one.settled and one.spent) == contract.spent
    assert sum(one.spent for one in told.lines) == contract.spent
    assert [(one.name, one.planned) for one in told.lines] == [
        (one["name"], one["requested"]) for one in contract.lines
    ]
    assert [(one.name, one.baseline, one.target) for one in told.indicators] == [
        (one["name"], one["baseline"], one["target"]) for one in contract.indicators
    ]


def test_an_indicator_stands_where_the_last_accepted_report_has_it(desk_at: At):
    desk = desk_at("accepted")
    last = max(desk.all(Report), key=lambda one: one.received_at)

    assert {one.name: one.reached for one in seen(desk).indicators} == {
        one["name"]: one["reached"] for one in last.indicators
    }
    assert {one.reached for one in seen(desk_at("reported")).indicators} == {None}


def test_a_report_in_checking_is_on_the_curve_but_not_settled(desk_at: At):
    desk = desk_at("reported")
    report = desk.all(Report)[0]
    start, first, second = overview.spending(seen(desk))

    assert (start.planned, start.spent) == (0, 0)
    assert (first.on, first.spent, first.settled) == (desk.period(1).ends, report.spent, False)
    assert (second.spent, second.planned) == (None, desk.contract().amount)


def test_what_was_sent_back_is_no_figure(desk_at: At):
    from flows.steps import monitoring

    desk = desk_at("reported")
    monitoring.return_report(desk.office, desk.who("coordinator"), desk.period(1).id, "Кайра текшериңиз.")

    assert seen(desk).periods[0].spent is None


def test_a_report_is_overdue_the_day_after_its_last_day(desk_at: At):
    desk = desk_at("reporting")
    zone = desk.journey.towns[0].zone
    due = desk.period(1).due

    desk.at(datetime.combine(due, time(23, 59), zone))
    assert (seen(desk).overdue, seen_contest(desk).overdue) == (0, 0)
    desk.at(datetime.combine(due + timedelta(days=1), time(0, 1), zone))
    assert (seen(desk).overdue, seen_contest(desk).overdue) == (1, 1)
    assert seen(desk).periods[0].days_over == 1


@pytest.mark.parametrize("stage", ["signed", "reported", "accepted"])
def test_sums_of_a_contest_are_those_of_its_contracts(desk_at: At, stage: str):
    desk = desk_at(stage)
    whole, one = seen_contest(desk), seen(desk)

    assert whole.listed == (one,)
    assert (whole.contracts, whole.amount, whole.spent, whole.paid) == (1, one.amount, one.spent, one.paid)
    assert whole.periods == {
        status: count for status in PeriodStatus if (count := sum(period.status is status for period in one.periods))
    }
    assert whole.payments == tuple(overview.payments(one))
    settled = [(point.on, point.planned, point.spent if point.settled else None) for point in overview.spending(one)]
    assert [(point.on, point.planned, point.spent) for point in whole.curve] == settled


@pytest.mark.parametrize("stage", ["announced", "received"])
def test_a_contest_without_contracts_has_a_page(desk_at: At, stage: str):
    desk = desk_at(stage)

    assert seen_contest(desk).listed == ()
    assert set(seeing.contest_pages(desk.office, desk.who("head"), desk.contest.id, "ru")) == {"html", "pdf"}


# -- rights -------------------------------------------------------------------------------------------------------------


def all_doors(desk: Desk, doer: Doer) -> list[type[AsharError] | None]:
    found: list[type[AsharError] | None] = []
    for door, identity in (
        (seeing.contract_pages, desk.contract().id),
        (seeing.contest_pages, desk.contest.id),
        (seeing.calendar, desk.contest.id),
        (seeing.export, desk.contest.id),
    ):
        try:
            door(desk.office, doer, identity, "ky")
        except AsharError as refused:
            found.append(type(refused))
        else:
            found.append(None)
    return found


def test_another_customer_sees_nothing(desk_at: At):
    desk = desk_at("signed")

    assert all_doors(desk, desk.stranger(Role.HEAD)) == [NotFound] * 4
    assert b"BEGIN:VEVENT" not in seeing.calendar(desk.office, desk.stranger(Role.HEAD), None, "ky")["ics"]


def test_an_applicant_sees_his_own_contract_and_nobody_elses(desk_at: At):
    desk = desk_at("signed")

    assert all_doors(desk, desk.ngo(1)) == [None] * 4
    assert seen_contest(desk, desk.ngo(1)).contracts == 1
    assert all_doors(desk, desk.ngo(2)) == [NotFound] * 4
    assert b"BEGIN:VEVENT" in seeing.calendar(desk.office, desk.ngo(1), None, "ky")["ics"]
    assert b"BEGIN:VEVENT" not in seeing.calendar(desk.office, desk.ngo(2), None, "ky")["ics"]


def test_who_may_read_no_case_sees_no_overview(desk_at: At):
    desk = desk_at("signed")

    assert all_doors(desk, desk.as_role(Role.OPERATOR)) == [NotAllowed] * 4
    assert all_doors(desk, replace(desk.who("head"), roles=frozenset({Role.PUBLIC}))) == [NotAllowed] * 4


# -- the officer's lists ------------------------------------------------------------------------------------------------


def test_the_lists_of_the_morning(desk_at: At):
    desk = desk_at("reporting")
    zone, period, number = desk.journey.towns[0].zone, desk.period(1), desk.contract().number
    called = f"1 / {period.of}"

    desk.at(datetime.combine(period.due - timedelta(days=8), time(9), zone))
    assert (worklist(desk.office).due, worklist(desk.office).overdue) == ([], [])
    desk.at(datetime.combine(period.due - timedelta(days=7), time(9), zone))
    assert [(one.customer, one.number, one.period, one.days) for one in worklist(desk.office).due] == [
        ("batken", number, called, 7)
    ]
    desk.at(datetime.combine(period.due + timedelta(days=7), time(9), zone))
    assert worklist(desk.office).due == []
    late = worklist(desk.office).overdue
    ladder = load(desk.contest.pack).ladder
    assert [(one.number, one.period, one.days) for one in late] == [(number, called, 7)]
    assert late[0].what.removeprefix("ground.") in ladder


def test_what_waits_for_us_is_told_with_its_days(desk_at: At):
    desk = desk_at("reported")
    zone = desk.journey.towns[0].zone
    desk.at(datetime.combine(desk.period(1).due + timedelta(days=3), time(9), zone))

    assert [(one.number, one.what, one.days) for one in worklist(desk.office).waiting] == [
        (desk.contract().number, "status.period.received", 3)
    ]
    assert [one.what for one in worklist(desk_at("signed").office).waiting] == ["status.tranche.ordered"]


def test_nobody_is_named_in_the_lists(desk_at: At):
    desk = desk_at("reported")
    names = {register.__name__, desk.papers.applicant(CURED).organisation}
    told = repr(worklist(desk.office))

    assert not any(name in told for name in names)


def test_the_curve_of_the_plan_is_that_of_the_periods(desk_at: At):
    desk = desk_at("reporting")
    periods = desk.all(Period, contract_id=desk.contract().id, order="number")
    first, whole = periods[0], desk.contract().amount
    with desk.office.acting(CLOCK, Act.PERIOD_OPEN) as work:  # a plan of the contract's own, all in the first period
        for one in work.all(Period, contract_id=desk.contract().id, order="number"):
            one.lines = [{"name": "a", "amount": whole if one.id == first.id else 0}]
        work.record(Act.PERIOD_OPEN, work.get(Period, first.id), because=by_rule(load(desk.contest.pack), "opened"))

    assert [(one.on, one.planned) for one in overview.spending(seen(desk))] == [
        (desk.contract().starts, 0),
        *((one.ends, whole) for one in periods),
    ]
    assert [one.planned for one in seen_contest(desk).curve] == [0] + [whole] * len(periods)


def test_without_plans_the_sum_is_spread_over_the_days(desk_at: At):
    told = seen(desk_at("reporting"))
    bare = told.model_copy(update={"periods": tuple(one.model_copy(update={"planned": None}) for one in told.periods)})

    assert [one.planned for one in overview.spending(bare)] == [
        0,
        *(overview.planned(told.amount, told.starts, told.ends, one.ends) for one in told.periods),
    ]


def kept(desk: Desk) -> list[Document]:
    return desk.all(Document, kind=Kind.OVERVIEW, order="name")


def registered(desk: Desk) -> int:
    return [one.act for one in desk.all(Event)].count(Act.PAPER_REGISTER)


def test_an_overview_goes_on_record_once_however_often_it_is_asked_for(desk_at: At):
    desk = desk_at("reported")
    before = registered(desk)
    for _ in range(2):
        seeing.keep_contract(desk.office, desk.who("coordinator"), desk.contract().id, "ky")
        seeing.keep_contest(desk.office, desk.who("secretary"), desk.contest.id, "ru")
    papers = {one.subject_id: one for one in kept(desk)}

    assert papers.keys() == {desk.contract().id, desk.contest.id}
    assert registered(desk) == before + 2
    assert {one.seen().media for one in papers.values()} == {Media.PDF}
    with pytest.raises(NotAllowed):
        seeing.keep_contract(desk.office, desk.ngo(), desk.contract().id, "ky")


def test_what_a_contract_came_to_goes_on_record_when_it_is_evaluated_and_closed(desk_at: At):
    desk = desk_at("evaluated")
    assert [one.name.rpartition("-")[2] for one in kept(desk)] == ["ky.pdf", "ru.pdf"]
    assert {one.subject_id for one in kept(desk)} == {desk.contract().id}

    owed = desk.contract().balance - desk.contract().returned
    monitoring.return_balance(desk.office, desk.who("finance"), desk.contract().id, owed, "ПП-1")
    monitoring.close(desk.office, desk.who("coordinator"), desk.contract().id)
    assert desk.work().troubles == []
    assert len(kept(desk)) == 4
