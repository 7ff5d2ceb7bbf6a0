"""Flow: periods open, reminders and escalations climb the ladder, once a day."""

from prefect import flow

from flows import artifacts
from flows.batch import desk, effect, follow, report
from flows.office import Office
from flows.steps import monitoring, tray
from flows.steps.errands import Tally
from schemas.outbox import Errand


@effect("sweep")
def sweep(office: Office) -> monitoring.Swept:
    """Open what has begun, remind of what is due, bring up what waits for the office."""
    tray.chase(office)  # first, since the sweep sends the digests
    return monitoring.sweep(office)


@flow(flow_run_name="ladder")
def ladder() -> int:
    """Silence never goes unnoticed."""
    with desk() as office:
        swept = sweep(office)
        artifacts.officer(office)
    aside = [(Errand.LADDER.value, period, trouble) for period, trouble in swept.troubles]
    tally = Tally(put_back=len(aside), troubles=aside)
    report("ladder", tally, periods_opened=swept.opened, reminders=swept.reminded)
    if swept.opened or swept.reminded:
        follow("letters")
    return swept.opened + swept.reminded
