"""Flow: contests close at their cut-off, packages are opened and checked, gaps asked for once, terms watched."""

from prefect import flow

from flows.batch import batch, desk, effect, report
from flows.office import Office
from flows.steps import completeness as steps
from schemas.doer import CLOCK
from schemas.outbox import Errand


@effect("close_due")
def close_due(office: Office) -> int:
    """Close every contest whose cut-off has passed."""
    due = steps.contests_due(office)
    for contest in due:
        steps.close(office, CLOCK, contest)
    return len(due)


@effect("refuse_overdue")
def refuse_overdue(office: Office) -> int:
    """Refuse what was not cured within its term."""
    overdue = steps.overdue_cures(office)
    for application in overdue:
        steps.refuse_uncured(office, application)
    return len(overdue)


@flow(flow_run_name="completeness")
def completeness() -> int:
    """Is everything there, and may they take part? Ask each applicant once for all that is missing."""
    with desk() as office:
        closed = close_due(office)
        refused = refuse_overdue(office)
        tally = batch(office, Errand.CHECK, Errand.QUALIFY)
    report("completeness", tally, contests_closed=closed, not_cured_in_time=refused)
    return tally.done
