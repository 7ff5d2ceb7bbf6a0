"""What the database itself refuses: a changed event, and a changed row without its event.

The application's role cannot get past these; a table's owner can, and what he does then shows in the chain and the
signed checkpoints (findings: audit, sections 2.6 and 4). DDL for SQLite and PostgreSQL; used by the migrations.
"""

# ruff: noqa: S608 -- DDL is made of names of our own

from sqlalchemy import Table, UniqueConstraint

from schemas.event import ERASING, Act
from schemas.tables import METADATA
from storage.engine import number

FROZEN = ("event", "eventfile", "leaf", "checkpoint", "cosignature", "told")
# Of a disclosure only deleting is left, and that with an event which names it: a changed text would read as if it had
# been recorded.
_NEVER = "the trail is never changed"
_FOLLOWS = "an event follows the one before it"
_UNKNOWN = "there is no such act"
_NOTHING = "nothing changes without its event"
_NAMED = "a stream stays what it is"
_WAITING = "an event waits for its place in the log"
_STAYS = "what is on record is not deleted"
_HELD = "a legal hold covers this"
_NAMED_ERASED = "nothing is erased without an event that names it"
_RESTED_ON = "a document rests on these bytes"
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
_ERASING = ", ".join(f"'{act.value}'" for act in ERASING)


def _held(stream: str) -> str:
    """SQL: whether a hold covers what is in a stream: the case, its contest, the person, or all of the customer's."""
    return (
        f"EXISTS (SELECT 1 FROM stream s JOIN legalhold h ON h.stream_id IN (s.id, s.parent_id, s.tenant_id) "
        f"WHERE s.id = {stream} AND h.status = 'placed')"
    )


# What somebody said or did is held with the person, in whatever stream it stands.
_HELD_DISCLOSURE = (
    f"EXISTS (SELECT 1 FROM event e WHERE e.id = OLD.event_id AND ({_held('e.stream_id')} OR EXISTS "
    "(SELECT 1 FROM legalhold p WHERE p.scope = 'person' AND p.status = 'placed' AND p.stream_id = e.actor_id)))"
)
_HELD_CUSTOMER = "EXISTS (SELECT 1 FROM legalhold WHERE stream_id = OLD.tenant_id AND status = 'placed')"
_ERASED_BY = (
    "EXISTS (SELECT 1 FROM event e JOIN event r ON r.stream_id = e.stream_id AND r.id <> e.id "
    f"WHERE e.id = OLD.event_id AND r.act IN ({_ERASING}) AND {{named}})"
)
_LETS_GO = "OLD.blob_id IS NOT NULL AND (NEW.blob_id IS NULL OR NEW.blob_id <> OLD.blob_id)"
_BY_ERASING = f"EXISTS (SELECT 1 FROM event WHERE id = NEW.event_id AND act IN ({_ERASING}))"
_BURIED = "NEW.state = 'deleting' AND OLD.state <> 'deleting'"
_SILENCED = "OLD.\"to\" <> '' AND NEW.\"to\" = ''"  # whom a letter went to is not known any more
_IN_USE = "EXISTS (SELECT 1 FROM document WHERE blob_id = OLD.id)"
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


def _refuse(name: str, when: str, table: str, condition: str, words: str) -> str:
    asked = f" WHEN {condition}" if condition else ""
    return f'CREATE TRIGGER "{name}" {when} ON "{table}"{asked} BEGIN SELECT RAISE(ABORT, \'{words}\'); END'


