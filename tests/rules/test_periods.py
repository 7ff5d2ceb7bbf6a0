import itertools
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules import periods
from rules.deadlines import Term
from rules.periods import Agreed
from rules.reporting import DayOfMonth, LastWorkingDay
from schemas.facts import BudgetLine, Checkpoint
from schemas.report import PeriodStatus
from tests.rules.makers import PACK, changed, contract, period

LINES = [BudgetLine(name=name, total=sum_, requested=sum_) for name, sum_ in (("Салыктар", 300), ("Жабдуу", 7))]
DAY = timedelta(days=1)


def step(name: str, day: str) -> Checkpoint:
    return Checkpoint(name=name, planned=day)


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
            whole=one.whole,
            lines=[line.model_dump() for line in one.lines],
        )
        for one in planned
    ]


def test_money_is_spread_by_days_to_the_tyiyn():
    first, last = periods.plan(PACK, Agreed(date(2018, 10, 1), date(2019, 3, 31), LINES))

    assert [[line.amount for line in one.lines] for one in (first, last)] == [[151, 3], [149, 4]]


def test_after_an_open_short_last_period_no_day_is_left_in_none():
    """1 October to 15 March in quarters; the second is open and short when the project is prolonged to the end of June."""
    there = rows(periods.plan(PACK, Agreed(date(2018, 10, 1), date(2019, 3, 15), LINES)), begun=2)

    after = periods.replan(PACK, Agreed(date(2018, 10, 1), date(2019, 6, 30), LINES), there)

    assert [(one.number, one.starts, one.ends, one.final) for one in after] == [
        (3, date(2019, 3, 16), date(2019, 6, 15), False),
        (4, date(2019, 6, 16), date(2019, 6, 30), True),
    ]
    assert all(line.amount == 0 for one in after for line in one.lines)  # all was in the plan of those that have begun


def test_a_shorter_project_has_fewer_periods_and_what_was_dropped_before_counts_for_nothing():
    monthly = changed("monitoring.every", "month")
    there = rows(periods.plan(monthly, Agreed(date(2018, 10, 1), date(2019, 3, 31), LINES)), begun=2)
    for one in there[4:]:
        one.status = PeriodStatus.DROPPED

    after = periods.replan(monthly, Agreed(date(2018, 10, 1), date(2018, 12, 15), LINES), there)
    assert [(one.number, one.ends, one.final) for one in after] == [(3, date(2018, 12, 15), True)]
    assert periods.replan(monthly, Agreed(date(2018, 10, 1), date(2018, 11, 30), LINES), there) == []


def test_what_begins_where_a_period_would_is_counted_from_the_first_day():
    """From the 31st: a month's last day has to come back, not to wander to the 28th."""
    monthly = changed("monitoring.every", "month")
    planned = periods.plan(monthly, Agreed(date(2019, 1, 31), date(2019, 6, 30), LINES))

    after = periods.replan(monthly, Agreed(date(2019, 1, 31), date(2019, 6, 30), LINES), rows(planned, begun=1))

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
    planned = periods.plan(pack, Agreed(starts, starts + days * DAY, LINES))
    begun = min(begun, len(planned))
    ends = starts + (days + more) * DAY

    after = periods.replan(pack, Agreed(starts, ends, LINES), rows(planned, begun))

    whole = [*planned[:begun], *after]
    assert (whole[0].starts, whole[-1].ends) == (starts, ends)
    assert [one.number for one in whole] == list(range(1, len(whole) + 1))
    assert all(right.starts == left.ends + DAY for left, right in itertools.pairwise(whole))
    if after:
        for at, line in enumerate(LINES):
            assert sum(one.lines[at].amount for one in whole) == line.requested


