"""The plan of a contract, and the ladder as the example pack has it."""

import itertools
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules import ladder, periods
from rules.deadlines import is_working
from rules.periods import Agreed
from schemas.customer import Role
from schemas.report import PeriodStatus
from tests.rules.makers import PACK, changed, period

DUE = date(2019, 1, 11)  # a Friday


def test_half_a_year_is_two_quarters_and_the_last_report_is_the_final_one():
    first, last = periods.plan(PACK, Agreed(date(2018, 10, 1), date(2019, 3, 31)))

    assert (first.starts, first.ends, first.due, first.final) == (
        *(date(2018, 10, 1), date(2018, 12, 31), date(2019, 1, 14), False),
    )
    assert (last.starts, last.ends, last.due, last.final) == (
        *(date(2019, 1, 1), date(2019, 3, 31), date(2019, 4, 19), True),
    )


@given(
    st.dates(date(2018, 1, 1), date(2027, 1, 1)),
    st.integers(0, 1000),
    st.sampled_from(["month", "quarter", "half_year", "end"]),
)
def test_periods_cover_the_term_without_gap_or_overlap(starts: date, days: int, every: str):
    ends = starts + timedelta(days=days)
    planned = periods.plan(changed("monitoring.every", every), Agreed(starts, ends))

    assert (planned[0].starts, planned[-1].ends) == (starts, ends)
    assert [one.number for one in planned] == list(range(1, len(planned) + 1))
    assert [one.final for one in planned] == [False] * (len(planned) - 1) + [True]
    for before, after in itertools.pairwise(planned):
        assert after.starts == before.ends + timedelta(days=1)
    assert all(one.starts <= one.ends < one.due and is_working(one.due) for one in planned)


def rungs(today: date, *taken: str, status: PeriodStatus = PeriodStatus.OPEN) -> list[str]:
    return [one.code for one in ladder.rungs_due(PACK, period(1, status, due=DUE, rungs=list(taken)), today)]


@pytest.mark.parametrize(
    ("today", "taken", "expected"),
    [
        (date(2018, 12, 27), (), ["opened"]),
        (date(2018, 12, 27), ("opened",), []),
        (date(2018, 12, 28), (), ["soon"]),  # five working days before, over the New Year and Christmas holidays
        (date(2019, 1, 4), ("soon",), []),
        (DUE, ("soon",), ["due"]),
        (DUE, (), ["due"]),  # the missed one is not sent after its day
        (date(2019, 1, 17), ("soon", "due"), []),
        (date(2019, 1, 18), ("soon", "due"), ["overdue_7"]),
        (date(2019, 1, 18), (), ["overdue_7"]),  # no reminder any more
        (date(2019, 1, 25), ("overdue_7",), ["overdue_14"]),
        (date(2019, 1, 26), ("overdue_14",), []),  # nor a lower step after a higher one
        (date(2019, 2, 1), ("overdue_14",), ["overdue_21"]),
        (date(2019, 3, 1), (), ["overdue_14", "overdue_21", "head"]),
        (date(2019, 3, 1), ("overdue_14", "overdue_21", "head"), []),
    ],
)
def test_each_step_of_the_ladder_is_taken_once_on_its_day_or_caught_up(today: date, taken: tuple, expected: list):
    assert rungs(today, *taken) == expected


@pytest.mark.parametrize("status", PeriodStatus)
def test_what_is_received_accepted_or_not_begun_is_never_reminded_of(status: PeriodStatus):
    waiting = status in (PeriodStatus.OPEN, PeriodStatus.RETURNED)

    assert bool(rungs(date(2019, 3, 1), status=status)) is waiting


def test_a_step_says_to_whom_and_with_which_letter():
    last = ladder.rungs_due(PACK, period(1, due=DUE), date(2019, 3, 1))[-1]

    assert (last.to, last.letter) == (Role.HEAD, "report_escalated")


@given(st.lists(st.integers(-20, 60), min_size=1, max_size=30))
def test_however_often_the_sweep_runs_no_step_is_taken_twice(days: list[int]):
    taken: list[str] = []
    for day in sorted(days):
        taken += rungs(DUE + timedelta(days=day), *taken)

    assert len(taken) == len(set(taken))
    if any(day >= 28 and is_working(DUE + timedelta(days=day)) for day in days):
        assert "head" in taken


def test_a_final_report_on_the_whole_project_is_asked_for_from_its_last_day():
    last = period(3, PeriodStatus.PLANNED, starts=date(2018, 10, 1), ends=date(2019, 3, 31), due=date(2019, 4, 19))
    last.whole = True

    assert ladder.wakes_on(PACK, last, last.status, date(2019, 1, 1)) == date(2019, 3, 31)
    last.status = PeriodStatus.OPEN
    assert ladder.rungs_due(PACK, last, date(2019, 3, 29)) == []
    assert [one.letter for one in ladder.rungs_due(PACK, last, date(2019, 4, 1))] == ["period_ended"]
