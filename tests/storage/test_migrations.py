"""The tables are what the program expects, on both databases, whoever migrates and whatever is killed."""

import re
import signal
import time
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import Engine, Enum, create_engine, delete, insert, inspect, make_url, text
from sqlalchemy.exc import IntegrityError, StatementError
from sqlmodel import col

from schemas.document import Blob, BlobState
from schemas.event import EventFile, Stream
from schemas.outbox import Errand
from schemas.programme import Problem
from schemas.tables import METADATA
from storage import guards, migrate
from storage.engine import connect, reading, writing
from storage.work import working
from tests.storage.makers import CLERK, NOW, TENANT, in_processes, problem, propose, proposed


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.server)])
def nothing(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database that holds nothing."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'new.db'}"
    url = make_url(request.getfixturevalue("postgres").url)
    name = f"new_{uuid4().hex[:12]}"
    owner = create_engine(url.set(database="postgres"), isolation_level="AUTOCOMMIT")
    with owner.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    owner.dispose()
    return url.set(database=name).render_as_string(hide_password=False)


def test_a_new_database_gets_the_shape_that_the_tables_ask_for_and_twice_is_harmless(nothing: str):
    assert migrate.current(nothing) == ""

    migrate.upgrade(nothing)
    migrate.upgrade(nothing)

    assert migrate.current(nothing) == migrate.newest()
    migrate.differences(nothing)


def test_two_processes_that_migrate_at_once_wait_for_each_other(nothing: str):
    processes = in_processes(2, migrate.upgrade, nothing)
    for process in processes:
        process.join(60)

    assert [process.exitcode for process in processes] == [0, 0]
    migrate.differences(nothing)


def test_a_migration_that_is_killed_has_never_begun_or_is_whole(tmp_path: Path):
    """SQLite commits each table by itself unless it is told otherwise. The kill may come just after the one commit."""
    url, path = f"sqlite:///{tmp_path / 'killed.db'}", tmp_path / "killed.db-wal"
    [process] = in_processes(1, migrate.upgrade, url)
    limit = time.monotonic() + 30
    while process.is_alive() and not (path.exists() and path.stat().st_size) and time.monotonic() < limit:
        time.sleep(0.001)
    process.kill()
    process.join()

    if process.exitcode == -signal.SIGKILL:
        engine = connect(url)
        assert set(inspect(engine).get_table_names()) in (set(), {*METADATA.tables, "alembic_version"})
        engine.dispose()
    migrate.upgrade(url)
    migrate.differences(url)


def test_every_constraint_has_a_name_by_which_a_later_migration_can_find_it(engine: Engine):
    look = inspect(engine)
    named = {
        table: [
            *(("pk", look.get_pk_constraint(table)["name"]),),
            *(("fk", one["name"]) for one in look.get_foreign_keys(table)),
            *(("uq", one["name"]) for one in look.get_unique_constraints(table)),
            *(("ck", one["name"]) for one in look.get_check_constraints(table)),
            *(("ix", one["name"]) for one in look.get_indexes(table) if not one.get("duplicates_constraint")),
        ]
        for table in METADATA.tables
    }

    assert sum(map(len, named.values())) > 150
    assert [
        (table, name)
        for table, all_ in named.items()
        for kind, name in all_
        if not (name or "").startswith(f"{kind}_{table}")
    ] == []


def test_every_guard_stands_in_the_database(engine: Engine):
    names = [table.name for table in guards.recorded()]
    wanted = {
        found[1]
        for statement in guards.statements(engine.dialect.name, names)
        if (found := re.match(r'CREATE TRIGGER "?(\w+)', statement))
    }
    query = (
        "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        if engine.dialect.name == "sqlite"
        else "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled = 'A'"
    )
    with engine.connect() as connection:
        assert set(connection.scalars(text(query))) == wanted
    assert len(names) == 26


@pytest.mark.parametrize("change", ["state = 'gone'", "errand = 'make.tea'", "state = 'WAITING'"])
def test_the_database_holds_a_column_to_its_words(engine: Engine, change: str):
    with working(engine, CLERK, NOW) as work:
        work.errand(Errand.INSPECT, proposed(work, None, problem()), "once")

    with pytest.raises(IntegrityError, match="ck_job"), engine.begin() as connection:
        connection.execute(text(f"UPDATE job SET {change}"))


def test_every_column_of_words_has_its_check(engine: Engine):
    words = {
        (table.name, column.name)
        for table in METADATA.tables.values()
        for column in table.c
        if isinstance(column.type, Enum)
    }
    look = inspect(engine)
    checked = {
        (table, column)
        for table, column in words
        if any(re.search(rf"\b{column}\b", one["sqltext"]) for one in look.get_check_constraints(table))
    }

    assert len(words) > 25
    assert words - checked == {("event", "act"), ("eventindex", "act")}  # a guard's (test_guards), and its copy


def test_an_instant_without_its_zone_is_refused(engine: Engine):
    blob = {"id": uuid4(), "tenant_id": TENANT, "sha256": "0", "key": "k", "size": 1, "state": BlobState.STORING}

    with pytest.raises(StatementError, match="needs its zone"), writing(engine) as session:
        session.execute(insert(Blob).values(**blob, touched_at=datetime(2018, 6, 29)))


def test_an_instant_of_any_zone_comes_back_aware_and_in_utc_to_the_microsecond(engine: Engine):
    at = datetime(2018, 6, 29, 11, 0, 0, 123456, tzinfo=timezone(timedelta(hours=6)))
    blob = Blob(tenant_id=TENANT, sha256="0", key="k", size=1, touched_at=at)
    with writing(engine) as session:
        session.add(blob)

    with reading(engine) as session:
        back = session.get_one(Blob, blob.id).touched_at
    assert back == at
    assert back.tzinfo is UTC
    assert back.isoformat() == "2018-06-29T05:00:00.123456+00:00"


def test_json_with_cyrillic_keys_and_values_can_be_asked_for(engine: Engine):
    row = propose(engine, row=Problem(title={"аталышы": "Таштанды"}, description={"ky": "ө"}))
    asked = "title ->> 'аталышы'" if engine.dialect.name == "postgresql" else "json_extract(title, '$.\"аталышы\"')"

    with reading(engine) as session:
        assert session.get_one(Problem, row.id).title == {"аталышы": "Таштанды"}
        found = session.execute(text(f"SELECT count(*) FROM problem WHERE {asked} = 'Таштанды'"))
        assert found.scalar_one() == 1


def test_no_row_without_its_parent(engine: Engine):
    with pytest.raises(IntegrityError), writing(engine) as session:
        session.execute(insert(EventFile).values(event_id=uuid4(), sha256="0" * 64))


def test_a_stream_that_has_events_cannot_be_deleted(engine: Engine):
    row = propose(engine)

    with pytest.raises(IntegrityError), writing(engine) as session:
        session.execute(delete(Stream).where(col(Stream.id) == row.stream_id))


def test_large_sums_fit(engine: Engine):
    blob = Blob(tenant_id=TENANT, sha256="0", key="k", size=2**53 - 1, touched_at=NOW)
    with writing(engine) as session:
        session.add(blob)
    with reading(engine) as session:
        assert session.get_one(Blob, blob.id).size == 2**53 - 1
