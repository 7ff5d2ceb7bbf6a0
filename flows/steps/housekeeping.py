"""What keeps an installation healthy: lost errands come back, orphaned bytes go, a person learns what got stuck."""

from dataclasses import dataclass
from datetime import timedelta

from flows.office import Office
from flows.steps import addresses
from schemas.customer import Customer, Role
from schemas.doer import CLOCK
from schemas.event import Act
from schemas.outbox import Job, JobState
from storage import outbox
from storage.ledger import Because
from storage.work import looking

GRACE = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Kept:
    """What one round of housekeeping did."""

    returned: int
    swept: int
    handed_over: int


def keep_house(office: Office, *, dry_run: bool = True) -> Kept:
    """Expired leases go back to the queue, orphaned objects are deleted unless `dry_run`, stuck errands go to a person.

    Raises BrokenTrail while an older database waits to be put right: objects of the newer one would look like orphans.
    """
    office.whole()
    returned = outbox.reconcile(office.engine, now=office.machine_now(), attempts=office.settings.attempts)
    swept = office.blobs.sweep(older_than=GRACE, dry_run=dry_run)
    return Kept(returned=returned, swept=swept.objects, handed_over=hand_over(office))


def hand_over(office: Office) -> int:
    """Tell the coordinator of each customer about errands that were tried too often, once each."""
    with looking(office.engine, office.system) as look:
        stuck = look.all(Job, state=JobState.FOR_A_PERSON, told=False)
    told = 0
    for job in stuck:
        with office.acting(CLOCK, Act.ERRAND_HAND_OVER) as work:
            held = work.get(Job, job.id)
            if held.told:
                continue
            customer = work.get(Customer, job.tenant_id)
            facts = {"errand": job.errand.value, "trouble": job.trouble, "attempts": job.attempts, "id": str(job.id)}
            event = work.record(Act.ERRAND_HAND_OVER, customer, because=Because(rule="attempts", facts=facts))
            key = f"stuck:{event}"  # an errand that gets stuck again after a person sent it on is told of again
            addresses.to_role(work, customer, Role.COORDINATOR, "errand_for_a_person", key, facts)
            held.told = True
            told += 1
    return told
