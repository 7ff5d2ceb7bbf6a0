# ruff: noqa: PLC0415 - each run's process imports this module again, since it is the main one: Prefect comes later
"""The worker: takes runs from the pool and starts each in a process of its own. Also the program that it is.

As a program (`python -m services.worker PLAN MEMORY`) it warms up while the server still starts, puts the
deployments in place, and works until SIGTERM.
"""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from schemas.errors import ServiceDown
from services import child
from services.plan import modules

START_SECONDS = 90
STOP_SECONDS = 15


class Worker:
    """The worker as a child of the supervisor."""

    def __init__(self, folder: Path, log: Path, *, plan: Path) -> None:
        self.folder, self.log, self.plan = folder.absolute(), log, plan.absolute()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process is not None and self._process.poll() is None else None

    def launch(self, environment: Mapping[str, str]) -> None:
        """Begin to start; the server need not be there yet."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._ready.unlink(missing_ok=True)
        command = [sys.executable, "-m", "services.worker", str(self.plan), str(self.folder / "deployed.json")]
        env = {**environment, "ASHAR_WARM": " ".join(modules(self.plan)), "ASHAR_WORKER_READY": str(self._ready)}
        self._process = child.spawn(command, cwd=self.plan.parent, log=self.log, env=env)

    def ready(self) -> None:
        """Wait until it takes runs. Errors: ServiceDown."""
        if not child.until(lambda: self.pid is None or self.healthy(), START_SECONDS) or not self.healthy():
            raise ServiceDown(service="worker", log=str(self.log))

    def healthy(self) -> bool:
        return self.pid is not None and self._ready.exists() and self._ready.read_text() == str(self.pid)

    def stop(self) -> None:
        """Runs that are under way are told to stop; what they had claimed comes back when its lease ends."""
        process, self._process = self._process, None
        if process is not None:
            child.stop(process, patience=STOP_SECONDS)
        self._ready.unlink(missing_ok=True)

    @property
    def _ready(self) -> Path:
        return self.folder / "worker.ready"


def main(plan: Path, memory: Path) -> None:
    """Warm up, put the deployments in place, work until SIGTERM."""
    import asyncio
    import signal

    from services import warm_worker

    context = warm_worker.warm_up()

    async def work() -> None:
        from prefect.client.orchestration import get_client
        from prefect.runner._flow_run_executor import FlowRunExecutorContext

        from services.dead_runs import bury
        from services.deployments import POOL, RUNS_AT_ONCE, apply

        task = asyncio.current_task()
        assert task is not None
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, task.cancel)
        try:
            async with get_client() as client:
                while await client.api_healthcheck() is not None:  # noqa: ASYNC110 - the server is another process
                    await asyncio.sleep(0.2)
                for name in await apply(client, plan, memory):
                    print("deployed", name, flush=True)  # noqa: T201 - standard output is the log
                # The settings name a Prefect server only where it is somebody else's.
                if not os.environ.get("ASHAR_PREFECT_API_URL") and (dead := await bury(client)):
                    print(dead, "runs of a killed worker have ended", flush=True)  # noqa: T201 - standard output is the log
            worker = warm_worker.WarmWorker(work_pool_name=POOL, name=f"ashar-{os.getpid()}", limit=RUNS_AT_ONCE)
            worker.context = context
            async with FlowRunExecutorContext() as worker.engine:
                await worker.start(printer=_ready)
        except asyncio.CancelledError:
            print("worker stopped", flush=True)  # noqa: T201 - standard output is the log

    asyncio.run(work())


def _ready(words: str) -> None:
    if words.endswith("started!"):
        Path(os.environ["ASHAR_WORKER_READY"]).write_text(str(os.getpid()))
    print(words, flush=True)  # noqa: T201 - standard output is the log


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
