"""The one log of all streams: events find their place, the map of what each case holds is drawn, its head is signed.

Each batch ends with a head of the map, so that whoever has a checkpoint has the map (decision 0020).
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

import orjson
from sqlalchemy import Row, delete, insert, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from flows.office import Office
from schemas.errors import BrokenTrail
from schemas.event import Checkpoint, Event, KeyRange, Leaf, Stream, Unsealed
from storage import log, trail
from storage.canonical import canonical
from storage.engine import alone, writing
from storage.keymap import KeyMap, Proof, value_of
from storage.ledger import leaf
from storage.work import looking

ORIGIN = "ashar"
PREFIX = "checkpoints/"
YEARS_LOCKED = timedelta(days=366)


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
    no_fork(tree, newest)
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


def no_fork(tree: log.Tree, newest: log.Head | None) -> None:
    """Raises BrokenTrail when the log is not a continuation of what was signed."""
    if newest is not None and (newest.size > len(tree) or tree.root(newest.size) != newest.root):
        raise BrokenTrail(stream=ORIGIN, seq=newest.size, why="fork")


def _take_leaves(office: Office) -> None:
    """Every event that waits gets the next place, in the order of its stream; a head of the map closes them."""
    with writing(office.engine) as session:
        alone(session, "seal")
        above = aliased(Stream)
        fresh = session.execute(
            select(
                col(Unsealed.id).label("ticket"),
                col(Event.id),
                col(Event.hash),
                col(Stream.key),
                col(above.key).label("above"),
            )
            .join(Event, col(Event.id) == col(Unsealed.event_id))
            .join(Stream, col(Stream.id) == col(Event.stream_id))
            .outerjoin(above, col(above.id) == col(Stream.parent_id))
            .order_by(col(Unsealed.id))
        ).all()
        if not fresh:
            return
        last = session.scalar(select(col(Leaf.position)).order_by(col(Leaf.position).desc()).limit(1))
        first = 0 if last is None else last + 1
        head = map_head(first + len(fresh), _grow(session, fresh), office.now())
        rows = [
            {"position": place, "event_id": one.id, "hash": one.hash, "entry": None}
            for place, one in enumerate(fresh, first)
        ]
        rows.append(
            {
                "position": first + len(fresh),
                "event_id": None,
                "hash": log.leaf_hash(head).hex(),
                "entry": head,
            }
        )
        session.execute(insert(Leaf), rows)
        session.execute(delete(Unsealed).where(col(Unsealed.id).in_([one.ticket for one in fresh])))


def map_head(size: int, root: bytes, at: datetime) -> bytes:
    """The leaf that says: over the first `size` leaves the map's root is this."""
    return canonical({"v": 1, "t": "map", "n": size, "r": root.hex(), "at": at})


def _grow(session: Session, fresh: Sequence[Row[Any]]) -> bytes:
    """Add the new events to what their keys hold. Returns the map's new root."""
    known = {one.key: log.Peaks.load(one.count, one.peaks) for one in session.scalars(select(KeyRange)).all()}
    touched: set[str] = set()
    for one in fresh:
        for key in filter(None, (one.key, one.above)):
            known.setdefault(key, log.Peaks()).append(bytes.fromhex(one.hash))
            touched.add(key)
    for key in touched:
        session.merge(KeyRange(key=key, count=known[key].size, peaks=known[key].dump()))
    session.flush()
    return _map(known).root()


def _map(known: dict[str, log.Peaks]) -> KeyMap:
    return KeyMap((bytes.fromhex(key), value_of(peaks.size, peaks.root())) for key, peaks in known.items())


def _known(office: Office, size: int) -> bool:
    with looking(office.engine, office.system) as look:
        return look.one(Checkpoint, size=size) is not None


def _newest(office: Office, verifier: str) -> log.Head | None:
    """The newest checkpoint in the store, which outlives any restored database."""
    names = sorted(one.key for one in office.objects.keys(PREFIX))
    if not names:
        return None
    return log.verify_note(office.objects.read(names[-1], 10_000).decode(), verifier)


# -- proofs ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Completeness:
    """That a key holds exactly `count` events, of which the map at a checkpoint speaks.

    `head` is the checkpoint's last leaf, `inclusion` its proof in the log of `size` leaves, `map` the key's in the map.
    """

    key: bytes
    count: int
    note: str
    size: int
    head: bytes
    inclusion: tuple[bytes, ...]
    map: Proof


