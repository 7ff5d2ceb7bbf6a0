"""The statements by which events are sought: put together once for each form of a question (asked by `storage.search`)."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, Literal

from sqlalchemy import ColumnElement, Select, and_, bindparam, false, func, literal, not_, or_, select

from schemas.base import UtcDateTime
from schemas.event import Act
from schemas.tables import METADATA

_EVENT, _INDEX, _STREAM, _FILE, _LEAF, _UNSEALED, _CASE = (
    METADATA.tables[name] for name in ("event", "eventindex", "stream", "eventfile", "leaf", "unsealed", "application")
)
_ID, _AT = _EVENT.c.id.type, UtcDateTime()
_RECEIVED = select(literal(1)).where(_CASE.c.id == bindparam("one", type_=_ID), _CASE.c.status == "received")
_TIME: Final = ("at", "stream_id", "seq")  # the order of events of several streams
_SAME: Final = and_(_EVENT.c.stream_id == _INDEX.c.stream_id, _EVENT.c.seq == _INDEX.c.seq)
BESIDE: Final = frozenset({"pack", "subject"})  # what the index of time does not know

Source = Literal["event", "index", "walk", "unsealed", "behind"]
"""Where events come from: as they stand; by the index of time, or each that it gives asked on the way; of those that wait for
their place, or of leaves `behind` a place that an index has not reached.
"""


@lru_cache(maxsize=512)
def statement(shape: frozenset[str], newest_first: bool, in_order: bool, source: Source) -> Select[Any]:
    """The statement of a question.

    `shape`: names of what is asked for (conditions below), of which the values come when it is executed; beside them `most`
    rows, and `after_…` where the page before it ended. `in_order`: of one stream.
    """
    if source == "index":
        return _placed(shape, newest_first)
    query = select(*_EVENT.c).limit(bindparam("most"))
    if source == "walk":
        query = query.select_from(_INDEX.join(_EVENT, _SAME))
    if "sha256" in shape:
        query = query.join(_FILE, _FILE.c.event_id == _EVENT.c.id).where(_FILE.c.sha256 == bindparam("sha256"))
    if source == "unsealed":
        # from the first on: a table out of which many went is long, also where few are left
        query = query.join(_UNSEALED, _UNSEALED.c.event_id == _EVENT.c.id).where(_UNSEALED.c.id >= bindparam("ticket"))
    elif source == "behind":
        query = query.join(_LEAF, _LEAF.c.event_id == _EVENT.c.id).where(_LEAF.c.position >= bindparam("behind"))
    # few wait: an index of the event must not lure the database to begin with all the rest
    lures = source == "unsealed" or (source == "behind" and not shape & {"one", "streams"})
    of = _INDEX.c if source == "walk" else _unlured() if lures else _EVENT.c
    query = query.where(*_conditions(shape, of, newest_first, in_order))
    return _ordered(query, of, newest_first, ("seq",) if in_order else _TIME)


def _placed(shape: frozenset[str], newest_first: bool) -> Select[Any]:
    """A page by the index alone; then its events are read, and a row that tells of another customer or time is none."""
    place = select(*(_INDEX.c[name] for name in (*_TIME, "tenant_id"))).where(
        *_conditions(shape, _INDEX.c, newest_first)
    )
    page = _ordered(place.limit(bindparam("most")), _INDEX.c, newest_first, _TIME).subquery("place")
    there = and_(*(_EVENT.c[name] == column for name, column in page.c.items()))
    query = select(*_EVENT.c).select_from(page.join(_EVENT, there))
    query = query.where(*(_CONDITIONS[name](_EVENT.c) for name in shape & {"unscored"}))  # whatever act the index names
    return _ordered(query, page.c, newest_first, _TIME)


def _ordered(query: Select[Any], of: Any, newest_first: bool, names: Sequence[str]) -> Select[Any]:
    return query.order_by(*(of[name].desc() if newest_first else of[name] for name in names))


def _many(column: Any, name: str) -> ColumnElement[bool]:
    return column.in_(bindparam(name, type_=column.type, expanding=True))


def _equal(column: Any, name: str) -> ColumnElement[bool]:
    return column == bindparam(name, type_=column.type)


def _unlured() -> Mapping[str, Any]:
    """The event's columns, and of those that begin an index no more than their values."""
    return {**_EVENT.c, "stream_id": func.coalesce(_EVENT.c.stream_id, _EVENT.c.stream_id)}


