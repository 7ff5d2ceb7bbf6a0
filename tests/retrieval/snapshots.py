"""What the tables held after each transaction of a journey, row by row, to be compared with what the events say."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, event, select
from sqlmodel import Session

from flows.office import Office
from schemas.tables import METADATA
from storage import state
from storage.guards import recorded
from storage.state import Place

_STREAM = METADATA.tables["stream"]


@dataclass
class Moment:
    """After a transaction: the clock, and for each stream that it moved on, its last event and its rows."""

    at: datetime
    streams: dict[UUID, tuple[int, dict[Place, Mapping[str, Any]]]]


@dataclass
class Snapshots:
    """Taken within each transaction, when all is written and nothing is committed yet."""

    office: Office
    moments: list[Moment] = field(default_factory=list)
    heads: dict[UUID, int] = field(default_factory=dict)

    def begin(self) -> None:
        event.listen(self.office.engine, "commit", self._take)

    def end(self) -> None:
        event.remove(self.office.engine, "commit", self._take)

    def _take(self, connection: Connection) -> None:
        heads = dict(connection.execute(select(_STREAM.c.id, _STREAM.c.seq)).all())
        moved = {one: seq for one, seq in heads.items() if self.heads.get(one) != seq}
        if not moved:
            return
        self.heads = heads
        streams: dict[UUID, tuple[int, dict[Place, Mapping[str, Any]]]] = {one: (seq, {}) for one, seq in moved.items()}
        for table in recorded():
            for row in connection.execute(select(*table.c).where(table.c.stream_id.in_(list(moved)))):
                streams[row.stream_id][1][Place(table.name, str(row.id))] = dict(row._mapping)
        self.moments.append(Moment(self.office.now(), streams))


def unlike(session: Session, stream_id: UUID, at: datetime | int, rows: Mapping[Place, Mapping[str, Any]]) -> list[str]:
    """Where the fold of a stream's events is not what the tables held."""
    folded, _ = state.until(session, stream_id, at)
    wrong = [f"{place} is not told of" for place in rows.keys() - folded.keys()]
    wrong += [f"{place} was not there" for place in folded.keys() - rows.keys()]
    for place in folded.keys() & rows.keys():
        held, row = folded[place], rows[place]
        told = {**held.values, "version": held.version, "event_id": held.event_id}
        there = {
            name: str(value)
            if name == "event_id"
            else value
            if name == "version"
            else state.seen(place.noun, name, value)
            for name, value in row.items()
            if name not in ("id", "tenant_id", "stream_id")
        }
        wrong += [
            f"{place} {name}: {told.get(name)!r} for {there.get(name)!r}"
            for name in told.keys() | there.keys()
            if told.get(name) != there.get(name)
        ]
    return wrong
