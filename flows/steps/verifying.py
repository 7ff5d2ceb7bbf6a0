"""Everything that was ever recorded, read anew: chains, places, keys, the map, what was signed, and the store's tiles.

The log is read in stretches of 65,536 leaves, by several processes if asked, and then the last ones are ever shorter; what
they tell is joined in order (`flows.steps.joining`).
"""

import multiprocessing
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import partial

from sqlalchemy import QueuePool, func, select
from sqlmodel import Session, col

from flows.office import Office
from flows.steps import logkey, strands
from flows.steps.joining import Joined
from flows.steps.rereading import Strand
from flows.steps.sequencer import leaves_of
from flows.steps.strands import SHORTEST, STRETCH
from schemas.errors import BrokenTrail, NotFound
from schemas.event import Checkpoint, Event, KeyRange, Leaf, Stream
from schemas.settings import Settings
from services import child
from storage import policy
from storage.objects import Objects
from storage.work import Look, looking

_Names = Mapping[str, tuple[str, ...]]  # keys of each stream, as `strands.names` has them
_Task = tuple[int, int, list[int], int, bool]  # of one stretch: what `_read` takes behind these
_READERS = 8  # threads that read checkpoints
_AT_ONCE = 256  # checkpoints that are asked for before the first of them is looked at
_TURN = 0.0005  # seconds: an answer of another process arrives in pieces, and each waits for its turn here


@dataclass
class _Told:
    """What the database says in one snapshot; what comes later is not looked at."""

    count: int  # leaves
    events: int
    streams: dict[str, tuple[int, str]]  # by key: number and hash of each stream's newest event
    signed: list[tuple[int, str, str]]  # size, root, note; oldest first
    waiting: Strand  # events without a place
    names: _Names
    ranges: dict[str, tuple[int, bytes]] | None  # what each key holds, if that is told of all leaves


def verify_all(office: Office, *, jobs: int = 1, disclosures: bool = True, tiles: bool = True) -> tuple[int, int]:
    """Every stream's chain, gap and head, the log's leaves, the map, what was signed, and all of it in the store.

    Without `disclosures` personal values are left aside, without `tiles` those of the store. Returns (streams, events).
    Raises BrokenTrail at the first that is wrong.
    """
    with _others(office, jobs) as pool:  # they start while rows are counted here
        return _verified(office, pool, jobs, disclosures=disclosures, tiles=tiles)


def _verified(
    office: Office, pool: ProcessPoolExecutor | None, jobs: int, *, disclosures: bool, tiles: bool
) -> tuple[int, int]:
    # before the rows, which have it all then: the notary goes on meanwhile
    listed = list(policy.sizes(office.objects))
    store = max(listed, default=0) if tiles else 0
    with ExitStack() as snapshot:
        look = snapshot.enter_context(looking(office.engine, office.system))
        told = _told(look)
        tasks = _tasks(told, listed, store, jobs if pool else 1, disclosures=disclosures)
        joined = Joined(told.count, told.signed)
        with _stretches(office, told.names, tasks, pool, jobs, joined.grow) as found:
            _all_placed(look, told)  # while the others begin to read
            snapshot.close()
            _same_signed(office, told, listed)
            for strand in found:
                joined.add(strand)
    strands.upper(office, joined.groups, store)
    _erased_since(office, told, joined.end(told.waiting, told.streams))
    if told.ranges is not None:
        joined.same_ranges(told.ranges)
    if joined.read != told.events:  # one that nobody read may say anything
        raise BrokenTrail(stream="log", seq=told.count, why="unplaced")
    return len(told.streams), joined.read + joined.lost


def _told(look: Look) -> _Told:
    count = leaves_of(look.session)
    connection, waiting = look.session.connection(), Strand(0, 0)
    dialect = connection.dialect.name
    names = strands.names(connection)
    reading = strands.reading(waiting, names, dialect)
    reading.take(strands.rows(connection, strands.waiting(dialect)))
    reading.close()
    streams = look.session.execute(select(col(Stream.key), col(Stream.seq), col(Stream.head)))
    found = {one.key: (one.seq, one.head) for one in streams}
    signed = look.session.execute(
        select(col(Checkpoint.size), col(Checkpoint.root), col(Checkpoint.note)).order_by(col(Checkpoint.size))
    ).all()
    for one in signed:
        if type(one.size) is not int:  # SQLite keeps whatever it is given
            raise BrokenTrail(stream="log", seq=one.size, why="store")
    ranges = None
    if signed and signed[-1].size == count:
        rows = look.session.execute(select(col(KeyRange.key), col(KeyRange.count), col(KeyRange.peaks)))
        ranges = {key: (held, bytes(peaks)) for key, held, peaks in rows}
    return _Told(count, 0, found, [(one.size, one.root, one.note) for one in signed], waiting, names, ranges)


