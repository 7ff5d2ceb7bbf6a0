"""What proves a report: receipts of its spending, photographs of its work."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# rows keep their JSON columns as bare lists and dicts; shapes of schemas/ read them here

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import chain

from rules import likeness
from rules.catalog import NOTICE, TO_CURE, remark
from rules.packs import Pack
from schemas.document import Document
from schemas.facts import BudgetLine, Expense, Kind, Media
from schemas.finding import Remark
from schemas.report import Period, Report

_WHOLE = 100  # per cent
_PICTURES = frozenset({Media.JPEG, Media.PNG})
_REPORTS = frozenset({Kind.PROGRAMME_REPORT, Kind.FINANCIAL_REPORT})
_Same = tuple[str, str, int]


def _same(one: Expense) -> _Same | None:
    """What tells a receipt from all others; None for one without a number."""
    number = likeness.number(one.number)
    return (number, one.dated, one.amount) if number else None


def _sums(pack: Pack, report: Report, register: Sequence[Expense], paper: Document | None) -> Iterator[Remark]:
    """The receipts of each line make what the line says was spent; without lines in the register, those of the report."""
    tolerance = pack.monitoring.receipts_percent
    lines = [BudgetLine.model_validate(one) for one in report.lines]
    shown: dict[str, int] = {}
    for one in register:
        shown[likeness.plain(one.line)] = shown.get(likeness.plain(one.line), 0) + one.amount
    spent = [(one.name, one.total, shown.get(likeness.plain(one.name), 0), one.place) for one in lines]
    if not any(one.line for one in register):
        spent = [("", report.spent, sum(one.amount for one in register), "")]
    for line, total, receipts, place in spent:
        if abs(receipts - total) * _WHOLE > abs(total) * tolerance.value:
            told = {"line": line, "spent_tyiyn": total, "receipts_tyiyn": receipts}
            yield remark("receipts_unequal", TO_CURE, of=paper, rests_on=[tolerance], facts=told, place=place)


def receipts(
    pack: Pack,
    period: Period,
    report: Report,
    others: Sequence[Report],
    paper: Document | None,
) -> Iterator[Remark]:
    """Each expense has its receipt, of a day of the period, and counts once. `others`: the reports of all other periods."""
    asked = pack.monitoring.certified_copies
    register = [Expense.model_validate(one) for one in report.expenses]
    if not asked.value or paper is None or report.whole:  # the reports of the periods have shown them
        return
    if not register:
        if report.spent:
            yield remark("receipts_missing", TO_CURE, of=paper, rests_on=[asked], spent_tyiyn=report.spent)
        return
    if report.lines:
        yield from _sums(pack, report, register, paper)
    known = {_same(Expense.model_validate(one)) for one in chain.from_iterable(other.expenses for other in others)}
    for one in register:
        told = {"number": one.number, "amount_tyiyn": one.amount}
        if one.dated and not period.starts <= date.fromisoformat(one.dated) <= period.ends:
            days = {"dated": one.dated, "starts": period.starts.isoformat(), "ends": period.ends.isoformat()}
            yield remark("receipt_outside_period", TO_CURE, of=paper, facts=told | days, place=one.place)
        same = _same(one)
        if same and same in known:
            yield remark("receipt_twice", TO_CURE, of=paper, facts=told, place=one.place)
        known.add(same)


def photographs(pack: Pack, period: Period, documents: Sequence[Document]) -> Iterator[Remark]:
    """A photograph was taken in the period, as far as its camera said when."""
    tolerance = pack.monitoring.photo_days
    margin = timedelta(days=tolerance.value)
    undated: list[Document] = []
    for one in documents:
        facts = one.seen()
        if not one.current or facts.media not in _PICTURES or facts.kind in _REPORTS:
            continue
        taken = facts.day("taken_on")
        if taken is None:
            undated.append(one)
        elif not period.starts - margin <= taken <= period.ends + margin:
            days = {"taken_on": taken.isoformat(), "starts": period.starts.isoformat(), "ends": period.ends.isoformat()}
            yield remark("photo_outside_period", TO_CURE, of=one, rests_on=[tolerance], facts=days)
    if undated:
        yield remark("photo_undated", NOTICE, of=undated[0], count=len(undated))
