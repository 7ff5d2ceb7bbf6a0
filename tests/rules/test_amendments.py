from datetime import date

import pytest

from rules import amendments
from rules.amendments import Change, Wanted
from schemas.errors import BadAmount, NotFound
from schemas.facts import Checkpoint
from schemas.report import PeriodStatus
from tests.rules.makers import SOM, contract, period, report

LESSONS, TOOLS = "Салыктар", "Жабдуу"  # 30,000 and 20,000 som


def step(name: str, day: str) -> Checkpoint:
    return Checkpoint(name=name, planned=day)


def test_what_an_amendment_does_not_name_stays():
    of = contract(milestones=[step("Контейнерлер", "2018-12-01").model_dump()])
    now = amendments.amended(of, Wanted(), [], [])

    assert amendments.changes(of, now) == []
    assert (now.ends, now.amount) == (of.ends, of.amount)


def test_each_field_is_told_from_what_it_was_to_what_it_is():
    of = contract(milestones=[step("Контейнерлер", "2018-12-01").model_dump()])
    wanted = Wanted(
        ends=date(2019, 5, 31),
        lines={LESSONS.upper(): 25_000 * SOM, "Транспорт": 7_000 * SOM},
        targets={"Үй-бүлөлөр": 120},
        milestones=[step("Жыйынтык", "2019-05-01")],
    )
    now = amendments.amended(of, wanted, [], [])

    assert now.amount == 52_000 * SOM == sum(one.requested for one in now.lines)
    assert amendments.changes(of, now)[0].told() == {
        "field": "ends",
        "name": "",
        "was": "2019-03-31",
        "now": "2019-05-31",
    }
    assert amendments.changes(of, now)[1:] == [
        Change("amount", "", 50_000 * SOM, 52_000 * SOM),
        Change("line", LESSONS, 30_000 * SOM, 25_000 * SOM),
        Change("line", "Транспорт", None, 7_000 * SOM),
        Change("target", "Үй-бүлөлөр", 100, 120),
        Change("milestone", "Контейнерлер", date(2018, 12, 1), None),
        Change("milestone", "Жыйынтык", None, date(2019, 5, 1)),
    ]


def test_a_line_that_gets_nothing_is_left_out_but_for_the_contractors_own_money():
    own = contract(lines=[{"name": LESSONS, "total": 300, "requested": 200, "own": 100}, *contract().lines[1:]])
    now = amendments.amended(own, Wanted(lines={LESSONS: 0}), [], [])

    first = now.lines[0]
    assert (first.name, first.total, first.requested) == (LESSONS, 100, 0)
    without = amendments.amended(contract(), Wanted(lines={LESSONS: 0}), [], [])
    assert [one.name for one in without.lines] == [TOOLS]


def test_a_line_keeps_what_was_spent_there_and_the_sum_is_above_nothing():
    spent = [report(1, lines={LESSONS: (15_000, 15_000)})]

    assert amendments.amended(contract(), Wanted(lines={LESSONS: 15_000 * SOM}), [], spent).amount == 35_000 * SOM
    with pytest.raises(BadAmount):
        amendments.amended(contract(), Wanted(lines={LESSONS: 15_000 * SOM - 1}), [], spent)
    with pytest.raises(BadAmount):
        amendments.amended(contract(), Wanted(lines={LESSONS: 0, TOOLS: 0}), [], [])


def test_a_target_is_that_of_an_indicator_of_the_contract():
    with pytest.raises(NotFound) as refused:
        amendments.amended(contract(), Wanted(targets={"Дарактар": 9}), [], [])

    assert refused.value.facts == {"noun": "indicator", "id": "Дарактар"}


def test_milestones_of_a_period_that_has_begun_stay():
    known = [step("Контейнерлер", "2018-12-01"), step("Сабактар", "2019-02-01")]
    of = contract(milestones=[one.model_dump() for one in known])
    periods = [period(1, PeriodStatus.OPEN), period(2, PeriodStatus.PLANNED, ends=date(2019, 3, 31))]
    wanted = Wanted(milestones=[step("Контейнерлер", "2019-01-15"), step("Жыйынтык", "2019-03-01")])

    kept = amendments.amended(of, wanted, periods, []).milestones

    assert [(one.name, one.planned) for one in kept] == [("Контейнерлер", "2018-12-01"), ("Жыйынтык", "2019-03-01")]
    whole = [period(3, PeriodStatus.ACCEPTED, ends=date(2019, 3, 31), whole=True)]
    assert [one.name for one in amendments.amended(of, wanted, whole, []).milestones] == ["Контейнерлер", "Жыйынтык"]
