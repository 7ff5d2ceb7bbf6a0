"""What the ladder comes to on a day, by an index: the cost follows what is due, not what there is."""

from datetime import date
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlmodel import col

from schemas.contract import Contract
from schemas.report import Mend, Period
from storage.work import Look

Place = tuple[date, UUID]  # day and row
Sleeper = Period | Mend | Contract


def awake(look: Look, model: type[Sleeper], on: date, *, after: Place | None = None, limit: int = 50) -> list[Place]:
    """Rows that woke on that day or before, those that wait longest first; `after` goes on behind that place."""
    place = (col(model.wakes_on), col(model.id))
    query = select(*place).where(col(model.wakes_on) <= on)
    if after is not None:
        query = query.where(tuple_(*place) > tuple_(*after))
    return [(day, one) for day, one in look.session.execute(query.order_by(*place).limit(limit)) if day is not None]


def contracts(look: Look, *, after: UUID | None = None, limit: int = 200) -> list[Contract]:
    """All contracts, page by page in the order of their ids; `after` goes on behind that one."""
    query = select(Contract).order_by(col(Contract.id)).limit(limit)
    if after is not None:
        query = query.where(col(Contract.id) > after)
    return list(look.session.scalars(query))
