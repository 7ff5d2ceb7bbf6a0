"""An errand is one worker's at a time, is done once, and becomes a person's when it will not be done."""

from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import Engine, select

from schemas.errors import Overtaken
from schemas.outbox import Errand, Job, JobState
from schemas.programme import Problem
from storage import outbox
from storage.engine import connect, reading
from storage.work import working
from tests.storage.makers import CLERK, NOW, SYSTEM, in_processes, problem, proposed

LEASE = timedelta(minutes=5)


@pytest.fixture
def row(engine: Engine) -> Problem:
    return errands(engine, 1)


def errands(engine: Engine, count: int) -> Problem:
    with working(engine, CLERK, NOW) as work:
        told = proposed(work, None, problem())
        for number in range(count):
            work.errand(Errand.INSPECT, told, str(number))
        return told


def claim(engine: Engine, now: datetime = NOW, *, limit: int = 10) -> list[Job]:
    return outbox.claim(engine, [Errand.INSPECT], limit=limit, lease=LEASE, now=now, run_id="run")


def job_of(engine: Engine) -> Job:
    with reading(engine) as session:
        return session.scalars(select(Job)).one()


def take(database: str, folder: str) -> None:
    """One worker process: two at a time until nothing waits."""
    engine = connect(database)
    while jobs := claim(engine, limit=2):
        for job in jobs:
            with (Path(folder) / job.key.replace(":", "-")).open("a") as note:
                note.write("taken\n")
    engine.dispose()


def test_two_processes_never_take_the_same(database: str, engine: Engine, tmp_path: Path):
    errands(engine, 30)
    engine.dispose()
    folder = tmp_path / "taken"
    folder.mkdir()
    processes = in_processes(2, take, database, str(folder))
    for process in processes:
        process.join(60)

    assert [process.exitcode for process in processes] == [0, 0]
    assert [note.read_text() for note in folder.iterdir()] == ["taken\n"] * 30


def test_what_is_not_due_is_not_taken(engine: Engine):
    with working(engine, CLERK, NOW) as work:
        work.errand(Errand.INSPECT, proposed(work, None, problem()), "later", not_before=NOW + LEASE)
    assert claim(engine) == []
    assert len(claim(engine, NOW + LEASE)) == 1


def test_a_lease_that_ran_out_returns_and_one_that_runs_does_not(engine: Engine, row: Problem):
    claim(engine)
    assert outbox.reconcile(engine, now=NOW + LEASE, attempts=5) == 0
    assert outbox.reconcile(engine, now=NOW + LEASE + timedelta(microseconds=1), attempts=5) == 1
    assert (job_of(engine).state, job_of(engine).trouble) == (JobState.WAITING, "lease")
    assert [one.attempts for one in claim(engine)] == [2]


def test_an_errand_that_kills_its_worker_each_time_becomes_a_persons(engine: Engine, row: Problem):
    later = NOW
    for _ in range(3):
        assert len(claim(engine, later)) == 1
        later += LEASE * 2
        assert outbox.reconcile(engine, now=later, attempts=3) == 1
    assert job_of(engine).state is JobState.FOR_A_PERSON
    assert claim(engine, later) == []


@pytest.mark.parametrize("lost", ["by the clock", "after a person sent it on"])
def test_whoever_lost_his_lease_has_no_effect(engine: Engine, row: Problem, lost: str):
    [mine] = claim(engine)
    later = NOW + LEASE * 2
    outbox.reconcile(engine, now=later, attempts=1 if "person" in lost else 5)
    if "person" in lost:
        outbox.again(engine, mine.id, now=later)
    [theirs] = claim(engine, later)

    with pytest.raises(Overtaken), working(engine, SYSTEM, later) as work:
        proposed(work, None, problem("экинчи жолу"))
        work.finish(mine)
    assert not outbox.fail(engine, mine, trouble="Late", now=later, again=None, attempts=1)

    assert (job_of(engine).state, job_of(engine).trouble) == (JobState.HELD, "lease")
    with working(engine, SYSTEM, later) as work:
        assert len(work.all(Problem)) == 1
        work.finish(theirs)
    assert job_of(engine).state is JobState.DONE
    with pytest.raises(Overtaken), working(engine, SYSTEM, later) as work:
        work.finish(theirs)


def test_a_failed_errand_waits_and_after_some_tries_is_a_persons_until_he_sends_it_on(engine: Engine, row: Problem):
    now, pause = NOW, timedelta(seconds=2)
    for attempt in (1, 2, 3):
        [job] = claim(engine, now)
        assert job.attempts == attempt
        over = outbox.fail(engine, job, trouble="StoreDown\0" * 90, now=now, again=pause, attempts=3)
        assert over is (attempt == 3)
        assert claim(engine, now) == []
        now += pause
    assert claim(engine, now) == []
    assert outbox.waiting(engine) == {(Errand.INSPECT, JobState.FOR_A_PERSON): 1}
    assert len(job_of(engine).trouble) == 200

    outbox.again(engine, job.id, now=now)
    outbox.again(engine, UUID(int=0), now=now)  # nothing of that name: nothing happens
    assert [one.attempts for one in claim(engine, now)] == [1]


def test_what_the_rules_refuse_is_a_persons_at_once(engine: Engine, row: Problem):
    [job] = claim(engine)
    assert outbox.fail(engine, job, trouble="NotAllowed", now=NOW, again=None, attempts=5)
    assert job_of(engine).state is JobState.FOR_A_PERSON


def test_what_is_done_is_not_sent_on_again(engine: Engine, row: Problem):
    [job] = claim(engine)
    with working(engine, SYSTEM, NOW) as work:
        work.finish(job)
    outbox.again(engine, job.id, now=NOW)
    assert (job_of(engine).state, outbox.waiting(engine)) == (JobState.DONE, {})
