"""The ladder at work: each letter once in a cycle, on its day, in the contractor's language; one poisoned period stops nobody."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import TypeVar

import pytest
import yaml
from sqlalchemy import event

from flows.steps import contracting, errands, housekeeping, monitoring, register, results, sitting
from rules import ladder, packs
from rules.deadlines import add, add_months, add_working_days
from schemas.base import Recorded
from schemas.contract import ContractStatus
from schemas.customer import Language, Role
from schemas.doer import CLOCK
from schemas.errors import NoReason, WrongMoment
from schemas.event import Act
from schemas.outbox import Errand, Job, JobState, Letter
from schemas.report import Period, PeriodStatus
from storage.ledger import Because
from tests.offices import Desk

Open = Callable[..., Desk]
Row = TypeVar("Row", bound=Recorded)
ROOT = Path(__file__).parents[2]
DAY = timedelta(days=1)


def sweep_on(desk: Desk, day: date, period: int = 1) -> list[tuple[str, Language]]:
    """The letters about a period that a sweep on this day writes: code and language."""
    before = {one.id for one in desk.all(Letter)}
    put_clock(desk, day)
    monitoring.sweep(desk.office)
    written = [one for one in desk.all(Letter, order="key") if one.id not in before]
    return [(one.code, one.language) for one in written if one.facts.get("period") == period]


def put_clock(desk: Desk, day: date) -> None:
    desk.at(datetime.combine(day, time(8), desk.journey.towns[0].zone))


def codes(desk: Desk, day: date) -> list[str]:
    return [code for code, _ in sweep_on(desk, day)]


def opens(period: Period) -> date:
    """Its first day is a holiday."""
    return add_working_days(period.starts - DAY, 1)


def next_begun(desk: Desk) -> None:
    """The second period has begun and was told of: letters about the first one's report come alone."""
    put_clock(desk, opens(desk.period(2)))
    monitoring.sweep(desk.office)


# -- the letters of the ladder ----------------------------------------------------------------------------------------


def test_a_period_is_told_of_when_it_begins_and_asked_for_when_it_has_ended(desk_at: Open) -> None:
    desk = desk_at("reporting")
    period = desk.period()
    assert [one.code for one in desk.all(Letter) if one.code.startswith("period")] == ["period_opened"]
    assert codes(desk, period.ends) == ["report_soon"]
    asked = add_working_days(period.ends, 1)
    assert codes(desk, asked - DAY) == []
    assert codes(desk, asked) == ["period_ended"]
    assert codes(desk, asked) == []


def test_after_an_extension_the_same_steps_write_their_letters_again(desk_at: Open) -> None:
    desk = desk_at("reporting")
    first = desk.period().due
    assert codes(desk, first) == ["report_due"]
    until = add_working_days(first, 10)
    monitoring.extend(desk.office, desk.who("coordinator"), desk.period().id, until, "кар жаады")
    assert codes(desk, add_working_days(until, -5)) == ["report_soon"]
    assert codes(desk, until) == ["report_due"]
    assert desk.period().cycle == 2


def test_the_contractor_hears_of_an_extension_a_pause_and_a_resumption_with_the_reason(desk_at: Open) -> None:
    desk = desk_at("reporting")
    period, coordinator = desk.period(), desk.who("coordinator")
    monitoring.extend(desk.office, coordinator, period.id, period.due + DAY, "кар жаады")
    monitoring.pause(desk.office, coordinator, period.id, "жол жабык")
    monitoring.resume(desk.office, coordinator, period.id, "жол ачылды")
    told = {one.code: one.facts["reason"] for one in desk.all(Letter) if "reason" in one.facts}
    assert told == {"period_extended": "кар жаады", "period_paused": "жол жабык", "period_resumed": "жол ачылды"}


def test_while_paused_nothing_is_asked_for_and_the_due_day_moves_by_the_pause(desk_at: Open) -> None:
    desk = desk_at("reporting")
    due, coordinator = desk.period().due, desk.who("coordinator")
    put_clock(desk, due - 10 * DAY)
    with pytest.raises(WrongMoment):
        monitoring.resume(desk.office, coordinator, desk.period().id, "жол ачылды")
    for act in (monitoring.pause, monitoring.resume):
        with pytest.raises(NoReason):
            act(desk.office, coordinator, desk.period().id, " ")
    monitoring.pause(desk.office, coordinator, desk.period().id, "жол жабык")
    paused = desk.period()
    monitoring.pause(desk.office, coordinator, paused.id, "дагы")
    assert (desk.period().version, paused.wakes_on) == (paused.version, None)
    assert sweep_on(desk, due + 40 * DAY) == []
    monitoring.resume(desk.office, coordinator, paused.id, "жол ачылды")
    assert desk.period().due == due + 50 * DAY
    assert desk.period().paused_on is None


