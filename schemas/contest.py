"""A contest: what is announced, until when, under which rule pack."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import BigInteger, UniqueConstraint
from sqlmodel import Field

from schemas.base import JSON_TYPE, Recorded, UtcDateTime, word


class ContestStatus(StrEnum):
    DRAFTED = "drafted"
    ANNOUNCED = "announced"
    CLOSED = "closed"  # the cut-off has passed; packages are opened and checked
    REVIEWING = "reviewing"
    DECIDED = "decided"
    PUBLISHED = "published"
    FINISHED = "finished"
    CANCELLED = "cancelled"


class Theme(BaseModel):
    """A lot. `ceiling` in tyiyn."""

    model_config = ConfigDict(extra="forbid")

    code: str
    title: dict[str, str]
    ceiling: int


# what a case is held to, which each case has on its own record from the first
TERMS = (
    *("number", "pack", "pack_version", "pack_sha256", "cutoff", "zone", "budget", "awards", "themes"),
    *("project_starts", "project_ends"),
)


class Contest(Recorded, table=True):
    """The contest keeps the pack it was announced under for its whole life. Sums in tyiyn."""

    __table_args__ = (UniqueConstraint("tenant_id", "number"),)

    programme_id: UUID = Field(foreign_key="programme.id")
    number: str = Field(max_length=40)  # e.g. BATKEN-2018-1; written on every package
    title: dict[str, Any] = Field(sa_type=JSON_TYPE)  # Words
    goal: dict[str, Any] = Field(sa_type=JSON_TYPE)
    tasks: list[Any] = Field(sa_type=JSON_TYPE)  # list[Words]
    problem: dict[str, Any] = Field(sa_type=JSON_TYPE)  # description with its numbers
    submit_to: dict[str, Any] = Field(default_factory=dict, sa_type=JSON_TYPE)  # Words: where packages are handed in
    themes: list[Any] = Field(sa_type=JSON_TYPE)  # list[Theme]
    budget: int = Field(sa_type=BigInteger)
    awards: int = 1  # how many projects may be funded
    announced_on: date
    cutoff: datetime = Field(sa_type=UtcDateTime)
    zone: str = Field(max_length=40)
    project_starts: date
    project_ends: date
    pack: str = Field(max_length=40)
    pack_version: str = Field(max_length=20)
    pack_sha256: str = Field(max_length=64)
    published_on: date | None = None  # the results; the appeal term runs from here
    seed: int = 0  # of the routing, fixed at the announcement: same input, same assignments
    status: ContestStatus = Field(default=ContestStatus.DRAFTED, sa_type=word(ContestStatus))

    @property
    def edition(self) -> str:
        """The rule pack's, as `rules.packs.Pack.edition`."""
        return f"{self.pack}@{self.pack_version}+{self.pack_sha256}"

    def lots(self) -> list[Theme]:
        return [Theme.model_validate(one) for one in self.themes]
