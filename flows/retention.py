"""Flow: holds whose term is over are lifted, locks go on, and what is due for disposal is proposed to a person."""

from prefect import flow

from flows.batch import desk, effect, report
from flows.office import Office
from flows.steps import holds
from flows.steps import retention as steps
from flows.steps.errands import Tally


@effect("lapse_holds")
def lapse_holds(office: Office) -> int:
    """Holds whose last day is over."""
    return holds.lapse(office)


@effect("lock_held")
def lock_held(office: Office) -> int:
    """Files under hold stay locked in the store."""
    return holds.lock_all(office)


@effect("propose_disposal")
def propose_disposal(office: Office) -> int:
    """Head and lawyer are told what is due; they decide."""
    return steps.propose(office)


@flow(flow_run_name="retention")
def retention(propose: bool = False) -> int:
    """Legal holds are looked after; with `propose` what is due for disposal is told, and nothing is destroyed."""
    with desk() as office:
        lifted = lapse_holds(office)
        locked = lock_held(office)
        due = propose_disposal(office) if propose else 0
    report("retention", Tally(), holds_over=lifted, files_locked=locked, due_for_disposal=due)
    return due
