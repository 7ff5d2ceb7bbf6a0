"""The audit trail: read as a timeline, verified, sealed into the signed log, exported with its proofs."""

import hashlib
import json
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import insert, select

from flows.office import Office
from rules import permissions
from schemas.application import Application
from schemas.contest import Contest
from schemas.customer import Customer, Person, Role
from schemas.document import Document
from schemas.doer import CLOCK, Doer
from schemas.errors import BrokenTrail, NotFound, Sealed
from schemas.event import Act, Checkpoint, Event, Leaf, Stream
from schemas.wording import say, say_act
from storage import ledger, log
from storage.engine import writing
from storage.ledger import Because, Entry
from storage.work import looking

ORIGIN = "ashar"
PREFIX = "checkpoints/"
YEARS_LOCKED = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the timeline, ready to read; `entry` is the evidence behind it."""

    seq: int
    at: datetime
    who: str
    what: str
    ground: str
    entry: Entry


def case_of(office: Office, doer: Doer, contest: str, number: int) -> Application:
    """The application of that number. Raises NotFound."""
    with office.looking(doer, Act.TRAIL_READ) as look:
        for one in look.all(Contest, number=contest):
            application = look.one(Application, contest_id=one.id, number=number)
            if application is not None:
                return application
    raise NotFound(noun="application", id=f"{contest}/{number}")


def timeline(office: Office, doer: Doer, stream_id: UUID, language: str) -> list[Line]:
    """Everything that happened to a case, verified while it is read. An auditor's reading is recorded too.

    Raises BrokenTrail at the first event that does not fit, NotFound, NotAllowed, Sealed.
    """
    role = permissions.demand(doer.roles, Act.TRAIL_READ)
    with office.looking(doer, Act.TRAIL_READ) as look:
        stream = look.get(Stream, stream_id)
        _unsealed(look.session.get(Application, stream_id), doer)
        ledger.verify(look.session, stream_id)
        entries = ledger.trail(look.session, stream_id)
        names = {one.id: one.name for one in look.all(Person, id=[one.actor_id for one in entries])}
    if role is Role.AUDITOR:
        with office.acting(doer, Act.TRAIL_READ) as work:
            work.record(Act.TRAIL_READ, _Place(stream.id, stream.id), because=Because(rule="audit"))
    return [_line(one, names, language) for one in entries]


@dataclass
class _Place:
    id: UUID
    stream_id: UUID


def _unsealed(application: Application | None, doer: Doer) -> None:
    inside = {Role.SYSTEM, Role.APPLICANT}
    if application is not None and application.status.value == "received" and not doer.roles & inside:
        raise Sealed(application=str(application.id))


def _line(entry: Entry, names: dict[UUID, str], language: str) -> Line:
    role = say(f"role.{entry.role}", language)
    name = names.get(entry.actor_id, "")
    who = f"{name} ({role})" if name else role
    facts = {**entry.body["facts"]} if isinstance(entry.body["facts"], dict) else {}
    reason = entry.body["reason"]
    told = entry.disclosed.get(reason["sd"], "") if isinstance(reason, dict) else ""
    ground = say(f"ground.{entry.rule}", language, **facts) if entry.rule else told
    if entry.pack:
        ground = f"{ground} [{entry.pack}]"
    what = say_act(entry.act.value, language, **{**facts, "actor": who})
    return Line(entry.seq, entry.at, who, what, ground, entry)


# -- the one log ----------------------------------------------------------------------------------------------------


def seal(office: Office) -> Checkpoint | None:
    """Put new events into the log and sign its new head; None when there is nothing new.

    Order: leaves committed, checkpoint into the locked store, then its row. Never signs less than, or other than, what
    the newest checkpoint in the store says. Raises BrokenTrail.
    """
    key = log.make_key(office.home / "keys" / "log.key")
    _take_leaves(office)
    with looking(office.engine, office.system) as look:
        hashes = [bytes.fromhex(one) for one in look.session.scalars(select(Leaf.hash).order_by(Leaf.position))]  # pyright: ignore[reportArgumentType]
    tree = log.Tree(hashes)
    newest = _newest(office, log.verifier_of(ORIGIN, key))
    if newest is not None:
        if newest.size > len(tree) or tree.root(newest.size) != newest.root:
            raise BrokenTrail(stream=ORIGIN, seq=newest.size, why="fork")
        if newest.size == len(tree) and _known(office, newest.size):
            return None
    if not len(tree):
        return None
    text = log.note(ORIGIN, len(tree), tree.root(), key)
    name = f"{PREFIX}{len(tree):012d}"
    if office.objects.size(name) is None:
        raw = text.encode()
        office.objects.put(name, BytesIO(raw), len(raw), hashlib.sha256(raw).hexdigest())
        office.objects.lock(name, office.machine_now() + YEARS_LOCKED)
    checkpoint = Checkpoint(size=len(tree), root=tree.root().hex(), note=text, at=office.now())
    with writing(office.engine) as session:
        if session.scalar(select(Checkpoint.id).where(Checkpoint.size == checkpoint.size)) is None:  # pyright: ignore[reportArgumentType, reportCallIssue]
            session.add(checkpoint)
    return checkpoint


def _take_leaves(office: Office) -> None:
    with writing(office.engine) as session:
        taken = select(Leaf.event_id).where(Leaf.event_id == Event.id).exists()
        fresh = session.execute(
            select(Event.id, Event.hash).where(~taken).order_by(Event.at, Event.stream_id, Event.seq)
        ).all()
        begin = session.scalar(select(Leaf.position).order_by(Leaf.position.desc()).limit(1))  # pyright: ignore[reportAttributeAccessIssue]
        first = 0 if begin is None else begin + 1
        rows = [{"position": first + index, "event_id": one.id, "hash": one.hash} for index, one in enumerate(fresh)]
        if rows:
            session.execute(insert(Leaf), rows)


def _known(office: Office, size: int) -> bool:
    with looking(office.engine, office.system) as look:
        return look.one(Checkpoint, size=size) is not None


def _newest(office: Office, verifier: str) -> log.Head | None:
    """The newest checkpoint in the store, which outlives any restored database."""
    names = sorted(one.key for one in office.objects.keys(PREFIX))
    if not names:
        return None
    return log.verify_note(office.objects.read(names[-1], 10_000).decode(), verifier)


def verify_all(office: Office) -> tuple[int, int]:
    """Every stream's chain, gap and head. Returns (streams, events). Raises BrokenTrail at the first that is wrong."""
    with looking(office.engine, office.system) as look:
        streams = list(look.session.scalars(select(Stream.id)))  # pyright: ignore[reportArgumentType, reportCallIssue]
        return len(streams), sum(ledger.verify(look.session, one) for one in streams)


