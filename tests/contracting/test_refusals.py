"""Signing and paying: no contract above the ceiling or before its time, no money twice."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from flows.steps import contracting, intake, results, sitting, tranches
from schemas.application import Application, ApplicationStatus
from schemas.contract import Contract, ContractStatus, Tranche, TrancheStatus
from schemas.doer import CLOCK
from schemas.errors import NoReason, WrongMoment
from schemas.event import Act, Event
from schemas.outbox import Errand
from storage.ledger import Because
from tests.offices import Desk

Open = Callable[..., Desk]


def ask_for(desk: Desk, amount: int) -> None:
    """The winner's sum becomes another one, as by an officer's slip."""
    with desk.office.acting(CLOCK, Act.APPLICATION_INSPECT) as work:
        application = work.get(Application, desk.case(1).id)
        application.requested = amount
        work.record(Act.APPLICATION_INSPECT, application, because=Because(reason="a slip"))


@pytest.mark.parametrize(("amount", "trouble"), [(10**9, "OverCeiling"), (0, "BadAmount"), (-1, "BadAmount")])
def test_a_contract_over_the_ceiling_or_without_a_sum_is_not_prepared(desk_at: Open, amount: int, trouble: str) -> None:
    desk = desk_at("decided")
    ask_for(desk, amount)
    sitting.sign_minutes(desk.office, desk.member(1), desk.meeting().id)
    results.publish(desk.office, desk.who("head"), desk.contest.id)

    tally = desk.work(Errand.DRAFT_CONTRACT)

    assert [told for *_, told in tally.troubles] == [trouble]
    assert tally.for_a_person == 1
    assert desk.all(Contract) == []


def test_a_contract_is_signed_when_the_term_of_appeal_is_over_and_not_in_its_last_second(desk_at: Open) -> None:
    desk = desk_at("published")
    until = results.appeal_until(desk.office, desk.contest)
    assert until is not None
    desk.at(until)
    with pytest.raises(WrongMoment) as refused:
        contracting.sign(desk.office, desk.who("head"), desk.contract().id)
    assert refused.value.facts["waiting"] == "appeal_term"
    assert desk.contract().status is ContractStatus.DRAFTED
    desk.at(until + timedelta(seconds=1))
    contracting.sign(desk.office, desk.who("head"), desk.contract().id)
    assert desk.contract().status is ContractStatus.SIGNED


def test_a_pending_appeal_holds_the_contract(desk_at: Open) -> None:
    desk = desk_at("published")
    appeal = results.lodge_appeal(desk.office, desk.ngo(3), desk.case(3).id, "Баллым туура эмес.")
    desk.after_cutoff(days=60)
    with pytest.raises(WrongMoment) as refused:
        contracting.sign(desk.office, desk.who("head"), desk.contract().id)
    assert refused.value.facts["waiting"] == "appeal"
    results.decide_appeal(desk.office, desk.who("head"), appeal, upheld=False, answer="Баллдар туура.")
    contracting.sign(desk.office, desk.who("head"), desk.contract().id)
    assert desk.contract().status is ContractStatus.SIGNED


def test_a_winner_may_leave_before_he_signs_and_then_signs_nothing(desk_at: Open) -> None:
    desk = desk_at("published")
    mine = desk.ngo(1)
    with pytest.raises(NoReason):
        intake.withdraw(desk.office, mine, desk.case(1).id, "")
    intake.withdraw(desk.office, mine, desk.case(1).id, "ойлондук")
    assert desk.case(1).status is ApplicationStatus.WITHDRAWN
    desk.after_cutoff(days=60)
    with pytest.raises(WrongMoment):
        contracting.sign(desk.office, desk.who("head"), desk.contract().id)


def test_who_has_signed_does_not_withdraw(desk_at: Open) -> None:
    desk = desk_at("signed")
    with pytest.raises(WrongMoment) as refused:
        intake.withdraw(desk.office, desk.ngo(1), desk.case(1).id, "ойлондук")
    assert refused.value.facts["noun"] == "contract"
    assert desk.case(1).status is ApplicationStatus.WINNER


def test_a_tranche_is_paid_once_and_by_its_own_order(desk_at: Open) -> None:
    desk = desk_at("signed")
    finance, tranche = desk.who("finance"), desk.tranche()
    with pytest.raises(WrongMoment):
        tranches.pay(desk.office, finance, tranche.id, "башка-T1")
    assert desk.tranche().status is TrancheStatus.ORDERED
    day = tranches.pay(desk.office, finance, tranche.id, tranche.order_number or "")
    events = len(desk.all(Event))
    desk.at(desk.office.now() + timedelta(days=3))
    assert tranches.pay(desk.office, finance, tranche.id, tranche.order_number or "") == day
    with pytest.raises(WrongMoment):
        tranches.pay(desk.office, finance, tranche.id, "башка-T1")
    assert len(desk.all(Event)) == events


def test_no_tranche_is_ordered_twice_however_often_it_is_weighed(desk_at: Open) -> None:
    desk = desk_at("signed")
    with desk.office.acting(CLOCK, Act.TRANCHE_ORDER) as work:
        tranche = work.get(Tranche, desk.tranche().id)
        work.errand(Errand.WEIGH_TRANCHE, tranche, "once more")
        work.errand(Errand.WEIGH_TRANCHE, tranche, "and again")
    assert desk.work().troubles == []
    assert [one.act for one in desk.all(Event)].count(Act.TRANCHE_ORDER) == 1
    assert desk.letters(desk.case(1).id).count("tranche_ordered") == 1


def test_an_amendment_moves_the_end_later_and_never_below_what_has_begun(desk_at: Open) -> None:
    desk = desk_at("reporting")
    lawyer, contract = desk.who("lawyer"), desk.contract()
    before = len(desk.all(Event))
    for ends in (contract.starts - timedelta(days=1), contract.starts, desk.period().ends - timedelta(days=1)):
        with pytest.raises(WrongMoment):
            contracting.amend(desk.office, lawyer, contract.id, ends=ends, reason="кыш")
    with pytest.raises(NoReason):
        contracting.amend(desk.office, lawyer, contract.id, ends=contract.ends + timedelta(days=9), reason=" ")
    assert len(desk.all(Event)) == before
    contracting.amend(desk.office, lawyer, contract.id, ends=contract.ends + timedelta(days=9), reason="кыш")
    assert desk.contract().ends == contract.ends + timedelta(days=9)
