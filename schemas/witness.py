"""What witnesses said of the log's checkpoints, and which checkpoint was told to whom."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, UniqueConstraint
from sqlmodel import Field, SQLModel

from schemas.base import UtcDateTime, new_id


class Cosignature(SQLModel, table=True):
    """A witness signed the checkpoint of `size` at `at`, by its own clock. Insert only; the bytes lie in the locked store too."""

    size: int = Field(sa_type=BigInteger, primary_key=True)
    witness: str = Field(max_length=220, primary_key=True)  # name+key id
    at: datetime = Field(sa_type=UtcDateTime, primary_key=True)
    line: str = Field(max_length=400)  # the signature line as it stands under the checkpoint


class WitnessCall(SQLModel, table=True):
    """How it goes with a witness: when it was asked and answered last, by our clock, and what is wrong with it."""

    witness: str = Field(max_length=220, primary_key=True)
    first_asked_at: datetime = Field(sa_type=UtcDateTime)
    asked_at: datetime = Field(sa_type=UtcDateTime)
    answered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    size: int = Field(default=0, sa_type=BigInteger)  # of the log, as far as the witness knows it
    trouble: str = Field(default="", max_length=40)


class Told(SQLModel, table=True):
    """The checkpoint of `size` was told in a paper or letter of this stream. Insert only."""

    __table_args__ = (UniqueConstraint("row_id", "size"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    stream_id: UUID = Field(foreign_key="stream.id", index=True)
    size: int = Field(sa_type=BigInteger)
    noun: str = Field(max_length=16)  # document, letter
    row_id: UUID
    at: datetime = Field(sa_type=UtcDateTime)