def _all_placed(look: Look, told: _Told) -> None:
    """Raises BrokenTrail where an event neither has a place nor waits for one."""
    told.events = _events(look.session)
    if told.events != _placed(look.session) + told.waiting.events:
        raise BrokenTrail(stream="log", seq=told.count, why="unplaced")


def _events(session: Session) -> int:
    return session.scalar(select(func.count(col(Event.id)))) or 0


def _placed(session: Session) -> int:
    return session.scalar(select(func.count(col(Leaf.event_id)))) or 0


def _same_signed(office: Office, told: _Told, listed: Sequence[int]) -> None:
    """Raises BrokenTrail where the store and the database disagree on what was signed; the store listed these sizes before.

    What the database has not noted is added to what it told.
    """
    noted = {size: (root, note) for size, root, note in told.signed}
    keys = None
    for size, note in _notes(office.objects, sorted({*listed, *noted}, reverse=True)):
        if note is None:
            raise BrokenTrail(stream="log", seq=size, why="store")
        keys = keys or logkey.policy_of(office)
        head = keys.read(note)
        if head.size != size or size > told.count:
            raise BrokenTrail(stream="log", seq=size, why="fork" if head.size != size else "behind")
        if noted.get(size, (head.root.hex(), note)) != (head.root.hex(), note):
            raise BrokenTrail(stream="log", seq=size, why="checkpoint")
        if size not in noted:
            told.signed.append((size, head.root.hex(), note))  # its row was not written any more


def _notes(objects: Objects, sizes: Sequence[int]) -> Iterator[tuple[int, str | None]]:
    """The checkpoint of each size from the store, if it has one; many are on their way at once."""
    with ThreadPoolExecutor(_READERS) as crew:
        for at in range(0, len(sizes), _AT_ONCE):
            some = sizes[at : at + _AT_ONCE]
            yield from zip(some, crew.map(partial(_note, objects), some), strict=True)


def _note(objects: Objects, size: int) -> str | None:
    try:
        return policy.note_of(objects, size)
    except NotFound:
        return None


def _tasks(told: _Told, listed: Sequence[int], store: int, jobs: int, *, disclosures: bool) -> list[_Task]:
    """What is read, in order: the last stretches are ever shorter where several read."""
    sizes = sorted({*listed, *(size for size, _, _ in told.signed)})
    tasks, end = list[_Task](), 0
    while (first := end) < told.count:
        width = STRETCH
        while jobs > 1 and width > SHORTEST and told.count - first <= jobs * width:
            width //= 2
        end = min(first + width, told.count)
        tasks.append((first, end, [size for size in sizes if first < size <= end], store, disclosures))
    return tasks


def _erased_since(office: Office, told: _Told, gone: Sequence[tuple[str, int, set[str]]]) -> None:
    """Raises BrokenTrail where a value is gone that no event names, not even one that came meanwhile behind what was read."""
    named: dict[str, set[str]] = {}
    for stream, seq, digests in gone:
        if stream not in named:
            named[stream] = _named_since(office, told, stream)
        if digests - named[stream]:
            raise BrokenTrail(stream=stream, seq=seq, why="erased")


def _named_since(office: Office, told: _Told, stream: str) -> set[str]:
    """Digests that events of the stream behind its head say were erased. Raises BrokenTrail where these do not go on from it."""
    strand, dialect = Strand(0, 0), office.engine.dialect.name
    key = told.names[stream][0]
    last, head = told.streams[key]
    with looking(office.engine, office.system) as look:
        reading = strands.reading(strand, told.names, dialect)
        reading.take(strands.rows(look.session.connection(), strands.later(dialect), stream, last))
        reading.close()
    chain = strand.chains.get(key)
    if chain is not None and (chain.first, chain.previous) != (last + 1, head):
        raise BrokenTrail(stream=stream, seq=last + 1, why="unlinked")
    return strand.erased.get(stream, set())


