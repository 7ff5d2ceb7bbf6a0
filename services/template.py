"""Imported once by the process from which every flow run is forked: after this, a run starts in milliseconds.

Nothing here may start a thread or open a connection; a fork would inherit half of it.
"""

import gc
import importlib
import os
import sys
import traceback

WARM = (
    "prefect",
    "prefect.engine",
    "prefect.flow_engine",
    "prefect.task_engine",
    "prefect.flows",
    "prefect.artifacts",
    "prefect.deployments",
    "prefect.client.orchestration",
    "prefect._internal.metrics",
    "prefect._internal.observers",
    "prefect.utilities.visualization",
    "anyio._backends._asyncio",
    "encodings.idna",
    "services.forked",
)

for name in (*WARM, *os.environ.get("ASHAR_WARM", "").split()):
    try:
        importlib.import_module(name)
    except Exception:  # noqa: BLE001 - a broken flow must not stop the others
        # The run that needs this module says so itself, to the person who reads its log.
        traceback.print_exc(file=sys.stderr)

gc.collect()
# Objects made so far are left out of later collections, so that forks go on sharing their pages.
gc.freeze()