def _sqlite(tables: list[str]) -> list[str]:
    ddl: list[str] = []
    for table in FROZEN:
        ddl += [_refuse(f"guard_{table}_{verb.lower()}", f"BEFORE {verb}", table, "", _NEVER) for verb in _CHANGES]
    ddl.append(_refuse("guard_disclosure_update", "BEFORE UPDATE", "disclosure", "", _NEVER))
    # INSERT OR REPLACE deletes without firing a delete trigger: refuse what would replace.
    for table in (*FROZEN, "disclosure", "stream", *tables):
        exists = f'EXISTS (SELECT 1 FROM "{table}" WHERE {_same(table)})'
        ddl.append(_refuse(f"guard_{table}_replace", "BEFORE INSERT", table, exists, "what is on record stays"))
    linked = (
        "(NEW.seq = 1 AND NEW.previous = '' AND EXISTS (SELECT 1 FROM stream WHERE id = NEW.stream_id)) "
        "OR (NEW.seq > 1 AND (EXISTS (SELECT 1 FROM event "
        "WHERE stream_id = NEW.stream_id AND seq = NEW.seq - 1 AND hash = NEW.previous) "
        f"OR {_LOST}))"
    )
    ddl.append(_refuse("guard_event_link", "BEFORE INSERT", "event", f"NOT ({linked})", _FOLLOWS))
    # SQLite makes a table of a list each time that it asks for one of its words: 17 microseconds of the 65 of an event
    listed = "," + ",".join(act.value for act in Act) + ","
    unknown = f"instr('{listed}', ',' || NEW.act || ',') = 0 OR instr(NEW.act, ',') > 0"
    ddl.append(_refuse("guard_event_act", "BEFORE INSERT", "event", unknown, _UNKNOWN))
    renamed = " OR ".join(f"NEW.{name} IS NOT OLD.{name}" for name in _IDENTITY)
    ddl += [
        _refuse("guard_stream_name", f"BEFORE UPDATE OF {', '.join(_IDENTITY)}", "stream", renamed, _NAMED),
        _refuse("guard_stream_delete", "BEFORE DELETE", "stream", "", _NAMED),
        f'CREATE TRIGGER "unseal_event" AFTER INSERT ON "event" BEGIN {_TICKET} {_ON}; END',
        f'CREATE TRIGGER "unword_disclosure" AFTER DELETE ON "disclosure" BEGIN {_UNWORD}; END',
        _refuse("guard_unsealed_update", "BEFORE UPDATE", "unsealed", "", _WAITING),
        _refuse("guard_unsealed_delete", "BEFORE DELETE", "unsealed", f"NOT {_PLACED}", _WAITING),
    ]
    named = _ERASED_BY.format(named="instr(r.body, CAST('\"' || OLD.digest || '\"' AS BLOB)) > 0")
    ddl += [
        _refuse("guard_disclosure_held", "BEFORE DELETE", "disclosure", _HELD_DISCLOSURE, _HELD),
        _refuse(
            "guard_disclosure_delete",
            "BEFORE DELETE",
            "disclosure",
            f"NOT {named} AND NOT {_HELD_DISCLOSURE}",
            _NAMED_ERASED,
        ),
        _refuse(
            "guard_event_held", "BEFORE INSERT", "event", f"NEW.act IN ({_ERASING}) AND {_held('NEW.stream_id')}", _HELD
        ),
        _refuse(
            "guard_document_bytes", "BEFORE UPDATE", "document", f"{_LETS_GO} AND NOT {_BY_ERASING}", _NAMED_ERASED
        ),
        _refuse("guard_blob_bury", "BEFORE UPDATE", "blob", f"{_BURIED} AND {_IN_USE}", _RESTED_ON),
        _refuse("guard_blob_held", "BEFORE UPDATE", "blob", f"{_BURIED} AND {_HELD_CUSTOMER}", _HELD),
        _refuse("guard_blob_delete", "BEFORE DELETE", "blob", _HELD_CUSTOMER, _HELD),
    ]
    ddl += [
        _refuse("guard_letter_held", "BEFORE UPDATE", "letter", f"{_SILENCED} AND {_held('OLD.stream_id')}", _HELD),
        _refuse("guard_letter_delete", "BEFORE DELETE", "letter", "", _STAYS),
    ]
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
            _refuse(f"guard_{table}_insert", "BEFORE INSERT", table, f"NOT {own}", _NOTHING),
            _refuse(f"guard_{table}_update", "BEFORE UPDATE", table, f"{moved} OR NOT {own} OR {taken}", _NOTHING),
            _refuse(f"guard_{table}_delete", "BEFORE DELETE", table, "", _STAYS),
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
        f"IF NEW.act <> ALL (ARRAY[{_ACTS}]) THEN {_raise(_UNKNOWN)} END IF; "
        f"IF NEW.act IN ({_ERASING}) THEN IF {_held('NEW.stream_id')} THEN {_raise(_HELD)} END IF; END IF; "
        f"{_ON} AND seq = NEW.seq - 1 AND head = NEW.previous RETURNING "
        "concat_ws('\",\"', key, (SELECT above.key FROM stream above WHERE above.id = stream.parent_id)) INTO keys; "
        f"IF keys IS NULL OR NEW.hash <> encode(sha256('\\x00'::bytea || convert_to({_SKELETON}, 'UTF8')), 'hex') "
        f"THEN {_raise(_FOLLOWS)} END IF; {_TICKET} RETURN NULL;"
    )


