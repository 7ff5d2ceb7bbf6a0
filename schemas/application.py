"""An application (the case) and the organisation that handed it in."""

from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, Index, UniqueConstraint
from sqlmodel import Field

from schemas.base import Recorded, UtcDateTime, word


class Organisation(Recorded, table=True):
    """An NCO as one customer knows it."""

    personal: ClassVar[frozenset[str]] = frozenset({"address", "head", "phone", "email", "bank_account"})
    __table_args__ = (UniqueConstraint("tenant_id", "inn"),)

    name: str = Field(max_length=300)
    inn: str = Field(max_length=14)
    okpo: str = Field(default="", max_length=8)
    registered_on: date | None = None
    commercial: bool = False
    address: str = Field(default="", max_length=300)
    head: str = Field(default="", max_length=200)
    phone: str = Field(default="", max_length=40)
    email: str = Field(default="", max_length=200)
    bank_account: str = Field(default="", max_length=40)


class ApplicationStatus(StrEnum):
    RECEIVED = "received"  # sealed; the receipt is given
    TURNED_AWAY = "turned_away"  # late; only the receipt and the hashes are kept
    OPENED = "opened"  # the seal was lifted at the cut-off
    TO_CURE = "to_cure"  # asked for all that is missing, with a term
    COMPLETE = "complete"
    ELIGIBLE = "eligible"
    REFUSED = "refused"
    IN_REVIEW = "in_review"
    WINNER = "winner"
    RESERVE = "reserve"
    PASSED_OVER = "passed_over"
    WITHDRAWN = "withdrawn"


class Application(Recorded, table=True):
    """One application; its id is the case and its own stream. Sums in tyiyn, score in hundredths of a point."""

    personal: ClassVar[frozenset[str]] = frozenset({"sender"})
    __table_args__ = (
        UniqueConstraint("contest_id", "package_sha256"),
        UniqueConstraint("contest_id", "number"),
        Index(None, "contest_id", "status"),
    )

    contest_id: UUID = Field(foreign_key="contest.id")
    organisation_id: UUID | None = Field(default=None, foreign_key="organisation.id", index=True)
    number: int  # within the contest, in order of arrival
    sender: str = Field(default="", max_length=200)  # as given at the door
    received_at: datetime = Field(sa_type=UtcDateTime)
    package_sha256: str = Field(max_length=64)
    round: int = 1
    review: int = 1  # counts on when an appeal has it judged again
    theme: str = Field(default="", max_length=32)
    title: str = Field(default="", max_length=400)
    requested: int = Field(default=0, sa_type=BigInteger)
    own_contribution: int = Field(default=0, sa_type=BigInteger)
    cure_until: date | None = None
    ground: str = Field(default="", max_length=80)  # rule id of a refusal
    score: int | None = None
    place: int | None = None
    status: ApplicationStatus = Field(default=ApplicationStatus.RECEIVED, sa_type=word(ApplicationStatus))
