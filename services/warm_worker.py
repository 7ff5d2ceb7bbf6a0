"""Prefect's process worker, with one difference: a run is forked from a warm template instead of started cold.

Work pool, work queues, states, cancellation and crash reports are Prefect's own; only the way to a process is ours
(`ProcessStarter`, the seam of its executor). Why: docs/decisions/0003.
"""

import multiprocessing
import os
import tempfile
from collections.abc import Mapping
from multiprocessing import forkserver
from multiprocessing.context import ForkServerContext
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import anyio
import anyio.abc
from prefect.client.schemas.objects import FlowRun
from prefect.flows import Flow, load_flow_from_entrypoint
from prefect.runner._control_channel import ControlChannel
from prefect.runner._flow_run_executor import FlowRunExecutionResult, FlowRunExecutorContext
from prefect.runner._process_manager import ProcessHandle
from prefect.workers.process import ProcessJobConfiguration, ProcessWorker, ProcessWorkerResult

from services import forked

TEMPLATE = "services.template"


def warm_up() -> ForkServerContext:
    """Start the template: a process with one thread that has imported everything and forks on demand."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([TEMPLATE])
    forkserver.ensure_running()
    return context


class ForkStarter:
    """Starts one run as a fork of the template and waits for its end."""

    def __init__(
        self, context: ForkServerContext, entrypoint: str, env: Mapping[str, str | None], channel: ControlChannel
    ) -> None:
        self._context, self._entrypoint, self._env, self._channel = context, entrypoint, env, channel

    async def start(
        self, flow_run: FlowRun, task_status: anyio.abc.TaskStatus[ProcessHandle] = anyio.TASK_STATUS_IGNORED
    ) -> None:
        port, token = self._channel.register(flow_run.id)
        own = {
            "PREFECT__FLOW_RUN_ID": str(flow_run.id),
            "PREFECT__FLOW_ENTRYPOINT": self._entrypoint,
            "PREFECT__ENABLE_CANCELLATION_AND_CRASHED_HOOKS": "false",
            "PREFECT__CONTROL_PORT": str(port),
            "PREFECT__CONTROL_TOKEN": token,
        }
        environment = {name: value for name, value in (*self._env.items(), *own.items()) if value is not None}
        handed_over = False
        try:
            with tempfile.TemporaryDirectory(prefix="ashar-run-") as folder:
                process = self._context.Process(
                    target=forked.run, args=(str(flow_run.id), self._entrypoint, environment, Path(folder))
                )
                process.start()
                task_status.started(ProcessHandle(process))  # pyright: ignore[reportArgumentType]
                handed_over = True
                await _end_of(process)
        finally:
            if not handed_over:
                self._channel.unregister(flow_run.id)


async def _end_of(process: BaseProcess) -> None:
    # The sentinel is a pipe that the process closes by ending, however it ends.
    while process.exitcode is None:
        await anyio.wait_readable(process.sentinel)
        process.join(0.05)


class WarmWorker(ProcessWorker):
    """The process worker of the pool `ashar`."""

    context: ForkServerContext
    # One for all runs: a new one for each would open a client and a websocket again every time.
    engine: FlowRunExecutorContext

    async def run(
        self,
        flow_run: FlowRun,
        configuration: ProcessJobConfiguration,
        task_status: anyio.abc.TaskStatus[int] | None = None,
    ) -> ProcessWorkerResult:
        """Run one flow run in a process of its own. Errors: RuntimeError when no process came to be."""
        starter = ForkStarter(
            self.context, await self._entrypoint(flow_run), os.environ | configuration.env, self.engine.control_channel
        )
        executor = self.engine.create_executor(flow_run, starter, resolve_flow=self._flow, propose_submitting=False)
        execution: FlowRunExecutionResult | None = None

        async def execute(*, task_status: anyio.abc.TaskStatus[ProcessHandle] = anyio.TASK_STATUS_IGNORED) -> None:
            nonlocal execution
            execution = await executor.submit(task_status=task_status)

        async with anyio.create_task_group() as group:
            handle = await group.start(execute)
            if task_status is not None:
                task_status.started(handle.pid)
        if execution is None or execution.status_code is None:
            raise RuntimeError("the run ended without a process")
        return ProcessWorkerResult(status_code=execution.status_code, identifier=str(execution.handle.pid))

    async def _flow(self, flow_run: FlowRun) -> Flow[Any, Any]:
        return load_flow_from_entrypoint(await self._entrypoint(flow_run))

    async def _entrypoint(self, flow_run: FlowRun) -> str:
        if flow_run.deployment_id is None:
            raise RuntimeError("only runs of a deployment are taken")
        deployment = await self.client.read_deployment(flow_run.deployment_id)
        if not deployment.entrypoint:
            raise RuntimeError("the deployment has no entrypoint")
        return deployment.entrypoint
