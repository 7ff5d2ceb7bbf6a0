"""Flow: scans and old formats are read, in small portions and behind everything else."""

from prefect import flow

from flows.batch import HEAVY, batch, desk, follow, report
from schemas.outbox import Errand


@flow(flow_run_name="recognition")
def recognition() -> int:
    """Read what has no text of its own."""
    with desk() as office:
        tally = batch(office, Errand.RECOGNISE, size=HEAVY)
    report("recognition", tally)
    if tally.done:
        follow("completeness")
    return tally.done
