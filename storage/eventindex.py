"""The index by which events are found in the order of time: written by the database as events get their place in the log.

An index of the event itself is written anew by each act, in pages that lie apart; here it is written for all acts of a second at
once (decision 0023). What has no place yet is few, and is looked through as it stands.
"""

# ruff: noqa: S608 -- statements are made of names of our own

from uuid import UUID

from sqlalchemy import func, literal, select, text, union_all
from sqlmodel import Session

from schemas.event import Act
from schemas.tables import METADATA
from storage.triggers import function, trigger

_EVENT, _INDEX, _UNSEALED = (METADATA.tables[name] for name in ("event", "eventindex", "unsealed"))
_CONTEST = "CASE s.kind WHEN 'contest' THEN s.id WHEN 'case' THEN s.parent_id END"
_TOLD = {one.name: _CONTEST if one.name == "contest_id" else f"e.{one.name}" for one in _INDEX.columns}
_INTO = f"INSERT INTO eventindex ({', '.join(_TOLD)}) SELECT {', '.join(_TOLD.values())}"
_EVENTS = "event e JOIN stream s ON s.id = e.stream_id"
_SEALED = "leaf l JOIN event e ON e.id = l.event_id JOIN stream s ON s.id = e.stream_id"
_SAME = " AND ".join(f"i.{name} = {value}" for name, value in _TOLD.items() if name != "contest_id")
_SAME += f" AND (i.contest_id = {_CONTEST} OR coalesce(i.contest_id, {_CONTEST}) IS NULL)"
_LENIENT = "ON CONFLICT DO NOTHING"  # a forged twin is the verification's business, and stops nobody who seals
_WAITS = select(literal(1)).select_from(_UNSEALED).limit(1)


def waits(session: Session) -> bool:
    """Whether there are events without a place, which are not in the index."""
    return session.scalar(_WAITS) is not None


def streams_of(session: Session, tenant_id: UUID, act: Act) -> set[UUID]:
    """Streams of a customer in which this was done."""
    placed = select(_INDEX.c.stream_id).where(_INDEX.c.tenant_id == tenant_id, _INDEX.c.act == act)
    waiting = select(_EVENT.c.stream_id).join(_UNSEALED, _UNSEALED.c.event_id == _EVENT.c.id)
    waiting = waiting.where(_EVENT.c.tenant_id == tenant_id, _EVENT.c.act == act)
    return set(session.scalars(union_all(placed, waiting)))


# -- whether it holds what it should -----------------------------------------------------------------------------------


def wrong(session: Session) -> int:
    """How many events of the log it does not hold as they are, and how many it holds that are none."""
    missing = f"SELECT count(*) FROM {_SEALED} WHERE NOT EXISTS (SELECT 1 FROM eventindex i WHERE {_SAME})"
    strange = f"SELECT count(*) FROM eventindex i WHERE NOT EXISTS (SELECT 1 FROM {_EVENTS} WHERE {_SAME})"
    return sum(session.scalar(text(one)) or 0 for one in (missing, strange))


def rebuild(session: Session) -> int:
    """Make it anew from the events, as the owner of its table. Returns how many it holds."""
    session.execute(text("DELETE FROM eventindex"))
    session.execute(text(f"{_INTO} FROM {_SEALED} WHERE true {_LENIENT}"))  # the notary goes on meanwhile
    return session.scalar(select(func.count()).select_from(_INDEX)) or 0


# -- what the database does by itself ----------------------------------------------------------------------------------


def sqlite() -> list[str]:
    """DDL of the trigger for SQLite."""
    put = f"{_INTO} FROM {_EVENTS} WHERE e.id = NEW.event_id {_LENIENT}"
    return [f'CREATE TRIGGER "index_leaf" AFTER INSERT ON "leaf" WHEN NEW.event_id IS NOT NULL BEGIN {put}; END']


# A plan is made once and kept: on a small table it would be one that reads all events, and later ones are many.
_BY_KEY = "SET enable_hashjoin TO off SET enable_mergejoin TO off"


def postgresql() -> list[str]:
    """DDL of the trigger for PostgreSQL: once for all leaves of a statement, by the owner's right."""
    put = f"{_INTO} FROM placed l JOIN event e ON e.id = l.event_id JOIN stream s ON s.id = e.stream_id {_LENIENT}; RETURN NULL;"
    made = function("index_leaf", put, rights=f"SECURITY DEFINER {_BY_KEY}")
    return [made, *trigger("leaf", "index", "AFTER INSERT", "STATEMENT", "index_leaf", given="placed")]
