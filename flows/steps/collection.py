"""Stage 15, the mail room: what came from a mailbox, a watched folder or bucket becomes a report, or waits in the tray.

A round may end anywhere and be done again: a mark moves only with what was taken, a parcel is known by its hash, and the
same report twice is one report. A source keeps everything until then.
"""

import hashlib
import tomllib
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from email.utils import parseaddr
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID, uuid4

from pydantic import ValidationError

from documents.package import Unpacked, unpack
from flows.office import Office
from flows.sources import Arrival, Inbox, bucket, folder, mailbox
from flows.steps import addresses, filing, monitoring
from flows.steps.moving import check_reason, in_words, move
from rules import addressing
from schemas.application import Application, Organisation
from schemas.collection import (
    Channel,
    Mailbox,
    Mark,
    Obstacle,
    Parcel,
    ParcelStatus,
    Source,
    Sources,
    WatchedFolder,
)
from schemas.contract import Contract, ContractStatus
from schemas.customer import Customer, Person, Role, RoleGrant
from schemas.document import Document
from schemas.doer import CLOCK, Doer
from schemas.errors import AsharError, BadSetting, NotFound, Overtaken, Refused, TooLarge
from schemas.event import Act
from schemas.report import Period, PeriodStatus, Report
from storage.ledger import Because
from storage.work import Look, Work, looking

WAITING = (PeriodStatus.OPEN, PeriodStatus.RETURNED)
OTHERS = 0o077


@dataclass
class Collected:
    """What one round at one source brought; `trouble` is the class of the error that ended it."""

    source: str
    filed: int = 0
    waiting: int = 0
    known: int = 0
    trouble: str = ""
    parcels: list[UUID] = field(default_factory=list)


def sources(office: Office) -> Sources:
    """The sources of this installation; none where there is no file. Raises BadSetting for a wrong or an open file."""
    file = office.settings.sources or office.home / "sources.toml"
    if not file.exists():
        return Sources()
    if file.stat().st_mode & OTHERS:
        raise BadSetting(setting=f"{file}: chmod 600")
    try:
        return Sources.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, ValidationError) as wrong:
        where = (
            ", ".join(".".join(map(str, one["loc"])) for one in wrong.errors())
            if isinstance(wrong, ValidationError)
            else str(wrong)
        )
        raise BadSetting(setting=f"{file}: {where}") from None


def open_source(office: Office, source: Source) -> AbstractContextManager[Inbox]:
    """Raises SourceDown when it does not answer."""
    limit, now = office.settings.package_limit, office.machine_now()
    if isinstance(source, Mailbox):
        return mailbox.opened(source, limit)
    return folder.opened(source, now) if isinstance(source, WatchedFolder) else bucket.opened(source, limit, now)


def collect(office: Office, source: Source) -> Collected:
    """Take everything new from one source. What stops it is told, and the next round goes on from there."""
    round_ = Collected(source.name)
    try:
        with looking(office.engine, office.system) as look:
            customer = look.one(Customer, code=source.customer)
            if customer is None:
                raise NotFound(noun="customer", id=source.customer)
            mark = look.one(Mark, source=source.name[:200])
            contracts = _contracts(look, customer.id)
        with open_source(office, source) as inbox:
            for arrival in inbox.arrivals(mark, office.spool):
                _take(office, source, customer.id, contracts, inbox.epoch, arrival, round_)
                inbox.taken(arrival)
    except AsharError as trouble:
        round_.trouble = type(trouble).__name__
    return round_


def _contracts(look: Look, tenant_id: UUID) -> list[addressing.Known]:
    """Every signed contract of the customer with the addresses that its contractor gave."""
    contracts = look.all(Contract, tenant_id=tenant_id, status=ContractStatus.SIGNED, order="number")
    periods = look.all(Period, contract_id=[one.id for one in contracts], status=list(WAITING), order="number")
    applications = {one.id: one for one in look.all(Application, id=[one.application_id for one in contracts])}
    organisations = {one.id: one for one in look.all(Organisation, id=[one.organisation_id for one in contracts])}
    grants = look.all(RoleGrant, tenant_id=tenant_id, role=Role.APPLICANT, active=True)
    people = {one.id: one.email for one in look.all(Person, id=[one.person_id for one in grants])}
    known: list[addressing.Known] = []
    for one in contracts:
        own = [people[grant.person_id] for grant in grants if grant.organisation_id == one.organisation_id]
        given = [applications[one.application_id].sender, organisations[one.organisation_id].email, *own]
        senders = frozenset(address.casefold() for text in given if "@" in (address := parseaddr(text)[1]))
        waiting = tuple(period.number for period in periods if period.contract_id == one.id)
        known.append(addressing.Known(one.id, one.number, senders, waiting))
    return known


