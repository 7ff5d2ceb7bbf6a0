"""Errands: claimed with a lease, finished with their effect, handed to a person when tried too often."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Engine, case, func, select, update
from sqlalchemy.orm import Session
from sqlmodel import col

from schemas.outbox import Errand, Job, JobState
from storage.engine import reading, writing

LOST = "lease"  # trouble of an errand whose worker went away with it


def claim(
    engine: Engine, errands: Sequence[Errand], *, limit: int, lease: timedelta, now: datetime, run_id: str = ""
) -> list[Job]:
    """Take up to `limit` waiting errands for `lease`. Two workers never get the same one.

    What a worker died with comes last and alone: the one that kills shall not take the others of its batch along.
    """
    with writing(engine) as session:
        jobs = list(
            session.scalars(
                select(Job)
                .where(col(Job.errand).in_(errands), col(Job.state) == JobState.WAITING, col(Job.not_before) <= now)
                .order_by(col(Job.trouble) == LOST, col(Job.attempts), col(Job.created_at), col(Job.id))
                .limit(limit)
                .with_for_update(skip_locked=True)
            )
        )
        jobs = [job for job in jobs if job.trouble != LOST] or jobs[:1]
        for job in jobs:
            job.state = JobState.HELD
            job.attempts += 1
            job.lease_until = now + lease
            job.run_id = run_id
    return jobs


def fail(engine: Engine, job: Job, *, trouble: str, now: datetime, again: timedelta | None, attempts: int) -> bool:
    """Put an errand back, or hand it to a person when `again` is None or it was tried `attempts` times. True if handed over.

    Nothing happens to an errand whose lease went to another meanwhile.
    """
    over = again is None or job.attempts >= attempts
    with writing(engine) as session:
        done = session.execute(
            update(Job)
            .where(
                col(Job.id) == job.id,
                col(Job.state) == JobState.HELD,
                col(Job.attempts) == job.attempts,
                col(Job.lease_until) == job.lease_until,
            )
            .values(
                state=JobState.FOR_A_PERSON if over else JobState.WAITING,
                not_before=now + (again or timedelta()),
                lease_until=None,
                trouble=trouble.replace("\0", "")[:200],
            )
        )
        return over and _count(done) == 1


def renew(engine: Engine, job: Job, *, until: datetime) -> bool:
    """Hold on to an errand whose turn in its batch comes late. False when its lease went to another meanwhile."""
    with writing(engine) as session:
        mine = (col(Job.state) == JobState.HELD, col(Job.lease_until) == job.lease_until)
        done = session.execute(update(Job).where(col(Job.id) == job.id, *mine).values(lease_until=until))
        renewed = bool(getattr(done, "rowcount", 0))
    if renewed:
        job.lease_until = until
    return renewed


def reconcile(engine: Engine, *, now: datetime, attempts: int) -> int:
    """Return to the queue what a worker took and never finished, or hand it to a person after `attempts`. How many.

    An errand that kills its worker each time raises no error that anyone could count.
    """
    with writing(engine) as session:
        over = case((col(Job.attempts) >= attempts, JobState.FOR_A_PERSON), else_=JobState.WAITING)
        gone = session.execute(
            update(Job)
            .where(col(Job.state) == JobState.HELD, col(Job.lease_until) < now)
            .values(state=over, lease_until=None, trouble=LOST)
        )
        return _count(gone)


def _count(result: object) -> int:
    return int(getattr(result, "rowcount", 0))


def again(engine: Engine, job_id: UUID, *, now: datetime) -> None:
    """A person sends an errand on its way once more."""
    with writing(engine) as session:
        session.execute(
            update(Job)
            .where(col(Job.id) == job_id, col(Job.state) == JobState.FOR_A_PERSON)
            .values(state=JobState.WAITING, attempts=0, told=False, not_before=now)
        )


def revive(session: Session, errand: Errand, subject_id: UUID, *, now: datetime) -> bool:
    """What an errand stuck with a person lacked is there now: it goes on its way again. Whether there was one."""
    gone = session.execute(
        update(Job)
        .where(col(Job.errand) == errand, col(Job.subject_id) == subject_id, col(Job.state) == JobState.FOR_A_PERSON)
        .values(state=JobState.WAITING, attempts=0, told=False, not_before=now)
    )
    return _count(gone) > 0


def waiting(engine: Engine) -> dict[tuple[Errand, JobState], int]:
    """How many errands there are of each kind and state, without those that are done."""
    with reading(engine) as session:
        rows = session.execute(
            select(col(Job.errand), col(Job.state), func.count())
            .where(col(Job.state) != JobState.DONE)
            .group_by(col(Job.errand), col(Job.state))
        ).all()
    return {(Errand(errand), JobState(state)): count for errand, state, count in rows}
