"""The trail: one door in (`append`), and reading back with proof that nothing is missing or changed."""

import hashlib
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID, uuid4

import orjson
from sqlalchemy import bindparam, insert, select, update
from sqlmodel import Session

from schemas.base import Recorded
from schemas.customer import Role
from schemas.errors import BrokenTrail
from schemas.event import Act
from schemas.tables import METADATA
from storage.canonical import Plain, canonical, plain

_STREAM, _EVENT, _DISCLOSURE, _FILE = (METADATA.tables[name] for name in ("stream", "event", "disclosure", "eventfile"))

# Statements are made once: to put one together costs more than to run it.
_HEAD = (
    select(_STREAM.c.seq, _STREAM.c.head, _STREAM.c.tenant_id)
    .where(_STREAM.c.id == bindparam("stream"))
    .with_for_update(key_share=True)  # rows that only name the stream need not wait
)
_ADVANCE = (
    update(_STREAM).where(_STREAM.c.id == bindparam("stream")).values(seq=bindparam("at"), head=bindparam("leaf"))
)
_OPEN, _ADD, _WITHHOLD, _NAME = (insert(table) for table in (_STREAM, _EVENT, _DISCLOSURE, _FILE))


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, in which role, for which customer; `run_id` when a flow acts."""

    id: UUID
    role: Role
    tenant_id: UUID | None
    run_id: str = ""


@dataclass(frozen=True, slots=True)
class Because:
    """Why an act was done: the rule and its pack, or a person's reason in words. One of them must be there."""

    rule: str = ""
    pack: str = ""
    reason: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.rule and not self.reason:
            raise ValueError("nothing is written without a because")


class Placed(Protocol):
    """What an event can be about: it has an identity and a place in a stream."""

    id: UUID
    stream_id: UUID


UNTOLD = frozenset({"id", "tenant_id", "stream_id", "event_id", "version"})


def noun(row: object) -> str:
    return type(row).__name__.lower()


def settled(value: Any) -> Plain:
    """A column's value within the profile; a mapping with free keys becomes pairs."""
    try:
        return plain(value)
    except TypeError:
        if isinstance(value, Mapping):
            return [[str(name), settled(inner)] for name, inner in sorted(value.items(), key=lambda pair: str(pair[0]))]
        if isinstance(value, Sequence) and not isinstance(value, str | bytes | bytearray | memoryview):
            return [settled(inner) for inner in value]
        return repr(value)


def withhold(value: Any, path: str) -> tuple[str, str, str]:
    """Salt, digest and text of a personal value (RFC 9901: digest over salt, name, value)."""
    salt = secrets.token_hex(16)
    text = value if isinstance(value, str) else canonical(settled(value)).decode()
    return salt, _digest(salt, path, text), text


def _digest(salt: str, path: str, text: str) -> str:
    return hashlib.sha256(canonical([salt, path, text])).hexdigest()


def open_stream(session: Session, stream_id: UUID, tenant_id: UUID, kind: str) -> None:
    """Begin a chain: customer, contest, case or person."""
    session.execute(_OPEN, {"id": stream_id, "tenant_id": tenant_id, "kind": kind, "seq": 0, "head": ""})


def append(
    session: Session,
    *,
    act: Act,
    subject: Placed,
    changed: Sequence[Recorded],
    changes: Sequence[tuple[Recorded, str, Any, Any]],
    because: Because,
    by: Actor,
    at: datetime,
    files: Iterable[str] = (),
) -> UUID:
    """Write one event into the subject's stream and let the changed rows rest on it. Returns the event's id.

    `changes` are (row, field, old, new). The stream's head is locked, so events of one case wait for each other and
    for nobody else.
    """
    stream = session.execute(_HEAD, {"stream": subject.stream_id}).one()
    event_id = uuid4()
    told: list[dict[str, Any]] = []
    hidden: list[dict[str, Any]] = []
    for row, name, old, new in changes:
        change: dict[str, Any] = {"noun": noun(row), "id": row.id, "field": name}
        for side, value in (("old", old), ("new", new)):
            if value in (None, "", [], {}):
                change[side] = None
            elif name in row.personal:
                salt, digest, text = withhold(value, f"{noun(row)}.{name}.{side}")
                change[side] = {"sd": digest}
                hidden.append({"digest": digest, "path": f"{noun(row)}.{name}.{side}", "salt": salt, "value": text})
            else:
                change[side] = settled(value)
        told.append(change)
    reason: Any = None
    if because.reason:
        salt, digest, text = withhold(because.reason, "reason")
        reason = {"sd": digest}
        hidden.append({"digest": digest, "path": "reason", "salt": salt, "value": text})
    hashes = sorted(set(files))
    body = canonical(
        {
            "v": 1,
            "id": event_id,
            "stream": subject.stream_id,
            "seq": stream.seq + 1,
            "act": act,
            "at": at,
            "actor": by.id,
            "role": by.role,
            "noun": noun(subject),
            "subject": subject.id,
            "rule": because.rule,
            "pack": because.pack,
            "reason": reason,
            "facts": settled(because.facts),
            "run": by.run_id,
            "changes": told,
            "files": hashes,
            "previous": stream.head,
        }
    )
    digest = leaf(body)
    session.execute(
        _ADD,
        {
            "id": event_id,
            "tenant_id": stream.tenant_id,
            "stream_id": subject.stream_id,
            "seq": stream.seq + 1,
            "act": act,
            "at": at,
            "actor_id": by.id,
            "actor_role": by.role,
            "noun": noun(subject),
            "subject_id": subject.id,
            "rule": because.rule,
            "pack": because.pack,
            "run_id": by.run_id,
            "body": body,
            "previous": stream.head,
            "hash": digest,
        },
    )
    if hidden:
        session.execute(_WITHHOLD, [{"event_id": event_id, **one} for one in hidden])
    if hashes:
        session.execute(_NAME, [{"event_id": event_id, "sha256": one} for one in hashes])
    session.execute(_ADVANCE, {"stream": subject.stream_id, "at": stream.seq + 1, "leaf": digest})
    for row in changed:
        row.event_id = event_id
        row.version += 1
    return event_id