def test_a_report_may_come_while_its_term_is_paused(desk_at: Open) -> None:
    desk = desk_at("reporting")
    monitoring.pause(desk.office, desk.who("coordinator"), desk.period().id, "жол жабык")
    monitoring.hand_in_report(desk.office, desk.ngo(), desk.contract().id, 1, desk.report(1))
    assert (desk.period().status, desk.period().paused_on) == (PeriodStatus.RECEIVED, None)


def test_a_returned_report_has_a_term_of_its_own_before_anyone_is_chased(desk_at: Open) -> None:
    desk = desk_at("reported")
    returned = desk.period().due + 31 * DAY
    put_clock(desk, returned)
    monitoring.return_report(desk.office, desk.who("coordinator"), desk.period().id, "жаңылыш сумма")
    until = add(returned, packs.load("example").monitoring.cure.value)
    assert (desk.period().due, desk.period().cycle, desk.period().rungs) == (until, 2, ["opened"])
    assert [one.facts["until"] for one in desk.all(Letter, code="report_returned")] == [until.isoformat()]
    assert codes(desk, returned + DAY) == ["report_soon"]
    assert codes(desk, until) == ["report_due"]


def test_the_contractor_is_written_to_in_the_language_of_whoever_hands_in(desk_at: Open) -> None:
    desk = desk_at("reporting")
    russian = replace(desk.ngo(), language=Language.RU)
    monitoring.hand_in_report(desk.office, russian, desk.contract().id, 1, desk.report(1))
    second = desk.period(2)
    assert desk.all(Letter, code="report_received")[0].language is Language.RU
    assert sweep_on(desk, opens(second), 2) == [("period_opened", Language.RU)]


def test_the_contracts_letters_begin_in_the_language_of_the_organisations_person(desk_at: Open) -> None:
    desk = desk_at("decided")
    case = desk.case(1)
    register.register_person(
        desk.office,
        register.OPERATOR,
        tenant_id=case.tenant_id,
        login="batken.ngo1",
        name="Абдыраимова Н.",
        email="ngo1@ngo.example",
        language=Language.EN,
        roles={Role.APPLICANT: case.organisation_id},
    )
    sitting.sign_minutes(desk.office, desk.member(1), desk.meeting().id)
    results.publish(desk.office, desk.who("head"), desk.contest.id)
    desk.work(Errand.DRAFT_CONTRACT)
    assert [one.language for one in desk.all(Letter, code="contract_ready")] == [Language.EN]


# -- one poisoned period ------------------------------------------------------------------------------------------------


def poison(desk: Desk, **columns: object) -> None:
    with desk.office.acting(CLOCK, Act.PERIOD_REMIND) as work:
        period = work.get(Period, desk.period().id)
        for name, value in columns.items():
            setattr(period, name, value)
        work.record(Act.PERIOD_REMIND, period, because=Because(rule="ended"))


def test_a_poisoned_period_is_put_aside_and_told_and_the_others_are_opened(desk_at: Open) -> None:
    desk = desk_at("reporting")
    first, second = desk.period(1), desk.period(2)
    poison(desk, due=date(2041, 1, 1), wakes_on=first.ends)  # a year without holidays on record
    put_clock(desk, opens(second))
    swept = monitoring.sweep(desk.office)
    assert (swept.opened, swept.troubles) == (1, [(str(first.id), "NoCalendar")])
    assert monitoring.sweep(desk.office).troubles == [(str(first.id), "NoCalendar")]
    assert len(desk.all(Job, errand=Errand.LADDER)) == 1
    assert errands.drain(desk.office, [Errand.LADDER]).for_a_person == 1
    housekeeping.hand_over(desk.office)
    assert desk.all(Letter, code="errand_for_a_person")[0].facts["errand"] == Errand.LADDER.value
    poison(desk, due=first.due)
    assert "period_ended" in codes(desk, opens(second))


def test_the_errand_of_a_period_that_was_put_aside_takes_its_steps(desk_at: Open) -> None:
    desk = desk_at("reporting")
    first = desk.period(1)
    poison(desk, due=date(2041, 1, 1), wakes_on=first.ends)
    put_clock(desk, first.due)
    monitoring.sweep(desk.office)
    poison(desk, due=first.due)
    assert errands.drain(desk.office, [Errand.LADDER]).done == 1
    assert desk.all(Letter, code="report_due") != []
    assert [one.state for one in desk.all(Job, errand=Errand.LADDER)] == [JobState.DONE]


