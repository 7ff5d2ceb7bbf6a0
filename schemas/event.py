"""The audit trail: acts, streams, and the events that chain them.

An event is written in the same transaction as the change it tells of. Events of one stream form a hash chain. An event's
hash is the RFC 6962 leaf hash of its skeleton, which tells no person's affairs: hash of the body, keys of the streams,
number, hash before (decision 0020).
"""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, LargeBinary, String, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from schemas.base import Row, UtcDateTime, word


class Act(StrEnum):
    """Everything that can be done, as `noun:verb`. The same word names the permission, the event and the sentence."""

    # installation and people
    CUSTOMER_REGISTER = "customer:register"
    PERSON_REGISTER = "person:register"
    ROLE_GRANT = "role:grant"
    ROLE_REVOKE = "role:revoke"
    # 1 problems, 2 programme and budget
    PROBLEM_PROPOSE = "problem:propose"
    PROBLEM_PRIORITISE = "problem:prioritise"
    PROBLEM_FUND = "problem:fund"
    PROBLEM_SHELVE = "problem:shelve"
    PROGRAMME_DRAFT = "programme:draft"
    PROGRAMME_APPROVE = "programme:approve"
    # 3 commission, 4 announcement
    CONTEST_DRAFT = "contest:draft"
    PACK_ADOPT = "pack:adopt"
    MEMBER_APPOINT = "member:appoint"
    MEMBER_RELEASE = "member:release"
    CONTEST_ANNOUNCE = "contest:announce"
    CONTEST_CANCEL = "contest:cancel"
    # 5 intake
    APPLICATION_RECEIVE = "application:receive"
    APPLICATION_TURN_AWAY = "application:turn_away"
    APPLICATION_INSPECT = "application:inspect"
    APPLICATION_RECOGNISE = "application:recognise"
    APPLICATION_WITHDRAW = "application:withdraw"
    CONTEST_CLOSE = "contest:close"
    APPLICATION_OPEN = "application:open"
    # 6 completeness, 7 eligibility
    APPLICATION_ASK_FOR_MORE = "application:ask_for_more"
    APPLICATION_CURE = "application:cure"
    APPLICATION_ADMIT = "application:admit"
    APPLICATION_REFUSE = "application:refuse"
    APPLICATION_QUALIFY = "application:qualify"
    FINDING_OVERRIDE = "finding:override"
    # 8 committee routing, 9 review
    CONFLICT_DECLARE = "conflict:declare"
    CONTEST_ROUTE = "contest:route"
    APPLICATION_ASSIGN = "application:assign"
    ASSIGNMENT_DECLINE = "assignment:decline"
    SHEET_SUBMIT = "sheet:submit"
    # 10 sitting, 11 minutes and publication
    SITTING_CONVENE = "sitting:convene"
    SITTING_OPEN = "sitting:open"
    ITEM_VOTE = "item:vote"
    ITEM_DECIDE = "item:decide"
    SITTING_CLOSE = "sitting:close"
    MINUTES_DRAFT = "minutes:draft"
    MINUTES_SIGN = "minutes:sign"
    CONTEST_DECIDE = "contest:decide"
    APPLICATION_WIN = "application:win"
    APPLICATION_RESERVE = "application:reserve"
    APPLICATION_PASS_OVER = "application:pass_over"
    CONTEST_PUBLISH = "contest:publish"
    # 12 appeal
    APPEAL_LODGE = "appeal:lodge"
    APPEAL_DECIDE = "appeal:decide"
    # 13 contract
    CONTRACT_PREPARE = "contract:prepare"
    CONTRACT_PLAN = "contract:plan"
    CONTRACT_DRAFT = "contract:draft"
    CONTRACT_SIGN = "contract:sign"
    CONTRACT_AMEND = "contract:amend"
    CONTRACT_TERMINATE = "contract:terminate"
    # 14 tranches
    TRANCHE_HOLD = "tranche:hold"
    TRANCHE_LIFT = "tranche:lift"
    TRANCHE_ORDER = "tranche:order"
    TRANCHE_PAY = "tranche:pay"
    # 15 monitoring
    PERIOD_OPEN = "period:open"
    PERIOD_REMIND = "period:remind"
    PERIOD_EXTEND = "period:extend"
    PERIOD_PAUSE = "period:pause"
    PERIOD_RESUME = "period:resume"
    REPORT_RECEIVE = "report:receive"
    REPORT_READ = "report:read"
    REPORT_RETURN = "report:return"
    REPORT_REFUSE = "report:refuse"
    VARIANCE_EXPLAIN = "variance:explain"
    REPORT_ACCEPT = "report:accept"
    VISIT_RECORD = "visit:record"
    MEND_TELL = "mend:tell"
    MEND_ACCEPT = "mend:accept"
    MEND_RETURN = "mend:return"
    MEND_WAIVE = "mend:waive"
    MEND_REMIND = "mend:remind"
    PARCEL_TAKE = "parcel:take"
    PARCEL_FILE = "parcel:file"
    PARCEL_SET_ASIDE = "parcel:set_aside"
    # 16 closing
    CONTRACT_EVALUATE = "contract:evaluate"
    BALANCE_REMIND = "balance:remind"
    BALANCE_RETURN = "balance:return"
    CONTRACT_CLOSE = "contract:close"
    CONTEST_FINISH = "contest:finish"
    # papers, letters, reading, trail
    PAPER_REGISTER = "paper:register"
    LETTER_WRITE = "letter:write"
    LETTER_SEND = "letter:send"
    LETTER_VOID = "letter:void"
    CASE_READ = "case:read"
    TRAIL_READ = "trail:read"
    TRAIL_EXPORT = "trail:export"
    ERRAND_HAND_OVER = "errand:hand_over"
    AGENDA_CORRECT = "agenda:correct"
    WITNESS_ALARM = "witness:alarm"
    # what may be erased, and what must not
    TRAIL_REDACT = "trail:redact"
    TRAIL_DISPOSE = "trail:dispose"
    HOLD_PLACE = "hold:place"
    HOLD_LIFT = "hold:lift"


