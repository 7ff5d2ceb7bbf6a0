"""PostgreSQL: the roles that Ashar works under own nothing, so that the guards cannot be taken away from below them.

Migrations run as the owner, the notary as a role of its own, everything else as the application's. The application adds
events and cannot change them; only the notary gives them their place in the log and in the index, and it does nothing else. Another role
may delete disclosures and the words of indexes too: only redaction and disposal run under it, and its password is not
where the application's is.
"""

from sqlalchemy import Table, text
from sqlalchemy.engine import Connection
from sqlalchemy.sql import quoted_name
from sqlmodel import Session

from schemas.tables import METADATA
from storage.engine import answering, connect
from storage.guards import FROZEN

_SEALED = frozenset({"leaf", "checkpoint", "keyrange", "unsealed", "eventindex", "indexed"})  # the notary's
_GROWS = frozenset({*FROZEN, "disclosure"} - _SEALED)
_SWEPT = frozenset({"blob"})  # rows of bytes that nothing claimed
_NOTARY = {
    "event": "SELECT",
    "stream": "SELECT",
    "leaf": "SELECT, INSERT",
    "checkpoint": "SELECT, INSERT",
    "keyrange": "SELECT, INSERT, UPDATE",
    "unsealed": "SELECT, DELETE",
    "eventindex": "SELECT, INSERT",
    "indexed": "SELECT, INSERT, UPDATE",
    "cosignature": "SELECT, INSERT",
    "witnesscall": "SELECT, INSERT, UPDATE",
}
_ERASED = frozenset({"disclosure", "clue", "shingle"})  # personal values, and what was made of them for finding


def rights(table: Table, *, erases: bool = False) -> str:
    """What the application's role may do with a table, as SQL has it; `erases`: the role of redaction and disposal."""
    if erases and table.name in _ERASED:
        return f"{rights(table)}, DELETE"
    if table.name in _SEALED:
        return "SELECT"
    if table.name in _GROWS:
        return "SELECT, INSERT"
    if table.name == "stream":
        return "SELECT, INSERT, UPDATE (name)"  # to hold the row; the name is guarded, and heads move by themselves
    return "SELECT, INSERT, UPDATE, DELETE" if table.name in _SWEPT else "SELECT, INSERT, UPDATE"


def may_seal(session: Session) -> bool:
    """Whether this role may put leaves into the log, and events into their index. On SQLite everybody may who may write at all."""
    if session.get_bind().dialect.name != "postgresql":
        return True
    both = "has_table_privilege('leaf', 'INSERT') AND has_table_privilege('indexed', 'UPDATE')"
    return bool(session.scalar(text(f"SELECT {both}")))


def may_reindex(session: Session) -> bool:
    """Whether this role may make the index of events anew: on PostgreSQL its owner alone."""
    if session.get_bind().dialect.name != "postgresql":
        return True
    return bool(session.scalar(text("SELECT has_table_privilege('eventindex', 'DELETE')")))


def grant(owner_url: str, role: str, password: str, *, notary: bool = False, erases: bool = False) -> None:
    """Make the role, or set its password anew, and give it what it needs and nothing else. Raises DatabaseBusy.

    `owner_url` is the address by which migrations run; its account must be allowed to make roles. With `notary` the role
    is the one that seals, with `erases` that of redaction and disposal.
    """
    engine = connect(owner_url)
    try:
        with answering(), engine.begin() as connection:
            _role(connection, role, password)
            for statement in _statements(connection, role, notary=notary, erases=erases):
                connection.execute(text(statement))
    finally:
        engine.dispose()


def _role(connection: Connection, role: str, password: str) -> None:
    name = _name(connection, role)
    there = connection.scalar(text("SELECT 1 FROM pg_roles WHERE rolname = :role"), {"role": role})
    driver = connection.connection.driver_connection
    # The server, and whoever reads its log, sees only the verifier.
    verifier = driver.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256").decode()  # pyright: ignore[reportOptionalMemberAccess]
    limits = "LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS"
    verb = "ALTER" if there else "CREATE"
    connection.exec_driver_sql(f"{verb} ROLE {name} {limits} PASSWORD '{verifier}'")


def _statements(connection: Connection, role: str, *, notary: bool, erases: bool) -> list[str]:
    name = _name(connection, role)
    allowed = _NOTARY if notary else {one.name: rights(one, erases=erases) for one in METADATA.sorted_tables}
    database, schema = connection.execute(text("SELECT current_database(), current_schema()")).one()
    on, inside = _name(connection, database), _name(connection, schema)
    return [
        f"REVOKE ALL ON DATABASE {on} FROM PUBLIC",
        f"GRANT CONNECT ON DATABASE {on} TO {name}",
        f"REVOKE CREATE ON SCHEMA {inside} FROM PUBLIC",
        f"GRANT USAGE ON SCHEMA {inside} TO {name}",
        f"REVOKE ALL ON ALL TABLES IN SCHEMA {inside} FROM {name}",
        f"GRANT SELECT ON alembic_version TO {name}",
        *(f'GRANT {may} ON "{table}" TO {name}' for table, may in allowed.items()),
    ]


def _name(connection: Connection, name: str) -> str:
    return connection.dialect.identifier_preparer.quote_identifier(quoted_name(name, quote=True))
