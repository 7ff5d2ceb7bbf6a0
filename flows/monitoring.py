"""Flow: reports are read, closing acts drafted, steps of the ladder that a sweep could not take tried again."""

from prefect import flow

from flows.batch import batch, desk, report
from schemas.outbox import Errand


@flow(flow_run_name="monitoring")
def monitoring() -> int:
    """What came in is read."""
    with desk() as office:
        tally = batch(office, Errand.READ_REPORT, Errand.CLOSING_ACT, Errand.LADDER)
    report("monitoring", tally)
    return tally.done
