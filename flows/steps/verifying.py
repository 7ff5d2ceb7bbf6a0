"""Everything that was ever recorded, read anew: chains, places, keys, the map, what was signed, and the store's tiles.

The log is read in stretches of 65,536 leaves, by several processes if asked, and then the last ones are shorter; what they
found is joined here in order. Memory grows with the number of streams, not of events. Of the map's heads, each must stand
where it says; their roots are reckoned anew at the last one, and at one in every million leaves before.
"""

import multiprocessing
from collections import defaultdict, deque
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from functools import partial

from sqlalchemy import func, select
from sqlmodel import Session, col

from flows.office import Office
from flows.steps import logkey, strands
from flows.steps.rereading import Chain, Leaves, Strand, parted
from flows.steps.sequencer import leaves_of
from flows.steps.strands import SHORTEST, STRETCH
from schemas.errors import BrokenTrail
from schemas.event import Checkpoint, Event, Leaf, Stream
from schemas.settings import Settings
from storage import policy
from storage.keymap import KeyMap, value_of
from storage.objects import Objects
from storage.tiles import rooted
from storage.tree import Peaks
from storage.work import looking

MAPS_EVERY = 16 * STRETCH  # leaves between two heads of the map that are reckoned anew
_Names = Mapping[str, tuple[str, ...]]  # keys of each stream, as `strands.names` has them
_Task = tuple[int, int, list[int], int, bool]  # of one stretch: what `_read` takes behind these
AT_HAND = 4 * STRETCH  # leaves that wait to be added to the trees of their keys: many at once cost half


@dataclass
class _Told:
    """What the database says in one snapshot; what comes later is not looked at."""

    count: int  # leaves
    streams: dict[str, tuple[int, str]]  # by key: number and hash of each stream's newest event
    signed: list[tuple[int, str, str]]  # size, root, note; oldest first
    waiting: Strand  # events without a place
    names: _Names


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
    told = _told(office)
    signed = _in_store(office, told)
    store = signed if tiles else 0
    before = Peaks()  # of full groups
    chains: dict[str, Chain] = {}
    held = _Held()
    groups: list[bytes] = []
    missing: list[tuple[str, int, set[str]]] = []
    erased: dict[str, set[str]] = {}
    _said(erased, told.waiting.erased)
    seen = mapped = 0
    tasks = _tasks(told, store, jobs if pool else 1, disclosures=disclosures)
    with closing(_stretches(office, told.names, tasks, pool, jobs, held.grow)) as found:
        for strand in found:
            end = strand.first + strand.count
            for size, root, _ in told.signed:
                if strand.first < size <= end and rooted([*before.peaks, *strand.peaks[size]]).hex() != root:
                    raise BrokenTrail(stream="log", seq=size, why="checkpoint")
            _join(chains, strand)
            held.add(strand.held)
            place, said = strand.head or (-1, "")
            if end == told.count and place != end - 1:  # each batch ends with one
                raise BrokenTrail(stream="log", seq=end - 1, why="map")
            if strand.head and (end == told.count or end - mapped >= MAPS_EVERY):
                held.same_map(place, said)
                mapped = end
            held.add(strand.after)
            groups += strand.nodes
            before.extend(strand.nodes)
            seen += strand.events + strand.lost
            missing += strand.missing
            _said(erased, strand.erased)
    strands.upper(office, groups, store)
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
        names = strands.names(connection)
        reading = strands.reading(waiting, names, dialect)
        reading.take(strands.rows(connection, strands.events(dialect, waiting=True)))
        reading.close()
        streams = look.session.execute(select(col(Stream.key), col(Stream.seq), col(Stream.head)))
        found = {one.key: (one.seq, one.head) for one in streams}
        signed = look.session.execute(
            select(col(Checkpoint.size), col(Checkpoint.root), col(Checkpoint.note)).order_by(col(Checkpoint.size))
        ).all()
        if _events(look.session) != _placed(look.session) + waiting.events:
            raise BrokenTrail(stream="log", seq=count, why="unplaced")
    return _Told(count, found, [(one.size, one.root, one.note) for one in signed], waiting, names)


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


