"""What each produced paper needs to be written: one frozen model per paper. Money is integer tyiyn.

A value that rests on a placeholder of the rule pack is a `Ruled` with `placeholder` set: it is printed with a star, and
the paper ends with a notice that names it.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import ClassVar, Literal, Self

from pydantic import AwareDatetime, model_validator

from documents.clauses import (
    Frozen,
    Line,
    Party,
    Period,
    Placeholder,
    Target,
    Terms,
    Text,
    Tranche,
    lines_agree,
    same,
)
from documents.words import Language


class Paper(Frozen):
    """A paper: the template of its name holds the wording, the model holds the values.

    `checkpoint` is the newest of the audit trail when the paper is made, as `ashar/5e6f7a8b9c0d 1200 0123456789abcdef`; printed with its QR code.
    """

    template: ClassVar[str]

    placeholders: tuple[Placeholder, ...] = ()
    checkpoint: str = ""


class Lot(Frozen):
    number: int
    theme: Text
    ceiling: int


class Wanted(Frozen):
    """A document that the announcement asks for."""

    code: str
    name: Text
    required: bool = True
    rule: Text = Text(ky="", ru="")


class Criterion(Frozen):
    """`weight` in per cent of the whole; `scale` as people read it, "0–5"."""

    name: Text
    weight: Decimal
    scale: str


class Event(Frozen):
    """A line of the contest's calendar. `when` is ready to read: a date, a span or an instant with its zone."""

    name: Text
    when: Text
    placeholder: bool = False


class Announcement(Paper):
    """The contest is announced: the six fields of a published order, then lots, documents, criteria and calendar."""

    template: ClassVar[str] = "announcement"

    number: str
    announced_on: date
    customer: Party
    ground: Text
    programme: Text
    goal: Text
    tasks: tuple[Text, ...]
    problem: Text
    budget: int
    lots: tuple[Lot, ...]
    documents: tuple[Wanted, ...]
    criteria: tuple[Criterion, ...]
    calendar: tuple[Event, ...]
    cutoff: AwareDatetime
    zone: str
    submit_to: Text


class Attendee(Frozen):
    """`seat`: төрага, катчы, мүчө …; `side`: кызматтык адам or көз карандысыз эксперт, as the order names them."""

    name: str
    seat: str
    side: str = ""
    present: bool = True
    why_absent: str = ""


class Recusal(Frozen):
    name: str
    reason: str


class Item(Frozen):
    """One application at the sitting. Quorum is counted among those entitled on this item."""

    number: int
    subject: str
    entitled: int
    present: int
    needed: int
    quorum: bool
    recusals: tuple[Recusal, ...] = ()
    votes_for: int = 0
    votes_against: int = 0
    abstained: int = 0
    casting: bool = False
    decision: str
    reason: str


class Rank(Frozen):
    """A row of the ranking; `scores` in the order of the criteria, None where no score was given."""

    place: int
    application: str
    organisation: str
    project: str
    scores: tuple[Decimal | None, ...]
    score: Decimal
    requested: int
    outcome: str


class Decision(Frozen):
    number: int
    text: str
    reason: str


class Minutes(Paper):
    """Minutes of one sitting of the commission, in Kyrgyz."""

    template: ClassVar[str] = "minutes"

    number: str
    customer: str
    contest: str
    ground: str
    place: str
    held_on: date
    opened: str
    closed: str
    chair: str
    secretary: str
    attendance: tuple[Attendee, ...]
    agenda: tuple[str, ...]
    items: tuple[Item, ...]
    criteria: tuple[Criterion, ...]
    ranking: tuple[Rank, ...]
    reserve: tuple[Rank, ...] = ()
    budget: int
    decisions: tuple[Decision, ...]

    @model_validator(mode="after")
    def _scores_match_criteria(self) -> Self:
        same(self.template, "scores", [len(self.criteria)] * len(self.ranking), [len(r.scores) for r in self.ranking])
        return self


