"""Stage 15, the mail room: what came from a mailbox, a watched folder or bucket becomes a report, or waits in the tray.

A round may end anywhere and be done again: a mark moves only with what was taken, a parcel is known by its hash, and the
same report twice is one report. A source keeps everything until then. No arrival stops those behind it: one that cannot
be read is kept as it came, and one that ended the program before is not opened a third time.
"""

import hashlib
import tomllib
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy import select
from sqlmodel import col

from documents.package import Unpacked, as_they_lie, unpack
from flows.office import Office
from flows.sources import Arrival, Inbox, Listed, bucket, folder, mailbox
from flows.steps import addresses, correspondents, filing, monitoring
from rules import addressing
from rules.ladder import WAITING
from schemas.base import new_id
from schemas.collection import (
    Channel,
    Leftover,
    Mailbox,
    Mark,
    Obstacle,
    Parcel,
    ParcelStatus,
    Source,
    Sources,
    WatchedFolder,
)
from schemas.contract import Contract
from schemas.customer import Customer, Role
from schemas.doer import CLOCK
from schemas.errors import AsharError, BadSetting, EmptyPackage, NotFound, Refused, SourceDown, Temporary, TooLarge
from schemas.event import Act
from schemas.report import Period, Report
from storage.ledger import Because
from storage.work import Work, looking

OTHERS = 0o077
ATTEMPTS = 3  # the last of them opens nothing
_UNUSABLE = {EmptyPackage.__name__: Obstacle.NOTHING_ATTACHED, TooLarge.__name__: Obstacle.TOO_LARGE}
FAULT = "fault: "  # before the class of an error that has no name of ours


@dataclass
class Collected:
    """What one round at one source brought; `trouble` is the class of the error that ended it, behind FAULT if it is none of ours."""

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
        _round(office, source, round_)
    except AsharError as trouble:
        round_.trouble = type(trouble).__name__
    except Exception as fault:  # noqa: BLE001 -- whatever it is, the other sources have theirs to bring
        round_.trouble = f"{FAULT}{type(fault).__name__}"
    return round_


def _round(office: Office, source: Source, round_: Collected) -> None:
    with looking(office.engine, office.system) as look:
        customer = look.one(Customer, code=source.customer)
        mark = look.one(Mark, source=_called(source))
    if customer is None:
        raise NotFound(noun="customer", id=source.customer)
    with open_source(office, source) as inbox:
        for one in _new(office, source, mark, inbox.listed(mark)):
            _receive(office, source, customer.id, inbox, one, round_)


def _called(source: Source) -> str:
    return source.name[:200]


def _new(office: Office, source: Source, mark: Mark | None, listed: Sequence[Listed]) -> list[Listed]:
    """Without what was taken before and may not be moved aside. What is above the mark needs no question."""
    reached = (mark.modified, mark.name) if mark is not None and mark.modified is not None else None
    if reached is None or all(one.modified is None or _place(one) > reached for one in listed):
        return list(listed)
    with looking(office.engine, office.system) as look:
        left = set(look.session.scalars(select(col(Leftover.entry)).where(col(Leftover.source) == _called(source))))
    return [one for one in listed if _sha256(one.key) not in left]


def _place(one: Listed) -> tuple[datetime, str]:
    assert one.modified is not None
    return one.modified, one.name[:400]


