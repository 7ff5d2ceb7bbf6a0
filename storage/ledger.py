"""The one door into the trail: an event, in the transaction of the change it tells of (read back by `storage.trail`)."""

import hashlib
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from sqlalchemy import Select, bindparam, insert, select
from sqlalchemy.orm.attributes import set_attribute
from sqlmodel import Session, col

from schemas.base import Recorded, new_id
from schemas.customer import Role
from schemas.errors import NotFound
from schemas.event import Act
from schemas.tables import METADATA
from storage.canonical import Plain, canonical, dumped, plain
from storage.keymap import key_of
from storage.many import put, put_while

_STREAM, _EVENT, _DISCLOSURE, _FILE = (METADATA.tables[name] for name in ("stream", "event", "disclosure", "eventfile"))
_PARENT = _STREAM.alias("parent")
# Statements are made once: to put one together costs more than to run it.
_HEAD_COLUMNS = (_STREAM.c.seq, _STREAM.c.head, _STREAM.c.tenant_id, _STREAM.c.key, _PARENT.c.key.label("above"))
_HEADS = (
    select(_STREAM.c.id, *_HEAD_COLUMNS)
    .outerjoin(_PARENT, _PARENT.c.id == _STREAM.c.parent_id)
    .order_by(_STREAM.c.id)  # whoever holds several holds them in one order
    .with_for_update(of=_STREAM, key_share=True)  # rows that only name the stream need not wait
)
_HEAD = _HEADS.where(_STREAM.c.id == bindparam("stream"))
_HEADS = _HEADS.where(_STREAM.c.id.in_(bindparam("streams", expanding=True)))
# as the statement of an event says it; whoever waited for the stream looks again at what it is then
_AS_SEEN = (
    "stream WHERE id = %(stream_id)s::UUID AND seq = %(seq)s::INTEGER - 1 AND head = %(previous)s::VARCHAR "
    "FOR NO KEY UPDATE"
)
_ABOVE = select(_STREAM.c.name, _STREAM.c.key).where(_STREAM.c.id == bindparam("stream"))
_OPEN = insert(_STREAM)


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
    text = value if isinstance(value, str) else dumped(settled(value)).decode()
    return salt, disclosure_digest(salt, path, text), text


def disclosure_digest(salt: str, path: str, text: str) -> str:
    """What an event says in place of a personal value."""
    return hashlib.sha256(canonical([salt, path, text])).hexdigest()


def skeleton(body: bytes, keys: Sequence[str], seq: int, previous: str) -> bytes:
    """What the log keeps of an event: the entry whose RFC 6962 leaf hash is the event's hash. Nobody's name is in it.

    `keys` are those of the event's stream and of the one above it.
    """
    told = ",".join(f'"{key}"' for key in keys)
    content = hashlib.sha256(body).hexdigest()
    return f'{{"c":"{content}","k":[{told}],"p":"{previous}","s":{seq},"t":"event","v":1}}'.encode()


def leaf(body: bytes, keys: Sequence[str], seq: int, previous: str) -> str:
    """Hash of an event: the RFC 6962 leaf hash of its skeleton."""
    return hashlib.sha256(b"\x00" + skeleton(body, keys, seq, previous)).hexdigest()


class _Head(NamedTuple):
    seq: int
    head: str
    tenant_id: UUID
    keys: tuple[str, ...]


def _head(seq: int, head: str, tenant_id: UUID, key: str, above: str | None) -> _Head:
    return _Head(seq, head, tenant_id, (key, above) if above else (key,))


def with_head(query: Select[Any], model: type[Recorded]) -> Select[Any]:
    """The query for rows with what `Ledger.seen` takes behind each."""
    beside = query.add_columns(*_HEAD_COLUMNS).outerjoin(_STREAM, _STREAM.c.id == col(model.stream_id))
    return beside.outerjoin(_PARENT, _PARENT.c.id == _STREAM.c.parent_id)


def _behind(head: _Head, said: dict[str, Plain], row: Mapping[str, Any]) -> tuple[_Head, dict[str, Any]]:
    """The event as the next one behind this head: the head then, and the whole row."""
    seq, previous = head.seq + 1, head.head
    body = dumped({**said, "seq": seq, "previous": previous})
    digest = leaf(body, head.keys, seq, previous)
    placed = {"tenant_id": head.tenant_id, "seq": seq, "body": body, "previous": previous, "hash": digest}
    return head._replace(seq=seq, head=digest), {**row, **placed}


