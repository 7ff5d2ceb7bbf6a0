"""Errands: which step does which, and how a batch of them is worked through without one spoiling the rest."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Self

from flows.office import Office
from flows.steps import (
    bundling,
    committee,
    completeness,
    contracting,
    intake,
    letters,
    monitoring,
    receipts,
    recognition,
    seeing,
    sitting,
    tranches,
)
from schemas.errors import AsharError, Refused, Temporary
from schemas.outbox import Errand, Job
from storage import outbox

HANDLERS: dict[Errand, Callable[[Office, Job], None]] = {
    Errand.INSPECT: intake.inspect,
    Errand.RECOGNISE: recognition.recognise,
    Errand.CHECK: completeness.check,
    Errand.QUALIFY: completeness.qualify,
    Errand.ROUTE: committee.route,
    Errand.BUNDLE: bundling.bundle_up,
    Errand.RANK: sitting.rank,
    Errand.MINUTES: sitting.draft_minutes,
    Errand.DRAFT_CONTRACT: contracting.draft,
    Errand.WEIGH_TRANCHE: tranches.weigh,
    Errand.READ_REPORT: monitoring.read_report,
    Errand.RETURN_REPORT: monitoring.return_at_once,
    Errand.KEEP_OVERVIEW: seeing.keep,
    Errand.CLOSING_ACT: monitoring.draft_closing,
    Errand.LADDER: monitoring.climb,
    Errand.SEND_LETTER: letters.send,
}
# No more are prepared at once than the store takes side by side, so that their lease is not over meanwhile.
TOGETHER = 8
PAUSE = timedelta(seconds=2)  # before the first new try; doubled each time


@dataclass
class Tally:
    """What became of a batch of errands; `troubles` are (errand, id of the thing, class of the error)."""

    done: int = 0
    put_back: int = 0
    for_a_person: int = 0
    subjects: list[str] = field(default_factory=list)
    troubles: list[tuple[str, str, str]] = field(default_factory=list)

    @property
    def taken(self) -> int:
        return self.done + self.put_back + self.for_a_person

    def __iadd__(self, other: "Tally") -> Self:
        self.done += other.done
        self.put_back += other.put_back
        self.for_a_person += other.for_a_person
        self.subjects += other.subjects
        self.troubles += other.troubles
        return self


def chunk(office: Office, errands: Sequence[Errand], *, size: int = 50) -> Tally:
    """Claim up to `size` errands and do them one by one; a poisoned one is put aside and the others go on.

    None is claimed while an older database waits to be put right: nothing could be recorded of what is done.
    """
    if office.behind:
        return Tally()
    lease = timedelta(seconds=office.settings.lease_seconds)
    jobs = outbox.claim(office.engine, errands, limit=size, lease=lease, now=office.machine_now(), run_id=office.run_id)
    tally = Tally()
    try:
        for number, job in enumerate(jobs):
            if number % TOGETHER == 0:
                _together(office, jobs[number : number + TOGETHER])
            if _still_ours(office, job, lease):
                _one(office, job, tally)
    finally:
        office.receipts.clear()
        if any(job.errand is Errand.BUNDLE for job in jobs):
            bundling.tidy(office)
    return tally


def _together(office: Office, jobs: Sequence[Job]) -> None:
    """What several do better at once than one by one. Whatever goes wrong here, each tries again for itself and is told of it."""
    bundles, inspections = ([job for job in jobs if job.errand is one] for one in (Errand.BUNDLE, Errand.INSPECT))
    if len(bundles) > 1:
        with suppress(Exception):
            bundling.prepare(office, bundles)
    if len(inspections) > 1:
        with suppress(Exception):
            receipts.prepare(office, inspections)


def _still_ours(office: Office, job: Job, lease: timedelta) -> bool:
    """A long batch renews the lease of those that come late in it."""
    now = office.machine_now()
    if job.lease_until is None or job.lease_until - now > lease / 2:
        return True
    return outbox.renew(office.engine, job, until=now + lease)


def _one(office: Office, job: Job, tally: Tally) -> None:
    try:
        HANDLERS[job.errand](office, job)
    except Temporary as trouble:
        _back(office, job, tally, trouble, PAUSE * 2 ** (job.attempts - 1))
    except Refused as trouble:
        _back(office, job, tally, trouble, PAUSE if office.behind else None)
    except Exception as trouble:  # noqa: BLE001 -- a fault of ours in one case must not stop the batch
        _back(office, job, tally, trouble, PAUSE * 2 ** (job.attempts - 1))
    else:
        tally.done += 1
        tally.subjects.append(str(job.subject_id))


def _told(trouble: Exception) -> str:
    """Class and first line: what follows may hold what people wrote."""
    return f"{type(trouble).__name__}: {next(iter(str(trouble).splitlines()), '')[:120]}"


def _back(office: Office, job: Job, tally: Tally, trouble: Exception, again: timedelta | None) -> None:
    name = type(trouble).__name__ if isinstance(trouble, AsharError) else _told(trouble)
    over = outbox.fail(
        office.engine, job, trouble=name, now=office.machine_now(), again=again, attempts=office.settings.attempts
    )
    tally.put_back += not over
    tally.for_a_person += over
    tally.troubles.append((job.errand.value, str(job.subject_id), name))


def drain(office: Office, errands: Sequence[Errand], *, size: int = 50) -> Tally:
    """Chunk after chunk until nothing is waiting. The plain loop that also serves when Prefect is down."""
    total = Tally()
    while (one := chunk(office, errands, size=size)).taken:
        total += one
        if not one.done:
            break
    return total
