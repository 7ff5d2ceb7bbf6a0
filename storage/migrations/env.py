"""How migrations reach the database: an engine of their own, foreign keys off while SQLite rebuilds a table.

With foreign keys on, the rebuild of a parent deletes its children (findings: storage, section 5). All steps are one
transaction on both databases, so that a migration which is killed has never begun.
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


def prepare(engine: sa.Engine) -> None:
    """The driver would commit each table by itself: we begin and commit ourselves."""

    @sa.event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        for pragma in ("busy_timeout=30000", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=OFF"):
            connection.execute(f"PRAGMA {pragma}")

    @sa.event.listens_for(engine, "begin")
    def _on_begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def run() -> None:
    engine = sa.create_engine(context.config.attributes["url"])
    sqlite = engine.dialect.name == "sqlite"
    if sqlite:
        prepare(engine)
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=METADATA,
            render_as_batch=sqlite,
            compare_type=True,
            render_item=render,
            transactional_ddl=True,
        )
        with context.begin_transaction():
            context.run_migrations()
            if sqlite and connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall():
                raise RuntimeError("a migration left rows without their parents")
    engine.dispose()


run()