# -- when, and at what cost ---------------------------------------------------------------------------------------------


def test_letters_of_the_ladder_leave_at_eight_in_bishkek_and_at_no_other_hour() -> None:
    told = yaml.safe_load((ROOT / "prefect.yaml").read_text(encoding="utf-8"))["deployments"]
    (daily,) = [one for one in told if one["entrypoint"] == "flows.ladder.ladder"]
    assert [(one["cron"], one["timezone"]) for one in daily["schedules"]] == [("0 8 * * *", "Asia/Bishkek")]
    others = [one for one in (ROOT / "flows").glob("*.py") if one.stem != "ladder"]
    assert [one.name for one in others if "monitoring.sweep" in one.read_text(encoding="utf-8")] == []


@contextmanager
def statements(desk: Desk) -> Iterator[list[str]]:
    said: list[str] = []

    def hear(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        said.append(statement)

    event.listen(desk.office.engine, "before_cursor_execute", hear)
    yield said
    event.remove(desk.office.engine, "before_cursor_execute", hear)


def multiply(desk: Desk, times: int) -> None:
    """As many contracts more, each with the periods of ours."""
    case, contract = desk.case(1), desk.contract()
    periods = desk.all(Period, contract_id=contract.id)
    with desk.office.acting(CLOCK, Act.CONTRACT_PREPARE) as work:

        def another(row: Row, **differs: object) -> Row:
            told = row.model_dump(exclude={"id", "event_id", "version", "stream_id", "tenant_id"})
            return work.new(type(row)(**{**told, **differs}), stream=case.id, tenant=case.tenant_id)

        for number in range(100, 100 + times):
            twin = another(case, number=number, package_sha256=f"{number:064}")
            theirs = another(contract, application_id=twin.id, number=str(number))
            for one in periods:
                another(one, contract_id=theirs.id)
        work.record(Act.CONTRACT_PREPARE, contract, because=Because(rule="winner"))


def test_an_idle_sweep_asks_as_much_of_many_contracts_as_of_one(desk_at: Open) -> None:
    desk = desk_at("reporting")
    put_clock(desk, desk.period().starts + 10 * DAY)
    with statements(desk) as of_one:
        monitoring.sweep(desk.office)
    multiply(desk, 300)
    with statements(desk) as of_many:
        monitoring.sweep(desk.office)
    assert len(of_many) == len(of_one)
    with desk.office.engine.connect() as connection:
        asked = [one for one in of_many if "wakes_on" in one]
        plans = [connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {one}", ("2018-10-11", 50, 0)).all() for one in asked]
    for plan, table in zip(plans, ("period", "mend", "contract"), strict=True):
        assert f"ix_{table}_wakes_on" in str(plan)


def test_a_terminated_contract_wakes_nobody(desk_at: Open) -> None:
    desk = desk_at("reporting")
    contracting.terminate(desk.office, desk.who("head"), desk.contract().id, "аткарылган жок")
    assert {one.wakes_on for one in desk.all(Period)} == {None}
    assert codes(desk, desk.period().due + 30 * DAY) == []


def test_two_sweeps_at_once_take_each_step_once(desk_at: Open) -> None:
    desk = desk_at("reporting")
    multiply(desk, 20)
    put_clock(desk, add_working_days(desk.period().ends, 1))
    with ThreadPoolExecutor(2) as pool:
        swept = list(pool.map(lambda size: monitoring.sweep(desk.office, size=size), (4, 3)))
    assert [one.troubles for one in swept] == [[], []]
    assert len(desk.all(Letter, code="period_ended")) == 21


def test_an_amendment_gives_the_new_periods_their_day(desk_at: Open) -> None:
    desk = desk_at("reporting")
    ends = add_months(desk.contract().ends, 3)
    contracting.amend(desk.office, desk.who("head"), desk.contract().id, ends=ends, reason="узартуу")
    added = desk.period(3)
    assert added.wakes_on == added.starts


@pytest.mark.parametrize("stage", ["published", "signed", "reporting", "reported", "accepted", "evaluated"])
def test_at_every_stage_a_period_wakes_on_the_day_that_is_reckoned_from_it(desk_at: Open, stage: str) -> None:
    desk = desk_at(stage)
    pack, today = packs.load("example"), desk.office.today(desk.contest.zone)
    signed = desk.contract().status is ContractStatus.SIGNED
    for period in desk.all(Period):
        expected = ladder.wakes_on(pack, period, period.status, today) if signed else None
        assert period.wakes_on == expected, (stage, period.number)
