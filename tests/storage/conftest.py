"""The real parts of this room's tests: an S3 server, and databases of the shape that the migrations make."""

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import Engine, create_engine, make_url, text

from services.object_store import ObjectStore
from services.postgres import Postgres
from storage import migrate
from storage.engine import connect


@pytest.fixture(scope="session")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ObjectStore]:
    """A real S3 server."""
    store = ObjectStore(tmp_path_factory.mktemp("s3") / "objects")
    store.start()
    yield store
    store.stop()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A real PostgreSQL whose own database has the newest shape and stays empty."""
    # Its account must be able to reach the folder, which pytest's are closed to.
    memory = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(prefix="ashar-postgres-", dir=memory if memory.is_dir() else None))
    server = Postgres(folder)
    server.start()
    # A database for each test is a thousand files, and nothing here outlives the tests.
    for setting in ("fsync", "full_page_writes", "synchronous_commit"):
        server.execute(f"ALTER SYSTEM SET {setting} = off")
    server.execute("SELECT pg_reload_conf()")
    migrate.upgrade(server.url)
    yield server
    server.stop()
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "ashar.db"
    migrate.upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.server)])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database of the newest shape, on both kinds."""
    if request.param == "sqlite":
        source = sqlite3.connect(request.getfixturevalue("sqlite_template"))
        with sqlite3.connect(tmp_path / "ashar.db") as target:
            source.backup(target)
        source.close()
        target.close()
        return f"sqlite:///{tmp_path / 'ashar.db'}"
    server = request.getfixturevalue("postgres")
    url = make_url(server.url)
    name = f"test_{uuid4().hex[:12]}"
    office = create_engine(url.set(database="postgres"), isolation_level="AUTOCOMMIT")
    with office.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {url.database}"))
    office.dispose()
    return url.set(database=name).render_as_string(hide_password=False)


@pytest.fixture
def engine(database: str) -> Iterator[Engine]:
    engine = connect(database)
    yield engine
    engine.dispose()
