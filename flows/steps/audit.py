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
from sqlmodel import col

from flows.office import Office
from rules import permissions
from schemas.application import Application, ApplicationStatus
from schemas.contest import Contest
from schemas.customer import Customer, Person, Role
from schemas.document import Document
from schemas.doer import Doer
from schemas.errors import BrokenTrail, NotFound, Sealed
from schemas.event import Act, Checkpoint, Disclosure, Event, Leaf, Stream
from schemas.wording import say, say_act
from storage import ledger, log
from storage.engine import alone, writing
from storage.ledger import Because, Entry
from storage.work import Look, looking

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
        _may_see(look, stream_id, doer)
        ledger.verify(look.session, stream_id)
        entries = ledger.trail(look.session, stream_id)
        names = _names(look, entries)
    if role is Role.AUDITOR:
        with office.acting(doer, Act.TRAIL_READ) as work:
            work.record(Act.TRAIL_READ, _Place(stream.id, stream.id), because=Because(rule="audit"))
    return [_line(one, names, language) for one in entries]


@dataclass
class _Place:
    id: UUID
    stream_id: UUID


def _names(look: Look, entries: Sequence[Entry]) -> dict[UUID, str]:
    return {one.id: one.name for one in look.all(Person, id={one.actor_id for one in entries})}


def _may_see(look: Look, stream_id: UUID, doer: Doer) -> None:
    """A sealed package is nobody's but the applicant's, and another's application is no applicant's at all."""
    application = look.session.get(Application, stream_id)
    if application is None or Role.SYSTEM in doer.roles:
        return
    own = application.organisation_id is not None and application.organisation_id in doer.organisations
    if doer.roles <= {Role.APPLICANT} and not own:
        raise NotFound(noun="application", id=str(application.id))
    if application.status is ApplicationStatus.RECEIVED and not own:
        raise Sealed(application=str(application.id), cutoff=look.get(Contest, application.contest_id).cutoff)


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
    # before the leaves are read: another sealer's checkpoint never runs ahead of the leaves it covers
    newest = _newest(office, log.verifier_of(ORIGIN, key))
    tree = _tree(office)
    _no_fork(tree, newest)
    if newest is not None and newest.size == len(tree) and _known(office, newest.size):
        return None
    if not len(tree):
        return None
    text = log.note(ORIGIN, len(tree), tree.root(), key)
    name = f"{PREFIX}{len(tree):012d}"
    if office.objects.size(name) is None:
        raw = text.encode()
        office.objects.put(name, BytesIO(raw), len(raw), hashlib.sha256(raw).hexdigest())
    office.objects.lock(name, office.machine_now() + YEARS_LOCKED)  # also one that was put by a run that was killed
    checkpoint = Checkpoint(size=len(tree), root=tree.root().hex(), note=text, at=office.now())
    with writing(office.engine) as session:
        alone(session, "seal")
        if session.scalar(select(col(Checkpoint.id)).where(col(Checkpoint.size) == checkpoint.size)) is None:
            session.add(checkpoint)
    return checkpoint


def _tree(office: Office) -> log.Tree:
    with looking(office.engine, office.system) as look:
        return log.Tree(
            bytes.fromhex(one) for one in look.session.scalars(select(col(Leaf.hash)).order_by(col(Leaf.position)))
        )


def _no_fork(tree: log.Tree, newest: log.Head | None) -> None:
    if newest is not None and (newest.size > len(tree) or tree.root(newest.size) != newest.root):
        raise BrokenTrail(stream=ORIGIN, seq=newest.size, why="fork")


