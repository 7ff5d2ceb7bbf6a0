"""What tests of several rooms share: offices at a stage of the journey."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from documents.sandbox import Reader
from tests.offices import Desk, Stages


@pytest.fixture(scope="session")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stages]:
    """The stages of the journey, each played when it is first asked for."""
    reader = Reader(cpu_seconds=20, memory=1_000_000_000, file_limit=100_000_000)
    yield Stages(tmp_path_factory.mktemp("played"), reader)
    reader.close()


@pytest.fixture
def desk_at(played: Stages, tmp_path: Path) -> Iterator[Callable[..., Desk]]:
    """A copy of an office at a stage, to do with as one likes."""
    opened: list[Desk] = []

    def at(stage: str, **settings: Any) -> Desk:
        opened.append(played.desk(stage, tmp_path / f"home{len(opened)}", **settings))
        return opened[-1]

    yield at
    for desk in opened:
        desk.close()
