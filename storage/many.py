"""Rows of one table, many in one statement, one without what a statement of a row's own would cost beside it."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import Dialect, Executable, Table, insert, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import psycopg
from sqlmodel import Session

_POSTGRESQL = psycopg.dialect()


def put(session: Session, table: Table, rows: Sequence[Mapping[str, Any]], *, instead: tuple[str, ...] = ()) -> None:
    """Insert rows that have the same columns, in their order.

    PostgreSQL gets an array of each column: a statement for each row would cost it several times as much. `instead`: where
    a row of this primary key is there already, these columns of it change.
    """
    if not rows:
        return
    dialect = session.get_bind().dialect
    if len(rows) == 1 and not instead:
        statement, take = _alone(table, tuple(rows[0]), dialect)
        session.connection().exec_driver_sql(statement, take(rows[0]))
    elif dialect.name == "postgresql" and len(rows) > 1:
        names = tuple(rows[0])
        bound = _bound(table, names)
        arrays = {name: [bound[name](row[name]) for row in rows] for name in names}
        session.execute(_together(table, names, instead), arrays)
    elif not instead:
        statement, take = _alone(table, tuple(rows[0]), dialect)
        session.connection().exec_driver_sql(statement, [take(row) for row in rows])
    else:
        # a list of one would go the driver's way for many
        session.execute(_each(table, instead, dialect.name), rows if len(rows) > 1 else rows[0])


def put_while(session: Session, table: Table, row: Mapping[str, Any], there: str) -> bool:
    """Insert a row on PostgreSQL if something else is `there` (what stands behind FROM); whether it was.

    `there` may name the row's columns as the driver's parameters.
    """
    statement, take = _alone(table, tuple(row), session.get_bind().dialect)
    head, values = statement.removesuffix(")").split(" VALUES (", 1)
    said = f"{head} SELECT {values} FROM {there}"  # noqa: S608 -- text of ours
    made = session.connection().exec_driver_sql(said, take(row))
    return made.rowcount == 1


@lru_cache(maxsize=64)
def _alone(table: Table, names: tuple[str, ...], dialect: Dialect) -> tuple[str, Callable[[Mapping[str, Any]], Any]]:
    """The statement as the driver takes it, and how it takes a row."""
    made = insert(table).compile(dialect=dialect, column_keys=list(names))
    types = {name: table.c[name].type.dialect_impl(dialect) for name in names}
    bound = {name: one.bind_processor(dialect) for name, one in types.items()}

    def value(row: Mapping[str, Any], name: str) -> Any:
        process = bound[name]
        return row[name] if process is None else process(row[name])

    if made.positional:
        order = tuple(made.positiontup or ())
        return made.string, lambda row: tuple(value(row, name) for name in order)
    return made.string, lambda row: {name: value(row, name) for name in names}


@cache
def _each(table: Table, instead: tuple[str, ...], dialect: str) -> Executable:
    adding = sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)
    changed = {name: adding.excluded[name] for name in instead}
    return adding.on_conflict_do_update(index_elements=list(table.primary_key), set_=changed)


@cache
def _together(table: Table, names: tuple[str, ...], instead: tuple[str, ...]) -> Executable:
    arrays = ", ".join(f"CAST(:{name} AS {table.c[name].type.compile(_POSTGRESQL)}[])" for name in names)
    said = f"INSERT INTO {table.name} ({', '.join(names)}) SELECT * FROM unnest({arrays})"  # noqa: S608 -- names of ours
    if instead:
        key = ", ".join(table.primary_key.columns.keys())
        said += f" ON CONFLICT ({key}) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in instead)}"
    return text(said)


@cache
def _bound(table: Table, names: tuple[str, ...]) -> dict[str, Callable[[Any], Any]]:
    """How a value of each column is handed to the driver."""
    types = {name: table.c[name].type.dialect_impl(_POSTGRESQL) for name in names}
    return {name: one.bind_processor(_POSTGRESQL) or (lambda value: value) for name, one in types.items()}