def _take_leaves(office: Office) -> None:
    with writing(office.engine) as session:
        alone(session, "seal")
        taken = select(col(Leaf.event_id)).where(col(Leaf.event_id) == col(Event.id)).exists()
        fresh = session.execute(
            select(col(Event.id), col(Event.hash))
            .where(~taken)
            .order_by(col(Event.at), col(Event.stream_id), col(Event.seq))
        ).all()
        begin = session.scalar(select(col(Leaf.position)).order_by(col(Leaf.position).desc()).limit(1))
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
    """Every stream's chain, gap and head, and that the signed log speaks of these events. Returns (streams, events).

    Raises BrokenTrail at the first that is wrong.
    """
    path = office.home / "keys" / "log.key"
    newest = _newest(office, log.verifier_of(ORIGIN, log.load_key(path))) if path.exists() else None
    with looking(office.engine, office.system) as look:
        streams = list(look.session.scalars(select(col(Stream.id))))
        events = sum(ledger.verify(look.session, one) for one in streams)
        # a chain that was rewritten whole is in order again; its leaves and what was signed are not
        pairs = look.session.execute(
            select(col(Leaf.position), col(Leaf.hash), col(Event.hash).label("now"))
            .outerjoin(Event, col(Event.id) == col(Leaf.event_id))
            .order_by(col(Leaf.position))
        ).all()
        heads = look.all(Checkpoint, order="size")
    for place, one in enumerate(pairs):
        if one.position != place or one.hash != one.now:
            raise BrokenTrail(stream=ORIGIN, seq=place, why="gap" if one.position != place else "changed")
    tree = log.Tree(bytes.fromhex(one.hash) for one in pairs)
    _no_fork(tree, newest)
    for head in heads:
        if head.size > len(tree) or tree.root(head.size).hex() != head.root:
            raise BrokenTrail(stream=ORIGIN, seq=head.size, why="checkpoint")
    return len(streams), events


# -- export ---------------------------------------------------------------------------------------------------------


def export(office: Office, doer: Doer, stream_id: UUID, target: Path) -> Path:
    """One zip of a case: events as they were hashed, proofs against a signed checkpoint, timelines, files, manifest.

    Raises NotAllowed, NotFound, Sealed, BrokenTrail.
    """
    with office.acting(doer, Act.TRAIL_EXPORT) as work:
        work.get(Stream, stream_id)
        _may_see(work, stream_id, doer)
        work.record(Act.TRAIL_EXPORT, _Place(stream_id, stream_id), because=Because(rule="audit"))
    seal(office)
    with looking(office.engine, office.system) as look:
        stream = look.get(Stream, stream_id)
        customer = look.get(Customer, stream.tenant_id)
        checkpoint = look.all(Checkpoint, order="size")[-1]
        leaves = look.session.execute(
            select(col(Leaf.position), col(Leaf.event_id), col(Leaf.hash))
            .where(col(Leaf.position) < checkpoint.size)
            .order_by(col(Leaf.position))
        ).all()
        place = {one.event_id: one.position for one in leaves}
        ledger.verify(look.session, stream_id)
        # what happened since the checkpoint is for the next export
        rows = [one for one in look.all(Event, stream_id=stream_id, order="seq") if one.id in place]
        entries = ledger.trail(look.session, stream_id)[: len(rows)]
        disclosures = look.all(Disclosure, event_id=[one.id for one in rows], order="path digest")
        documents = look.all(Document, stream_id=stream_id, order="name")
        names = _names(look, entries)
    seq = {one.id: one.seq for one in rows}
    tree = log.Tree(bytes.fromhex(one.hash) for one in leaves)
    proofs = [
        {
            "seq": one.seq,
            "position": place[one.id],
            "leaf": one.hash,
            "path": [step.hex() for step in tree.inclusion(place[one.id], checkpoint.size)],
        }
        for one in rows
    ]
    values = [
        {"seq": seq[one.event_id], "digest": one.digest, "path": one.path, "salt": one.salt, "value": one.value}
        for one in disclosures
    ]
    parts: dict[str, bytes] = {
        "data/events.jsonl": b"".join(bytes(one.body) + b"\n" for one in rows),
        "data/disclosures.json": _json(sorted(values, key=lambda one: one["seq"])),
        "data/proofs.json": _json({"size": checkpoint.size, "root": checkpoint.root, "proofs": proofs}),
        "data/checkpoint.txt": checkpoint.note.encode(),
        "data/log-key.txt": log.verifier_of(ORIGIN, log.load_key(office.home / "keys" / "log.key")).encode() + b"\n",
    }
    for language in ("ky", "ru", "en"):
        lines = [_line(one, names, language) for one in entries]
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
