"""Flow: what a killed worker left is returned, stuck errands reach a person, orphaned bytes go."""

from prefect import flow

from flows.batch import desk, effect, report
from flows.office import Office
from flows.steps import housekeeping as steps
from flows.steps import monitoring
from flows.steps.errands import Tally
from schemas.outbox import Errand


@effect("keep_house")
def keep_house(office: Office, *, dry_run: bool) -> steps.Kept:
    """One round."""
    return steps.keep_house(office, dry_run=dry_run)


@effect("check_agenda")
def check_agenda(office: Office) -> monitoring.Reckoned:
    """Does everything wake on its day?"""
    return monitoring.check_agenda(office)


@flow(flow_run_name="housekeeping")
def housekeeping(dry_run: bool = True, agenda: bool = False) -> int:
    """Return lost errands, hand stuck ones to a person; delete orphaned bytes only when `dry_run` is off.

    `agenda`: reckon anew when each reminder is due, and put right what would be slept through.
    """
    with desk() as office:
        kept = keep_house(office, dry_run=dry_run)
        reckoned = check_agenda(office) if agenda else monitoring.Reckoned()
    aside = [(Errand.LADDER.value, contract, trouble) for contract, trouble in reckoned.troubles]
    told = {"returned": kept.returned, "orphaned_bytes": kept.swept, "handed_over": kept.handed_over}
    report("housekeeping", Tally(put_back=len(aside), troubles=aside), **told, wrong_days=reckoned.mended)
    return kept.returned
