"""The commission: members, conflicts, assignments, score sheets, the sitting and its items."""

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from schemas.base import JSON_TYPE, Recorded, UtcDateTime, word


class Seat(StrEnum):
    CHAIR = "chair"
    DEPUTY = "deputy"
    MEMBER = "member"


class Background(StrEnum):
    OFFICIAL = "official"
    EXPERT = "expert"


class Member(Recorded, table=True):
    """A member of the commission of one contest."""

    personal: ClassVar[frozenset[str]] = frozenset({"name", "relations"})
    __table_args__ = (UniqueConstraint("contest_id", "person_id"),)

    contest_id: UUID = Field(foreign_key="contest.id", index=True)
    person_id: UUID = Field(foreign_key="person.id")
    seat: Seat = Field(default=Seat.MEMBER, sa_type=word(Seat))
    background: Background = Field(default=Background.OFFICIAL, sa_type=word(Background))
    relations: list[Any] = Field(
        default_factory=list, sa_type=JSON_TYPE
    )  # what the register knows: inn, phone, address, surname
    active: bool = True
    name: str = Field(default="", max_length=200)  # at the appointment: relations are told by it


class Declaration(Recorded, table=True):
    """What one member says of his interest in one application, and what the system found beside it."""

    personal: ClassVar[frozenset[str]] = frozenset({"reason"})
    __table_args__ = (UniqueConstraint("member_id", "application_id"),)

    contest_id: UUID = Field(foreign_key="contest.id", index=True)
    member_id: UUID = Field(foreign_key="member.id")
    application_id: UUID = Field(foreign_key="application.id", index=True)
    conflict: bool
    reason: str = ""
    found: list[Any] = Field(default_factory=list, sa_type=JSON_TYPE)  # matched fields, by the system


class AssignmentStatus(StrEnum):
    ASSIGNED = "assigned"
    DECLINED = "declined"
    DONE = "done"


class Assignment(Recorded, table=True):
    """This member reviews this application; `because` says why him."""

    __table_args__ = (UniqueConstraint("member_id", "application_id", "review"),)

    application_id: UUID = Field(foreign_key="application.id", index=True)
    review: int = 1  # as in the application
    member_id: UUID = Field(foreign_key="member.id", index=True)
    because: str = Field(default="", max_length=200)
    status: AssignmentStatus = Field(default=AssignmentStatus.ASSIGNED, sa_type=word(AssignmentStatus))


class Sheet(Recorded, table=True):
    """A score sheet: points per criterion; `total` in hundredths of a point, weighted as the pack says."""

    personal: ClassVar[frozenset[str]] = frozenset({"comments"})
    __table_args__ = (UniqueConstraint("member_id", "application_id", "review"),)

    application_id: UUID = Field(foreign_key="application.id", index=True)
    review: int = 1  # as in the application
    member_id: UUID = Field(foreign_key="member.id", index=True)
    points: dict[str, Any] = Field(sa_type=JSON_TYPE)  # criterion code -> points, or null for an abstention
    comments: dict[str, Any] = Field(default_factory=dict, sa_type=JSON_TYPE)
    total: int


class SittingStatus(StrEnum):
    CONVENED = "convened"
    OPEN = "open"
    CLOSED = "closed"
    SIGNED = "signed"  # the minutes are signed and frozen


class Sitting(Recorded, table=True):
    """A meeting of the commission. `present` holds member ids as text."""

    contest_id: UUID = Field(foreign_key="contest.id", index=True)
    number: int = 1
    at: datetime = Field(sa_type=UtcDateTime)
    closed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    place: str = Field(default="", max_length=200)
    present: list[Any] = Field(default_factory=list, sa_type=JSON_TYPE)
    status: SittingStatus = Field(default=SittingStatus.CONVENED, sa_type=word(SittingStatus))


class Choice(StrEnum):
    FOR = "for"
    AGAINST = "against"
    ABSTAIN = "abstain"


class ItemStatus(StrEnum):
    OPEN = "open"
    RECOMMENDED = "recommended"
    NOT_RECOMMENDED = "not_recommended"


class Item(Recorded, table=True):
    """One application on the agenda, with its own quorum after recusals."""

    personal: ClassVar[frozenset[str]] = frozenset({"reason"})
    __table_args__ = (UniqueConstraint("sitting_id", "application_id"),)

    sitting_id: UUID = Field(foreign_key="sitting.id", index=True)
    application_id: UUID = Field(foreign_key="application.id", index=True)
    position: int
    recused: list[Any] = Field(default_factory=list, sa_type=JSON_TYPE)  # member ids as text
    entitled: int = 0
    present: int = 0
    needed: int = 0
    votes_for: int = 0
    votes_against: int = 0
    votes_abstain: int = 0
    casting_vote: bool = False
    reason: str = ""
    status: ItemStatus = Field(default=ItemStatus.OPEN, sa_type=word(ItemStatus))


class Ballot(Recorded, table=True):
    """One vote of one member on one item; no proxies."""

    __table_args__ = (UniqueConstraint("item_id", "member_id"),)

    item_id: UUID = Field(foreign_key="item.id", index=True)
    member_id: UUID = Field(foreign_key="member.id")
    choice: Choice = Field(sa_type=word(Choice))
