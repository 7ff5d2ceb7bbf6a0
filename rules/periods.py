"""The plan of a contract: its reporting periods."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# rows keep their JSON columns as bare lists and dicts; shapes of schemas/ read them here

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from rules import likeness
from rules.deadlines import add, add_months
from rules.packs import Pack
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


def plan(pack: Pack, starts: date, ends: date, lines: Sequence[BudgetLine] = ()) -> list[PlannedPeriod]:
    """Periods of the pack's length without gap or overlap from the first to the last day; the last may be shorter.

    Each line's money is spread over them by their days, to the tyiyn.
    """
    return _planned(pack, starts, starts, ends, 0, {one.name: one.requested for one in lines})


def replan(
    pack: Pack, starts: date, ends: date, lines: Sequence[BudgetLine], there: Sequence[Period]
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
    regular = any(add_months(starts, count * pack.monitoring.months.value) == begin for count in range(len(begun) + 1))
    spare = {name: max(amount, 0) for name, amount in left.items()}
    return _planned(pack, starts if regular else begin, begin, ends, last.number if last else 0, spare)


def planned_lines(period: Period) -> dict[str, int]:
    """What the plan of a period gives each line, by the line's name in comparable form."""
    return {likeness.plain(one.name): one.amount for one in map(PlannedLine.model_validate, period.lines)}


def _planned(
    pack: Pack, anchor: date, begin: date, ends: date, before: int, money: dict[str, int]
) -> list[PlannedPeriod]:
    """Periods from `begin`, cut where whole lengths from `anchor` end, numbered on after `before`."""
    law = pack.monitoring
    planned: list[PlannedPeriod] = []
    first, lengths, days = begin, 0, (ends - begin).days + 1
    while begin <= ends:
        while (after := add_months(anchor, lengths * law.months.value)) <= begin:
            lengths += 1
        final = after > ends
        end = ends if final else after - ONE_DAY
        due = add(end, (law.final_due if final else law.due).value)
        given = tuple(
            PlannedLine(
                name=name,
                amount=amount * ((end - first).days + 1) // days - amount * (begin - first).days // days,
            )
            for name, amount in money.items()
        )
        planned.append(PlannedPeriod(before + len(planned) + 1, begin, end, due, final, given))
        begin = after
    return planned
