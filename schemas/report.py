"""Monitoring: reporting periods, reports, site visits. Sums in tyiyn."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, UniqueConstraint
from sqlmodel import Field

from schemas.base import JSON_TYPE, Recorded, UtcDateTime, word


class PeriodStatus(StrEnum):
    PLANNED = "planned"
    OPEN = "open"
    RECEIVED = "received"  # in checking: never overdue
    RETURNED = "returned"
    ACCEPTED = "accepted"
    DROPPED = "dropped"  # an amendment's plan has it no more: on record, and nothing else


IN_PLAN = tuple(one for one in PeriodStatus if one is not PeriodStatus.DROPPED)
NOT_BEGUN = (PeriodStatus.PLANNED, PeriodStatus.DROPPED)


class Period(Recorded, table=True):
    """Period `number` of `of`.

    `rungs` are the steps of the ladder taken in this `cycle`: an extension, a resumption and a return begin a new one.
    `wakes_on` is the first day on which the ladder has something to do here; None while there is nothing to wait for.
    `title` names the milestone that ends it. `whole`: the final report on the whole project, besides the last period's.
    """

    __table_args__ = (UniqueConstraint("contract_id", "number"),)

    contract_id: UUID = Field(foreign_key="contract.id", index=True)
    number: int
    of: int
    starts: date
    ends: date
    due: date
    final: bool = False
    rungs: list[Any] = Field(default_factory=list, sa_type=JSON_TYPE)  # codes of the rungs taken, each once
    received_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    late: bool = False
    status: PeriodStatus = Field(default=PeriodStatus.PLANNED, sa_type=word(PeriodStatus))
    lines: list[Any] = Field(default_factory=list, sa_type=JSON_TYPE)  # list[PlannedLine]: the plan of each line
    cycle: int = 1
    paused_on: date | None = None
    wakes_on: date | None = Field(default=None, index=True)
    parts: list[Any] = Field(default_factory=list, sa_type=JSON_TYPE)  # which alone are asked for again; none = all
    title: str = ""
    whole: bool = False
    check_until: date | None = None  # our own term, from the day on which a report came in

    @property
    def opens(self) -> date:
        """The day from which its report can be handed in: for the whole project that is the last one."""
        return self.ends if self.whole else self.starts


class Report(Recorded, table=True):
    """One hand-in for a period: programme and financial report together, and what was read from them."""

    personal: ClassVar[frozenset[str]] = frozenset({"remarks", "explanation", "explanations", "expenses"})
    __table_args__ = (UniqueConstraint("period_id", "package_sha256"),)

    period_id: UUID = Field(foreign_key="period.id", index=True)
    package_sha256: str = Field(max_length=64, index=True)
    received_at: datetime = Field(sa_type=UtcDateTime)
    round: int = 1
    read: bool = False
    spent: int = Field(default=0, sa_type=BigInteger)
    lines: list[Any] = Field(default_factory=list, sa_type=JSON_TYPE)
    indicators: list[Any] = Field(default_factory=list, sa_type=JSON_TYPE)
    remarks: list[Any] = Field(default_factory=list, sa_type=JSON_TYPE)  # list[Remark]
    explanation: str = ""  # of every line that is off the plan
    explanations: list[Any] = Field(default_factory=list, sa_type=JSON_TYPE)  # {line, text}: of one line each
    parts: list[Any] = Field(default_factory=list, sa_type=JSON_TYPE)  # which it renews; the others stand from before
    refused: bool = False  # counts as not handed in
    opening: int | None = Field(default=None, sa_type=BigInteger)  # money left at the start of the period, as stated
    closing: int | None = Field(default=None, sa_type=BigInteger)  # and at its end
    expenses: list[Any] = Field(default_factory=list, sa_type=JSON_TYPE)  # list[Expense], the register of receipts
    checkpoints: list[Any] = Field(default_factory=list, sa_type=JSON_TYPE)  # list[Checkpoint]
    whole: bool = False  # the final report on the whole project: its sums are those of all others


class Visit(Recorded, table=True):
    """A site visit with what was seen."""

    personal: ClassVar[frozenset[str]] = frozenset({"seen"})

    contract_id: UUID = Field(foreign_key="contract.id", index=True)
    on: date
    seen: str


class MendStatus(StrEnum):
    ASKED = "asked"
    TOLD = "told"  # the contractor says that it is done
    MENDED = "mended"
    WAIVED = "waived"


class Mend(Recorded, table=True):
    """A corrective act: what a visit found wrong, with a term of its own. `done` is what the contractor says of it.

    `rungs`, `cycle` and `wakes_on` are as those of a period; a new cycle begins when it was seen not to be mended.
    """

    personal: ClassVar[frozenset[str]] = frozenset({"what", "done"})
    __table_args__ = (UniqueConstraint("contract_id", "number"),)

    contract_id: UUID = Field(foreign_key="contract.id", index=True)
    visit_id: UUID = Field(foreign_key="visit.id")
    number: int
    what: str
    until: date
    done: str = ""
    done_on: date | None = None
    status: MendStatus = Field(default=MendStatus.ASKED, sa_type=word(MendStatus))
    check_until: date | None = None  # our own term, from the day on which it was told to be mended
    rungs: list[Any] = Field(default_factory=list, sa_type=JSON_TYPE)
    cycle: int = 1
    wakes_on: date | None = Field(default=None, index=True)