class Contract(Paper):
    """The contract, Kyrgyz authoritative with Russian beside it. BadDraft when its sums do not agree."""

    template: ClassVar[str] = "contract"

    number: str
    city: Text
    signed_on: date | None = None
    ground: Text
    contest: Text
    minutes_number: str
    minutes_on: date
    customer: Party
    contractor: Party
    project: Text
    goal: Text
    target_group: Text
    beneficiaries: int | None = None
    place: Text
    starts: date
    ends: date
    amount: int
    own: int
    lines: tuple[Line, ...]
    tranches: tuple[Tranche, ...]
    indicators: tuple[Target, ...]
    periods: tuple[Period, ...]
    terms: Terms

    @model_validator(mode="after")
    def _sums_agree(self) -> Self:
        lines_agree(self.template, self.lines)
        same(self.template, "lines", self.amount, sum(line.requested for line in self.lines))
        same(self.template, "own", self.own, sum(line.own for line in self.lines))
        same(self.template, "tranches", self.amount, sum(tranche.amount for tranche in self.tranches))
        return self


class Change(Frozen):
    clause: str
    was: Text
    now: Text


class Amendment(Paper):
    """An amendment to a contract; a new budget or schedule replaces the whole old table, new periods those to come."""

    template: ClassVar[str] = "amendment"

    number: str
    contract_number: str
    contract_on: date
    city: Text
    signed_on: date | None = None
    ground: Text
    reason: Text
    customer: Party
    contractor: Party
    changes: tuple[Change, ...]
    lines: tuple[Line, ...] = ()
    tranches: tuple[Tranche, ...] = ()
    periods: tuple[Period, ...] = ()

    @model_validator(mode="after")
    def _sums_agree(self) -> Self:
        lines_agree(self.template, self.lines)
        if self.lines and self.tranches:
            total = sum(line.requested for line in self.lines)
            same(self.template, "tranches", total, sum(tranche.amount for tranche in self.tranches))
        return self


class Met(Frozen):
    """A condition of a tranche, and what shows that it is met."""

    condition: Text
    met_on: date
    evidence: str


class PaymentOrder(Paper):
    """The customer's order to pay one tranche."""

    template: ClassVar[str] = "payment_order"

    number: str
    issued_on: date
    customer: Party
    contractor: Party
    contract_number: str
    contract_on: date
    project: Text
    tranche: int
    tranches: int
    amount: int
    paid_before: int
    contract_amount: int
    purpose: Text
    budget_line: str
    conditions: tuple[Met, ...]
    finance_officer: str


class FileSeen(Frozen):
    name: str
    size: int
    sha256: str


class Receipt(Paper):
    """What was received and when. `in_time` is the rule's answer, not ours."""

    template: ClassVar[str] = "receipt"

    number: str
    application: str
    contest: Text
    customer: Text
    organisation: str
    received_at: AwareDatetime
    cutoff: AwareDatetime
    zone: str
    in_time: bool
    files: tuple[FileSeen, ...]
    covered: bool = False  # the checkpoint speaks of the very event that the receipt is of

    @property
    def size(self) -> int:
        return sum(file.size for file in self.files)


class Gap(Frozen):
    document: str
    finding: str
    remedy: str
    ground: str = ""


class Notice(Paper):
    """A letter as paper, in the reader's language."""

    template: ClassVar[str] = "notice"

    language: Language
    number: str
    issued_on: date
    sender: str
    sender_address: str
    addressee: str
    addressee_address: str = ""
    subject: str
    paragraphs: tuple[str, ...]
    gaps: tuple[Gap, ...] = ()
    until: datetime | date | None = None
    zone: str = "UTC"
    post: str
    signed_by: str


class Spent(Frozen):
    name: str
    planned: int
    spent: int


class Reported(Frozen):
    period: str
    due: date
    received: date | None = None
    verdict: Text


class Closing(Paper):
    """The evaluation act that closes a contract. BadDraft when what is paid, spent and returned does not agree."""

    template: ClassVar[str] = "closing"

    number: str
    issued_on: date
    city: Text
    customer: Party
    contractor: Party
    contract_number: str
    contract_on: date
    project: Text
    starts: date
    ends: date
    paid: int
    spent: int
    to_return: int
    return_by: date | None = None
    lines: tuple[Spent, ...]
    indicators: tuple[Target, ...]
    reports: tuple[Reported, ...]
    evaluation: Literal["successful", "satisfactory", "unsatisfactory"]
    reason: Text

    @model_validator(mode="after")
    def _sums_agree(self) -> Self:
        same(self.template, "spent", self.spent, sum(line.spent for line in self.lines))
        same(self.template, "to_return", self.to_return, max(self.paid - self.spent, 0))
        return self
