"""Runs of a flow on the real server, waited for."""

import time
from uuid import uuid4

from services.kick import kick, wait


def through(api_url: str, flow: str, *, seconds: float = 120) -> str | None:
    """Name of the state in which a run asked for now has ended.

    Asked for again where one by the schedule was under way: Prefect cancels the later of the two.
    """
    end = time.monotonic() + seconds
    while True:
        run_id = kick(api_url, flow, str(uuid4()), seconds=30)
        assert run_id is not None
        state = wait(api_url, run_id, max(end - time.monotonic(), 1))
        if state != "Cancelled" or time.monotonic() > end:
            return state
        time.sleep(1)
