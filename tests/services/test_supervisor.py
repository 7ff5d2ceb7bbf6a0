"""One command starts everything, keeps it going, and stops it; runs are moved by Prefect in processes of their own."""

import os
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from schemas.settings import Settings, Store
from services import child
from services.kick import kick, wait
from services.records import State, file_of, read
from services.supervisor import Running, down, running, status, up

pytestmark = pytest.mark.server

PLAN = Path(__file__).parent / "plan" / "prefect.yaml"


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(home=tmp_path_factory.mktemp("home"), store=Store.EMBEDDED)


@pytest.fixture(scope="module")
def services(settings: Settings) -> Iterator[Running]:
    told: list[str] = []
    yield up(settings, detach=True, say=told.append, plan=PLAN)
    down(settings)
    assert told == ["store", "prefect", "worker", "notary"]


def pid_of(settings: Settings, name: str) -> int:
    record = read(file_of(settings.home))
    assert record is not None
    return record.services[name].pid


def states(settings: Settings) -> dict[str, State]:
    return {one.name: one.state for one in status(settings)}


def test_everything_is_healthy_and_small(settings: Settings, services: Running) -> None:
    assert {name: state for name, state in states(settings).items() if name != "database"} == {
        "store": State.HEALTHY,
        "prefect": State.HEALTHY,
        "worker": State.HEALTHY,
        "notary": State.HEALTHY,
    }
    assert services.s3_endpoint.startswith("127.0.0.1:")
    assert sum(one.memory_mb for one in status(settings)) < 650
    assert file_of(settings.home).stat().st_mode & 0o777 == 0o600


def test_a_second_call_changes_nothing(settings: Settings, services: Running) -> None:
    told: list[str] = []
    assert up(settings, detach=True, say=told.append, plan=PLAN) == services
    assert told == ["already"]


def test_a_run_is_done_in_seconds(services: Running) -> None:
    began = time.monotonic()
    run = kick(services.prefect_api_url, "adding", str(uuid4()))
    assert run is not None
    assert wait(services.prefect_api_url, run, 30) == "Completed"
    # Started cold, it takes seven on the same machine.
    assert time.monotonic() - began < 15


def test_the_same_key_is_the_same_run(services: Running) -> None:
    key = str(uuid4())
    first = kick(services.prefect_api_url, "empty", key)
    assert first is not None
    wait(services.prefect_api_url, first, 30)
    assert kick(services.prefect_api_url, "empty", key) == first


def test_how_a_run_ended_is_reported(services: Running) -> None:
    for deployment, state in (("failing", "Failed"), ("killed", "Crashed")):
        run = kick(services.prefect_api_url, deployment, str(uuid4()))
        assert run is not None
        assert wait(services.prefect_api_url, run, 30) == state


def test_nobody_answers_a_kick_without_harm() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        closed = f"http://127.0.0.1:{probe.getsockname()[1]}/api"
    assert kick(closed, "empty", "key") is None
    assert wait(closed, uuid4(), 0.1) is None


def test_an_unknown_deployment_is_no_run(services: Running) -> None:
    assert kick(services.prefect_api_url, "nothing", "key") is None


@pytest.mark.parametrize("name", ["worker", "store", "prefect", "notary"])
def test_what_is_killed_comes_back(settings: Settings, services: Running, name: str) -> None:
    before = pid_of(settings, name)
    os.kill(before, signal.SIGKILL)

    def back() -> bool:
        record = read(file_of(settings.home))
        entry = record.services.get(name) if record is not None else None
        return entry is not None and entry.pid != before and entry.state is State.HEALTHY

    assert child.until(back, 60)
    again = running(settings)
    assert again is not None
    assert again.s3_endpoint
    run = kick(again.prefect_api_url, "empty", str(uuid4()))
    assert run is not None
    assert wait(again.prefect_api_url, run, 90) == "Completed"


def test_a_killed_supervisor_leaves_nothing_and_the_next_one_starts(settings: Settings, services: Running) -> None:
    record = read(file_of(settings.home))
    assert record is not None
    left = [entry.pid for entry in record.services.values()]
    slow = kick(record.prefect_api_url, "slow", str(uuid4()))
    assert slow is not None
    assert child.until(lambda: wait(record.prefect_api_url, slow, 0) == "Running", 30)
    left += [member for pid in left for member in child.family(pid)]

    os.kill(record.supervisor.pid, signal.SIGKILL)

    assert child.until(lambda: running(settings) is None, 5)
    again = up(settings, detach=True, plan=PLAN)
    assert again.pid != record.supervisor.pid
    assert child.until(lambda: not any(child.alive(pid) for pid in left), 10)
    run = kick(again.prefect_api_url, "empty", str(uuid4()))
    assert run is not None
    assert wait(again.prefect_api_url, run, 30) == "Completed"


def test_down_stops_everything(settings: Settings, services: Running) -> None:
    record = read(file_of(settings.home))
    assert record is not None
    left = [member for entry in record.services.values() for member in child.family(entry.pid)]

    down(settings)

    assert running(settings) is None
    assert child.until(lambda: not any(child.alive(pid) for pid in left), 10)
    left_over = {name: state for name, state in states(settings).items() if name != "database"}  # a file that stays
    assert set(left_over.values()) == {State.STOPPED}
    down(settings)