def completeness(session: Session, key: str) -> Completeness:
    """Proof of all that a key holds, at the newest checkpoint. Raises BrokenTrail when none covers the log yet."""
    head = session.execute(
        select(col(Leaf.position), col(Leaf.entry)).order_by(col(Leaf.position).desc()).limit(1)
    ).one_or_none()
    size = 0 if head is None else head.position + 1
    checkpoint = session.scalars(select(Checkpoint).where(col(Checkpoint.size) == size)).one_or_none()
    if head is None or checkpoint is None:
        raise BrokenTrail(stream=ORIGIN, seq=size, why="checkpoint")
    known = {one.key: log.Peaks.load(one.count, one.peaks) for one in session.scalars(select(KeyRange)).all()}
    leaves = [bytes.fromhex(one) for one in session.scalars(select(col(Leaf.hash)).order_by(col(Leaf.position)))]
    return Completeness(
        key=bytes.fromhex(key),
        count=known[key].size if key in known else 0,
        note=checkpoint.note,
        size=size,
        head=head.entry,
        inclusion=tuple(log.inclusion(leaves, size - 1)),
        map=_map(known).prove(bytes.fromhex(key)),
    )


# -- everything anew --------------------------------------------------------------------------------------------------


def verify_all(office: Office) -> tuple[int, int]:
    """Every stream's chain, gap and head, the log's leaves, every head of the map, and what was signed.

    Returns (streams, events). Raises BrokenTrail at the first that is wrong.
    """
    path = office.home / "keys" / "log.key"
    newest = _newest(office, log.verifier_of(ORIGIN, log.load_key(path))) if path.exists() else None
    with looking(office.engine, office.system) as look:
        streams = list(look.session.scalars(select(col(Stream.id))))
        events = sum(trail.verify(look.session, one) for one in streams)
        # a chain that was rewritten whole is in order again; its leaves and what was signed are not
        leaves = _replayed(look.session)
        heads = look.all(Checkpoint, order="size")
    tree = log.Tree(leaves)
    no_fork(tree, newest)
    for head in heads:
        if head.size > len(tree) or tree.root(head.size).hex() != head.root:
            raise BrokenTrail(stream=ORIGIN, seq=head.size, why="checkpoint")
    return len(streams), events


def _replayed(session: Session) -> Iterator[bytes]:
    """The log's leaves, each compared with its event, each head of the map with the events before it."""
    above = aliased(Stream)
    rows = session.execute(
        select(
            col(Leaf.position),
            col(Leaf.hash),
            col(Leaf.entry),
            col(Event.seq),
            col(Event.previous),
            col(Event.body),
            col(Stream.key),
            col(above.key).label("above"),
        )
        .outerjoin(Event, col(Event.id) == col(Leaf.event_id))
        .outerjoin(Stream, col(Stream.id) == col(Event.stream_id))
        .outerjoin(above, col(above.id) == col(Stream.parent_id))
        .order_by(col(Leaf.position))
    )
    held: dict[str, log.Peaks] = {}
    mapped = KeyMap()
    touched: set[str] = set()
    for place, one in enumerate(rows):
        if one.position != place:
            raise BrokenTrail(stream=ORIGIN, seq=place, why="gap")
        if one.entry is None:
            keys = [key for key in (one.key, one.above) if key]
            if one.body is None or leaf(bytes(one.body), keys, one.seq, one.previous) != one.hash:
                raise BrokenTrail(stream=ORIGIN, seq=place, why="changed")
            for key in keys:
                held.setdefault(key, log.Peaks()).append(bytes.fromhex(one.hash))
                touched.add(key)
        else:
            for key in touched:
                mapped.set(bytes.fromhex(key), value_of(held[key].size, held[key].root()))
            touched.clear()
            told = orjson.loads(one.entry)
            if log.leaf_hash(bytes(one.entry)).hex() != one.hash or (told["n"], told["r"]) != (
                place,
                mapped.root().hex(),
            ):
                raise BrokenTrail(stream=ORIGIN, seq=place, why="map")
        yield bytes.fromhex(one.hash)
