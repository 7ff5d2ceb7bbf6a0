"""Stage 15, the tray: an officer says what a parcel is that could not be filed by itself."""

from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from uuid import UUID

from flows.office import Office
from flows.steps import addresses, monitoring
from flows.steps.moving import check_reason, in_words, move
from rules.deadlines import local_day
from rules.tray import asked_after
from schemas.collection import Parcel, ParcelStatus
from schemas.customer import Role
from schemas.document import Document
from schemas.doer import CLOCK, Doer
from schemas.errors import NoCalendar, Overtaken
from schemas.event import Act
from storage.ledger import Because
from storage.work import looking

LONGEST = 200  # bytes of a name; a file system allows 255


def waiting(office: Office, doer: Doer) -> list[Parcel]:
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
                office.blobs.copy_to(one.blob_id, _place(Path(room), one.name), one.sha256)
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


def _place(room: Path, name: str) -> Path:
    """Where a file is laid out: names may be longer than a file system allows, and an archive named like its own folder."""
    path = room.joinpath(*(part.encode()[-LONGEST:].decode("utf-8", "ignore") for part in PurePosixPath(name).parts))
    while any(one.is_file() for one in path.parents) or path.exists():
        path = room / f"{len(list(room.iterdir())) + 1}" / path.name
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def chase(office: Office) -> int:
    """Once a day: who should have looked into the tray hears of what waits there, with the digest. Returns how many were asked."""
    zone = office.settings.zone
    today = office.today(zone)
    with looking(office.engine, office.system) as look:
        waiting_ = look.all(Parcel, status=ParcelStatus.WAITING, order="received_at id")
    asked = 0
    for seen in waiting_:
        try:
            due = asked_after(local_day(seen.received_at, zone), today, office.settings.tray_days, seen.asked)
        except NoCalendar:  # the ladder of reports says so for every period
            return asked
        if due:
            asked += _ask(office, seen.id, due, (today - local_day(seen.received_at, zone)).days)
    return asked


def _ask(office: Office, parcel_id: UUID, due: list[Role], days: int) -> int:
    with office.acting(CLOCK, Act.LETTER_WRITE) as work:
        parcel = work.get(Parcel, parcel_id)
        due = [one for one in due if one.value not in parcel.asked]
        if parcel.status is not ParcelStatus.WAITING or not due:
            return 0
        parcel.asked = [*parcel.asked, *(one.value for one in due)]
        work.record(Act.LETTER_WRITE, parcel, because=Because(rule="parcel_waits", facts={"days": days}))
        told = {
            "sender": parcel.sender or parcel.source,
            "subject": parcel.subject,
            "obstacle": parcel.obstacle.value if parcel.obstacle else "",
            "received": parcel.received_at.isoformat(),
            "days": days,
            "id": str(parcel.id),
        }
        for role in due:
            addresses.to_role(work, parcel, role, "parcel_waits", f"asked:{parcel.id}:{role}", told, gathered=True)
    return len(due)
