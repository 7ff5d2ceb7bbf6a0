"""The audit trail: read as a timeline, exported with its proofs."""

import hashlib
import json
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from flows.office import Office
from flows.steps import laws, sealing
from rules import permissions
from schemas.application import Application, ApplicationStatus
from schemas.contest import Contest
from schemas.customer import Customer, Person, Role
from schemas.document import Document
from schemas.doer import Doer
from schemas.errors import NotFound, Sealed
from schemas.event import Act, Disclosure, Event, Stream
from schemas.wording import say, say_act
from storage import log, trail
from storage.ledger import Because
from storage.trail import Entry
from storage.work import Look, looking


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
        trail.verify(look.session, stream_id)
        entries = trail.trail(look.session, stream_id)
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


# -- export ---------------------------------------------------------------------------------------------------------


def export(office: Office, doer: Doer, stream_id: UUID, target: Path) -> Path:
    """One zip of a case: events as they were hashed, proofs against a signed checkpoint, timelines, files, manifest.

    Raises NotAllowed, NotFound, Sealed, BrokenTrail.
    """
    with office.acting(doer, Act.TRAIL_EXPORT) as work:
        work.get(Stream, stream_id)
        _may_see(work, stream_id, doer)
        work.record(Act.TRAIL_EXPORT, _Place(stream_id, stream_id), because=Because(rule="audit"))
    sealing.seal(office)
    with looking(office.engine, office.system) as look:
        stream = look.get(Stream, stream_id)
        customer = look.get(Customer, stream.tenant_id)
        proof = sealing.completeness(look.session, stream.key)
        trail.verify(look.session, stream_id)
        # what happened since the checkpoint is for the next export
        rows = look.all(Event, stream_id=stream_id, order="seq")[: proof.count]
        entries = trail.trail(look.session, stream_id)[: len(rows)]
        disclosures = look.all(Disclosure, event_id=[one.id for one in rows], order="path digest")
        documents = look.all(Document, stream_id=stream_id, order="name")
        names = _names(look, entries)
    seq = {one.id: one.seq for one in rows}
    values = [
        {"seq": seq[one.event_id], "digest": one.digest, "path": one.path, "salt": one.salt, "value": one.value}
        for one in disclosures
    ]
    parts: dict[str, bytes] = {
        "data/events.jsonl": b"".join(bytes(one.body) + b"\n" for one in rows),
        "data/disclosures.json": _json(sorted(values, key=lambda one: one["seq"])),
        "data/proof.json": _json(
            {
                "kind": stream.kind,
                "name": stream.name,
                "count": proof.count,
                "size": proof.size,
                "head": proof.head.decode(),
                "inclusion": [one.hex() for one in proof.inclusion],
                "map": [one.hex() for one in proof.map.siblings],
            }
        ),
        "data/checkpoint.txt": proof.note.encode(),
        "data/log-key.txt": log.verifier_of(sealing.ORIGIN, log.load_key(office.home / "keys" / "log.key")).encode()
        + b"\n",
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
    parts |= laws.packs(bytes(one.body) for one in rows)
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
