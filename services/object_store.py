"""The embedded S3 server: SeaweedFS on loopback only, closed to other processes of this machine and safe on power loss.

Why each setting is there: by default any local process can delete a locked bucket without a key, and a power cut loses
acknowledged objects. So gRPC asks for a certificate, HTTP of the inner servers is off, names lie in SQLite, writes
are synced, and indexes are rebuilt after a stop that was not orderly.
"""

import contextlib
import fcntl
import io
import json
import os
import secrets
import sqlite3
import subprocess
import sys
import tempfile
import time
from hashlib import sha256
from pathlib import Path

import urllib3
from minio import Minio
from minio.error import S3Error

from schemas.errors import ServiceDown
from services import child
from services.certificates import issue, secret_file

START_SECONDS = 30
LOCK_SECONDS = 15
ATTEMPTS = 3
REGION = "us-east-1"
PROBE = "ashar-probe"
MEMORY_LIMIT = "300MiB"
SERVERS = ("master", "volume", "filer", "s3", "admin")


class ObjectStore:
    """One S3 server over one folder. Everything it needs, keys too, lies in that folder (mode 0700)."""

    def __init__(self, folder: Path, *, log: Path | None = None) -> None:
        self.folder = folder.absolute()
        self.data = self.folder / "data"
        self.keys = self.folder / "keys.json"
        self.log = log or self.folder / "store.log"
        self.access_key, self.secret_key = "", ""
        self._ports: list[int] = []
        self._process: subprocess.Popen[bytes] | None = None
        self._lock: int | None = None

    @property
    def endpoint(self) -> str:
        """Host and port, as the S3 client wants them."""
        return f"127.0.0.1:{self._port('s3')}" if self._ports else ""

    @property
    def _names(self) -> Path:
        return self.data / "names.db"

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process is not None and self._process.poll() is None else None

    def start(self) -> None:
        """Come up and prove it with a real write. Errors: ServiceDown."""
        if self.pid is not None:
            return
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.folder.chmod(0o700)
        self.data.mkdir(exist_ok=True)
        self._take_lock()
        try:
            self._load_keys()
            self._repair()
            for attempt in range(1, ATTEMPTS + 1):
                self._choose_ports(keep=attempt == 1)
                self._write_configuration()
                self._turn_names_to_wal()
                self._launch()
                if self._until_it_writes():
                    self._sync_every_write()
                    return
                self._end(patience=2)
            raise ServiceDown(service="store", log=str(self.log))  # noqa: TRY301
        except BaseException:
            self._end(patience=2)
            self._drop_lock()
            raise

    def stop(self) -> None:
        """Go down in order; a stop that needed force is repaired at the next start."""
        if self._end(patience=10):
            (self.folder / "clean").touch()
        self._drop_lock()

    def healthy(self) -> bool:
        """Whether the server is there and knows our key."""
        if self.pid is None:
            return False
        with contextlib.suppress(S3Error, urllib3.exceptions.HTTPError, OSError):
            return self.client(seconds=2).bucket_exists(PROBE)
        return False

    def client(self, seconds: float = 10) -> Minio:
        """A client with this store's keys and short time-outs."""
        pool = urllib3.PoolManager(timeout=urllib3.Timeout(connect=2, read=seconds), retries=False)
        return Minio(
            self.endpoint,
            access_key=self.access_key,
            secret_key=self.secret_key,
            secure=False,
            region=REGION,
            http_client=pool,
        )

    # -- before the server ----------------------------------------------------------------------------------------

    def _take_lock(self) -> None:
        # The server inherits the descriptor: the lock lives as long as either of us does.
        descriptor = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

        def locked() -> bool:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            return True

        # The server of a supervisor that was killed is on its way out.
        if not child.until(locked, LOCK_SECONDS):
            os.close(descriptor)
            raise ServiceDown(
                service="store",
                why="another process uses this folder",
                folder=str(self.folder),
            )
        self._lock = descriptor

    def _drop_lock(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _load_keys(self) -> None:
        if not self.keys.exists():
            keys = {
                "access_key": secrets.token_hex(10).upper(),
                "secret_key": secrets.token_urlsafe(30),
            }
            secret_file(self.keys, json.dumps(keys).encode())
        keys = json.loads(self.keys.read_text())
        self.access_key, self.secret_key = keys["access_key"], keys["secret_key"]

    def _repair(self) -> None:
        marker = self.folder / "clean"
        if not marker.exists():
            (self.folder / "synced").unlink(missing_ok=True)
            # Index files are not synced by the server; the volumes themselves hold all that is needed to rebuild them.
            for folder in sorted({volume.parent for volume in self.data.rglob("*.dat")}):
                self._run("fix", "-ignoreError", str(folder), seconds=600)
        marker.unlink(missing_ok=True)
        for socket in Path(tempfile.gettempdir()).glob("seaweedfs-*-grpc-*.sock"):
            # The server leaves them behind when it is killed; only those of our own ports are ours to remove.
            if socket.stem.rpartition("-")[2] in {str(port) for port in self._saved_ports()}:
                socket.unlink(missing_ok=True)

    def _saved_ports(self) -> list[int]:
        path = self.folder / "ports.json"
        return json.loads(path.read_text()) if path.exists() else []

    def _choose_ports(self, *, keep: bool) -> None:
        self._ports = child.free_ports(2 * len(SERVERS), wanted=self._saved_ports() if keep else ())
        secret_file(self.folder / "ports.json", json.dumps(self._ports).encode())

    def _port(self, server: str, *, inner: bool = False) -> int:
        return self._ports[SERVERS.index(server) + (len(SERVERS) if inner else 0)]

    def _write_configuration(self) -> None:
        certificates = self.folder / "certificates"
        issue(certificates, "ashar")
        pair = f'cert = "{certificates}/node.pem"\nkey = "{certificates}/node.key"\n'
        parts = [
            "volume",
            "master",
            "filer",
            "s3",
            "msg_broker",
            "msg_agent",
            "admin",
            "worker",
            "mq",
        ]
        security = [f'[{name}]\nkey = "{secrets.token_hex(32)}"\n' for name in _SIGNED]
        security.append(f'[grpc]\nca = "{certificates}/ca.pem"\n')
        security += [f'[grpc.{part}]\n{pair}allowed_commonNames = "ashar"\n' for part in parts]
        security.append(f"[grpc.client]\n{pair}")
        secret_file(self.folder / "security.toml", "\n".join(security).encode())
        names = f'[leveldb2]\nenabled = false\n[sqlite]\nenabled = true\ndbFile = "{self._names}"\n'
        secret_file(self.folder / "filer.toml", names.encode())
        identity = {
            "name": "ashar",
            "credentials": [{"accessKey": self.access_key, "secretKey": self.secret_key}],
            "actions": ["Admin", "Read", "Write", "List", "Tagging"],
        }
        secret_file(self.folder / "s3.json", json.dumps({"identities": [identity]}).encode())

    def _turn_names_to_wal(self) -> None:
        # The server writes three rows for an object. With SQLite's own journal each is four syncs and a file made and
        # deleted, in WAL one sync: 350 instead of 200 objects of 60 KB a second by eight threads.
        try:
            with contextlib.closing(sqlite3.connect(self._names)) as names:
                names.execute("PRAGMA journal_mode=WAL")
        except sqlite3.Error as broken:
            raise ServiceDown(service="store", why=f"{self._names.name}: {broken}") from broken

    # -- the server -----------------------------------------------------------------------------------------------

    def _environment(self) -> dict[str, str]:
        # HOME: no stranger's ~/.seaweedfs is read. TMPDIR: no sockets of ours in a folder that everybody shares.
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("WEED_", "AWS_", "S3_"))}
        sockets = _socket_folder(self.folder)
        return inherited | {
            "HOME": str(self.folder),
            "TMPDIR": str(sockets),
            "GOMEMLIMIT": MEMORY_LIMIT,
            "GOGC": "50",
        }

    def _launch(self) -> None:
        sockets = _socket_folder(self.folder)
        options = {
            "dir": self.data,
            "ip": "127.0.0.1",
            "ip.bind": "127.0.0.1",
            "disableHttp": "true",
            "webdav": "false",
            "admin.ui": "false",
            "master.telemetry": "false",
            "master.resumeState": "false",
            "filer.localSocket": sockets / "filer.sock",
            "s3.localSocket": sockets / "s3.sock",
            "s3.config": self.folder / "s3.json",
            "s3.allowDeleteBucketNotEmpty": "false",
            "s3.autoCreateBucket": "false",
            "s3.port.iceberg": 0,
            "s3.port.lance": 0,
        }
        options |= {f"{server}.port": self._port(server) for server in SERVERS}
        options |= {f"{server}.port.grpc": self._port(server, inner=True) for server in SERVERS}
        command = [
            _weed(),
            "-logtostderr=true",
            "mini",
            *(f"-{name}={value}" for name, value in options.items()),
        ]
        assert self._lock is not None
        self._process = child.spawn(
            command,
            cwd=self.folder,
            log=self.log,
            env=self._environment(),
            keep=[self._lock],
        )

    def _until_it_writes(self) -> bool:
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end and self.pid is not None:
            with contextlib.suppress(S3Error, urllib3.exceptions.HTTPError, OSError, ValueError):
                client = self.client(seconds=5)
                if not client.bucket_exists(PROBE):
                    client.make_bucket(PROBE)
                # Only the server that holds our secret can have taken this: the port is not a stranger's.
                client.put_object(PROBE, "ready", io.BytesIO(b"1"), 1)
                return True
            time.sleep(0.1)
        return False

    def _sync_every_write(self) -> None:
        done = self.folder / "synced"
        if done.exists():
            return
        words = "fs.configure -locationPrefix=/buckets/ -fsync -apply\nexit\n"
        answer = self._run(
            "shell",
            f"-master=127.0.0.1:{self._port('master')}.{self._port('master', inner=True)}",
            f"-filer=127.0.0.1:{self._port('filer')}.{self._port('filer', inner=True)}",
            seconds=30,
            words=words,
        )
        if '"fsync":true' not in answer.replace(" ", ""):
            raise ServiceDown(service="store", why="the rule to sync every write was not taken")
        done.touch()

    def _run(self, *arguments: str, seconds: float, words: str = "") -> str:
        done = subprocess.run(
            [_weed(), "-logtostderr=true", *arguments],
            cwd=self.folder,
            env=self._environment(),
            input=words,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
        with self.log.open("a") as log:
            log.write(done.stdout + done.stderr)
        return done.stdout

    def _end(self, *, patience: float) -> bool:
        process, self._process = self._process, None
        return process is not None and child.stop(process, patience=patience)


_SIGNED = (
    "jwt.signing",
    "jwt.signing.read",
    "jwt.filer_signing",
    "jwt.filer_signing.read",
)


def _weed() -> str:
    beside = Path(sys.executable).with_name("weed")
    if not beside.exists():
        raise ServiceDown(service="store", why="the program weed is not installed")
    return str(beside)


def _socket_folder(folder: Path) -> Path:
    # A socket's path may have 107 bytes, so it cannot lie in the folder itself.
    short = Path(tempfile.gettempdir()) / f"ashar-{os.getuid()}-{sha256(str(folder).encode()).hexdigest()[:12]}"
    short.mkdir(mode=0o700, exist_ok=True)
    if short.lstat().st_uid != os.getuid() or short.lstat().st_mode & 0o077 or short.is_symlink():
        raise ServiceDown(
            service="store",
            why="a stranger holds the folder of the sockets",
            folder=str(short),
        )
    return short
