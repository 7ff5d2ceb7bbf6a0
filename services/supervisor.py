"""Starting, stopping and asking after the services of one installation; `services.keeper` is the process behind it."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from schemas.errors import ServiceDown
from schemas.settings import Settings, Store
from services import child, notary
from services.plan import PLAN
from services.records import Record, State, file_of, read

START_SECONDS = 240
STOP_SECONDS = 45
NAMES = ("store", "prefect", "worker", "notary")


@dataclass(frozen=True)
class Running:
    """What the services of this home are reached by. Empty where somebody else runs that service."""

    pid: int
    ready: bool
    s3_endpoint: str
    s3_access_key: str
    s3_secret_key: str
    prefect_api_url: str
    prefect_ui_url: str


@dataclass(frozen=True)
class ServiceStatus:
    """How one service does; `code` is the catalog key of the sentence for people."""

    name: str
    state: State
    pid: int | None = None
    address: str = ""
    memory_mb: int = 0

    @property
    def code(self) -> str:
        return f"service.{self.state}"


def up(settings: Settings, *, detach: bool, say: Callable[[str], None] | None = None, plan: Path = PLAN) -> Running:
    """Start everything; where it runs already, say so and change nothing. Errors: ServiceDown.

    `say` hears the names of services as they come up, and `already` first where all was running. With `detach` the
    services outlive this process and its terminal; without it this call returns when they have been stopped.
    """
    tell = say or (lambda _: None)
    there = running(settings)
    if there is not None and there.ready:
        tell("already")
        return there
    keeper = _launch(settings, plan, bound=not detach)
    found = _until_ready(settings, keeper, tell)
    if not detach:
        _follow(keeper)
    return found


def down(settings: Settings) -> None:
    """Stop worker, Prefect and store, in this order; nothing where nothing runs."""
    record = read(file_of(settings.home))
    if record is None:
        return
    if record.supervisor.lives():
        os.kill(record.supervisor.pid, signal.SIGTERM)
        if not child.until(lambda: not record.supervisor.lives(), STOP_SECONDS):
            child.kill_stranger(record.supervisor.pid, record.supervisor.started, patience=1)
    for entry in reversed(record.services.values()):
        child.kill_stranger(entry.pid, entry.started)
    file_of(settings.home).unlink(missing_ok=True)


def running(settings: Settings) -> Running | None:
    """Where the services are, or None where nobody keeps them. Cheap: one file is read."""
    record = read(file_of(settings.home))
    if record is None or not record.supervisor.lives():
        return None
    keys = json.loads(Path(record.s3_keys).read_text()) if record.s3_endpoint else {}
    return Running(
        pid=record.supervisor.pid,
        ready=record.supervisor.state is State.HEALTHY,
        s3_endpoint=record.s3_endpoint,
        s3_access_key=keys.get("access_key", ""),
        s3_secret_key=keys.get("secret_key", ""),
        prefect_api_url=record.prefect_api_url,
        prefect_ui_url=record.prefect_ui_url,
    )


def status(settings: Settings) -> list[ServiceStatus]:
    """How every service of this home does, as seen just now."""
    record = read(file_of(settings.home))
    return [_database(settings), *(_service(settings, record, name) for name in NAMES)]


# -- inside -----------------------------------------------------------------------------------------------------------


def _launch(settings: Settings, plan: Path, *, bound: bool) -> subprocess.Popen[bytes]:
    # Imported late: the command line's start-up path comes through this module.
    from services.keeper import environment_of  # noqa: PLC0415

    home = settings.home.absolute()
    (home / "logs").mkdir(mode=0o700, parents=True, exist_ok=True)
    if running(settings) is None and _nobody_left(home):
        # What an earlier, failed start said is not what this one will say.
        file_of(home).unlink(missing_ok=True)
    return child.spawn(
        [sys.executable, "-m", "services.keeper", str(plan.absolute())],
        cwd=plan.absolute().parent,
        log=home / "logs" / "supervisor.log",
        env={**os.environ, **environment_of(settings)},
        bound=bound,
    )


def _nobody_left(home: Path) -> bool:
    record = read(file_of(home))
    return record is None or not any(entry.lives() for entry in record.services.values())


def _until_ready(settings: Settings, keeper: subprocess.Popen[bytes], tell: Callable[[str], None]) -> Running:
    told = set[str]()
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        record = read(file_of(settings.home))
        fresh = record is not None and record.supervisor.lives()
        for name, entry in record.services.items() if record is not None and fresh else ():
            if entry.state is State.HEALTHY and name not in told:
                told.add(name)
                tell(name)
        found = running(settings)
        if found is not None and found.ready:
            return found
        # Where another supervisor was a moment earlier, ours has left and we wait for that one.
        if keeper.poll() is not None and not fresh:
            failed = record.failed if record is not None else ""
            raise ServiceDown(service=failed or "supervisor", log=str(settings.home.absolute() / "logs"))
        time.sleep(0.1)
    raise ServiceDown(service="supervisor", log=str(settings.home.absolute() / "logs"))


def _follow(keeper: subprocess.Popen[bytes]) -> None:
    def pass_on(*_: object) -> None:
        keeper.terminate()

    before = {number: signal.signal(number, pass_on) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        keeper.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _database(settings: Settings) -> ServiceStatus:
    if not settings.database.startswith("sqlite"):
        return ServiceStatus("database", State.ELSEWHERE)
    file = settings.home.absolute() / "ashar.db"
    return ServiceStatus("database", State.HEALTHY if file.exists() else State.STOPPED, address=str(file))


def _service(settings: Settings, record: Record | None, name: str) -> ServiceStatus:
    if name == "store" and settings.store is not Store.EMBEDDED:
        return ServiceStatus(name, State.ELSEWHERE, address=settings.s3_endpoint)
    if name == "prefect" and settings.prefect_api_url:
        return ServiceStatus(name, State.ELSEWHERE, address=settings.prefect_api_url)
    if name == "notary" and not settings.notary:
        return ServiceStatus(name, State.ELSEWHERE)
    if record is not None and record.failed == name:
        return ServiceStatus(name, State.FAILED)
    entry = record.services.get(name) if record is not None else None
    if record is None or entry is None or not entry.lives():
        kept = record is not None and record.supervisor.lives() and record.supervisor.state is State.HEALTHY
        return ServiceStatus(name, State.FAILED if kept else State.STOPPED)
    state = entry.state
    if state is State.HEALTHY and entry.address and not _answers(entry.address):
        state = State.FAILED
    if name == "notary" and notary.seen(settings.home)[1]:
        state = State.FAILED  # it looks, and does not sign what it sees
    return ServiceStatus(name, state, entry.pid, entry.address, child.memory_mb(entry.pid))


def _answers(address: str) -> bool:
    host, _, port = address.removeprefix("http://").partition("/")[0].partition(":")
    try:
        with socket.create_connection((host, int(port)), timeout=2):
            return True
    except OSError:
        return False
