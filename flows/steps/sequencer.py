"""The sequencer: puts events into the one log of all streams and signs its head, and nobody else does.

Each batch ends with a head of the map, so that whoever has a checkpoint has the map (decision 0020). Order: leaves
committed, tiles into the store, checkpoint into the locked store, then its row with the key ranges; behind the last batch
locks for the full tiles: what no checkpoint speaks of yet is never locked, and nobody waits for a lock. Then the index of
events, many at once. While tiles are on their way the next batch is put in order, so the store and this process work at
once. Whatever is interrupted is taken up again from the last row: leaves are never moved, and what they make is always the
same.
"""

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Row, Select, func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from flows.office import Office
from flows.steps import laws, logkey
from schemas.errors import AsharError, BrokenTrail, Overtaken
from schemas.event import Checkpoint, Event, KeyRange, Leaf, Stream, Unsealed
from schemas.tables import METADATA
from storage import eventindex, log, policy, tiles
from storage.canonical import canonical
from storage.engine import alone, by_keys, writing
from storage.keymap import KeyMap, value_of
from storage.ledger import skeleton
from storage.many import put
from storage.tiles import Edge, Tile
from storage.work import looking

journal = logging.getLogger("ashar.notary")
BATCH = 5_000  # events between two checkpoints at most
CHUNK = 500  # leaves that come into the index of events in one transaction, for which writers wait
INDEXING = 0.5  # seconds of one look: new events wait to be sealed meanwhile
DUE = 1_000  # leaves that are taken in at once: of more events together, fewer pages are written for each
CREW = 8  # threads that write tiles: a store answers in milliseconds, and many at once
WORK = "sealing"  # the name of the lock that only one sealer holds
_ABOVE = aliased(Stream)
_TOLD = (
    col(Event.seq),
    col(Event.previous),
    col(Event.body),
    col(Event.hash).label("event_hash"),
    col(Stream.key),
    col(_ABOVE.key).label("above"),
)
NEWEST = select(Checkpoint).order_by(col(Checkpoint.size).desc()).limit(1)


def leaves_of(session: Session) -> int:
    last = session.scalar(select(func.max(col(Leaf.position))))
    return 0 if last is None else last + 1


def waiting() -> Select[*tuple[Any, ...]]:
    """Events without a place, with all that their skeletons are made of."""
    return (
        select(col(Unsealed.id).label("ticket"), col(Event.id), *_TOLD)
        .join(Event, col(Event.id) == col(Unsealed.event_id))
        .join(Stream, col(Stream.id) == col(Event.stream_id))
        .outerjoin(_ABOVE, col(_ABOVE.id) == col(Stream.parent_id))
        .order_by(col(Unsealed.id))
    )


def placed(first: int, end: int) -> Select[*tuple[Any, ...]]:
    """Leaves of these positions in order, with all that their entries are made of."""
    return (
        select(col(Leaf.position), col(Leaf.hash), col(Leaf.entry), *_TOLD)
        .outerjoin(Event, col(Event.id) == col(Leaf.event_id))
        .outerjoin(Stream, col(Stream.id) == col(Event.stream_id))
        .outerjoin(_ABOVE, col(_ABOVE.id) == col(Stream.parent_id))
        .where(col(Leaf.position) >= first, col(Leaf.position) < end)
        .order_by(col(Leaf.position))
    )


def entry_of(one: Row[Any]) -> tuple[bytes, Sequence[str]]:
    """A leaf's entry and the keys that hold it. Raises BrokenTrail where its event is gone."""
    if one.entry is not None:
        raw = bytes(one.entry)
        return raw, orjson.loads(raw).get("k", ()) if b'"t":"event"' in raw else ()
    if one.body is None:
        raise BrokenTrail(stream="log", seq=one.position, why="changed")
    keys = (one.key, one.above) if one.above else (one.key,)
    return skeleton(bytes(one.body), keys, one.seq, one.previous), keys


def map_head(size: int, root: bytes, at: datetime) -> bytes:
    """The leaf that says: over the first `size` leaves the map's root is this."""
    return canonical({"v": 1, "t": "map", "n": size, "r": root.hex(), "at": at})


@dataclass(frozen=True)
class _Batch:
    """What a checkpoint is made of; leaves that were put in order behind it do not change it."""

    size: int
    root: bytes
    before: bytes  # peaks without the last leaf
    held: list[dict[str, Any]]  # ranges of the keys that it touched
    tiles: list[Tile]


