"""Two things that no chain shows by itself: an event kept from the log, and one that says it is older than it can be."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import func, select
from sqlmodel import col

from flows.office import Office
from flows.steps import addresses
from schemas.customer import Customer, Role
from schemas.doer import CLOCK
from schemas.event import Act, Event, Leaf, Stream, Unsealed
from storage import eventindex, trail
from storage.ledger import Because
from storage.work import looking

PATIENCE = timedelta(seconds=60)  # an event is in the log within two seconds where the sequencer lives
AGAIN = timedelta(hours=1)  # between two alarms for the same customer

log = logging.getLogger("ashar.audit")


@dataclass(frozen=True, slots=True)
class HeldBack:
    """Events of one customer that wait for their place in the log for too long, and since when."""

    tenant_id: UUID
    events: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Backdated:
    """An event that came into the log after a head of it was drawn, and says that it happened before."""

    stream: str
    seq: int
    at: datetime
    head: datetime


def held_back(office: Office) -> list[HeldBack]:
    """What waits for longer than a minute, by customer."""
    with looking(office.engine, office.system) as look:
        rows = look.session.execute(
            select(col(Event.tenant_id), func.count(), func.min(col(Event.at)))
            .join(Unsealed, col(Unsealed.event_id) == col(Event.id))
            .where(col(Event.at) < office.now() - PATIENCE)
            .group_by(col(Event.tenant_id))
            .order_by(col(Event.tenant_id))
        ).all()
    return [HeldBack(tenant_id, events, since) for tenant_id, events, since in rows]


def alarm(office: Office) -> int:
    """Tell operator and head of events that are held back, once an hour for each customer; how many events."""
    waiting = held_back(office)
    for one in waiting:
        log.error("events held back", extra={"tenant": str(one.tenant_id), "events": one.events})
        if office.behind or _told(office, one):  # of an older database every command and every flow tells
            continue
        with office.acting(CLOCK, Act.ERRAND_HAND_OVER) as work:
            customer = work.get(Customer, one.tenant_id)
            facts = {"events": one.events, "since": one.since.isoformat()}
            event = work.record(Act.ERRAND_HAND_OVER, customer, because=Because(rule="held_back", facts=facts))
            for role in (Role.OPERATOR, Role.HEAD):
                addresses.to_role(work, customer, role, "held_back", f"held_back:{event}", facts)
    return sum(one.events for one in waiting)


def _told(office: Office, one: HeldBack) -> bool:
    with looking(office.engine, office.system) as look:
        told = select(func.max(col(Event.at))).where(
            col(Event.stream_id) == one.tenant_id,
            col(Event.act) == Act.ERRAND_HAND_OVER,
            col(Event.rule) == "held_back",
        )
        last = look.session.scalar(told)
    return last is not None and last > office.now() - AGAIN


def lost(office: Office) -> int:
    """Events whose body is gone and whose trace in the log is left: an older database was restored, or somebody deleted them."""
    with looking(office.engine, office.system) as look:
        return trail.lost(look.session)


def misindexed(office: Office) -> int:
    """Events that the index by time, person, act and rule does not hold as they are: a search may miss them."""
    with looking(office.engine, office.system) as look:
        return eventindex.wrong(look.session)


def backdated(office: Office) -> Iterator[Backdated]:
    """Events whose time lies before that of a head which the log had already when they came, by more than a minute.

    No proof of forgery: a transaction may be long and a clock wrong. Whoever wrote the time has to explain it.
    """
    with looking(office.engine, office.system) as look:
        rows: Any = look.session.execute(
            select(col(Leaf.entry), col(Event.at), col(Event.seq), col(Stream.name))
            .outerjoin(Event, col(Event.id) == col(Leaf.event_id))
            .outerjoin(Stream, col(Stream.id) == col(Event.stream_id))
            .order_by(col(Leaf.position))
        )
        head: datetime | None = None
        for entry, at, seq, name in rows:
            told = orjson.loads(entry) if entry is not None else {}
            if told.get("t") == "map":
                head = datetime.fromisoformat(told["at"])
            elif head is not None and at is not None and at < head - PATIENCE:
                yield Backdated(name, seq, at, head)
