"""The plan of a contract: its reporting periods."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# rows keep their JSON columns as bare lists and dicts; shapes of schemas/ read them here

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from rules import likeness
from rules.deadlines import Term, add, add_months, is_working
from rules.packs import Pack
from rules.reporting import EVERY, DayOfMonth, Due
from schemas.facts import BudgetLine, PlannedLine
from schemas.report import Period, PeriodStatus

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class PlannedPeriod:
    """A reporting period, its days included, the last day for its report, and what it gives each line."""

    number: int
    starts: date
    ends: date
    due: date
    final: bool
    lines: tuple[PlannedLine, ...] = ()


def plan(
    pack: Pack, starts: date, ends: date, lines: Sequence[BudgetLine] = (), milestones: Sequence[date] = ()
) -> list[PlannedPeriod]:
    """Periods of the pack's length without gap or overlap from the first to the last day; the last may be shorter.

    Cut by the month, the quarter, the half-year, at the last day of each milestone, or not at all.

    Each line's money is spread over them by their days, to the tyiyn.
    """
    return _planned(pack, starts, starts, ends, 0, {one.name: one.requested for one in lines}, milestones)


def replan(
    pack: Pack,
    starts: date,
    ends: date,
    lines: Sequence[BudgetLine],
    there: Sequence[Period],
    milestones: Sequence[date] = (),
) -> list[PlannedPeriod]:
    """The periods after those that have begun, which stay as they are: no day of the project is left in none.

    The new ones share what the begun ones do not have in their plan. They are counted on from the project's first day
    where a period would begin there, and from the day after the last begun one where that was a short, final one.
    """
    begun = [one for one in there if one.status is not PeriodStatus.PLANNED]
    left = {one.name: one.requested for one in lines}
    for period in begun:
        for name, amount in planned_lines(period).items():
            for line in left:
                left[line] -= amount if likeness.plain(line) == name else 0
    last = max(begun, key=lambda one: one.number, default=None)
    begin = last.ends + ONE_DAY if last else starts
    regular = begin == starts or any(begin == one + ONE_DAY for one in _ends(pack, starts, begin, milestones))
    spare = {name: max(amount, 0) for name, amount in left.items()}
    return _planned(pack, starts if regular else begin, begin, ends, last.number if last else 0, spare, milestones)


def planned_lines(period: Period) -> dict[str, int]:
    """What the plan of a period gives each line, by the line's name in comparable form."""
    return {likeness.plain(one.name): one.amount for one in map(PlannedLine.model_validate, period.lines)}


def due_day(rule: Due, ends: date) -> date:
    """The last day for the report of a period that ends so. Raises NoCalendar."""
    if isinstance(rule, Term):
        return add(ends, rule)
    if isinstance(rule, DayOfMonth):
        month = add_months(ends.replace(day=1), 1)
        day = add_months(month, 1) - ONE_DAY if rule.day > _days_of(month) else month.replace(day=rule.day)
        while not is_working(day):
            day += ONE_DAY
        return day
    day = add_months(ends.replace(day=1), rule.last_working_day + 1) - ONE_DAY
    while not is_working(day):
        day -= ONE_DAY
    return day


def _days_of(month: date) -> int:
    return (add_months(month, 1) - month).days


def _ends(pack: Pack, anchor: date, until: date, milestones: Sequence[date]) -> list[date]:
    """The days on which periods end, from `anchor` on, in their order, up to the first on or after `until`."""
    every = pack.monitoring.every.value
    if every not in EVERY:
        return sorted({one for one in milestones if one >= anchor}) if every == "milestone" else []
    months, first = EVERY[every], anchor
    if pack.monitoring.align.value == "calendar":
        first = date(anchor.year, (anchor.month - 1) // months * months + 1, 1)
    ends: list[date] = []
    while not ends or ends[-1] < until:
        ends.append(add_months(first, (len(ends) + 1) * months) - ONE_DAY)
    return ends


def _planned(
    pack: Pack, anchor: date, begin: date, ends: date, before: int, money: dict[str, int], milestones: Sequence[date]
) -> list[PlannedPeriod]:
    """Periods from `begin` to `ends`, cut where the pack's periods from `anchor` end, numbered on after `before`."""
    law = pack.monitoring
    planned: list[PlannedPeriod] = []
    first, days = begin, (ends - begin).days + 1
    cuts = [one for one in _ends(pack, anchor, ends, milestones) if begin <= one < ends]
    for end in [*cuts, ends] if begin <= ends else []:
        final = end == ends
        due = due_day((law.final_due if final else law.due).value, end)
        given = tuple(
            PlannedLine(
                name=name,
                amount=amount * ((end - first).days + 1) // days - amount * (begin - first).days // days,
            )
            for name, amount in money.items()
        )
        planned.append(PlannedPeriod(before + len(planned) + 1, begin, end, due, final, given))
        begin = end + ONE_DAY
    return planned
