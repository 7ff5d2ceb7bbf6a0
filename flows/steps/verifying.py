"""Everything that was ever recorded, read anew: chains, places, keys, the map, what was signed, and the store's tiles.

The log is read in stretches of 65,536 leaves, by several processes if asked; what they found is joined here in order.
Memory grows with the number of streams, not of events. Of the map's heads, each must stand where it says; their roots
are reckoned anew at the last one, and at one in every million leaves before.
"""

import multiprocessing
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session, col

from flows.office import Office
from flows.steps import logkey, strands
from flows.steps.rereading import Chain, Reading, Strand
from flows.steps.sequencer import leaves_of
from flows.steps.strands import STRETCH
from schemas.errors import BrokenTrail
from schemas.event import Checkpoint, Event, Leaf, Stream
from schemas.settings import Settings
from storage import policy
from storage.keymap import KeyMap, value_of
from storage.objects import Objects
from storage.tiles import rooted
from storage.tree import HASH_BYTES, Peaks, peaks_of
from storage.work import looking

MAPS_EVERY = 16  # stretches between two heads of the map that are reckoned anew


@dataclass
class _Told:
    """What the database says in one snapshot; what comes later is not looked at."""

    count: int  # leaves
    streams: dict[str, tuple[int, str]]  # by key: number and hash of each stream's newest event
    signed: list[tuple[int, str, str]]  # size, root, note; oldest first
    waiting: Strand  # events without a place


def verify_all(office: Office, *, jobs: int = 1, disclosures: bool = True, tiles: bool = True) -> tuple[int, int]:
    """Every stream's chain, gap and head, the log's leaves, the map, what was signed, and all of it in the store.

    Without `disclosures` personal values are left aside, without `tiles` those of the store. Returns (streams, events).
    Raises BrokenTrail at the first that is wrong.
    """
    told = _told(office)
    signed = _in_store(office, told)
    store = signed if tiles else 0
    before = Peaks()  # of whole stretches
    chains: dict[str, Chain] = {}
    held: dict[str, Peaks] = {}
    roots: list[bytes] = []
    missing: list[tuple[str, int, set[str]]] = []
    erased: dict[str, set[str]] = {}
    _said(erased, told.waiting.erased)
    seen = 0
    with _reading(office, told, store, jobs, disclosures=disclosures) as found:
        for number, strand in enumerate(found):
            for size, root, _ in told.signed:
                if size in strand.peaks and rooted([*before.peaks, *strand.peaks[size]]).hex() != root:
                    raise BrokenTrail(stream="log", seq=size, why="checkpoint")
            _join(chains, strand)
            _hold(held, strand.held)
            last = strand.first + strand.count == told.count
            if strand.head and (last or number % MAPS_EVERY == MAPS_EVERY - 1):
                _same_map(held, *strand.head)
            _hold(held, strand.after)
            if strand.count == STRETCH:
                roots += peaks_of(strand.nodes)
                before.append(roots[-1])
            seen += strand.events + strand.lost
            missing += strand.missing
            _said(erased, strand.erased)
    strands.upper(office, roots, store)
    _join(chains, told.waiting)
    for stream, (seq, head) in told.streams.items():
        chain = chains.pop(stream, Chain(1, "", 0, ""))
        if (chain.last, chain.head) != (seq, head):
            raise BrokenTrail(stream=stream, seq=chain.last + 1, why="tail")
    for stream, seq, digests in missing:
        if digests - erased.get(stream, set()):
            raise BrokenTrail(stream=stream, seq=seq, why="erased")
    return len(told.streams), seen + told.waiting.events


def _said(erased: dict[str, set[str]], more: dict[str, set[str]]) -> None:
    for stream, digests in more.items():
        erased.setdefault(stream, set()).update(digests)


def _told(office: Office) -> _Told:
    waiting = Strand(0, 0)
    with looking(office.engine, office.system) as look:
        count = leaves_of(look.session)
        connection, dialect = look.session.connection(), office.engine.dialect.name
        reading = Reading(waiting, strands.names(connection))
        reading.take(strands.rows(connection, strands.events(dialect, waiting=True)))
        reading.close()
        streams = look.session.execute(select(col(Stream.key), col(Stream.seq), col(Stream.head)))
        found = {one.key: (one.seq, one.head) for one in streams}
        signed = look.session.execute(
            select(col(Checkpoint.size), col(Checkpoint.root), col(Checkpoint.note)).order_by(col(Checkpoint.size))
        ).all()
        if _events(look.session) != _placed(look.session) + waiting.events:
            raise BrokenTrail(stream="log", seq=count, why="unplaced")
    return _Told(count, found, [(one.size, one.root, one.note) for one in signed], waiting)


def _events(session: Session) -> int:
    return session.scalar(select(func.count(col(Event.id)))) or 0


def _placed(session: Session) -> int:
    return session.scalar(select(func.count(col(Leaf.event_id)))) or 0


