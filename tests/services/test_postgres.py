"""A PostgreSQL of one's own comes up anywhere, and keeps what was written."""

import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path
from tempfile import mkdtemp

import psycopg
import pytest

from services.child import alive, until
from services.postgres import Postgres

pytestmark = pytest.mark.server


@pytest.fixture
def folder() -> Iterator[Path]:
    # Not pytest's own: that one is closed to the account which PostgreSQL runs as.
    folder = Path(mkdtemp(prefix="ashar-pg-test-"))
    yield folder
    shutil.rmtree(folder)


def test_it_comes_up_keeps_what_was_committed_and_goes(folder: Path) -> None:
    server = Postgres(folder)
    server.start()
    with psycopg.connect(server.url.replace("+psycopg", "")) as connection:
        connection.execute("CREATE TABLE kept (word text)")
        connection.execute("INSERT INTO kept VALUES ('ашар')")

    pid = server.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    assert until(lambda: server.pid is None, 10)
    server.stop()
    server.start()

    with psycopg.connect(server.url.replace("+psycopg", "")) as connection:
        assert connection.execute("SELECT word FROM kept").fetchone() == ("ашар",)
    again = server.pid
    assert again is not None
    server.stop()
    assert not alive(again)


def test_a_stranger_without_the_password_is_refused(folder: Path) -> None:
    server = Postgres(folder)
    server.start()
    try:
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(f"postgresql://ashar:guess@127.0.0.1:{server.port}/ashar", connect_timeout=5)
    finally:
        server.stop()