ERASING = (Act.TRAIL_REDACT, Act.TRAIL_DISPOSE)
"""Acts whose event names the digests of the disclosures that were deleted with it."""


class Stream(SQLModel, table=True):
    """The head of one chain of events. Locked, read and moved on by the ledger alone.

    `key` follows from kind and name, and stands in every event of the stream and of those under it (`parent_id`).
    """

    id: UUID = Field(primary_key=True)
    tenant_id: UUID
    kind: str = Field(max_length=16)  # customer, contest, case, person, parcel, pack
    name: str = Field(max_length=200)  # public: `batken/2026-1/7`; the id for a stream that nobody outside names
    key: str = Field(max_length=64, unique=True)
    parent_id: UUID | None = Field(default=None, foreign_key="stream.id", index=True)
    seq: int = 0
    head: str = Field(default="", max_length=64)


class Event(SQLModel, table=True):
    """One act: who, when, on what ground, under which rule version, what changed. Insert only."""

    # no other index: what else an event is sought by is written behind its checkpoint (`EventIndex`)
    __table_args__ = (UniqueConstraint("stream_id", "seq"),)

    id: UUID = Field(primary_key=True)
    tenant_id: UUID
    stream_id: UUID  # no foreign key, as in `Recorded`: the guard moves that very stream
    seq: int
    act: Act = Field(sa_type=word(Act, checked=False))  # by a guard: PostgreSQL reads a check anew for each statement
    at: datetime = Field(sa_type=UtcDateTime)
    actor_id: UUID
    actor_role: str = Field(max_length=32)
    noun: str = Field(max_length=32)
    subject_id: UUID
    rule: str = Field(default="", max_length=80)  # ground: rule id
    pack: str = Field(default="", max_length=140)  # the pack's edition: id, version and hash
    run_id: str = Field(default="", max_length=64)  # Prefect's flow run, which it forgets after 90 days
    body: bytes = Field(sa_column=Column(LargeBinary, nullable=False))  # exact canonical JSON
    previous: str = Field(max_length=64)
    hash: str = Field(max_length=64)


_IN_CONTEST = "contest_id IS NOT NULL"


class EventIndex(SQLModel, table=True):
    """What an event is sought by, in the order of time.

    Written for many at once by whoever seals, behind the checkpoint: indexes of the event itself would cost each act as much
    as all that makes it evidence. Whoever seeks looks through what is not here yet. Reckoned from the events, and no part
    of the evidence.
    """

    __table_args__ = (
        Index(None, "contest_id", "at", sqlite_where=text(_IN_CONTEST), postgresql_where=text(_IN_CONTEST)),
        Index(None, "tenant_id", "actor_id", "at"),
        Index(None, "tenant_id", "act", "at"),
        Index(None, "tenant_id", "rule", "at"),
        {
            "sqlite_with_rowid": False
        },  # its other indexes then hold the whole key, and a page is found by one of them alone
    )

    tenant_id: UUID = Field(primary_key=True)
    at: datetime = Field(sa_type=UtcDateTime, primary_key=True)
    stream_id: UUID = Field(primary_key=True)
    seq: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    contest_id: UUID | None = None  # the contest's stream, of its own events and of those of its cases
    actor_id: UUID
    act: Act = Field(sa_type=word(Act, checked=False))
    rule: str = Field(default="", max_length=80)


