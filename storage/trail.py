"""The trail read back, with proof that nothing in it is missing or changed."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self
from uuid import UUID

import orjson
from sqlalchemy import Row, bindparam, func, select
from sqlmodel import Session

from schemas.errors import BrokenTrail
from schemas.event import ERASING, Act
from schemas.tables import METADATA
from storage.canonical import plain
from storage.ledger import disclosure_digest, leaf
from storage.tree import leaf_hash

_STREAM, _EVENT, _DISCLOSURE, _LEAF = (METADATA.tables[name] for name in ("stream", "event", "disclosure", "leaf"))
_ABOVE = _STREAM.alias("above")


_SHORTEST_SKELETON = 200  # bytes; what else has its bytes in the log is shorter


@dataclass(frozen=True, slots=True)
class Skeleton:
    """What the log has of an event that was lost with an older database. `by`: when it was sealed, at the latest."""

    position: int
    seq: int
    previous: str
    hash: str
    entry: bytes
    keys: tuple[str, ...]
    by: datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """One event as it is read back, with its personal parts where they still exist.

    Without an `act`: only its skeleton is left, and `at` is when it was sealed at the latest.
    """

    seq: int
    act: Act | None
    at: datetime
    actor_id: UUID
    role: str
    rule: str
    pack: str
    run_id: str
    body: dict[str, Any]
    hash: str
    disclosed: dict[str, str]  # digest -> text

    @classmethod
    def of(cls, body: dict[str, Any], digest: str, disclosed: dict[str, str]) -> Self:
        """As the body tells it; `digest` is its hash in the log."""
        return cls(
            seq=body["seq"],
            act=Act(body["act"]),
            at=datetime.fromisoformat(body["at"]),
            actor_id=UUID(body["actor"]),
            role=body["role"],
            rule=body["rule"],
            pack=body["pack"],
            run_id=body["run"],
            body=body,
            hash=digest,
            disclosed=disclosed,
        )

    @classmethod
    def lost(cls, one: Skeleton) -> Self:
        """An event of which nobody knows any more what it said."""
        body = {"seq": one.seq, "previous": one.previous, "facts": {}, "reason": None, "changes": [], "files": []}
        return cls(one.seq, None, one.by, UUID(int=0), "", "", "", "", body, one.hash, {})


_KEYS = (
    select(_STREAM.c.id, _STREAM.c.key, _ABOVE.c.key.label("above"))
    .outerjoin(_ABOVE, _ABOVE.c.id == _STREAM.c.parent_id)
    .where(_STREAM.c.id.in_(bindparam("streams", expanding=True)))
)


def keys_of(session: Session, streams: Collection[UUID]) -> dict[UUID, tuple[str, ...]]:
    """Keys under which events of these streams stand in the map: each stream's own, and that of the stream above it."""
    rows = session.execute(_KEYS, {"streams": list(streams)})
    return {one.id: (one.key, one.above) if one.above else (one.key,) for one in rows}


def skeletons(session: Session, key: str) -> list[Skeleton]:
    """Events of this key of which the log alone is left, in its order."""
    found: list[Skeleton] = []
    for one, told in _kept_alone(session):
        if key in told["k"]:
            by = _sealed(session, one.position)
            keys = tuple(told["k"])
            found.append(Skeleton(one.position, told["s"], told["p"], one.hash, bytes(one.entry), keys, by))
    return found


def lost(session: Session) -> int:
    """Of how many events the log alone is left."""
    return sum(1 for _ in _kept_alone(session))


def _kept_alone(session: Session) -> Iterator[tuple[Row[Any], dict[str, Any]]]:
    kept = (
        select(_LEAF.c.position, _LEAF.c.hash, _LEAF.c.entry)
        .where(_LEAF.c.event_id.is_(None), func.length(_LEAF.c.entry) > _SHORTEST_SKELETON)
        .order_by(_LEAF.c.position)
    )
    for one in session.execute(kept):
        told = orjson.loads(one.entry)
        if told["t"] == "event":
            yield one, told


def _sealed(session: Session, position: int) -> datetime:
    """The instant of the next head of the map."""
    later = select(_LEAF.c.entry).where(_LEAF.c.position > position, _LEAF.c.event_id.is_(None))
    for (entry,) in session.execute(later.order_by(_LEAF.c.position)):
        told = orjson.loads(entry)
        if told["t"] == "map":
            return datetime.fromisoformat(told["at"])
    raise BrokenTrail(stream="log", seq=position, why="map")


