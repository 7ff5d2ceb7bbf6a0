"""Days and terms: working days, cut-offs, and the day it is somewhere. The public holidays are data in packs/."""

import hashlib
import tomllib
from calendar import monthrange
from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict

from schemas.errors import NoCalendar

HOLIDAYS = Path(__file__).parent / "packs" / "holidays-kg.toml"
SATURDAY = 5
MONTHS = 12


class Term(BaseModel):
    """So many days, calendar or working; below zero reckons back."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    days: int
    kind: Literal["calendar", "working"]


_calendar_in_use: ContextVar[bytes | None] = ContextVar("calendar", default=None)


@cache
def _installed() -> bytes:
    return HOLIDAYS.read_bytes()


@cache
def calendar_edition() -> str:
    """Hash of the calendar that is installed: events of what was reckoned by it name it."""
    return hashlib.sha256(_installed()).hexdigest()


@contextmanager
def reckoning_by(calendar: bytes) -> Generator[None]:
    """Days are reckoned by this calendar, as it was once, and not by the one that is installed."""
    before = _calendar_in_use.set(calendar)
    try:
        yield
    finally:
        _calendar_in_use.reset(before)


@cache
def _read(calendar: bytes) -> tuple[range, frozenset[date], frozenset[date]]:
    """Years known, holidays (with those carried over from weekends), and the days worked instead."""
    told = tomllib.loads(calendar.decode("utf-8"))
    years = range(told["first_year"], told["last_year"] + 1)
    named = {
        date(year, one["month"], one["day"]) for one in told["fixed"] for year in range(one["from"], one["until"] + 1)
    } | {one["on"] for one in told["movable"]}
    off = set(named)
    for day in sorted(day for day in named if day <= told["carried_over_until"] and day.weekday() >= SATURDAY):
        free = day
        while free.weekday() >= SATURDAY or free in off:
            free += timedelta(days=1)
        off.add(free)
    worked = {one["works"] for one in told["transferred"] if "works" in one}
    off |= {one["off"] for one in told["transferred"]}
    return years, frozenset(off - worked), frozenset(worked)


def is_working(day: date) -> bool:
    """Monday to Friday but for holidays, and a Saturday that is worked for a day off elsewhere.

    Raises NoCalendar for a year whose holidays are not in the data.
    """
    years, off, worked = _read(_calendar_in_use.get() or _installed())
    if day.year not in years:
        raise NoCalendar(year=day.year)
    return day in worked or (day.weekday() < SATURDAY and day not in off)


def add_working_days(day: date, n: int) -> date:
    """The n-th working day after `day` (before it, if n is below zero); `day` itself is never counted."""
    step = timedelta(days=1 if n >= 0 else -1)
    left = abs(n)
    while left:
        day += step
        left -= is_working(day)
    return day


def add(day: date, term: Term) -> date:
    """The last day of a term that starts the day after `day`. A calendar term may end on a day off."""
    return add_working_days(day, term.days) if term.kind == "working" else day + timedelta(days=term.days)


def cutoff(day: date, clock: time, zone: str) -> datetime:
    """The instant, in UTC, at which the clock of the zone shows this time on this day."""
    return datetime.combine(day, clock, tzinfo=ZoneInfo(zone)).astimezone(UTC)


def late(received_at: datetime, cutoff: datetime) -> bool:
    """The very second of the cut-off is in time; the next second is late."""
    return received_at.replace(microsecond=0) > cutoff


def local_day(instant: datetime, zone: str) -> date:
    """Which day it is in the zone at this instant."""
    return instant.astimezone(ZoneInfo(zone)).date()


def add_months(day: date, n: int) -> date:
    """The same day n months later (earlier, if below zero); the month's last day where it has no such day."""
    year, month = divmod(day.year * MONTHS + day.month - 1 + n, MONTHS)
    last = monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))
