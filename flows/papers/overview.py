"""Overviews in words: figures of a contract or a contest become a page with plots and tables, in one language."""

from collections.abc import Sequence
from datetime import date
from typing import Final

from documents import words
from documents.overview import Columns, Page, Section
from documents.words import Language
from flows.papers import overview_plots as plotted
from schemas.overview import ContestOverview, LineFigures, Overview, PeriodFigures
from schemas.report import PeriodStatus
from schemas.wording import say

_NONE: Final = "—"


def contract_page(seen: Overview, language: Language) -> Page:
    """The overview of a contract."""
    sections = [
        _indicators(seen, language),
        _spending(seen, language),
        _periods(seen, language),
        _lines(seen.lines, language),
        _tranches(seen, language),
    ]
    if seen.visits:
        sections.append(_visits(seen, language))
    return Page(
        language=language,
        title=say("paper.overview.title.contract", language),
        subtitle=say("paper.overview.name.contract", language, number=seen.number, organisation=seen.organisation),
        facts=_facts(seen, language),
        sections=sections,
        foot=say("paper.overview.foot", language, today=seen.today),
    )


def _facts(seen: Overview, language: Language) -> list[tuple[str, str]]:
    facts = [
        (say("paper.overview.contest", language), say("form.fact", language, fact=seen.contest)),
        (say("paper.overview.status", language), say("form.fact", language, fact=seen.status)),
        (say("paper.overview.term", language), f"{_day(seen.starts, language)} — {_day(seen.ends, language)}"),
        (say("paper.overview.signed", language), say("form.fact", language, fact=seen.signed_on)),
        (say("paper.overview.amount", language), _sum(seen.amount, language)),
        (say("paper.overview.paid", language), _sum(seen.paid, language)),
        (say("paper.overview.spent", language), _sum(seen.spent, language)),
        (say("paper.overview.accepted", language), count_of(seen.accepted, len(seen.periods), language)),
        (say("paper.overview.next_due", language), say("form.fact", language, fact=seen.next_due)),
        (say("paper.overview.overdue", language), str(seen.overdue)),
    ]
    if seen.balance or seen.returned:
        facts += [
            (say("paper.overview.balance", language), _sum(seen.balance, language)),
            (say("paper.overview.returned", language), _sum(seen.returned, language)),
        ]
    return facts


def _indicators(seen: Overview, language: Language) -> Section:
    title = say("paper.overview.indicators", language)
    if not seen.indicators:
        return Section(title, notes=[say("paper.overview.note.no_indicators", language)])
    rows = [
        (
            say("form.fact", language, fact=one.name),
            say("form.fact", language, fact=one.unit),
            words.figures(one.baseline, language),
            words.figures(one.target, language),
            _NONE if one.reached is None else words.figures(one.reached, language),
            _NONE if one.percent is None else str(one.percent),
        )
        for one in seen.indicators
    ]
    head = (
        say("paper.overview.column.indicator", language),
        say("paper.overview.column.unit", language),
        say("paper.overview.column.baseline", language),
        say("paper.overview.column.target", language),
        say("paper.overview.column.reached", language),
        say("paper.overview.column.percent", language),
    )
    return Section(
        title,
        plotted.indicators(seen, language),
        Columns(head, rows, (56, 24, 24, 17, 17, 32), frozenset({2, 3, 4, 5})),
        [say("paper.overview.note.baseline", language)],
    )


def _spending(seen: Overview, language: Language) -> Section:
    notes = [say("paper.overview.note.planned" if seen.has_plan else "paper.overview.note.even", language)]
    if all(one.spent is None for one in seen.periods):
        notes.append(say("paper.overview.note.no_report", language))
    if any(one.spent is not None and not one.settled for one in seen.periods):
        notes.append(say("paper.overview.note.hollow", language))
    return Section(say("paper.overview.spending", language), [plotted.spending(seen, language)], notes=notes)


def _periods(seen: Overview, language: Language) -> Section:
    title = say("paper.overview.timeline", language)
    if not seen.periods:
        return Section(title, notes=[say("paper.overview.note.no_periods", language)])
    rows = [
        (
            f"{one.number} / {len(seen.periods)}",
            f"{short(one.starts, language)} — {short(one.ends, language)}",
            short(one.due, language),
            short(one.received_on, language),
            _NONE if one.spent is None else words.money(one.spent, language),
            stood(one, language),
        )
        for one in seen.periods
    ]
    head = (
        say("paper.overview.column.period", language),
        say("paper.overview.column.days", language),
        say("paper.overview.column.due", language),
        say("paper.overview.column.received", language),
        say("paper.overview.column.spent", language),
        say("paper.overview.column.status", language),
    )
    return Section(
        title, plotted.timeline(seen, language), Columns(head, rows, (18, 42, 24, 23, 31, 32), frozenset({4}))
    )


def _lines(lines: Sequence[LineFigures], language: Language) -> Section:
    rows = [
        (
            say("form.fact", language, fact=one.name),
            words.money(one.planned, language),
            words.money(one.spent, language),
            _share(one.spent, one.planned),
        )
        for one in lines
    ]
    planned, spent = sum(one.planned for one in lines), sum(one.spent for one in lines)
    rows.append(
        (
            say("paper.overview.column.total", language),
            words.money(planned, language),
            words.money(spent, language),
            _share(spent, planned),
        )
    )
    head = (
        say("paper.overview.column.line", language),
        say("paper.overview.column.planned", language),
        say("paper.overview.column.spent", language),
        say("paper.overview.column.share", language),
    )
    return Section(
        say("paper.overview.lines", language), table=Columns(head, rows, (82, 32, 32, 24), frozenset({1, 2, 3}))
    )


