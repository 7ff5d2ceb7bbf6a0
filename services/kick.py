"""Asks Prefect to run a deployment now, by plain HTTP (importing Prefect costs seconds). A kick may fail without harm.

Deployments are all named `ashar`, so `intake` here means `intake/ashar` there.
"""

import json
import time
import urllib.error
import urllib.request
from typing import Any
from uuid import UUID

NAME = "ashar"
BUSY = frozenset({408, 429, 500, 502, 503})
FINAL = frozenset({"COMPLETED", "FAILED", "CRASHED", "CANCELLED"})
_ids: dict[tuple[str, str], str] = {}


def kick(
    api_url: str, deployment: str, key: str, parameters: dict[str, Any] | None = None, *, seconds: float = 5
) -> UUID | None:
    """Create a run of a deployment; the same key gives the same run, whatever became of it.

    None where Prefect did not answer or does not know the deployment: the errand waits for the next scheduled run.
    """
    try:
        known = _ids.get((api_url, deployment))
        if known is None:
            known = _ask(api_url, f"/deployments/name/{deployment}/{NAME}", None, seconds)["id"]
            _ids[api_url, deployment] = known
        body = {"idempotency_key": key, "parameters": parameters or {}, "state": {"type": "SCHEDULED"}}
        return UUID(_ask(api_url, f"/deployments/{known}/create_flow_run", body, seconds)["id"])
    except (OSError, ValueError, KeyError):
        _ids.pop((api_url, deployment), None)
        return None


def wait(api_url: str, run_id: UUID, timeout: float, *, step: float = 0.3) -> str | None:
    """Name of the run's state (`Completed`, `Crashed` …): the final one, or the last one seen within the seconds.

    None where Prefect did not answer all the while.
    """
    end = time.monotonic() + timeout
    name = None
    while True:
        try:
            state = _ask(api_url, f"/flow_runs/{run_id}", None, 5)["state"] or {}
            name = state.get("name")
            if state.get("type") in FINAL:
                return name
        except (OSError, ValueError, KeyError):
            pass
        if time.monotonic() > end:
            return name
        time.sleep(step)


def _ask(api_url: str, path: str, body: dict[str, Any] | None, seconds: float) -> dict[str, Any]:
    # On SQLite the server answers "busy" now and then; every question here may be asked again without harm.
    end = time.monotonic() + seconds
    while True:
        try:
            return _ask_once(api_url, path, body, seconds)
        except urllib.error.HTTPError as refused:
            if refused.code not in BUSY or time.monotonic() > end:
                raise
            time.sleep(0.2)


def _ask_once(api_url: str, path: str, body: dict[str, Any] | None, seconds: float) -> dict[str, Any]:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(api_url.rstrip("/") + path, data, {"Content-Type": "application/json"})  # noqa: S310
    with urllib.request.urlopen(request, timeout=seconds) as answer:  # noqa: S310 - the address is our own setting
        return json.load(answer)
