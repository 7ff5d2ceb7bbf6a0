"""What the database itself refuses: a changed event, and a changed row without its event.

The application's role cannot get past these; a table's owner can, and what he does then shows in the chain and the
signed checkpoints (findings: audit, sections 2.6 and 4). DDL for SQLite and PostgreSQL; used by the migrations.
"""

# ruff: noqa: S608 -- DDL is made of names of our own

from sqlalchemy import Table, UniqueConstraint

from schemas.event import Act
from schemas.tables import METADATA
from storage import guards_beside
from storage.engine import number
from storage.guards_beside import ERASES, HELD, NEVER, STAYS, held
from storage.triggers import function, raises, refuse, trigger

FROZEN = ("event", "eventfile", "leaf", "checkpoint", "cosignature", "told")
# Of a disclosure only deleting is left, and that with an event which names it: a changed text would read as if it had
# been recorded.
_FOLLOWS = "an event follows the one before it"
_UNKNOWN = "there is no such act"
_NOTHING = "nothing changes without its event"
_NAMED = "a stream stays what it is"
_WAITING = "an event waits for its place in the log"
# The database itself gives the event its ticket to the log, and moves its stream's head on.
_TICKET = "INSERT INTO unsealed (event_id) VALUES (NEW.id);"
_ON = "UPDATE stream SET seq = NEW.seq, head = NEW.hash WHERE id = NEW.stream_id"
_IDENTITY = ("id", "tenant_id", "kind", "name", "key", "parent_id")  # of a stream; its head moves on


def recorded() -> list[Table]:
    """Tables whose rows rest on events."""
    return [table for table in METADATA.sorted_tables if {"event_id", "stream_id", "version"} <= set(table.c.keys())]


def statements(dialect: str, tables: list[str]) -> list[str]:
    """Every guard as DDL for `sqlite` or `postgresql`; `tables` are those whose rows rest on events."""
    return _sqlite(tables) if dialect == "sqlite" else _postgresql(tables)


_ACTS = ", ".join(f"'{act.value}'" for act in Act)
# what is disclosed no more is not found any more
_UNWORD = "DELETE FROM eventword WHERE digest = OLD.digest"
# A body that a restore lost is known by its skeleton: the stream goes on behind it.
_LOST = (
    "EXISTS (SELECT 1 FROM leaf WHERE hash = NEW.previous AND event_id IS NULL "
    'AND instr(CAST(entry AS TEXT), \'"k":["\' || (SELECT key FROM stream WHERE id = NEW.stream_id)) > 0 '
    'AND instr(CAST(entry AS TEXT), \'"s":\' || (NEW.seq - 1) || \',"t":"event"\') > 0)'
)
_PLACED = "EXISTS (SELECT 1 FROM leaf WHERE leaf.event_id = OLD.event_id)"


def _keys(table: str) -> list[list[str]]:
    """Every set of columns by which a row could take the place of another."""
    found = METADATA.tables[table]
    unique = [list(one.columns.keys()) for one in found.constraints if isinstance(one, UniqueConstraint)]
    unique += [list(one.columns.keys()) for one in found.indexes if one.unique]
    return sorted([list(found.primary_key.columns.keys()), *unique])


def _same(table: str) -> str:
    """SQLite's condition for a row that has a key in common with the new one."""
    return " OR ".join("(" + " AND ".join(f'"{name}" = NEW."{name}"' for name in key) + ")" for key in _keys(table))


