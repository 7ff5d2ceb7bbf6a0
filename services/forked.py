"""What happens inside the process of one flow run, right after it was forked from the warm template."""

import ctypes
import os
import signal
import sys
from pathlib import Path
from uuid import UUID

from prefect.flow_engine import _run_flow_from_runtime_entrypoint
from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings

PR_SET_PDEATHSIG = 1


def run(flow_run_id: str, entrypoint: str, environment: dict[str, str], folder: Path) -> None:
    """Run one flow run to its end; the process leaves with the engine's exit code."""
    if sys.platform == "linux":
        # The template ends with the worker, and a run without a worker must not go on unseen.
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    os.setsid()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    # The heartbeat thread makes every synchronous flow wait up to a second at its end, and nobody listens to it.
    with temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}):
        _run_flow_from_runtime_entrypoint(UUID(flow_run_id), entrypoint)
