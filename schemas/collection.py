"""Collection of reports: where they come from, what came, and how far each source was read."""

from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, ClassVar, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, SecretStr, model_validator
from sqlalchemy import BigInteger, UniqueConstraint
from sqlmodel import Field, SQLModel

from schemas.base import JSON_TYPE, Recorded, Row, UtcDateTime, word


class Channel(StrEnum):
    """By which way a report came in."""

    MAIL = "mail"
    FOLDER = "folder"
    BUCKET = "bucket"


class ParcelStatus(StrEnum):
    WAITING = "waiting"  # in the tray, for an officer
    FILED = "filed"
    SET_ASIDE = "set_aside"


class Obstacle(StrEnum):
    """Why a parcel waits in the tray. The value is the catalog key of its sentence."""

    NO_CONTRACT = "no_contract"
    SEVERAL_CONTRACTS = "several_contracts"
    STRANGE_SENDER = "strange_sender"
    NO_PERIOD = "no_period"
    WRONG_MOMENT = "wrong_moment"
    NOTHING_ATTACHED = "nothing_attached"
    TOO_LARGE = "too_large"
    UNUSABLE = "unusable"
    UNREADABLE = "unreadable"  # reading it failed in a way that nobody foresaw; kept as it came
    UNOPENED = "unopened"  # opening it ended the program, time after time


class Parcel(Recorded, table=True):
    """One mail or package from a watched source. Its files are documents of it, until they are a report's."""

    personal: ClassVar[frozenset[str]] = frozenset({"sender", "subject"})

    __table_args__ = (UniqueConstraint("tenant_id", "sha256"),)

    channel: Channel = Field(sa_type=word(Channel))
    source: str = Field(max_length=200)  # mailbox, folder or bucket, without secrets
    sha256: str = Field(max_length=64)  # of the mail as it came, or of the package: the same twice is one parcel
    sender: str = Field(default="", max_length=200)
    subject: str = Field(default="", max_length=400)
    received_at: datetime = Field(sa_type=UtcDateTime)
    obstacle: Obstacle | None = Field(default=None, sa_type=word(Obstacle))
    detail: str = Field(default="", max_length=200)  # class of the refusal, or of the error that reading it raised
    contract_id: UUID | None = Field(default=None, foreign_key="contract.id")
    report_id: UUID | None = Field(default=None, foreign_key="report.id")
    asked: list[Any] = Field(default_factory=list, sa_type=JSON_TYPE)  # roles that were asked after it, each once
    status: ParcelStatus = Field(default=ParcelStatus.WAITING, sa_type=word(ParcelStatus))


class Mark(Row, table=True):
    """How far a source was read.

    A mailbox: `epoch` (its UIDVALIDITY) and the last number taken in it. A folder or bucket: when the newest entry taken
    was `modified`, and its name. `opening` is what is being opened just now, `attempts` how often that was begun.
    """

    source: str = Field(max_length=200, unique=True)
    epoch: int = Field(default=0, sa_type=BigInteger)
    last: int = Field(default=0, sa_type=BigInteger)
    modified: datetime | None = Field(default=None, sa_type=UtcDateTime)
    name: str = Field(default="", max_length=400)
    opening: str = Field(default="", max_length=64)  # sha256 of its key
    attempts: int = 0
    looked_at: datetime = Field(sa_type=UtcDateTime)


class Leftover(Row, table=True):
    """An entry that was taken and may not be moved aside: it lies there still, and is not fetched again."""

    __table_args__ = (UniqueConstraint("source", "entry"),)

    source: str = Field(max_length=200)
    entry: str = Field(max_length=64)  # sha256 of its key


class Clue(SQLModel, table=True):
    """By what a report shows whose it is: a contract's number or somebody's address, folded. Made from rows, not on record."""

    __table_args__ = {"sqlite_with_rowid": False}  # the key is all there is: one tree, not two

    tenant_id: UUID = Field(primary_key=True)
    sign: str = Field(max_length=200, primary_key=True)
    owner_id: UUID = Field(primary_key=True)  # a contract, or a person who may stand for its organisation


class _Source(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    customer: str  # code of the customer whose contractors send here


class Mailbox(_Source):
    """A mailbox for reports, read by IMAP. Nothing in it is ever deleted."""

    host: str
    port: int = 993
    security: Literal["tls", "starttls", "none"] = "tls"
    user: str
    password: SecretStr
    folder: str = "INBOX"

    @model_validator(mode="after")
    def _in_clear_only_here(self) -> "Mailbox":
        if self.security == "none" and self.host not in ("127.0.0.1", "::1", "localhost"):
            raise ValueError("a password goes in clear to this machine only")
        return self

    @property
    def name(self) -> str:
        return f"imap://{self.user}@{self.host}:{self.port}/{self.folder}"


class WatchedFolder(_Source):
    """A folder into which scans and archives are put; each entry at its top is one package."""

    path: Path
    quiet_seconds: int = 60  # an entry is whole when nothing in it has changed for so long

    @property
    def name(self) -> str:
        return f"folder:{self.path}"


class WatchedBucket(_Source):
    """A prefix of an S3 bucket; each object, or each folder of objects, at its top is one package."""

    endpoint: str
    secure: bool = True
    region: str = "us-east-1"
    access_key: SecretStr
    secret_key: SecretStr
    bucket: str
    prefix: str = ""
    quiet_seconds: int = 60

    @property
    def name(self) -> str:
        return f"s3://{self.endpoint}/{self.bucket}/{self.prefix}"


Source = Mailbox | WatchedFolder | WatchedBucket


class Sources(BaseModel):
    """The file of sources: `[[mailbox]]`, `[[folder]]`, `[[bucket]]`."""

    model_config = ConfigDict(extra="forbid")

    mailbox: list[Mailbox] = []
    folder: list[WatchedFolder] = []
    bucket: list[WatchedBucket] = []

    def all(self) -> list[Source]:
        return [*self.mailbox, *self.folder, *self.bucket]