def _sqlite(tables: list[str]) -> list[str]:
    ddl: list[str] = []
    for table in FROZEN:
        ddl += [refuse(f"guard_{table}_{verb.lower()}", f"BEFORE {verb}", table, "", NEVER) for verb in _CHANGES]
    # INSERT OR REPLACE deletes without firing a delete trigger: refuse what would replace.
    for table in (*FROZEN, "disclosure", "stream", "blob", "letter", *tables):
        exists = f'EXISTS (SELECT 1 FROM "{table}" WHERE {_same(table)})'
        ddl.append(refuse(f"guard_{table}_replace", "BEFORE INSERT", table, exists, "what is on record stays"))
    linked = (
        "(NEW.seq = 1 AND NEW.previous = '' AND EXISTS (SELECT 1 FROM stream WHERE id = NEW.stream_id)) "
        "OR (NEW.seq > 1 AND (EXISTS (SELECT 1 FROM event "
        "WHERE stream_id = NEW.stream_id AND seq = NEW.seq - 1 AND hash = NEW.previous) "
        f"OR {_LOST}))"
    )
    ddl.append(refuse("guard_event_link", "BEFORE INSERT", "event", f"NOT ({linked})", _FOLLOWS))
    # SQLite makes a table of a list each time that it asks for one of its words: 17 microseconds of the 65 of an event
    listed = "," + ",".join(act.value for act in Act) + ","
    unknown = f"instr('{listed}', ',' || NEW.act || ',') = 0 OR instr(NEW.act, ',') > 0"
    ddl.append(refuse("guard_event_act", "BEFORE INSERT", "event", unknown, _UNKNOWN))
    renamed = " OR ".join(f"NEW.{name} IS NOT OLD.{name}" for name in _IDENTITY)
    ddl += [
        refuse("guard_stream_name", f"BEFORE UPDATE OF {', '.join(_IDENTITY)}", "stream", renamed, _NAMED),
        refuse("guard_stream_delete", "BEFORE DELETE", "stream", "", _NAMED),
        f'CREATE TRIGGER "unseal_event" AFTER INSERT ON "event" BEGIN {_TICKET} {_ON}; END',
        f'CREATE TRIGGER "unword_disclosure" AFTER DELETE ON "disclosure" BEGIN {_UNWORD}; END',
        refuse("guard_unsealed_update", "BEFORE UPDATE", "unsealed", "", _WAITING),
        refuse("guard_unsealed_delete", "BEFORE DELETE", "unsealed", f"NOT {_PLACED}", _WAITING),
    ]
    ddl += guards_beside.sqlite()
    # The newest event of the stream, and one that tells a change of this row: a row that the newest act left alone
    # cannot borrow its event.
    text = "||'-'||".join(f"substr(NEW.id, {start}, {size})" for start, size in _UUID)
    own = (
        "EXISTS (SELECT 1 FROM event WHERE id = NEW.event_id AND stream_id = NEW.stream_id "
        "AND seq = (SELECT MAX(seq) FROM event WHERE stream_id = NEW.stream_id) "
        f'AND instr(body, CAST(\'"id":"\'||{text}||\'","new":\' AS BLOB)) > 0)'
    )
    for table in tables:
        moved = "NEW.id <> OLD.id OR NEW.version <> OLD.version + 1 OR NEW.event_id = OLD.event_id"
        taken = f'EXISTS (SELECT 1 FROM "{table}" WHERE id <> NEW.id AND ({_same(table)}))'
        ddl += [
            refuse(f"guard_{table}_insert", "BEFORE INSERT", table, f"NOT {own}", _NOTHING),
            refuse(f"guard_{table}_update", "BEFORE UPDATE", table, f"{moved} OR NOT {own} OR {taken}", _NOTHING),
            refuse(f"guard_{table}_delete", "BEFORE DELETE", table, "", STAYS),
        ]
    return ddl


_CHANGES = ("UPDATE", "DELETE")
_UUID = ((1, 8), (9, 4), (13, 4), (17, 4), (21, 12))  # SQLite keeps 32 hexadecimal digits, the event the usual form


# What storage.ledger.skeleton writes. The colon before a figure is escaped, or it would be taken for a parameter.
_SKELETON = """'{"c":"' || encode(sha256(NEW.body), 'hex') || '","k":["' || keys || '"],"p":"' || NEW.previous
|| '","s":' || NEW.seq || ',"t":"event","v"\\:1}'"""


