"""Prefect's server on loopback, with its own SQLite file; telemetry off."""

import os
import socket
import sqlite3
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping
from contextlib import closing
from importlib.metadata import version
from pathlib import Path
from shutil import copyfile

from schemas.errors import ServiceDown
from services import child
from services.certificates import issue

START_SECONDS = 180  # a fresh database on a busy machine
STOP_SECONDS = 10

MIGRATE = """
import asyncio
from prefect.server.database import provide_database_interface
asyncio.run(provide_database_interface().create_db())
"""

# Not `prefect server start`: that is a second process which only watches the first, and it cannot be handed a socket.
SERVE = """
import socket, sys, uvicorn
config = uvicorn.Config(
    "prefect.server.api.server:create_app", factory=True, log_level="warning", access_log=False, timeout_keep_alive=5
)
uvicorn.Server(config).run(sockets=[socket.socket(fileno=int(sys.argv[1]))])
"""

SETTINGS = {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
    # One row at a time is the default; it makes the record lag minutes behind.
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": "200",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_READ_BATCH_SIZE": "200",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_FLUSH_INTERVAL": "1",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_BATCH_SIZE": "500",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_READ_BATCH_SIZE": "200",
    "PREFECT_SERVER_SERVICES_TRIGGERS_READ_BATCH_SIZE": "200",
    "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",
    # No block of Prefect's is used, and registering them costs seconds at the first start.
    "PREFECT_API_BLOCKS_REGISTER_ON_START": "false",
    "PREFECT_LOGGING_SERVER_LEVEL": "WARNING",
    "PREFECT_CLIENT_EVENTS_QUEUE_MAX_SIZE": "10000",
    "PREFECT_WORKER_QUERY_SECONDS": "1",
    # A run's words are in Prefect; drawing them a second time for a log file costs a tenth of its time.
    "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "WARNING",
}


def client_environment(home: Path, api_url: str, inherited: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Environment of every process that speaks to this server; nobody's profile or key of another server gets in."""
    foreign = ("PREFECT_API_", "PREFECT_PROFILE", "PREFECT__")
    kept = {name: value for name, value in inherited.items() if not name.startswith(foreign)}
    return {**SETTINGS, **kept, "PREFECT_HOME": str(home), "PREFECT_API_URL": api_url}


class PrefectServer:
    """One Prefect server over one folder."""

    def __init__(self, folder: Path, log: Path) -> None:
        self.folder, self.log = folder.absolute(), log
        self._process: subprocess.Popen[bytes] | None = None
        self._saved_port = self.folder / "port"
        self._socket: socket.socket | None = None
        self.port = 0

    @property
    def api_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/api"

    @property
    def ui_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process is not None and self._process.poll() is None else None

    def environment(self) -> dict[str, str]:
        """What a client of this server needs in its environment."""
        # No TLS on loopback, yet each client would parse all authorities of the world first: 70 ms, twice a run.
        one_authority = {"PREFECT_API_SSL_CERT_FILE": str(self._authority)}
        return {**client_environment(self.folder, self.api_url), **one_authority}

    def launch(self) -> None:
        """Begin to start; the port is known from here on."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._seed()
        if not self._authority.exists():
            issue(self._authority.parent, "prefect")
        listening = self._listen()
        migrated = self.folder / "migrated"
        current = migrated.exists() and migrated.read_text() == version("prefect")
        own = {
            "PREFECT_SERVER_API_HOST": "127.0.0.1",
            "PREFECT_SERVER_API_PORT": str(self.port),
            "PREFECT_SERVER_DATABASE_CONNECTION_URL": f"sqlite+aiosqlite:///{self._database}",
            "PREFECT_SERVER_DATABASE_MIGRATE_ON_START": "false" if current else "true",
            "PREFECT__SERVER_FINAL": "1",
        }
        command = [sys.executable, "-c", SERVE, str(listening)]
        self._process = child.spawn(
            command, cwd=self.folder, log=self.log, env={**self.environment(), **own}, keep=[listening]
        )

    def ready(self) -> None:
        """Wait until the API answers. Errors: ServiceDown."""
        if not child.until(lambda: self.pid is None or self.healthy(), START_SECONDS) or self.pid is None:
            raise ServiceDown(service="prefect", log=str(self.log))
        (self.folder / "migrated").write_text(version("prefect"))

    def start(self) -> None:
        """Come up and answer. Errors: ServiceDown."""
        if self.pid is None:
            self.launch()
        self.ready()

    def healthy(self) -> bool:
        if self.pid is None:
            return False
        try:
            with urllib.request.urlopen(f"{self.api_url}/health", timeout=5) as answer:  # noqa: S310 - loopback
                return answer.status == 200
        except (urllib.error.URLError, OSError):
            return False

    def stop(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            child.stop(process, patience=STOP_SECONDS)

    def close(self) -> None:
        """Stop, and give the port back."""
        self.stop()
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _listen(self) -> int:
        # Held by the supervisor from the first moment: nobody else gets the port between two starts, and callers wait.
        if self._socket is None:
            wanted = [int(self._saved_port.read_text())] if self._saved_port.exists() else []
            self._socket = child.listen(wanted)
            self.port = self._socket.getsockname()[1]
            self._saved_port.write_text(str(self.port))
        return self._socket.fileno()

    @property
    def _authority(self) -> Path:
        return self.folder / "certificates" / "ca.pem"

    @property
    def _database(self) -> Path:
        return self.folder / "prefect.db"

    def _seed(self) -> None:
        # All migrations from the first on take some twelve seconds; set-up has run them once already.
        if not self._database.exists() and template().exists():
            draft = self.folder / "prefect.db.new"
            copyfile(template(), draft)
            draft.replace(self._database)
            (self.folder / "migrated").write_text(version("prefect"))


def template() -> Path:
    """An empty migrated database of the installed Prefect, made once per installation."""
    return Path(sys.prefix) / "share" / "ashar" / f"prefect-{version('prefect')}.db"


def make_template() -> None:
    """Run all migrations once (some fifteen seconds), so that no first start has to."""
    if template().exists():
        return
    template().parent.mkdir(parents=True, exist_ok=True)
    draft = template().with_suffix(".new")
    draft.unlink(missing_ok=True)
    environment = {
        **client_environment(template().parent, ""),
        "PREFECT_SERVER_DATABASE_CONNECTION_URL": f"sqlite+aiosqlite:///{draft}",
    }
    environment.pop("PREFECT_API_URL")
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    subprocess.run([sys.executable, "-c", MIGRATE], env=environment, check=True)
    with closing(sqlite3.connect(draft)) as database:
        # Back to one file, so that a copy of it is whole.
        database.execute("PRAGMA journal_mode=DELETE")
    draft.replace(template())


if __name__ == "__main__":
    make_template()
