"""Flow: packages that were handed in are inspected, receipts written."""

from prefect import flow

from flows.batch import HEAVY, batch, desk, follow, report
from flows.steps import recognition
from schemas.outbox import Errand


@flow(flow_run_name="intake")
def intake() -> int:
    """Look into every package that came in, and send its receipt."""
    with desk() as office:
        tally = batch(office, Errand.INSPECT, size=HEAVY)
        scans = recognition.waiting(office)
    report("intake", tally)
    if tally.done and scans:
        follow("recognition")
    return tally.done
