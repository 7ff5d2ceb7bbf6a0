"""Finding events: by any of what they say, in pages that stay where they are while events arrive. Rows of Core, no objects.

A page goes on from the key of the last event that was shown, so that a page far back costs what the first one does. Events of one
stream come in their order there, those of several by time: out of an index that events come into once they are sealed
(`storage.eventindex`), while younger ones are looked through as they stand.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from copy import copy
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import orjson
from sqlalchemy import ColumnElement, Row, Select, and_, or_, select
from sqlmodel import Session

from schemas.event import Act
from schemas.spelling import after, spelt
from schemas.tables import METADATA
from storage import cursors, eventindex, seeking, subjects, words
from storage.canonical import canonical
from storage.seeking import BESIDE, Source

_EVENT, _LEAF, _WORD, _CASE, _PERSON, _NCO = (
    METADATA.tables[name] for name in ("event", "leaf", "eventword", "application", "person", "organisation")
)
MOST: Final = 500  # events of a page
FEW: Final = 2000  # events that are gathered rather than passed by
_CHOICE: Final = frozenset({"one", "streams", "under", "sha256"})  # what few events can answer
_GATHERED: Final = _CHOICE - {"under"}  # these few are put in order as they are


@dataclass(frozen=True, slots=True)
class Query:
    """What is sought; what is empty is not asked for. `until` is the first instant that does not count.

    `pack`: id, id@version, or the edition, whole or as it is shown. `under`: a contest, with its cases. `words` must all be there, each as the beginning of a word.
    """

    streams: tuple[UUID, ...] = ()
    under: UUID | None = None
    actor: UUID | None = None
    acts: tuple[Act, ...] = ()
    sha256: str = ""
    since: datetime | None = None
    until: datetime | None = None
    rule: str = ""
    pack: str = ""
    subject: UUID | None = None
    words: str = ""
    newest_first: bool = True


@dataclass(frozen=True, slots=True)
class Sight:
    """What of the trail somebody may see. `own`: nothing but these streams. `unscored`: cases whose score sheets wait.

    `tenant_id` None sees every customer's, `sealed` also packages before they are opened.
    """

    tenant_id: UUID | None
    own: frozenset[UUID] | None = None
    sealed: frozenset[UUID] | None = frozenset()  # those that are his though sealed; None: all
    unscored: frozenset[UUID] = frozenset()


@dataclass(frozen=True, slots=True)
class Page:
    """Events, and where the next page begins; empty at the end."""

    rows: Sequence[Row[Any]]
    cursor: str


def find(session: Session, query: Query, sight: Sight, *, cursor: str = "", limit: int = 50) -> Page:
    """The next events that fit and may be seen. Raises BadCursor for one that is not of this question."""
    limit = min(max(limit, 1), MOST)
    streams = set(query.streams)
    if query.subject is not None:  # all that is about a row stands in its stream
        about = subjects.streams_of(session, query.subject)
        streams = streams & about if streams else about
        if not streams:
            return Page((), "")
    if (sight.own is not None and not sight.own) or (streams and sight.own and not streams & sight.own):
        return Page((), "")
    asked = _Asked(query, sight, cursor, streams)
    if query.words:
        rows = _worded(session, asked, limit + 1)
    elif asked.shape & _GATHERED:
        rows = session.execute(asked.statement(limit + 1), asked.values).all()
    else:
        rows = _in_time(session, asked, limit + 1)
    rest = len(rows) > limit
    return Page(rows[:limit], cursors.after(_mark(query), rows[limit - 1]) if rest else "")


# -- the question ----------------------------------------------------------------------------------------------------


class _Asked:
    """A question with its values; statements are put together once for each form."""

    def __init__(self, query: Query, sight: Sight, cursor: str, streams: AbstractSet[UUID]) -> None:
        given: dict[str, Any] = {}
        self.query, self.sight = query, sight
        if sight.own is not None:
            streams = streams & sight.own if streams else sight.own
        if len(streams) == 1:
            (given["one"],) = streams
        elif streams:
            given["streams"] = list(streams)
        for name in ("under", "actor", "sha256", "since", "until", "rule", "subject"):
            if getattr(query, name):
                given[name] = getattr(query, name)
        if pack := query.pack:
            given |= {"pack": pack, "packs": pack + ("%" if "+" in pack else "+%" if "@" in pack else "@%")}
        if len(set(query.acts)) == 1:
            given["act"] = query.acts[0]
        elif query.acts:
            given["acts"] = list(query.acts)
        if sight.tenant_id is not None:
            # where few events can fit, they are gathered: the order of time must not lure the database to walk through all
            given["mine" if given.keys() & _CHOICE else "tenant"] = sight.tenant_id
        if sight.sealed is not None and "one" not in given:
            given["opened" if sight.sealed else "open"] = list(sight.sealed)
        elif sight.sealed is not None and given["one"] not in sight.sealed:
            given["shut"] = True
        if sight.unscored:
            given["unscored"] = list(sight.unscored)
        self.in_order = "one" in given
        if cursor:
            given |= cursors.read(_mark(query), cursor, in_order=self.in_order)
        self.values = given
        self.shape = frozenset(given)

    def among(self) -> "_Asked":
        """The same question to few events that are known already."""
        same = copy(self)
        same.values = {"mine" if name == "tenant" else name: value for name, value in self.values.items()}
        same.shape = frozenset(same.values) & (self.shape | {"mine"})
        return same

    def statement(self, limit: int, source: Source = "event") -> Select[Any]:
        self.values["most"] = limit
        return seeking.statement(self.shape, self.query.newest_first, self.in_order, source)


def _in_time(session: Session, asked: _Asked, limit: int) -> Sequence[Row[Any]]:
    """What is in the index, and among it what is not yet."""
    young = eventindex.young(session)
    waiting: list[Row[Any]] = []
    tails: tuple[tuple[Source, int | None], ...] = (("unsealed", young.ticket), ("behind", young.behind))
    for tail, since in tails:
        if since is not None:
            statement = asked.statement(limit, tail)
            waiting += session.execute(statement, {**asked.values, "ticket": since, "behind": since}).all()
    source: Source = "walk" if asked.shape & BESIDE else "index"
    if "acts" in asked.shape and "under" not in asked.shape:
        rows = _of_each(session, asked, limit, source)
    else:
        rows = session.execute(asked.statement(limit, source), asked.values).all()
    return _together(asked, rows, waiting, limit) if waiting else rows


def _together(asked: _Asked, known: Sequence[Row[Any]], fresh: Sequence[Row[Any]], limit: int) -> Sequence[Row[Any]]:
    seen = {row.id for row in fresh}
    rows = [*fresh, *(row for row in known if row.id not in seen)]
    return sorted(rows, key=_order(asked), reverse=asked.query.newest_first)[:limit]


def _of_each(session: Session, asked: _Asked, limit: int, source: Source) -> Sequence[Row[Any]]:
    """Of several acts: each has its own order of time, and they are merged."""
    acts = asked.values.pop("acts")
    asked.shape = (asked.shape - {"acts"}) | {"act"}
    found: list[Row[Any]] = []
    for act in set(acts):
        found += session.execute(asked.statement(limit, source), {**asked.values, "act": act}).all()
    return sorted(found, key=_order(asked), reverse=asked.query.newest_first)[:limit]


# -- the cursor -------------------------------------------------------------------------------------------------------


def _mark(query: Query) -> str:
    told = {one.name: getattr(query, one.name) for one in fields(query)}
    return hashlib.sha256(canonical(told)).hexdigest()[:12]


# -- words ------------------------------------------------------------------------------------------------------------


def _worded(session: Session, asked: _Asked, limit: int) -> Sequence[Row[Any]]:
    sought = sorted(set(spelt(asked.query.words)), key=len, reverse=True)
    if not sought:
        return ()
    names = [_named(session, asked.sight.tenant_id, word) for word in sought]
    if asked.sight.own is not None:  # few events, and not all that they say may be seen
        return list(_through(session, asked, sought, names, limit, "event"))
    known = _indexed(session, asked, sought, names, limit)
    asked.values |= {"ticket": 0, "behind": words.size(session)}
    waiting: tuple[Source, ...] = ("unsealed", "behind")
    fresh = [row for source in waiting for row in _through(session, asked, sought, names, limit, source)]
    return _together(asked, known, fresh, limit)


def _order(asked: _Asked) -> Any:
    """In what order the rows of a question stand."""
    return (lambda row: row.seq) if asked.in_order else (lambda row: (row.at, row.stream_id.hex, row.seq))


_Named = tuple[frozenset[UUID], frozenset[UUID]]


def _named(session: Session, tenant_id: UUID | None, word: str) -> _Named:
    """Persons of whose name this is a part, and cases of such organisations. Names stand in their rows alone."""

    def those(table: Any) -> frozenset[UUID]:
        query = select(table.c.id, table.c.name)
        rows = session.execute(query.where(table.c.tenant_id == tenant_id) if tenant_id else query)
        return frozenset(one.id for one in rows if any(part.startswith(word) for part in spelt(one.name)))

    organisations = those(_NCO)
    cases = (
        frozenset(session.scalars(select(_CASE.c.id).where(_CASE.c.organisation_id.in_(organisations))))
        if organisations
        else frozenset[UUID]()
    )
    return those(_PERSON), cases


def _through(
    session: Session, asked: _Asked, sought: Sequence[str], names: Sequence[_Named], limit: int, source: Source
) -> Iterator[Row[Any]]:
    """Events that fit, each looked through as it stands."""
    left, query, values = limit, asked.statement(MOST, source), dict(asked.values)
    shape = asked.shape
    while left:
        rows = session.execute(query, values).all()
        hidden = words.disclosed(session, [row.id for row in rows])
        for row in rows:
            said = words.told(_seen(row, asked.sight), hidden.get(row.id, {}))
            told = frozenset().union(*said.values())
            if all(_says(row, told, word, name) for word, name in zip(sought, names, strict=True)):
                yield row
                left -= 1
                if not left:
                    return
        if len(rows) < MOST:
            return
        last = rows[-1]
        key = {"after_seq": last.seq}
        if not asked.in_order:
            key |= {"after_at": last.at, "after_stream": last.stream_id}
        values |= key
        shape |= key.keys()
        query = seeking.statement(shape, asked.query.newest_first, asked.in_order, source)


def _seen(row: Row[Any], sight: Sight) -> Mapping[str, Any]:
    body = orjson.loads(row.body)
    return body if sight.own is None else {**body, "changes": theirs(body["changes"])}


def theirs(changes: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """What an applicant may see of changes: no finding, some of which tell of another's case."""
    return [one for one in changes if one["noun"] != "finding"]


