"""Stage 5: a package is handed in, gets its receipt, is sealed until the cut-off, and is inspected by the system."""

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from documents.package import Unpacked, unpack
from flows.office import Office
from flows.steps import addresses, filing, receipts, recognition, signing, understanding
from flows.steps.moving import by_rule, check_moment, check_reason, in_words, move, reckoned
from flows.steps.people import only_own
from flows.steps.results import drop_contract, promote
from rules import deadlines, lifecycle
from schemas.application import Application, ApplicationStatus
from schemas.base import new_id
from schemas.contest import TERMS, Contest, ContestStatus
from schemas.contract import Contract, ContractStatus
from schemas.customer import Customer
from schemas.document import Document
from schemas.doer import CLOCK, Doer
from schemas.errors import NotFound, Overtaken, TooLate, WrongMoment
from schemas.event import Act
from schemas.facts import Kind
from schemas.outbox import Errand, Job
from storage.blobs import Kept
from storage.work import looking

UNCURED = (ApplicationStatus.TO_CURE, ApplicationStatus.REFUSED)


@dataclass(frozen=True, slots=True)
class Given:
    """What the sender gets at once: his number, the time, and the hashes of what he handed in."""

    application_id: UUID
    number: int
    received_at: datetime
    package_sha256: str
    files: tuple[tuple[str, str, int], ...]  # name, sha256, size
    again: bool = False


def contest_of(office: Office, customer: str, number: str) -> Contest:
    """The contest of that number at that customer. Raises NotFound."""
    with looking(office.engine, office.system) as look:
        home = look.one(Customer, code=customer)
        contest = look.one(Contest, tenant_id=home.id, number=number) if home else None
    if contest is None:
        raise NotFound(noun="contest", id=number)
    return contest


def hand_in(office: Office, doer: Doer, contest: Contest, source: Path, *, sender: str) -> Given:
    """Take a package in. The same package twice is one application.

    Raises TooLate, WrongMoment for a cancelled contest (a receipt is kept and sent all the same), EmptyPackage,
    UnsafeArchive, TooLarge.
    """
    received_at = office.now()
    with office.looking(doer, Act.APPLICATION_RECEIVE) as look:
        contest = look.get(Contest, contest.id)
    if contest.status is ContestStatus.DRAFTED:
        raise WrongMoment(act=Act.APPLICATION_RECEIVE, noun="contest", status=contest.status)
    with TemporaryDirectory(dir=office.spool) as folder:
        package = unpack(
            source, Path(folder), file_limit=office.settings.file_limit, package_limit=office.settings.package_limit
        )
        late = deadlines.late(received_at, contest.cutoff) or contest.status is not ContestStatus.ANNOUNCED
        kept = {} if late else filing.kept(office, contest.tenant_id, package)
        given = _enter(office, doer, contest, package, kept, sender, received_at, late=late)
    if contest.status is ContestStatus.CANCELLED:
        raise WrongMoment(act=Act.APPLICATION_RECEIVE, noun="contest", status=contest.status)
    if late and deadlines.late(given.received_at, contest.cutoff):  # what came in time may be sent again later
        raise TooLate(received=received_at, cutoff=contest.cutoff, number=given.number, sha256=given.package_sha256)
    return given