class Indexed(SQLModel, table=True):
    """How far the log is in the index of events: its first `size` leaves. One row."""

    id: int = Field(default=1, sa_column=Column(Integer, primary_key=True, autoincrement=False))
    size: int = Field(sa_type=BigInteger)


class EventFile(SQLModel, table=True):
    """Which file hashes an event speaks of, for finding events by file."""

    __table_args__ = {"sqlite_with_rowid": False}  # the key is all there is: one tree, not two

    event_id: UUID = Field(foreign_key="event.id", primary_key=True)
    sha256: str = Field(max_length=64, primary_key=True, index=True)


class Disclosure(SQLModel, table=True):
    """The personal value behind a salted digest in an event; the only part of the trail that may be deleted (RFC 9901)."""

    __table_args__ = {"sqlite_with_rowid": False}  # one tree, not two, for each event with a personal value

    event_id: UUID = Field(sa_column=Column(ForeignKey("event.id"), primary_key=True))
    digest: str = Field(max_length=64, primary_key=True)
    path: str = Field(max_length=120)
    salt: str = Field(max_length=64)
    value: str


class Checkpoint(Row, table=True):
    """A signed statement of the whole log: size and RFC 6962 root, as a C2SP signed note.

    `peaks` are those of the log without its last leaf: the proof that the map's head is that leaf.
    """

    size: int = Field(unique=True, sa_type=BigInteger)
    root: str = Field(max_length=64)
    note: str
    at: datetime = Field(sa_type=UtcDateTime)
    peaks: bytes = Field(default=b"", sa_column=Column(LargeBinary, nullable=False, server_default=""))


class Leaf(SQLModel, table=True):
    """A place in the one log of all streams: of an event, or of an entry that has its bytes here.

    These are heads of the map, what the log says of itself (a new key), and skeletons of events that a restore lost.
    """

    __table_args__ = (
        Index("ix_leaf_kept", "hash", sqlite_where=text("event_id IS NULL"), postgresql_where=text("event_id IS NULL")),
    )

    # SQLite's own number of the row, or it would keep a second tree of them
    position: int = Field(
        sa_column=Column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False)
    )
    event_id: UUID | None = Field(default=None, unique=True)  # no foreign key: whoever seals has read the event
    hash: str = Field(max_length=64)
    entry: bytes | None = Field(default=None, sa_column=Column(LargeBinary))


class Unsealed(SQLModel, table=True):
    """An event that has no place in the log yet. Written by the database with the event, deleted with its leaf."""

    id: int | None = Field(
        default=None, sa_column=Column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    )
    event_id: UUID  # neither key nor unique: the database itself writes it, once with each event, which nobody deletes


class KeyRange(SQLModel, table=True):
    """What the log of the newest checkpoint holds for a key: how many events, and the peaks of their own RFC 6962 tree."""

    key: str = Field(max_length=64, primary_key=True)
    count: int = Field(sa_type=BigInteger)
    peaks: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class EventWord(SQLModel, table=True):
    """A word of an event, by its place in the log; `digest` names the disclosure that it comes from, with which it goes.

    A word is kept as it is sought (`schemas.spelling`). Reckoned from the events, and no part of the evidence.
    """

    __table_args__ = (
        Index(
            "ix_eventword_digest", "digest", sqlite_where=text("digest <> ''"), postgresql_where=text("digest <> ''")
        ),
        {"sqlite_with_rowid": False},
    )

    word: str = Field(
        sa_column=Column(String(40).with_variant(String(40, collation="C"), "postgresql"), primary_key=True)
    )
    position: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    digest: str = Field(default="", max_length=64, primary_key=True)


class Worded(SQLModel, table=True):
    """How far the log is in words: its first `size` leaves. One row."""

    id: int = Field(default=1, sa_column=Column(Integer, primary_key=True, autoincrement=False))
    size: int = Field(sa_type=BigInteger)
