"""What a report lacks: papers, sums, lines, indicators."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# rows keep their JSON columns as bare lists and dicts; shapes of schemas/ read them here

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from uuid import UUID

from rules import checkpoints, likeness, proofs
from rules.catalog import NOTICE, TO_CURE, remark
from rules.packs import Pack
from rules.papers import LESSER_FAULTS
from rules.periods import planned_lines
from rules.scoring import half_up
from schemas.contract import Contract
from schemas.document import Document
from schemas.facts import BudgetLine, Facts, Fault, Indicator, Kind
from schemas.finding import Remark
from schemas.report import Period, Report

WHOLE = 100  # per cent
LABELLED = 80  # per cent of confidence of a value that stood in its own field
PARTS = {"programme": Kind.PROGRAMME_REPORT, "financial": Kind.FINANCIAL_REPORT}
REPORT_KINDS = tuple(PARTS.values())
EXPLAINED = frozenset({"variance"})  # a word of explanation cures it, and no other report


def _papers(documents: Sequence[Document], contract: Contract, period: Period) -> Iterator[Remark]:
    """Both reports are there, can be read, and speak of this contract and this period."""
    seen = [(one, one.seen()) for one in documents if one.current]
    readable = [(one, facts) for one, facts in seen if LESSER_FAULTS.issuperset(facts.faults)]
    lacking = [kind for kind in REPORT_KINDS if all(one.kind is not kind for one, _ in readable)]
    for kind in lacking:
        yield remark("report_missing", TO_CURE, kind=kind, facts={"period": period.number, "of": period.of})
    for one, facts in seen:
        for fault in facts.faults:
            if fault not in LESSER_FAULTS:
                severity = TO_CURE if lacking else NOTICE
                yield remark("report_unreadable", severity, of=one, fault=fault.value)
    for one, facts in readable:
        if Fault.ROWS_CUT in facts.faults:
            place = facts.values["rows_cut"].place if "rows_cut" in facts.values else ""
            yield remark("rows_cut", TO_CURE if one.kind in REPORT_KINDS else NOTICE, of=one, place=place)
        if one.kind not in REPORT_KINDS:
            continue
        told, number = facts.amount("period"), facts.text("number")
        if told is not None and told != period.number:
            severity = TO_CURE if facts.values["period"].confidence >= LABELLED else NOTICE
            place, due = facts.values["period"].place, {"period": period.number, "of": period.of}
            yield remark("wrong_period", severity, of=one, place=place, facts=due, found=told)
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


def readable(documents: Sequence[Document], kind: Kind) -> list[Document]:
    """The current papers of a kind that could be read, the fullest first: that one is the report, another its print."""
    papers = [(one, one.seen()) for one in documents if one.current and one.kind is kind]
    told = [(one, facts) for one, facts in papers if LESSER_FAULTS.issuperset(facts.faults)]
    return [one for one, _ in sorted(told, key=lambda pair: -len(pair[1].lines) - len(pair[1].indicators))]


def _first(documents: Sequence[Document], kind: Kind) -> Document | None:
    return next(iter(readable(documents, kind)), None)


def _says(facts: Facts) -> tuple[dict[str, int], int | None]:
    """What a paper says of each line and indicator that it names, and of the whole sum."""
    named = [(one.name, one.total) for one in facts.lines]
    named += [(one.name, one.reached) for one in facts.indicators if one.reached is not None]
    whole = sum(one.total for one in facts.lines) if facts.lines else facts.amount("spent")
    return {likeness.plain(name): figure for name, figure in named}, whole


def _twice(documents: Sequence[Document]) -> Iterator[Remark]:
    """A second paper of a kind says the same as the first: a print or a copy of it."""
    for kind in REPORT_KINDS:
        papers = readable(documents, kind)
        for other in papers[1:]:
            (figures, whole), (again, sum_again) = _says(papers[0].seen()), _says(other.seen())
            unequal = any(figures[name] != again[name] for name in figures.keys() & again.keys())
            if unequal or (None not in (whole, sum_again) and whole != sum_again):
                yield remark("two_reports", TO_CURE, of=other, beside=papers[0].name)


def _arithmetic(report: Report, documents: Sequence[Document]) -> Iterator[Remark]:
    """The financial report adds up, and has a table of which that can be said."""
    papers = readable(documents, Kind.FINANCIAL_REPORT)
    if not papers:
        return
    paper, facts = papers[0], papers[0].seen()
    stated, whole = facts.amount("spent"), facts.values.get("spent")
    place = whole.place if whole else ""
    if not report.lines:
        told = "" if stated is None else stated
        yield remark("lines_cannot_tell", TO_CURE, of=paper, place=place, spent_tyiyn=told)
        return
    lines = sum(BudgetLine.model_validate(one).total for one in report.lines)
    spent = stated if whole and stated is not None and whole.confidence >= LABELLED else lines
    if facts.arithmetic_holds is False or spent != lines:
        yield remark("report_arithmetic", TO_CURE, of=paper, place=place, spent_tyiyn=spent, lines_tyiyn=lines)


def spent_by_line(reports: Sequence[Report]) -> dict[str, int]:
    """Spent on each line over these reports, by the line's name in comparable form."""
    spent: dict[str, int] = {}
    for report in reports:
        for line in map(BudgetLine.model_validate, report.lines):
            key = likeness.plain(line.name)
            spent[key] = spent.get(key, 0) + line.total
    return spent


