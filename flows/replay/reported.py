"""Stage 15 again: in time or late, what a report lacks, variances, what goes back and until when."""

from flows.replay.decision import Checks, Compared, Moment, in_order
from flows.steps.completeness import told
from flows.steps.monitoring.judging import open_remarks
from flows.steps.monitoring.reports import last, others_of, take_figures, with_what_stands
from flows.steps.tranches import standing
from rules import deadlines, reports
from schemas.contract import Contract
from schemas.document import Document
from schemas.event import Act
from schemas.report import Period, Report

FIGURES = ("spent", "lines", "indicators", "opening", "closing", "expenses", "explanations", "checkpoints")


def receiving(at: Moment) -> Checks:
    """A report is in time up to and including its day; the office has a term of its own to check it."""
    before, after = at.before(Period, at.subject), at.now(Period, at.subject)
    number = str(before.number)
    for report in at.made(Report):
        day = deadlines.local_day(report.received_at, at.contest.zone)
        if before.received_at is None:
            yield Compared("report_late", after.late, day > before.due, number)
        yield Compared("check_until", after.check_until, deadlines.add(day, at.pack.monitoring.check.value), number)


def reading(at: Moment) -> Checks:
    """Figures as the papers have them, and all that the report lacks, by the plan and by the reports before it."""
    period = at.before(Period, at.subject)
    report = last(at.past, period.id)
    contract = at.past.get(Contract, period.contract_id)
    files = [at.now(Document, one.id) for one in at.past.all(Document, subject_id=report.id, order="name")]
    documents = with_what_stands(at.past, report, files)
    take_figures(report, documents)
    recorded = at.now(Report, report.id)
    number = str(period.number)
    then, now = ({name: getattr(one, name) for name in FIGURES} for one in (recorded, report))
    yield Compared("figures", then, now, number)
    earlier, later = others_of(at.past, period)
    remarks = reports.remarks(at.pack, contract, period, report, earlier, documents, later)
    again = [told(one, pack=at.pack, files=documents) for one in remarks]
    yield Compared("report_remarks", in_order(recorded.remarks), in_order(again), number)


def returning(at: Moment) -> Checks:
    """The clock sends back what the pack lets it; whoever does it, there is a term to correct it."""
    before, after = at.before(Period, at.subject), at.now(Period, at.subject)
    number = str(before.number)
    until = max(before.due, deadlines.add(at.today, at.pack.monitoring.cure.value))
    yield Compared("due", after.due, until, number)
    if at.rule == "return_at_once":
        report = last(at.past, before.id)
        yield Compared("returned", True, reports.goes_back(at.pack, open_remarks(report)), number)


def accepting(at: Moment) -> Checks:
    """Nothing is open in it, no variance unexplained; its spending counts."""
    period = at.before(Period, at.subject)
    report = last(at.past, period.id)
    contract = at.past.get(Contract, period.contract_id)
    number = str(period.number)
    yield Compared("report_open", [], sorted(one.rule for one in open_remarks(report)), number)
    others = [one for one in standing(at.past, contract) if one.period_id != period.id]
    spent = report.spent + (0 if period.whole else sum(one.spent for one in reports.counted(others)))
    yield Compared("spent", at.now(Contract, contract.id).spent, spent, number)


def resuming(at: Moment) -> Checks:
    """The due day is later by the days of the pause."""
    before, after = at.before(Period, at.subject), at.now(Period, at.subject)
    if before.paused_on is not None:
        due = before.due + (at.today - before.paused_on)
        yield Compared("due", after.due, due, str(before.number))


CHECKS = {
    Act.REPORT_RECEIVE: receiving,
    Act.REPORT_READ: reading,
    Act.REPORT_RETURN: returning,
    Act.REPORT_REFUSE: returning,
    Act.REPORT_ACCEPT: accepting,
    Act.PERIOD_RESUME: resuming,
}
