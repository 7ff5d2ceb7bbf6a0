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
from schemas.contract import Contract
from schemas.facts import BudgetLine, Checkpoint, PlannedLine
from schemas.report import NOT_BEGUN, Period

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class PlannedPeriod:
    """A reporting period, its days included, the last day for its report, and what it gives each line.

    `title` names the milestone that ends it. `whole`: no period of its own but the final report on the whole project.
    """

    number: int
    starts: date
    ends: date
    due: date
    final: bool
    lines: tuple[PlannedLine, ...] = ()
    title: str = ""
    whole: bool = False


@dataclass(frozen=True)
class Agreed:
    """What a contract agrees on time and money. `since` is the day from which reports can be asked for: of the signing."""

    starts: date
    ends: date
    lines: Sequence[BudgetLine] = ()
    milestones: Sequence[Checkpoint] = ()
    since: date | None = None


def agreed(contract: Contract, since: date | None = None) -> Agreed:
    """What a contract says."""
    lines = [BudgetLine.model_validate(one) for one in contract.lines]
    milestones = [Checkpoint.model_validate(one) for one in contract.milestones]
    return Agreed(contract.starts, contract.ends, lines, milestones, since)


def lacks_milestones(pack: Pack, contract: Contract) -> bool:
    """Whether the pack cuts the project by milestones and there is none within it."""
    days = [date.fromisoformat(one.planned) for one in agreed(contract).milestones]
    return pack.monitoring.every.value == "milestone" and not any(
        contract.starts <= one <= contract.ends for one in days
    )


def plan(pack: Pack, terms: Agreed) -> list[PlannedPeriod]:
    """Periods of the pack's length without gap or overlap from the first to the last day; the last may be shorter.

    Cut by the month, the quarter, the half-year, at the last day of each milestone, or not at all. What would have ended
    before the signing is part of the first period, and no report is due before the signing.

    Each line's money is spread over them by their days, to the tyiyn. Where the pack asks for a final report besides the
    last period's, it follows as one of its own, on the whole project.
    """
    planned = _planned(pack, terms, terms.starts, terms.starts, 0, {one.name: one.requested for one in terms.lines})
    return [*planned, *_whole(pack, terms, len(planned))]


def replan(pack: Pack, terms: Agreed, there: Sequence[Period]) -> list[PlannedPeriod]:
    """The periods after those that have begun, which stay as they are: no day of the project is left in none.

    The new ones share what the begun ones do not have in their plan. They are counted on from the project's first day
    where a period would begin there, and from the day after the last begun one where that was a short, final one.
    """
    begun = [one for one in there if one.status not in NOT_BEGUN]
    left = {one.name: one.requested for one in terms.lines}
    for period in begun:
        for name, amount in planned_lines(period).items():
            for line in left:
                left[line] -= amount if likeness.plain(line) == name else 0
    last = max(begun, key=lambda one: one.number, default=None)
    begin = last.ends + ONE_DAY if last else terms.starts
    regular = begin == terms.starts or any(begin == one + ONE_DAY for one in _ends(pack, terms, terms.starts, begin))
    spare = {name: max(amount, 0) for name, amount in left.items()}
    before = last.number if last else 0
    planned = _planned(pack, terms, terms.starts if regular else begin, begin, before, spare)
    if not planned and any(one.whole for one in begun):
        return []
    return [*planned, *_whole(pack, terms, before + len(planned))]


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


def _ends(pack: Pack, terms: Agreed, anchor: date, until: date) -> list[date]:
    """The days on which periods end, from `anchor` on, in their order, up to the first on or after `until`."""
    every = pack.monitoring.every.value
    if every not in EVERY:
        days = {date.fromisoformat(one.planned) for one in terms.milestones if every == "milestone"}
        return sorted(one for one in days if one >= anchor)
    months, first = EVERY[every], anchor
    if pack.monitoring.align.value == "calendar":
        first = date(anchor.year, (anchor.month - 1) // months * months + 1, 1)
    ends: list[date] = []
    while not ends or ends[-1] < until:
        ends.append(add_months(first, (len(ends) + 1) * months) - ONE_DAY)
    return ends


def _due(rule: Due, ends: date, since: date) -> date:
    """The last day for a report; reckoned from the signing, or a month after it, where it would be before it."""
    days = (due_day(rule, day) for day in (ends, since, add_months(since, 1)))
    return next((day for day in days if day >= since), since)


def _title(pack: Pack, terms: Agreed, starts: date, ends: date) -> str:
    """The milestones that are reached in a period; those planned for after the last day belong to the last period."""
    if pack.monitoring.every.value != "milestone":
        return ""
    last = date.max if ends == terms.ends else ends
    named = [one for one in terms.milestones if starts <= date.fromisoformat(one.planned) <= last]
    return "; ".join(one.name for one in sorted(named, key=lambda one: one.planned))


def _planned(
    pack: Pack, terms: Agreed, anchor: date, begin: date, before: int, money: dict[str, int]
) -> list[PlannedPeriod]:
    """Periods from `begin` on, cut where the pack's periods from `anchor` end, numbered on after `before`."""
    law, since, ends = pack.monitoring, terms.since or terms.starts, terms.ends
    planned: list[PlannedPeriod] = []
    first, days = begin, (ends - begin).days + 1
    cuts = [one for one in _ends(pack, terms, anchor, ends) if begin <= one < ends and one >= since]
    cuts = [one for one in cuts if due_day(law.due.value, one) >= since]
    for end in [*cuts, ends] if begin <= ends else []:
        final = end == ends and not _apart(pack)
        due = _due((law.final_due if final else law.due).value, end, since)
        given = tuple(
            PlannedLine(
                name=name,
                amount=amount * ((end - first).days + 1) // days - amount * (begin - first).days // days,
            )
            for name, amount in money.items()
        )
        title = _title(pack, terms, begin, end)
        planned.append(PlannedPeriod(before + len(planned) + 1, begin, end, due, final, given, title))
        begin = end + ONE_DAY
    return planned


def _whole(pack: Pack, terms: Agreed, before: int) -> list[PlannedPeriod]:
    """The final report on the whole project, where the pack asks for one."""
    if not _apart(pack):
        return []
    due = _due(pack.monitoring.final_due.value, terms.ends, terms.since or terms.starts)
    return [PlannedPeriod(before + 1, terms.starts, terms.ends, due, final=True, whole=True)]


def _apart(pack: Pack) -> bool:
    asked = pack.monitoring.separate_final
    return asked is not None and asked.value
