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
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing import get_context
from queue import Queue
from typing import Any, ClassVar, TypeVar
from uuid import UUID, uuid4

from sqlalchemy import Column, Engine, Index, LargeBinary, bindparam, insert, select, text
from sqlalchemy.orm import registry
from sqlalchemy.orm.attributes import set_attribute
from sqlmodel import Field, SQLModel, col

from benchmarks.long_trail import CASES_OF_A_CONTEST, PACK
from schemas.base import JSON_TYPE, Recorded, UtcDateTime, new_id, word
from schemas.customer import Role
from schemas.event import Act
from schemas.programme import Problem, ProblemStatus
from storage import questions
from storage.canonical import dumped
from storage.canonical import plain as in_profile
from storage.engine import writing
from storage.ledger import Actor, Because, Placed, noun, settled
from storage.many import put
from storage.work import Work, working
from storage.work import _check_length as check_length
from storage.work import _differences as differences
from storage.work import _flush_some as flush_some

R = TypeVar("R", bound=Recorded)
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

    def new(self, row: R, *, stream: UUID, tenant: UUID | None = None) -> R:
        row.event_id = stream  # it rests on none
        return super().new(row, stream=stream, tenant=tenant)

    def _with_head(self, model: type[R], identity: UUID) -> list[R]:
        return list(self.session.scalars(questions.held(model, questions.ONE), {"id": identity}))

    def record(
        self,
        act: Act,
        subject: Placed,
        *,
        because: Because,
        files: Iterable[str] = (),
        forget: bool = False,  # noqa: ARG002 -- an audit row keeps whatever stood there
    ) -> UUID:
        """As `Work.record`, with an audit row in the place of the event."""
        rows = [row for row in self._touched() if row.stream_id == subject.stream_id]
        changes = [(row, name, old, new) for row in rows for name, old, new in differences(row)]
        for row, name, _, value in changes:
            check_length(row, name, value)
        new = self._told(act, subject, subject.stream_id, changes, because, files)
        told = {row.id for row, *_ in changes}
        rows = [row for row in rows if row.id in told]
        for row in rows:
            set_attribute(row, "version", row.version + 1)
        self._flush(rows, subject)
        return new

    def tell(self, act: Act, row: PlainCase, *, because: Because) -> None:
        """The same for a row that is none of the product's."""
        changes = [(row, name, old, new) for name, old, new in differences(row)]  # type: ignore[arg-type]
        self._told(act, row, row.id, changes, because, ())
        row.version += 1
        flush_some(self.session, [row])  # type: ignore[list-item]

    def _told(
        self,
        act: Act,
        subject: Any,
        case: UUID,
        changes: Sequence[tuple[Any, str, Any, Any]],
        because: Because,
        files: Iterable[str],
    ) -> UUID:
        """One audit row for what changed, by the same short ways as an event."""
        new, by = new_id(), self.by
        body = dumped(
            {
                "v": 1,
                "id": str(new),
                "case": str(case),
                "act": act.value,
                "at": in_profile(self.at),
                "actor": str(by.id),
                "role": by.role.value,
                "noun": noun(subject),
                "subject": str(subject.id),
                "rule": because.rule,
                "pack": because.pack,
                "reason": because.reason or None,
                "facts": settled(because.facts),
                "run": by.run_id,
                "changes": [
                    {"noun": noun(row), "id": str(row.id), "field": name, "old": settled(old), "new": settled(value)}
                    for row, name, old, value in changes
                ],
                "files": sorted(set(files)),
            }
        )
        told: dict[str, Any] = {
            "id": new,
            "tenant_id": by.tenant_id,
            "case_id": case,
            "act": act,
            "at": self.at,
            "actor_id": by.id,
            "role": by.role,
            "noun": noun(subject),
            "subject_id": subject.id,
            "rule": because.rule,
            "pack": because.pack,
            "body": body,
            "hash": "",
        }
        if self.chained:
            chain = self.session.scalars(_CHAIN).one()
            chain.head = told["hash"] = hashlib.sha256(chain.head.encode() + body).hexdigest()
        put(self.session, _AUDIT, [told])
        return new


@contextmanager
def plainly(engine: Engine, by: Actor, at: datetime, *, chained: bool = False) -> Iterator[PlainWork]:
    with writing(engine) as session:
        session.autoflush = False
        work = PlainWork(session, by, at)
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
    with plainly(engine, CLERK, _now(), chained=chained) as work:
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


Hand = Callable[[int], Callable[[], bool]]
"""What writer number so-and-so does: a transaction each call, until it says False."""


def hands(engine: Callable[[], Engine], mode: str, cases: list[UUID], load: Load, *, writers: int) -> Hand:
    """Each of so many writers changes cases of its own; `engine` is asked for by each."""
    each, do = len(cases) // writers, MODES[mode]

    def hand(number: int) -> Callable[[], bool]:
        mine, here, rng = cases[number * each : (number + 1) * each], engine(), random.Random(number)  # noqa: S311 -- no secret

        def change() -> bool:
            do(here, rng.choice(mine), load)
            return True

        return change

    return hand


def by_processes(hand: Hand, *, writers: int, seconds: float) -> float:
    """Transactions a second of so many processes, each with its own connection."""
    fork = get_context("fork")
    ready, told = fork.Barrier(writers + 1), fork.Queue()
    processes = [fork.Process(target=_writer, args=(hand, n, seconds, ready, told)) for n in range(writers)]
    for one in processes:
        one.start()
    ready.wait()
    counts = [told.get() for _ in processes]
    for one in processes:
        one.join()
    return sum(count / took for count, took in counts)


def _writer(hand: Hand, number: int, seconds: float, ready: Any, told: Any) -> None:
    do = hand(number)
    for _ in range(5):
        do()
    ready.wait()
    began, count = time.monotonic(), 0
    while (took := time.monotonic() - began) < seconds and do():
        count += 1
    told.put((count, took))


def by_queue(hand: Hand, *, writers: int, seconds: float) -> float:
    """Transactions a second of so many threads that hand theirs to one that writes (SQLite lets one write at a time)."""
    asked: Queue[tuple[Callable[[], bool], Queue[bool]] | None] = Queue()

    def write() -> None:
        while (one := asked.get()) is not None:
            one[1].put(one[0]())

    counts = [0] * writers
    until = time.monotonic() + seconds

    def ask(number: int) -> None:
        do, done = hand(number), Queue[bool]()
        while time.monotonic() < until:
            asked.put((do, done))
            if not done.get():
                return
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