# -- export ---------------------------------------------------------------------------------------------------------


def export(office: Office, doer: Doer, stream_id: UUID, target: Path) -> Path:
    """One zip of a case: events as they were hashed, proofs against a signed checkpoint, timelines, files, manifest."""
    seal(office)
    with office.acting(doer, Act.TRAIL_EXPORT) as work:
        work.get(Stream, stream_id)
        work.record(Act.TRAIL_EXPORT, _Place(stream_id, stream_id), because=Because(rule="audit"))
    seal(office)
    with looking(office.engine, office.system) as look:
        stream = look.get(Stream, stream_id)
        customer = look.get(Customer, stream.tenant_id)
        rows = look.all(Event, stream_id=stream_id, order="seq")
        leaves = look.session.execute(select(Leaf.position, Leaf.event_id, Leaf.hash).order_by(Leaf.position)).all()  # pyright: ignore[reportArgumentType, reportCallIssue]
        checkpoint = look.all(Checkpoint, order="size")[-1]
        documents = look.all(Document, stream_id=stream_id, order="name")
        entries = ledger.trail(look.session, stream_id)
    tree = log.Tree(bytes.fromhex(one.hash) for one in leaves[: checkpoint.size])
    place = {one.event_id: one.position for one in leaves}
    proofs = [
        {
            "seq": one.seq,
            "position": place[one.id],
            "leaf": one.hash,
            "path": [step.hex() for step in tree.inclusion(place[one.id], checkpoint.size)],
        }
        for one in rows
    ]
    parts: dict[str, bytes] = {
        "data/events.jsonl": b"".join(bytes(one.body) + b"\n" for one in rows),
        "data/disclosures.json": _json([{"seq": one.seq, "values": one.disclosed} for one in entries]),
        "data/proofs.json": _json({"size": checkpoint.size, "root": checkpoint.root, "proofs": proofs}),
        "data/checkpoint.txt": checkpoint.note.encode(),
        "data/log-key.txt": log.verifier_of(ORIGIN, log.load_key(office.home / "keys" / "log.key")).encode() + b"\n",
    }
    for language in ("ky", "ru", "en"):
        lines = timeline(office, CLOCK, stream_id, language)
        parts[f"data/timeline-{language}.txt"] = as_text(lines, customer.zone).encode()
    for document in documents:
        if document.blob_id is not None:
            parts[f"data/files/{document.sha256}"] = office.blobs.read(document.blob_id, office.settings.file_limit)
    parts["data/files.json"] = _json(
        [{"sha256": one.sha256, "name": one.name, "kind": one.kind.value, "round": one.round} for one in documents]
    )
    manifest = "".join(f"{hashlib.sha256(parts[name]).hexdigest()}  {name}\n" for name in sorted(parts))
    parts["manifest-sha256.txt"] = manifest.encode()
    parts["bagit.txt"] = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
    target.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(parts):
            archive.writestr(name, parts[name])
    return target


def as_text(lines: Sequence[Line], zone: str) -> str:
    """The timeline as plain text, one act a paragraph."""
    told = [
        f"{one.seq:>4}  {one.at.astimezone(ZoneInfo(zone)):%d.%m.%Y %H:%M:%S}  {one.what}\n"
        f"      {one.ground}\n      {one.entry.hash[:16]}…\n"
        for one in lines
    ]
    return "\n".join(told)


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True).encode()