@contextmanager
def _others(office: Office, jobs: int) -> Iterator[ProcessPoolExecutor | None]:
    """So many processes less one, on their way; None where this one reads alone."""
    with looking(office.engine, office.system) as look:
        count = leaves_of(look.session)
    if jobs <= 1 or count <= STRETCH:
        yield None
        return
    alone = _alone(office)
    context = multiprocessing.get_context("fork" if alone else "spawn")
    given = os.getpid(), office.settings, office.given_objects
    turn = sys.getswitchinterval()
    with ProcessPoolExecutor(jobs - 1, mp_context=context, initializer=_open, initargs=given) as pool:
        with suppress(BrokenProcessPool):  # this process goes on alone
            for _ in range(jobs - 1):
                pool.submit(_begun)  # or none would start before the first stretch
        try:
            sys.setswitchinterval(_TURN if alone else turn)  # other threads may have theirs
            yield pool
        finally:
            sys.setswitchinterval(turn)


def _alone(office: Office) -> bool:
    """Whether a fork breaks nothing of this process: it has no other thread, and then no connection any more.

    One begins in milliseconds; a new process reads all modules anew.
    """
    pool = office.engine.pool
    alone = threading.active_count() == 1 and isinstance(pool, QueuePool) and pool.checkedout() == 0
    alone = alone and office.given_objects is None  # whose connections two processes would share
    if alone:
        office.engine.dispose()
    return alone


@contextmanager
def _stretches(
    office: Office,
    names: _Names,
    tasks: Sequence[_Task],
    pool: ProcessPoolExecutor | None,
    jobs: int,
    meanwhile: Callable[[], None],
) -> Iterator[Iterator[Strand]]:
    """The stretches in order; others begin at once. This process is one of those that read: each takes the next when it is done with one.

    `meanwhile` is done where all are taken and one is not there yet.
    """
    told = [Future[Strand]() for _ in tasks]
    left = deque(zip(told, tasks, strict=True))

    def here(answer: Future[Strand], task: _Task) -> None:
        _answer(answer, lambda: answer.set_result(_read(office, names, *task)))

    def give(pool: ProcessPoolExecutor) -> None:
        with suppress(IndexError):
            answer, task = left.popleft()
            try:
                pool.submit(_read_there, task).add_done_callback(partial(take, pool, answer, task))
            except BrokenProcessPool:
                here(answer, task)

    def take(pool: ProcessPoolExecutor, answer: Future[Strand], task: _Task, done: Future[Strand]) -> None:
        if isinstance(done.exception(), BrokenProcessPool):  # the other was killed: this one goes on alone
            here(answer, task)
        else:
            _answer(answer, lambda: answer.set_result(done.result()))
        give(pool)

    def found() -> Iterator[Strand]:
        while told:
            while left and not told[0].done():
                with suppress(IndexError):  # another was quicker
                    answer, task = left.popleft()
                    here(answer, task)
            if not told[0].done():
                meanwhile()
            yield told.pop(0).result()

    try:
        if pool is not None:
            for _ in range(2 * (jobs - 1)):  # one to read and one at hand, since an answer takes its time to arrive
                give(pool)
        yield found()
    finally:
        left.clear()


def _answer(answer: Future[Strand], do: Callable[[], None]) -> None:
    """What goes wrong with a stretch is told in its turn: one before it may be wrong too."""
    try:
        do()
    except Exception as trouble:  # noqa: BLE001 -- it is raised where the answer is read
        answer.set_exception(trouble)


_there: list[Office] = []  # what a process that reads stretches has at hand
_known: list[_Names] = []


def _open(parent: int, settings: Settings, objects: Objects | None) -> None:
    child.bind(parent, signal.SIGKILL)
    _there.append(Office(settings, objects=objects))


def _begun() -> None: ...


def _read_there(task: _Task) -> Strand:
    office = _there[0]
    if not _known:  # not before there is a task: a stream may have begun until then
        with office.engine.connect().execution_options(reads=True) as connection:
            _known.append(strands.names(connection))
    return _read(office, _known[0], *task)


def _read(
    office: Office, names: _Names, first: int, end: int, sizes: Sequence[int], store: int, disclosures: bool
) -> Strand:
    return strands.read(office, names, first, end, sizes, store, disclosures=disclosures)
