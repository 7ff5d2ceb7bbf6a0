"""The index by which events are found in the order of time: written for many events at once, behind their checkpoint.

An index of the event itself is written anew by each act, in pages that lie apart (decision 0023). What is not in it yet is few,
and is looked through as it stands.
"""

# ruff: noqa: S608 -- statements are made of names of our own

from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy import func, insert, select, text, union_all, update
from sqlmodel import Session

from schemas.event import Act
from schemas.tables import METADATA
from storage.engine import alone, alone_at_once, by_keys

_EVENT, _INDEX, _INDEXED, _LEAF, _UNSEALED = (
    METADATA.tables[name] for name in ("event", "eventindex", "indexed", "leaf", "unsealed")
)
WORK: Final = "index"  # the name of the lock of whoever writes it
_CONTEST = "CASE s.kind WHEN 'contest' THEN s.id WHEN 'case' THEN s.parent_id END"
_TOLD = {one.name: _CONTEST if one.name == "contest_id" else f"e.{one.name}" for one in _INDEX.columns}
_INTO = f"INSERT INTO eventindex ({', '.join(_TOLD)}) SELECT {', '.join(_TOLD.values())}"
_EVENTS = "event e JOIN stream s ON s.id = e.stream_id"
_SEALED = "leaf l JOIN event e ON e.id = l.event_id JOIN stream s ON s.id = e.stream_id"
_SAME = " AND ".join(f"i.{name} = {value}" for name, value in _TOLD.items() if name != "contest_id")
_SAME += f" AND (i.contest_id = {_CONTEST} OR coalesce(i.contest_id, {_CONTEST}) IS NULL)"
_PLACES = "l.position >= :first AND l.position < :end"
_LENIENT = "ON CONFLICT DO NOTHING"  # a forged twin is the verification's business, and stops nobody who seals
_NEXT = text(f"{_INTO} FROM {_SEALED} WHERE {_PLACES} {_LENIENT}")
_SIZE = select(_INDEXED.c.size)
_LEAVES = select(func.max(_LEAF.c.position))
_YOUNG = select(
    select(func.min(_UNSEALED.c.id)).scalar_subquery().label("ticket"),
    _SIZE.scalar_subquery().label("size"),
    _LEAVES.scalar_subquery().label("last"),
)


class Young(NamedTuple):
    """What is not in the index: the first ticket of events that wait for their place, and from which place on leaves wait.

    None where none does.
    """

    ticket: int | None
    behind: int | None


def young(session: Session) -> Young:
    """What whoever seeks has to look through besides."""
    ticket, size, last = session.execute(_YOUNG).one()
    return Young(ticket, size or 0 if last is not None and last >= (size or 0) else None)


def waiting(session: Session) -> int:
    """How many leaves are in the log and not in the index yet."""
    _, size, last = session.execute(_YOUNG).one()
    return 0 if last is None else last + 1 - (size or 0)


def index(session: Session, most: int) -> int:
    """Take in the next leaves, `most` at a time; in a writing transaction. Returns how many that were.

    None while another is at it: nobody who seals shall wait for whoever makes it anew.
    """
    if not alone_at_once(session, WORK):
        return 0
    first = session.scalar(_SIZE) or 0
    end = min(first + most, _leaves(session))
    if end <= first:
        return 0
    by_keys(session)
    session.execute(_NEXT, {"first": first, "end": end})
    _reached(session, end)
    return end - first


def _leaves(session: Session) -> int:
    last = session.scalar(_LEAVES)
    return 0 if last is None else last + 1


def _reached(session: Session, size: int) -> None:
    if not session.execute(update(_INDEXED).values(size=size)).rowcount:  # pyright: ignore[reportAttributeAccessIssue]
        session.execute(insert(_INDEXED), {"id": 1, "size": size})


def streams_of(session: Session, tenant_id: UUID, act: Act) -> set[UUID]:
    """Streams of a customer in which this was done."""
    known = select(_INDEX.c.stream_id).where(_INDEX.c.tenant_id == tenant_id, _INDEX.c.act == act)
    mine = select(_EVENT.c.stream_id).where(_EVENT.c.tenant_id == tenant_id, _EVENT.c.act == act)
    waits = mine.join(_UNSEALED, _UNSEALED.c.event_id == _EVENT.c.id)
    behind = mine.join(_LEAF, _LEAF.c.event_id == _EVENT.c.id)
    behind = behind.where(_LEAF.c.position >= func.coalesce(_SIZE.scalar_subquery(), 0))
    return set(session.scalars(union_all(known, waits, behind)))


# -- whether it holds what it should -----------------------------------------------------------------------------------


def wrong(session: Session) -> int:
    """How many events of the log it does not hold as they are, and how many it holds that are none."""
    missing = f"SELECT count(*) FROM {_SEALED} WHERE l.position < :size AND NOT EXISTS (SELECT 1 FROM eventindex i WHERE {_SAME})"
    strange = f"SELECT count(*) FROM eventindex i WHERE NOT EXISTS (SELECT 1 FROM {_EVENTS} WHERE {_SAME})"
    size = {"size": session.scalar(_SIZE) or 0}
    return (session.scalar(text(missing), size) or 0) + (session.scalar(text(strange)) or 0)


def rebuild(session: Session) -> int:
    """Make it anew from the events, as the owner of its table. Returns how many it holds."""
    alone(session, WORK)
    end = _leaves(session)
    session.execute(text("DELETE FROM eventindex"))
    session.execute(_NEXT, {"first": 0, "end": end})
    _reached(session, end)
    return session.scalar(select(func.count()).select_from(_INDEX)) or 0
