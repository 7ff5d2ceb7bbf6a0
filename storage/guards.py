"""What the database itself refuses: a changed event, and a changed row without its event.

The application's role cannot get past these; a table's owner can, and what he does then shows in the chain and the
signed checkpoints (findings: audit, sections 2.6 and 4). DDL for SQLite and PostgreSQL; used by the migrations.
"""

from sqlalchemy import Table

from schemas.tables import METADATA

FROZEN = ("event", "eventfile", "leaf", "checkpoint")


def recorded() -> list[Table]:
    """Tables whose rows rest on events."""
    return [table for table in METADATA.sorted_tables if {"event_id", "stream_id", "version"} <= set(table.c.keys())]


def statements(dialect: str, tables: list[str]) -> list[str]:
    """Every guard as DDL for `sqlite` or `postgresql`; `tables` are those whose rows rest on events."""
    return _sqlite(tables) if dialect == "sqlite" else _postgresql(tables)


def _sqlite(tables: list[str]) -> list[str]:
    ddl: list[str] = []
    for table in FROZEN:
        for verb in ("UPDATE", "DELETE"):
            ddl.append(
                f'CREATE TRIGGER "guard_{table}_{verb.lower()}" BEFORE {verb} ON "{table}" '
                f"BEGIN SELECT RAISE(ABORT, 'the trail is never changed'); END"
            )
    # INSERT OR REPLACE deletes without firing a delete trigger: refuse what would replace.
    same = {
        "event": "id = NEW.id OR hash = NEW.hash OR (stream_id = NEW.stream_id AND seq = NEW.seq)",
        "eventfile": "event_id = NEW.event_id AND sha256 = NEW.sha256",
        "leaf": "position = NEW.position OR event_id = NEW.event_id",
        "checkpoint": "id = NEW.id OR size = NEW.size",
    }
    for table, clash in same.items():
        ddl.append(
            f'CREATE TRIGGER "guard_{table}_replace" BEFORE INSERT ON "{table}" '
            f'WHEN EXISTS (SELECT 1 FROM "{table}" WHERE {clash}) '
            f"BEGIN SELECT RAISE(ABORT, 'the trail is never changed'); END"
        )
    ddl.append(
        "CREATE TRIGGER guard_event_link BEFORE INSERT ON event "
        "WHEN NEW.seq > 1 AND NOT EXISTS (SELECT 1 FROM event WHERE stream_id = NEW.stream_id "
        "AND seq = NEW.seq - 1 AND hash = NEW.previous) "
        "BEGIN SELECT RAISE(ABORT, 'an event follows the one before it'); END"
    )
    for table in tables:
        for verb, stale in (
            ("INSERT", ""),
            ("UPDATE", "NEW.version <> OLD.version + 1 OR NEW.event_id = OLD.event_id OR "),
        ):
            last = "SELECT MAX(seq) FROM event WHERE stream_id = NEW.stream_id"
            ddl.append(
                f'CREATE TRIGGER "guard_{table}_{verb.lower()}" BEFORE {verb} ON "{table}" WHEN {stale}'
                f"NOT EXISTS (SELECT 1 FROM event WHERE id = NEW.event_id AND stream_id = NEW.stream_id "
                f"AND seq = ({last})) "
                f"BEGIN SELECT RAISE(ABORT, 'nothing changes without its event'); END"
            )
        ddl.append(
            f'CREATE TRIGGER "guard_{table}_delete" BEFORE DELETE ON "{table}" '
            f"BEGIN SELECT RAISE(ABORT, 'what is on record is not deleted'); END"
        )
        ddl.append(
            f'CREATE TRIGGER "guard_{table}_replace" BEFORE INSERT ON "{table}" '
            f'WHEN EXISTS (SELECT 1 FROM "{table}" WHERE id = NEW.id) '
            f"BEGIN SELECT RAISE(ABORT, 'what is on record is not replaced'); END"
        )
    return ddl


def _postgresql(tables: list[str]) -> list[str]:
    ddl = [
        "CREATE FUNCTION guard_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        "$$BEGIN RAISE EXCEPTION 'the trail is never changed' USING ERRCODE = 'integrity_constraint_violation'; END$$",
        "CREATE FUNCTION guard_link() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN "
        "IF NEW.seq > 1 AND NOT EXISTS (SELECT 1 FROM event WHERE stream_id = NEW.stream_id AND seq = NEW.seq - 1 "
        "AND hash = NEW.previous) THEN RAISE EXCEPTION 'an event follows the one before it' "
        "USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN NEW; END$$",
        "CREATE FUNCTION guard_recorded() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN "
        "IF TG_OP = 'UPDATE' AND (NEW.version <> OLD.version + 1 OR NEW.event_id = OLD.event_id) "
        "OR NOT EXISTS (SELECT 1 FROM event e WHERE e.id = NEW.event_id AND e.stream_id = NEW.stream_id "
        "AND e.seq = (SELECT MAX(seq) FROM event WHERE stream_id = NEW.stream_id)) "
        "THEN RAISE EXCEPTION 'nothing changes without its event' "
        "USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN NEW; END$$",
    ]
    for table in FROZEN:
        ddl += [
            f'CREATE TRIGGER guard_{table}_row BEFORE UPDATE OR DELETE ON "{table}" '
            f"FOR EACH ROW EXECUTE FUNCTION guard_refuse()",
            f'CREATE TRIGGER guard_{table}_all BEFORE TRUNCATE ON "{table}" '
            f"FOR EACH STATEMENT EXECUTE FUNCTION guard_refuse()",
            f'ALTER TABLE "{table}" ENABLE ALWAYS TRIGGER guard_{table}_row',
            f'ALTER TABLE "{table}" ENABLE ALWAYS TRIGGER guard_{table}_all',
        ]
    ddl += [
        "CREATE TRIGGER guard_event_link BEFORE INSERT ON event FOR EACH ROW EXECUTE FUNCTION guard_link()",
        "ALTER TABLE event ENABLE ALWAYS TRIGGER guard_event_link",
    ]
    for table in tables:
        ddl += [
            f'CREATE TRIGGER guard_{table} BEFORE INSERT OR UPDATE ON "{table}" '
            f"FOR EACH ROW EXECUTE FUNCTION guard_recorded()",
            f'CREATE TRIGGER guard_{table}_delete BEFORE DELETE ON "{table}" '
            f"FOR EACH ROW EXECUTE FUNCTION guard_refuse()",
            f'CREATE TRIGGER guard_{table}_all BEFORE TRUNCATE ON "{table}" '
            f"FOR EACH STATEMENT EXECUTE FUNCTION guard_refuse()",
        ]
        ddl += [f'ALTER TABLE "{table}" ENABLE ALWAYS TRIGGER guard_{table}{end}' for end in ("", "_delete", "_all")]
    return ddl
