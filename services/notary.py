"""The notary as a child of the supervisor: the process that seals, alone with the log's key."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from schemas.errors import ServiceDown
from services import child

START_SECONDS = 60
STOP_SECONDS = 15
_BEHIND = "behind"  # a file of its own: it stays when the notary ends or has other troubles
SILENT = 180  # seconds without a sign of life; it looks every second, and every minute when troubled


class Notary:
    """`ashar notary run` over one home."""

    def __init__(self, home: Path, log: Path) -> None:
        self.home, self.log = home.absolute(), log
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process is not None and self._process.poll() is None else None

    def launch(self, environment: Mapping[str, str]) -> None:
        """Begin to start; the store is up."""
        file_of(self.home).unlink(missing_ok=True)
        command = [sys.executable, "-m", "cli.main", "--home", str(self.home), "notary", "run"]
        self._process = child.spawn(command, cwd=Path(__file__).parent.parent, log=self.log, env=environment)

    def ready(self) -> None:
        """Wait for its first look. Errors: ServiceDown."""
        if not child.until(lambda: self.pid is None or self.healthy(), START_SECONDS) or not self.healthy():
            raise ServiceDown(service="notary", log=str(self.log))

    def healthy(self) -> bool:
        """Whether it looks. What it sees may trouble it; another start would not help."""
        pid, _ = seen(self.home)
        return self.pid is not None and pid == self.pid

    def stop(self) -> None:
        """A round that was begun is ended."""
        process, self._process = self._process, None
        if process is not None:
            child.stop(process, patience=STOP_SECONDS)
        file_of(self.home).unlink(missing_ok=True)


def file_of(home: Path) -> Path:
    """Where it leaves a sign of life with every look."""
    return home.absolute() / "run" / "notary"


def seen(home: Path) -> tuple[int | None, str]:
    """Its pid, None when there was no sign of life for long; and the name of what troubles it."""
    try:
        pid, trouble, *_ = file_of(home).read_text().split("\n")
        fresh = time.time() - file_of(home).stat().st_mtime < SILENT
        return (int(pid) if fresh else None), trouble
    except (OSError, ValueError):
        return None, ""


def behind(home: Path) -> bool:
    """Whether it saw that an older database was restored: what is written to that one now can be put right by nobody."""
    return os.path.exists(f"{home}/run/{_BEHIND}")  # noqa: PTH110 -- with every act


def tell_behind(home: Path) -> None:
    """The database knows less than was signed, whatever else troubles the notary from now on."""
    sign = home.absolute() / "run" / _BEHIND
    sign.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    sign.touch()


def put_right(home: Path) -> None:
    """The database has again what was signed."""
    with suppress(OSError):  # another's: the notary takes it away at its next look
        (home.absolute() / "run" / _BEHIND).unlink(missing_ok=True)
