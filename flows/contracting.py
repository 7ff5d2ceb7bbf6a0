"""Flow: contracts of the winners are drafted, tranches weighed."""

from prefect import flow

from flows.batch import batch, desk, report
from schemas.outbox import Errand


@flow(flow_run_name="contracting")
def contracting() -> int:
    """Draft what was won; order a payment, or say what it waits for."""
    with desk() as office:
        tally = batch(office, Errand.DRAFT_CONTRACT, Errand.WEIGH_TRANCHE)
    report("contracting", tally)
    return tally.done