def test_a_line_that_the_contract_no_longer_has_is_not_planned_any_more():
    there = rows(periods.plan(PACK, Agreed(date(2018, 10, 1), date(2019, 3, 31), LINES)), begun=1)

    (after,) = periods.replan(PACK, Agreed(date(2018, 10, 1), date(2019, 3, 31), LINES[:1]), there)

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
    planned = periods.plan(
        pack,
        Agreed(
            date(2019, 1, 15),
            date(2019, 4, 30),
            LINES,
            [step("Контейнерлер", "2019-03-10"), step("Эрте", "2018-01-01")],
        ),
    )

    assert [f"{one.starts:%m-%d}" for one in planned] == expected
    assert [one.final for one in planned] == [False] * (len(planned) - 1) + [True]


def test_months_of_the_calendar_go_on_after_a_short_last_one():
    pack = changed("monitoring.align", "calendar", pack=changed("monitoring.every", "month"))
    there = rows(periods.plan(pack, Agreed(date(2019, 1, 15), date(2019, 3, 10), LINES)), begun=3)

    after = periods.replan(pack, Agreed(date(2019, 1, 15), date(2019, 4, 30), LINES), there)

    assert [(one.number, one.starts, one.ends) for one in after] == [
        (4, date(2019, 3, 11), date(2019, 3, 31)),
        (5, date(2019, 4, 1), date(2019, 4, 30)),
    ]


# -- milestones -----------------------------------------------------------------------------------------------------------

BY_STEPS = changed("monitoring.every", "milestone")
STEPS = [step("Сабактар", "2019-02-10"), step("Контейнерлер", "2018-11-30"), step("Жыйынтык", "2019-03-31")]
FIRST, LAST = date(2018, 10, 1), date(2019, 3, 31)


def test_each_milestone_ends_a_period_that_is_called_by_it():
    planned = periods.plan(BY_STEPS, Agreed(FIRST, LAST, LINES, STEPS))

    assert [(one.ends, one.title, one.final) for one in planned] == [
        (date(2018, 11, 30), "Контейнерлер", False),
        (date(2019, 2, 10), "Сабактар", False),
        (LAST, "Жыйынтык", True),
    ]


def test_what_is_left_after_the_last_milestone_is_the_final_period_and_one_planned_later_belongs_to_it():
    planned = periods.plan(BY_STEPS, Agreed(FIRST, LAST, LINES, [STEPS[1], step("Кийин", "2019-06-01")]))

    assert [(one.ends, one.title) for one in planned] == [(date(2018, 11, 30), "Контейнерлер"), (LAST, "Кийин")]


def test_milestones_of_one_day_end_one_period():
    planned = periods.plan(BY_STEPS, Agreed(FIRST, LAST, LINES, [STEPS[1], step("Белги", "2018-11-30")]))

    assert [one.title for one in planned] == ["Контейнерлер; Белги", ""]


def test_milestones_name_no_period_of_months():
    assert {one.title for one in periods.plan(PACK, Agreed(FIRST, LAST, LINES, STEPS))} == {""}


@pytest.mark.parametrize(
    ("every", "days", "lacks"),
    [
        ("milestone", [], True),
        ("milestone", ["2018-09-30", "2019-04-01"], True),
        ("milestone", ["2018-10-01"], False),
        ("quarter", [], False),
    ],
)
def test_a_project_cut_by_milestones_has_one_within_it(every: str, days: list[str], lacks: bool):
    of = contract(milestones=[step("Этап", day).model_dump() for day in days])

    assert periods.lacks_milestones(changed("monitoring.every", every), of) is lacks


# -- the final report -------------------------------------------------------------------------------------------------------

# certified_copies of the example says yes
_LAW = PACK.monitoring.model_copy(update={"separate_final": PACK.monitoring.certified_copies})
APART = PACK.model_copy(update={"monitoring": _LAW})


def test_a_final_report_on_the_whole_project_follows_the_last_period_with_its_own_term():
    *regular, last = periods.plan(APART, Agreed(FIRST, LAST, LINES))

    assert [(one.number, one.ends, one.due, one.final) for one in regular] == [
        (1, date(2018, 12, 31), date(2019, 1, 14), False),
        (2, LAST, date(2019, 4, 5), False),
    ]
    assert (last.number, last.starts, last.ends, last.due) == (3, FIRST, LAST, date(2019, 4, 19))
    assert (last.final, last.whole, last.lines) == (True, True, ())


