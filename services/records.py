"""What the supervisor writes down about what it keeps, and what others read from it: `<home>/run/services.json`."""

import json
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path

from services import child
from services.certificates import secret_file


class State(StrEnum):
    """Of one service, and of the whole."""

    STARTING = "starting"
    HEALTHY = "healthy"
    FAILED = "failed"
    STOPPED = "stopped"
    ELSEWHERE = "elsewhere"  # somebody else runs it


@dataclass
class Entry:
    """One process that is kept."""

    pid: int
    started: int | None  # clock ticks since boot; with the pid it names the process for good
    address: str = ""
    state: State = State.STARTING

    def lives(self) -> bool:
        return child.alive(self.pid) and child.started_at(self.pid) == self.started


@dataclass
class Record:
    """The whole file."""

    supervisor: Entry
    services: dict[str, Entry] = field(default_factory=dict)
    s3_endpoint: str = ""
    s3_keys: str = ""  # path of the file that holds them
    prefect_api_url: str = ""
    prefect_ui_url: str = ""
    failed: str = ""  # name of the service that did not come up

    def write(self, path: Path) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        secret_file(path, json.dumps(asdict(self), indent=1).encode())


def read(path: Path) -> Record | None:
    """The record, or None where there is none that can be read."""
    try:
        told = json.loads(path.read_text())
        told["supervisor"] = _entry(told["supervisor"])
        told["services"] = {name: _entry(entry) for name, entry in told["services"].items()}
        return Record(**told)
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _entry(told: dict[str, object]) -> Entry:
    entry = Entry(**told)  # pyright: ignore[reportArgumentType]
    entry.state = State(entry.state)
    return entry


def file_of(home: Path) -> Path:
    """Where the record of this installation lies."""
    return home.absolute() / "run" / "services.json"
