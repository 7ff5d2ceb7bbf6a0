"""Sealing as everybody asks for it: new events into the signed log, and the proof that nothing of a key is left out."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlmodel import Session, col

from flows.office import Office
from flows.steps.sequencer import NEWEST, WORK, Sequencer, leaves_of, ranges
from flows.steps.verifying import verify_all
from schemas.errors import BrokenTrail, NotSealed
from schemas.event import ERASING, Checkpoint, Event, Leaf, Unsealed
from storage import grants, log
from storage.engine import sole
from storage.keymap import KeyMap, Proof, value_of
from storage.work import Look, looking

__all__ = ["Completeness", "completeness", "seal", "sealed", "verify_all"]

PATIENCE = 30.0  # seconds for another sealer to be done


def seal(office: Office, *, patience: float = PATIENCE) -> Checkpoint | None:
    """Put new events into the log and sign its new head; None when there is nothing new.

    Where another sealer is at work, or this role may not seal, waits for the other's checkpoint.
    Raises BrokenTrail, and NotSealed when the other was not done in `patience` seconds.
    """
    before, wanted, may = _signed(office), _newest_ticket(office), _may(office)
    end = time.monotonic() + patience
    while True:
        if may:
            with sole(office.engine, WORK) as mine:
                if mine:
                    return Sequencer(office).drain()
        if _covers(office, wanted):
            newest = _signed(office)
            return newest if newest is not None and (before is None or newest.size > before.size) else None
        if time.monotonic() > end:
            raise NotSealed
        time.sleep(0.1)


@contextmanager
def sealed(office: Office) -> Iterator[Look]:
    """All is sealed, and read as of one moment. Raises as `seal` does.

    An erasure that comes in between is sealed too, or what it took would be missing where no event says so.
    """
    while True:
        seal(office)
        with looking(office.engine, office.system) as look:
            if not _erased_behind(look.session):
                yield look
                return


def _erased_behind(session: Session) -> bool:
    """Whether an erasing event stands behind the newest checkpoint."""
    newest = session.scalars(NEWEST).first()
    erasing = select(col(Event.id)).where(col(Event.act).in_(ERASING)).limit(1)
    behind = col(Leaf.position) >= (newest.size if newest else 0)
    waiting = erasing.join(Unsealed, col(Unsealed.event_id) == col(Event.id))
    unsigned = erasing.join(Leaf, col(Leaf.event_id) == col(Event.id)).where(behind)
    return any(session.scalar(one) is not None for one in (waiting, unsigned))


def _may(office: Office) -> bool:
    with looking(office.engine, office.system) as look:
        return grants.may_seal(look.session)


def _newest_ticket(office: Office) -> int:
    with looking(office.engine, office.system) as look:
        return look.session.scalar(select(func.max(col(Unsealed.id)))) or 0


def _signed(office: Office) -> Checkpoint | None:
    with looking(office.engine, office.system) as look:
        return look.session.scalars(NEWEST).first()


def _covers(office: Office, ticket: int) -> bool:
    with looking(office.engine, office.system) as look:
        waits = look.session.scalar(select(col(Unsealed.id)).where(col(Unsealed.id) <= ticket).limit(1))
        newest = look.session.scalars(NEWEST).first()
        return waits is None and (newest.size if newest else 0) == leaves_of(look.session)


# -- proofs ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Completeness:
    """That a key holds exactly `count` events, of which the map at a checkpoint speaks.

    `head` is the checkpoint's last leaf, `inclusion` its proof in the log of `size` leaves, `map` the key's in the map.
    """

    key: bytes
    count: int
    note: str
    size: int
    head: bytes
    inclusion: tuple[bytes, ...]
    map: Proof


def completeness(session: Session, key: str) -> Completeness:
    """Proof of all that a key holds, at the newest checkpoint. Raises BrokenTrail when there is none."""
    newest = session.scalars(NEWEST).first()
    if newest is None:
        raise BrokenTrail(stream="log", seq=0, why="checkpoint")
    head = session.scalar(select(col(Leaf.entry)).where(col(Leaf.position) == newest.size - 1))
    known = ranges(session)
    drawn = KeyMap((bytes.fromhex(one), value_of(peaks.size, peaks.root())) for one, peaks in known.items())
    before = log.Peaks.load(newest.size - 1, bytes(newest.peaks)).peaks
    return Completeness(
        key=bytes.fromhex(key),
        count=known[key].size if key in known else 0,
        note=newest.note,
        size=newest.size,
        head=bytes(head or b""),
        inclusion=tuple(reversed(before)),  # all that stands to the left of the last leaf
        map=drawn.prove(bytes.fromhex(key)),
    )
