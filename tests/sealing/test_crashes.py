"""The sequencer fails or is killed at any of its writes, hundreds of times: no fork, no leaf lost or doubled, tiles as they ought to be."""

import os
import random
import shutil
import signal
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from sqlalchemy import text

from flows.office import Office
from flows.steps import logkey, sealing
from flows.steps.sequencer import Sequencer
from schemas.errors import StoreDown
from storage import log, policy, tiles
from storage.folder import FolderObjects
from storage.tiles import Edge
from tests.sealing.conftest import Happen

BOTH = pytest.mark.parametrize(
    "database", ["sqlite", pytest.param("postgres", marks=pytest.mark.server)], indirect=True
)
EVERY = ["commit", "put laws", "put log", "put checkpoints", "lock checkpoints", "lock log", "drop", "delete"]


class Struck(Exception):
    """The lightning."""


class Lightning:
    """Strikes at write number `at`, or at the first of that name, before it is done or just after."""

    def __init__(self) -> None:
        self.at: int | str = -1
        self.after, self.kill, self.count = False, False, 0
        self.hits: dict[str, int] = {}
        self.chance = random.Random(5)

    def arm(self, at: int | str, *, after: bool, kill: bool = False) -> None:
        self.at, self.after, self.kill, self.count = at, after, kill, 0

    def write(self, name: str, work: Any, *arguments: Any) -> Any:
        mine = self.at in (self.count, name)
        self.count += 1
        if mine and not self.after:
            self._strike(name)
        done = work(*arguments)
        if mine:
            self._strike(name)
        return done

    def _strike(self, name: str) -> None:
        self.at = -1
        self.hits[name] = self.hits.get(name, 0) + 1
        if self.kill:
            os.kill(os.getpid(), signal.SIGKILL)
        raise Struck if self.chance.random() < 0.5 else StoreDown(why="struck")


class StruckObjects(FolderObjects):
    """The folder store under that lightning."""

    def __init__(self, path: Path, lightning: Lightning) -> None:
        super().__init__(path)
        self.lightning = lightning

    def put(self, key: str, source: BinaryIO, size: int, sha256: str, until: datetime | None = None) -> str:
        room = key.split("/", maxsplit=1)[0]
        return self.lightning.write(f"put {room}", super().put, key, source, size, sha256, until)

    def lock(self, key: str, until: datetime, mark: str = "") -> None:
        self.lightning.write(f"lock {key.split('/', maxsplit=1)[0]}", super().lock, key, until, mark)

    def drop(self, marks: Mapping[str, str]) -> None:
        self.lightning.write("drop", super().drop, marks)

    def delete(self, key: str) -> None:
        self.lightning.write("delete", super().delete, key)


@pytest.fixture
def lightning(office: Office, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lightning]:
    monkeypatch.setattr("flows.steps.sequencer.BATCH", 50)  # so that a batch's tiles fly while the next is put in order
    struck = Lightning()
    folder = Path(tempfile.mkdtemp(dir="/dev/shm" if Path("/dev/shm").is_dir() else None))
    office._objects = StruckObjects(folder, struck)
    dialect = office.engine.dialect
    commit = dialect.do_commit
    dialect.do_commit = lambda connection: struck.write("commit", commit, connection)
    yield struck
    shutil.rmtree(folder)


def examine(office: Office) -> None:
    """Everything from the database alone, and then what the store makes of it."""
    events = sealing.verify_all(office)[1]
    with office.engine.connect() as connection:
        leaves = connection.execute(text("SELECT event_id FROM leaf ORDER BY position")).scalars().all()
        told = connection.execute(text("SELECT id FROM event")).scalars().all()
    placed = [one for one in leaves if one is not None]
    assert len(placed) == len(set(placed)) == len(told) == events
    edge, leaf_hashes = Edge(), []
    with office.engine.connect() as connection:
        from flows.steps.sequencer import entry_of
        from flows.steps.sequencer import placed as rows

        for one in connection.execute(rows(0, len(leaves))):
            entry, _ = entry_of(one)
            leaf_hashes.append(edge.append(entry))
            assert leaf_hashes[-1].hex() == one.hash
    there = {one.key: office.objects.read(one.key, tiles.LARGEST) for one in office.objects.keys(tiles.PREFIX)}
    ought = {one.name: one.body for one in edge.unwritten()}
    assert ought.items() <= there.items()
    for name in there.keys() - ought.keys():  # half full ones of earlier sizes
        whole = ought.get(name.partition(".p/")[0], there.get(name))
        assert whole is not None
        if "entries" not in name:
            assert whole.startswith(there[name])
    tree, keys, before = log.Tree(leaf_hashes), logkey.policy_of(office), None
    for size in policy.sizes(office.objects):
        head = keys.read(policy.note_of(office.objects, size))
        assert (head.size, head.root) == (size, tree.root(size))
        if before is not None:
            proof = tiles.Tiles(office.objects, len(leaves)).consistency(size, before.size)
            assert log.verify_consistency(size, before.size, head.root, before.root, proof)
        before = head


def fill(sequencer: Sequencer, happen: Happen) -> None:
    """Tiles that are begun and filled without a failure between, so that their unfilled forms are dropped."""
    for _ in range(5):
        happen(110)
        sequencer.drain()


@BOTH
def test_failing_at_any_write_it_ends_as_if_nothing_had_been(
    office: Office, happen: Happen, lightning: Lightning, database: str
):
    chance = random.Random(7)
    rounds = 300 if database.startswith("sqlite") else 80
    sequencer = Sequencer(office)
    for number in range(rounds):
        happen(chance.choice([0, 1, 2, 3, 10, 40, 130]))
        least = min(EVERY, key=lambda name: lightning.hits.get(name, 0))
        lightning.arm(least if number % 2 else chance.randrange(16), after=chance.random() < 0.5)
        try:
            seal = sequencer.drain if chance.random() < 0.6 else sequencer.round
            seal(beat=chance.random() < 0.1)
        except (Struck, StoreDown):
            if chance.random() < 0.5:
                sequencer = Sequencer(office)
        if number % 60 in (20, 40):
            lightning.arm("drop", after=number % 60 == 40)
            with suppress(Struck):
                fill(sequencer, happen)
        lightning.arm(-1, after=False)
        if number % 60 == 59:
            sequencer.drain()
            examine(office)
    assert lightning.hits.keys() >= set(EVERY)
    assert sum(lightning.hits.values()) > rounds / 3


@BOTH
def test_killed_at_any_write_it_ends_as_if_nothing_had_been(
    office: Office, happen: Happen, lightning: Lightning, database: str
):
    chance = random.Random(11)
    killed = 0
    for number in range(120 if database.startswith("sqlite") else 30):
        happen(chance.choice([1, 2, 3, 10, 40, 130]))
        office.engine.dispose()
        pid = os.fork()
        if not pid:
            try:
                lightning.arm(chance.randrange(18), after=number % 2 == 0, kill=True)
                sealing.seal(office)
            finally:
                os._exit(0)
        chance.randrange(18)  # the child drew it too
        killed += os.WIFSIGNALED(os.waitpid(pid, 0)[1])
        if number % 30 in (10, 20):
            office.engine.dispose()
            pid = os.fork()
            if not pid:
                try:
                    lightning.arm("drop", after=number % 30 == 20, kill=True)
                    fill(Sequencer(office), happen)
                finally:
                    os._exit(0)
            assert os.WIFSIGNALED(os.waitpid(pid, 0)[1])
        if number % 30 == 29:
            sealing.seal(office)
            examine(office)
    assert killed > number / 2
