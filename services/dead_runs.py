"""Runs whose process is gone: a worker that was killed cannot say so, and its runs would hold their places for ever."""

from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
    WorkPoolFilter,
    WorkPoolFilterName,
)
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.states import Crashed

from services import child
from services.deployments import POOL

TAKEN = [StateType.PENDING, StateType.RUNNING, StateType.CANCELLING]


async def bury(client: PrefectClient) -> int:
    """Say of each taken run without a living process that it crashed, so that its place is free. Returns how many.

    Only for a server of our own, before its one worker takes runs: elsewhere the process may live on another machine.
    """
    taken = await client.read_flow_runs(
        flow_run_filter=FlowRunFilter(state=FlowRunFilterState(type=FlowRunFilterStateType(any_=TAKEN))),
        work_pool_filter=WorkPoolFilter(name=WorkPoolFilterName(any_=[POOL])),
    )
    dead = [run for run in taken if not _lives(run)]
    for run in dead:
        await client.set_flow_run_state(run.id, Crashed(message="The worker was killed"), force=True)
    return len(dead)


def _lives(run: FlowRun) -> bool:
    pid = run.infrastructure_pid or ""
    return pid.isdigit() and child.alive(int(pid))
