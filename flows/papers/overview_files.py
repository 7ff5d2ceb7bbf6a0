"""The days and the workbook of an overview: what is due as a calendar, and every figure as a row."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal

from documents import export, ics
from documents.export import Sheet, Value
from documents.ics import Entry
from rules.deadlines import add
from rules.packs import Pack
from schemas.contract import ContractStatus
from schemas.errors import NoCalendar
from schemas.overview import Overview, PeriodFigures
from schemas.report import PeriodStatus
from schemas.wording import say

_REMINDER = "reminder"


def calendar(seen: Sequence[tuple[Overview, Pack]], at: datetime, language: str) -> bytes:
    """The last day for each report, and for what a visit found, of contracts with the packs they are under.

    A report that is in stays in the calendar without a reminder; the days of a contract that has ended, and of a period that
    was dropped, are struck out.
    """
    entries = [entry for one, pack in seen for entry in _entries(one, pack, language)]
    return ics.calendar(say("paper.overview.calendar", language), entries, at)


def _entries(one: Overview, pack: Pack, language: str) -> Iterable[Entry]:
    ended = one.status is ContractStatus.TERMINATED
    for period in (*one.periods, *one.dropped):
        gone = period.status is PeriodStatus.DROPPED
        of = period.of if gone else len(one.periods)
        yield Entry(
            identity=f"period-{period.id}@ashar",
            on=period.due,
            summary=say("paper.overview.event.report", language, number=one.number, period=period.number, of=of),
            description=say(
                "paper.overview.event.about",
                language,
                starts=period.starts,
                ends=period.ends,
                status=period.status,
            ),
            sequence=period.version,
            cancelled=gone or (ended and period.status is not PeriodStatus.ACCEPTED),
            remind=_reminders(period, pack),
        )
    for visit in one.visits:
        if visit.mend_until is not None:
            yield Entry(
                identity=f"visit-{visit.id}@ashar",
                on=visit.mend_until,
                summary=say("paper.overview.event.mend", language, number=one.number),
                description=say("form.fact", language, fact=visit.to_mend),
                sequence=visit.version,
                cancelled=ended,
            )


def _reminders(period: PeriodFigures, pack: Pack) -> list[date]:
    """The days on which the ladder would remind of a report that is not in."""
    if period.status in (PeriodStatus.RECEIVED, PeriodStatus.ACCEPTED, PeriodStatus.DROPPED):
        return []
    days: list[date] = []
    for step in pack.ladder_of("report").values():
        if step.type == _REMINDER and step.since != "starts":  # that a period begins is no bell
            try:
                days.append(add(period.due if step.since == "due" else period.ends, step.at))
            except (
                NoCalendar
            ):  # the holidays of that year are not known yet: a calendar without this bell is still right
                continue
    return sorted(set(days))


def workbook(seen: Sequence[Overview], at: datetime, language: str) -> bytes:
    """Contracts, periods, lines, indicators, tranches and visits, a sheet each; sums in som."""
    return export.workbook(
        [
            _contracts(seen, language),
            _periods(seen, language),
            _lines(seen, language),
            _indicators(seen, language),
            _tranches(seen, language),
            _visits(seen, language),
        ],
        at,
    )


def _contracts(seen: Sequence[Overview], language: str) -> Sheet:
    head = (
        say("paper.overview.column.contract", language),
        say("paper.overview.column.organisation", language),
        say("paper.overview.contest", language),
        say("paper.overview.column.starts", language),
        say("paper.overview.column.ends", language),
        say("paper.overview.column.amount", language),
        say("paper.overview.column.paid", language),
        say("paper.overview.column.spent", language),
        say("paper.overview.column.reports", language),
        say("paper.overview.timeline", language),
        say("paper.overview.overdue", language),
        say("paper.overview.column.status", language),
    )
    rows: list[Sequence[Value]] = [
        (
            one.number,
            one.organisation,
            one.contest,
            one.starts,
            one.ends,
            _som(one.amount),
            _som(one.paid),
            _som(one.spent),
            one.accepted,
            len(one.periods),
            one.overdue,
            say("form.fact", language, fact=one.status),
        )
        for one in seen
    ]
    return Sheet(say("paper.overview.contracts", language), head, rows)


def _periods(seen: Sequence[Overview], language: str) -> Sheet:
    head = (
        say("paper.overview.column.contract", language),
        say("paper.overview.column.period", language),
        say("paper.overview.column.starts", language),
        say("paper.overview.column.ends", language),
        say("paper.overview.column.due", language),
        say("paper.overview.column.received", language),
        say("paper.overview.column.late", language),
        say("paper.overview.column.days_over", language),
        say("paper.overview.column.spent", language),
        say("paper.overview.column.final", language),
        say("paper.overview.column.status", language),
    )
    rows: list[Sequence[Value]] = [
        (
            one.number,
            period.number,
            period.starts,
            period.ends,
            period.due,
            period.received_on,
            say("form.fact", language, fact=period.late),
            period.days_over,
            None if period.spent is None else _som(period.spent),
            say("form.fact", language, fact=period.final),
            say("form.fact", language, fact=period.status),
        )
        for one in seen
        for period in one.periods
    ]
    return Sheet(say("paper.overview.timeline", language), head, rows)


def _lines(seen: Sequence[Overview], language: str) -> Sheet:
    head = (
        say("paper.overview.column.contract", language),
        say("paper.overview.column.line", language),
        say("paper.overview.column.planned", language),
        say("paper.overview.column.spent", language),
    )
    rows = [(one.number, line.name, _som(line.planned), _som(line.spent)) for one in seen for line in one.lines]
    return Sheet(say("paper.overview.lines", language), head, rows)


def _indicators(seen: Sequence[Overview], language: str) -> Sheet:
    head = (
        say("paper.overview.column.contract", language),
        say("paper.overview.column.indicator", language),
        say("paper.overview.column.unit", language),
        say("paper.overview.column.baseline", language),
        say("paper.overview.column.target", language),
        say("paper.overview.column.reached", language),
        say("paper.overview.column.percent", language),
    )
    rows: list[Sequence[Value]] = [
        (one.number, it.name, it.unit, it.baseline, it.target, it.reached, it.percent)
        for one in seen
        for it in one.indicators
    ]
    return Sheet(say("paper.overview.workbook", language), head, rows)


def _tranches(seen: Sequence[Overview], language: str) -> Sheet:
    head = (
        say("paper.overview.column.contract", language),
        say("paper.overview.column.number", language),
        say("paper.overview.column.amount", language),
        say("paper.overview.column.paid_on", language),
        say("paper.overview.column.status", language),
        say("paper.overview.column.waits", language),
    )
    rows: list[Sequence[Value]] = [
        (
            one.number,
            part.number,
            _som(part.amount),
            part.paid_on,
            say("form.fact", language, fact=part.status),
            "; ".join(say(f"ground.{rule}", language) for rule in part.unmet),
        )
        for one in seen
        for part in one.tranches
    ]
    return Sheet(say("paper.overview.tranches", language), head, rows)


def _visits(seen: Sequence[Overview], language: str) -> Sheet:
    head = (
        say("paper.overview.column.contract", language),
        say("paper.overview.column.on", language),
        say("paper.overview.column.seen", language),
        say("paper.overview.column.mend", language),
        say("paper.overview.column.until", language),
    )
    rows: list[Sequence[Value]] = [
        (one.number, visit.on, visit.seen, visit.to_mend, visit.mend_until) for one in seen for visit in one.visits
    ]
    return Sheet(say("paper.overview.visits", language), head, rows)


def _som(tyiyn: int) -> Decimal:
    return Decimal(tyiyn) / 100
