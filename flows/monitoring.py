"""Flow: reports are read, closing acts drafted, steps of the ladder that a sweep could not take tried again."""

from prefect import flow

from flows import artifacts
from flows.batch import batch, desk, report
from schemas.outbox import Errand

ERRANDS = (
    *(Errand.READ_REPORT, Errand.RETURN_REPORT, Errand.CLOSING_ACT),
    *(Errand.KEEP_OVERVIEW, Errand.LADDER),
)


@flow(flow_run_name="monitoring")
def monitoring() -> int:
    """What came in is read, and goes back where the pack lets the clock return it."""
    with desk() as office:
        tally = batch(office, *ERRANDS)
        artifacts.officer(office)
    report("monitoring", tally)
    return tally.done
