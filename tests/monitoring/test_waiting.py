"""What else has a term: our check of a report, a corrective act, our look at it, money to be paid back."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from flows.steps import contracting, monitoring
from rules.deadlines import add_working_days
from schemas.contract import Contract
from schemas.customer import Person
from schemas.outbox import Letter
from schemas.report import Mend, MendStatus
from schemas.wording import LANGUAGES, say
from tests.monitoring.test_ladder import next_begun, put_clock
from tests.offices import Desk

Open = Callable[..., Desk]
UNTIL = date(2018, 11, 12)  # a Monday
DAY = timedelta(days=1)


def codes(desk: Desk, day: date) -> list[str]:
    """The letters of the ladders that a sweep on this day writes, each said in full in every language."""
    before = {one.id for one in desk.all(Letter)}
    put_clock(desk, day)
    assert monitoring.sweep(desk.office).troubles == []
    written = [one for one in desk.all(Letter, order="key") if one.id not in before and one.rung]
    for one in written:
        for language in LANGUAGES:
            assert "⟨" not in say(f"letter.{one.code}.subject", language, **one.facts)
            assert "⟨" not in say(f"letter.{one.code}.body", language, **one.facts)
    return sorted(one.code for one in written)


# -- a report that we have not checked ----------------------------------------------------------------------------------


def test_a_report_that_nobody_checks_is_brought_to_the_coordinator_then_to_the_head(desk_at: Open) -> None:
    desk = desk_at("reported")
    until = add_working_days(desk.period().due, 5)
    assert (desk.period().check_until, desk.period().wakes_on) == (until, add_working_days(until, 1))
    next_begun(desk)
    assert codes(desk, until) == []
    assert codes(desk, add_working_days(until, 1)) == ["check_overdue"]
    assert codes(desk, add_working_days(until, 4)) == []
    head = add_working_days(until, 5)
    assert codes(desk, head) == ["check_escalated"]
    assert codes(desk, head + 60 * DAY) == []
    told = {one.code: one.to for one in desk.all(Letter, code=["check_overdue", "check_escalated"])}
    people = {role: desk.get(Person, desk.who(role).id).email for role in ("coordinator", "head")}
    assert told == {"check_overdue": people["coordinator"], "check_escalated": people["head"]}


@pytest.mark.parametrize("act", [monitoring.return_report, monitoring.refuse])
def test_what_is_judged_waits_for_us_no_more(desk_at: Open, act: Callable[..., None]) -> None:
    desk = desk_at("reported")
    day = add_working_days(desk.period().check_until or UNTIL, 1)
    put_clock(desk, day)
    act(desk.office, desk.who("coordinator"), desk.period().id, "жаңылыш сумма")
    assert "check_overdue" not in codes(desk, day)
    assert desk.period().check_until is None


def test_an_accepted_report_wakes_nobody(desk_at: Open) -> None:
    desk = desk_at("reported")
    monitoring.explain(desk.office, desk.ngo(), desk.period().id, "Материалдар кымбаттады.")
    monitoring.accept(desk.office, desk.who("coordinator"), desk.period().id)
    assert desk.period().wakes_on is None


# -- a corrective act ---------------------------------------------------------------------------------------------------


def asked(desk: Desk) -> Mend:
    put_clock(desk, date(2018, 10, 20))
    coordinator, contract = desk.who("coordinator"), desk.contract().id
    found = [("Дарбаза сынган", UNTIL)]
    monitoring.record_visit(desk.office, coordinator, contract, on=date(2018, 10, 20), seen="Көрдүк.", mends=found)
    return desk.all(Mend)[0]


CLIMB = [
    (add_working_days(UNTIL, -4), []),
    (add_working_days(UNTIL, -3), ["mend_reminder"]),
    (UNTIL, ["mend_reminder"]),
    (UNTIL + DAY, []),
    (add_working_days(UNTIL, 5), ["mend_overdue"]),
    (add_working_days(UNTIL, 10), ["mend_overdue_office"]),
    (add_working_days(UNTIL, 15), ["mend_escalated"]),
    (add_working_days(UNTIL, 20), []),
]


def test_a_corrective_act_climbs_its_ladder_once(desk_at: Open) -> None:
    desk = desk_at("reporting")
    mend = asked(desk)
    assert mend.wakes_on == add_working_days(UNTIL, -3)
    assert [codes(desk, day) for day, _ in CLIMB] == [told for _, told in CLIMB]
    assert desk.all(Mend)[0].wakes_on is None


def test_a_missed_day_has_other_words(desk_at: Open) -> None:
    desk = desk_at("reporting")
    asked(desk)
    assert codes(desk, UNTIL + DAY) == ["mend_overdue"]


def test_what_is_told_to_be_mended_waits_for_us(desk_at: Open) -> None:
    desk = desk_at("reporting")
    mend = asked(desk)
    put_clock(desk, UNTIL)
    monitoring.tell_mended(desk.office, desk.ngo(), mend.id, "жаңысы коюлду")
    until = add_working_days(UNTIL, 5)
    assert codes(desk, until) == []
    assert codes(desk, add_working_days(until, 1)) == ["mend_unseen"]
    assert codes(desk, add_working_days(until, 5)) == ["mend_unseen"]
    monitoring.accept_mended(desk.office, desk.who("coordinator"), mend.id, "көрдүм")
    assert desk.all(Mend)[0].wakes_on is None


def test_what_was_seen_not_to_be_mended_is_asked_for_anew_by_its_new_term(desk_at: Open) -> None:
    desk = desk_at("reporting")
    mend = asked(desk)
    assert codes(desk, UNTIL) == ["mend_reminder"]
    monitoring.tell_mended(desk.office, desk.ngo(), mend.id, "жаңысы коюлду")
    later = add_working_days(UNTIL, 10)
    monitoring.return_mend(desk.office, desk.who("coordinator"), mend.id, later, "дагы эле сынык")

    (now,) = desk.all(Mend)
    assert (now.status, now.until, now.cycle, now.check_until, now.done) == (MendStatus.ASKED, later, 2, None, "")
    assert now.wakes_on == add_working_days(later, -3)
    assert codes(desk, add_working_days(later, -3)) == ["mend_reminder"]
    assert codes(desk, later) == ["mend_reminder"]
    assert codes(desk, add_working_days(later, 5)) == ["mend_overdue"]
    assert monitoring.check_agenda(desk.office) == monitoring.Reckoned()


def test_a_reminder_of_our_check_that_waits_for_the_mail_is_void_when_it_was_seen_not_to_be_mended(
    desk_at: Open,
) -> None:
    desk = desk_at("reporting")
    mend = asked(desk)
    put_clock(desk, UNTIL)
    monitoring.tell_mended(desk.office, desk.ngo(), mend.id, "жаңысы коюлду")
    put_clock(desk, add_working_days(UNTIL, 6))
    monitoring.sweep(desk.office)
    later = add_working_days(UNTIL, 20)
    monitoring.return_mend(desk.office, desk.who("coordinator"), mend.id, later, "дагы эле сынык")
    assert desk.work().troubles == []
    assert {bool(one.void_at) for one in desk.all(Letter, code="mend_unseen")} == {True}


@pytest.mark.parametrize("act", [monitoring.accept_mended, monitoring.waive_mend])
def test_what_is_mended_or_waived_is_asked_for_no_more(desk_at: Open, act: Callable[..., None]) -> None:
    desk = desk_at("reporting")
    mend = asked(desk)
    act(desk.office, desk.who("head"), mend.id, "көрдүм")
    assert desk.all(Mend)[0].wakes_on is None
    assert codes(desk, add_working_days(UNTIL, 15)).count("mend_escalated") == 0


def test_under_an_ended_contract_nothing_is_to_be_mended(desk_at: Open) -> None:
    desk = desk_at("reporting")
    asked(desk)
    contracting.terminate(desk.office, desk.who("head"), desk.contract().id, "аткарылган жок")
    assert desk.all(Mend)[0].wakes_on is None
    monitoring.record_visit(
        desk.office,
        desk.who("coordinator"),
        desk.contract().id,
        on=UNTIL,
        seen="Жабык.",
        mends=[("Ачуу", UNTIL)],
    )
    assert {one.wakes_on for one in desk.all(Mend)} == {None}


# -- money to be paid back ----------------------------------------------------------------------------------------------


def owing(desk: Desk) -> Contract:
    """The contract has ended with what was paid in advance owed."""
    contracting.terminate(desk.office, desk.who("head"), desk.contract().id, "аткарылган жок")
    return desk.contract()


def test_what_is_owed_when_a_contract_ends_is_asked_for_with_a_term_and_climbs_its_ladder(desk_at: Open) -> None:
    desk = desk_at("reporting")
    today = desk.office.today("Asia/Bishkek")
    contract = owing(desk)
    until = add_working_days(today, 10)
    assert (contract.refund_until, contract.wakes_on) == (until, add_working_days(until, -5))
    (told,) = desk.all(Letter, code="refund_asked")
    assert (told.facts["owed_tyiyn"], told.facts["due"]) == (contract.balance, until.isoformat())
    climbed = {
        add_working_days(until, -5): ["refund_reminder"],
        until: ["refund_reminder"],
        add_working_days(until, 5): ["refund_overdue"],
        add_working_days(until, 10): ["refund_overdue_office"],
        add_working_days(until, 15): ["refund_escalated"],
        add_working_days(until, 30): [],
    }
    assert {day: codes(desk, day) for day in climbed} == climbed


def test_the_closing_letter_tells_the_term_and_what_came_back_ends_the_ladder(desk_at: Open) -> None:
    desk = desk_at("evaluated")
    contract = desk.contract()
    assert desk.all(Letter, code="closing")[0].facts["due"] == str(contract.refund_until)
    assert contract.wakes_on is not None
    finance = desk.who("finance")
    monitoring.return_balance(desk.office, finance, contract.id, 100, "№ 1")
    assert desk.contract().wakes_on == contract.wakes_on
    monitoring.return_balance(desk.office, finance, contract.id, contract.balance - 100, "№ 2")
    assert desk.contract().wakes_on is None
    assert codes(desk, add_working_days(contract.refund_until or UNTIL, 15)) == []
