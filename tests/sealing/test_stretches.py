"""A log of more than one stretch is verified alike by one process and by two, and nothing done to it stays hidden."""

import multiprocessing
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from benchmarks.long_trail import fill
from flows.office import Office
from flows.steps import sealing, verifying
from schemas.errors import BrokenTrail
from schemas.settings import Settings, Store
from services.child import until
from storage import tiles, tree
from storage.work import Look, looking
from tests.sealing.conftest import without_guards

EVENTS, CASES, CONTESTS = 66_500, 350, 7  # more than one stretch of 65,536 leaves


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    made = Office(Settings(home=tmp_path_factory.mktemp("home"), store=Store.FOLDER))
    fill(made.engine, CASES, EVENTS // CASES)
    sealing.seal(made)
    without_guards(made)
    yield made
    made.close()


@pytest.fixture
def other(office: Office, tmp_path: Path) -> Iterator[Office]:
    """The same on a copy of its database, to be spoilt."""
    office.engine.dispose()
    shutil.copy(office.home / "ashar.db", tmp_path)
    copy = f"sqlite:///{tmp_path / 'ashar.db'}"
    copied = Office(Settings(home=office.home, store=Store.FOLDER, database_url=SecretStr(copy)))
    yield copied
    copied.close()


@pytest.mark.parametrize("jobs", [1, 2])
def test_it_counts_what_holds(office: Office, jobs: int):
    assert sealing.verify_all(office, jobs=jobs) == (CASES + CONTESTS, EVENTS)


@pytest.fixture
def threaded() -> Iterator[None]:
    """Another thread of this process, as a worker has many."""
    stopped = threading.Event()
    thread = threading.Thread(target=stopped.wait)
    thread.start()
    yield
    stopped.set()
    thread.join()


def begun(office: Office, monkeypatch: pytest.MonkeyPatch) -> str:
    """How the other process of a verification is begun."""
    ways, asked = [], multiprocessing.get_context
    monkeypatch.setattr(multiprocessing, "get_context", lambda way: ways.append(way) or asked(way))
    assert sealing.verify_all(office, jobs=2, tiles=False) == (CASES + CONTESTS, EVENTS)
    [way] = ways
    return way


def test_another_process_is_a_fork_of_one_that_is_alone(office: Office, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(threading, "active_count", lambda: 1)  # the tests have threads of their own, which rest
    assert begun(office, monkeypatch) == "fork"


@pytest.mark.usefixtures("threaded")
def test_a_thread_breaks_no_other_process(office: Office, monkeypatch: pytest.MonkeyPatch):
    assert begun(office, monkeypatch) == "spawn"


def test_a_connection_that_is_in_use_goes_into_no_other_process(office: Office, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(threading, "active_count", lambda: 1)
    with looking(office.engine, office.system) as look:
        look.session.connection()
        assert begun(office, monkeypatch) == "spawn"


def test_this_process_takes_turns_as_before(office: Office):
    turn = sys.getswitchinterval()
    sealing.verify_all(office, jobs=2, tiles=False)
    assert sys.getswitchinterval() == turn


def test_it_goes_on_alone_when_the_other_process_is_killed(office: Office):
    def kill() -> None:
        while not stopped.wait(0.01):
            for child in multiprocessing.active_children():
                child.kill()
                killed.append(child.pid)
                return

    stopped, killed = threading.Event(), []
    killer = threading.Thread(target=kill)
    killer.start()
    try:
        assert sealing.verify_all(office, jobs=2) == (CASES + CONTESTS, EVENTS)
    finally:
        stopped.set()
        killer.join()
    assert killed


def broken(office: Office, jobs: int = 1) -> object:
    with pytest.raises(BrokenTrail) as told:
        sealing.verify_all(office, jobs=jobs)
    return told.value.facts["why"]


@pytest.mark.parametrize(
    ("attack", "why"),
    [
        ("UPDATE leaf SET hash = 'x' || hash WHERE position = 65999", "changed"),
        ("UPDATE event SET at = '2026-01-31 05:00:00.000001' WHERE seq = 7", "changed"),
        ("UPDATE stream SET seq = seq + 1 WHERE kind = 'case'", "tail"),
        ("UPDATE checkpoint SET root = 'x' WHERE size = (SELECT min(size) FROM checkpoint)", "checkpoint"),
        ("UPDATE checkpoint SET size = 'x' WHERE size = (SELECT min(size) FROM checkpoint)", "store"),
        ("UPDATE checkpoint SET size = size + 0.5 WHERE size = (SELECT min(size) FROM checkpoint)", "store"),
        ("DELETE FROM checkpoint", None),  # the store knows it still
        ("DELETE FROM leaf WHERE position = 66100", "unplaced"),
        ("UPDATE leaf SET position = 9999999 WHERE position = 66101", "gap"),
    ],
)
def test_what_was_done_to_the_rows_shows(other: Office, attack: str, why: str | None):
    with other.engine.begin() as connection:
        connection.exec_driver_sql(attack)
    if why is None:
        assert sealing.verify_all(other) == (CASES + CONTESTS, EVENTS)
    else:
        assert broken(other) == why


def test_a_place_that_is_taken_twice_shows(other: Office):
    """Without its key a table takes one: there are as many leaves as before, in the same order."""
    with other.engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE twin AS SELECT * FROM leaf")
        connection.exec_driver_sql("DROP TABLE leaf")
        connection.exec_driver_sql("ALTER TABLE twin RENAME TO leaf")
    assert sealing.verify_all(other, tiles=False) == (CASES + CONTESTS, EVENTS)
    with other.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE leaf SET position = 66100 WHERE position = 66101")
    with pytest.raises(BrokenTrail) as told:
        sealing.verify_all(other, disclosures=False)
    assert told.value.facts["why"] == "gap"


@pytest.mark.parametrize(
    ("level", "index", "jobs"), [(0, 258, 2), (tiles.ENTRIES, 258, 1), (1, 0, 2), (1, 1, 1), (2, 0, 1)]
)
def test_what_was_done_to_the_store_shows(office: Office, level: int, index: int, jobs: int):
    folder = office.home / "objects"
    name = tiles.name_of(level, index)
    newest = folder / name
    if not newest.is_file():  # not full yet
        newest = max((folder / f"{name}.p").glob("[0-9]*"), key=lambda one: int(one.name))
    raw = newest.read_bytes()
    newest.chmod(0o640)
    newest.write_bytes(raw[:-1] + bytes([raw[-1] ^ 1]))
    try:
        assert broken(office, jobs) == "tiles"
        assert sealing.verify_all(office, jobs=jobs, tiles=False) == (CASES + CONTESTS, EVENTS)
    finally:
        newest.write_bytes(raw)


def test_a_leaf_behind_the_last_head_of_the_map_shows(other: Office):
    """Whatever is put in order ends with a head; what somebody adds by hand is in no map."""
    entry = b'{"t":"other","v":1}'
    with other.engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO leaf (position, event_id, hash, entry) SELECT max(position) + 1, NULL, ?, ? FROM leaf",
            (tree.leaf_hash(entry).hex(), entry),
        )
    assert broken(other) == "map"


def test_a_size_that_is_signed_twice_is_looked_at_once(office: Office):
    """Or whatever was signed behind it would be left aside."""
    with looking(office.engine, office.system) as look:
        told = verifying._told(look)
    size, root, note = told.signed[0]
    told.signed.insert(0, (size, root, note))
    tasks = verifying._tasks(told, [size], 0, 1, disclosures=False)
    assert [one for task in tasks for one in task[2]] == sorted({size for size, _, _ in told.signed})


def test_a_stream_that_begins_while_others_start_is_known_to_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    made = Office(Settings(home=tmp_path, store=Store.FOLDER))
    fill(made.engine, 20, 100)
    sealing.seal(made)
    counted = verifying._told

    def late(look: Look) -> object:
        assert until(lambda: bool(multiprocessing.active_children()), 10)
        time.sleep(3)  # time enough for the other to be at work
        fill(made.engine, 20, 100, name="late", seed=5)
        sealing.seal(made)
        return counted(look)

    for name, leaves in {"STRETCH": 1_024, "SHORTEST": 256, "_told": late}.items():
        monkeypatch.setattr(verifying, name, leaves)
    streams, events = sealing.verify_all(made, jobs=2)
    assert events == 4_000
    assert streams >= 40
    made.close()


ALONE = """
import multiprocessing, sys, time
from pathlib import Path
from flows.office import Office
from flows.steps import verifying
from schemas.settings import Settings, Store
verifying.STRETCH = 1_024
if __name__ == "__main__":
    with verifying._others(Office(Settings(home=Path(sys.argv[1]), store=Store.FOLDER)), 2):
        print([one.pid for one in multiprocessing.active_children()][0], flush=True)
        time.sleep(60)
"""


def test_no_other_process_outlives_one_that_is_killed(office: Office):
    killed = subprocess.Popen([sys.executable, "-c", ALONE, str(office.home)], stdout=subprocess.PIPE, text=True)
    assert killed.stdout is not None
    child = int(killed.stdout.readline())
    killed.kill()
    killed.communicate()
    assert until(
        lambda: not Path(f"/proc/{child}").exists() or "State:\tZ" in Path(f"/proc/{child}/status").read_text(), 10
    )
