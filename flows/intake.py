"""Flow: packages that were handed in are inspected, receipts written."""

from prefect import flow

from flows.batch import batch, desk, follow, report
from flows.steps import recognition
from schemas.outbox import Errand


@flow(flow_run_name="intake")
def intake() -> int:
    """Look into every package that came in, and send its receipt."""
    with desk() as office:
        tally = batch(office, Errand.INSPECT)
        if tally.done:
            tally += batch(office, Errand.CHECK)  # what was handed in to cure gets its verdict at once
        scans = recognition.waiting(office)
    report("intake", tally)
    if tally.done and scans:
        follow("recognition")
    return tally.done
