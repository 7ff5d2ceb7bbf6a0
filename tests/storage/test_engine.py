"""A database that is busy or away is one word, DatabaseBusy, at every door; readers wait for nobody."""

import sqlite3
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from filelock import FileLock
from sqlalchemy import Engine, create_engine, make_url, text
from sqlalchemy.exc import DBAPIError

from schemas.errors import DatabaseBusy
from schemas.event import Act
from schemas.outbox import Errand
from schemas.programme import Problem
from storage import engine as engines
from storage import migrate, outbox
from storage.engine import connect, reading, writing
from storage.work import looking, working
from tests.storage.makers import CLERK, NOW, REASON, prioritise, propose

LEASE = timedelta(minutes=5)


def _read(url: str) -> None:
    with reading(connect(url)) as session:
        session.execute(text("SELECT 1"))


def _look(url: str) -> None:
    with looking(connect(url), CLERK) as look:
        look.all(Problem)


def _work(url: str) -> None:
    with working(connect(url), CLERK, NOW) as work:
        work.all(Problem)


DOORS: dict[str, Callable[[str], object]] = {
    "reading": _read,
    "looking": _look,
    "working": _work,
    "claim": lambda url: outbox.claim(connect(url), [Errand.INSPECT], limit=1, lease=LEASE, now=NOW),
    "reconcile": lambda url: outbox.reconcile(connect(url), now=NOW, attempts=1),
    "waiting": lambda url: outbox.waiting(connect(url)),
    "current": migrate.current,
    "upgrade": migrate.upgrade,
    "differences": migrate.differences,
}


@pytest.mark.parametrize("door", DOORS)
def test_a_server_that_is_away_is_a_busy_database_at_every_door(door: str):
    with pytest.raises(DatabaseBusy):
        DOORS[door]("postgresql+psycopg://ashar:x@127.0.0.1:1/ashar")


@pytest.mark.server
@pytest.mark.parametrize("database", ["postgres"], indirect=True)
def test_a_server_that_goes_away_in_the_middle_is_a_busy_database(engine: Engine):
    def cut() -> None:
        """As a restart of the server does."""
        owner = create_engine(make_url(engine.url).set(database="postgres"), isolation_level="AUTOCOMMIT")
        with owner.connect() as connection:
            kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"
            connection.execute(text(kill), {"name": engine.url.database})
        owner.dispose()

    with pytest.raises(DatabaseBusy), writing(engine) as session:
        session.execute(text("SELECT 1"))
        cut()
        session.execute(text("SELECT 1"))
    with pytest.raises(DatabaseBusy), reading(engine) as session:
        session.execute(text("SELECT 1"))
        cut()
        session.execute(text("SELECT 1"))
    propose(engine)  # and afterwards it is there again


def test_an_error_of_ours_is_not_tried_again(engine: Engine):
    with pytest.raises(DBAPIError), writing(engine) as session:
        session.execute(text("SELECT * FROM no_such_table"))


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch, database: str) -> Iterator[Engine]:
    """Waits a fifth of a second where the product waits half a minute."""
    monkeypatch.setattr(engines, "WAIT", 0.2)
    engine = connect(database)
    yield engine
    engine.dispose()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
class TestSqlite:
    def test_power_safe_pragmas_are_set_on_every_connection(self, engine: Engine):
        for _ in range(2):
            with engine.connect() as connection:
                asked = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in PRAGMAS}
            assert asked == PRAGMAS
            engine.dispose()

    def test_who_waits_too_long_for_the_writers_turn_is_told(self, impatient: Engine):
        with FileLock(f"{impatient.url.database}.turn"):
            began = time.monotonic()
            with pytest.raises(DatabaseBusy), writing(impatient):
                pass
            assert time.monotonic() - began < 5

    def test_a_stranger_who_holds_the_file_is_waited_for_and_told_of(self, impatient: Engine):
        row = propose(impatient)
        stranger = sqlite3.connect(str(impatient.url.database), isolation_level=None)
        stranger.execute("BEGIN IMMEDIATE")
        with pytest.raises(DatabaseBusy):
            prioritise(impatient, row, 1)
        with looking(impatient, CLERK) as look:  # a reader does not wait
            assert look.get(Problem, row.id).priority is None
        stranger.rollback()
        prioritise(impatient, row, 1)
        stranger.close()


PRAGMAS = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 30_000}


def test_a_reader_does_not_wait_for_a_writer_and_sees_what_was_before(engine: Engine):
    row = propose(engine)
    with working(engine, CLERK, NOW) as work:
        work.get(Problem, row.id).priority = 7
        work.record(Act.PROBLEM_PRIORITISE, work.get(Problem, row.id), because=REASON)
        with looking(engine, CLERK) as look:
            assert look.get(Problem, row.id).priority is None
    with looking(engine, CLERK) as look:
        assert look.get(Problem, row.id).priority == 7


@pytest.mark.server
@pytest.mark.parametrize("database", ["postgres"], indirect=True)
def test_who_waits_too_long_for_a_row_is_told(engine: Engine, monkeypatch: pytest.MonkeyPatch):
    row = propose(engine)
    monkeypatch.setattr(engines, "WAIT", 1)
    impatient = connect(engine.url.render_as_string(hide_password=False))
    with working(engine, CLERK, NOW) as work:
        work.get(Problem, row.id)
        with pytest.raises(DatabaseBusy):
            prioritise(impatient, row, 1)
    impatient.dispose()


@pytest.mark.server
@pytest.mark.parametrize("database", ["postgres"], indirect=True)
def test_a_reading_writes_nothing(engine: Engine):
    with pytest.raises(DBAPIError, match="read-only"), reading(engine) as session:
        session.execute(
            text("INSERT INTO stream (id, tenant_id, kind, seq, head) VALUES (:i, :i, 'x', 0, '')"), {"i": uuid4()}
        )


def test_the_folder_of_a_new_database_is_made(tmp_path: Path):
    engine = connect(f"sqlite:///{tmp_path / 'new' / 'deep' / 'ashar.db'}")
    with reading(engine) as session:
        assert session.execute(text("SELECT 1")).scalar() == 1
    engine.dispose()
