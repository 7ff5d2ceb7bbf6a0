"""Flow: letters leave."""

from prefect import flow

from flows.batch import batch, desk, report
from schemas.outbox import Errand


@flow(flow_run_name="letters")
def letters() -> int:
    """Hand over every letter that waits, each once."""
    with desk() as office:
        tally = batch(office, Errand.SEND_LETTER)
    report("letters", tally)
    return tally.done
