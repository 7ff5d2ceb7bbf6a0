"""A priority problem, and the programme with its budget line that pays for one of them."""

from datetime import date
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger
from sqlmodel import Field

from schemas.base import JSON_TYPE, Recorded, word


class ProblemStatus(StrEnum):
    PROPOSED = "proposed"
    PRIORITISED = "prioritised"
    FUNDED = "funded"
    SHELVED = "shelved"


class Problem(Recorded, table=True):
    """A social problem in the register of one customer; it may stay unfunded."""

    personal: ClassVar[frozenset[str]] = frozenset({"proposed_by"})

    title: dict[str, Any] = Field(sa_type=JSON_TYPE)  # Words
    description: dict[str, Any] = Field(sa_type=JSON_TYPE)  # Words
    numbers: str = ""  # the figures of the needs study
    proposed_by: str = Field(default="", max_length=200)  # residents, NCO, customer, consultant
    priority: int | None = None  # 1 = first
    status: ProblemStatus = Field(default=ProblemStatus.PROPOSED, sa_type=word(ProblemStatus))


class ProgrammeStatus(StrEnum):
    DRAFTED = "drafted"
    APPROVED = "approved"


class Programme(Recorded, table=True):
    """The programme of one problem and its line in the local budget. `amount` in tyiyn."""

    problem_id: UUID = Field(foreign_key="problem.id")
    title: dict[str, Any] = Field(sa_type=JSON_TYPE)  # Words
    budget_line: str = Field(max_length=64)
    amount: int = Field(sa_type=BigInteger)
    starts: date
    ends: date
    approved_by: str = Field(default="", max_length=200)  # the council's decision and its number
    status: ProgrammeStatus = Field(default=ProgrammeStatus.DRAFTED, sa_type=word(ProgrammeStatus))
