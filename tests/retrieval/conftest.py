"""A PostgreSQL for this room, and offices on either kind of database."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, make_url, text

from services.postgres import Postgres
from storage import migrate
from storage.grants import grant


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A real PostgreSQL whose own database has the newest shape and stays empty."""
    memory = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(prefix="ashar-postgres-", dir=memory if memory.is_dir() else None))
    server = Postgres(folder)
    server.start()
    for setting in ("fsync", "full_page_writes", "synchronous_commit"):
        server.execute(f"ALTER SYSTEM SET {setting} = off")
    server.execute("SELECT pg_reload_conf()")
    migrate.upgrade(server.url)
    yield server
    server.stop()
    shutil.rmtree(folder)


@pytest.fixture
def fresh(postgres: Postgres) -> str:
    """The address of an empty PostgreSQL database of the newest shape, for a role that owns nothing."""
    url = make_url(postgres.url)
    name = f"test_{uuid4().hex[:12]}"
    office = create_engine(url.set(database="postgres"), isolation_level="AUTOCOMMIT")
    with office.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {url.database}"))
    office.dispose()
    grant(url.set(database=name).render_as_string(hide_password=False), "ashar_app", "secret")
    return url.set(database=name, username="ashar_app", password="secret").render_as_string(hide_password=False)
