"""The gate before each payment: weighed by what holds at the moment of the order, and again whenever something changes."""

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from docx import Document

from flows.steps import contracting, filing, monitoring, results, tranches
from schemas.contract import Appeal, ContractStatus, Tranche, TrancheStatus
from schemas.doer import CLOCK
from schemas.errors import NoReason, WrongMoment
from schemas.event import Act, Event
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


def test_only_what_the_pack_lets_be_lifted_is_lifted_and_with_a_reason(desk_at: Open) -> None:
    desk = desk_at("signed")
    head, tranche = desk.who("head"), desk.tranche(2)
    for condition in ("report_accepted", "contract_signed", "moon"):
        with pytest.raises(WrongMoment):
            tranches.lift(desk.office, head, tranche.id, condition, "токтоп калбасын")
    with pytest.raises(NoReason):
        tranches.lift(desk.office, head, tranche.id, "no_overdue_report", " ")
    assert desk.tranche(2).lifted == []


def test_a_lifted_condition_is_an_event_lets_the_money_go_and_has_a_star_in_the_order(desk_at: Open) -> None:
    desk = desk_at("published")
    waits_for(desk, 2, "contract_signed", "no_overdue_report")
    sign(desk)
    desk.at(desk.office.now() + timedelta(days=400))
    desk.work()
    assert (desk.tranche(2).status, set(unmet(desk, 2))) == (TrancheStatus.HELD, {"report_overdue"})

    for _ in range(2):
        tranches.lift(desk.office, desk.who("head"), desk.tranche(2).id, "no_overdue_report", "жол жабылып калган")
    assert desk.work().troubles == []

    tranche = desk.tranche(2)
    assert (tranche.status, len(tranche.lifted)) == (TrancheStatus.ORDERED, 1)
    assert [one.act for one in desk.all(Event)].count(Act.TRANCHE_LIFT) == 1
    (paper,) = desk.files(tranche.id).values()
    assert paper.blob_id is not None
    content = Document(BytesIO(desk.office.blobs.read(paper.blob_id, 10**7)))
    cells = [cell.text for table in content.tables for row in table.rows for cell in row.cells]
    assert any("* жол жабылып калган" in text for text in cells)
