"""Stages 15 and 16: periods open, reports come and are read, reminders climb the ladder; evaluation and closing."""

from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

from documents.package import unpack
from flows.office import Office
from flows.papers.closing import closing
from flows.steps import addresses, filing
from flows.steps.completeness import told
from flows.steps.contracting import contest_and_pack, weigh_next
from flows.steps.moving import by_rule, check_moment, check_reason, in_words, move
from flows.steps.people import holder, only_own
from flows.steps.results import finish_if_over
from rules import deadlines, monitoring
from schemas.application import Application, Organisation
from schemas.contest import Contest
from schemas.contract import Contract, ContractStatus, Tranche, TrancheStatus
from schemas.customer import Customer, Role
from schemas.document import Document
from schemas.doer import CLOCK, Doer
from schemas.errors import BadAmount, NoReason, NotFound, WrongMoment
from schemas.event import Act
from schemas.facts import Kind
from schemas.finding import Remark, Severity
from schemas.outbox import Errand, Job
from schemas.report import Period, PeriodStatus, Report, Visit
from storage.work import Look, looking

DUE = (PeriodStatus.OPEN, PeriodStatus.RETURNED)


# -- the daily sweep ------------------------------------------------------------------------------------------------


def sweep(office: Office) -> tuple[int, int]:
    """Open the periods that have begun and take the rungs that are due. Returns (opened, reminded)."""
    with looking(office.engine, office.system) as look:
        signed = {one.id: one for one in look.all(Contract, status=ContractStatus.SIGNED)}
        periods = look.all(Period, contract_id=list(signed), status=[PeriodStatus.PLANNED, *DUE], order="due number")
    opened = sum(_open(office, one.id) for one in periods if one.status is PeriodStatus.PLANNED)
    reminded = sum(_remind(office, one.id) for one in periods)
    return opened, reminded


def _open(office: Office, period_id: UUID) -> int:
    with office.acting(CLOCK, Act.PERIOD_OPEN) as work:
        period = work.get(Period, period_id)
        contract = work.get(Contract, period.contract_id)
        contest, pack = contest_and_pack(office, work, contract)
        if period.status is not PeriodStatus.PLANNED or office.today(contest.zone) < period.starts:
            return 0
        move(work, period, Act.PERIOD_OPEN, because=by_rule(pack, "period_begins", starts=period.starts))
        application = work.get(Application, contract.application_id)
        addresses.to_sender(work, application, "period_opened", f"opened:{period.id}", _about(contract, period))
    return 1


def _remind(office: Office, period_id: UUID) -> int:
    with office.acting(CLOCK, Act.PERIOD_REMIND) as work:
        period = work.get(Period, period_id)
        if period.status not in DUE:
            return 0
        contract = work.get(Contract, period.contract_id)
        contest, pack = contest_and_pack(office, work, contract)
        rungs = monitoring.rungs_due(pack, period, office.today(contest.zone))
        if not rungs:
            return 0
        period.rungs = [*period.rungs, *(one.code for one in rungs)]
        move(work, period, Act.PERIOD_REMIND, because=by_rule(pack, rungs[-1].code, due=period.due))
        application = work.get(Application, contract.application_id)
        facts = _about(contract, period)
        for rung in rungs:
            key = f"rung:{period.id}:{rung.code}"
            if rung.to is Role.APPLICANT:
                addresses.to_sender(work, application, rung.letter, key, facts)
            else:
                addresses.to_role(work, period, rung.to, rung.letter, key, facts)
    return len(rungs)


def _about(contract: Contract, period: Period) -> dict[str, object]:
    return {
        "number": contract.number,
        "period": period.number,
        "of": period.of,
        "starts": period.starts.isoformat(),
        "ends": period.ends.isoformat(),
        "due": period.due.isoformat(),
    }


def extend(office: Office, doer: Doer, period_id: UUID, until: date, reason: str) -> None:
    """The report may come later; the ladder starts anew from the later day."""
    if not reason.strip():
        raise NoReason(act=Act.PERIOD_EXTEND)
    with office.acting(doer, Act.PERIOD_EXTEND) as work:
        period = work.get(Period, period_id)
        if until <= period.due:
            raise WrongMoment(act=Act.PERIOD_EXTEND, noun="period", status=period.status, until=until)
        period.due = until
        period.rungs = []
        move(work, period, Act.PERIOD_EXTEND, because=in_words(reason))