def _says(row: Row[Any], told: frozenset[str], word: str, names: _Named) -> bool:
    persons, cases = names
    return row.actor_id in persons or row.stream_id in cases or any(one.startswith(word) for one in told)


def _indexed(
    session: Session, asked: _Asked, sought: Sequence[str], names: Sequence[_Named], limit: int
) -> Sequence[Row[Any]]:
    gathered: set[UUID] | None = None  # events that have every word which few have
    passed: list[ColumnElement[bool]] = []  # what each event is asked on the way
    for word, (persons, cases) in zip(sought, names, strict=True):
        spellings = words.spellings(session, word)
        among = _WORD.c.word.in_(spellings or ()) if spellings is not None else None
        here = and_(_WORD.c.word >= word, _WORD.c.word < after(word)) if among is None else among
        places = select(_LEAF.c.event_id).join(_WORD, _WORD.c.position == _LEAF.c.position).where(here)
        few = session.scalars(places.limit(FEW)).all() if spellings != [] else ()
        if len(few) < FEW and not persons and not cases:
            gathered = set(few) if gathered is None else gathered & set(few)
            continue
        if len(few) < FEW:
            told = _EVENT.c.id.in_(few)
        elif among is None:
            told = _EVENT.c.id.in_(places)
        else:
            told = places.where(_LEAF.c.event_id == _EVENT.c.id).correlate(_EVENT).exists()
        passed.append(or_(told, _EVENT.c.actor_id.in_(persons), _EVENT.c.stream_id.in_(cases)))
    if gathered is not None:
        if not gathered:
            return ()
        asked = asked.among()
        passed.append(_EVENT.c.id.in_(gathered))
    source: Source = "event" if gathered is not None or asked.shape & _GATHERED else "walk"
    return session.execute(asked.statement(limit, source).where(*passed), asked.values).all()
