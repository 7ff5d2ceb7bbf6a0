"""What is waited for, as the oracle of the letters sees it: its ladders typed by hand, its calendar that of `holidays`.

Nothing of the house is imported; a test compares the tables with the pack.
"""

from collections.abc import Iterable, Iterator
from copy import copy
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from typing import NamedTuple

import holidays

ONE = timedelta(days=1)
CALENDAR = holidays.country_holidays("KG", years=range(2019, 2028))
CURE = CHECK = 5  # working days
REFUND = 10
DUE, FINAL_DUE, MONTHS = 5, 15, 3  # of what is cut anew by an amendment

# code, of, since, days, counted in, type, to, letter, letter where the day was missed
LADDERS = (
    ("opened", "report", "starts", 0, "calendar", "reminder", "applicant", "period_opened", ""),
    ("ended", "report", "ends", 1, "calendar", "reminder", "applicant", "period_ended", ""),
    ("soon", "report", "due", -5, "working", "reminder", "applicant", "report_soon", ""),
    ("due", "report", "due", 0, "calendar", "reminder", "applicant", "report_due", "report_due_missed"),
    ("overdue_7", "report", "due", 7, "calendar", "overdue", "applicant", "report_overdue", ""),
    ("overdue_14", "report", "due", 14, "calendar", "overdue", "applicant", "report_overdue", ""),
    ("overdue_21", "report", "due", 21, "calendar", "overdue", "coordinator", "report_overdue_office", ""),
    ("head", "report", "due", 28, "calendar", "escalation", "head", "report_escalated", ""),
    ("check_office", "check", "due", 1, "working", "overdue", "coordinator", "check_overdue", ""),
    ("check_head", "check", "due", 5, "working", "escalation", "head", "check_escalated", ""),
    ("mend_soon", "mend", "due", -3, "working", "reminder", "applicant", "mend_reminder", ""),
    ("mend_due", "mend", "due", 0, "calendar", "reminder", "applicant", "mend_reminder", "mend_overdue"),
    ("mend_overdue", "mend", "due", 5, "working", "overdue", "applicant", "mend_overdue", ""),
    ("mend_office", "mend", "due", 10, "working", "overdue", "coordinator", "mend_overdue_office", ""),
    ("mend_head", "mend", "due", 15, "working", "escalation", "head", "mend_escalated", ""),
    ("mend_check_office", "mend_check", "due", 1, "working", "overdue", "coordinator", "mend_unseen", ""),
    ("mend_check_head", "mend_check", "due", 5, "working", "escalation", "head", "mend_unseen", ""),
    ("refund_soon", "refund", "due", -5, "working", "reminder", "applicant", "refund_reminder", ""),
    ("refund_due", "refund", "due", 0, "calendar", "reminder", "applicant", "refund_reminder", "refund_overdue"),
    ("refund_overdue", "refund", "due", 5, "working", "overdue", "applicant", "refund_overdue", ""),
    ("refund_office", "refund", "due", 10, "working", "overdue", "coordinator", "refund_overdue_office", ""),
    ("refund_head", "refund", "due", 15, "working", "escalation", "head", "refund_escalated", ""),
)


class Fact(NamedTuple):
    """What a letter says that may change: the day that counts for the reader, our own day, "of twelve", the sum."""

    due: str = ""
    until: str = ""
    of: int = 0
    owed: int = 0


class Sent(NamedTuple):
    """A letter: when it was written, to whom, in which language, which, what it says, and what became of it when."""

    day: date
    to: str
    language: str
    code: str
    fact: Fact
    fate: str = ""


@dataclass
class Note:
    """A letter on its way: gathered by a sweep, posted, then sent or void. Without a step no ladder wrote it."""

    sent: Sent
    role: str
    step: str = ""
    cycle: int = 1
    fate: str = "posted"
    again: bool = False  # in the place of one that was void


@dataclass
class State:
    """One thing that is waited for, in one branch."""

    number: int
    due: date
    status: str
    check: date | None = None
    cycle: int = 1
    done: set[str] = field(default_factory=set)
    notes: list[Note] = field(default_factory=list)

    def fork(self) -> "State":
        twin = copy(self)
        twin.done, twin.notes = set(self.done), [copy(one) for one in self.notes]
        return twin

    def waits(self, deal: "Deal", mutant: str) -> tuple[str, dict[str, date]] | None:
        raise NotImplementedError

    def fact(self) -> Fact:
        raise NotImplementedError


