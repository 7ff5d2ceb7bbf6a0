"""What the ladder comes to on a day, by an index: the cost follows what is due, not what there is."""

from datetime import date
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlmodel import col

from schemas.report import Period
from storage.work import Look

Place = tuple[date, UUID]  # day and period


def awake(look: Look, on: date, *, after: Place | None = None, limit: int = 50) -> list[Place]:
    """Periods that woke on that day or before, those that wait longest first; `after` goes on behind that place."""
    place = (col(Period.wakes_on), col(Period.id))
    query = select(*place).where(col(Period.wakes_on) <= on)
    if after is not None:
        query = query.where(tuple_(*place) > tuple_(*after))
    return [(day, one) for day, one in look.session.execute(query.order_by(*place).limit(limit)) if day is not None]
