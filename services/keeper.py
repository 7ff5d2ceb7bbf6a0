"""The program behind `ashar up`: starts the services, restarts one that ends or hangs, stops all in order."""

import fcntl
import os
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import NoReturn, Protocol

from schemas.errors import ServiceDown
from schemas.settings import Settings, Store
from services import child
from services.notary import Notary
from services.object_store import ObjectStore
from services.prefect_server import PrefectServer, client_environment
from services.records import Entry, Record, State, file_of, read
from services.worker import Worker

LOOK_EVERY = 1.0  # seconds between looks at the processes
ASK_EVERY = 15.0  # seconds between questions to the services themselves
PATIENCE = 4  # questions in a row without an answer before a service counts as hung
LONGEST_PAUSE = 60.0  # seconds between attempts to restart
STEADY = 120.0  # seconds after which a restart is forgotten
ALREADY_KEPT = 3  # exit code: another supervisor keeps this home


class Stopped(BaseException):
    """SIGTERM came."""


class Service(Protocol):
    """What is kept."""

    @property
    def pid(self) -> int | None: ...
    def healthy(self) -> bool: ...
    def stop(self) -> None: ...


@dataclass
class Kept:
    """One service and how it has been doing."""

    service: Service
    start: Callable[[], None]
    address: Callable[[], str]
    silent: int = 0  # questions in a row without an answer
    restarts: int = 0
    since: float = 0.0
    not_before: float = 0.0


