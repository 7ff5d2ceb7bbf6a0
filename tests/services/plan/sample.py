"""Flows that are as small as flows can be, for the tests of the worker."""

import os
import signal
import time

from prefect import flow, task


@flow
def empty() -> None:
    """Nothing to do."""


@task
def add(one: int, other: int) -> int:
    """A task, so that something is recorded."""
    return one + other


@flow(log_prints=True)
def adding(one: int = 1, other: int = 2) -> int:
    """A flow with one task."""
    print("process", os.getpid())  # noqa: T201
    return add(one, other)


@flow
def failing() -> None:
    """An error of the flow's own."""
    raise ValueError("no")


@flow
def killed() -> None:
    """The process ends under the flow."""
    os.kill(os.getpid(), signal.SIGKILL)


@flow
def slow(seconds: int = 60) -> None:
    """Still going on when the worker is told to stop."""
    for _ in range(seconds * 10):
        time.sleep(0.1)
