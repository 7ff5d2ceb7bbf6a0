"""What letters there ought to be: a plain loop over the calendar, written from the rules' words and not from their code.

It imports nothing of the house. Its calendar is that of the package `holidays`, its ladder is typed by hand; a test
compares the table with the pack.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import NamedTuple

import holidays

ONE = timedelta(days=1)
CALENDAR = holidays.country_holidays("KG", years=range(2019, 2028))
CURE = 5  # working days

# code, since, days, counted in, type, to, letter, letter where the day was missed
LADDER = (
    ("opened", "starts", 0, "calendar", "reminder", "applicant", "period_opened", ""),
    ("ended", "ends", 1, "calendar", "reminder", "applicant", "period_ended", ""),
    ("soon", "due", -5, "working", "reminder", "applicant", "report_soon", ""),
    ("due", "due", 0, "calendar", "reminder", "applicant", "report_due", "report_due_missed"),
    ("overdue_7", "due", 7, "calendar", "overdue", "applicant", "report_overdue", ""),
    ("overdue_14", "due", 14, "calendar", "overdue", "applicant", "report_overdue", ""),
    ("overdue_21", "due", 21, "calendar", "overdue", "coordinator", "report_overdue_office", ""),
    ("head", "due", 28, "calendar", "escalation", "head", "report_escalated", ""),
)


class Sent(NamedTuple):
    """A letter: when, to whom, in which language, which, and about what."""

    day: date
    to: str
    language: str
    code: str
    contract: str
    period: int
    due: date


@dataclass
class Term:
    """A reporting period as the oracle sees it."""

    number: int
    starts: date
    ends: date
    due: date
    status: str = "planned"
    paused: date | None = None
    done: set[str] = field(default_factory=set)


@dataclass
class Deal:
    """A contract: whom to write to, in which language, and its periods."""

    number: str
    address: str
    language: str
    terms: list[Term]
    alive: bool = True


def works(day: date) -> bool:
    return bool(CALENDAR.is_working_day(day))


def later(day: date, days: int, counted: str) -> date:
    if counted == "calendar":
        return day + timedelta(days=days)
    step = ONE if days > 0 else -ONE
    while days:
        day += step
        if works(day):
            days -= 1 if days > 0 else -1
    return day


def pushed(day: date) -> date:
    while not works(day):
        day += ONE
    return day


class Oracle:
    """Told what happened in its order, it knows the letters. `mutant` names a fault for the test of the test."""

    def __init__(self, deals: list[Deal], office: dict[str, list[tuple[str, str]]], mutant: str = "") -> None:
        self.deals = {one.number: one for one in deals}
        self.office = office  # role -> addresses with their languages
        self.mutant = mutant
        self.letters: Counter[Sent] = Counter()

    def write(self, day: date, deal: Deal, term: Term, code: str, role: str = "applicant") -> None:
        to = [(deal.address, deal.language)] if role == "applicant" else self.office[role]
        for address, language in to:
            self.letters[Sent(day, address, language, code, deal.number, term.number, term.due)] += 1

    # -- what the clock does ----------------------------------------------------------------------------------------

    def sweep(self, day: date) -> None:
        for deal in self.deals.values():
            for term in deal.terms:
                if deal.alive:
                    self.look(day, deal, term)

    def look(self, day: date, deal: Deal, term: Term) -> None:
        if term.status == "planned" and day >= term.starts:
            term.status = "open"
        if not works(day) and self.mutant != "sundays":
            return
        if term.status not in ("open", "returned") or (term.paused and self.mutant != "pause"):
            return
        reached: list[tuple[date, str, tuple]] = []
        for step in LADDER:
            code, since, days, counted = step[:4]
            if since != "due" and term.status == "returned":
                continue
            on = pushed(later({"due": term.due, "ends": term.ends, "starts": term.starts}[since], days, counted))
            if on <= day:
                reached.append((on, code, step))
        reached.sort()
        chased = [one for one in reached if one[2][4] != "reminder"]
        if not chased:  # at most the last reminder
            for _, code, step in reached[-1:] if self.mutant != "catch up" else reached:
                letter = step[7] if day > term.due else step[6]
                if code not in term.done and letter:
                    term.done.add(code)
                    self.write(day, deal, term, letter)
            return
        for kind in ("overdue", "escalation"):
            for role in ("applicant", "coordinator", "head"):
                mine = [one for one in chased if one[2][4] == kind and one[2][5] == role]
                if mine and mine[-1][1] not in term.done:
                    term.done.add(mine[-1][1])
                    self.write(day, deal, term, mine[-1][2][6], role)

    # -- what people do ---------------------------------------------------------------------------------------------

    def hand_in(self, day: date, deal: Deal, term: Term) -> None:
        term.status, term.paused = "received", None
        self.write(day, deal, term, "report_received")

    def give_back(self, day: date, deal: Deal, term: Term) -> None:
        term.status = "returned"
        self.anew(term, max(term.due, later(day, CURE, "working")))
        self.write(day, deal, term, "report_returned")

    def accept(self, day: date, deal: Deal, term: Term) -> None:
        term.status = "accepted"
        self.write(day, deal, term, "report_accepted")

    def extend(self, day: date, deal: Deal, term: Term, until: date) -> None:
        self.anew(term, until)
        self.write(day, deal, term, "period_extended")

    def pause(self, day: date, deal: Deal, term: Term) -> None:
        term.paused = day
        self.write(day, deal, term, "period_paused")

    def resume(self, day: date, deal: Deal, term: Term) -> None:
        assert term.paused
        due, term.paused = term.due + (day - term.paused), None
        self.anew(term, due)
        self.write(day, deal, term, "period_resumed")

    def terminate(self, deal: Deal) -> None:
        deal.alive = False

    def anew(self, term: Term, due: date) -> None:
        term.due = due
        if self.mutant != "no cycle":
            term.done = {one for one in term.done if one in ("opened", "ended")}