def _take(
    office: Office,
    source: Source,
    tenant_id: UUID,
    contracts: Sequence[addressing.Known],
    epoch: int,
    arrival: Arrival,
    round_: Collected,
) -> None:
    channel = _channel(source)
    with TemporaryDirectory(dir=office.spool) as room:
        try:
            if arrival.too_large:
                raise TooLarge(name=arrival.subject, size=arrival.too_large, limit=office.settings.package_limit)
            package = unpack(
                arrival.folder,
                Path(room),
                file_limit=office.settings.file_limit,
                package_limit=office.settings.package_limit,
            )
        except Refused as refused:
            package, detail = None, type(refused).__name__
        else:
            detail = ""
        parcel = Parcel(
            id=uuid4(),
            channel=channel,
            source=source.name[:200],
            sha256=_hash(arrival, package),
            sender=arrival.sender[:200],
            subject=" ".join(arrival.subject.split())[:400],
            received_at=office.now(),
            detail=detail,
        )
        with looking(office.engine, office.system) as look:
            before = look.one(Parcel, tenant_id=tenant_id, sha256=parcel.sha256)
            report = look.one(Report, tenant_id=tenant_id, package_sha256=package.package_sha256) if package else None
        if before is not None:
            with office.acting(CLOCK, Act.PARCEL_TAKE) as work:
                _move_mark(work, source, epoch, arrival)
            round_.known += 1
            return
        to = _address(office, arrival, package, contracts, by_mail=channel is Channel.MAIL)
        if report is not None:
            parcel.report_id = report.id  # these very files are a report already, whoever sent them
        elif to.obstacle is None and to.known is not None and to.period is not None:
            _file_at_once(office, parcel, to, arrival)
        else:
            parcel.obstacle = to.obstacle
            parcel.contract_id = to.known.contract if to.known else None
        kept = filing.kept(office, tenant_id, package) if package is not None and parcel.report_id is None else {}
        _enter(office, parcel, tenant_id, package, kept, source, epoch, arrival)
    round_.parcels.append(parcel.id)
    round_.filed += parcel.report_id is not None
    round_.waiting += parcel.report_id is None


def _channel(source: Source) -> Channel:
    if isinstance(source, Mailbox):
        return Channel.MAIL
    return Channel.FOLDER if isinstance(source, WatchedFolder) else Channel.BUCKET


def _hash(arrival: Arrival, package: Unpacked | None) -> str:
    """The same mail, or the same files under the same name, has the same hash however often it is delivered."""
    parts = [arrival.sender, arrival.reference or arrival.subject, package.package_sha256 if package else ""]
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def _address(
    office: Office,
    arrival: Arrival,
    package: Unpacked | None,
    contracts: Sequence[addressing.Known],
    *,
    by_mail: bool,
) -> addressing.Addressed:
    told = addressing.Told(arrival.about, arrival.sender, by_mail=by_mail)
    to = addressing.address(told, contracts)
    if package is None:
        return addressing.Addressed(to.known, None, Obstacle.UNUSABLE)
    if to.obstacle not in (Obstacle.NO_CONTRACT, Obstacle.SEVERAL_CONTRACTS, Obstacle.NO_PERIOD):
        return to
    # What stands on the cover does not say it; the papers may.
    seen = office.read_paths([(file.path, file.name) for file in package.files])
    numbers = tuple({number for one in seen if (number := one.text("number"))})
    periods = tuple({period for one in seen if (period := one.amount("period"))})
    told = addressing.Told(arrival.about, arrival.sender, numbers, periods, by_mail)
    return addressing.address(told, contracts)


def _file_at_once(office: Office, parcel: Parcel, to: addressing.Addressed, arrival: Arrival) -> None:
    assert to.known is not None
    assert to.period is not None
    parcel.contract_id = to.known.contract
    try:
        parcel.report_id = monitoring.hand_in_report(office, CLOCK, to.known.contract, to.period, arrival.folder)
    except Refused as refused:
        parcel.obstacle, parcel.detail = Obstacle.WRONG_MOMENT, type(refused).__name__


