"""Which checkpoint of the audit trail a paper or letter tells, and to whom it was told.

Whoever keeps the paper can later have it proved that the log still begins so; whoever rewrote it cannot prove that.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Self
from uuid import UUID

from sqlalchemy import Row, bindparam, select
from sqlmodel import Session, col

from flows.office import Office
from flows.steps.sequencer import NEWEST
from schemas.base import Recorded
from schemas.event import Checkpoint, Leaf, Stream
from schemas.outbox import Letter
from schemas.witness import Told
from storage.engine import writing
from storage.work import Work, looking

PATIENCE = 2.0  # seconds in which a sequencer that runs has sealed what was just committed
REST = 60.0  # seconds for which nobody waits again after having waited in vain
_LOOK = 0.05  # seconds between two looks
_tired_until = 0.0
_PLACES = select(col(Leaf.event_id), col(Leaf.position)).where(
    col(Leaf.event_id).in_(bindparam("events", expanding=True))
)


@dataclass(frozen=True, slots=True)
class Stamp:
    """A checkpoint as it is told; `covered`: the event in question is among what it speaks of."""

    origin: str
    size: int
    root: str
    covered: bool = False

    @classmethod
    def of(cls, checkpoint: Checkpoint | Row[Any]) -> Self:
        """Of a checkpoint, or a row that has its note, size and root."""
        return cls(checkpoint.note.partition("\n")[0], checkpoint.size, checkpoint.root)

    @property
    def text(self) -> str:
        """Name of the log, its size, the first 16 digits of its root: what a dossier is asked for."""
        return f"{self.origin} {self.size} {self.root[:16]}"


def newest(session: Session) -> Stamp | None:
    """The newest checkpoint; None before the first."""
    found = session.scalars(NEWEST).one_or_none()
    return Stamp.of(found) if found else None


def stamp(office: Office, event_id: UUID | None = None) -> Stamp | None:
    """The newest checkpoint now; with `event_id` the one that covers this event, as `stamps` finds it."""
    if event_id is not None:
        return stamps(office, [event_id])[0]
    with looking(office.engine, office.system) as look:
        return newest(look.session)


def stamps(office: Office, event_ids: Sequence[UUID]) -> list[Stamp | None]:
    """For each event the checkpoint that covers it, if it comes within PATIENCE for all of them; the newest otherwise.

    Where no sequencer runs, it is waited for in vain once a minute and not for each of a thousand receipts.
    """
    global _tired_until  # noqa: PLW0603 -- of the process, as the sequencer is of the installation
    began = time.monotonic()
    while True:
        with looking(office.engine, office.system) as look:
            found = newest(look.session)
            rows = look.session.execute(_PLACES, {"events": list(set(event_ids))})
            places = {row.event_id: row.position for row in rows}
        size = found.size if found else 0
        covered = [places.get(one, size) < size for one in event_ids]
        now = time.monotonic()
        if now - began >= PATIENCE and not all(covered):
            _tired_until = now + REST
        if all(covered) or now < _tired_until:
            return [found and replace(found, covered=one) for one in covered]
        time.sleep(_LOOK)


def note(work: Work, size: int, row: Recorded) -> None:
    """On record: this paper tells the checkpoint of that size."""
    noun = type(row).__name__.lower()
    work.session.add(Told(stream_id=row.stream_id, size=size, noun=noun, row_id=row.id, at=work.at))


def for_letter(office: Office, letter: Letter) -> Stamp | None:
    """What a letter tells, on record before it leaves; tried again, it tells the same."""
    with looking(office.engine, office.system) as look:
        before = look.session.scalars(
            select(Checkpoint)
            .join(Told, col(Told.size) == col(Checkpoint.size))
            .where(col(Told.row_id) == letter.id)
            .order_by(col(Checkpoint.size).desc())
            .limit(1)
        ).one_or_none()
        found = Stamp.of(before) if before else newest(look.session)
    if found is not None and before is None:
        with writing(office.engine) as session:
            told = {"stream_id": letter.stream_id, "size": found.size, "row_id": letter.id}
            session.add(Told(**told, noun="letter", at=office.now()))
    return found


def told_checkpoints(session: Session, stream_id: UUID) -> list[int]:
    """Sizes of the checkpoints that papers and letters of a stream tell, smallest first.

    With a case come those of its contest (minutes, letters to all), with a contest those of its cases.
    """
    of = session.execute(
        select(col(Stream.kind), col(Stream.parent_id)).where(col(Stream.id) == stream_id)
    ).one_or_none()
    if of is None:
        return []
    streams = [stream_id, *([of.parent_id] if of.kind == "case" and of.parent_id else [])]
    those = select(col(Stream.id)).where(col(Stream.id).in_(streams) | (col(Stream.parent_id) == stream_id))
    sizes = session.scalars(select(col(Told.size)).where(col(Told.stream_id).in_(those)).distinct())
    return sorted(sizes)
