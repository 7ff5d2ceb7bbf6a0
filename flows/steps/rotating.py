"""Another key for the log, and a database put right that is older than what was signed. Both hold the sealers' lock."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import orjson
from sqlalchemy import select, update
from sqlmodel import Session, col

from flows.office import Office
from flows.steps import logkey
from flows.steps.sequencer import WORK, Sequencer, leaves_of, take_tickets
from schemas.errors import BrokenTrail, NotSealed
from schemas.event import Event, Leaf, Stream, Unsealed
from schemas.tables import METADATA
from storage import log, policy, tiles
from storage.canonical import canonical
from storage.engine import alone, sole, writing
from storage.many import put
from storage.policy import Policy
from storage.work import looking

PATIENCE = 30.0  # seconds for a sealer that is at work
TOGETHER = 500  # hashes that are read at once


@contextmanager
def _mine(office: Office) -> Iterator[None]:
    end = time.monotonic() + PATIENCE
    while True:
        with sole(office.engine, WORK) as mine:
            if mine:
                yield
                return
        if time.monotonic() > end:
            raise NotSealed
        time.sleep(0.05)


def rotate(office: Office, *, lost: bool = False) -> Policy:
    """Let a new key follow: told in a leaf under the old key's last checkpoint, then in the policy, signed by both.

    `lost`: the old key is gone or in other hands; the policy is signed by the new one alone, and says so. Whoever
    verifies has to be told the new line by other ways. Raises NotSealed, BrokenTrail, BadSetting.
    """
    with _mine(office):
        path = logkey.key_file(office)
        now = office.machine_now()
        if lost:
            known = logkey.policy_of(office)
            fresh = log.make_key(logkey.next_file(path))
            line = log.verifier_of(known.origin, fresh)
            if line != known.newest:  # else this was done once, and interrupted
                known = known.followed(line, policy.newest_size(office.objects) or 0, now, lost=True)
                policy.publish(office.objects, known, [fresh], policy.locked_until(now))
            logkey.retire(path, logkey.next_file(path))
        else:
            sequencer = Sequencer(office)
            sequencer.drain()
            old, known = logkey.own(office)
            fresh = log.make_key(logkey.next_file(path))
            line = log.verifier_of(known.origin, fresh)
            told = canonical({"v": 1, "t": "key", "key": line, "at": office.now()})
            last = sequencer.round(leaves=[told])
            if last is None:
                raise NotSealed
            known = known.followed(line, last.size, now)
            policy.publish(office.objects, known, [old, fresh], policy.locked_until(now))
            logkey.retire(path, logkey.next_file(path))
        Sequencer(office).round(beat=True)
        return known


@dataclass(frozen=True, slots=True)
class Lost:
    """An event of which only the skeleton is left: where it stood, in which stream (empty: unknown here), its number."""

    position: int
    stream: str
    seq: int


@dataclass(frozen=True, slots=True)
class Recovered:
    """What was read back into a database that was older than the log."""

    leaves: int
    lost: tuple[Lost, ...]


def recover(office: Office) -> Recovered:
    """After an old database was restored: read the leaves that it lacks from the store, proved by the newest checkpoint.

    Events that the database still has find their place again; of the others the skeletons are kept, the streams go on
    behind them, and a leaf says how many bodies are gone. Tiles that no checkpoint speaks of go: what they hold was lost
    before it was signed. Raises BrokenTrail where the store does not prove it, or a stream went another way since;
    NotSealed.
    """
    with _mine(office):
        newest = policy.newest_size(office.objects)
        with looking(office.engine, office.system) as look:
            first = leaves_of(look.session)
        tiles.drop_beyond(office.objects, newest or 0)
        if newest is None or newest <= first:
            return Recovered(0, ())
        entries = _entries(office, first, newest)
        with writing(office.engine) as session:
            alone(session, WORK)
            lost = _put_back(session, first, entries)
        sequencer = Sequencer(office)  # which proves all of it before it signs again
        told = canonical({"v": 1, "t": "lost", "first": first, "end": newest, "count": len(lost), "at": office.now()})
        sequencer.round(leaves=[told])
        sequencer.drain()
        return Recovered(newest - first, tuple(lost))


def _entries(office: Office, first: int, end: int) -> list[bytes]:
    """The entries between, proved by the checkpoint of size `end` and by what the database has before them."""
    head = logkey.policy_of(office).read(policy.note_of(office.objects, end))
    told = tiles.Tiles(office.objects, end)
    if told.root() != head.root:
        raise BrokenTrail(stream="log", seq=end, why="tiles")
    found: list[bytes] = []
    for index in range(first // tiles.WIDTH, (end - 1) // tiles.WIDTH + 1):
        start = index * tiles.WIDTH
        width = min(tiles.WIDTH, end - start)
        bundle = tiles.entries(office.objects, index, width)
        if [log.leaf_hash(one) for one in bundle] != told.leaves(index):
            raise BrokenTrail(stream="log", seq=start, why="tiles")
        found += bundle[max(first - start, 0) :]
    grown = log.Peaks()
    with looking(office.engine, office.system) as look:
        hashes = look.session.scalars(select(col(Leaf.hash)).order_by(col(Leaf.position)))
        for some in hashes.partitions(TOGETHER):
            grown.extend([bytes.fromhex(one) for one in some])
    grown.extend([log.leaf_hash(one) for one in found])
    if grown.root() != head.root:
        raise BrokenTrail(stream="log", seq=first, why="fork")
    return found


def _put_back(session: Session, first: int, entries: list[bytes]) -> list[Lost]:
    rows, lost, tickets = list[dict[str, object]](), list[Lost](), list[int]()
    streams = {
        one.key: one
        for one in session.scalars(select(Stream).with_for_update().execution_options(populate_existing=True))
    }
    heads: dict[str, tuple[int, str]] = {}
    known = _known(session, {log.leaf_hash(one).hex() for one in entries})
    for place, entry in enumerate(entries, first):
        leaf, told = log.leaf_hash(entry).hex(), orjson.loads(entry)
        event = known.get(leaf)
        if event is not None:
            rows.append({"position": place, "event_id": event[0], "hash": leaf, "entry": None})
            tickets.append(event[1])
            continue
        rows.append({"position": place, "event_id": None, "hash": leaf, "entry": entry})
        if told["t"] == "event":
            stream = streams.get(told["k"][0])
            lost.append(Lost(place, stream.name if stream else "", told["s"]))
            if stream is not None:
                seq, head = heads.get(stream.key, (stream.seq, stream.head))
                if (told["s"], told["p"]) != (seq + 1, head):
                    raise BrokenTrail(stream=str(stream.id), seq=told["s"], why="twice")
                heads[stream.key] = (told["s"], leaf)
    put(session, METADATA.tables["leaf"], rows)
    take_tickets(session, tickets)
    for key, (seq, head) in heads.items():
        session.execute(update(Stream).where(col(Stream.key) == key).values(seq=seq, head=head))
    return lost


def _known(session: Session, hashes: set[str]) -> dict[str, tuple[object, int]]:
    """Events of these hashes that wait for their place, with their tickets."""
    waiting = select(col(Event.hash), col(Event.id), col(Unsealed.id).label("ticket"))
    rows = session.execute(waiting.join(Unsealed, col(Unsealed.event_id) == col(Event.id)))
    return {one.hash: (one.id, one.ticket) for one in rows if one.hash in hashes}