@dataclass
class Term(State):
    """A reporting period."""

    starts: date = date.min
    ends: date = date.min
    of: int = 0
    paused: date | None = None

    def waits(self, deal: "Deal", mutant: str) -> tuple[str, dict[str, date]] | None:
        if deal.status != "signed":
            return None
        if self.status == "received" and self.check and mutant != "no check":
            return "check", {"due": self.check}
        if self.status not in ("open", "returned") or (self.paused and mutant != "pause"):
            return None
        own = {"starts": self.starts, "ends": self.ends} if self.status == "open" else {}
        return "report", {"due": self.due, **own}

    def fact(self) -> Fact:
        until = str(self.check) if self.status == "received" and self.check else ""
        return Fact(str(self.due), until, self.of)


@dataclass
class Fault(State):
    """A corrective act of a visit."""

    def waits(self, deal: "Deal", mutant: str) -> tuple[str, dict[str, date]] | None:
        if deal.status != "signed" or self.status in ("mended", "waived"):
            return None
        if self.status == "told" and mutant != "told":
            return "mend_check", {"due": self.check or self.due}
        return "mend", {"due": self.due}

    def fact(self) -> Fact:
        return Fact(str(self.due), str(self.check or ""))


@dataclass
class Debt(State):
    """Money to be paid back."""

    owed: int = 0

    def waits(self, deal: "Deal", mutant: str) -> tuple[str, dict[str, date]] | None:
        return ("refund", {"due": self.due}) if self.owed > 0 or mutant == "repaid" else None

    def fact(self) -> Fact:
        return Fact(str(self.due), "", 0, self.owed)


@dataclass
class Case:
    """One thing that is waited for, in all its branches."""

    branches: list[State]

    @property
    def sure(self) -> State | None:
        """The state, where all branches are in the same for whoever acts."""
        first = self.branches[0]
        same = all((one.status, one.due, one.cycle) == (first.status, first.due, first.cycle) for one in self.branches)
        return first if same else None

    def settle(self, branches: Iterable[State]) -> None:
        self.branches = []
        for one in branches:
            if one not in self.branches:
                self.branches.append(one)


@dataclass
class Agreement(State):
    """What the contract itself was changed by: told, and waited for by nobody."""

    def waits(self, deal: "Deal", mutant: str) -> tuple[str, dict[str, date]] | None:
        return None

    def fact(self) -> Fact:
        return Fact()


@dataclass
class Deal:
    """A contract: whom to write to, in which language, and its periods. `paid` is owed when it ends before its time."""

    number: str
    address: str
    language: str
    terms: list[Case]
    faults: list[Case] = field(default_factory=list)
    debt: Case | None = None
    agreed: Case | None = None
    paid: int = 0
    status: str = "signed"
    amendable: bool = False

    def cases(self) -> Iterator[tuple[str, Case]]:
        yield from ((f"period {number}", one) for number, one in enumerate(self.terms, 1))
        yield from ((f"mend {number}", one) for number, one in enumerate(self.faults, 1))
        if self.debt:
            yield "refund", self.debt
        if self.agreed:
            yield "amended", self.agreed


@cache
def works(day: date) -> bool:
    return bool(CALENDAR.is_working_day(day))


@cache
def later(day: date, days: int, counted: str) -> date:
    if counted == "calendar":
        return day + timedelta(days=days)
    step = ONE if days > 0 else -ONE
    while days:
        day += step
        if works(day):
            days -= 1 if days > 0 else -1
    return day


@cache
def pushed(day: date) -> date:
    while not works(day):
        day += ONE
    return day


def month_later(day: date, months: int) -> date:
    """Of the first day of a month."""
    whole = day.year * 12 + day.month - 1 + months
    return date(whole // 12, whole % 12 + 1, day.day)


def months_from(begin: date) -> list[date]:
    """Where quarters begin that are counted from any day of a month, as long as no month is too short for it."""
    return [month_later(begin.replace(day=1), MONTHS * n).replace(day=min(begin.day, 28)) for n in range(1, 80)]
