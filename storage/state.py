"""What the database held at a moment: the changes of a stream's events, folded. And what became of it between two moments.

Values stand as events have them (`storage.ledger.settled`); an empty value is None, and a personal one that is disclosed no more is `GONE`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any, Final, NamedTuple
from uuid import UUID

import orjson
from sqlalchemy import bindparam, func, select
from sqlmodel import Session

from schemas.base import Recorded
from schemas.tables import METADATA
from storage.canonical import Plain, canonical
from storage.guards import recorded
from storage.ledger import UNTOLD, settled

_EVENT, _STREAM, _DISCLOSURE = (METADATA.tables[name] for name in ("event", "stream", "disclosure"))
AT_ONCE: Final = 50  # streams that are compared in one go
GONE: Final = "\N{BLACK SQUARE}"  # a personal value that is disclosed no more

_EVENTS = (
    select(_EVENT.c.id, _EVENT.c.stream_id, _EVENT.c.body)
    .where(_EVENT.c.stream_id.in_(bindparam("streams", expanding=True)))
    .order_by(_EVENT.c.stream_id, _EVENT.c.seq)
)
_HIDDEN = (
    select(_DISCLOSURE.c.event_id, _DISCLOSURE.c.digest, _DISCLOSURE.c.value)
    .join(_EVENT, _EVENT.c.id == _DISCLOSURE.c.event_id)
    .where(_EVENT.c.stream_id.in_(bindparam("streams", expanding=True)))
)
_OWN = _EVENT.c.stream_id == bindparam("stream", type_=_EVENT.c.stream_id.type)
_FIRST = select(_EVENT.c.id, _EVENT.c.seq, _EVENT.c.body).where(_OWN, _EVENT.c.seq <= bindparam("last"))
_FIRST = _FIRST.order_by(_EVENT.c.seq)
_LAST = select(func.max(_EVENT.c.seq)).where(_OWN, _EVENT.c.at <= bindparam("at", type_=_EVENT.c.at.type))
_THOSE = select(_DISCLOSURE.c.event_id, _DISCLOSURE.c.digest, _DISCLOSURE.c.value)
_THOSE = _THOSE.where(_DISCLOSURE.c.event_id.in_(bindparam("events", expanding=True)))
_NEWEST: Final = 2**31 - 1  # no stream is as long


class Place(NamedTuple):
    """Which row: its noun and identity."""

    noun: str
    id: str


@dataclass(slots=True)
class Held:
    """A row as it was. `version` and `event_id` are what the row itself says of them."""

    values: dict[str, Plain] = field(default_factory=dict)
    version: int = 0
    event_id: str = ""


State = dict[Place, Held]


class Difference(NamedTuple):
    """A field that two moments do not agree in."""

    noun: str
    id: str
    field: str
    old: Plain
    new: Plain


def fold(state: State, body: Mapping[str, Any], disclosed: Mapping[str, str]) -> None:
    """Let one event happen to the state."""
    touched: set[Place] = set()
    for change in body["changes"]:
        place = Place(change["noun"], change["id"])
        held = state.setdefault(place, Held())
        held.values[change["field"]] = value_of(change["new"], disclosed)
        touched.add(place)
    for place in touched:
        state[place].version += 1
        state[place].event_id = body["id"]


def value_of(side: Any, disclosed: Mapping[str, str]) -> Plain:
    """What a side of a change says, with the personal value in its place."""
    if isinstance(side, dict) and set(side) == {"sd"}:
        return disclosed.get(side["sd"], GONE)
    return side


@dataclass(frozen=True, slots=True)
class _Hidden:
    """A personal value that is not looked up yet: most of them are replaced by a later event."""

    event_id: UUID
    digest: str


class _Later(Mapping[str, Any]):
    """What an event discloses, not looked up yet."""

    def __init__(self, event_id: UUID) -> None:
        self._event_id = event_id

    def __getitem__(self, digest: str) -> _Hidden:
        return _Hidden(self._event_id, digest)

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


def until(session: Session, stream_id: UUID, at: datetime | int | None) -> tuple[State, int]:
    """The rows of a stream as they were at an instant, that one included, or after so many events; None is now.

    Returns the state and the number of the last event in it. Commits follow the order of events, so an event whose clock was behind
    counts with those before it.
    """
    last = min(at, _NEWEST) if isinstance(at, int) else _NEWEST
    if isinstance(at, datetime):
        last = session.scalar(_LAST, {"stream": stream_id, "at": at}) or 0
    state: State = {}
    number = 0
    for one in session.execute(_FIRST, {"stream": stream_id, "last": last}).all():
        fold(state, orjson.loads(one.body), _Later(one.id))
        number = one.seq
    _disclose(session, state)
    return state, number


def _disclose(session: Session, state: State) -> None:
    """Look up the personal values that are left in it."""
    hidden = [
        (held, name, value)
        for held in state.values()
        for name, value in held.values.items()
        if isinstance(value, _Hidden)
    ]
    if hidden:
        asked = {"events": sorted({value.event_id for _, _, value in hidden})}
        told = {(one.event_id, one.digest): one.value for one in session.execute(_THOSE, asked)}
        for held, name, value in hidden:
            held.values[name] = told.get((value.event_id, value.digest), GONE)


def differences(before: State, after: State) -> list[Difference]:
    """Field by field; of a row that was not there before, all that it has."""
    found: list[Difference] = []
    for place, held in after.items():
        old = before[place].values if place in before else {}
        found += [
            Difference(place.noun, place.id, name, old.get(name), value)
            for name, value in held.values.items()
            if old.get(name) != value
        ]
    return found


def apart(session: Session, streams: Sequence[UUID]) -> Iterator[tuple[UUID, Difference]]:
    """Where the rows of these streams are not what their events made of them: changed, missing or added past the trail.

    `old` is what the events say, `new` what the table holds. A personal value that was redacted is not compared.
    """
    states: dict[UUID, State] = {one: {} for one in streams}
    hidden = _hidden(session, streams)
    for one in session.execute(_EVENTS, {"streams": list(streams)}):
        fold(states[one.stream_id], orjson.loads(one.body), hidden.get(one.id, {}))
    for table in recorded():
        query = select(*table.c).where(table.c.stream_id.in_(list(streams)))
        for row in session.execute(query):
            place, values = Place(table.name, str(row.id)), dict(row._mapping)  # noqa: SLF001 -- that is its public name
            held = states[row.stream_id].pop(place, Held())
            yield from ((row.stream_id, one) for one in _unlike(place, held, values))
    for stream_id, state in states.items():
        for place, held in state.items():
            yield stream_id, Difference(place.noun, place.id, "id", held.event_id, None)


def all_apart(session: Session) -> Iterator[tuple[UUID, Difference]]:
    """The same of every stream there is, so many at a time."""
    last: UUID | None = None
    query = select(_STREAM.c.id).order_by(_STREAM.c.id).limit(AT_ONCE)
    while some := session.scalars(query.where(_STREAM.c.id > last) if last else query).all():
        yield from apart(session, some)
        last = some[-1]


def seen(noun: str, name: str, value: Any) -> Plain:
    """A column's value as an event would have it."""
    if value in (None, "", [], {}):
        return None
    if name in _personal()[noun]:
        return value if isinstance(value, str) else canonical(settled(value)).decode()
    return settled(value)


def _unlike(place: Place, held: Held, row: Mapping[str, Any]) -> Iterator[Difference]:
    for name, value in row.items():
        if name in UNTOLD:
            continue
        told, there = held.values.get(name), seen(place.noun, name, value)
        if told not in (there, GONE):
            yield Difference(*place, name, told, there)
    for name, told, there in (
        ("version", held.version, row["version"]),
        ("event_id", held.event_id, str(row["event_id"])),
    ):
        if told != there:
            yield Difference(*place, name, told, there)


def _hidden(session: Session, streams: Iterable[UUID]) -> dict[UUID, dict[str, str]]:
    found: dict[UUID, dict[str, str]] = {}
    for one in session.execute(_HIDDEN, {"streams": list(streams)}):
        found.setdefault(one.event_id, {})[one.digest] = one.value
    return found


@cache
def _personal() -> dict[str, frozenset[str]]:
    return {model.__name__.lower(): model.personal for model in _models(Recorded)}


def _models(model: type[Recorded]) -> Iterator[type[Recorded]]:
    for one in model.__subclasses__():
        yield one
        yield from _models(one)