class Keeper:
    """Everything that one home needs."""

    def __init__(self, settings: Settings, plan: Path) -> None:
        home = settings.home.absolute()
        self.file = file_of(home)
        self.record = Record(Entry(os.getpid(), child.started_at(os.getpid())))
        self.settings, self.kept = settings, dict[str, Kept]()
        logs = home / "logs"
        if settings.store is Store.EMBEDDED:
            store = ObjectStore(home / "objects", log=logs / "store.log")
            self.kept["store"] = Kept(store, store.start, lambda: store.endpoint)
            self.record.s3_keys = str(store.keys)
        self.prefect: PrefectServer | None = None
        if not settings.prefect_api_url:
            self.prefect = prefect = PrefectServer(home / "prefect", logs / "prefect.log")
            self.kept["prefect"] = Kept(prefect, prefect.start, lambda: prefect.api_url)
        self.worker = Worker(home / "prefect", logs / "worker.log", plan=plan)
        self.kept["worker"] = Kept(self.worker, self._start_worker, lambda: "")
        self.notary: Notary | None = None
        if settings.notary:
            self.notary = Notary(home, logs / "notary.log")
            self.kept["notary"] = Kept(self.notary, self._start_notary, lambda: "")

    def run(self) -> None:
        """Keep everything until SIGTERM. Errors: ServiceDown when something does not come up the first time."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, _stop)
        try:
            self._bring_up()
            while True:
                time.sleep(LOOK_EVERY)
                self._look()
        except Stopped:
            say("told to stop")
        except ServiceDown as down:
            say(str(down))
            self.record.failed = str(down.facts.get("service", ""))
            self._note(State.FAILED)
            raise
        finally:
            for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
                signal.signal(number, signal.SIG_IGN)
            for name, kept in reversed(self.kept.items()):
                kept.service.stop()
                say(f"{name} stopped")
            if self.prefect is not None:
                self.prefect.close()
            if not self.record.failed:
                self.file.unlink(missing_ok=True)

    def _bring_up(self) -> None:
        self._note()
        # The two slow ones begin together and warm up while the store starts.
        if self.prefect is not None:
            self.prefect.launch()
        self.worker.launch(self._environment())
        self._note()
        if "store" not in self.kept and self.notary is not None:
            self._launch_notary(self.notary)
        for name, kept in self.kept.items():
            if name == "worker":
                self.worker.ready()
            elif name == "notary" and self.notary is not None:
                self.notary.ready()
            else:
                kept.start()
            self._is_up(name, kept)
            if name == "store" and self.notary is not None:
                self._launch_notary(self.notary)
        self._note(State.HEALTHY)
        say("everything is up")

    def _start_worker(self) -> None:
        self.worker.launch(self._environment())
        self.worker.ready()

    def _start_notary(self) -> None:
        if self.notary is not None:
            self._launch_notary(self.notary)
            self.notary.ready()

    def _launch_notary(self, notary: Notary) -> None:
        own = self.settings.notary_database_url
        role = {"ASHAR_DATABASE_URL": own.get_secret_value()} if own is not None and own.get_secret_value() else {}
        notary.launch({**os.environ, **environment_of(self.settings), **role})

    def _environment(self) -> dict[str, str]:
        settings = environment_of(self.settings)
        if self.prefect is not None:
            return {**self.prefect.environment(), **settings}
        return {
            **client_environment(self.settings.home.absolute() / "prefect", self.settings.prefect_api_url),
            **settings,
        }

    def _look(self) -> None:
        now = time.monotonic()
        for name, kept in self.kept.items():
            if kept.service.pid is not None and now - kept.since > ASK_EVERY:
                kept.since = now
                kept.silent = 0 if kept.service.healthy() else kept.silent + 1
                if kept.silent == 0 and now - kept.not_before > STEADY:
                    kept.restarts = 0
            if (kept.service.pid is None or kept.silent >= PATIENCE) and now >= kept.not_before:
                self._restart(name, kept)

    def _restart(self, name: str, kept: Kept) -> None:
        say(f"{name} {'does not answer' if kept.silent else 'ended'}; starting it again")
        try:
            kept.service.stop()
            self._note()
            kept.start()
        except ServiceDown as down:
            say(str(down))
        else:
            self._is_up(name, kept)
        kept.restarts += 1
        kept.not_before = time.monotonic() + min(2.0 ** (kept.restarts - 1), LONGEST_PAUSE)

    def _is_up(self, name: str, kept: Kept) -> None:
        kept.silent, kept.since = 0, time.monotonic()
        say(f"{name} is up {kept.address()}".rstrip())
        self._note()

    def _note(self, whole: State | None = None) -> None:
        if whole is not None:
            self.record.supervisor.state = whole
        for name, kept in self.kept.items():
            pid = kept.service.pid
            if pid is None:
                self.record.services.pop(name, None)
                continue
            state = State.HEALTHY if kept.since else State.STARTING
            self.record.services[name] = Entry(pid, child.started_at(pid), kept.address(), state)
        store = self.kept.get("store")
        self.record.s3_endpoint = store.address() if store is not None and store.since else ""
        if self.prefect is not None:
            self.record.prefect_api_url, self.record.prefect_ui_url = self.prefect.api_url, self.prefect.ui_url
        else:
            self.record.prefect_api_url = self.settings.prefect_api_url
        self.record.write(self.file)


def environment_of(settings: Settings) -> dict[str, str]:
    """The settings as variables, so that a child process reads the same ones."""
    plain = settings.model_dump(mode="json") | {"home": str(settings.home.absolute())}
    for name in plain:
        value = getattr(settings, name)
        if hasattr(value, "get_secret_value"):
            plain[name] = value.get_secret_value()
    return {f"ASHAR_{name.upper()}": str(value) for name, value in plain.items() if value is not None}


def say(words: str) -> None:
    """A line in the supervisor's log."""
    print(f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ} {words}", flush=True)  # noqa: T201 - standard output is the log


def _stop(_number: int, _frame: FrameType | None) -> NoReturn:
    raise Stopped


def main(plan: Path) -> int:
    """Keep the home that the settings name."""
    settings = Settings()
    file = file_of(settings.home)
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = os.open(file.parent / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def locked() -> bool:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    if not child.until(locked, 3):
        return ALREADY_KEPT
    # What a supervisor that was killed left behind; the kernel has told them to end already.
    before = read(file)
    for entry in before.services.values() if before is not None else ():
        child.kill_stranger(entry.pid, entry.started)
    try:
        Keeper(settings, plan).run()
    except ServiceDown as down:
        return down.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
