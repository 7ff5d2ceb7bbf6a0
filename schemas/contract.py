"""The contract with the winner, its tranches, and an appeal that may pause it. Sums in tyiyn."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, UniqueConstraint
from sqlmodel import Field

from schemas.base import JSON_TYPE, Recorded, UtcDateTime, word
from schemas.customer import Language


class ContractStatus(StrEnum):
    PREPARED = "prepared"
    DRAFTED = "drafted"
    SIGNED = "signed"
    EVALUATED = "evaluated"
    CLOSED = "closed"
    TERMINATED = "terminated"


class Evaluation(StrEnum):
    SUCCESSFUL = "successful"
    SATISFACTORY = "satisfactory"
    UNSATISFACTORY = "unsatisfactory"


class Contract(Recorded, table=True):
    __table_args__ = (UniqueConstraint("tenant_id", "number"), UniqueConstraint("application_id"))

    application_id: UUID = Field(foreign_key="application.id")
    organisation_id: UUID = Field(foreign_key="organisation.id", index=True)
    number: str = Field(max_length=40)
    amount: int = Field(sa_type=BigInteger)
    own_contribution: int = Field(default=0, sa_type=BigInteger)
    starts: date
    ends: date
    lines: list[Any] = Field(sa_type=JSON_TYPE)  # list[BudgetLine]
    indicators: list[Any] = Field(sa_type=JSON_TYPE)  # list[Indicator]
    milestones: list[Any] = Field(default_factory=list, sa_type=JSON_TYPE)  # list[Checkpoint]: planned, not yet done
    signed_on: date | None = None
    spent: int = Field(default=0, sa_type=BigInteger)  # accepted reports
    balance: int = Field(default=0, sa_type=BigInteger)  # to be returned at closing
    returned: int = Field(default=0, sa_type=BigInteger)
    evaluation: Evaluation | None = Field(default=None, sa_type=word(Evaluation))
    status: ContractStatus = Field(default=ContractStatus.PREPARED, sa_type=word(ContractStatus))
    refunds: list[Any] = Field(default_factory=list, sa_type=JSON_TYPE)  # {reference, amount} of what came back
    language: Language = Field(default=Language.KY, sa_type=word(Language))  # of the letters to the contractor
    refund_until: date | None = None  # what is owed is to be paid back by then
    rungs: list[Any] = Field(default_factory=list, sa_type=JSON_TYPE)  # steps taken for what is owed
    wakes_on: date | None = Field(default=None, index=True)  # the ladder has something to do then for what is owed


class TrancheStatus(StrEnum):
    PLANNED = "planned"
    HELD = "held"
    ORDERED = "ordered"
    PAID = "paid"


class Tranche(Recorded, table=True):
    """A part of the sum; `conditions` are condition codes of rules/tranches."""

    personal: ClassVar[frozenset[str]] = frozenset({"unmet", "lifted"})  # what is missing may quote what a visit saw
    __table_args__ = (UniqueConstraint("contract_id", "number"),)

    contract_id: UUID = Field(foreign_key="contract.id", index=True)
    number: int
    amount: int = Field(sa_type=BigInteger)
    after_period: int = 0  # 0 = after signing; n = after report n is accepted
    conditions: list[Any] = Field(default_factory=list, sa_type=JSON_TYPE)
    unmet: list[Any] = Field(default_factory=list, sa_type=JSON_TYPE)
    order_number: str | None = Field(default=None, max_length=40, unique=True)
    ordered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    paid_on: date | None = None
    status: TrancheStatus = Field(default=TrancheStatus.PLANNED, sa_type=word(TrancheStatus))
    lifted: list[Any] = Field(
        default_factory=list, sa_type=JSON_TYPE
    )  # {condition, reason, on}: what the head let pass


class AppealStatus(StrEnum):
    LODGED = "lodged"
    UPHELD = "upheld"
    REJECTED = "rejected"


class Appeal(Recorded, table=True):
    """A complaint against a decision; while lodged, no contract of its contest is signed."""

    personal: ClassVar[frozenset[str]] = frozenset({"text", "answer"})

    application_id: UUID = Field(foreign_key="application.id", index=True)
    contest_id: UUID = Field(foreign_key="contest.id", index=True)
    text: str
    answer: str = ""
    status: AppealStatus = Field(default=AppealStatus.LODGED, sa_type=word(AppealStatus))