def _in_store(office: Office, told: _Told) -> int:
    """How many leaves were signed, by the store. Raises BrokenTrail where it and the database disagree."""
    signed = {size: (root, note) for size, root, note in told.signed}
    noted, newest, keys = set(signed), 0, None
    for size, note in policy.checkpoints(office.objects):
        keys = keys or logkey.policy_of(office)
        head = keys.read(note)
        newest = newest or size
        if head.size != size or size > told.count:
            raise BrokenTrail(stream="log", seq=size, why="fork" if head.size != size else "behind")
        root, kept = signed.pop(size, (head.root.hex(), note))
        if (root, kept) != (head.root.hex(), note):
            raise BrokenTrail(stream="log", seq=size, why="checkpoint")
        if size not in noted:
            told.signed.append((size, head.root.hex(), note))  # its row was not written any more
    if signed:
        raise BrokenTrail(stream="log", seq=max(signed), why="store")
    return newest


@contextmanager
def _reading(office: Office, told: _Told, store: int, jobs: int, *, disclosures: bool) -> Iterator[Iterator[Strand]]:
    """The stretches in order, read here or by other processes ahead of whoever joins them."""
    sizes = sorted(size for size, _, _ in told.signed)
    tasks: list[tuple[Any, ...]] = []
    for first in range(0, told.count, STRETCH):
        end = min(first + STRETCH, told.count)
        tasks.append((first, end, [size for size in sizes if first < size <= end], store, disclosures))
    if jobs <= 1 or len(tasks) <= 1:
        yield (_read(office, *task) for task in tasks)
        return
    with closing(_side_by_side(office, tasks, jobs)) as found:
        yield found


def _side_by_side(office: Office, tasks: Sequence[tuple[Any, ...]], jobs: int) -> Generator[Strand]:
    """The stretches in order. This process is one of those that read: each takes the next when it is done with one."""
    context = multiprocessing.get_context("spawn")  # this process has threads and connections, which a fork would break
    told = [Future[Strand]() for _ in tasks]
    left = deque(zip(told, tasks, strict=True))
    with ProcessPoolExecutor(
        jobs - 1, mp_context=context, initializer=_open, initargs=(office.settings, office.given_objects)
    ) as pool:

        def here(answer: Future[Strand], task: tuple[Any, ...]) -> None:
            _answer(answer, lambda: answer.set_result(_read(office, *task)))

        def give() -> None:
            with suppress(IndexError):
                answer, task = left.popleft()
                try:
                    pool.submit(_read_there, task).add_done_callback(partial(take, answer, task))
                except BrokenProcessPool:
                    here(answer, task)

        def take(answer: Future[Strand], task: tuple[Any, ...], done: Future[Strand]) -> None:
            if isinstance(done.exception(), BrokenProcessPool):  # the other was killed: this one goes on alone
                here(answer, task)
            else:
                _answer(answer, lambda: answer.set_result(done.result()))
            give()

        try:
            for _ in range(2 * (jobs - 1)):  # one to read and one at hand, since an answer takes its time to arrive
                give()
            while told:
                while left and not told[0].done():
                    with suppress(IndexError):  # another was quicker
                        answer, task = left.popleft()
                        here(answer, task)
                yield told.pop(0).result()
        finally:
            left.clear()


def _answer(answer: Future[Strand], do: Callable[[], None]) -> None:
    """What goes wrong with a stretch is told in its turn: one before it may be wrong too."""
    try:
        do()
    except Exception as trouble:  # noqa: BLE001 -- it is raised where the answer is read
        answer.set_exception(trouble)


_there: list[Office] = []  # the office of a process that reads stretches


def _open(settings: Settings, objects: Objects | None) -> None:
    _there.append(Office(settings, objects=objects))


def _read_there(task: tuple[Any, ...]) -> Strand:
    return _read(_there[0], *task)


def _read(office: Office, first: int, end: int, sizes: list[int], store: int, disclosures: bool) -> Strand:
    return strands.read(office, first, end, sizes, store, disclosures=disclosures)


def _join(chains: dict[str, Chain], strand: Strand) -> None:
    for stream, chain in strand.chains.items():
        before = chains.get(stream)
        seq, head = (before.last, before.head) if before else (0, "")
        if chain.first != seq + 1:
            raise BrokenTrail(stream=stream, seq=seq + 1, why="gap")
        if chain.previous != head:
            raise BrokenTrail(stream=stream, seq=chain.first, why="unlinked")
        chains[stream] = chain


def _hold(held: dict[str, Peaks], told: dict[str, bytes]) -> None:
    for key, raw in told.items():
        peaks = held.get(key)
        if peaks is None:
            peaks = held[key] = Peaks()
        peaks.extend([raw[at : at + HASH_BYTES] for at in range(0, len(raw), HASH_BYTES)])


def _same_map(held: dict[str, Peaks], place: int, root: str) -> None:
    drawn = KeyMap((bytes.fromhex(key), value_of(peaks.size, peaks.root())) for key, peaks in held.items())
    if drawn.root().hex() != root:
        raise BrokenTrail(stream="log", seq=place, why="map")
