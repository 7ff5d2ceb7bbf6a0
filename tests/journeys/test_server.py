"""The real services: a worker killed in the middle of a run, and what the next ones make of it."""

import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select
from sqlmodel import col

from flows.office import Office
from flows.steps import intake
from schemas.event import Act, Event
from schemas.facts import Kind
from schemas.outbox import Errand, Job
from schemas.settings import Settings, Store
from services import child, supervisor
from services.kick import kick
from services.records import State
from storage.engine import reading
from storage.work import looking
from tests.journeys.papers import Counter
from tests.journeys.picture import troubles
from tests.journeys.scenes import Play
from tests.runs import through

LEASE = 5  # seconds
PACKAGES = 30

pytestmark = pytest.mark.server


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    settings = Settings(home=tmp_path, store=Store.EMBEDDED, clock=tmp_path / "clock", lease_seconds=LEASE)
    supervisor.up(settings, detach=True)
    office = Office(settings)
    yield office
    office.close()
    supervisor.down(settings)


def worker_of(office: Office) -> int | None:
    told = {one.name: one for one in supervisor.status(office.settings)}
    return told["worker"].pid if told["worker"].state is State.HEALTHY else None


def inspected(office: Office) -> dict[UUID, int]:
    """How often each application was inspected."""
    with reading(office.engine) as session:
        counted = (
            select(col(Event.stream_id), func.count())
            .where(col(Event.act) == Act.APPLICATION_INSPECT)
            .group_by(col(Event.stream_id))
        )
        return dict(session.execute(counted).all())


def run(office: Office, flow: str) -> str | None:
    now = supervisor.running(office.settings)
    assert now is not None
    return through(now.prefect_api_url, flow)


def test_what_a_killed_worker_left_is_done_by_the_next_once_each(
    office: Office, counter: Counter, tmp_path: Path
) -> None:
    play = Play(office)
    play.prepare()
    letter = next(counter.package("taza-muun", only=(Kind.LETTER,)).path.iterdir())
    for number in range(PACKAGES):
        package = tmp_path / "packages" / str(number)
        package.mkdir(parents=True)
        package.joinpath("арыз.pdf").write_bytes(letter.read_bytes())
        package.joinpath("кат.txt").write_text(f"Арыз {number}")
        play.clock.set(counter.city.cutoff - timedelta(days=2))
        intake.hand_in(office, play.doer("secretary"), play.contest, package, sender=f"{number}@pochta.example")

    now, before = supervisor.running(office.settings), worker_of(office)
    assert now is not None
    assert before is not None
    for _ in range(2):
        assert kick(now.prefect_api_url, "intake", str(uuid4()), seconds=30) is not None
    assert child.until(lambda: len(inspected(office)) > 2, 90)
    for pid in child.family(before):
        with suppress(ProcessLookupError):  # a child that reads a package may just have ended
            os.kill(pid, signal.SIGKILL)
    left = PACKAGES - len(inspected(office))
    assert left > 0, "the worker was killed too late to leave anything"
    assert child.until(lambda: worker_of(office) not in (None, before), 120)

    with looking(office.engine, office.system) as look:
        leases = [one.lease_until for one in look.all(Job, errand=Errand.INSPECT) if one.lease_until]
    assert child.until(lambda: all(office.machine_now() > one for one in leases), LEASE + 5)
    # The dead runs held every place of the pool; the new worker has given them back.
    assert run(office, "housekeeping") == "Completed"
    assert run(office, "intake") == "Completed"

    assert sorted(inspected(office).values()) == [1] * PACKAGES
    assert troubles(office) == []
