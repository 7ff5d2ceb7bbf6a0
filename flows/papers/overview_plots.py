"""The plots of an overview: its figures become bars, lines and rows with labels in one language."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Final

from reportlab.graphics.shapes import Drawing

from documents import plots
from documents.plots import Band, Cell, Course, Gauge, State
from flows.steps import overview as figures
from rules.deadlines import add_months
from schemas.overview import ContestOverview, Overview, PeriodFigures, Point
from schemas.report import PeriodStatus
from schemas.wording import say

DRAWN: Final = 24  # contracts of a contest in pictures
_AT_ONCE: Final = 12  # bars, or rows, of one picture: it has to stand on a page
_SETTLED: Final[dict[PeriodStatus, State]] = {
    PeriodStatus.PLANNED: "planned",
    PeriodStatus.OPEN: "open",
    PeriodStatus.RECEIVED: "received",
    PeriodStatus.RETURNED: "returned",
    PeriodStatus.ACCEPTED: "accepted",
}


def indicators(seen: Overview, language: str) -> list[Drawing]:
    """A bar for each indicator."""
    return _bars(
        [
            Gauge(
                say("form.fact", language, fact=one.name),
                say("paper.overview.not_reported", language)
                if one.reached is None
                else say("paper.overview.reached", language, reached=one.reached, target=one.target),
                one.percent,
            )
            for one in seen.indicators
        ]
    )


def spending(seen: Overview, language: str) -> Drawing:
    """The curve of a contract."""
    return _curve(figures.spending(seen), figures.payments(seen), seen.starts, seen.ends, seen.today, language)


def timeline(seen: Overview, language: str) -> list[Drawing]:
    """A row for each calendar year of the project."""
    cells = [_cell(one) for one in seen.periods]
    first = min(one.starts for one in seen.periods).year
    last = max(max(one.ends, one.due) for one in seen.periods).year
    bands = [
        Band(
            str(year),
            date(year, 1, 1),
            date(year, 12, 31),
            [one for one in cells if one.starts.year <= year <= max(one.ends.year, one.due.year)],
            [(date(year, month, 1), str(month)) for month in range(1, 13)],
        )
        for year in range(first, last + 1)
    ]
    return _timeline(bands, seen.today, language)


def contest_indicators(seen: ContestOverview, language: str) -> list[Drawing]:
    """How far each contract is, on the mean of its indicators."""
    return _bars(
        [
            Gauge(
                say("paper.overview.name.contract", language, number=one.number, organisation=one.organisation),
                say("paper.overview.not_reported", language)
                if one.percent is None
                else say("paper.overview.percent", language, percent=one.percent),
                one.percent,
            )
            for one in seen.listed[:DRAWN]
        ]
    )


def contest_spending(seen: ContestOverview, language: str) -> Drawing:
    """The curve of all contracts together."""
    first = min((one.on for one in seen.curve), default=seen.starts)
    last = max((one.on for one in seen.curve), default=seen.ends)
    return _curve(seen.curve, seen.payments, first, last, seen.today, language)


def contest_timeline(seen: ContestOverview, language: str) -> list[Drawing]:
    """A row for each contract, all over the same days."""
    drawn = seen.listed[:DRAWN]
    periods = [period for one in drawn for period in one.periods]
    first = min((one.starts for one in periods), default=seen.starts).replace(day=1)
    last = max((max(one.ends, one.due) for one in periods), default=seen.ends)
    ticks = list(_months(first, last))
    bare = [(on, "") for on, _ in ticks]  # the months are named once in a picture, above the first
    bands = [
        Band(one.number, first, last, [_cell(period) for period in one.periods], bare if at % _AT_ONCE else ticks)
        for at, one in enumerate(drawn)
    ]
    return _timeline(bands, seen.today, language)


def _bars(gauges: Sequence[Gauge]) -> list[Drawing]:
    return [plots.indicators(gauges[at : at + _AT_ONCE]) for at in range(0, len(gauges), _AT_ONCE)]


def _timeline(bands: Sequence[Band], today: date, language: str) -> list[Drawing]:
    there = {cell.state for band in bands for cell in band.cells}
    legend: list[tuple[State, str]] = [
        (state, say("form.fact", language, fact=status)) for status, state in _SETTLED.items() if state in there
    ]
    if "overdue" in there:
        legend.append(("overdue", say("paper.overview.state.overdue", language)))
    due, now = say("paper.overview.due", language), say("paper.overview.now", language)
    return [
        plots.timeline(bands[at : at + _AT_ONCE], today, legend, due=due, now=now)
        for at in range(0, len(bands), _AT_ONCE)
    ]


def _cell(one: PeriodFigures) -> Cell:
    state: State = "overdue" if one.days_over else _SETTLED[one.status]
    return Cell(str(one.number), one.ends if one.whole else one.starts, one.ends, one.due, state)


def _curve(
    points: Sequence[Point],
    payments: Sequence[tuple[date, int]],
    first: date,
    last: date,
    today: date,
    language: str,
) -> Drawing:
    # a tranche is paid before the project begins, or after it has ended
    first = min([first, *(on for on, _ in payments)])
    last = max([last, *(on for on, _ in payments)])
    spent = [one for one in points if one.spent is not None]
    courses = [
        Course(say("paper.overview.line.planned", language), [(one.on, one.planned) for one in points], "planned"),
        Course(
            say("paper.overview.line.spent", language),
            [(one.on, one.spent) for one in spent if one.spent is not None] if len(spent) > 1 else [],
            "spent",
            frozenset(one.on for one in spent if not one.settled),
        ),
    ]
    if payments:
        until = max(payments[-1][0], min(today, last))
        stairs = [(payments[0][0], 0), *payments, (until, payments[-1][1])]
        courses.append(Course(say("paper.overview.line.paid", language), stairs, "paid"))
    ticks = list(_months(first, last))
    return plots.spending(courses, first, last, ticks, unit=say("paper.overview.som", language))


def _months(first: date, last: date) -> Iterator[tuple[date, str]]:
    """The first day of each month; of each quarter, where there are many."""
    on = first if first.day == 1 else add_months(first.replace(day=1), 1)
    step = 1 if (last - first) < timedelta(days=800) else 3
    while on <= last:
        if (on.month - 1) % step == 0:
            yield on, f"{on:%m.%Y}"
        on = add_months(on, 1)