def _enter(
    office: Office,
    doer: Doer,
    contest: Contest,
    package: Unpacked,
    kept: dict[str, Kept],
    sender: str,
    received_at: datetime,
    *,
    late: bool,
) -> Given:
    files = tuple((file.name, file.sha256, file.size) for file in package.files)
    act = Act.APPLICATION_TURN_AWAY if late else Act.APPLICATION_RECEIVE
    pack = office.pack_of(contest)
    cancelled = contest.status is ContestStatus.CANCELLED
    because = reckoned(
        pack,
        "contest_cancelled" if cancelled else "late" if late else "in_time",
        received=received_at,
        cutoff=contest.cutoff,
        files=len(files),
        terms={name: getattr(contest, name) for name in TERMS},
    )
    if late or cancelled:  # no document will keep the names: they stand where they can be erased
        because = replace(because, reason=", ".join(name for name, _, _ in files))
    by = (
        doer if not late or doer.roles & lifecycle.who(act) else CLOCK
    )  # whoever brings it, it is turned away on record
    try:
        with office.acting(by, act) as work:
            work.hold(Contest, contest.id)  # one at a time, so that numbers have no gap
            known = work.one(Application, contest_id=contest.id, package_sha256=package.package_sha256)
            if known is not None:
                return Given(known.id, known.number, known.received_at, known.package_sha256, files, again=True)
            identity = new_id()
            last = work.session.scalar(
                select(func.max(Application.number)).where(Application.contest_id == contest.id)  # pyright: ignore[reportArgumentType]
            )
            number = (last or 0) + 1
            work.open_stream(identity, contest.tenant_id, "case", name=str(number), under=contest.stream_id)
            application = Application(
                id=identity,
                contest_id=contest.id,
                number=number,
                sender=" ".join(sender.split())[:200],
                received_at=received_at,
                package_sha256=package.package_sha256,
                status=ApplicationStatus.TURNED_AWAY if late else ApplicationStatus.RECEIVED,
            )
            work.new(application, stream=identity, tenant=contest.tenant_id)
            filing.file_in(office, work, application, kept, round_=application.round)
            work.record(act, application, because=because, files=[sha for _, sha, _ in files])
            facts = {
                "contest": contest.number,
                "number": application.number,
                "received": received_at.isoformat(),
                "cutoff": contest.cutoff.isoformat(),
                "sha256": package.package_sha256,
            }
            if cancelled:
                addresses.to_sender(work, application, "receipt_cancelled", f"cancelled:{identity}", facts)
            elif late:
                addresses.to_sender(work, application, "receipt_late", f"late:{identity}", facts)
            else:
                work.errand(Errand.INSPECT, application, f"{identity}:1")
            return Given(identity, application.number, received_at, package.package_sha256, files)
    except IntegrityError as clash:
        raise Overtaken(noun="contest", id=str(contest.id)) from clash


def cure(office: Office, doer: Doer, application_id: UUID, source: Path) -> Given:
    """Hand in what was missing. The same files twice are one cure. Raises TooLate after the term, WrongMoment."""
    received_at = office.now()
    with office.looking(doer, Act.APPLICATION_CURE) as look:
        application = look.get(Application, application_id)
        only_own(look, doer, application)
        contest = look.get(Contest, application.contest_id)
        there = {one.sha256 for one in look.all(Document, subject_id=application_id)}
    with TemporaryDirectory(dir=office.spool) as folder:
        package = unpack(
            source, Path(folder), file_limit=office.settings.file_limit, package_limit=office.settings.package_limit
        )
        files = tuple((file.name, file.sha256, file.size) for file in package.files)
        given = Given(application_id, application.number, received_at, package.package_sha256, files)
        if application.round > 1 and {sha for _, sha, _ in files} <= there:
            return Given(application_id, application.number, received_at, package.package_sha256, files, again=True)
        until = application.cure_until
        if application.status in UNCURED and until and deadlines.local_day(received_at, contest.zone) > until:
            _late_cure(office, doer, application, contest, given)
            raise TooLate(received=received_at, cutoff=until)
        check_moment(application, Act.APPLICATION_CURE)
        kept = filing.kept(office, contest.tenant_id, package)
        with office.acting(doer, Act.APPLICATION_CURE) as work:
            application = work.get(Application, application_id)
            application.round += 1
            filing.file_in(office, work, application, kept, round_=application.round)
            because = reckoned(office.pack_of(contest), "cured", received=received_at, files=len(files))
            move(work, application, Act.APPLICATION_CURE, because=because, files=[sha for _, sha, _ in files])
            work.errand(Errand.INSPECT, application, f"{application_id}:{application.round}")
    return given