def _sha256(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def _receive(office: Office, source: Source, tenant_id: UUID, inbox: Inbox, one: Listed, round_: Collected) -> None:
    """One arrival, from the source to its place. Whatever comes of it, the next one has its turn."""
    attempt = _begin(office, source, one)
    try:
        with TemporaryDirectory(dir=office.spool) as folder:
            if attempt < ATTEMPTS:
                arrival = inbox.opened(one, Path(folder))
            else:
                arrival = Arrival(Path(folder), about=one.name, subject=one.name, reference=f"{source.name} {one.key}")
            if arrival is None:
                with office.acting(CLOCK, Act.PARCEL_TAKE) as work:
                    _move_mark(work, source, inbox.epoch, one)
                return
            with TemporaryDirectory(dir=office.spool) as room:
                found = _looked_into(office, source, tenant_id, arrival, Path(room), opened=attempt < ATTEMPTS)
                _settle(office, source, tenant_id, inbox.epoch, one, found, round_)
    except SourceDown:
        raise  # it may be this very mail that the source cannot give: the attempt counts
    except Temporary:
        _give_back(office, source)
        raise
    if not inbox.taken(one):
        _leave_there(office, source, one)


def _begin(office: Office, source: Source, one: Listed) -> int:
    """The attempt is on record before anything is opened, since that may be the end of this process."""
    with office.acting(CLOCK, Act.PARCEL_TAKE) as work:
        mark = _mark(work, source)
        opening = _sha256(one.key)
        mark.opening, mark.attempts = opening, mark.attempts + 1 if mark.opening == opening else 1
        return mark.attempts


def _give_back(office: Office, source: Source) -> None:
    """Something of ours was away: no fault of what was being opened."""
    with office.acting(CLOCK, Act.PARCEL_TAKE) as work:
        _mark(work, source).attempts -= 1


def _mark(work: Work, source: Source) -> Mark:
    mark = work.one(Mark, source=_called(source))
    if mark is None:
        mark = Mark(source=_called(source), looked_at=work.at)
        work.session.add(mark)
    return mark


def _move_mark(work: Work, source: Source, epoch: int, one: Listed) -> None:
    mark = _mark(work, source)
    mark.epoch, mark.last, mark.looked_at = epoch, one.at, work.at
    mark.opening, mark.attempts = "", 0
    if one.modified is not None and (mark.modified is None or _place(one) > (mark.modified, mark.name)):
        mark.modified, mark.name = _place(one)


def _leave_there(office: Office, source: Source, one: Listed) -> None:
    with office.acting(CLOCK, Act.PARCEL_TAKE) as work:
        entry = _sha256(one.key)
        if not work.some(Leftover, source=_called(source), entry=entry):
            work.session.add(Leftover(source=_called(source), entry=entry))


@dataclass
class Found:
    """What an arrival turned out to be: its parcel, not on record yet, and its files."""

    parcel: Parcel
    package: Unpacked | None = None
    kept: dict[str, filing.Kept] = field(default_factory=dict)
    known: bool = False  # it is on record from before
    same: UUID | None = None  # a report of these very files, which was returned: they are no answer to that


def _looked_into(
    office: Office, source: Source, tenant_id: UUID, arrival: Arrival, room: Path, *, opened: bool
) -> Found:
    """Filed at once where it is plain. What fails as nobody foresaw is kept as it came, for a person. Raises Temporary."""
    parcel = Parcel(
        id=new_id(),
        channel=_channel(source),
        source=_called(source),
        sha256=_hash(arrival, None),
        sender=arrival.sender[:200],
        subject=" ".join(arrival.subject.split())[:400],
        received_at=office.now(),
    )
    fault = arrival.broken
    if not opened:
        parcel.obstacle = Obstacle.UNOPENED
        return Found(parcel, known=_on_record(office, tenant_id, parcel) is not None)
    if not fault:
        try:
            return _judged(office, tenant_id, arrival, parcel, room / "files")
        except Temporary:
            raise
        except Exception as trouble:  # noqa: BLE001 -- whatever one arrival brings about must not stop those behind it
            fault = type(trouble).__name__
    return _as_it_came(office, tenant_id, arrival, parcel, room / "as it came", fault)


def _judged(office: Office, tenant_id: UUID, arrival: Arrival, parcel: Parcel, room: Path) -> Found:
    try:
        if arrival.too_large:
            raise TooLarge(name=arrival.subject, size=arrival.too_large, limit=office.settings.package_limit)
        limits = {"file_limit": office.settings.file_limit, "package_limit": office.settings.package_limit}
        package = unpack(arrival.folder, room, **limits)
    except Refused as refused:
        package, parcel.detail = None, type(refused).__name__
    parcel.sha256 = _hash(arrival, package)
    found, by_mail = Found(parcel, package), parcel.channel is Channel.MAIL
    before = _on_record(office, tenant_id, parcel)
    if before is not None:
        found.known = True
        # a mail that is listed again is the same mail, a file that lies there again was put there again
        found.same = None if by_mail else _returned(office, before.report_id)
        return found
    to = _address(office, tenant_id, arrival, package, parcel.detail, by_mail=by_mail)
    with looking(office.engine, office.system) as look:
        report = look.one(Report, tenant_id=tenant_id, package_sha256=package.package_sha256) if package else None
    if report is not None:
        parcel.report_id = report.id  # these very files are a report already, whoever sent them
        found.same = None if to.obstacle is Obstacle.STRANGE_SENDER else _returned(office, report.id)
    elif to.obstacle is None and to.known is not None and to.period is not None:
        _file_at_once(office, parcel, to, arrival)
    else:
        parcel.obstacle = to.obstacle
        parcel.contract_id = to.known.contract if to.known else None
    if package is not None and parcel.report_id is None:
        found.kept = filing.kept(office, tenant_id, package)
    return found


def _as_it_came(office: Office, tenant_id: UUID, arrival: Arrival, parcel: Parcel, room: Path, fault: str) -> Found:
    """Into the tray, with its bytes where they are at hand. Raises Temporary."""
    parcel.obstacle, parcel.detail = Obstacle.UNREADABLE, fault[:200]
    parcel.contract_id = parcel.report_id = None
    found = Found(parcel)
    try:
        told = addressing.Told("", arrival.sender, by_mail=True)
        with looking(office.engine, office.system) as look:
            to = addressing.address(told, correspondents.candidates(look, tenant_id, told))
        parcel.contract_id = to.known.contract if to.known else None
        found.package = as_they_lie(arrival.folder, room, package_limit=office.settings.package_limit)
        found.kept = filing.kept(office, tenant_id, found.package) if found.package else {}
    except Temporary:
        raise
    except Exception:  # noqa: BLE001 -- then the tray alone says that something came
        found.package = None
    parcel.sha256 = _hash(arrival, found.package)
    found.known = _on_record(office, tenant_id, parcel) is not None
    return found


def _on_record(office: Office, tenant_id: UUID, parcel: Parcel) -> Parcel | None:
    with looking(office.engine, office.system) as look:
        return look.one(Parcel, tenant_id=tenant_id, sha256=parcel.sha256)


def _returned(office: Office, report_id: UUID | None) -> UUID | None:
    """The report, if another one is waited for in its place."""
    if report_id is None:
        return None
    with looking(office.engine, office.system) as look:
        period = look.get(Period, look.get(Report, report_id).period_id)
    return report_id if period.status in WAITING else None


def _channel(source: Source) -> Channel:
    if isinstance(source, Mailbox):
        return Channel.MAIL
    return Channel.FOLDER if isinstance(source, WatchedFolder) else Channel.BUCKET


def _hash(arrival: Arrival, package: Unpacked | None) -> str:
    """The same mail, or the same files under the same name, has the same hash however often it is delivered."""
    return _sha256(arrival.sender, arrival.reference or arrival.subject, package.package_sha256 if package else "")


def _address(
    office: Office, tenant_id: UUID, arrival: Arrival, package: Unpacked | None, detail: str, *, by_mail: bool
) -> addressing.Addressed:
    told = addressing.Told(arrival.about, arrival.sender, by_mail=by_mail)
    with looking(office.engine, office.system) as look:
        to = addressing.address(told, correspondents.candidates(look, tenant_id, told))
    if package is None:
        return addressing.Addressed(to.known, None, _UNUSABLE.get(detail, Obstacle.UNUSABLE))
    if to.obstacle not in (Obstacle.NO_CONTRACT, Obstacle.SEVERAL_CONTRACTS, Obstacle.NO_PERIOD):
        return to
    # What stands on the cover does not say it; the papers may.
    seen = office.read_paths([(file.path, file.name) for file in package.files])
    numbers = tuple({number for one in seen if (number := one.text("number"))})
    periods = tuple({period for one in seen if (period := one.amount("period"))})
    told = addressing.Told(arrival.about, arrival.sender, numbers, periods, by_mail)
    with looking(office.engine, office.system) as look:
        return addressing.address(told, correspondents.candidates(look, tenant_id, told))


def _file_at_once(office: Office, parcel: Parcel, to: addressing.Addressed, arrival: Arrival) -> None:
    assert to.known is not None
    assert to.period is not None
    parcel.contract_id = to.known.contract
    try:
        parcel.report_id = monitoring.hand_in_report(office, CLOCK, to.known.contract, to.period, arrival.folder)
    except Refused as refused:
        parcel.obstacle, parcel.detail = Obstacle.WRONG_MOMENT, type(refused).__name__


def _settle(
    office: Office, source: Source, tenant_id: UUID, epoch: int, one: Listed, found: Found, round_: Collected
) -> None:
    """The parcel into the book, in the tray or filed, and the source's mark behind it."""
    parcel = found.parcel
    with office.acting(CLOCK, Act.PARCEL_TAKE) as work:
        if not found.known:
            _enter(office, work, tenant_id, found)
        if found.same is not None:
            again = f"{one.key}:{work.at.isoformat()}" if found.known else str(parcel.id)
            monitoring.tell_same(work, found.same, _sha256(again))
        _move_mark(work, source, epoch, one)
    if found.known:
        round_.known += 1
        return
    round_.parcels.append(parcel.id)
    round_.filed += parcel.report_id is not None
    round_.waiting += parcel.report_id is None


def _enter(office: Office, work: Work, tenant_id: UUID, found: Found) -> None:
    parcel = found.parcel
    files = [file.sha256 for file in found.package.files] if found.package else []
    facts = {"channel": parcel.channel, "source": parcel.source, "obstacle": parcel.obstacle}
    parcel.status = ParcelStatus.WAITING if parcel.report_id is None else ParcelStatus.FILED
    work.open_stream(parcel.id, tenant_id, "parcel")
    work.new(parcel, stream=parcel.id, tenant=tenant_id)
    filing.file_in(office, work, parcel, found.kept)
    work.record(Act.PARCEL_TAKE, parcel, because=Because(rule="parcel", facts=facts), files=files)
    if parcel.report_id is None:
        _tell(work, parcel, len(found.kept))


def _tell(work: Work, parcel: Parcel, files: int) -> None:
    told: dict[str, object] = {
        "sender": parcel.sender or parcel.source,
        "subject": parcel.subject,
        "obstacle": parcel.obstacle.value if parcel.obstacle else "",
        "received": parcel.received_at.isoformat(),
        "id": str(parcel.id),
    }
    told |= {"files": files} if files else {"source": parcel.source}
    addresses.to_role(work, parcel, Role.COORDINATOR, "parcel_waiting", f"parcel:{parcel.id}", told)
    contract = work.session.get(Contract, parcel.contract_id) if parcel.contract_id else None
    if contract is not None and parcel.obstacle is not Obstacle.STRANGE_SENDER:
        told = {**told, "number": contract.number}
        addresses.to_contractor(work, contract, "parcel_unclear", f"unclear:{parcel.id}", told)