# -- a report comes -------------------------------------------------------------------------------------------------


def hand_in_report(office: Office, doer: Doer, contract_id: UUID, number: int, source: Path) -> UUID:
    """A package with the programme and the financial report of period `number`. The same package twice is one report."""
    received_at = office.now()
    with office.looking(doer, Act.REPORT_RECEIVE) as look:
        contract = look.get(Contract, contract_id)
        only_own(look, doer, look.get(Application, contract.application_id))
        period = look.one(Period, contract_id=contract_id, number=number)
        if period is None:
            raise NotFound(noun="period", id=str(number))
        contest, pack = contest_and_pack(office, look, contract)
    with TemporaryDirectory(dir=office.spool) as folder:
        package = unpack(
            source, Path(folder), file_limit=office.settings.file_limit, package_limit=office.settings.package_limit
        )
        with looking(office.engine, office.system) as look:
            known = look.one(Report, period_id=period.id, package_sha256=package.package_sha256)
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
        work.new(report, stream=period.stream_id, tenant=period.tenant_id)
        filing.file_in(office, work, report, kept, round_=report.round)
        if period.received_at is None:
            period.received_at = received_at
            period.late = deadlines.local_day(received_at, contest.zone) > period.due
        because = by_rule(pack, "report_late" if period.late else "report_in_time", due=period.due)
        move(work, period, Act.REPORT_RECEIVE, because=because, files=[one.sha256 for one in kept.values()])
        application = work.get(Application, contract.application_id)
        facts = {**_about(contract, period), "received": received_at.isoformat()}
        addresses.to_sender(work, application, "report_received", f"report_received:{report.id}", facts)
        work.errand(Errand.READ_REPORT, report, str(report.id))
    return report.id


def read_report(office: Office, job: Job) -> None:
    """Errand monitoring.read: figures with their place, and every remark at once."""
    with looking(office.engine, office.system) as look:
        report = look.get(Report, job.subject_id)
        files = look.all(Document, subject_id=report.id, order="name")
    seen = office.read_files([(one.blob_id, one.name) for one in files if one.blob_id])
    with office.acting(CLOCK, Act.REPORT_READ) as work:
        report = work.get(Report, job.subject_id)
        period = work.get(Period, report.period_id)
        contract = work.get(Contract, period.contract_id)
        _, pack = contest_and_pack(office, work, contract)
        documents: list[Document] = []
        for one, facts in zip(files, seen, strict=True):
            document = work.get(Document, one.id)
            document.kind = facts.kind
            document.facts = facts.model_dump(mode="json")
            document.inspected = True
            documents.append(document)
            if facts.kind is Kind.FINANCIAL_REPORT:
                report.lines = [line.model_dump(mode="json") for line in facts.lines]
                report.spent = sum(line.total for line in facts.lines)
            if facts.kind is Kind.PROGRAMME_REPORT:
                report.indicators = [one.model_dump(mode="json") for one in facts.indicators]
        periods = {one.id: one for one in work.all(Period, contract_id=contract.id)}
        earlier = [
            one
            for one in work.all(Report, period_id=list(periods), order="received_at")
            if periods[one.period_id].status is PeriodStatus.ACCEPTED
        ]
        remarks = monitoring.remarks(pack, contract, period, report, earlier, documents)
        report.remarks = [told(one, pack=pack, files=documents) for one in remarks]
        report.read = True
        because = by_rule(pack, "read", remarks=[one.rule for one in remarks], spent=report.spent)
        move(work, period, Act.REPORT_READ, because=because, files=[one.sha256 for one in files])
        work.finish(job)


def latest(office: Office, period_id: UUID) -> Report:
    """The report that stands for a period. Raises NotFound."""
    with looking(office.engine, office.system) as look:
        return _last(look, period_id)


def _last(look: Look, period_id: UUID) -> Report:
    reports = look.all(Report, period_id=period_id, order="round")
    if not reports:
        raise NotFound(noun="report", id=str(period_id))
    return reports[-1]


