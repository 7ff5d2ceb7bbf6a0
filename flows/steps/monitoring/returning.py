"""Stage 15: a report goes back with all its remarks at once: by an officer, or by the clock where the pack says so."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from documents import faults
from flows.office import Office
from flows.steps import addresses, filing
from flows.steps.monitoring.reports import last
from flows.steps.monitoring.waiting import about, begin_cycle, move_waiting
from flows.steps.moving import check_moment, edition, in_words, reckoned
from flows.steps.tranches import contest_and_pack, weigh_next
from rules import deadlines
from rules.reports import PARTS
from schemas.application import Application
from schemas.contract import Contract
from schemas.customer import Language
from schemas.document import Document
from schemas.doer import CLOCK, Doer
from schemas.errors import NoReason, Overtaken, WrongMoment
from schemas.event import Act
from schemas.facts import Kind, Media
from schemas.outbox import Job
from schemas.report import Period, PeriodStatus, Report
from schemas.wording import LANGUAGES, say
from storage.blobs import Kept
from storage.ledger import Because
from storage.work import Look, Work, looking


@dataclass(frozen=True)
class _Faults:
    """What stands against a report as it was read, and the language in which it is answered."""

    contract: Contract
    period: Period
    report: Report
    language: Language

    @property
    def table(self) -> dict[str, list[faults.FaultRow]]:
        return {spoken: faults.rows(self.report.remarks, spoken) for spoken in LANGUAGES}

    def kept(self, office: Office) -> Kept | None:
        """The table as a workbook in the object store; None where nothing stands against the report."""
        if not self.report.remarks:
            return None
        title = say("paper.faults.about", self.language, **about(self.contract, self.period))
        rows = faults.rows(self.report.remarks, self.language)
        return office.keep(self.contract.tenant_id, faults.workbook(rows, self.language, about=title))


def return_report(office: Office, doer: Doer, period_id: UUID, reason: str, *, parts: Collection[str] = ()) -> None:
    """Back to the contractor with all remarks at once, as a table in the letter and beside it, in the report's language.

    He has the pack's term to correct it; the ladder starts anew. `parts`: which alone are asked for again
    (programme, financial); the others stand as they are. None = the whole.
    """
    if not reason.strip():
        raise NoReason(act=Act.REPORT_RETURN)
    with office.looking(doer, Act.REPORT_RETURN) as look:
        period = look.get(Period, period_id)
        check_moment(period, Act.REPORT_RETURN)
        seen = _seen(look, period)
    kept = seen.kept(office)
    with office.acting(doer, Act.REPORT_RETURN) as work:
        _send_back(office, work, seen, kept, in_words(reason, None, **edition()), reason=reason, parts=parts)


def return_at_once(office: Office, job: Job) -> None:
    """Errand monitoring.return: what the contractor can cure goes back to him without waiting for an officer."""
    with looking(office.engine, office.system) as look:
        seen = _seen(look, look.get(Period, look.get(Report, job.subject_id).period_id))
    kept = seen.kept(office)
    with office.acting(CLOCK, Act.REPORT_RETURN) as work:
        period = work.get(Period, seen.period.id)
        if period.status is PeriodStatus.RECEIVED and last(work, period.id).id == job.subject_id:
            _, pack = contest_and_pack(office, work, work.get(Contract, period.contract_id))
            told = [one["rule"] for one in seen.report.remarks]
            _send_back(office, work, seen, kept, reckoned(pack, "return_at_once", remarks=told))
        work.finish(job)  # else an officer was quicker


def _seen(look: Look, period: Period) -> _Faults:
    contract, report = look.get(Contract, period.contract_id), last(look, period.id)
    language = written_in(look.all(Document, subject_id=report.id, order="name")) or contract.language
    return _Faults(contract, period, report, language)


def _send_back(
    office: Office,
    work: Work,
    seen: _Faults,
    kept: Kept | None,
    because: Because,
    *,
    reason: str = "",
    parts: Collection[str] = (),
) -> None:
    period = work.get(Period, seen.period.id)
    contract = work.get(Contract, period.contract_id)
    contest, pack = contest_and_pack(office, work, contract)
    today = office.today(contest.zone)
    report = last(work, period.id)
    if (report.id, report.version) != (seen.report.id, seen.report.version):
        raise Overtaken(noun="report", id=str(report.id))
    papers: list[UUID] = []
    if kept:
        name = f"{say('paper.faults.sheet', seen.language)} {period.number}-{report.round}.xlsx"
        told = {"subject": period, "kind": Kind.NOTICE, "name": name, "media": Media.XLSX, "round_": report.round}
        papers.append(filing.register(office, work, kept, **told).id)
    check_moment(period, Act.REPORT_RETURN)
    if strange := sorted(set(parts) - PARTS.keys()):
        raise WrongMoment(act=Act.REPORT_RETURN, noun="period", status=period.status, parts=", ".join(strange))
    period.parts = [one for one in PARTS if one in parts]
    begin_cycle(pack, period, max(period.due, deadlines.add(today, pack.monitoring.cure.value)))
    files = (kept.sha256,) if kept else ()
    move_waiting(work, pack, period, Act.REPORT_RETURN, today, because=because, files=files)
    facts = {
        **about(contract, period),
        "remarks": {spoken: faults.text(one, spoken) for spoken, one in seen.table.items()} if kept else [],
        "kinds": [PARTS[one].value for one in period.parts],
        "until": period.due.isoformat(),
        **({"reason": reason} if reason else {}),
    }
    application = work.get(Application, contract.application_id)
    key = f"report_returned:{report.id}"
    addresses.to_sender(work, application, "report_returned", key, facts, papers, seen.language)
    weigh_next(work, contract)


def written_in(documents: Sequence[Document]) -> Language | None:
    """The language of a report: of its financial part, else of any; None where none could be told."""
    spoken = [(one.kind is not Kind.FINANCIAL_REPORT, one.seen().language) for one in documents]
    told = [language for _, language in sorted(spoken, key=lambda one: one[0]) if language in LANGUAGES]
    return Language(told[0]) if told else None
