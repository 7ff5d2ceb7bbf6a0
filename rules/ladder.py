"""The ladders of reminders: which step is due, each once, and on which day the next one is.

One climbs for a period: for its report, and for our check once that is in. One for a corrective act: until it is told to
be mended, and until we have seen it. One for a contract that is over: until what is owed has been paid back.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# rows keep their JSON columns as bare lists and dicts; shapes of schemas/ read them here

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from rules.deadlines import add, is_working
from rules.packs import Pack
from rules.reporting import LadderStep
from schemas.contract import Contract, ContractStatus
from schemas.customer import Role
from schemas.report import Mend, MendStatus, Period, PeriodStatus

WAITING = (PeriodStatus.OPEN, PeriodStatus.RETURNED)  # for a report
OVER = (ContractStatus.EVALUATED, ContractStatus.TERMINATED)  # what is owed is to be paid back

Waiting = Period | Mend | Contract
Status = PeriodStatus | MendStatus | ContractStatus


@dataclass(frozen=True)
class Rung:
    """A step of a ladder that is due: its code, to whom, and the letter's code."""

    code: str
    to: Role
    letter: str


@dataclass(frozen=True)
class _Wait:
    """What is waited for: the pack's ladder, and the days that its steps are reckoned from."""

    of: str
    days: Mapping[str, date]


def rungs_due(pack: Pack, row: Waiting, today: date) -> list[Rung]:
    """The steps to take today, each once in a cycle.

    After missed days only the highest step of each kind and addressee is taken, and no reminder once somebody is to be
    chased. A reminder that comes after the due day has the words for that, or is not written. Where letters leave on
    working days only, a step's day moves on to the next one. A report that is in checking or accepted is never overdue;
    a period that has not begun, or is paused, is not reminded of.
    """
    wait = _wait(row, row.status)
    return _due(pack, row, wait, _days(pack, wait), today) if wait else []


def standing(pack: Pack, row: Waiting, today: date) -> list[Rung]:
    """The steps that the ladder stands on today, taken or not: a letter that has not left is true if its step is one."""
    wait = _wait(row, row.status)
    return _standing(pack, wait, _days(pack, wait), today) if wait else []


def wakes_on(pack: Pack, row: Waiting, status: Status, today: date) -> date | None:
    """The day on which a period in this status opens, or the first from today that has a step due; None = never."""
    if isinstance(row, Period) and status is PeriodStatus.PLANNED:
        return row.opens
    wait = _wait(row, status)
    if wait is None:
        return None
    days = _days(pack, wait)
    ahead = {_rolled(pack, today), *(day for day in days.values() if day > today)}
    return next((day for day in sorted(ahead) if _due(pack, row, wait, days, day)), None)


def taken_for_good(pack: Pack, period: Period) -> list[str]:
    """The steps that a new cycle does not take again: those that look to the period's own days, which do not move."""
    return [code for code in period.rungs if code in pack.ladder and pack.ladder[code].value.since != "due"]


def _wait(row: Waiting, status: Status) -> _Wait | None:
    """What the row waits for in this status; None for nothing."""
    if isinstance(row, Period):
        return _wait_for_report(row, status)
    if isinstance(row, Mend):
        if status is MendStatus.ASKED:
            return _Wait("mend", {"due": row.until})
        return _Wait("mend_check", {"due": row.check_until}) if status is MendStatus.TOLD and row.check_until else None
    owed = row.balance - row.returned
    return _Wait("refund", {"due": row.refund_until}) if status in OVER and owed > 0 and row.refund_until else None


def _wait_for_report(period: Period, status: Status) -> _Wait | None:
    """What was handed in once is not asked for anew: after a return the period's own days count no more.

    A final report on the whole project does not begin: it is asked for when the project has ended.
    """
    if status is PeriodStatus.RECEIVED:
        return _Wait("check", {"due": period.check_until}) if period.check_until else None
    if status not in WAITING or period.paused_on is not None:
        return None
    own = {"ends": period.ends, "starts": period.starts} if status is PeriodStatus.OPEN else {}
    if period.whole:
        own.pop("starts", None)
    return _Wait("report", {"due": period.due, **own})


def _due(pack: Pack, row: Waiting, wait: _Wait, days: Mapping[str, date], today: date) -> list[Rung]:
    if _rolled(pack, today) != today:
        return []
    return [one for one in _standing(pack, wait, days, today) if one.code not in row.rungs]


def _standing(pack: Pack, wait: _Wait, days: Mapping[str, date], today: date) -> list[Rung]:
    reached = sorted((code for code in days if days[code] <= today), key=lambda code: (days[code], code))
    if any(_step(pack, code).type != "reminder" for code in reached):
        reached = [code for code in reached if _step(pack, code).type != "reminder"]
    highest = {(_step(pack, code).type, _step(pack, code).to): code for code in reached}
    found: list[Rung] = []
    for code in reached:
        step = _step(pack, code)
        late = step.type == "reminder" and today > wait.days["due"]
        letter = step.missed if late else step.letter
        if code in highest.values() and letter:
            found.append(Rung(code, step.to, letter))
    return found


def _step(pack: Pack, code: str) -> LadderStep:
    return pack.ladder[code].value


def _days(pack: Pack, wait: _Wait) -> dict[str, date]:
    """The day of each step of the ladder."""
    return {
        code: _rolled(pack, add(wait.days[step.since], step.at))
        for code, step in pack.ladder_of(wait.of).items()
        if step.since in wait.days
    }


def _rolled(pack: Pack, day: date) -> date:
    """The day itself, or the working day after it where letters leave on working days only. Raises NoCalendar."""
    while pack.monitoring.working_days_only.value and not is_working(day):
        day += timedelta(days=1)
    return day
