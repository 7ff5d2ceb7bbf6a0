"""What a report lacks: papers, sums, lines, indicators."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# rows keep their JSON columns as bare lists and dicts; shapes of schemas/ read them here

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

from rules import likeness
from rules.catalog import NOTICE, TO_CURE, remark
from rules.packs import Pack
from rules.papers import LESSER_FAULTS
from rules.periods import planned_lines
from rules.scoring import half_up
from schemas.contract import Contract
from schemas.document import Document
from schemas.facts import BudgetLine, Indicator, Kind
from schemas.finding import Remark
from schemas.report import Period, Report

WHOLE = 100  # per cent
LABELLED = 80  # per cent of confidence of a value that stood in its own field
PARTS = {"programme": Kind.PROGRAMME_REPORT, "financial": Kind.FINANCIAL_REPORT}
REPORT_KINDS = tuple(PARTS.values())


def _papers(documents: Sequence[Document], contract: Contract, period: Period) -> Iterator[Remark]:
    """Both reports are there, can be read, and speak of this contract and this period."""
    seen = [(one, one.seen()) for one in documents if one.current]
    readable = [(one, facts) for one, facts in seen if LESSER_FAULTS.issuperset(facts.faults)]
    lacking = [kind for kind in REPORT_KINDS if all(one.kind is not kind for one, _ in readable)]
    for kind in lacking:
        yield remark("report_missing", TO_CURE, kind=kind, period=period.number)
    for one, facts in seen:
        for fault in facts.faults:
            if fault not in LESSER_FAULTS:
                severity = TO_CURE if lacking else NOTICE
                yield remark("report_unreadable", severity, of=one, fault=fault.value)
    for one, facts in readable:
        if one.kind not in REPORT_KINDS:
            continue
        told, number = facts.amount("period"), facts.text("number")
        if told is not None and told != period.number:
            severity = TO_CURE if facts.values["period"].confidence >= LABELLED else NOTICE
            yield remark(
                "wrong_period", severity, of=one, place=facts.values["period"].place, found=told, period=period.number
            )
        if number and likeness.number(number) != likeness.number(contract.number):
            severity = TO_CURE if facts.values["number"].confidence >= LABELLED else NOTICE
            yield remark(
                "wrong_contract",
                severity,
                of=one,
                place=facts.values["number"].place,
                found=number,
                contract=contract.number,
            )


def _arithmetic(report: Report, documents: Sequence[Document]) -> Iterator[Remark]:
    """The financial report adds up."""
    lines = sum(BudgetLine.model_validate(one).total for one in report.lines)
    papers = [one.seen() for one in documents if one.current and one.kind is Kind.FINANCIAL_REPORT]
    if any(facts.arithmetic_holds is False for facts in papers) or (report.lines and lines != report.spent):
        yield remark("report_arithmetic", TO_CURE, spent_tyiyn=report.spent, lines_tyiyn=lines)


def _spent(reports: Sequence[Report]) -> dict[str, int]:
    """Spent on each line over these reports, by the line's name in comparable form."""
    spent: dict[str, int] = {}
    for report in reports:
        for line in map(BudgetLine.model_validate, report.lines):
            key = likeness.plain(line.name)
            spent[key] = spent.get(key, 0) + line.total
    return spent


def _percent(spent: int, planned: int) -> int:
    """By how much of the plan the spending is off, rounded half up; without a plan, all of it."""
    return half_up(Fraction(abs(spent - planned) * WHOLE, planned)) if planned else WHOLE


def _lines(
    pack: Pack, contract: Contract, period: Period, report: Report, earlier: Sequence[Report]
) -> Iterator[Remark]:
    """Money goes where the contract says; what is off by more than the threshold is explained in words.

    Within the term only spending above the contract's line, or off the period's own plan, counts; at the end, both ways.
    The plan is the contract's: what the report says was planned proves nothing.
    """
    threshold = pack.variance.threshold_percent
    agreed = {likeness.plain(one.name): one for one in map(BudgetLine.model_validate, contract.lines)}
    before = _spent(earlier)
    ours = planned_lines(period)
    severity = NOTICE if report.explanation.strip() else TO_CURE
    for line in map(BudgetLine.model_validate, report.lines):
        known = agreed.get(likeness.plain(line.name))
        if known is None:
            if line.total:
                yield remark("line_unknown", TO_CURE, place=line.place, line=line.name, spent_tyiyn=line.total)
            continue
        spent = before.get(likeness.plain(line.name), 0) + line.total
        pairs = [(spent, known.requested)] if period.final or spent > known.requested else []
        if not period.final and likeness.plain(line.name) in ours:
            pairs.append((line.total, ours[likeness.plain(line.name)]))
        off, planned, percent = max(
            ((*pair, _percent(*pair)) for pair in pairs), key=lambda one: one[2], default=(spent, known.requested, 0)
        )
        sums = {"spent_tyiyn": off, "planned_tyiyn": planned}
        if percent > threshold.value:
            told = {"line": line.name, "percent": percent, "threshold": threshold.value}
            yield remark("variance", severity, rests_on=[threshold], facts={**sums, **told}, place=line.place)
        elif spent > known.requested:
            told = {"line": line.name, "spent_tyiyn": spent, "planned_tyiyn": known.requested}
            yield remark("over_line", NOTICE, facts=told, place=line.place)
    whole = report.spent + sum(one.spent for one in earlier)
    if whole > contract.amount:
        yield remark("over_contract", TO_CURE, spent_tyiyn=whole, amount_tyiyn=contract.amount)


def _indicators(contract: Contract, period: Period, report: Report) -> Iterator[Remark]:
    """Every indicator of the contract is reported; at the end it is shown which fell short."""
    reported = reached([report])
    for promised in map(Indicator.model_validate, contract.indicators):
        stood = reported.get(likeness.plain(promised.name))
        if stood is None:
            yield remark("indicator_missing", TO_CURE, indicator=promised.name)
        elif period.final and share(promised, stood) < 1:
            counts = {"reached": stood, "target": promised.target}
            yield remark("indicator_behind", NOTICE, indicator=promised.name, facts=counts)


def reached(reports: Sequence[Report]) -> Mapping[str, int]:
    """What each indicator stood at when it was last reported."""
    return {
        likeness.plain(one.name): one.reached
        for report in sorted(reports, key=lambda report: report.received_at)
        for one in map(Indicator.model_validate, report.indicators)
        if one.reached is not None
    }


def share(promised: Indicator, reached: int) -> Fraction:
    """How much of the way from the baseline to the target was made, between none and all."""
    way = promised.target - promised.baseline
    made = Fraction(reached - promised.baseline, way) if way else Fraction(reached >= promised.target)
    return min(max(made, Fraction(0)), Fraction(1))


def remarks(
    pack: Pack,
    contract: Contract,
    period: Period,
    report: Report,
    earlier: Sequence[Report],
    documents: Sequence[Document],
) -> list[Remark]:
    """All that a report lacks, all at once. `earlier`: the accepted reports of earlier periods."""
    before = [one for one in earlier if one.id != report.id]
    found = [
        *_papers(documents, contract, period),
        *_arithmetic(report, documents),
        *_lines(pack, contract, period, report, before),
        *_indicators(contract, period, report),
    ]
    if period.late:
        found.append(remark("late_report", NOTICE, rests_on=[pack.monitoring.due], due=period.due.isoformat()))
    return found
