"""Stage 15: a report comes in, is read, and what stands against it is written down."""

from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

from documents.package import unpack
from flows.office import Office
from flows.steps import addresses, filing
from flows.steps.completeness import told
from flows.steps.monitoring.waiting import about, move_waiting
from flows.steps.moving import check_moment, move, reckoned
from flows.steps.people import only_own
from flows.steps.results import UNSIGNED
from flows.steps.tranches import contest_and_pack
from rules import deadlines
from rules import reports as rules
from rules.ladder import WAITING
from schemas.application import Application
from schemas.contract import Contract
from schemas.document import Document
from schemas.doer import CLOCK, Doer
from schemas.errors import NotFound, SameReport, WrongMoment
from schemas.event import Act
from schemas.facts import Kind
from schemas.outbox import Errand, Job
from schemas.report import Period, PeriodStatus, Report
from storage.ledger import Because
from storage.work import Look, Work, looking


def hand_in_report(office: Office, doer: Doer, contract_id: UUID, number: int, source: Path) -> UUID:
    """A package with the programme and the financial report of period `number`. The same package twice is one report.

    Raises SameReport where it was returned, and what is waited for is another one.
    """
    received_at = office.now()
    with office.looking(doer, Act.REPORT_RECEIVE) as look:
        contract = look.get(Contract, contract_id)
        only_own(look, doer, look.get(Application, contract.application_id))
        period = look.one(Period, contract_id=contract_id, number=number)
        if contract.status in UNSIGNED:  # it has no periods yet
            raise WrongMoment(act=Act.REPORT_RECEIVE, noun="contract", status=contract.status)
        if period is None:
            raise NotFound(noun="period", id=str(number))
        contest, pack = contest_and_pack(office, look, contract)
    with TemporaryDirectory(dir=office.spool) as folder:
        package = unpack(
            source, Path(folder), file_limit=office.settings.file_limit, package_limit=office.settings.package_limit
        )
        with looking(office.engine, office.system) as look:
            known = look.one(Report, period_id=period.id, package_sha256=package.package_sha256)
        if known is not None and period.status in WAITING:
            raise SameReport(number=contract.number, period=number, of=period.of, received=known.received_at)
        if known is not None:
            return known.id
        check_moment(period, Act.REPORT_RECEIVE)
        kept = filing.kept(office, contest.tenant_id, package)
    with office.acting(doer, Act.REPORT_RECEIVE) as work:
        period = work.get(Period, period.id)
        rounds = work.all(Report, period_id=period.id)
        report = Report(
            period_id=period.id, package_sha256=package.package_sha256, received_at=received_at, round=len(rounds) + 1
        )
        report.parts, period.parts, report.whole = period.parts, [], period.whole
        work.new(report, stream=period.stream_id, tenant=period.tenant_id)
        filing.file_in(office, work, report, kept, round_=report.round)
        if period.received_at is None:
            period.received_at = received_at
            period.late = deadlines.local_day(received_at, contest.zone) > period.due
        because = reckoned(pack, "report_late" if period.late else "report_in_time", due=period.due)
        period.paused_on = None
        contract = work.get(Contract, contract_id)
        if doer.organisations:
            contract.language = doer.language
        today = deadlines.local_day(received_at, contest.zone)
        period.check_until = deadlines.add(today, pack.monitoring.check.value)
        files = tuple(one.sha256 for one in kept.values())
        move_waiting(work, pack, period, Act.REPORT_RECEIVE, today, because=because, files=files)
        facts = {**about(contract, period), "received": received_at.isoformat()}
        addresses.to_contractor(work, contract, "report_received", f"report_received:{report.id}", facts)
        work.errand(Errand.READ_REPORT, report, str(report.id))
    return report.id


def tell_same(work: Work, report_id: UUID, key: str) -> None:
    """The contractor learns that what came again is what was returned. Nothing else comes of it."""
    report = work.get(Report, report_id)
    period = work.get(Period, report.period_id)
    contract = work.get(Contract, period.contract_id)
    work.record(Act.LETTER_WRITE, period, because=Because(rule="same_report", facts={"round": report.round}))
    facts = {**about(contract, period), "received": report.received_at.isoformat()}
    addresses.to_contractor(work, contract, "report_same", f"report_same:{key}", facts)


