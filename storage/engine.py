"""The database: SQLite by default, PostgreSQL by one setting; the same rules for both.

SQLite: WAL, synchronous=FULL (a checkpoint may have been published for what a power cut would lose), foreign keys on,
`BEGIN IMMEDIATE` for writers, and a file lock before it, since busy-waiting starves (findings: storage, section 5).
PostgreSQL: whoever waits for a lock as long as SQLite would let him is told so; a reading is one snapshot on both.
"""

import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import orjson
from filelock import FileLock, Timeout
from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection
from sqlmodel import Session

from schemas.errors import DatabaseBusy

WAIT = 30  # seconds a writer waits for its turn before it is told that the database is busy
CONNECT = 10  # seconds in which a database server must answer
CACHE = 16_384  # kilobytes of pages that a connection to SQLite keeps; its own 2,000 are read anew all the time
CHECKPOINT = 4_000  # pages of the log after which they go into the file, each but once however often it was written
POLL = 0.003  # seconds between two looks at the writers' file; longer ones let a busy writer starve the others
# What SQLite says when it is the world's fault; its other operational errors are ours and are not tried again.
_OUTSIDE = frozenset(
    {
        *(sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL),
        *(sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PROTOCOL, sqlite3.SQLITE_INTERRUPT, sqlite3.SQLITE_NOMEM),
    }
)


def _to_json(value: Any) -> str:
    # Cyrillic stays readable, or SQLite's JSON operators match nothing.
    return orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS).decode()


def connect(url: str) -> Engine:
    """An engine for `url` (sqlite:///… or postgresql+psycopg://…). The SQLite file's folder is made if absent."""
    if not url.startswith("sqlite"):
        return create_engine(
            url,
            json_serializer=_to_json,
            json_deserializer=orjson.loads,
            pool_pre_ping=True,
            pool_timeout=WAIT,
            connect_args={"connect_timeout": CONNECT, "options": f"-c lock_timeout={int(WAIT * 1000)}"},
        )
    path = Path(url.removeprefix("sqlite:///"))
    path.parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        url,
        json_serializer=_to_json,
        json_deserializer=orjson.loads,
        connect_args={"timeout": WAIT, "check_same_thread": False},
    )

    @event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        # The wait comes first: only one connection at a time can turn a new file to WAL.
        waits = f"busy_timeout={int(WAIT * 1000)}"
        for pragma in (
            waits,
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            f"cache_size=-{CACHE}",
            f"wal_autocheckpoint={CHECKPOINT}",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Any) -> None:
        reads = connection.get_execution_options().get("reads", False)
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")

    return engine


@contextmanager
def answering() -> Iterator[None]:
    """Whatever the database says when it is busy, full or away becomes DatabaseBusy; the rest stays what it is."""
    try:
        yield
    except NoConnection as trouble:
        raise DatabaseBusy(why="pool") from trouble
    except DBAPIError as trouble:
        if _outside(trouble):
            raise DatabaseBusy(why=type(trouble.orig).__name__) from trouble
        raise


def _outside(trouble: DBAPIError) -> bool:
    code = getattr(trouble.orig, "sqlite_errorcode", None)
    if code is not None:
        return code & 0xFF in _OUTSIDE
    return isinstance(trouble, OperationalError) or trouble.connection_invalidated


@contextmanager
def turn(engine: Engine) -> Iterator[None]:
    """Wait for the writer's turn: SQLite lets one write at a time. Raises DatabaseBusy after WAIT seconds."""
    if engine.dialect.name != "sqlite" or engine.url.database is None:
        yield
        return
    lock = FileLock(f"{engine.url.database}.turn", timeout=WAIT, poll_interval=POLL)
    try:
        lock.acquire()
    except Timeout as busy:
        raise DatabaseBusy(why="turn") from busy
    try:
        yield
    finally:
        lock.release()


@contextmanager
def writing(engine: Engine) -> Iterator[Session]:
    """One write transaction. Raises DatabaseBusy when the database is locked or away."""
    with answering(), turn(engine), Session(engine, expire_on_commit=False) as session, session.begin():
        yield session


def alone(session: Session, work: str) -> None:
    """Nobody else does this `work` until the transaction ends. On SQLite a writer is alone already."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": number(work)})


def alone_at_once(session: Session, work: str) -> bool:
    """As `alone`, without waiting: whether nobody else does this `work` now."""
    if session.get_bind().dialect.name != "postgresql":
        return True
    return bool(session.scalar(text("SELECT pg_try_advisory_xact_lock(:key)"), {"key": number(work)}))


def by_keys(session: Session) -> None:
    """Until the transaction ends PostgreSQL reads what belongs to a few rows by its keys, one by one.

    Its figures of a table may be old: of one that it takes for empty it would go through all, and again for each row.
    """
    if session.get_bind().dialect.name == "postgresql":
        off = "SELECT set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true)"
        session.execute(text(off))


@contextmanager
def sole(engine: Engine, work: str) -> Iterator[bool]:
    """Whether nobody else is at this `work`; if so, nobody will be until the end. Does not wait. Raises DatabaseBusy."""
    if engine.dialect.name == "sqlite":
        lock = FileLock(f"{engine.url.database}.{work}", timeout=0)
        try:
            lock.acquire()
        except Timeout:
            yield False
            return
        try:
            yield True
        finally:
            lock.release()
        return
    # a number of its own: whoever is at it may be alone in its transactions besides
    key = number(f"sole {work}")
    # a connection of its own: the lock goes with it, also when this process dies
    with answering(), engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        mine = bool(connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": key}))
        try:
            yield mine
        finally:
            if mine:
                with suppress(DBAPIError):  # the server went away, and the lock with it
                    connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": key})


def number(work: str) -> int:
    """The number by which PostgreSQL knows a piece of work that only one may do."""
    return zlib.crc32(f"ashar {work}".encode())


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """One snapshot, which never waits for a writer. Raises DatabaseBusy when the database is away."""
    options: dict[str, Any] = {"reads": True}
    if engine.dialect.name == "postgresql":
        # or a head and its chain could be read from two different moments
        options |= {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    with (
        answering(),
        engine.connect().execution_options(**options) as connection,
        Session(connection, expire_on_commit=False, autoflush=False) as session,
    ):
        yield session
