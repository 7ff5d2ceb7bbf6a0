"""A document: one file of a package, what was seen in it, and where its bytes lie."""

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel

from schemas.base import JSON_TYPE, Recorded, Row, UtcDateTime, word
from schemas.facts import Facts, Kind, Sketch


class Shingle(SQLModel, table=True):
    """A number of a document's sketch, to find the documents that have it too. Made from facts, not on record."""

    __table_args__ = {"sqlite_with_rowid": False}  # the key is all there is: one tree, not two

    tenant_id: UUID = Field(primary_key=True)
    number: int = Field(primary_key=True, sa_type=BigInteger)
    document_id: UUID = Field(primary_key=True, foreign_key="document.id")


class BlobState(StrEnum):
    STORING = "storing"
    STORED = "stored"
    DELETING = "deleting"


class Blob(Row, table=True):
    """Bytes in the object store. The key is never reused (findings: storage, section 6)."""

    tenant_id: UUID
    sha256: str = Field(max_length=64, index=True)
    key: str = Field(max_length=160, unique=True)
    size: int = Field(sa_type=BigInteger)
    state: BlobState = Field(default=BlobState.STORING, sa_type=word(BlobState))
    touched_at: datetime = Field(sa_type=UtcDateTime)


class Document(Recorded, table=True):
    """One file, as it came or as it was produced. Original bytes are kept; facts are for search and rules."""

    personal: ClassVar[frozenset[str]] = frozenset({"name", "facts"})

    subject_id: UUID = Field(index=True)  # application, contest, contract, period or sitting
    name: str = Field(max_length=400)  # as the sender wrote it
    kind: Kind = Field(default=Kind.OTHER, sa_type=word(Kind))
    sha256: str = Field(max_length=64, index=True)
    size: int = Field(sa_type=BigInteger)
    blob_id: UUID | None = Field(default=None, foreign_key="blob.id")
    round: int = 1  # 1 = first hand-in, 2 = cure, …
    current: bool = True  # False once a later round replaced it
    inspected: bool = False
    facts: dict[str, Any] = Field(default_factory=dict, sa_type=JSON_TYPE)

    def seen(self) -> Facts:
        return Facts.model_validate(self.facts)

    def sketch(self) -> Sketch | None:
        """The sketch of its text alone, without the rest of its facts."""
        found = self.facts.get("sketch")
        return Sketch.model_validate(found) if found else None