def _tasks(told: _Told, store: int, jobs: int, *, disclosures: bool) -> list[_Task]:
    """What is read, in order: the last stretches are shorter where several read."""
    sizes = sorted({size for size, _, _ in told.signed})
    tasks, end = list[_Task](), 0
    while (first := end) < told.count:
        alone = jobs <= 1 or told.count - first > jobs * STRETCH
        end = min(first + (STRETCH if alone else SHORTEST), told.count)
        tasks.append((first, end, [size for size in sizes if first < size <= end], store, disclosures))
    return tasks


@contextmanager
def _others(office: Office, jobs: int) -> Iterator[ProcessPoolExecutor | None]:
    """So many processes less one, on their way; None where this one reads alone."""
    with looking(office.engine, office.system) as look:
        count = leaves_of(look.session)
    if jobs <= 1 or count <= STRETCH:
        yield None
        return
    context = multiprocessing.get_context("spawn")  # this process has threads and connections, which a fork would break
    given = office.settings, office.given_objects
    with ProcessPoolExecutor(jobs - 1, mp_context=context, initializer=_open, initargs=given) as pool:
        with suppress(BrokenProcessPool):  # this process goes on alone
            for _ in range(jobs - 1):
                pool.submit(_begun)  # or none would start before the first stretch
        yield pool


def _stretches(
    office: Office,
    names: _Names,
    tasks: Sequence[_Task],
    pool: ProcessPoolExecutor | None,
    jobs: int,
    meanwhile: Callable[[], None],
) -> Generator[Strand]:
    """The stretches in order. This process is one of those that read: each takes the next when it is done with one.

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

    try:
        if pool is not None:
            for _ in range(2 * (jobs - 1)):  # one to read and one at hand, since an answer takes its time to arrive
                give(pool)
        while told:
            while left and not told[0].done():
                with suppress(IndexError):  # another was quicker
                    answer, task = left.popleft()
                    here(answer, task)
            if not told[0].done():
                meanwhile()
            yield told.pop(0).result()
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


def _open(settings: Settings, objects: Objects | None) -> None:
    _there.append(Office(settings, objects=objects))


def _begun() -> None: ...


def _read_there(task: _Task) -> Strand:
    office = _there[0]
    if not _known:  # not before there is a task: a stream may have begun until then
        with office.engine.connect().execution_options(reads=True) as connection:
            _known.append(strands.names(connection))
    return _read(office, _known[0], *task).packed()


def _read(
    office: Office, names: _Names, first: int, end: int, sizes: Sequence[int], store: int, disclosures: bool
) -> Strand:
    return strands.read(office, names, first, end, sizes, store, disclosures=disclosures)


def _join(chains: dict[str, Chain], strand: Strand) -> None:
    for stream, chain in strand.chains.items():
        before = chains.get(stream)
        seq, head = (before.last, before.head) if before else (0, "")
        if chain.first != seq + 1:
            raise BrokenTrail(stream=stream, seq=seq + 1, why="gap")
        if chain.previous != head:
            raise BrokenTrail(stream=stream, seq=chain.first, why="unlinked")
        chains[stream] = chain


class _Held:
    """The tree of each key over its leaves, as far as the log was read."""

    def __init__(self) -> None:
        self._trees: defaultdict[str, Peaks] = defaultdict(Peaks)
        self._waiting: defaultdict[str, list[bytes]] = defaultdict(list)  # leaves that are not in these yet
        self._count = 0

    def add(self, told: Mapping[str, Leaves]) -> None:
        """These leaves are the next ones of their keys."""
        for key, those in told.items():
            leaves = parted(those)
            self._waiting[key] += leaves
            self._count += len(leaves)
        if self._count >= AT_HAND:
            self.grow()

    def grow(self) -> None:
        """Add what waits to the trees."""
        for key, leaves in self._waiting.items():
            self._trees[key].extend(leaves)
        self._waiting.clear()
        self._count = 0

    def same_map(self, place: int, root: str) -> None:
        """Raises BrokenTrail where the map over these is not what its head at that place says."""
        self.grow()
        drawn = KeyMap((bytes.fromhex(key), value_of(one.size, one.root())) for key, one in self._trees.items())
        if drawn.root().hex() != root:
            raise BrokenTrail(stream="log", seq=place, why="map")