@dataclass
class _Known:
    """The log's right edge and what its keys hold, over all leaves that are committed."""

    edge: Edge
    held: dict[str, log.Peaks]
    map: KeyMap
    row: int  # size of the newest checkpoint that the database knows, or of the batch that is on its way there
    signed: int  # size of the newest one in the store, which this continues
    before: list[bytes] = field(default_factory=list)  # peaks without the last leaf
    touched: set[str] = field(default_factory=set)  # keys whose ranges are not written yet
    changed: set[str] = field(default_factory=set)  # keys whose values are not in the map yet
    fresh: dict[str, list[bytes]] = field(default_factory=dict)  # by key: leaves that are not in its peaks yet

    def add(self, entry: bytes, leaf: bytes, keys: Sequence[str]) -> None:
        self.edge.append(entry, leaf)
        for key in keys:
            self.fresh.setdefault(key, []).append(leaf)

    def close(self, at: datetime) -> bytes:
        """Draw the map and add its head. Returns the head."""
        head = map_head(self.edge.size, self.drawn(), at)
        self.before = self.edge.peaks()
        self.edge.append(head)
        return head

    def cut(self) -> "_Batch | None":
        """What has come since the last checkpoint, as it stands; None where nothing has."""
        if self.edge.size == self.row:
            return None
        self._grow()
        self.row = self.edge.size
        held = [{"key": key, "count": self.held[key].size, "peaks": self.held[key].dump()} for key in self.touched]
        self.touched.clear()
        return _Batch(self.row, self.edge.root(), b"".join(self.before), held, self.edge.unwritten())

    def _grow(self) -> None:
        """Many leaves of a key at once cost half of what they cost one by one."""
        for key, leaves in self.fresh.items():
            if key not in self.held:
                self.held[key] = log.Peaks()
            self.held[key].extend(leaves)
        self.touched.update(self.fresh)
        self.changed.update(self.fresh)
        self.fresh.clear()

    def drawn(self) -> bytes:
        self._grow()
        for key in self.changed:
            peaks = self.held[key]
            self.map.set(bytes.fromhex(key), value_of(peaks.size, peaks.root()))
        self.changed.clear()
        return self.map.root()