def _postgresql(tables: list[str]) -> list[str]:
    ddl = [
        _function("guard_refuse", _raise(_NEVER)),
        # by the owner's right, so that nobody else needs one to put an event aside or to move a head; behind the row, since
        # one that gives way to another (ON CONFLICT) moves nothing
        _function("guard_event", _event(), declares="keys text;", rights="SECURITY DEFINER"),
        _function(
            "guard_recorded",
            "IF TG_OP = 'UPDATE' AND (NEW.id <> OLD.id OR NEW.version <> OLD.version + 1 "
            "OR NEW.event_id = OLD.event_id) OR NOT EXISTS (SELECT 1 FROM event e WHERE e.id = NEW.event_id "
            "AND e.stream_id = NEW.stream_id AND e.seq = (SELECT MAX(seq) FROM event WHERE stream_id = NEW.stream_id) "
            "AND position(convert_to('\"id\":\"' || NEW.id || '\",\"new\":', 'UTF8') in e.body) > 0) "
            f"THEN {_raise(_NOTHING)} END IF; RETURN NEW;",
        ),
    ]
    renamed = ", ".join(f"NEW.{name}" for name in _IDENTITY), ", ".join(f"OLD.{name}" for name in _IDENTITY)
    ddl += [
        _function(
            "guard_stream",
            f"IF TG_OP = 'INSERT' THEN IF (NEW.seq, NEW.head) <> (0, '') THEN {_raise(_FOLLOWS)} END IF; "
            f"ELSIF TG_OP = 'DELETE' OR ({renamed[0]}) IS DISTINCT FROM ({renamed[1]}) "
            f"THEN {_raise(_NAMED)} END IF; RETURN NEW;",
        ),
        # not between the reading and the writing of whoever puts events into words
        _function(
            "unword_disclosure",
            f"PERFORM pg_advisory_xact_lock({number('words')}); {_UNWORD}; RETURN NULL;",
            rights="SECURITY DEFINER",
        ),
        _function("guard_unsealed", f"IF NOT {_PLACED} THEN {_raise(_WAITING)} END IF; RETURN OLD;"),
    ]
    # a head that moves on asks for nothing
    ddl += _trigger(
        "stream", "name", f"BEFORE INSERT OR DELETE OR UPDATE OF {', '.join(_IDENTITY)}", "ROW", "guard_stream"
    )
    ddl += _trigger("stream", "all", "BEFORE TRUNCATE", "STATEMENT", "guard_refuse")
    ddl += _trigger("unsealed", "update", "BEFORE UPDATE", "ROW", "guard_refuse")
    ddl += _trigger("unsealed", "delete", "BEFORE DELETE", "ROW", "guard_unsealed")
    ddl += _trigger("unsealed", "all", "BEFORE TRUNCATE", "STATEMENT", "guard_refuse")
    for table in FROZEN:
        ddl += _trigger(table, "row", "BEFORE UPDATE OR DELETE", "ROW", "guard_refuse")
        ddl += _trigger(table, "all", "BEFORE TRUNCATE", "STATEMENT", "guard_refuse")
    ddl += _trigger("disclosure", "update", "BEFORE UPDATE", "ROW", "guard_refuse")
    ddl += _erasing()
    ddl += _trigger("disclosure", "unword", "AFTER DELETE", "ROW", "unword_disclosure")
    ddl += _trigger("event", "new", "AFTER INSERT", "ROW", "guard_event")
    for table in tables:
        ddl += _trigger(table, "change", "BEFORE INSERT OR UPDATE", "ROW", "guard_recorded")
        ddl += _trigger(table, "delete", "BEFORE DELETE", "ROW", "guard_refuse")
        ddl += _trigger(table, "all", "BEFORE TRUNCATE", "STATEMENT", "guard_refuse")
    return ddl