def _late_cure(office: Office, doer: Doer, application: Application, contest: Contest, given: Given) -> None:
    """What comes after the term is named on record, and whoever brought it gets his receipt; the files are not kept."""
    act = Act.APPLICATION_TURN_AWAY
    with office.acting(doer if doer.roles & lifecycle.who(act) else CLOCK, act) as work:
        application = work.get(Application, application.id)
        pack = office.pack_of(contest)
        key = f"cure_late:{application.id}:{given.package_sha256}"
        due = {"received": given.received_at, "until": application.cure_until, "files": len(given.files)}
        names = ", ".join(name for name, _, _ in given.files)
        because = replace(reckoned(pack, "cure_late", **due), reason=names)
        move(work, application, act, because=because, files=[sha for _, sha, _ in given.files])
        facts = {
            "contest": contest.number,
            "number": application.number,
            "received": given.received_at.isoformat(),
            "until": application.cure_until.isoformat() if application.cure_until else "",
            "sha256": given.package_sha256,
        }
        addresses.to_sender(work, application, "cure_late", key, facts)


def withdraw(office: Office, doer: Doer, application_id: UUID, reason: str) -> None:
    """The applicant takes his application back; a winner's award goes to the reserve. Raises WrongMoment, NoReason."""
    check_reason(reason, Act.APPLICATION_WITHDRAW)
    with office.acting(doer, Act.APPLICATION_WITHDRAW) as work:
        application = work.get(Application, application_id)
        only_own(work, doer, application)
        contract = work.one(Contract, application_id=application_id)
        if contract is not None and contract.status not in (ContractStatus.PREPARED, ContractStatus.DRAFTED):
            raise WrongMoment(act=Act.APPLICATION_WITHDRAW, noun="contract", status=contract.status)
        won = application.status is ApplicationStatus.WINNER
        because = in_words(reason)
        drop_contract(work, application, because)
        move(work, application, Act.APPLICATION_WITHDRAW, because=because)
        if won:
            contest = work.get(Contest, application.contest_id)
            promote(work, contest, office.pack_of(contest), application)


# -- errand: intake.inspect -----------------------------------------------------------------------------------------


def inspect(office: Office, job: Job) -> None:
    """Look into every file of a package that nobody has looked into yet, and write down what is seen."""
    with looking(office.engine, office.system) as look:
        application = look.get(Application, job.subject_id)
        files = look.all(Document, subject_id=application.id, order="name")
    fresh = receipts.fresh(files)
    older = [one for one in files if one.current and one.facts]
    seen = office.read_files(fresh)
    changed = signing.across_rounds(office, list(zip(fresh, seen, strict=True)), older)
    receipt = receipts.of(office, application, fresh) if application.round == 1 else None
    with office.acting(CLOCK, Act.APPLICATION_INSPECT) as work:
        application = work.get(Application, job.subject_id)
        documents = work.get_all(Document, [*(one.id for one in fresh), *changed])
        for one, facts in zip(fresh, seen, strict=True):
            document = documents[one.id]
            document.kind = facts.kind
            document.facts = facts.model_dump(mode="json")
            document.inspected = not recognition.waits(facts)
            if not document.inspected:
                work.errand(Errand.RECOGNISE, document, str(document.id))
            understanding.supersede(work, document)
        for identity, facts in changed.items():
            documents[identity].facts = facts.model_dump(mode="json")
        understanding.understand(work, application, {facts.kind: facts for facts in reversed(seen)})
        paper = None
        if receipt is not None:
            name = f"receipt-{application.number}.docx"
            paper = filing.register(office, work, receipt, subject=application, kind=Kind.RECEIPT, name=name)
        contest = work.get(Contest, application.contest_id)  # late, since it is held: others inspect for it too
        because = by_rule(office.pack_of(contest), "inspected", files=len(fresh), round=application.round)
        work.record(Act.APPLICATION_INSPECT, application, because=because, files=[one.sha256 for one in fresh])
        if paper is not None:
            facts_of_letter = {
                "contest": contest.number,
                "number": application.number,
                "received": application.received_at.isoformat(),
                "cutoff": contest.cutoff.isoformat(),
                "sha256": application.package_sha256,
            }
            addresses.to_sender(work, application, "receipt", f"receipt:{application.id}", facts_of_letter, [paper.id])
        recognition.check_if_read(work, application, contest)
        work.finish(job)
