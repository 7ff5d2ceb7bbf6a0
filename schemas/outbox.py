"""The outbox: letters to people and errands for the flows, written in the transaction of the act they follow."""

from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from sqlmodel import Field

from schemas.base import JSON_TYPE, Row, UtcDateTime, word
from schemas.customer import Language

DIGESTS = ("digest", "digest_contractor")
"""Codes of letters that tell in a line each of those that were gathered for a reader."""


class Errand(StrEnum):
    """Work that a flow has to do; named by stage and deed."""

    INSPECT = "intake.inspect"
    RECOGNISE = "intake.recognise"
    CHECK = "completeness.check"
    QUALIFY = "completeness.qualify"
    ROUTE = "committee.route"
    BUNDLE = "committee.bundle"
    MINUTES = "committee.minutes"
    RANK = "committee.rank"
    DRAFT_CONTRACT = "contracting.draft"
    WEIGH_TRANCHE = "contracting.weigh"
    READ_REPORT = "monitoring.read"
    RETURN_REPORT = "monitoring.return"
    KEEP_OVERVIEW = "monitoring.overview"
    CLOSING_ACT = "monitoring.closing"
    LADDER = "monitoring.ladder"
    SEND_LETTER = "letters.send"


class JobState(StrEnum):
    WAITING = "waiting"
    HELD = "held"  # leased by a worker
    DONE = "done"
    FOR_A_PERSON = "for_a_person"  # tried too often


class Job(Row, table=True):
    """One errand in the outbox. `key` makes it happen once, whatever is retried."""

    tenant_id: UUID
    stream_id: UUID
    errand: Errand = Field(index=True, sa_type=word(Errand))
    subject_id: UUID
    key: str = Field(max_length=200, unique=True)
    state: JobState = Field(default=JobState.WAITING, index=True, sa_type=word(JobState))
    attempts: int = 0
    not_before: datetime = Field(sa_type=UtcDateTime)
    lease_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    run_id: str = Field(default="", max_length=64)
    trouble: str = ""  # class name of the last error
    told: bool = False  # whether a person was told that it is stuck
    created_at: datetime = Field(sa_type=UtcDateTime)
    done_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Step(NamedTuple):
    """The step of a ladder that a letter is written on: for which row, in which of its cycles, to whom."""

    noun: str
    row_id: UUID
    cycle: int
    rung: str
    role: str


class Letter(Row, table=True):
    """A letter to one person; `key` is its message id, so that it leaves once.

    One that is `gathered` waits for the digest of the day, in which it leaves as a line. One that a ladder wrote has the
    columns of its `Step`; it is void where it was no longer true when it was to leave.
    """

    tenant_id: UUID
    stream_id: UUID
    event_id: UUID = Field(foreign_key="event.id")
    key: str = Field(max_length=200, unique=True)
    to: str = Field(max_length=200)
    language: Language = Field(sa_type=word(Language))
    code: str = Field(max_length=80)  # catalog key of subject and body
    facts: dict[str, Any] = Field(default_factory=dict, sa_type=JSON_TYPE)
    attachments: list[Any] = Field(default_factory=list, sa_type=JSON_TYPE)  # document ids as text
    written_at: datetime = Field(sa_type=UtcDateTime)
    sent_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    gathered: bool = Field(default=False, index=True)
    digest_id: UUID | None = Field(default=None, index=True)  # the letter that told of it
    void_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    noun: str = Field(default="", max_length=16)
    row_id: UUID | None = None
    cycle: int = 0
    rung: str = Field(default="", max_length=40)
    role: str = Field(default="", max_length=16)
