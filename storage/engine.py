"""The database: SQLite by default, PostgreSQL by one setting; the same rules for both.

SQLite: WAL, synchronous=FULL (a checkpoint may have been published for what a power cut would lose), foreign keys on,
`BEGIN IMMEDIATE` for writers, and a file lock before it, since busy-waiting starves (findings: storage, section 5).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
from filelock import FileLock, Timeout
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlmodel import Session

from schemas.errors import DatabaseBusy

WAIT = 30  # seconds a writer waits for its turn before it is told that the database is busy


def _to_json(value: Any) -> str:
    # Cyrillic stays readable, or SQLite's JSON operators match nothing.
    return orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS).decode()


def connect(url: str) -> Engine:
    """An engine for `url` (sqlite:///… or postgresql+psycopg://…). The SQLite file's folder is made if absent."""
    if not url.startswith("sqlite"):
        return create_engine(url, json_serializer=_to_json, json_deserializer=orjson.loads, pool_pre_ping=True)
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
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={WAIT * 1000}"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Any) -> None:
        reads = connection.get_execution_options().get("reads", False)
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")

    return engine


@contextmanager
def turn(engine: Engine) -> Iterator[None]:
    """Wait for the writer's turn: SQLite lets one write at a time. Raises DatabaseBusy after WAIT seconds."""
    if engine.dialect.name != "sqlite" or engine.url.database is None:
        yield
        return
    try:
        with FileLock(f"{engine.url.database}.turn", timeout=WAIT):
            yield
    except Timeout as busy:
        raise DatabaseBusy(why="turn") from busy


@contextmanager
def writing(engine: Engine) -> Iterator[Session]:
    """One write transaction. Raises DatabaseBusy when the database is locked or away."""
    try:
        with turn(engine), Session(engine, expire_on_commit=False) as session, session.begin():
            yield session
    except OperationalError as trouble:
        raise DatabaseBusy(why=type(trouble.orig).__name__) from trouble
    except DBAPIError as trouble:
        if trouble.connection_invalidated:
            raise DatabaseBusy(why=type(trouble.orig).__name__) from trouble
        raise


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """One read transaction, which never waits for a writer. Raises DatabaseBusy when the database is away."""
    try:
        with (
            engine.connect().execution_options(reads=True) as connection,
            Session(connection, expire_on_commit=False, autoflush=False) as session,
        ):
            yield session
    except OperationalError as trouble:
        raise DatabaseBusy(why=type(trouble.orig).__name__) from trouble
