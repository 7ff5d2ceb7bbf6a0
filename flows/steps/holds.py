"""Legal holds: placed and lifted by an act, and nothing overrides them; the files they cover are locked in the store."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select
from sqlmodel import col

from flows.office import Office
from flows.steps.moving import check_reason, move
from schemas.customer import Customer
from schemas.document import Blob, Document
from schemas.doer import CLOCK, Doer
from schemas.errors import Held, NotFound
from schemas.event import Act, Disclosure, Event, Stream
from schemas.hold import HoldStatus, LegalHold, Scope
from storage.ledger import Because
from storage.work import Look, looking

AT_ONCE = 500  # ids in a question
LOCKED = timedelta(days=366)  # the store keeps what is held for so long at least; the flow goes on extending it


@dataclass(frozen=True, slots=True)
class Order:
    """The act on which something is held, let go or erased: title (without names), number, day, and who gave it."""

    act: str
    number: str
    on: date
    by: str = ""

    def check(self, act: Act) -> None:
        """Raises NoReason when the act is not named."""
        check_reason(self.act, act)
        check_reason(self.number, act)


def by_order(order: Order, rule: str, **facts: object) -> Because:
    """The ground is an act outside this house, under a rule of ours."""
    return Because(rule=rule, facts={"order": order.act, "number": order.number, "on": order.on, **facts})


def place(office: Office, doer: Doer, stream_id: UUID, order: Order, until: date | None = None) -> UUID:
    """Hold a case, a contest, a person, or all that a customer has. The same act for the same thing is one hold.

    Raises NotAllowed, NotFound, NoReason. The files are locked after it is on record; a store that is away is asked
    again by the flow.
    """
    order.check(Act.HOLD_PLACE)
    check_reason(order.by, Act.HOLD_PLACE)
    with office.acting(doer, Act.HOLD_PLACE) as work:
        stream = work.get(Stream, stream_id)
        if stream.kind not in tuple(Scope):
            raise NotFound(noun="stream", id=str(stream_id))
        named: dict[str, Any] = {"act": order.act, "number": order.number, "on": order.on}
        known = work.one(LegalHold, stream_id=stream_id, status=HoldStatus.PLACED, **named)
        if known is None:
            known = LegalHold(scope=Scope(stream.kind), name=stream.name, until=until, ordered_by=order.by, **named)
            work.new(known, stream=stream_id, tenant=stream.tenant_id)
            work.record(Act.HOLD_PLACE, known, because=by_order(order, "hold_ordered", until=until))
    lock(office, [known])
    return known.id


def lift(office: Office, doer: Doer, hold_id: UUID, order: Order) -> None:
    """Lift a hold by another act. Locks that the store was given stay until their day. Raises WrongMoment, NoReason."""
    order.check(Act.HOLD_LIFT)
    with office.acting(doer, Act.HOLD_LIFT) as work:
        hold = work.get(LegalHold, hold_id)
        hold.lifted_by, hold.lifted_number, hold.lifted_on = order.act, order.number, order.on
        move(work, hold, Act.HOLD_LIFT, because=by_order(order, "hold_lifted"))


def lapse(office: Office) -> int:
    """Holds whose last day is over are lifted by the clock; how many."""
    over = 0
    with looking(office.engine, office.system) as look:
        placed = look.all(LegalHold, status=HoldStatus.PLACED, order="id")
        zones = {one.id: one.zone for one in look.all(Customer)}
    for known in placed:
        if known.until is None or known.until >= office.today(zones[known.tenant_id]):
            continue
        with office.acting(CLOCK, Act.HOLD_LIFT) as work:
            hold = work.get(LegalHold, known.id)
            move(work, hold, Act.HOLD_LIFT, because=Because(rule="hold_over", facts={"until": hold.until}))
            over += 1
    return over


def lock(office: Office, holds: Sequence[LegalHold]) -> int:
    """Extend the store's locks of every file that these holds cover; how many files."""
    keys: dict[str, date | None] = {}
    with looking(office.engine, office.system) as look:
        for hold in holds:
            keys.update(dict.fromkeys(_keys(look, hold), hold.until))
    # up to the end of a month, so that asking every day writes once a month
    at_least = (office.machine_now() + LOCKED).replace(day=28) + timedelta(days=4)
    for key, until in keys.items():
        days = max((until - at_least.date()).days + 1, 0) if until else 0
        with suppress(NotFound):  # bytes that are gone are told by whoever hashes the files again
            office.objects.lock(key, at_least.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=days))
    return len(keys)


def lock_all(office: Office) -> int:
    """Every hold that stands: files that came since are locked too, and locks go on."""
    with looking(office.engine, office.system) as look:
        placed = look.all(LegalHold, status=HoldStatus.PLACED, order="id")
    return lock(office, placed)


def _keys(look: Look, hold: LegalHold) -> list[str]:
    covered = select(col(Stream.id)).where(
        or_(
            col(Stream.id) == hold.stream_id,
            col(Stream.parent_id) == hold.stream_id,
            col(Stream.tenant_id) == hold.stream_id,
        )
    )
    files = (
        select(col(Blob.key))
        .join(Document, col(Document.blob_id) == col(Blob.id))
        .where(col(Document.stream_id).in_(covered))
    )
    return sorted(set(look.session.scalars(files)))


def covering(look: Look, stream_id: UUID) -> LegalHold | None:
    """A hold that covers what is in this stream; None where there is none."""
    stream = look.session.get(Stream, stream_id)
    above = {one for one in (stream_id, stream and stream.parent_id, stream and stream.tenant_id) if one}
    placed = select(LegalHold).where(col(LegalHold.stream_id).in_(above), col(LegalHold.status) == HoldStatus.PLACED)
    return look.session.scalars(placed.order_by(col(LegalHold.id)).limit(1)).one_or_none()


def check(look: Look, stream_id: UUID) -> None:
    """Raises Held where a hold covers this stream."""
    hold = covering(look, stream_id)
    if hold is not None:
        raise Held(name=hold.name, number=hold.number, on=hold.on)


def check_values(look: Look, values: Sequence[Disclosure]) -> None:
    """Raises Held where one of these stands in an event of somebody who is under hold, whatever its stream."""
    events = sorted({one.event_id for one in values})
    for at in range(0, len(events), AT_ONCE):
        held = (
            select(LegalHold)
            .join(Event, col(Event.actor_id) == col(LegalHold.stream_id))
            .where(col(Event.id).in_(events[at : at + AT_ONCE]), col(LegalHold.scope) == Scope.PERSON)
            .where(col(LegalHold.status) == HoldStatus.PLACED)
        )
        hold = look.session.scalars(held.order_by(col(LegalHold.id)).limit(1)).one_or_none()
        if hold is not None:
            raise Held(name=hold.name, number=hold.number, on=hold.on)
