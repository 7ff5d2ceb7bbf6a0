"""Flow: periods open, reminders climb the ladder, reports are read, closing acts drafted."""

from prefect import flow

from flows import artifacts
from flows.batch import batch, desk, effect, report
from flows.office import Office
from flows.steps import monitoring as steps
from schemas.outbox import Errand


@effect("sweep")
def sweep(office: Office) -> tuple[int, int]:
    """Open what has begun, remind of what is due."""
    return steps.sweep(office)


@flow(flow_run_name="monitoring")
def monitoring() -> int:
    """Silence never goes unnoticed, and what came in is read."""
    with desk() as office:
        opened, reminded = sweep(office)
        tally = batch(office, Errand.READ_REPORT, Errand.CLOSING_ACT)
        artifacts.officer(office)
    report("monitoring", tally, periods_opened=opened, reminders=reminded)
    return tally.done
