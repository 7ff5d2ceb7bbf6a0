"""The day on which each ladder is come to is reckoned anew once a week: nothing sleeps through its day, and none in silence."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
import yaml

from flows.steps import errands, monitoring
from schemas.contract import Contract
from schemas.doer import CLOCK
from schemas.event import Act, Event
from schemas.outbox import Errand, Letter
from schemas.report import Mend, Period
from storage.ledger import Because
from tests.monitoring.test_ladder import multiply, poison, put_clock
from tests.monitoring.test_waiting import asked
from tests.offices import Desk, Stages

Open = Callable[..., Desk]
ROOT = Path(__file__).parents[2]
WRONG = Because(rule="agenda")


@pytest.mark.parametrize("stage", Stages.ORDER[7:])
def test_at_every_stage_nothing_is_wrong(desk_at: Open, stage: str) -> None:
    desk = desk_at(stage)
    before = len(desk.all(Event))
    assert monitoring.check_agenda(desk.office) == monitoring.Reckoned()
    assert len(desk.all(Event)) == before


def test_nor_after_what_people_do_with_terms_visits_and_money(desk_at: Open) -> None:
    desk = desk_at("reporting")
    asked(desk)
    monitoring.pause(desk.office, desk.who("head"), desk.period().id, "жол жабык")
    assert monitoring.check_agenda(desk.office).mended == 0
    monitoring.resume(desk.office, desk.who("head"), desk.period().id, "жол ачылды")
    for days in (30, 60, 90, 120):
        put_clock(desk, desk.period().due + timedelta(days=days))
        monitoring.sweep(desk.office)
        assert monitoring.check_agenda(desk.office) == monitoring.Reckoned()


@pytest.mark.parametrize("slept", [None, date(2019, 12, 1)])
def test_a_period_that_would_sleep_through_its_day_is_woken_and_the_coordinator_told(
    desk_at: Open, slept: date | None
) -> None:
    desk = desk_at("reporting")
    ought = desk.period().wakes_on
    poison(desk, wakes_on=slept)
    assert monitoring.check_agenda(desk.office, size=1) == monitoring.Reckoned(mended=1)
    assert desk.period().wakes_on == ought
    (event,) = desk.all(Event, act=Act.AGENDA_CORRECT)
    assert (event.subject_id, event.rule) == (desk.period().id, "agenda")
    (told,) = desk.all(Letter, code="agenda_corrected")
    assert (told.facts["period"], told.facts["day"], told.gathered) == (1, str(ought), False)
    assert monitoring.check_agenda(desk.office) == monitoring.Reckoned()
    errands.drain(desk.office, [Errand.SEND_LETTER])
    assert desk.all(Letter, code="agenda_corrected")[0].sent_at is not None


def test_what_waits_for_nothing_is_let_sleep(desk_at: Open) -> None:
    desk = desk_at("accepted")
    poison(desk, wakes_on=date(2018, 1, 1))
    assert monitoring.check_agenda(desk.office).mended == 1
    assert desk.period().wakes_on is None


def test_corrective_acts_and_contracts_are_looked_at_too(desk_at: Open) -> None:
    desk = desk_at("evaluated")
    with desk.office.acting(CLOCK, Act.AGENDA_CORRECT) as work:
        contract = work.get(Contract, desk.contract().id)
        contract.wakes_on = None
        work.record(Act.AGENDA_CORRECT, contract, because=WRONG)
    assert monitoring.check_agenda(desk.office).mended == 1
    assert desk.contract().wakes_on is not None
    desk = desk_at("reporting")
    mend = asked(desk)
    with desk.office.acting(CLOCK, Act.AGENDA_CORRECT) as work:
        work.get(Mend, mend.id).wakes_on = None
        work.record(Act.AGENDA_CORRECT, desk.contract(), because=WRONG)
    assert monitoring.check_agenda(desk.office).mended == 1
    assert desk.all(Mend)[0].wakes_on == mend.wakes_on


def test_many_wrong_days_are_told_in_one_letter(desk_at: Open) -> None:
    desk = desk_at("reporting")
    multiply(desk, 2)
    with desk.office.acting(CLOCK, Act.AGENDA_CORRECT) as work:
        for one in work.all(Period):
            one.wakes_on = None
        work.record(Act.AGENDA_CORRECT, desk.contract(), because=WRONG)
    assert monitoring.check_agenda(desk.office).mended == len(desk.all(Period))
    (digest,) = desk.all(Letter, code="digest")
    assert len(digest.facts["lines"].splitlines()) == len(desk.all(Period))


def test_a_contract_that_cannot_be_reckoned_is_told_and_the_others_go_on(desk_at: Open) -> None:
    desk = desk_at("reporting")
    multiply(desk, 1)
    poison(desk, due=date(2041, 1, 1), wakes_on=None)  # a year without holidays on record
    assert monitoring.check_agenda(desk.office).troubles == [(str(desk.contract().id), "NoCalendar")]


def test_it_is_checked_once_a_week_at_a_minute_at_which_nothing_else_of_its_flow_runs() -> None:
    told = yaml.safe_load((ROOT / "prefect.yaml").read_text(encoding="utf-8"))["deployments"]
    (house,) = [one for one in told if one["entrypoint"] == "flows.housekeeping.housekeeping"]
    (weekly,) = [one for one in house["schedules"] if one.get("parameters") == {"agenda": True}]
    minute, _, *days = weekly["cron"].split()
    assert (int(minute) % 5 != 0, days) == (True, ["*", "*", "1"])
