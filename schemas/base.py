"""What every table shares: identity, UTC instants, JSON with Cyrillic, and the event that a row rests on."""

import secrets
import time
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, ClassVar, Final
from uuid import UUID

from sqlalchemy import JSON, DateTime, Dialect, Enum, MetaData, TypeDecorator
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
SQLModel.metadata.naming_convention = NAMING
METADATA: MetaData = SQLModel.metadata

JSON_TYPE = JSON().with_variant(JSONB(), "postgresql")

Words = dict[str, str]
"""One text in each language: {"ky": …, "ru": …, "en": …}."""


class UtcDateTime(TypeDecorator[datetime]):
    """An instant: refuses a naive one, stores UTC, returns it aware (SQLite drops the zone)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs its zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def word(enum: type[StrEnum], *, checked: bool = True) -> Any:
    """A column of one of the enum's values, as text, with the database holding it to them (`checked`: by the column itself)."""
    return Enum(
        enum, native_enum=False, create_constraint=checked, length=40, values_callable=lambda e: [m.value for m in e]
    )


_LOW: Final = (1 << 62) - 1


def new_id() -> UUID:
    """An identity: the time in milliseconds and 74 random bits (UUID version 7, RFC 9562).

    Ids that rise keep every index of them dense: of a million random ones each is a page of its own to read and to write.
    """
    random = secrets.randbits(74)
    return UUID(int=time.time_ns() // 1_000_000 << 80 | 7 << 76 | random >> 62 << 64 | 2 << 62 | random & _LOW)


class Row(SQLModel):
    """A row with an identity of its own."""

    id: UUID = Field(default_factory=new_id, primary_key=True)


class Recorded(Row):
    """A row that changes only together with an event of the audit trail (the database refuses otherwise).

    `stream_id` names the chain of events it belongs to, `event_id` the last event that changed it, `version` counts
    changes and is compared and set on each.
    """

    # fields whose values are personal data: events carry a salted digest of them, never the text
    personal: ClassVar[frozenset[str]] = frozenset()

    # filled by the unit of work; the columns themselves are NOT NULL
    # the tenant has no index of its own: nearly every row is the same one's, and SQLite would walk through all of them
    # rather than look for a few by a key
    tenant_id: UUID = Field(default=None, nullable=False)
    stream_id: UUID = Field(default=None, foreign_key="stream.id", index=True, nullable=False)
    event_id: UUID = Field(default=None, nullable=False)  # no foreign key: the guard looks at that very event
    version: int = 0
