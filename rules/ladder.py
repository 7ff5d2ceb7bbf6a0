"""The ladder of reminders: which step is due, each once, and on which day the next one is."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# rows keep their JSON columns as bare lists and dicts; shapes of schemas/ read them here

from dataclasses import dataclass
from datetime import date, timedelta

from rules.deadlines import add, is_working
from rules.packs import Pack
from rules.reporting import LadderStep
from schemas.customer import Role
from schemas.report import Period, PeriodStatus

WAITING = (PeriodStatus.OPEN, PeriodStatus.RETURNED)  # for a report


@dataclass(frozen=True)
class Rung:
    """A step of the ladder that is due: its code, to whom, and the letter's code."""

    code: str
    to: Role
    letter: str


def rungs_due(pack: Pack, period: Period, today: date) -> list[Rung]:
    """The steps to take today, each once in a cycle.

    After missed days only the highest step of each kind and addressee is taken, and no reminder once the report is
    overdue. A reminder that comes after the due day has the words for that, or is not written. Where letters leave on
    working days only, a step's day moves on to the next one. A report that is in checking or accepted is never overdue;
    a period that has not begun, or is paused, is not reminded of.
    """
    return _due(pack, period, period.status, today)


def wakes_on(pack: Pack, period: Period, status: PeriodStatus, today: date) -> date | None:
    """The day on which the period in this status opens, or the first from today that has a step due; None = never."""
    if status is PeriodStatus.PLANNED:
        return period.opens
    days = {_rolled(pack, today), *(day for day in _days(pack, period, status).values() if day > today)}
    return next((day for day in sorted(days) if _due(pack, period, status, day)), None)


def taken_for_good(pack: Pack, period: Period) -> list[str]:
    """The steps that a new cycle does not take again: those that look to the period's own days, which do not move."""
    return [code for code in period.rungs if code in pack.ladder and pack.ladder[code].value.since != "due"]


def _due(pack: Pack, period: Period, status: PeriodStatus, today: date) -> list[Rung]:
    if _rolled(pack, today) != today:
        return []
    days = _days(pack, period, status)
    reached = sorted((code for code in days if days[code] <= today), key=lambda code: (days[code], code))
    if any(_step(pack, code).type != "reminder" for code in reached):
        reached = [code for code in reached if _step(pack, code).type != "reminder"]
    highest = {(_step(pack, code).type, _step(pack, code).to): code for code in reached}
    found: list[Rung] = []
    for code in reached:
        step = _step(pack, code)
        late = step.type == "reminder" and today > period.due
        letter = step.missed if late else step.letter
        if code in highest.values() and code not in period.rungs and letter:
            found.append(Rung(code, step.to, letter))
    return found


def _step(pack: Pack, code: str) -> LadderStep:
    return pack.ladder[code].value


def _days(pack: Pack, period: Period, status: PeriodStatus) -> dict[str, date]:
    """The day of each step; none for a period that waits for no report. What was handed in once is not asked for anew.

    A final report on the whole project does not begin: it is asked for when the project has ended.
    """
    if status not in WAITING or period.paused_on is not None:
        return {}
    steps = {code: item.value for code, item in pack.ladder.items()}
    days = {"due": period.due, "ends": period.ends, "starts": period.starts}
    return {
        code: _rolled(pack, add(days[step.since], step.at))
        for code, step in steps.items()
        if step.since == "due" or (status is PeriodStatus.OPEN and not (period.whole and step.since == "starts"))
    }


def _rolled(pack: Pack, day: date) -> date:
    """The day itself, or the working day after it where letters leave on working days only. Raises NoCalendar."""
    while pack.monitoring.working_days_only.value and not is_working(day):
        day += timedelta(days=1)
    return day