def explain(office: Office, doer: Doer, period_id: UUID, text: str) -> None:
    """The contractor explains a variance."""
    if not text.strip():
        raise NoReason(act=Act.VARIANCE_EXPLAIN)
    with office.acting(doer, Act.VARIANCE_EXPLAIN) as work:
        period = work.get(Period, period_id)
        contract = work.get(Contract, period.contract_id)
        only_own(work, doer, work.get(Application, contract.application_id))
        check_moment(period, Act.VARIANCE_EXPLAIN)
        report = _last(work, period_id)
        report.explanation = text
        move(work, period, Act.VARIANCE_EXPLAIN, because=in_words(text))
        weigh_next(work, contract)


def return_report(office: Office, doer: Doer, period_id: UUID, reason: str) -> None:
    """Back to the contractor with all remarks at once."""
    if not reason.strip():
        raise NoReason(act=Act.REPORT_RETURN)
    with office.acting(doer, Act.REPORT_RETURN) as work:
        period = work.get(Period, period_id)
        contract = work.get(Contract, period.contract_id)
        move(work, period, Act.REPORT_RETURN, because=in_words(reason))
        report = _last(work, period_id)
        facts = {**_about(contract, period), "remarks": report.remarks, "reason": reason}
        application = work.get(Application, contract.application_id)
        addresses.to_sender(work, application, "report_returned", f"report_returned:{report.id}", facts)


def open_remarks(report: Report) -> list[Remark]:
    """What still stands against a report: remarks to cure; a variance no more once it is explained."""
    remarks = [
        Remark(rule=one["rule"], severity=one["severity"], facts=one["facts"], placeholder=one["placeholder"])
        for one in report.remarks
    ]
    open_ones = [one for one in remarks if one.severity is not Severity.NOTICE]
    return [one for one in open_ones if not (one.rule.startswith("variance") and report.explanation.strip())]


def accept(office: Office, doer: Doer, period_id: UUID) -> None:
    """The report is accepted; its spending counts and the next tranche is weighed. Raises WrongMoment on open remarks."""
    with office.acting(doer, Act.REPORT_ACCEPT) as work:
        period = work.get(Period, period_id)
        if period.status is PeriodStatus.ACCEPTED:
            return
        check_moment(period, Act.REPORT_ACCEPT)
        report = _last(work, period_id)
        standing = open_remarks(report)
        if standing or not report.read:
            rules = ", ".join(sorted({one.rule for one in standing}))
            raise WrongMoment(act=Act.REPORT_ACCEPT, noun="period", status=period.status, waiting=rules or "reading")
        contract = work.get(Contract, period.contract_id)
        _, pack = contest_and_pack(office, work, contract)
        contract.spent += report.spent
        move(work, period, Act.REPORT_ACCEPT, because=by_rule(pack, "report_in_order", spent=report.spent))
        application = work.get(Application, contract.application_id)
        facts = _about(contract, period)
        addresses.to_sender(work, application, "report_accepted", f"report_accepted:{report.id}", facts)
        weigh_next(work, contract)


def record_visit(
    office: Office,
    doer: Doer,
    contract_id: UUID,
    *,
    on: date,
    seen: str,
    to_mend: str = "",
    mend_until: date | None = None,
) -> UUID:
    """A site visit with what was seen and what has to be mended. The same words of the same day once."""
    with office.acting(doer, Act.VISIT_RECORD) as work:
        contract = work.get(Contract, contract_id)
        for known in work.all(Visit, contract_id=contract_id, on=on):
            if known.seen == seen:
                return known.id
        check_moment(contract, Act.VISIT_RECORD)
        visit = Visit(contract_id=contract_id, on=on, seen=seen, to_mend=to_mend, mend_until=mend_until)
        work.new(visit, stream=contract.stream_id)
        work.record(Act.VISIT_RECORD, visit, because=in_words(seen))
        return visit.id


# -- closing --------------------------------------------------------------------------------------------------------


