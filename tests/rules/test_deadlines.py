import hashlib
from datetime import UTC, date, datetime, time, timedelta

import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules import deadlines
from rules.deadlines import Term
from schemas.errors import NoCalendar

DAYS = st.dates(date(2018, 1, 1), date(2029, 12, 31))


def test_our_calendar_of_2017_to_2030_agrees_with_the_holidays_library_on_every_day():
    theirs = holidays.KG(years=range(2016, 2032))
    days = [date(2017, 1, 1) + timedelta(days=n) for n in range((date(2031, 1, 1) - date(2017, 1, 1)).days)]

    assert [day for day in days if deadlines.is_working(day) != theirs.is_working_day(day)] == []


def test_orozo_ait_a_weekend_and_a_transferred_saturday():
    assert not deadlines.is_working(date(2018, 6, 15))
    assert not deadlines.is_working(date(2018, 6, 16))
    assert deadlines.is_working(date(2018, 3, 3))  # worked for 9 March
    assert not deadlines.is_working(date(2018, 3, 9))


@pytest.mark.parametrize("day", [date(2016, 12, 30), date(2031, 1, 6)])
def test_a_year_whose_holidays_are_unknown_is_refused_not_guessed(day: date):
    with pytest.raises(NoCalendar):
        deadlines.is_working(day)


def test_working_days_are_counted_from_the_next_day_over_holidays_and_back():
    assert deadlines.add_working_days(date(2018, 6, 14), 1) == date(2018, 6, 18)
    assert deadlines.add_working_days(date(2018, 6, 18), -1) == date(2018, 6, 14)
    assert deadlines.add_working_days(date(2018, 6, 16), 0) == date(2018, 6, 16)


@given(DAYS, st.integers(1, 60))
def test_a_term_in_working_days_ends_on_a_working_day_and_holds_just_so_many(day: date, n: int):
    end = deadlines.add_working_days(day, n)
    between = [day + timedelta(days=k) for k in range(1, (end - day).days + 1)]

    assert deadlines.is_working(end)
    assert sum(map(deadlines.is_working, between)) == n


@given(DAYS, st.integers(-60, 60))
def test_a_calendar_term_is_so_many_days(day: date, n: int):
    assert deadlines.add(day, Term(days=n, kind="calendar")) - day == timedelta(days=n)


def test_a_term_of_working_days_goes_by_the_holidays():
    assert deadlines.add(date(2018, 6, 14), Term(days=1, kind="working")) == date(2018, 6, 18)


def test_the_very_second_of_the_cutoff_is_in_time_and_the_next_is_late():
    cutoff = deadlines.cutoff(date(2018, 8, 3), time(17), "Asia/Bishkek")

    assert cutoff == datetime(2018, 8, 3, 11, tzinfo=UTC)
    assert not deadlines.late(cutoff, cutoff)
    assert not deadlines.late(cutoff + timedelta(microseconds=999_999), cutoff)
    assert deadlines.late(cutoff + timedelta(seconds=1), cutoff)


def test_the_day_is_that_of_the_zone():
    instant = datetime(2018, 8, 3, 18, 30, tzinfo=UTC)

    assert deadlines.local_day(instant, "Asia/Bishkek") == date(2018, 8, 4)
    assert deadlines.local_day(instant, "UTC") == date(2018, 8, 3)


@pytest.mark.parametrize(
    ("day", "n", "expected"),
    [
        (date(2018, 10, 1), 3, date(2019, 1, 1)),
        (date(2018, 1, 31), 1, date(2018, 2, 28)),
        (date(2020, 1, 31), 1, date(2020, 2, 29)),
        (date(2018, 1, 31), -2, date(2017, 11, 30)),
        (date(2018, 12, 31), 0, date(2018, 12, 31)),
    ],
)
def test_months_are_added_within_the_month(day: date, n: int, expected: date):
    assert deadlines.add_months(day, n) == expected


def test_days_can_be_reckoned_by_the_calendar_of_another_day():
    before = deadlines.HOLIDAYS.read_bytes()
    with_another = before.replace(b"movable = [", b"movable = [{ on = 2018-06-19 },")

    with deadlines.reckoning_by(with_another):
        assert deadlines.add_working_days(date(2018, 6, 18), 1) == date(2018, 6, 20)
    assert deadlines.add_working_days(date(2018, 6, 18), 1) == date(2018, 6, 19)


def test_the_installed_calendar_is_called_by_its_hash():
    assert deadlines.calendar_edition() == hashlib.sha256(deadlines.HOLIDAYS.read_bytes()).hexdigest()
