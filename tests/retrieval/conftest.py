"""A PostgreSQL for this room, and offices on either kind of database."""

from uuid import uuid4

import pytest
from sqlalchemy import create_engine, make_url, text

from services.postgres import Postgres
from storage.grants import grant
from tests.storage.conftest import postgres

__all__ = ["postgres"]


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
