"""In which stream stands what was done to a thing: events need no index by their subject."""

from functools import cache
from uuid import UUID

from sqlalchemy import CompoundSelect, bindparam, select, union_all
from sqlmodel import Session

from schemas.tables import METADATA
from storage.guards import recorded

_STREAM = METADATA.tables["stream"]


def streams_of(session: Session, subject: UUID) -> set[UUID]:
    """The stream of a row, of whatever table; a stream is about itself. Empty where there is no such thing."""
    return set(session.execute(_asked(), {"subject": subject}).scalars())


@cache
def _asked() -> CompoundSelect[UUID]:
    subject = bindparam("subject", type_=_STREAM.c.id.type)
    return union_all(
        select(_STREAM.c.id).where(_STREAM.c.id == subject),
        *(select(table.c.stream_id).where(table.c.id == subject) for table in recorded()),
    )
