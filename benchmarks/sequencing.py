"""How fast the sequencer drains what waits, when a commit is under a checkpoint, and how fast the whole log is verified."""

import time
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, select, text
from sqlmodel import col

from benchmarks.appending import CLERK, GROUND
from benchmarks.meter import ended
from flows.office import Office
from flows.steps import sealing, strands
from flows.steps.sequencer import NEWEST, Sequencer
from schemas.event import Act, Leaf
from schemas.programme import Problem
from schemas.settings import Settings
from storage import eventindex
from storage.ledger import skeleton
from storage.tree import Peaks, leaf_hash
from storage.work import looking, working

AT_ONCE = 5_000
ALIKE = 3  # verifications of each kind


def waiting(engine: Engine) -> int:
    """Events that have no place in the log yet."""
    with engine.connect() as connection:
        return int(connection.execute(text("SELECT count(*) FROM unsealed")).scalar_one())


class _Timed(Sequencer):
    """Knows when the last checkpoint was there, before tiles were locked."""

    signed = 0.0

    def _keep(self) -> None:
        self.signed = time.perf_counter()
        super()._keep()


def drained(office: Office) -> dict[str, float]:
    """All that waits goes into the log, from a sequencer's start on: how much that was, and CPU seconds here.

    Wall seconds until all of it is under a checkpoint, and until its tiles are locked and it is in the index of events too.
    """
    events = waiting(office.engine)
    began, cpu = time.perf_counter(), time.process_time()
    sequencer = _Timed(office)
    sequencer.drain()
    assert waiting(office.engine) == 0
    while not_indexed(office):
        sequencer.index()
    whole = time.perf_counter() - began
    return {"events": events, "wall": sequencer.signed - began, "whole": whole, "cpu": time.process_time() - cpu}


def not_indexed(office: Office) -> int:
    """Leaves that are not in the index of events yet."""
    with looking(office.engine, office.system) as look:
        return eventindex.waiting(look.session)


def until_signed(office: Office, cases: list[UUID]) -> list[float]:
    """Seconds from each of these commits, one after the other, until a checkpoint covers it; a notary must be running."""
    told = []
    for number, case in enumerate(cases):
        time.sleep(number % 10 / 9)  # not in step with the notary's seconds
        with working(office.engine, CLERK, office.now()) as work:
            row = work.get(Problem, case)
            row.priority = (row.priority or 0) + 1
            event_id = work.record(Act.PROBLEM_PRIORITISE, row, because=GROUND)
        committed = time.monotonic()
        while not _covered(office, event_id):
            time.sleep(0.02)
        told.append(time.monotonic() - committed)
    return told


def _covered(office: Office, event_id: UUID) -> bool:
    with looking(office.engine, office.system) as look:
        place = look.session.scalar(select(col(Leaf.position)).where(col(Leaf.event_id) == event_id))
        newest = look.session.scalars(NEWEST).first()
        return place is not None and newest is not None and place < newest.size


def bare(settings: Settings) -> dict[str, Any]:
    """The yardstick: CPU seconds to hash bodies, leaves and tree from memory, and those to read what is hashed."""
    office = Office(settings)
    statement = (
        "SELECT l.entry, e.body, e.seq, e.previous, e.stream_id FROM leaf l LEFT JOIN event e ON e.id = l.event_id"  # noqa: S608 -- text of ours
        + strands.between(office.engine.dialect.name)
    )
    hashing, reading, count, peaks = 0.0, 0.0, 0, Peaks()
    with office.engine.connect().execution_options(reads=True) as connection:
        keys = {UUID(one): told for one, told in strands.names(connection).items()}
        keys |= {one.hex: told for one, told in keys.items()}
        while True:
            began, begin = time.process_time(), count
            rows = strands.rows(connection, statement, begin, begin + AT_ONCE)
            reading += time.process_time() - began
            if not rows:
                office.close()
                return {"leaves": count, "hashing": hashing, "reading": reading}
            began = time.process_time()
            for entry, body, seq, previous, stream in rows:
                peaks.append(leaf_hash(entry or skeleton(body, keys[stream], seq, previous)))
            hashing += time.process_time() - began
            count += len(rows)


def reading(settings: Settings) -> dict[str, float]:
    """CPU seconds to read the rows that a verification reads, by the same statement, and do nothing with them."""
    office = Office(settings)
    statement, took, begin = strands.events(office.engine.dialect.name), 0.0, 0
    with office.engine.connect().execution_options(reads=True) as connection:
        while True:
            began = time.process_time()
            rows = strands.rows(connection, statement, begin, begin + strands.CHUNK)
            took += time.process_time() - began
            if not rows:
                office.close()
                return {"reading": took}
            begin += len(rows)


def verified(settings: Settings, jobs: int, whole: bool) -> dict[str, Any]:
    """A verification by so many processes: wall seconds, and CPU seconds of this process and its children.

    Of rows, bodies, chains, gaps, leaves, map, roots and checkpoints; `whole`: of personal values and the store's tiles too.
    """
    office = Office(settings)
    began, before = time.perf_counter(), time.process_time() + ended()
    streams, events = sealing.verify_all(office, jobs=jobs, disclosures=whole, tiles=whole)
    wall = time.perf_counter() - began
    office.close()
    return {"streams": streams, "events": events, "wall": wall, "cpu": time.process_time() + ended() - before}
