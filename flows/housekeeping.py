"""Flow: what a killed worker left is returned, stuck errands reach a person, orphaned bytes go."""

from prefect import flow

from flows.batch import desk, effect, report
from flows.office import Office
from flows.steps import housekeeping as steps
from flows.steps.errands import Tally


@effect("keep_house")
def keep_house(office: Office, *, dry_run: bool) -> steps.Kept:
    """One round."""
    return steps.keep_house(office, dry_run=dry_run)


@flow(flow_run_name="housekeeping")
def housekeeping(dry_run: bool = True) -> int:
    """Return lost errands, hand stuck ones to a person; delete orphaned bytes only when `dry_run` is off."""
    with desk() as office:
        kept = keep_house(office, dry_run=dry_run)
    report("housekeeping", Tally(), returned=kept.returned, orphaned_bytes=kept.swept, handed_over=kept.handed_over)
    return kept.returned
