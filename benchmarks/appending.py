"""What the trail costs whoever writes: our events against a plain audit row, and against one chain for all.

The same change each time, a row of a case of its own, in the same unit of work: read and held, changed, compared with what it
was, written with what tells of it, committed. `plain` writes an audit row with the same body and with indexes that answer the same
questions, without hash, chain, ticket or guard; `global` adds one chain of hashes over all rows; `ours` is the unit of work as
every step uses it, with a notary beside it that seals, and by that has most indexes written. Each mode has tables of its own in
the same database, with as many audit rows as there are events.
"""

import hashlib
import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing import get_context
from queue import Queue
from typing import Any, ClassVar
from uuid import UUID, uuid4

from sqlalchemy import Column, Engine, Index, LargeBinary, bindparam, insert, select, text
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel, col

from benchmarks.long_trail import CASES_OF_A_CONTEST, PACK
from schemas.base import JSON_TYPE, UtcDateTime, new_id, word
from schemas.customer import Role
from schemas.event import Act
from schemas.programme import Problem, ProblemStatus
from storage.canonical import Plain, dumped
from storage.canonical import plain as in_profile
from storage.engine import connect, writing
from storage.ledger import Actor, Because, settled
from storage.many import put
from storage.work import Work, working
from storage.work import _differences as differences
from storage.work import _flush_some as flush_some

TENANT = UUID(int=1)
CLERK = Actor(UUID(int=11), Role.COORDINATOR, TENANT)
WORDS = {"ky": "Таштанды чогултуу", "ru": "Вывоз мусора", "en": "Rubbish"}
GROUND = Because(rule="priority", pack=PACK, facts={"places": 3, "of": 12})


def _now() -> datetime:
    """An act is of its moment: were all of one, whatever stands in the order of time would be written all over the place."""
    return datetime.now(UTC)


class _Plain(SQLModel, registry=registry()):
    """Tables that are none of the product's."""


class PlainCase(_Plain, table=True):
    """A row as it would be without the trail: what a `Problem` has, and nothing that rests on an event."""

    personal: ClassVar[frozenset[str]] = frozenset()

    id: UUID = Field(primary_key=True)
    tenant_id: UUID = Field(index=True)
    version: int = 0
    title: dict[str, Any] = Field(sa_type=JSON_TYPE)
    description: dict[str, Any] = Field(sa_type=JSON_TYPE)
    numbers: str = ""
    proposed_by: str = ""
    priority: int | None = None
    status: ProblemStatus = Field(default=ProblemStatus.PROPOSED, sa_type=word(ProblemStatus))  # with its check


class PlainAudit(_Plain, table=True):
    """An audit row as most systems write it; found by the same questions as an event."""

    __table_args__ = (
        Index("ix_plainaudit_a", "case_id", "at"),
        Index("ix_plainaudit_b", "tenant_id", "at"),
        Index("ix_plainaudit_c", "tenant_id", "actor_id", "at"),
        Index("ix_plainaudit_d", "tenant_id", "act", "at"),
        Index("ix_plainaudit_e", "tenant_id", "rule", "at"),
    )

    id: UUID = Field(primary_key=True)
    tenant_id: UUID
    case_id: UUID
    act: str
    at: datetime = Field(sa_type=UtcDateTime)
    actor_id: UUID
    role: str
    noun: str
    subject_id: UUID
    rule: str
    pack: str
    body: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    hash: str = ""


class PlainChain(_Plain, table=True):
    """The one head of a global chain."""

    id: int = Field(primary_key=True)
    head: str = ""


_FILL = text(
    "INSERT INTO plainaudit (id, tenant_id, case_id, act, at, actor_id, role, noun, subject_id, rule, pack, body, hash) "
    "SELECT id, tenant_id, stream_id, act, at, actor_id, actor_role, noun, subject_id, rule, pack, body, '' FROM event"
)
_HELD = select(PlainCase).where(col(PlainCase.id) == bindparam("id")).with_for_update(key_share=True)
_AUDIT = _Plain.metadata.tables["plainaudit"]
_CHAIN = select(PlainChain).with_for_update().execution_options(populate_existing=True)


class PlainWork(Work):
    """The unit of work with an audit row in the place of an event."""

    chained = False

    def held(self, case: UUID) -> PlainCase:
        return self.session.scalars(_HELD, {"id": case}).one()

    def tell(self, act: Act, row: PlainCase, *, because: Because) -> None:
        """As `record` does, by the same short ways: one audit row for what changed, and the row written."""
        new = new_id()
        changes: list[Plain] = [
            {"noun": "plaincase", "id": str(row.id), "field": name, "old": settled(old), "new": settled(new)}
            for name, old, new in differences(row)  # type: ignore[arg-type]
        ]
        body = dumped(
            {
                "v": 1,
                "id": str(new),
                "case": str(row.id),
                "act": act.value,
                "at": in_profile(self.at),
                "actor": str(self.by.id),
                "role": self.by.role.value,
                "noun": "plaincase",
                "subject": str(row.id),
                "rule": because.rule,
                "pack": because.pack,
                "reason": None,
                "facts": settled(because.facts),
                "run": "",
                "changes": changes,
                "files": [],
            }
        )
        told: dict[str, Any] = {
            "id": new,
            "tenant_id": TENANT,
            "case_id": row.id,
            "act": act,
            "at": self.at,
            "actor_id": self.by.id,
            "role": self.by.role,
            "noun": "plaincase",
            "subject_id": row.id,
            "rule": because.rule,
            "pack": because.pack,
            "body": body,
            "hash": "",
        }
        if self.chained:
            chain = self.session.scalars(_CHAIN).one()
            chain.head = told["hash"] = hashlib.sha256(chain.head.encode() + body).hexdigest()
        put(self.session, _AUDIT, [told])
        row.version += 1
        flush_some(self.session, [row])  # type: ignore[list-item]