def _enter(
    office: Office,
    parcel: Parcel,
    tenant_id: UUID,
    package: Unpacked | None,
    kept: dict[str, filing.Kept],
    source: Source,
    epoch: int,
    arrival: Arrival,
) -> None:
    """The parcel into the book, in the tray or filed, and the source's mark behind it."""
    files = [file.sha256 for file in package.files] if package else []
    facts = {"channel": parcel.channel, "source": parcel.source, "obstacle": parcel.obstacle}
    parcel.status = ParcelStatus.WAITING if parcel.report_id is None else ParcelStatus.FILED
    with office.acting(CLOCK, Act.PARCEL_TAKE) as work:
        work.open_stream(parcel.id, tenant_id, "parcel")
        work.new(parcel, stream=parcel.id, tenant=tenant_id)
        filing.file_in(office, work, parcel, kept)
        work.record(Act.PARCEL_TAKE, parcel, because=Because(rule="parcel", facts=facts), files=files)
        if parcel.report_id is None:
            told = {
                "sender": parcel.sender or parcel.source,
                "subject": parcel.subject,
                "obstacle": parcel.obstacle.value if parcel.obstacle else "",
                "received": parcel.received_at.isoformat(),
                "id": str(parcel.id),
            }
            addresses.to_role(work, parcel, Role.COORDINATOR, "parcel_waiting", f"parcel:{parcel.id}", told)
            contract = work.session.get(Contract, parcel.contract_id) if parcel.contract_id else None
            if contract is not None and parcel.obstacle is not Obstacle.STRANGE_SENDER:
                application = work.get(Application, contract.application_id)
                told["number"] = contract.number
                addresses.to_sender(work, application, "parcel_unclear", f"unclear:{parcel.id}", told)
        _move_mark(work, source, epoch, arrival)


def _move_mark(work: Work, source: Source, epoch: int, arrival: Arrival) -> None:
    mark = work.one(Mark, source=source.name[:200])
    if mark is None:
        mark = Mark(source=source.name[:200], looked_at=work.at)
        work.session.add(mark)
    mark.epoch, mark.last, mark.looked_at = epoch, arrival.at, work.at


# -- the officer at the tray ----------------------------------------------------------------------------------------


def tray(office: Office, doer: Doer) -> list[Parcel]:
    """What waits for a person, the oldest first."""
    with office.looking(doer, Act.PARCEL_FILE) as look:
        return look.all(Parcel, status=ParcelStatus.WAITING, order="received_at")


def file_parcel(office: Office, doer: Doer, parcel_id: UUID, contract_id: UUID, number: int) -> UUID:
    """An officer says which contract and period it is for. Twice is once. Raises WrongMoment, NotFound."""
    with office.looking(doer, Act.PARCEL_FILE) as look:
        parcel = look.get(Parcel, parcel_id)
        papers = look.all(Document, subject_id=parcel_id, order="name")
    if parcel.report_id is not None:
        return parcel.report_id
    with TemporaryDirectory(dir=office.spool) as room:
        for one in papers:
            if one.blob_id is not None:
                path = Path(room) / one.name
                path.parent.mkdir(parents=True, exist_ok=True)
                office.blobs.copy_to(one.blob_id, path)
        report_id = monitoring.hand_in_report(office, doer, contract_id, number, Path(room))
    with office.acting(doer, Act.PARCEL_FILE) as work:
        parcel = work.get(Parcel, parcel_id)
        if parcel.report_id is None:
            parcel.report_id, parcel.contract_id, parcel.obstacle = report_id, contract_id, None
            because = Because(rule="parcel", facts={"contract": str(contract_id), "period": number})
            move(work, parcel, Act.PARCEL_FILE, because=because, files=[one.sha256 for one in papers])
        elif parcel.report_id != report_id:
            raise Overtaken(noun="parcel", id=str(parcel_id))
    return report_id


def set_aside(office: Office, doer: Doer, parcel_id: UUID, reason: str) -> None:
    """It is no report; it stays on record. Raises NoReason, WrongMoment."""
    check_reason(reason, Act.PARCEL_SET_ASIDE)
    with office.acting(doer, Act.PARCEL_SET_ASIDE) as work:
        parcel = work.get(Parcel, parcel_id)
        if parcel.status is not ParcelStatus.SET_ASIDE:
            move(work, parcel, Act.PARCEL_SET_ASIDE, because=in_words(reason))
