"""Rows of two customers, and the acts that write them; only what matters is said at each use."""

from collections.abc import Callable
from datetime import UTC, datetime
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from threading import Thread
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Engine

from schemas.customer import Person, Role
from schemas.event import Act
from schemas.programme import Problem
from storage.ledger import Actor, Because
from storage.work import Work, working

NOW = datetime(2018, 6, 29, 5, 0, tzinfo=UTC)
TENANT, OTHER = UUID(int=1), UUID(int=2)
CLERK = Actor(UUID(int=11), Role.COORDINATOR, TENANT)
STRANGER = Actor(UUID(int=22), Role.COORDINATOR, OTHER)
SYSTEM = Actor(UUID(int=0), Role.SYSTEM, None)
REASON = Because(reason="калктын сунушу")


def problem(name: str = "Таштанды") -> Problem:
    return Problem(title={"ky": name, "ru": "Мусор", "en": "Rubbish"}, description={"ky": name}, numbers="7 тонна")


def person(**told: Any) -> Person:
    return Person(**{"login": f"login-{uuid4().hex[:8]}", "name": "Исакова Гүлзат", **told})


def propose(engine: Engine, stream: UUID | None = None, *, by: Actor = CLERK, row: Any = None) -> Any:
    """A row with its event, in a new stream unless one is given."""
    with working(engine, by, NOW) as work:
        return proposed(work, stream, row or problem())


def proposed(work: Work, stream: UUID | None, row: Any) -> Any:
    if stream is None:
        stream = uuid4()
        work.open_stream(stream, work.by.tenant_id or TENANT, "case")
    work.new(row, stream=stream, tenant=work.by.tenant_id or TENANT)
    work.record(Act.PROBLEM_PROPOSE, row, because=REASON)
    return row


def prioritise(engine: Engine, row: Problem, priority: int, *, by: Actor = CLERK) -> UUID:
    """One more event of a problem."""
    with working(engine, by, NOW) as work:
        work.get(Problem, row.id).priority = priority
        return work.record(Act.PROBLEM_PRIORITISE, work.get(Problem, row.id), because=REASON)


def in_threads(count: int, task: Callable[[int], None]) -> list[Exception]:
    """Run the task in so many threads at once; what they raised."""
    raised: list[Exception] = []

    def one(number: int) -> None:
        try:
            task(number)
        except Exception as trouble:  # noqa: BLE001 -- the test looks at them
            raised.append(trouble)

    threads = [Thread(target=one, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return raised


def in_processes(count: int, task: Callable[..., None], *arguments: Any) -> list[BaseProcess]:
    """Start so many processes at once; they share no connection with this one."""
    processes = [get_context("fork").Process(target=task, args=arguments) for _ in range(count)]
    for process in processes:
        process.start()
    return processes
