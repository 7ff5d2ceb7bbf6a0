"""What all flows share: a task is a chunk of errands, a run a batch of chunks, and an officer reads what came of it.

Nothing in Prefect needs to be reliable for this: errands are claimed from our own table, and what a killed run left is
returned by housekeeping and done by the next run.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, ParamSpec, TypeVar

from prefect import task
from prefect.artifacts import create_table_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun
from prefect.deployments import run_deployment
from prefect.runtime import flow_run
from prefect.tasks import Task

from flows.office import Office, opened
from flows.steps import errands
from flows.steps.errands import Tally
from schemas.errors import Temporary
from schemas.outbox import Errand

SIZE = 100  # Prefect takes its part for each chunk; a hundred inspections are over in a tenth of the time that a lease lasts
HEAVY = 6  # files are recognised, converted, bundled: seconds each
P = ParamSpec("P")
R = TypeVar("R")


def temporary(_task: Task[..., Any], _run: TaskRun, state: State[Any]) -> bool:
    """Try again only where something outside did not answer."""
    return isinstance(state.result(raise_on_failure=False), Temporary)


@contextmanager
def desk() -> Iterator[Office]:
    """The office of this run, with the run's id, which goes into every event."""
    office = opened(run_id=str(flow_run.id or ""))
    try:
        yield office
    finally:
        office.close()


def effect(name: str) -> Callable[[Callable[P, R]], Task[P, R]]:
    """A task with an effect: never cached, tried again only for what is Temporary."""
    return task(
        name=name,
        cache_policy=NO_CACHE,
        retries=3,
        retry_delay_seconds=[2, 10, 60],
        retry_jitter_factor=0.5,
        retry_condition_fn=temporary,
    )


@effect("chunk")
def chunk(office: Office, kinds: Sequence[Errand], size: int) -> Tally:
    """So many errands, one by one."""
    return errands.chunk(office, kinds, size=size)


def batch(office: Office, *kinds: Errand, size: int = SIZE) -> Tally:
    """Chunk after chunk until nothing waits. Heavy errands go in small chunks, so that two runs share them evenly."""
    total = Tally()
    while (one := chunk(office, kinds, size)).taken:
        total += one
        if not one.done:
            break
    return total


def follow(flow: str) -> None:
    """Let another flow begin now, since this one left it work; its own schedule would come later."""
    run_deployment(f"{flow}/ashar", timeout=0, as_subflow=False)


def report(key: str, tally: Tally, **more: object) -> None:
    """A table an officer can read in Prefect's pages; ids only. Nothing is written for a run that did nothing."""
    if not tally.taken and not any(more.values()):
        return
    rows: list[dict[str, Any]] = [{"what": "done", "count": tally.done}]
    rows += [{"what": name.replace("_", " "), "count": value} for name, value in more.items()]
    rows += [{"what": "put back", "count": tally.put_back}, {"what": "for a person", "count": tally.for_a_person}]
    rows += [{"what": f"{errand}: {trouble}", "count": 1, "id": subject} for errand, subject, trouble in tally.troubles]
    create_table_artifact(key=key, table=rows, description="Errands of this run")