def trail(session: Session, stream_id: UUID, *, after: int = 0, limit: int = 1_000_000) -> list[Entry]:
    """Events of one stream in order, by Core rows. Raises BrokenTrail at the first event that does not fit."""
    rows = session.execute(
        select(*_EVENT.c)
        .where(_EVENT.c.stream_id == stream_id, _EVENT.c.seq > after)
        .order_by(_EVENT.c.seq)
        .limit(limit)
    ).all()
    hidden = _hidden(session, stream_id, after, after + limit)
    keys = keys_of(session, [stream_id]).get(stream_id, ())
    entries: list[Entry] = []
    previous: str | None = "" if after == 0 else None
    for row in rows:
        expected = entries[-1].seq + 1 if entries else after + 1
        if row.seq > expected:
            entries += _lost(session, stream_id, keys, expected, row.seq, previous)
            previous = entries[-1].hash
            expected = row.seq
        body = orjson.loads(row.body)
        disclosed = hidden.get(row.id, {})
        for fits, why in (
            (row.seq == expected, "gap"),
            (leaf(bytes(row.body), keys, row.seq, row.previous) == row.hash, "changed"),
            (body["seq"] == row.seq and body["stream"] == str(stream_id), "moved"),
            (body["previous"] == row.previous and previous in (None, row.previous), "unlinked"),
            # columns are for searching; what they say must be what was hashed
            (all(_same(body[name], getattr(row, column)) for name, column in _COLUMNS.items()), "changed"),
            (disclosed.keys() <= _withheld(body), "changed"),
        ):
            if not fits:
                raise BrokenTrail(stream=str(stream_id), seq=row.seq, why=why)
        previous = row.hash
        entries.append(Entry.of(body, row.hash, disclosed))
    return entries


def _lost(
    session: Session, stream_id: UUID, keys: Sequence[str], first: int, end: int, previous: str | None
) -> list[Entry]:
    """What the log has of the events from `first` up to `end`. Raises BrokenTrail where it has not all of them."""
    found = {one.seq: one for one in skeletons(session, keys[0]) if one.keys == tuple(keys)} if keys else {}
    entries: list[Entry] = []
    for seq in range(first, end):
        one = found.get(seq)
        if one is None:
            raise BrokenTrail(stream=str(stream_id), seq=seq, why="gap")
        if leaf_hash(one.entry).hex() != one.hash or previous not in (None, one.previous):
            raise BrokenTrail(stream=str(stream_id), seq=seq, why="unlinked")
        previous = one.hash
        entries.append(Entry.lost(one))
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
        if disclosure_digest(one.salt, one.path, one.value) != one.digest:
            raise BrokenTrail(stream=str(stream_id), seq=one.seq, why="changed")
        told.setdefault(one.event_id, {})[one.digest] = one.value
    return told


def unaccounted(entries: Sequence[Entry]) -> Entry | None:
    """The first event of a whole stream that lost a personal value without an event that says so."""
    erased: set[str] = set()
    for one in entries:
        if one.act in ERASING:
            erased.update(one.body["facts"].get("erased", ()))
            # what stood in a row before it was erased is said by a digest that nobody could ever open
            before = (change["old"] for change in one.body["changes"])
            erased.update(old["sd"] for old in before if isinstance(old, dict) and "sd" in old)
    for one in entries:
        if _withheld(one.body) - one.disclosed.keys() - erased:
            return one
    return None


def whole(session: Session, stream_id: UUID) -> list[Entry]:
    """All events of a stream up to its head. Raises BrokenTrail, also when the tail is missing.

    A personal value that is gone without a word is a break too, though the chain holds without it.
    """
    head = session.execute(select(_STREAM.c.seq, _STREAM.c.head).where(_STREAM.c.id == stream_id)).one_or_none()
    if head is None:
        raise BrokenTrail(stream=str(stream_id), seq=0, why="gap")
    entries = trail(session, stream_id)
    last, previous = (entries[-1].seq, entries[-1].hash) if entries else (0, "")
    if last < head.seq and _kept(session, head.head):
        entries += _lost(session, stream_id, keys_of(session, [stream_id])[stream_id], last + 1, head.seq + 1, previous)
        last, previous = entries[-1].seq, entries[-1].hash
    if (last, previous) != (head.seq, head.head):
        raise BrokenTrail(stream=str(stream_id), seq=last + 1, why="tail")
    lost = unaccounted(entries)
    if lost is not None:
        raise BrokenTrail(stream=str(stream_id), seq=lost.seq, why="erased")
    return entries


def _kept(session: Session, digest: str) -> bool:
    """Whether the log has the bytes of this leaf, and no event."""
    where = (_LEAF.c.hash == digest, _LEAF.c.event_id.is_(None))
    return session.execute(select(_LEAF.c.position).where(*where)).first() is not None


def verify(session: Session, stream_id: UUID) -> int:
    """How many events the stream holds, all in place. Raises as `whole` does."""
    return len(whole(session, stream_id))


def rested(session: Session, stream_id: UUID, pack: str) -> bool:
    """Whether an event of the stream rests on this edition of a rule pack."""
    those = select(_EVENT.c.id).where(_EVENT.c.stream_id == stream_id, _EVENT.c.pack == pack)
    return session.scalar(those.limit(1)) is not None


def did(session: Session, stream_id: UUID, actor_id: UUID, act: Act, since: datetime) -> bool:
    """Whether somebody did this in the stream since then."""
    done = select(_EVENT.c.id).where(_EVENT.c.stream_id == stream_id, _EVENT.c.actor_id == actor_id)
    return session.scalar(done.where(_EVENT.c.act == act, _EVENT.c.at >= since).limit(1)) is not None
