"""A PostgreSQL of one's own from Debian's binaries: for tests, and to try Ashar on it. Not for production data."""

import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from schemas.errors import ServiceDown
from services import child
from services.certificates import secret_file

START_SECONDS = 30
USER = "ashar"


class Postgres:
    """One cluster in one folder, reached over loopback with a generated password. `settings` are PostgreSQL's own, by name."""

    def __init__(self, folder: Path, settings: Mapping[str, str] | None = None) -> None:
        self.folder = folder.absolute()
        self.settings = settings or {}
        self.port = 0
        self._password = ""
        self._process: subprocess.Popen[bytes] | None = None
        self._sockets: Path | None = None

    @property
    def url(self) -> str:
        """SQLAlchemy address of the database `ashar`."""
        return f"postgresql+psycopg://{USER}:{self._password}@127.0.0.1:{self.port}/{USER}"

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process is not None and self._process.poll() is None else None

    def start(self) -> None:
        """Make the cluster if there is none, and come up. Errors: ServiceDown."""
        if self.pid is not None:
            return
        data = self.folder / "data"
        # The server refuses to run as root, and its account must be able to reach the folder.
        self.folder.mkdir(mode=0o755, parents=True, exist_ok=True)
        if _root() is not None:
            self.folder.chmod(0o755)
        fresh = not (data / "PG_VERSION").exists()
        if fresh:
            self._initialise(data)
        self._password = (self.folder / "password").read_text()
        [self.port] = child.free_ports(1)
        self._sockets = Path(tempfile.mkdtemp(prefix="ashar-pg-"))
        self._own(self._sockets)
        options = {"listen_addresses": "127.0.0.1", "port": self.port, "unix_socket_directories": self._sockets}
        settings = [part for name, value in {**self.settings, **options}.items() for part in ("-c", f"{name}={value}")]
        command = [*_as_server(), str(binaries() / "postgres"), "-D", str(data), *settings]
        self._process = child.spawn(command, cwd=data if _root() is None else Path("/"), log=self.folder / "log")
        if not child.until(lambda: self.pid is None or self.healthy(), START_SECONDS) or not self.healthy():
            self.stop()
            raise ServiceDown(service="postgres", log=str(self.folder / "log"))
        if fresh:
            self.execute(f'CREATE DATABASE "{USER}"')

    def stop(self) -> None:
        """Fast shutdown: open transactions are rolled back."""
        process, self._process = self._process, None
        if process is not None:
            # SIGTERM would wait for every client to leave; SIGINT does not.
            if process.poll() is None:
                process.send_signal(2)
                child.until(lambda: process.poll() is not None, 10)
            child.stop(process, patience=5)
        if self._sockets is not None:
            shutil.rmtree(self._sockets, ignore_errors=True)
            self._sockets = None

    def healthy(self) -> bool:
        check = [str(binaries() / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        return subprocess.run(check, check=False).returncode == 0

    def execute(self, statement: str, database: str = "postgres") -> None:
        """Run one statement as the owner, e.g. to make a database for one test. Errors: ServiceDown."""
        address = ["-h", "127.0.0.1", "-p", str(self.port), "-U", USER, "-d", database]
        command = [str(binaries() / "psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1", *address, "-c", statement]
        environment = {**os.environ, "PGPASSWORD": self._password}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise ServiceDown(service="postgres", why=done.stderr.strip())

    def _initialise(self, data: Path) -> None:
        password = self.folder / "password"
        secret_file(password, secrets.token_urlsafe(24).encode())
        data.mkdir(mode=0o700, exist_ok=True)
        self._own(data)
        self._own(password)
        options = ["-D", str(data), "-U", USER, "--pwfile", str(password), "-N"]
        options += ["-A", "scram-sha-256", "-E", "UTF8", "--locale=C.UTF-8"]
        done = subprocess.run(
            [*_as_server(), str(binaries() / "initdb"), *options],
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise ServiceDown(service="postgres", why=done.stderr.strip())

    def _own(self, path: Path) -> None:
        account = _root()
        if account is not None:
            os.chown(path, account.pw_uid, account.pw_gid)


def binaries() -> Path:
    """Folder of the newest PostgreSQL of this system. Errors: ServiceDown."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    if not found:
        raise ServiceDown(service="postgres", why="PostgreSQL is not installed")
    return found[-1]


def _root() -> pwd.struct_passwd | None:
    """The account to run as, if we are root."""
    return pwd.getpwnam("postgres") if os.getuid() == 0 else None


def _as_server() -> list[str]:
    account = _root()
    if account is None:
        return []
    return ["setpriv", f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups", "--pdeathsig=TERM"]