def test_the_final_report_is_planned_anew_until_it_is_asked_for():
    there = rows(periods.plan(APART, Agreed(FIRST, LAST, LINES)), begun=2)
    shorter = Agreed(FIRST, LAST, LINES)

    assert [(one.number, one.whole) for one in periods.replan(APART, shorter, there)] == [(3, True)]
    begun = rows(periods.plan(APART, Agreed(FIRST, LAST, LINES)), begun=3)
    assert periods.replan(APART, shorter, begun) == []
    longer = periods.replan(APART, Agreed(FIRST, date(2019, 6, 30), LINES), begun)
    assert [(one.number, one.starts, one.whole) for one in longer] == [(4, date(2019, 4, 1), False), (5, FIRST, True)]


# -- signed late --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("signed", "expected"),
    [
        ("2018-09-20", [("2018-10-01", "2018-12-31", "2019-01-14"), ("2019-01-01", "2019-03-31", "2019-04-19")]),
        ("2018-12-31", [("2018-10-01", "2018-12-31", "2019-01-14"), ("2019-01-01", "2019-03-31", "2019-04-19")]),
        ("2019-01-01", [("2018-10-01", "2019-03-31", "2019-04-19")]),
        ("2019-04-19", [("2018-10-01", "2019-03-31", "2019-04-19")]),
        ("2019-04-20", [("2018-10-01", "2019-03-31", "2019-05-15")]),  # fifteen working days from the signing
    ],
)
def test_what_ended_before_the_signing_is_part_of_the_first_period_and_nothing_is_due_before_it(signed: str, expected):
    planned = periods.plan(PACK, Agreed(FIRST, LAST, LINES, since=date.fromisoformat(signed)))

    told = [(one.starts.isoformat(), one.ends.isoformat(), one.due.isoformat()) for one in planned]
    assert told == expected


def test_a_period_whose_report_would_be_due_before_the_signing_is_none():
    """The last working day of March 2019 is the 29th; signed on the 30th, the first report comes a month later."""
    pack = changed("monitoring.due", LastWorkingDay(last_working_day=0), pack=changed("monitoring.every", "month"))
    planned = periods.plan(pack, Agreed(date(2019, 3, 1), date(2019, 5, 31), LINES, since=date(2019, 3, 30)))

    assert [(one.starts, one.due) for one in planned] == [
        (date(2019, 3, 1), date(2019, 4, 30)),
        (date(2019, 5, 1), date(2019, 6, 24)),
    ]


def test_a_last_working_day_that_is_over_is_that_of_the_next_month():
    pack = changed("monitoring.final_due", LastWorkingDay(last_working_day=0))
    (only,) = periods.plan(pack, Agreed(date(2019, 3, 1), date(2019, 3, 31), LINES, since=date(2019, 3, 30)))

    assert only.due == date(2019, 4, 30)


@given(
    st.dates(date(2018, 1, 1), date(2024, 1, 1)),
    st.integers(0, 700),
    st.integers(-50, 800),
    st.sampled_from(["month", "quarter", "half_year", "end"]),
    st.sampled_from([PACK, APART]),
)
def test_whenever_it_is_signed_every_day_is_in_one_period_and_no_report_is_due_before(
    starts: date, days: int, later: int, every: str, pack
):
    signed = starts + later * DAY
    terms = Agreed(starts, starts + days * DAY, LINES, since=signed)
    planned = periods.plan(changed("monitoring.every", every, pack=pack), terms)

    regular = [one for one in planned if not one.whole]
    assert (regular[0].starts, regular[-1].ends) == (terms.starts, terms.ends)
    assert all(right.starts == left.ends + DAY for left, right in itertools.pairwise(regular))
    assert all(one.due >= signed for one in planned)
    assert [one.number for one in planned] == list(range(1, len(planned) + 1))
    assert [one.final for one in planned] == [False] * (len(planned) - 1) + [True]
    assert sum(line.amount for one in planned for line in one.lines) == 307
