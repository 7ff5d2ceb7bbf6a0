import itertools
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules import periods
from rules.deadlines import Term
from rules.reporting import DayOfMonth, LastWorkingDay
from schemas.facts import BudgetLine
from schemas.report import PeriodStatus
from tests.rules.makers import PACK, changed, period

LINES = [BudgetLine(name=name, total=sum_, requested=sum_) for name, sum_ in (("Салыктар", 300), ("Жабдуу", 7))]
DAY = timedelta(days=1)


def rows(planned, begun: int, status: PeriodStatus = PeriodStatus.OPEN):
    """Planned periods as they are on record, the first `begun` of them begun."""
    return [
        period(
            one.number,
            status if one.number <= begun else PeriodStatus.PLANNED,
            starts=one.starts,
            ends=one.ends,
            due=one.due,
            final=one.final,
            lines=[line.model_dump() for line in one.lines],
        )
        for one in planned
    ]


def test_money_is_spread_by_days_to_the_tyiyn():
    first, last = periods.plan(PACK, date(2018, 10, 1), date(2019, 3, 31), LINES)

    assert [[line.amount for line in one.lines] for one in (first, last)] == [[151, 3], [149, 4]]


def test_after_an_open_short_last_period_no_day_is_left_in_none():
    """1 October to 15 March in quarters; the second is open and short when the project is prolonged to the end of June."""
    there = rows(periods.plan(PACK, date(2018, 10, 1), date(2019, 3, 15), LINES), begun=2)

    after = periods.replan(PACK, date(2018, 10, 1), date(2019, 6, 30), LINES, there)

    assert [(one.number, one.starts, one.ends, one.final) for one in after] == [
        (3, date(2019, 3, 16), date(2019, 6, 15), False),
        (4, date(2019, 6, 16), date(2019, 6, 30), True),
    ]
    assert all(line.amount == 0 for one in after for line in one.lines)  # all was in the plan of those that have begun


def test_what_begins_where_a_period_would_is_counted_from_the_first_day():
    """From the 31st: a month's last day has to come back, not to wander to the 28th."""
    monthly = changed("monitoring.every", "month")
    planned = periods.plan(monthly, date(2019, 1, 31), date(2019, 6, 30), LINES)

    after = periods.replan(monthly, date(2019, 1, 31), date(2019, 6, 30), LINES, rows(planned, begun=1))

    assert [(one.number, one.starts, one.ends) for one in after] == [
        (one.number, one.starts, one.ends) for one in planned[1:]
    ]


@given(
    st.dates(date(2018, 1, 1), date(2026, 1, 1)),
    st.integers(0, 500),
    st.integers(0, 500),
    st.sampled_from(["month", "quarter", "half_year", "end", "milestone"]),
    st.integers(0, 99),
)
def test_a_new_plan_leaves_what_has_begun_and_covers_every_day(
    starts: date, days: int, more: int, every: str, begun: int
):
    pack = changed("monitoring.every", every)
    planned = periods.plan(pack, starts, starts + days * DAY, LINES)
    begun = min(begun, len(planned))
    ends = starts + (days + more) * DAY

    after = periods.replan(pack, starts, ends, LINES, rows(planned, begun))

    whole = [*planned[:begun], *after]
    assert (whole[0].starts, whole[-1].ends) == (starts, ends)
    assert [one.number for one in whole] == list(range(1, len(whole) + 1))
    assert all(right.starts == left.ends + DAY for left, right in itertools.pairwise(whole))
    if after:
        for at, line in enumerate(LINES):
            assert sum(one.lines[at].amount for one in whole) == line.requested


def test_a_line_that_the_contract_no_longer_has_is_not_planned_any_more():
    there = rows(periods.plan(PACK, date(2018, 10, 1), date(2019, 3, 31), LINES), begun=1)

    (after,) = periods.replan(PACK, date(2018, 10, 1), date(2019, 3, 31), LINES[:1], there)

    assert [(line.name, line.amount) for line in after.lines] == [("Салыктар", 149)]
    assert periods.planned_lines(there[0]) == {"салыктар": 151, "жабдуу": 3}


@pytest.mark.parametrize(
    ("rule", "ends", "expected"),
    [
        (Term(days=5, kind="working"), date(2018, 12, 31), date(2019, 1, 14)),
        (Term(days=10, kind="calendar"), date(2019, 3, 31), date(2019, 4, 10)),
        (DayOfMonth(day=5), date(2019, 3, 31), date(2019, 4, 5)),
        (DayOfMonth(day=5), date(2019, 3, 15), date(2019, 4, 5)),
        (DayOfMonth(day=5), date(2019, 4, 30), date(2019, 5, 6)),  # the 5th and the 9th of May are no working days
        (DayOfMonth(day=31), date(2019, 1, 31), date(2019, 2, 28)),  # February has no 31st
        (DayOfMonth(day=5), date(2018, 12, 31), date(2019, 1, 8)),  # the New Year's days and Christmas
        (LastWorkingDay(last_working_day=0), date(2019, 3, 31), date(2019, 3, 29)),
        (LastWorkingDay(last_working_day=1), date(2019, 3, 31), date(2019, 4, 30)),
    ],
)
def test_the_last_day_for_a_report(rule, ends: date, expected: date):
    assert periods.due_day(rule, ends) == expected


@pytest.mark.parametrize(
    ("every", "align", "expected"),
    [
        ("month", "start", ["01-15", "02-15", "03-15", "04-15"]),
        ("month", "calendar", ["01-15", "02-01", "03-01", "04-01"]),
        ("quarter", "start", ["01-15", "04-15"]),
        ("quarter", "calendar", ["01-15", "04-01"]),
        ("half_year", "start", ["01-15"]),
        ("half_year", "calendar", ["01-15"]),
        ("end", "start", ["01-15"]),
        ("milestone", "start", ["01-15", "03-11"]),
    ],
)
def test_the_pack_says_how_the_project_is_cut(every: str, align: str, expected: list[str]):
    pack = changed("monitoring.align", align, pack=changed("monitoring.every", every))
    planned = periods.plan(pack, date(2019, 1, 15), date(2019, 4, 30), LINES, [date(2019, 3, 10), date(2018, 1, 1)])

    assert [f"{one.starts:%m-%d}" for one in planned] == expected
    assert [one.final for one in planned] == [False] * (len(planned) - 1) + [True]


def test_months_of_the_calendar_go_on_after_a_short_last_one():
    pack = changed("monitoring.align", "calendar", pack=changed("monitoring.every", "month"))
    there = rows(periods.plan(pack, date(2019, 1, 15), date(2019, 3, 10), LINES), begun=3)

    after = periods.replan(pack, date(2019, 1, 15), date(2019, 4, 30), LINES, there)

    assert [(one.number, one.starts, one.ends) for one in after] == [
        (4, date(2019, 3, 11), date(2019, 3, 31)),
        (5, date(2019, 4, 1), date(2019, 4, 30)),
    ]
