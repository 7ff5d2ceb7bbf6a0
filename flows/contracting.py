"""Flow: contracts of the winners are drafted, tranches weighed; a contest with nothing left to run ends."""

from prefect import flow

from flows.batch import batch, desk, effect, report
from flows.office import Office
from flows.steps import results
from schemas.outbox import Errand


@effect("contests_over")
def contests_over(office: Office) -> int:
    """Contests that ended without anybody's act."""
    return len(results.contests_over(office))


@flow(flow_run_name="contracting")
def contracting() -> int:
    """Draft what was won; order a payment, or say what it waits for."""
    with desk() as office:
        tally = batch(office, Errand.DRAFT_CONTRACT, Errand.WEIGH_TRANCHE)
        ended = contests_over(office)
    report("contracting", tally, contests_finished=ended)
    return tally.done