def read_report(office: Office, job: Job) -> None:
    """Errand monitoring.read: figures with their place, and every remark at once."""
    with looking(office.engine, office.system) as look:
        report = look.get(Report, job.subject_id)
        files = look.all(Document, subject_id=report.id, order="name")
    seen = office.read_files(files)
    with office.acting(CLOCK, Act.REPORT_READ) as work:
        report = work.get(Report, job.subject_id)
        period = work.get(Period, report.period_id)
        if period.status is not PeriodStatus.RECEIVED or last(work, period.id).id != report.id:
            work.finish(job)  # an officer returned it unread, or another one stands in its place
            return
        contract = work.get(Contract, period.contract_id)
        _, pack = contest_and_pack(office, work, contract)
        documents: list[Document] = []
        for one, facts in zip(files, seen, strict=True):
            document = work.get(Document, one.id)
            document.kind = facts.kind
            document.facts = facts.model_dump(mode="json")
            document.inspected = True
            documents.append(document)
        documents = with_what_stands(work, report, documents)
        take_figures(report, documents)
        earlier, later = others_of(work, period)
        remarks = rules.remarks(pack, contract, period, report, earlier, documents, later)
        report.remarks = [told(one, pack=pack, files=documents) for one in remarks]
        report.read = True
        because = reckoned(pack, "read", remarks=[one.rule for one in remarks], spent=report.spent)
        move(work, period, Act.REPORT_READ, because=because, files=[one.sha256 for one in files])
        if rules.goes_back(pack, remarks):
            work.errand(Errand.RETURN_REPORT, report, str(report.id))
        work.finish(job)


def others_of(look: Look, period: Period) -> tuple[list[Report], list[Report]]:
    """The reports of the contract's accepted periods before and after this one, by period and round."""
    accepted = look.all(Period, contract_id=period.contract_id, status=PeriodStatus.ACCEPTED)
    number = {one.id: one.number for one in accepted if one.id != period.id}
    reports = look.all(Report, period_id=list(number), order="round")
    reports.sort(key=lambda report: number[report.period_id])
    earlier = [one for one in reports if number[one.period_id] < period.number]
    return earlier, reports[len(earlier) :]


def take_figures(report: Report, documents: list[Document]) -> None:
    """What the report says, out of the fullest paper of each kind; without a table the sum that is stated."""
    for paper in rules.readable(documents, Kind.FINANCIAL_REPORT)[:1]:
        facts = paper.seen()
        report.lines = [line.model_dump(mode="json") for line in facts.lines]
        report.spent = sum(line.total for line in facts.lines) if facts.lines else facts.amount("spent") or 0
        # whom the money went to stays with the file
        report.expenses = [one.model_dump(mode="json", exclude={"payee"}) for one in facts.expenses]
        report.explanations = [{"line": line, "text": text} for line, text in facts.explanations.items()]
        report.opening, report.closing = facts.amount("opening"), facts.amount("closing")
    for paper in rules.readable(documents, Kind.PROGRAMME_REPORT)[:1]:
        report.indicators = [one.model_dump(mode="json") for one in paper.seen().indicators]
        report.checkpoints = [one.model_dump(mode="json") for one in paper.seen().checkpoints]


def with_what_stands(look: Look, report: Report, documents: list[Document]) -> list[Document]:
    """Where only some parts were asked for again, the others stand from the round that last brought them."""
    if not report.parts:
        return documents
    closed = {kind for part, kind in rules.PARTS.items() if part not in report.parts}
    taken = [one for one in documents if one.kind not in closed]
    before = [one for one in look.all(Report, period_id=report.period_id, order="round") if one.round < report.round]
    for kind in closed:
        for one in reversed(before):
            brought = look.all(Document, subject_id=one.id, kind=kind)
            if brought and (not one.parts or any(rules.PARTS[part] is kind for part in one.parts)):
                taken += brought
                break
    if Kind.FINANCIAL_REPORT in closed and before:
        report.explanation = report.explanation or before[-1].explanation
        report.explanations = report.explanations or before[-1].explanations
    return taken


def latest(office: Office, period_id: UUID) -> Report:
    """The report that stands for a period. Raises NotFound."""
    with looking(office.engine, office.system) as look:
        return last(look, period_id)


def last(look: Look, period_id: UUID) -> Report:
    reports = look.all(Report, period_id=period_id, order="round")
    if not reports:
        raise NotFound(noun="report", id=str(period_id))
    return reports[-1]