def _percent(spent: int, planned: int) -> int:
    """By how much of the plan the spending is off, rounded half up; without a plan, all that is spent."""
    return half_up(Fraction(abs(spent - planned) * WHOLE, planned)) if planned else WHOLE * bool(spent)


def _lines(
    pack: Pack,
    contract: Contract,
    period: Period,
    report: Report,
    earlier: Sequence[Report],
    documents: Sequence[Document],
) -> Iterator[Remark]:
    """Money goes where the contract says; what is off by more than the threshold is explained in words.

    Within the term only spending above the contract's line, or off the period's own plan, counts; at the end, both ways.
    The plan is the contract's: what the report says was planned proves nothing.
    """
    threshold = pack.variance.threshold_percent
    earlier = [] if report.whole else earlier  # a final report on the whole project has it all in itself
    agreed = {likeness.plain(one.name): one for one in map(BudgetLine.model_validate, contract.lines)}
    before = spent_by_line(earlier)
    ours = planned_lines(period)
    paper = _first(documents, Kind.FINANCIAL_REPORT)
    for line in map(BudgetLine.model_validate, report.lines):
        known = agreed.get(likeness.plain(line.name))
        if line.total < 0 or line.requested < 0:
            less = {"line": line.name, "spent_tyiyn": min(line.total, line.requested)}
            yield remark("line_negative", TO_CURE, of=paper, facts=less, place=line.place)
            continue
        if known is None:
            if line.total:
                yield remark(
                    "line_unknown", TO_CURE, of=paper, place=line.place, line=line.name, spent_tyiyn=line.total
                )
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
            severity = NOTICE if explained(report, line.name) else TO_CURE
            yield remark("variance", severity, of=paper, rests_on=[threshold], facts={**sums, **told}, place=line.place)
        elif spent > known.requested:
            told = {"line": line.name, "spent_tyiyn": spent, "planned_tyiyn": known.requested}
            yield remark("over_line", NOTICE, of=paper, facts=told, place=line.place)
    named = {likeness.plain(line.name) for line in map(BudgetLine.model_validate, report.lines)}
    for key, promised in agreed.items():
        if named and promised.requested and key not in named:
            yield remark("line_missing", TO_CURE, of=paper, line=promised.name)
    whole = report.spent + sum(one.spent for one in earlier)
    if whole > contract.amount:
        yield remark("over_contract", TO_CURE, of=paper, spent_tyiyn=whole, amount_tyiyn=contract.amount)


def _indicators(
    contract: Contract, period: Period, report: Report, before: Sequence[Report], documents: Sequence[Document]
) -> Iterator[Remark]:
    """Every indicator of the contract is reported, from its baseline on and never going back; at the end it is shown which fell short.

    A report says what was reached since the start of the project.
    """
    paper = _first(documents, Kind.PROGRAMME_REPORT)
    rows = {likeness.plain(one.name): one for one in map(Indicator.model_validate, report.indicators)}
    last = reached(before)
    for promised in map(Indicator.model_validate, contract.indicators):
        key = likeness.plain(promised.name)
        row = rows.get(key)
        if row is None or row.reached is None:
            yield remark("indicator_missing", TO_CURE, of=paper, indicator=promised.name)
            continue
        place, facts = row.place, {"indicator": promised.name, "reached": row.reached}
        if row.baseline not in (0, promised.baseline):  # a form without this column says 0
            told = facts | {"found": row.baseline, "expected": promised.baseline}
            yield remark("indicator_baseline", TO_CURE, of=paper, place=place, facts=told)
        way = -1 if promised.target < promised.baseline else 1
        if key in last and (row.reached - last[key]) * way < 0:
            yield remark("indicator_fell", TO_CURE, of=paper, place=place, facts=facts | {"before": last[key]})
        if period.final and share(promised, row.reached) < 1:
            yield remark("indicator_behind", NOTICE, of=paper, place=place, facts=facts | {"target": promised.target})