def _event() -> str:
    """What an event must be, and what follows from it. Each question to a table costs as much as the row itself, so the head
    that moves on is the question whether this event is the next one: nobody else moves it, but for the owner.
    """
    return (
        f"IF NEW.act <> ALL (ARRAY[{_ACTS}]) THEN {raises(_UNKNOWN)} END IF; "
        f"IF NEW.act IN ({ERASES}) THEN IF {held('NEW.stream_id')} THEN {raises(HELD)} END IF; END IF; "
        f"{_ON} AND seq = NEW.seq - 1 AND head = NEW.previous RETURNING "
        "concat_ws('\",\"', key, (SELECT above.key FROM stream above WHERE above.id = stream.parent_id)) INTO keys; "
        f"IF keys IS NULL OR NEW.hash <> encode(sha256('\\x00'::bytea || convert_to({_SKELETON}, 'UTF8')), 'hex') "
        f"THEN {raises(_FOLLOWS)} END IF; {_TICKET} RETURN NULL;"
    )


def _postgresql(tables: list[str]) -> list[str]:
    ddl = [
        function("guard_refuse", raises(NEVER)),
        # by the owner's right, so that nobody else needs one to put an event aside or to move a head; behind the row, since
        # one that gives way to another (ON CONFLICT) moves nothing
        function("guard_event", _event(), declares="keys text;", rights="SECURITY DEFINER"),
        function(
            "guard_recorded",
            "IF TG_OP = 'UPDATE' AND (NEW.id <> OLD.id OR NEW.version <> OLD.version + 1 "
            "OR NEW.event_id = OLD.event_id) OR NOT EXISTS (SELECT 1 FROM event e WHERE e.id = NEW.event_id "
            "AND e.stream_id = NEW.stream_id AND e.seq = (SELECT MAX(seq) FROM event WHERE stream_id = NEW.stream_id) "
            "AND position(convert_to('\"id\":\"' || NEW.id || '\",\"new\":', 'UTF8') in e.body) > 0) "
            f"THEN {raises(_NOTHING)} END IF; RETURN NEW;",
        ),
    ]
    renamed = ", ".join(f"NEW.{name}" for name in _IDENTITY), ", ".join(f"OLD.{name}" for name in _IDENTITY)
    ddl += [
        function(
            "guard_stream",
            f"IF TG_OP = 'INSERT' THEN IF (NEW.seq, NEW.head) <> (0, '') THEN {raises(_FOLLOWS)} END IF; "
            f"ELSIF TG_OP = 'DELETE' OR ({renamed[0]}) IS DISTINCT FROM ({renamed[1]}) "
            f"THEN {raises(_NAMED)} END IF; RETURN NEW;",
        ),
        # not between the reading and the writing of whoever puts events into words
        function(
            "unword_disclosure",
            f"PERFORM pg_advisory_xact_lock({number('words')}); {_UNWORD}; RETURN NULL;",
            rights="SECURITY DEFINER",
        ),
        function("guard_unsealed", f"IF NOT {_PLACED} THEN {raises(_WAITING)} END IF; RETURN OLD;"),
    ]
    # a head that moves on asks for nothing
    ddl += trigger(
        "stream", "name", f"BEFORE INSERT OR DELETE OR UPDATE OF {', '.join(_IDENTITY)}", "ROW", "guard_stream"
    )
    ddl += trigger("stream", "all", "BEFORE TRUNCATE", "STATEMENT", "guard_refuse")
    ddl += trigger("unsealed", "update", "BEFORE UPDATE", "ROW", "guard_refuse")
    ddl += trigger("unsealed", "delete", "BEFORE DELETE", "ROW", "guard_unsealed")
    ddl += trigger("unsealed", "all", "BEFORE TRUNCATE", "STATEMENT", "guard_refuse")
    for table in FROZEN:
        ddl += trigger(table, "row", "BEFORE UPDATE OR DELETE", "ROW", "guard_refuse")
        ddl += trigger(table, "all", "BEFORE TRUNCATE", "STATEMENT", "guard_refuse")
    ddl += guards_beside.postgresql()
    ddl += trigger("disclosure", "unword", "AFTER DELETE", "ROW", "unword_disclosure")
    ddl += trigger("event", "new", "AFTER INSERT", "ROW", "guard_event")
    for table in tables:
        ddl += trigger(table, "change", "BEFORE INSERT OR UPDATE", "ROW", "guard_recorded")
        ddl += trigger(table, "delete", "BEFORE DELETE", "ROW", "guard_refuse")
        ddl += trigger(table, "all", "BEFORE TRUNCATE", "STATEMENT", "guard_refuse")
    return ddl
