"""Errands: claimed with a lease, finished with their effect, handed to a person when tried too often."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Engine, func, select, update

from schemas.outbox import Errand, Job, JobState
from storage.engine import reading, writing


def claim(
    engine: Engine, errands: Sequence[Errand], *, limit: int, lease: timedelta, now: datetime, run_id: str = ""
) -> list[Job]:
    """Take up to `limit` waiting errands for `lease`. Two workers never get the same one."""
    with writing(engine) as session:
        jobs = list(
            session.scalars(
                select(Job)
                .where(Job.errand.in_(errands), Job.state == JobState.WAITING, Job.not_before <= now)
                .order_by(Job.created_at, Job.id)
                .limit(limit)
                .with_for_update(skip_locked=True)
            )
        )
        for job in jobs:
            job.state = JobState.HELD
            job.attempts += 1
            job.lease_until = now + lease
            job.run_id = run_id
    return jobs


def fail(engine: Engine, job: Job, *, trouble: str, now: datetime, again: timedelta | None, attempts: int) -> bool:
    """Put an errand back, or hand it to a person when `again` is None or it was tried `attempts` times. True if handed over."""
    over = again is None or job.attempts >= attempts
    with writing(engine) as session:
        session.execute(
            update(Job)
            .where(Job.id == job.id, Job.state == JobState.HELD, Job.attempts == job.attempts)
            .values(
                state=JobState.FOR_A_PERSON if over else JobState.WAITING,
                not_before=now + (again or timedelta()),
                lease_until=None,
                trouble=trouble[:200],
            )
        )
    return over


def reconcile(engine: Engine, *, now: datetime) -> int:
    """Return to the queue what a worker took and never finished. How many."""
    with writing(engine) as session:
        gone = session.execute(
            update(Job)
            .where(Job.state == JobState.HELD, Job.lease_until < now)
            .values(state=JobState.WAITING, lease_until=None, trouble="lease")
        )
        return int(getattr(gone, "rowcount", 0))


def again(engine: Engine, job_id: UUID, *, now: datetime) -> None:
    """A person sends an errand on its way once more."""
    with writing(engine) as session:
        session.execute(
            update(Job)
            .where(Job.id == job_id, Job.state == JobState.FOR_A_PERSON)
            .values(state=JobState.WAITING, attempts=0, told=False, not_before=now)
        )


def waiting(engine: Engine) -> dict[tuple[Errand, JobState], int]:
    """How many errands there are of each kind and state, without those that are done."""
    with reading(engine) as session:
        rows = session.execute(
            select(Job.errand, Job.state, func.count())
            .where(Job.state != JobState.DONE)
            .group_by(Job.errand, Job.state)
        ).all()
    return {(Errand(errand), JobState(state)): count for errand, state, count in rows}