def _erasing() -> list[str]:
    named = _ERASED_BY.format(named="position(convert_to('\"' || OLD.digest || '\"', 'UTF8') in r.body) > 0")
    return [
        _function(
            "guard_erased",
            f"IF {_HELD_DISCLOSURE} THEN {_raise(_HELD)} END IF; "
            f"IF NOT {named} THEN {_raise(_NAMED_ERASED)} END IF; RETURN OLD;",
        ),
        _function(
            "guard_bytes", f"IF {_LETS_GO} AND NOT {_BY_ERASING} THEN {_raise(_NAMED_ERASED)} END IF; RETURN NEW;"
        ),
        _function(
            "guard_blob",
            f"IF TG_OP = 'DELETE' THEN IF {_HELD_CUSTOMER} THEN {_raise(_HELD)} END IF; RETURN OLD; END IF; "
            f"IF {_BURIED} AND {_IN_USE} THEN {_raise(_RESTED_ON)} END IF; "
            f"IF {_BURIED} AND {_HELD_CUSTOMER} THEN {_raise(_HELD)} END IF; RETURN NEW;",
        ),
        *_trigger("disclosure", "erased", "BEFORE DELETE", "ROW", "guard_erased"),
        *_trigger("disclosure", "all", "BEFORE TRUNCATE", "STATEMENT", "guard_refuse"),
        *_trigger("document", "bytes", "BEFORE UPDATE", "ROW", "guard_bytes"),
        _function(
            "guard_letter",
            f"IF {_SILENCED} AND {_held('OLD.stream_id')} THEN {_raise(_HELD)} END IF; RETURN NEW;",
        ),
        *_trigger("letter", "held", "BEFORE UPDATE", "ROW", "guard_letter"),
        *_trigger("letter", "delete", "BEFORE DELETE", "ROW", "guard_refuse"),
        *_trigger("letter", "all", "BEFORE TRUNCATE", "STATEMENT", "guard_refuse"),
        *_trigger("blob", "held", "BEFORE UPDATE OR DELETE", "ROW", "guard_blob"),
        *_trigger("blob", "all", "BEFORE TRUNCATE", "STATEMENT", "guard_refuse"),
    ]


def _function(name: str, body: str, *, rights: str = "", declares: str = "") -> str:
    declared = f"DECLARE {declares}" if declares else ""
    # The path is fixed with temporary tables last, or whoever makes a temporary table `event` writes his own evidence.
    return (
        f"DO $do$ BEGIN EXECUTE format('CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql {rights} "
        f"SET search_path = %I, pg_temp AS %L', current_schema(), $body${declared} BEGIN {body} END$body$); END $do$"
    )


def _raise(words: str) -> str:
    return f"RAISE EXCEPTION '{words}' USING ERRCODE = 'integrity_constraint_violation';"


def _trigger(table: str, end: str, when: str, each: str, function: str) -> list[str]:
    """A trigger that fires whatever the session says of replication."""
    name = f"guard_{table}_{end}"
    return [
        f'CREATE TRIGGER {name} {when} ON "{table}" FOR EACH {each} EXECUTE FUNCTION {function}()',
        f'ALTER TABLE "{table}" ENABLE ALWAYS TRIGGER {name}',
    ]