def leaf(body: bytes) -> str:
    """Hash of an event, which is also its RFC 6962 leaf hash."""
    return hashlib.sha256(b"\x00" + body).hexdigest()


@dataclass(frozen=True, slots=True)
class Entry:
    """One event as it is read back, with its personal parts where they still exist."""

    seq: int
    act: Act
    at: datetime
    actor_id: UUID
    role: str
    rule: str
    pack: str
    run_id: str
    body: dict[str, Any]
    hash: str
    disclosed: dict[str, str]  # digest -> text


def trail(session: Session, stream_id: UUID, *, after: int = 0, limit: int = 1_000_000) -> list[Entry]:
    """Events of one stream in order, by Core rows. Raises BrokenTrail at the first event that does not fit."""
    rows = session.execute(
        select(*_EVENT.c)
        .where(_EVENT.c.stream_id == stream_id, _EVENT.c.seq > after)
        .order_by(_EVENT.c.seq)
        .limit(limit)
    ).all()
    hidden = _hidden(session, stream_id, after, after + limit)
    entries: list[Entry] = []
    previous: str | None = "" if after == 0 else None
    for expected, row in enumerate(rows, after + 1):
        body = orjson.loads(row.body)
        disclosed = hidden.get(row.id, {})
        for fits, why in (
            (row.seq == expected, "gap"),
            (leaf(bytes(row.body)) == row.hash, "changed"),
            (body["seq"] == row.seq and body["stream"] == str(stream_id), "moved"),
            (body["previous"] == row.previous and previous in (None, row.previous), "unlinked"),
            # columns are for searching; what they say must be what was hashed
            (all(_same(body[name], getattr(row, column)) for name, column in _COLUMNS.items()), "changed"),
            (disclosed.keys() <= _withheld(body), "changed"),
        ):
            if not fits:
                raise BrokenTrail(stream=str(stream_id), seq=row.seq, why=why)
        previous = row.hash
        entries.append(
            Entry(
                seq=row.seq,
                act=Act(body["act"]),
                at=datetime.fromisoformat(body["at"]),
                actor_id=UUID(body["actor"]),
                role=body["role"],
                rule=body["rule"],
                pack=body["pack"],
                run_id=body["run"],
                body=body,
                hash=row.hash,
                disclosed=disclosed,
            )
        )
    return entries


_COLUMNS = {
    **{name: name for name in ("id", "act", "at", "noun", "rule", "pack", "previous")},
    "actor": "actor_id",
    "role": "actor_role",
    "subject": "subject_id",
    "run": "run_id",
}


def _same(told: Any, column: Any) -> bool:
    return told == plain(column)


def _withheld(body: Mapping[str, Any]) -> set[str]:
    """Digests that the event commits to."""
    sides = [change[side] for change in body["changes"] for side in ("old", "new")]
    return {one["sd"] for one in [*sides, body["reason"]] if isinstance(one, dict) and "sd" in one}


def _hidden(session: Session, stream_id: UUID, first: int, last: int) -> dict[UUID, dict[str, str]]:
    """What is still disclosed, by event. Raises BrokenTrail when a text is not the one that was withheld."""
    told: dict[UUID, dict[str, str]] = {}
    for one in session.execute(
        select(
            _DISCLOSURE.c.event_id,
            _DISCLOSURE.c.digest,
            _DISCLOSURE.c.value,
            _DISCLOSURE.c.salt,
            _DISCLOSURE.c.path,
            _EVENT.c.seq,
        )
        .join(_EVENT, _EVENT.c.id == _DISCLOSURE.c.event_id)
        .where(_EVENT.c.stream_id == stream_id, _EVENT.c.seq > first, _EVENT.c.seq <= last)
    ).all():
        if _digest(one.salt, one.path, one.value) != one.digest:
            raise BrokenTrail(stream=str(stream_id), seq=one.seq, why="changed")
        told.setdefault(one.event_id, {})[one.digest] = one.value
    return told


def verify(session: Session, stream_id: UUID) -> int:
    """How many events the stream holds, all in place. Raises BrokenTrail, also when the tail is missing."""
    head = session.execute(select(_STREAM.c.seq, _STREAM.c.head).where(_STREAM.c.id == stream_id)).one_or_none()
    if head is None:
        raise BrokenTrail(stream=str(stream_id), seq=0, why="gap")
    entries = trail(session, stream_id)
    if len(entries) != head.seq or (entries and entries[-1].hash != head.head):
        raise BrokenTrail(stream=str(stream_id), seq=len(entries) + 1, why="tail")
    return len(entries)
