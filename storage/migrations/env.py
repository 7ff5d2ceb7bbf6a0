"""How migrations reach the database: an engine of their own, foreign keys off while SQLite rebuilds a table.

With foreign keys on, the rebuild of a parent deletes its children (findings: storage, section 5).
"""

from typing import Any

import sqlalchemy as sa
from alembic import context
from sqlmodel.sql.sqltypes import AutoString

from schemas.base import JSON_TYPE, UtcDateTime
from schemas.tables import METADATA


def render(kind: str, thing: Any, _autogen: Any) -> str | bool:
    if kind == "type":
        if isinstance(thing, AutoString):
            return f"sa.String({thing.length or ''})"
        if isinstance(thing, UtcDateTime):
            return "sa.DateTime(timezone=True)"
        if isinstance(thing, sa.JSON) and thing == JSON_TYPE:
            return "sa.JSON().with_variant(postgresql.JSONB(), 'postgresql')"
    return False


def run() -> None:
    url = context.config.attributes["url"]
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        sqlite = connection.dialect.name == "sqlite"
        if sqlite:
            connection.exec_driver_sql("PRAGMA journal_mode=WAL")
            connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
            connection.commit()
        context.configure(
            connection=connection,
            target_metadata=METADATA,
            render_as_batch=sqlite,
            compare_type=True,
            render_item=render,
        )
        with context.begin_transaction():
            context.run_migrations()
        if sqlite and connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall():
            raise RuntimeError("a migration left rows without their parents")
    engine.dispose()


run()