def _summed(report: Report, others: Sequence[Report], documents: Sequence[Document]) -> Iterator[Remark]:
    """The final report on the whole project says of each line what the accepted reports of the periods make together."""
    paper = _first(documents, Kind.FINANCIAL_REPORT)
    spent = spent_by_line(others)
    for line in map(BudgetLine.model_validate, report.lines if report.whole else ()):
        expected = spent.get(likeness.plain(line.name), 0)
        if line.total != expected:
            told = {"line": line.name, "spent_tyiyn": line.total, "expected_tyiyn": expected}
            yield remark("whole_unequal", TO_CURE, of=paper, facts=told, place=line.place)


def _balances(report: Report, before: Sequence[Report], documents: Sequence[Document]) -> Iterator[Remark]:
    """The money left at the start is what was left at the end of the period before; at the end, what came and was not spent."""
    paper = _first(documents, Kind.FINANCIAL_REPORT)
    if paper is None:
        return
    values = paper.seen().values
    left = next((one.closing for one in reversed(before) if one.closing is not None), None)
    if None not in (report.opening, left) and report.opening != left and not report.whole:
        place = values["opening"].place if "opening" in values else ""
        sums = {"found_tyiyn": report.opening or 0, "expected_tyiyn": left or 0}
        yield remark("opening_unequal", TO_CURE, of=paper, facts=sums, place=place)
    came = paper.seen().amount("received")
    if report.opening is None or report.closing is None or came is None:
        return
    expected = report.opening + came - report.spent
    if report.closing != expected:
        place = values["closing"].place if "closing" in values else ""
        sums = {"found_tyiyn": report.closing, "expected_tyiyn": expected}
        yield remark("balance_unequal", TO_CURE, of=paper, facts=sums, place=place)


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


def explained(report: Report, line: str) -> bool:
    """A word on the whole report explains every line, one that names a line only that."""
    named = {likeness.plain(one["line"]) for one in report.explanations if one["text"].strip()}
    return bool(report.explanation.strip()) or likeness.plain(line) in named


def unexplained(report: Report) -> list[str]:
    """The lines that are off the plan, and of which nobody has said why."""
    lines = [one["facts"]["line"] for one in report.remarks if one["rule"] == "variance"]
    return [one for one in dict.fromkeys(lines) if not explained(report, one)]


def counted(reports: Sequence[Report]) -> list[Report]:
    """The reports whose spending adds up: the last final one on the whole project in place of all that it sums up."""
    whole = [at for at, one in enumerate(reports) if one.whole]
    return list(reports[whole[-1] :]) if whole else list(reports)


def standing(reports: Sequence[Report]) -> list[Report]:
    """The last round of each period, in the order given: what was returned and handed in again counts once."""
    last: dict[UUID, Report] = {}
    for one in reports:
        if one.period_id not in last or last[one.period_id].round < one.round:
            last[one.period_id] = one
    return list(last.values())


def remarks(
    pack: Pack,
    contract: Contract,
    period: Period,
    report: Report,
    earlier: Sequence[Report],
    documents: Sequence[Document],
    later: Sequence[Report] = (),
) -> list[Remark]:
    """All that a report lacks, all at once.

    `earlier`: all rounds of the accepted periods before this one, in their order; `later`: of those after it, whose
    spending counts too.
    """
    before, after = ([one for one in standing(all_) if not one.whole] for all_ in (earlier, later))
    others = [*before, *after]
    found = [
        *_papers(documents, contract, period),
        *_twice(documents),
        *_arithmetic(report, documents),
        *_lines(pack, contract, period, report, others, documents),
        *_summed(report, others, documents),
        *_balances(report, before, documents),
        *proofs.receipts(pack, period, report, others, _first(documents, Kind.FINANCIAL_REPORT)),
        *proofs.photographs(pack, period, documents),
        *_indicators(contract, period, report, before, documents),
        *checkpoints.steps(contract, period, report, _first(documents, Kind.PROGRAMME_REPORT)),
    ]
    if period.late:
        found.append(remark("late_report", NOTICE, rests_on=[pack.monitoring.due], due=period.due.isoformat()))
    return found


def goes_back(pack: Pack, remarks: Sequence[Remark]) -> bool:
    """Whether the clock sends the report back: the pack says so, and something in it is to be corrected.

    What only has to be explained sends nothing back.
    """
    faulty = any(one.severity is TO_CURE and one.rule not in EXPLAINED for one in remarks)
    return pack.monitoring.return_at_once.value and faulty