def evaluate(office: Office, doer: Doer, contract_id: UUID) -> None:
    """All periods are accepted: the pack's rule evaluates the project and says what is to be returned."""
    with office.acting(doer, Act.CONTRACT_EVALUATE) as work:
        contract = work.get(Contract, contract_id)
        if contract.status is ContractStatus.EVALUATED:
            return
        contest, pack = contest_and_pack(office, work, contract)
        periods = work.all(Period, contract_id=contract_id, order="number")
        waiting = [one.number for one in periods if one.status is not PeriodStatus.ACCEPTED]
        if waiting:
            raise WrongMoment(act=Act.CONTRACT_EVALUATE, noun="contract", status=contract.status, waiting=len(waiting))
        reports = work.all(Report, period_id=[one.id for one in periods], order="received_at")
        tranches = work.all(Tranche, contract_id=contract_id)
        accepted = _standing(reports)
        contract.evaluation = monitoring.evaluation(pack, contract, periods, accepted)
        contract.balance = monitoring.balance(contract, tranches, accepted)
        because = by_rule(pack, "evaluation", evaluation=contract.evaluation, balance=contract.balance)
        move(work, contract, Act.CONTRACT_EVALUATE, because=because)
        work.errand(Errand.CLOSING_ACT, contract, str(contract_id))
        application = work.get(Application, contract.application_id)
        facts = {
            "contest": contest.number,
            "number": contract.number,
            "balance_tyiyn": contract.balance,
            "evaluation": contract.evaluation.value,
        }
        addresses.to_sender(work, application, "closing", f"closing:{contract.id}", facts)


def _standing(reports: list[Report]) -> list[Report]:
    """The last round of each period."""
    last: dict[UUID, Report] = {}
    for one in sorted(reports, key=lambda report: report.round):
        last[one.period_id] = one
    return list(last.values())


def draft_closing(office: Office, job: Job) -> None:
    """Errand monitoring.closing: the evaluation act as docx."""
    with looking(office.engine, office.system) as look:
        contract = look.get(Contract, job.subject_id)
        contest, pack = contest_and_pack(office, look, contract)
        periods = look.all(Period, contract_id=contract.id, order="number")
        paid = sum(one.amount for one in look.all(Tranche, contract_id=contract.id, status=TrancheStatus.PAID))
        paper = closing(
            pack,
            customer=look.get(Customer, contest.tenant_id),
            head=holder(look, contest.tenant_id, Role.HEAD),
            organisation=look.get(Organisation, contract.organisation_id),
            contract=contract,
            project=look.get(Application, contract.application_id).title,
            periods=periods,
            reports=_standing(look.all(Report, period_id=[one.id for one in periods])),
            paid=paid,
            number=f"{contract.number}-A",
            issued_on=office.today(contest.zone),
        )
    kept = filing.written(office, contest.tenant_id, paper)
    with office.acting(CLOCK, Act.PAPER_REGISTER) as work:
        contract = work.get(Contract, job.subject_id)
        name = f"closing-{contract.number.replace('/', '-')}.docx"
        filing.register(office, work, kept, subject=contract, kind=Kind.NOTICE, name=name)
        work.record(Act.PAPER_REGISTER, contract, because=by_rule(pack, "evaluation"), files=[kept.sha256])
        work.finish(job)


def return_balance(office: Office, doer: Doer, contract_id: UUID, amount: int, reference: str) -> None:
    """Money came back: `amount` in tyiyn, by a payment `reference`. Raises BadAmount for more than is owed, NoReason."""
    check_reason(reference, Act.BALANCE_RETURN)
    with office.acting(doer, Act.BALANCE_RETURN) as work:
        contract = work.get(Contract, contract_id)
        check_moment(contract, Act.BALANCE_RETURN)
        owed = contract.balance - contract.returned
        if owed <= 0:
            return
        if not 0 < amount <= owed:
            raise BadAmount(amount=amount)
        contract.returned += amount
        move(work, contract, Act.BALANCE_RETURN, because=in_words(reference, amount=amount))
        contest, _ = contest_and_pack(office, work, contract)
        finish_if_over(office, work, work.get(Contest, contest.id))


def close(office: Office, doer: Doer, contract_id: UUID) -> None:
    """The project is closed. Raises WrongMoment while a balance is owed. The contest ends with its last contract."""
    with office.acting(doer, Act.CONTRACT_CLOSE) as work:
        contract = work.get(Contract, contract_id)
        if contract.status is ContractStatus.CLOSED:
            return
        contest, pack = contest_and_pack(office, work, contract)
        owed = contract.balance - contract.returned
        if owed > 0:
            raise WrongMoment(act=Act.CONTRACT_CLOSE, noun="contract", status=contract.status, owed_tyiyn=owed)
        move(work, contract, Act.CONTRACT_CLOSE, because=by_rule(pack, "balance_returned", returned=contract.returned))
        finish_if_over(office, work, work.get(Contest, contest.id))