class Ledger:
    """The trail in one transaction. Streams are held from the first event on; the database moves their heads."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._heads: dict[UUID, _Head] = {}  # nobody else moves these
        self._seen: dict[UUID, _Head] = {}  # these may have moved on since
        self._added: list[dict[str, Any]] = []
        self._hidden: list[dict[str, Any]] = []
        self._named: list[dict[str, Any]] = []

    def open(self, stream_id: UUID, tenant_id: UUID, kind: str, *, name: str = "", under: UUID | None = None) -> None:
        """Begin a chain: customer, contest, case, person, parcel or rule pack.

        `name` makes its public name, after that of the stream it is `under`; without one it is the id.
        """
        above = None if under is None else self._session.execute(_ABOVE, {"stream": under}).one()
        if above is not None and name:
            name = f"{above.name}/{name}"
        name = name or str(stream_id)
        key = key_of(kind, name).hex()
        row = {"id": stream_id, "tenant_id": tenant_id, "kind": kind, "name": name, "parent_id": under}
        self._session.execute(_OPEN, {**row, "key": key, "seq": 0, "head": ""})
        self._heads[stream_id] = _head(0, "", tenant_id, key, above.key if above else None)

    def seen(self, row: Recorded, told: Sequence[Any]) -> None:
        """The head of a row's stream as it was read with the row (`with_head`): an event need not ask for it."""
        if row.stream_id in self._heads or told[0] is None:
            return
        # whoever writes to SQLite is alone
        known = self._heads if self._session.get_bind().dialect.name == "sqlite" else self._seen
        known[row.stream_id] = _head(*told)

    def hold(self, streams: Iterable[UUID]) -> None:
        """Lock these streams at once; an event in any other locks that one when it comes. Raises NotFound."""
        wanted = set(streams) - self._heads.keys()
        if wanted:
            asked = (_HEAD, {"stream": next(iter(wanted))}) if len(wanted) == 1 else (_HEADS, {"streams": list(wanted)})
            for one in self._session.execute(*asked).all():
                self._heads[one.id] = _head(*one[1:])
            for stream_id in wanted - self._heads.keys():
                raise NotFound(noun="stream", id=str(stream_id))

    def write(self) -> None:
        """Write the events that wait, in their order, in one statement."""
        if self._added:
            put(self._session, _EVENT, self._added)
            self._added = []

    def settle(self) -> None:
        """Write what hangs on the events. Nothing of the transaction may be committed before."""
        put(self._session, _DISCLOSURE, self._hidden)
        put(self._session, _FILE, self._named)
        self._hidden, self._named = [], []

    def append(
        self,
        *,
        act: Act,
        subject: Placed,
        changed: Sequence[Recorded],
        changes: Sequence[tuple[Recorded, str, Any, Any]],
        because: Because,
        by: Actor,
        at: datetime,
        files: Iterable[str] = (),
        forget: bool = False,
        later: bool = False,
    ) -> UUID:
        """Write one event into the subject's stream and let the changed rows rest on it. Returns the event's id.

        `later`: it waits for `write`, and the rows have to.

        `forget`: what stood in a personal field before is not kept, though its digest says that something did.

        `changes` are (row, field, old, new). The stream's head is locked, so events of one case wait for each other and
        for nobody else.
        """
        identity = new_id()
        told: list[Plain] = []
        for row, name, old, new in changes:
            change: dict[str, Plain] = {"noun": noun(row), "id": str(row.id), "field": name}
            for side, value in (("old", old), ("new", new)):
                if value in (None, "", [], {}):
                    change[side] = None
                elif name in row.personal:
                    path = f"{noun(row)}.{name}.{side}"
                    change[side] = {"sd": self._withhold(identity, path, value, forget=forget and side == "old")}
                else:
                    change[side] = settled(value)
            told.append(change)
        reason: Plain = {"sd": self._withhold(identity, "reason", because.reason)} if because.reason else None
        hashes = sorted(set(files))
        said: dict[str, Plain] = {
            "v": 1,
            "id": str(identity),
            "stream": str(subject.stream_id),
            "act": act.value,
            "at": plain(at),
            "actor": str(by.id),
            "role": by.role.value,
            "noun": noun(subject),
            "subject": str(subject.id),
            "rule": plain(because.rule),
            "pack": plain(because.pack),
            "reason": reason,
            "facts": settled(because.facts),
            "run": plain(by.run_id),
            "changes": told,
            "files": plain(hashes),
        }
        made: dict[str, Any] = {
            "id": identity,
            "stream_id": subject.stream_id,
            "act": act,
            "at": at,
            "actor_id": by.id,
            "actor_role": by.role,
            "noun": noun(subject),
            "subject_id": subject.id,
            "rule": because.rule,
            "pack": because.pack,
            "run_id": by.run_id,
        }
        self._follow(said, made, later=later)
        self._named += [{"event_id": identity, "sha256": one} for one in hashes]
        for row in changed:
            # the model's own way would validate what is ours
            set_attribute(row, "event_id", identity)
            set_attribute(row, "version", row.version + 1)
        return identity

    def _follow(self, said: dict[str, Plain], row: dict[str, Any], *, later: bool) -> None:
        """Write the event behind the newest one of its stream, or let it wait for `write`."""
        stream_id = row["stream_id"]
        seen = self._seen.pop(stream_id, None)
        if seen is not None and stream_id not in self._heads and not later:
            moved, told = _behind(seen, said, row)
            if put_while(self._session, _EVENT, told, _AS_SEEN):
                self._heads[stream_id] = moved
                return
        self.hold([stream_id])
        self._heads[stream_id], told = _behind(self._heads[stream_id], said, row)
        self._added.append(told)
        if not later:
            self.write()

    def _withhold(self, event_id: UUID, path: str, value: Any, *, forget: bool = False) -> str:
        salt, digest, text = withhold(value, path)
        if not forget:
            self._hidden.append({"event_id": event_id, "digest": digest, "path": path, "salt": salt, "value": text})
        return digest
