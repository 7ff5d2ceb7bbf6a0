"""Flow: reports are collected from mailboxes, watched folders and buckets; what cannot be filed waits in the tray."""

from prefect import flow
from prefect.artifacts import create_table_artifact

from flows.batch import desk, effect, follow
from flows.office import Office
from flows.steps import collection as steps
from schemas.collection import Source


@effect("collect")
def collect(office: Office, source: Source) -> steps.Collected:
    """Everything new at one source; one that does not answer stops no other."""
    return steps.collect(office, source)


@flow(flow_run_name="collection")
def collection() -> int:
    """Nothing that was sent to us stays unread."""
    with desk() as office:
        rounds = [collect(office, one) for one in steps.sources(office).all()]
    told = [one for one in rounds if one.filed or one.waiting or one.trouble]
    if told:
        rows = [
            {
                "source": one.source,
                "filed": one.filed,
                "in the tray": one.waiting,
                "known": one.known,
                "trouble": one.trouble,
            }
            for one in told
        ]
        create_table_artifact(key="collection", table=rows, description="What came in by each source")
    filed = sum(one.filed for one in rounds)
    if filed:
        follow("monitoring")  # what came in is read now, not at the next half-hour
    return filed
