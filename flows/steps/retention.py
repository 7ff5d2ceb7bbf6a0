"""Retention: what is due by the schedule of the rule packs is proposed by the clock and disposed of by a person."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from flows.office import Office
from flows.papers.disposal import Gone, disposal
from flows.steps import addresses, filing, holds, readings
from flows.steps.holds import Order, by_order
from flows.steps.people import holder
from rules import packs, retention
from rules.packs import Pack
from rules.retention import Record
from schemas.application import Application, ApplicationStatus, Organisation
from schemas.collection import Parcel, ParcelStatus
from schemas.contest import Contest
from schemas.contract import Contract, ContractStatus
from schemas.customer import Customer, Person, Role, RoleGrant
from schemas.document import Document
from schemas.doer import CLOCK, Doer
from schemas.errors import NotDue, NotFound
from schemas.event import Act, Event, Stream
from schemas.facts import Kind
from schemas.outbox import Letter
from storage import erasing, eventindex
from storage.ledger import Because
from storage.work import Look, looking

_ENDED = (ContractStatus.CLOSED, ContractStatus.TERMINATED)
_ENDS = (Act.CONTRACT_CLOSE, Act.CONTRACT_TERMINATE)
_OVER = (Act.CONTEST_FINISH, Act.CONTEST_CANCEL)


@dataclass(frozen=True, slots=True)
class Due:
    """A record whose term is known: closed on a day, to be disposed of from `on`; `held`: a legal hold covers it.

    `placeholder`: the term rests on a value that no lawyer has verified.
    """

    record: Record
    stream_id: UUID
    name: str
    closed: date
    on: date
    years: int
    pack: Pack
    placeholder: bool
    held: bool


@dataclass(frozen=True, slots=True)
class Disposed:
    """What went in one disposal. `locked` files stay in the store until its own lock ends; `size` in bytes."""

    number: str
    document_id: UUID
    records: int
    values: int
    files: int
    size: int
    locked: int


@dataclass
class _Place:
    id: UUID
    stream_id: UUID


def due(office: Office, doer: Doer) -> list[Due]:
    """Records of the doer's customer whose term is over today, the oldest first; those under a hold are marked.

    That an auditor looked is on record.
    """
    with office.looking(doer, Act.TRAIL_READ) as look:
        found = _due(office, look, look.get(Customer, _tenant(doer)))
        watched = look.by.role is Role.AUDITOR
    if watched:
        readings.record(office, doer, _tenant(doer), Because(rule="reading"), Act.CASE_READ)
    return found


def _tenant(doer: Doer) -> UUID:
    if doer.tenant_id is None:
        raise NotFound(noun="customer", id="")
    return doer.tenant_id


def _due(office: Office, look: Look, customer: Customer) -> list[Due]:
    today = office.today(customer.zone)
    gone = eventindex.streams_of(look.session, customer.id, Act.TRAIL_DISPOSE)
    found: list[Due] = []
    for record, stream_id, name, closed, pack in _closed(office, look, customer):
        on = retention.disposable_on(pack, record, closed) if closed != date.max else None
        if on is None or on > today or stream_id in gone:
            continue
        held = holds.covering(look, stream_id) is not None
        years, doubt = retention.term(pack, record).value, retention.placeholder(pack, record)
        found.append(Due(record, stream_id, name, closed, on, years, pack, doubt, held))
    return sorted(found, key=lambda one: (one.on, one.name))


_Closed = tuple[Record, UUID, str, date, Pack]


def _closed(office: Office, look: Look, customer: Customer) -> Iterator[_Closed]:
    zone = ZoneInfo(customer.zone)
    yield from _cases(office, look, customer, zone)
    pack = packs.load(packs.in_force(office.today(customer.zone)))
    for parcel in look.all(Parcel, tenant_id=customer.id):
        if parcel.status is not ParcelStatus.WAITING:
            yield Record.PARCEL, parcel.id, str(parcel.id), _last(look, parcel.id, (), zone), pack
    for person in look.all(Person, tenant_id=customer.id):
        grants = look.all(RoleGrant, person_id=person.id)
        if grants and not any(one.active for one in grants):
            yield Record.PERSON, person.id, person.login, _last(look, person.id, (Act.ROLE_REVOKE,), zone), pack


def _cases(office: Office, look: Look, customer: Customer, zone: ZoneInfo) -> Iterator[_Closed]:
    """Cases that are closed. What an organisation told of itself stays as long as its last case, whichever holds it."""
    found: list[tuple[Application, _Closed]] = []
    for contest in look.all(Contest, tenant_id=customer.id):
        pack, over = office.pack_of(contest), _last(look, contest.id, _OVER, zone)
        for case in look.all(Application, contest_id=contest.id):
            contract = look.one(Contract, application_id=case.id)
            record, closed = Record.OTHER, over
            if case.status is ApplicationStatus.TURNED_AWAY:
                record, closed = Record.LATE, case.received_at.astimezone(zone).date()
            elif contract is not None and contract.signed_on is not None:
                ended = contract.status in _ENDED
                record, closed = Record.WINNER, _last(look, case.id, _ENDS, zone) if ended else date.max
            found.append((case, (record, case.id, f"{contest.number}/{case.number}", closed, pack)))
    last: dict[UUID | None, date] = {}
    for case, one in found:
        last[case.organisation_id] = max(last.get(case.organisation_id, date.min), one[3])
    owners = {one.stream_id: one.id for one in look.all(Organisation, tenant_id=customer.id)}
    for case, (record, stream_id, name, closed, pack) in found:
        yield (
            record,
            stream_id,
            name,
            max(closed, last.get(owners[case.id], date.min) if case.id in owners else closed),
            pack,
        )


def _last(look: Look, stream_id: UUID, acts: Sequence[Act], zone: ZoneInfo) -> date:
    """The day of the newest event of the stream, of these acts where any are named; date.max where there is none."""
    where: dict[str, Any] = {"act": list(acts)} if acts else {}
    events = look.all(Event, stream_id=stream_id, order="seq", **where)
    return events[-1].at.astimezone(zone).date() if events else date.max


def propose(office: Office) -> int:
    """The clock tells head and lawyer of each customer what is due, once a month; how many records there are."""
    with looking(office.engine, office.system) as look:
        found = {one.id: (one, _due(office, look, one)) for one in look.all(Customer, order="code")}
    total = 0
    for customer, rows in found.values():
        free = [one for one in rows if not one.held]
        month = f"{office.today(customer.zone):%Y-%m}"
        if not free or _told(office, customer, month):
            continue
        with office.acting(CLOCK, Act.LETTER_WRITE) as work:
            facts = {"count": len(free), "held": len(rows) - len(free), "month": month}
            work.record(
                Act.LETTER_WRITE, work.get(Customer, customer.id), because=Because(rule="retention_due", facts=facts)
            )
            for role in (Role.HEAD, Role.LAWYER):
                addresses.to_role(work, customer, role, "retention_due", f"retention:{customer.id}:{month}", facts)
        total += len(free)
    return total


def _told(office: Office, customer: Customer, month: str) -> bool:
    with looking(office.engine, office.system) as look:
        written = look.all(Letter, stream_id=customer.id, code="retention_due")
    return any(one.facts.get("month") == month for one in written)


# -- disposal -------------------------------------------------------------------------------------------------------


def dispose(office: Office, doer: Doer, wanted: Sequence[UUID], order: Order) -> Disposed:
    """Destroy what is due: personal values in events and rows, bytes of files, words of indexes; and certify it.

    Each record is one transaction with its event; asked again after a break, what is left is disposed of. Raises
    NotAllowed, NotFound, NoReason, Held, NotDue for a record whose term is not over.
    """
    order.check(Act.TRAIL_DISPOSE)
    with office.looking(doer, Act.TRAIL_DISPOSE) as look:
        customer = look.get(Customer, _tenant(doer))
        for one in wanted:
            look.get(Stream, one)
            holds.check(look, one)
        ready = {one.stream_id: one for one in _due(office, look, customer)}
        names = {one.id: one.name for one in look.all(Stream, id=list(wanted))}
        number = _number(office, look, customer)
        head, me = holder(look, customer.id, Role.HEAD), look.session.get(Person, doer.id)
        decided = me.name if me else ""
    for one in wanted:
        if one not in ready:
            raise NotDue(name=names[one])
    gone: list[Gone] = []
    locked = 0
    for one in dict.fromkeys(wanted):
        row, bytes_ = _dispose(office, doer, ready[one], order, number)
        gone.append(row)
        locked += office.blobs.release(bytes_).retained
    paper = disposal(
        customer,
        head,
        number=number,
        issued_on=office.today(customer.zone),
        order=(order.act, order.number, order.on),
        gone=gone,
        locked=locked,
        decided_by=decided,
    )
    kept = filing.written(office, customer.id, paper)
    counts = {"records": len(gone), "values": sum(one.values for one in gone), "files": sum(one.files for one in gone)}
    with office.acting(doer, Act.TRAIL_DISPOSE) as work:
        row = work.get(Customer, customer.id)
        name = f"disposal-{number.replace('/', '-')}.docx"
        document = filing.register(office, work, kept, subject=row, kind=Kind.DISPOSAL, name=name)
        told = {**counts, "batch": number, "events": [one.event for one in gone]}
        work.record(Act.TRAIL_DISPOSE, row, because=by_order(order, "disposal", **told), files=[kept.sha256])
    return Disposed(number, document.id, size=sum(one.size for one in gone), locked=locked, **counts)


def _number(office: Office, look: Look, customer: Customer) -> str:
    """The next number of a certificate: year, and how many there were in it."""
    year = office.today(customer.zone).year
    before = look.all(Event, stream_id=customer.id, act=Act.TRAIL_DISPOSE)
    zone = ZoneInfo(customer.zone)
    return f"{year}/{1 + sum(one.at.astimezone(zone).year == year for one in before)}"


def _dispose(office: Office, doer: Doer, one: Due, order: Order, number: str) -> tuple[Gone, list[UUID]]:
    """One record, in one transaction. What went, and the bytes that nothing rests on any more."""
    with office.erasing(doer, Act.TRAIL_DISPOSE) as work:
        work.hold(Stream, one.stream_id)  # nothing comes in between what is read and what is erased
        holds.check(work, one.stream_id)
        documents = work.all(Document, stream_id=one.stream_id)
        blobs = [document.blob_id for document in documents if document.blob_id is not None]
        size = sum(document.size for document in documents if document.blob_id is not None)
        files = sorted({document.sha256 for document in documents if document.blob_id is not None})
        for model in erasing.models():
            for row in work.all(model, stream_id=one.stream_id):
                erasing.empty(row, sorted(row.personal))
        for document in documents:
            document.blob_id = None
        erasing.empty_letters(work.all(Letter, stream_id=one.stream_id))
        contracts = [contract.id for contract in work.all(Contract, stream_id=one.stream_id)]
        erasing.unlist(work, [one.stream_id, *contracts], [document.id for document in documents])
        values = erasing.disclosures(work, one.stream_id)
        holds.check_values(work, values)
        told = {"record": one.record, "batch": number, "closed": one.closed, "years": one.years, "bytes": size}
        because = by_order(order, "disposal", files=len(files), **told)
        place = _Place(one.stream_id, one.stream_id)
        erasing.erase(work, Act.TRAIL_DISPOSE, place, values=values, because=because, files=files)
        newest = work.one(Event, id=work.last_event)
        assert newest is not None
    # what somebody was called here goes too: the certificate has the number of the record
    name = str(one.stream_id) if one.record is Record.PERSON else one.name
    row = Gone(one.record, name, one.closed, one.pack, len(values), len(files), size, newest.hash)
    return row, [blob for blob in blobs if blob]
