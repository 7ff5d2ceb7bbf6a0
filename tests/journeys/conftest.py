"""A home in which a contest is announced, packages for it, and two readers of files, made once."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from documents.sandbox import Reader
from flows.steps import errands
from tests.journeys.kills import Stage
from tests.journeys.papers import Counter

MEMORY = Path("/dev/shm")  # where each commit's fsync costs nothing


@pytest.fixture(scope="session")
def room() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="ashar-journeys-", dir=MEMORY if MEMORY.is_dir() else None))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def folder(room: Path) -> Iterator[Path]:
    """A folder of one test, gone with it."""
    mine = Path(tempfile.mkdtemp(dir=room))
    yield mine
    shutil.rmtree(mine)


@pytest.fixture(scope="session")
def counter(room: Path) -> Counter:
    return Counter(room / "packages")


@pytest.fixture(scope="session")
def readers(room: Path) -> Iterator[list[Reader]]:
    """Started, so that processes forked from here find them running."""
    paper = room / "paper"
    paper.write_bytes(b"paper")
    made = [Reader(cpu_seconds=20, memory=1_000_000_000, file_limit=100_000_000) for _ in range(2)]
    for one in made:
        one.read(paper, "paper")
    yield made
    for one in made:
        one.close()


@pytest.fixture(scope="session")
def announced(room: Path, readers: list[Reader]) -> Path:
    """A home to be copied: customer, people, commission, an announced contest."""
    home = room / "announced"
    home.mkdir()
    stage = Stage(home, readers[0])
    stage.play.prepare()
    stage.close()
    return home


@pytest.fixture
def home(announced: Path, folder: Path) -> Path:
    return shutil.copytree(announced, folder / "home")


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is put back may be tried again at once."""
    monkeypatch.setattr(errands, "PAUSE", errands.PAUSE * 0)