def _tranches(seen: Overview, language: Language) -> Section:
    rows = [
        (
            str(one.number),
            words.money(one.amount, language),
            say("form.fact", language, fact=one.status),
            short(one.paid_on, language),
            "; ".join(say(f"ground.{rule}", language) for rule in one.unmet) or _NONE,
        )
        for one in seen.tranches
    ]
    head = (
        say("paper.overview.column.number", language),
        say("paper.overview.column.amount", language),
        say("paper.overview.column.status", language),
        say("paper.overview.column.paid_on", language),
        say("paper.overview.column.waits", language),
    )
    return Section(
        say("paper.overview.tranches", language), table=Columns(head, rows, (12, 32, 36, 26, 64), frozenset({1}))
    )


def _visits(seen: Overview, language: Language) -> Section:
    rows = [
        (
            short(one.on, language),
            say("form.fact", language, fact=one.seen),
            say("form.fact", language, fact=one.to_mend),
            short(one.mend_until, language),
        )
        for one in seen.visits
    ]
    head = (
        say("paper.overview.column.on", language),
        say("paper.overview.column.seen", language),
        say("paper.overview.column.mend", language),
        say("paper.overview.column.until", language),
    )
    return Section(say("paper.overview.visits", language), table=Columns(head, rows, (24, 66, 54, 26)))


# -- a contest ----------------------------------------------------------------------------------------------------------


def contest_page(seen: ContestOverview, language: Language) -> Page:
    """The overview of a contest and its contracts."""
    reports = sum(seen.periods.values())
    facts = [
        (say("paper.overview.budget", language), _sum(seen.budget, language)),
        (say("paper.overview.contracts", language), words.figures(seen.contracts, language)),
        (say("paper.overview.amounts", language), _sum(seen.amount, language)),
        (say("paper.overview.paid", language), _sum(seen.paid, language)),
        (say("paper.overview.spent", language), _sum(seen.spent, language)),
        (
            say("paper.overview.accepted", language),
            count_of(seen.periods.get(PeriodStatus.ACCEPTED, 0), reports, language),
        ),
        (say("paper.overview.overdue", language), str(seen.overdue)),
    ]
    return Page(
        language=language,
        title=say("paper.overview.title.contest", language),
        subtitle=say("paper.overview.name.contest", language, number=seen.number, title=seen.title),
        facts=facts,
        sections=_of_contest(seen, language),
        foot=say("paper.overview.foot", language, today=seen.today),
    )


def _of_contest(seen: ContestOverview, language: Language) -> list[Section]:
    title = say("paper.overview.contracts", language)
    if not seen.listed:
        return [Section(title, notes=[say("paper.overview.note.no_contracts", language)])]
    cut = len(seen.listed) > plotted.DRAWN
    more = [say("paper.overview.note.more", language, count=plotted.DRAWN)] if cut else []
    listed = len(seen.listed)
    notes = [say("paper.overview.note.listed", language, count=listed, of=seen.contracts)]
    rows = [
        (
            say("form.fact", language, fact=one.number),
            say("form.fact", language, fact=one.organisation),
            words.money(one.amount, language),
            words.money(one.spent, language),
            f"{one.accepted} / {len(one.periods)}",
            short(one.next_due, language),
            _state(one, language),
        )
        for one in seen.listed
    ]
    head = (
        say("paper.overview.column.contract", language),
        say("paper.overview.column.organisation", language),
        say("paper.overview.column.amount", language),
        say("paper.overview.column.spent", language),
        say("paper.overview.column.reports", language),
        say("paper.overview.column.due", language),
        say("paper.overview.column.status", language),
    )
    table = Columns(head, rows, (31, 27, 22, 23, 22.5, 21, 23.5), frozenset({2, 3}))
    return [
        Section(
            say("paper.overview.spending", language),
            [plotted.contest_spending(seen, language)],
            notes=[say("paper.overview.note.plans", language)],
        ),
        Section(
            say("paper.overview.indicators", language),
            plotted.contest_indicators(seen, language),
            notes=[say("paper.overview.note.mean", language), *more],
        ),
        Section(say("paper.overview.timeline", language), plotted.contest_timeline(seen, language), notes=more),
        Section(title, table=table, notes=notes if listed < seen.contracts else []),
    ]


def _state(one: Overview, language: Language) -> str:
    status = say("form.fact", language, fact=one.status)
    return f"{status}; {say('paper.overview.state.overdue', language)}: {one.overdue}" if one.overdue else status


# -- words of both ------------------------------------------------------------------------------------------------------


def stood(one: PeriodFigures, language: str) -> str:
    """The state of a period, and for how long its report is overdue."""
    status = say("form.fact", language, fact=one.status)
    return say("paper.overview.days_over", language, status=status, days=one.days_over) if one.days_over else status


def count_of(count: int, of: int, language: str) -> str:
    """So many of so many."""
    return say("paper.overview.count_of", language, count=count, of=of)


def short(on: date | None, language: str) -> str:
    """A day for a table."""
    return _NONE if on is None else f"{on:%Y-%m-%d}" if language == "en" else f"{on:%d.%m.%Y}"


def _day(on: date, language: str) -> str:
    return say("form.fact", language, fact=on)


def _sum(tyiyn: int, language: str) -> str:
    return say("form.sum", language, sum_tyiyn=tyiyn)


def _share(spent: int, planned: int) -> str:
    return str((200 * spent + planned) // (2 * planned)) if planned else _NONE