class Sequencer:
    """Seals batch after batch, and keeps in memory what it knows. Whoever calls holds the lock `WORK`."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.more = False  # the last batch was full, so that others may wait behind it
        self._known: _Known | None = None
        self._keys: str | None = None  # the newest policy's name
        self._loose: dict[str, str] = {}  # marks of full tiles that are not locked yet
        self._unfilled = tiles.Unfilled()

    def drain(self, *, beat: bool = False, stop: Callable[[], bool] = lambda: False) -> Checkpoint | None:
        """Seal all that waits now, batch after batch; the last checkpoint. What comes meanwhile may wait for the next time.

        While a batch's tiles are on their way to the store the next one is put in order. `beat` as in `round`; a batch that
        was begun is ended before it stops. Raises as `round` does.
        """
        return self._seal((), beat=beat, stop=stop)

    def round(self, *, beat: bool = False, leaves: Sequence[bytes] = ()) -> Checkpoint | None:
        """One batch; with `beat` also when nothing waits. `leaves` are entries of the log's own, put before its head.

        Raises BrokenTrail when the log is not a continuation of what was signed; whatever is raised, the next round
        begins from what was written.
        """
        return self._seal(leaves, beat=beat, stop=lambda: True)

    def _seal(self, leaves: Sequence[bytes], *, beat: bool, stop: Callable[[], bool]) -> Checkpoint | None:
        known, self._known = self._known, None
        if known is None or known.edge.size != self._leaves():
            known = self._load()
        made: Checkpoint | None = None
        sent: tuple[_Batch, Future[dict[str, str]]] | None = None
        with ThreadPoolExecutor(1) as sender:
            while True:
                self.more = False
                self._order(known, leaves, beat=beat)
                if sent is not None:
                    made = self._sign(known, *sent)
                batch = known.cut()
                sent = None if batch is None else (batch, sender.submit(self._send, batch.tiles))
                leaves, beat = (), False
                if not self.more or stop():
                    break
            if sent is not None:
                made = self._sign(known, *sent)
        self._known = known
        if not self.more:
            self._keep()
            self.index(least=DUE)
        return made

    def index(self, *, least: int = 1) -> None:
        """Take what is sealed into the index of events where so many leaves wait, for as long as nobody minds waiting.

        It is no evidence: what goes wrong is logged, and what is not in it is looked through as it stands.
        """
        end = time.monotonic() + INDEXING
        try:
            with looking(self.office.engine, self.office.system) as look:
                waits = eventindex.waiting(look.session)
            some = waits if waits >= least else 0
            while some and waits and time.monotonic() < end:
                with writing(self.office.engine) as session:
                    some = eventindex.index(session, min(CHUNK, waits))
                waits -= some
        except (AsharError, DBAPIError):
            journal.warning("the index of events was not written", exc_info=True)

    def _leaves(self) -> int:
        with looking(self.office.engine, self.office.system) as look:
            return leaves_of(look.session)

    def _other_keys(self) -> bool:
        """Whether the log's keys have changed since `_load`: this one's key may be in other hands by now."""
        return self.office.objects.first(policy.POLICIES) != self._keys

    def _load(self) -> _Known:
        """Everything that is written: the edge from the store, the keys from the database, newer leaves after both."""
        office = self.office
        self._keys = office.objects.first(policy.POLICIES)
        self._key, self._policy = logkey.own(office)
        self._keys = self._keys or office.objects.first(policy.POLICIES)  # where the log has just begun
        laws.keep(office)
        signed = policy.newest_size(office.objects)
        head = None if signed is None else self._policy.read(policy.note_of(office.objects, signed))
        with looking(office.engine, office.system) as look:
            row = look.session.scalars(NEWEST).first()
            count = leaves_of(look.session)
            if (signed or 0) > count:
                raise BrokenTrail(stream="log", seq=signed, why="behind")
            if row is not None and row.size > (signed or 0):
                raise BrokenTrail(stream="log", seq=row.size, why="store")
            known = _Known(Edge(), ranges(look.session), KeyMap(), row.size if row else 0, signed or 0)
            known.changed.update(known.held)
            if row is not None:
                known.edge = tiles.restored(office.objects, row.size, bytes.fromhex(row.root))
                told = orjson.loads(last_entry(office, row.size, bytes.fromhex(row.root)))
                if (told["n"], told["r"]) != (row.size - 1, known.drawn().hex()):
                    raise BrokenTrail(stream="log", seq=row.size, why="map")
            for one in _rows(look.session, known.edge.size, count):
                entry, keys = entry_of(one)
                leaf = log.leaf_hash(entry)
                if one.position != known.edge.size or leaf.hex() != one.hash:
                    raise BrokenTrail(stream="log", seq=known.edge.size, why="changed")
                known.before = known.edge.peaks() if one.position == count - 1 else []
                known.add(entry, leaf, keys)
                if head is not None and known.edge.size == head.size and known.edge.root() != head.root:
                    raise BrokenTrail(stream="log", seq=head.size, why="fork")
        if head is not None and row is not None and row.size == head.size and bytes.fromhex(row.root) != head.root:
            raise BrokenTrail(stream="log", seq=head.size, why="fork")
        if known.edge.size != count:
            raise BrokenTrail(stream="log", seq=known.edge.size, why="gap")
        self._unfilled = tiles.Unfilled(count)
        return known

    def _order(self, known: _Known, leaves: Sequence[bytes], *, beat: bool) -> None:
        """Every event that waits gets the next place, in the order of its stream; a head of the map closes them.

        They are read and reckoned with before the transaction: on SQLite whoever else writes waits for its end.
        """
        with looking(self.office.engine, self.office.system) as look:
            fresh = look.session.execute(waiting().limit(BATCH)).all()
        self.more = len(fresh) == BATCH
        if not (fresh or beat or leaves):
            return
        first = known.edge.size
        rows: list[dict[str, Any]] = []
        for place, one in enumerate(fresh, first):
            keys = (one.key, one.above) if one.above else (one.key,)
            entry = skeleton(bytes(one.body), keys, one.seq, one.previous)
            leaf = log.leaf_hash(entry)
            if leaf.hex() != one.event_hash:
                raise BrokenTrail(stream=str(one.id), seq=one.seq, why="changed")
            known.add(entry, leaf, keys)
            rows.append({"position": place, "event_id": one.id, "hash": one.event_hash, "entry": None})
        for entry in leaves:
            leaf = log.leaf_hash(entry).hex()
            rows.append({"position": known.edge.size, "event_id": None, "hash": leaf, "entry": entry})
            known.add(entry, bytes.fromhex(leaf), ())
        head = known.close(self.office.now())
        leaf = log.leaf_hash(head).hex()
        rows.append({"position": known.edge.size - 1, "event_id": None, "hash": leaf, "entry": head})
        with writing(self.office.engine) as session:
            alone(session, WORK)
            if leaves_of(session) != first:
                raise Overtaken(noun="log", id=str(first))
            put(session, METADATA.tables["leaf"], rows)
            take_tickets(session, [one.ticket for one in fresh])

    def _send(self, new: Sequence[Tile]) -> dict[str, str]:
        with ThreadPoolExecutor(CREW) as crew:
            return tiles.publish(self.office.objects, new, crew)

    def _sign(self, known: _Known, batch: _Batch, sent: Future[dict[str, str]]) -> Checkpoint:
        """Once the tiles are there: checkpoint, row."""
        marks = sent.result()
        office, size, root = self.office, batch.size, batch.root
        until = policy.locked_until(office.machine_now())
        if (policy.newest_size(office.objects) or 0) != known.signed or self._other_keys():
            raise Overtaken(noun="log", id=str(size))
        if known.signed == size:
            note = policy.note_of(office.objects, size)  # by a run that was killed before it noted this
        else:
            note = log.note(self._policy.origin, size, root, self._key)
        policy.put_checkpoint(office.objects, size, note, until)
        known.signed = size
        row = Checkpoint(size=size, root=root.hex(), note=note, at=office.now(), peaks=batch.before)
        with writing(office.engine) as session:
            alone(session, WORK)
            newest = session.scalars(NEWEST).first()
            if newest is not None and newest.size >= size:  # another went on where this one's lock was lost
                raise Overtaken(noun="log", id=str(size))
            session.add(row)
            session.flush()
            put(session, METADATA.tables["keyrange"], batch.held, instead=("count", "peaks"))
        self._unfilled.add(marks)
        self._loose |= {one.name: marks[one.name] for one in batch.tiles if one.full}
        return row

    def _keep(self) -> None:
        """Lock what is full, and clear what lies half full beside it."""
        loose, self._loose = self._loose, {}
        until = policy.locked_until(self.office.machine_now())
        with suppress(AsharError):  # half full ones do no harm, and locks are looked after each month
            with ThreadPoolExecutor(CREW) as crew:
                tiles.lock(self.office.objects, loose, until, crew)
            self._unfilled.sweep(self.office.objects, loose)


def ranges(session: Session) -> dict[str, log.Peaks]:
    rows = session.execute(select(col(KeyRange.key), col(KeyRange.count), col(KeyRange.peaks)))
    return {key: log.Peaks.load(count, bytes(peaks)) for key, count, peaks in rows}


def _rows(session: Session, first: int, end: int) -> Iterator[Row[Any]]:
    for begin in range(first, end, BATCH):
        yield from session.execute(placed(begin, min(begin + BATCH, end)))


def take_tickets(session: Session, tickets: Sequence[int]) -> None:
    """These wait no longer; numbers in order, and on SQLite nobody else's between them."""
    if not tickets:
        return
    if session.get_bind().dialect.name == "postgresql":
        # whoever commits late has a lower number and no leaf yet
        by_keys(session)
        placed_ones = "id BETWEEN :first AND :last AND EXISTS (SELECT 1 FROM leaf l WHERE l.event_id = u.event_id)"
        session.execute(
            text(f"DELETE FROM unsealed u WHERE {placed_ones}"),  # noqa: S608 -- text of ours
            {"first": tickets[0], "last": tickets[-1]},
        )
    else:
        session.execute(
            text("DELETE FROM unsealed WHERE id BETWEEN :first AND :last"),
            {"first": tickets[0], "last": tickets[-1]},
        )


def last_entry(office: Office, size: int, root: bytes) -> bytes:
    """The last entry of the log of that size and root, from the store. Raises BrokenTrail."""
    told = tiles.Tiles(office.objects, size)
    index, within = divmod(size - 1, tiles.WIDTH)
    last = tiles.entries(office.objects, index, min(tiles.WIDTH, size - index * tiles.WIDTH))[within]
    if not log.verify_inclusion(log.leaf_hash(last), size - 1, size, told.inclusion(size - 1), root):
        raise BrokenTrail(stream="log", seq=size, why="tiles")
    return last
