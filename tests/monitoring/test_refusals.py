"""Reports and money: nothing twice, nothing unexplained, nothing closed while money is owed."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from cli.demo.reports import ReportSituation
from flows.steps import contracting, monitoring
from schemas.contract import ContractStatus
from schemas.errors import BadAmount, NoReason, NotFound, SameReport, WrongMoment
from schemas.event import Event
from schemas.report import Period, PeriodStatus, Report
from schemas.wording import LANGUAGES, say_error
from tests.offices import Desk

Open = Callable[..., Desk]


def test_a_report_comes_for_a_period_of_the_contract_from_its_contractor_and_once(desk_at: Open) -> None:
    desk = desk_at("reporting")
    package, contract = desk.report(1), desk.contract().id
    with pytest.raises(NotFound) as refused:
        monitoring.hand_in_report(desk.office, desk.ngo(1), contract, 99, package)
    assert refused.value.facts["noun"] == "period"
    with pytest.raises(NotFound):
        monitoring.hand_in_report(desk.office, desk.ngo(3), contract, 1, package)
    with pytest.raises(WrongMoment):
        monitoring.hand_in_report(desk.office, desk.ngo(1), contract, 2, package)
    first = monitoring.hand_in_report(desk.office, desk.ngo(1), contract, 1, package)
    again = monitoring.hand_in_report(desk.office, desk.ngo(1), contract, 1, package)
    assert first == again
    assert len(desk.all(Report)) == 1
    other = desk.report(1, ReportSituation.VARIANCE)
    with pytest.raises(WrongMoment):
        monitoring.hand_in_report(desk.office, desk.ngo(1), contract, 1, other)


@pytest.mark.parametrize("act", [monitoring.return_report, monitoring.refuse])
def test_the_very_files_that_came_back_are_no_answer(desk_at: Open, act: Callable[..., None]) -> None:
    desk = desk_at("reported")
    same = desk.report(1, ReportSituation.VARIANCE)
    act(desk.office, desk.who("coordinator"), desk.period().id, "Түшүндүрүп бериңиз.")
    before, events = desk.period(), len(desk.all(Event))

    with pytest.raises(SameReport) as told:
        monitoring.hand_in_report(desk.office, desk.ngo(1), desk.contract().id, 1, same)

    assert all("⟨" not in say_error(told.value, language) for language in LANGUAGES)
    assert (desk.period(), len(desk.all(Event)), len(desk.all(Report))) == (before, events, 1)
    other = desk.report(1, ReportSituation.VARIANCE_EXPLAINED)
    monitoring.hand_in_report(desk.office, desk.ngo(1), desk.contract().id, 1, other)
    assert desk.period().status is PeriodStatus.RECEIVED


def test_a_report_with_an_open_variance_is_not_accepted_and_an_explanation_is_words(desk_at: Open) -> None:
    desk = desk_at("reported")
    coordinator, period = desk.who("coordinator"), desk.period().id
    with pytest.raises(WrongMoment) as refused:
        monitoring.accept(desk.office, coordinator, period)
    assert "variance" in str(refused.value.facts["waiting"])
    with pytest.raises(NoReason):
        monitoring.explain(desk.office, desk.ngo(1), period, " ")
    with pytest.raises(NotFound):
        monitoring.explain(desk.office, desk.ngo(3), period, "башканын ордуна")
    with pytest.raises(NoReason):
        monitoring.return_report(desk.office, coordinator, period, "")
    monitoring.explain(desk.office, desk.ngo(1), period, "Материалдар кымбаттады.")
    monitoring.accept(desk.office, coordinator, period)
    events = len(desk.all(Event))
    monitoring.accept(desk.office, coordinator, period)
    assert (desk.period().status, len(desk.all(Event))) == (PeriodStatus.ACCEPTED, events)


def test_a_term_is_extended_to_a_later_day_only_and_with_a_reason(desk_at: Open) -> None:
    desk = desk_at("reporting")
    period, coordinator = desk.period(), desk.who("coordinator")
    for until in (period.due, period.due - timedelta(days=1)):
        with pytest.raises(WrongMoment):
            monitoring.extend(desk.office, coordinator, period.id, until, "кар жаады")
    with pytest.raises(NoReason):
        monitoring.extend(desk.office, coordinator, period.id, period.due + timedelta(days=1), "")
    assert desk.period().due == period.due


def test_what_is_owed_comes_back_whole_and_never_more_and_only_then_it_is_closed(desk_at: Open) -> None:
    desk = desk_at("evaluated")
    finance, contract = desk.who("finance"), desk.contract()
    assert contract.balance > 0
    with pytest.raises(WrongMoment) as refused:
        monitoring.close(desk.office, desk.who("head"), contract.id)
    assert refused.value.facts["owed_tyiyn"] == contract.balance
    for amount in (0, -100, contract.balance + 1, 2**70):
        with pytest.raises(BadAmount):
            monitoring.return_balance(desk.office, finance, contract.id, amount, "№ 1")
    with pytest.raises(NoReason):
        monitoring.return_balance(desk.office, finance, contract.id, contract.balance, " ")
    monitoring.return_balance(desk.office, finance, contract.id, contract.balance - 1, "№ 1")
    with pytest.raises(BadAmount):
        monitoring.return_balance(desk.office, finance, contract.id, 2, "№ 2")
    monitoring.return_balance(desk.office, finance, contract.id, 1, "№ 2")
    monitoring.close(desk.office, desk.who("head"), contract.id)
    assert (desk.contract().status, desk.contract().returned) == (ContractStatus.CLOSED, contract.balance)


def test_a_payment_that_came_back_counts_once_however_often_it_is_told(desk_at: Open) -> None:
    desk = desk_at("evaluated")
    finance, contract = desk.who("finance"), desk.contract()
    for reference in ("№ 7 А", " № 7  а "):
        monitoring.return_balance(desk.office, finance, contract.id, 100, reference)
    assert (desk.contract().returned, len(desk.contract().refunds)) == (100, 1)
    with pytest.raises(BadAmount):
        monitoring.return_balance(desk.office, finance, contract.id, 200, "№ 7 А")
    monitoring.return_balance(desk.office, finance, contract.id, 100, "№ 8")
    assert desk.contract().returned == 200


def test_after_a_termination_what_was_paid_and_not_accounted_for_is_owed(desk_at: Open) -> None:
    desk = desk_at("reporting")
    contracting.terminate(desk.office, desk.who("head"), desk.contract().id, "аткарылган жок")
    contract = desk.contract()
    assert contract.balance == desk.tranche().amount
    monitoring.return_balance(desk.office, desk.who("finance"), contract.id, contract.balance, "№ 1")
    assert desk.contract().returned == contract.balance


def test_a_longer_project_leaves_no_day_in_no_period_and_what_is_accepted_as_it_was(desk_at: Open) -> None:
    desk = desk_at("reported")
    monitoring.explain(desk.office, desk.ngo(1), desk.period().id, "Материалдар кымбаттады.")
    monitoring.accept(desk.office, desk.who("coordinator"), desk.period().id)
    desk.at(desk.office.now() + timedelta(days=60))
    monitoring.sweep(desk.office)
    before = desk.all(Period, order="number")
    assert (before[-1].final, before[-1].status) == (True, PeriodStatus.OPEN)

    ends = desk.contract().ends + timedelta(days=40)
    contracting.amend(desk.office, desk.who("head"), desk.contract().id, ends=ends, reason="кыш")

    after = desk.all(Period, order="number")
    assert after[0].model_dump() == before[0].model_dump()
    assert [(one.starts, one.ends, one.due) for one in after[:2]] == [(one.starts, one.ends, one.due) for one in before]
    assert (after[1].final, after[1].of, after[2].final, after[2].of) == (False, 3, True, 3)
    assert (after[2].starts, after[2].ends) == (before[1].ends + timedelta(days=1), ends)
