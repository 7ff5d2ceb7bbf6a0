"""The gate before each payment: weighed by what holds at the moment of the order, and again whenever something changes."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from flows.steps import contracting, filing, monitoring, results, tranches
from schemas.contract import Appeal, ContractStatus, Tranche, TrancheStatus
from schemas.doer import CLOCK
from schemas.errors import WrongMoment
from schemas.event import Act
from schemas.outbox import Errand
from storage.ledger import Because
from tests.offices import Desk

Open = Callable[..., Desk]
SLIP = Because(reason="a slip")


def appeal(desk: Desk) -> None:
    """A complaint on record, whatever the day."""
    with desk.office.acting(CLOCK, Act.APPLICATION_INSPECT) as work:
        case = desk.case(2)
        row = Appeal(application_id=case.id, contest_id=case.contest_id, text="макул эмесмин")
        work.new(row, stream=case.stream_id, tenant=case.tenant_id)
        work.record(Act.APPEAL_LODGE, row, because=SLIP)


def waits_for(desk: Desk, number: int, *conditions: str) -> None:
    with desk.office.acting(CLOCK, Act.TRANCHE_HOLD) as work:
        tranche = work.get(Tranche, desk.tranche(number).id)
        tranche.conditions = list(conditions)
        work.record(Act.TRANCHE_HOLD, tranche, because=SLIP)


def weigh(desk: Desk, number: int) -> None:
    with desk.office.acting(CLOCK, Act.TRANCHE_HOLD) as work:
        tranche = work.get(Tranche, desk.tranche(number).id)
        work.errand(Errand.WEIGH_TRANCHE, tranche, f"by hand {desk.office.now()}")
    assert desk.work().troubles == []


def unmet(desk: Desk, number: int) -> list[str]:
    return [one["rule"] for one in desk.tranche(number).unmet]


def sign(desk: Desk) -> None:
    until = results.appeal_until(desk.office, desk.contest)
    assert until is not None
    desk.at(until + timedelta(hours=10))
    contracting.sign(desk.office, desk.who("head"), desk.contract().id)


def test_an_appeal_lodged_while_the_order_is_drafted_stops_it(desk_at: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = desk_at("published")
    sign(desk)
    written = filing.written

    def meanwhile(*told: Any) -> Any:
        kept = written(*told)
        appeal(desk)
        return kept

    monkeypatch.setattr(filing, "written", meanwhile)
    assert desk.work(Errand.WEIGH_TRANCHE).troubles == []

    assert (desk.tranche().status, desk.tranche().order_number) == (TrancheStatus.HELD, None)
    assert unmet(desk, 1) == ["appeal_pending"]
    assert desk.files(desk.tranche().id) == {}


def test_the_answer_to_an_appeal_lets_the_tranche_go_that_waited_for_it(desk_at: Open) -> None:
    desk = desk_at("published")
    sign(desk)
    appeal(desk)
    desk.work()
    assert desk.tranche().status is TrancheStatus.HELD

    complaint = desk.all(Appeal)[0].id
    results.decide_appeal(desk.office, desk.who("head"), complaint, upheld=False, answer="негизсиз")
    assert desk.work().troubles == []

    assert desk.tranche().status is TrancheStatus.ORDERED


def test_the_order_of_one_tranche_weighs_the_next(desk_at: Open) -> None:
    desk = desk_at("published")
    waits_for(desk, 2, "contract_signed")
    sign(desk)

    assert desk.work().troubles == []

    assert [desk.tranche(number).status for number in (1, 2)] == [TrancheStatus.ORDERED] * 2


def test_a_longer_term_takes_back_what_was_said_of_an_overdue_report(desk_at: Open) -> None:
    desk = desk_at("reporting")
    desk.at(desk.office.now() + timedelta(days=140))
    monitoring.sweep(desk.office)
    weigh(desk, 2)
    assert "report_overdue" in unmet(desk, 2)

    later = desk.office.now().date() + timedelta(days=9)
    for number in (1, 2):
        if desk.period(number).due < later:
            monitoring.extend(desk.office, desk.who("coordinator"), desk.period(number).id, later, "кар жаады")
    assert desk.work().troubles == []

    assert unmet(desk, 2) == ["no_report"]


def test_what_was_ordered_is_not_paid_under_a_contract_that_has_ended(desk_at: Open) -> None:
    desk = desk_at("signed")
    tranche = desk.tranche()
    contracting.terminate(desk.office, desk.who("head"), desk.contract().id, "аткарылган жок")

    with pytest.raises(WrongMoment) as refused:
        tranches.pay(desk.office, desk.who("finance"), tranche.id, tranche.order_number or "")

    assert refused.value.facts["status"] is ContractStatus.TERMINATED
    assert (desk.tranche().status, desk.contract().balance) == (TrancheStatus.ORDERED, 0)