@contextmanager
def plainly(engine: Engine, *, chained: bool) -> Iterator[PlainWork]:
    with writing(engine) as session:
        session.autoflush = False
        work = PlainWork(session, CLERK, _now())
        work.chained = chained
        yield work


@dataclass(frozen=True)
class Load:
    """Events in a transaction, and milliseconds of other work inside it."""

    events: int = 1
    other: int = 0


def prepared(engine: Engine, cases: int) -> list[UUID]:
    """So many cases more, of contests of fifty, in the product's tables and in plain ones under the same ids."""
    _Plain.metadata.create_all(engine)
    ids = [uuid4() for _ in range(cases)]
    for begin in range(0, cases, CASES_OF_A_CONTEST):
        with working(engine, CLERK, _now()) as work:
            contest = uuid4()
            work.open_stream(contest, TENANT, "contest", name=f"batken/more-{begin}")
            for one in ids[begin : begin + CASES_OF_A_CONTEST]:
                work.open_stream(one, TENANT, "case", name=str(one), under=contest)
                row = work.new(Problem(id=one, title=WORDS, description=WORDS, numbers="7"), stream=one)
                work.record(Act.PROBLEM_PROPOSE, row, because=GROUND)
    with writing(engine) as session:
        session.execute(insert(PlainChain), [{"id": 1, "head": ""}])
        row = {"tenant_id": TENANT, "version": 0, "title": WORDS, "description": WORDS, "numbers": "7", "priority": 0}
        session.execute(
            insert(PlainCase), [{"id": one, "proposed_by": "", "status": ProblemStatus.PROPOSED, **row} for one in ids]
        )
        session.execute(_FILL)
    return ids


def plain(engine: Engine, case: UUID, load: Load, *, chained: bool = False) -> None:
    """One transaction with plain audit rows; `chained`: each with the hash of the one before, whoever wrote it."""
    with plainly(engine, chained=chained) as work:
        row = work.held(case)
        for _ in range(load.events):
            row.priority = (row.priority or 0) + 1
            work.tell(Act.PROBLEM_PRIORITISE, row, because=GROUND)
        if load.other:
            time.sleep(load.other / 1000)


def chained(engine: Engine, case: UUID, load: Load) -> None:
    """One transaction with one chain for all."""
    plain(engine, case, load, chained=True)


def ours(engine: Engine, case: UUID, load: Load) -> None:
    """One transaction of the unit of work."""
    with working(engine, CLERK, _now()) as work:
        _change(work, case, load)


def _change(work: Work, case: UUID, load: Load) -> None:
    row = work.get(Problem, case)
    for _ in range(load.events):
        row.priority = (row.priority or 0) + 1
        work.record(Act.PROBLEM_PRIORITISE, row, because=GROUND)
    if load.other:
        time.sleep(load.other / 1000)


MODES: dict[str, Callable[[Engine, UUID, Load], None]] = {"plain": plain, "global": chained, "ours": ours}


def by_processes(url: str, mode: str, cases: list[UUID], load: Load, *, writers: int, seconds: float) -> float:
    """Transactions a second of so many processes, each with its own connection."""
    fork = get_context("fork")
    ready, told = fork.Barrier(writers + 1), fork.Queue()
    each = len(cases) // writers
    processes = [
        fork.Process(target=_writer, args=(url, mode, cases[n * each : (n + 1) * each], load, seconds, ready, told, n))
        for n in range(writers)
    ]
    for one in processes:
        one.start()
    ready.wait()
    counts = [told.get() for _ in processes]
    for one in processes:
        one.join()
    return sum(count / took for count, took in counts)


def _writer(
    url: str, mode: str, cases: list[UUID], load: Load, seconds: float, ready: Any, told: Any, seed: int
) -> None:
    engine, do, rng = connect(url), MODES[mode], random.Random(seed)  # noqa: S311 -- no secret
    for _ in range(5):
        do(engine, rng.choice(cases), load)
    ready.wait()
    began, count = time.monotonic(), 0
    while (took := time.monotonic() - began) < seconds:
        do(engine, rng.choice(cases), load)
        count += 1
    told.put((count, took))
    engine.dispose()


def by_queue(engine: Engine, mode: str, cases: list[UUID], load: Load, *, writers: int, seconds: float) -> float:
    """Transactions a second of so many threads that hand theirs to one that writes (SQLite lets one write at a time)."""
    asked: Queue[tuple[UUID, threading.Event] | None] = Queue()
    do = MODES[mode]

    def write() -> None:
        while (one := asked.get()) is not None:
            do(engine, one[0], load)
            one[1].set()

    counts = [0] * writers
    until = time.monotonic() + seconds

    def ask(number: int) -> None:
        rng = random.Random(number)  # noqa: S311 -- no secret
        while time.monotonic() < until:
            done = threading.Event()
            asked.put((rng.choice(cases), done))
            done.wait()
            counts[number] += 1

    writer = threading.Thread(target=write)
    writer.start()
    began = time.monotonic()
    askers = [threading.Thread(target=ask, args=(number,)) for number in range(writers)]
    for one in askers:
        one.start()
    for one in askers:
        one.join()
    took = time.monotonic() - began
    asked.put(None)
    writer.join()
    return sum(counts) / took