def _open(of: Any, own: Any = None) -> ColumnElement[bool]:
    """Not of a package that nobody has opened yet, unless it is the reader's own."""
    received = select(literal(1)).where(_CASE.c.id == of["stream_id"], _CASE.c.status == "received")
    sealed = received.correlate(_EVENT, _INDEX).exists()
    return not_(sealed) if own is None else or_(of["stream_id"].in_(own), not_(sealed))


def _conditions(
    shape: frozenset[str], of: Any, newest_first: bool, in_order: bool = False
) -> Iterator[ColumnElement[bool]]:
    """What is asked of the columns of an event, or of those that the index has too."""
    for name in sorted(shape & _CONDITIONS.keys()):
        yield _CONDITIONS[name](of)
    if "after_seq" in shape:
        yield _beyond(of, newest_first, in_order)


_CONDITIONS: Final[dict[str, Callable[[Any], ColumnElement[bool]]]] = {
    "tenant": lambda of: _equal(of["tenant_id"], "tenant"),
    # said so that no index begins with it, and that PostgreSQL still sees how few it leaves out
    "mine": lambda of: (of["tenant_id"] != bindparam("mine", type_=_ID)).is_(false()),
    "one": lambda of: _equal(of["stream_id"], "one"),
    "streams": lambda of: _many(of["stream_id"], "streams"),
    "under": lambda of: (
        of["stream_id"].in_(
            select(_STREAM.c.id).where(or_(_equal(_STREAM.c.id, "under"), _equal(_STREAM.c.parent_id, "under")))
        )
        if "contest_id" not in of
        else _equal(of["contest_id"], "under")
    ),
    "actor": lambda of: _equal(of["actor_id"], "actor"),
    "act": lambda of: _equal(of["act"], "act"),
    "acts": lambda of: _many(of["act"], "acts"),
    "since": lambda of: of["at"] >= bindparam("since", type_=_AT),
    "until": lambda of: of["at"] < bindparam("until", type_=_AT),
    "rule": lambda of: _equal(of["rule"], "rule"),
    "pack": lambda _: or_(_equal(_EVENT.c.pack, "pack"), _EVENT.c.pack.like(bindparam("packs"))),
    "subject": lambda _: _equal(_EVENT.c.subject_id, "subject"),
    "open": _open,
    "shut": lambda _: not_(_RECEIVED.exists()),  # of the one stream: asked once, not of each event
    "opened": lambda of: _open(of, bindparam("opened", type_=_ID, expanding=True)),
    "unscored": lambda of: not_(and_(of["act"] == Act.SHEET_SUBMIT, _many(of["stream_id"], "unscored"))),
}


def _beyond(of: Any, newest_first: bool, in_order: bool) -> ColumnElement[bool]:
    seq, stream, at = (
        bindparam("after_seq", type_=_EVENT.c.seq.type),
        bindparam("after_stream", type_=_ID),
        bindparam("after_at", type_=_AT),
    )

    def beyond(column: Any, value: Any) -> ColumnElement[bool]:
        return column < value if newest_first else column > value

    if in_order:
        return beyond(of["seq"], seq)
    same = and_(of["stream_id"] == stream, beyond(of["seq"], seq))
    ties = and_(of["at"] == at, or_(beyond(of["stream_id"], stream), same))
    # said twice, so that an index by time is entered at the right place
    edge = of["at"] <= at if newest_first else of["at"] >= at
    return and_(edge, or_(beyond(of["at"], at), ties))
