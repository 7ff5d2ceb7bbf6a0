"""Flow: applications are routed to members, bundled for reading, ranked after the sitting; minutes are drafted."""

from prefect import flow

from flows.batch import HEAVY, batch, desk, report
from schemas.outbox import Errand


@flow(flow_run_name="committee")
def committee() -> int:
    """Who reviews what, the bundles they read, the ranking and the minutes."""
    with desk() as office:
        tally = batch(office, Errand.ROUTE, Errand.RANK, Errand.MINUTES)
        tally += batch(office, Errand.BUNDLE, size=HEAVY)
    report("committee", tally)
    return tally.done
