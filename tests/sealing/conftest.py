"""An office over an empty database of either kind, with a folder for a store."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from flows.office import Office
from schemas.settings import Settings, Store
from storage.work import working
from tests.storage.conftest import database, postgres, sqlite_template
from tests.storage.makers import CLERK, NOW, TENANT, problem, proposed

__all__ = ["database", "postgres", "sqlite_template"]


@pytest.fixture
def office(database: str, tmp_path: Path) -> Iterator[Office]:
    (tmp_path / "clock").write_text(datetime(2018, 6, 29, 5, tzinfo=UTC).isoformat())
    made = Office(
        Settings(home=tmp_path / "home", database_url=SecretStr(database), store=Store.FOLDER, clock=tmp_path / "clock")
    )
    yield made
    made.close()


Happen = Callable[[int], None]


@pytest.fixture
def happen(office: Office) -> Happen:
    """So many events more, in two cases of one contest and in one stream of its own."""
    home, cases = uuid4(), [uuid4(), uuid4()]
    with working(office.engine, CLERK, NOW) as work:
        work.open_stream(home, TENANT, "contest", name="batken/1")
        for number, one in enumerate(cases, 1):
            work.open_stream(one, TENANT, "case", name=str(number), under=home)
    streams = [*cases, home]

    def more(count: int) -> None:
        with working(office.engine, CLERK, NOW) as work:
            for number in range(count):
                proposed(work, streams[number % 3], problem())

    return more


def without_guards(office: Office, *statements: str) -> None:
    """What only the database's owner can do."""
    with office.engine.begin() as connection:
        if office.engine.dialect.name == "sqlite":
            names = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'guard%'"
            for name in connection.scalars(text(names)).all():
                connection.exec_driver_sql(f'DROP TRIGGER "{name}"')
            connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
        else:
            names = (
                "SELECT tgname, tgrelid::regclass FROM pg_trigger WHERE tgname LIKE 'guard%' "
                "AND tgname <> 'guard_event_unsealed'"
            )
            for name, table in connection.execute(text(names)).all():
                connection.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER {name}")
        for statement in statements:
            connection.exec_driver_sql(statement)


def number_of(office: Office, table: str) -> int:
    with office.engine.connect() as connection:
        return connection.scalar(text(f"SELECT count(*) FROM {table}")) or 0
