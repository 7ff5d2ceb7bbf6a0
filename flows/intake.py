"""Flow: packages that were handed in are inspected, receipts written."""

from prefect import flow

from flows.batch import HEAVY, batch, desk, report
from schemas.outbox import Errand


@flow(flow_run_name="intake")
def intake() -> int:
    """Look into every package that came in, and send its receipt."""
    with desk() as office:
        tally = batch(office, Errand.INSPECT, size=HEAVY)
    report("intake", tally)
    return tally.done
