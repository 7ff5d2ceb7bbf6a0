"""What Prefect costs where each application is a flow run of its own and each file a task, as its tutorials show it. The tasks do nothing.

`python -m benchmarks.idiomatic RUNS FILES` against the server of PREFECT_API_URL; `overhead` does it in a process of its own.
"""

import os
import resource
import subprocess
import sys
from dataclasses import dataclass

from benchmarks.meter import Cost


@dataclass(frozen=True)
class Overhead:
    """CPU milliseconds for one application, of the process that runs the flow and of Prefect's server."""

    client: float
    server: float

    @property
    def whole(self) -> float:
        return self.client + self.server


def overhead(api: str, server: list[int], *, runs: int, files: int, idle: float) -> Overhead:
    """Measured on so many runs after two that warm everything up. `idle` is what the server takes by itself, CPU a second."""
    warm, whole = _cost(api, server, 2, files, idle), _cost(api, server, runs + 2, files, idle)
    return Overhead(1000 * (whole[0] - warm[0]) / runs, 1000 * (whole[1] - warm[1]) / runs)


def _cost(api: str, server: list[int], runs: int, files: int, idle: float) -> tuple[float, float]:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with Cost({"server": server}) as cost:
        subprocess.run(
            [sys.executable, "-m", "benchmarks.idiomatic", str(runs), str(files)],
            env={**os.environ, "PREFECT_API_URL": api, "PREFECT_LOGGING_LEVEL": "WARNING"},
            check=True,
        )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    client = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return client, cost.seconds["server"] - idle * cost.wall


def main(runs: int, files: int) -> None:
    """Run the flow so many times, here, one after the other: no process is started for a run."""
    from prefect import flow, task  # noqa: PLC0415 -- whoever measures need not pay for it

    @task
    def read(number: int) -> int:
        return number

    @flow
    def application(count: int) -> int:
        return sum(read(number) for number in range(count))

    for _ in range(runs):
        application(files)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
