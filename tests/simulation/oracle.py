"""What letters there ought to be: a plain loop over the calendar, written from the rules' words and not from their code.

It imports nothing of the house. Where a sweep was killed and not run again, nobody outside knows what it had done: each
case then lives on in several branches, and what was written for it must be one of them as a whole.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from itertools import combinations

from tests.simulation.waits import (
    CHECK,
    CURE,
    DUE,
    FINAL_DUE,
    LADDERS,
    MONTHS,
    ONE,
    REFUND,
    Agreement,
    Case,
    Deal,
    Debt,
    Fact,
    Fault,
    Note,
    Sent,
    State,
    Term,
    later,
    month_later,
    months_from,
    pushed,
    works,
)


class Oracle:
    """Told what happened in its order, it knows the letters. `mutant` names a fault for the test of the test."""

    def __init__(self, deals: list[Deal], office: dict[str, list[tuple[str, str]]], mutant: str = "") -> None:
        self.deals = {one.number: one for one in deals}
        self.office = office  # role -> addresses with their languages
        self.mutant = mutant

    def cases(self) -> Iterator[tuple[Deal, Case]]:
        for deal in self.deals.values():
            for _, case in deal.cases():
                yield deal, case

    def write(self, day: date, deal: Deal, state: State, code: str, role: str = "applicant", step: str = "") -> None:
        to = [(deal.address, deal.language)] if role == "applicant" else self.office[role]
        for address, language in to:
            sent = Sent(day, address, language, code, state.fact() if step else state.fact()._replace(until=""))
            state.notes.append(Note(sent, role, step, state.cycle, "gathered" if step else "posted"))

    # -- what the clock does ----------------------------------------------------------------------------------------

    def sweep(self, day: date) -> None:
        for deal, case in self.cases():
            for state in case.branches:
                self.look(day, deal, state)
                self.post(state)

    def killed(self, day: date) -> None:
        """Each case was come to or not; of what was gathered, some readers' letters were posted, after all were come to."""
        for deal, case in self.cases():
            branches: list[State] = []
            for state in case.branches:
                seen = state.fork()
                self.look(day, deal, seen)
                readers = sorted({one.sent.to for one in seen.notes if one.fate == "gathered"})
                if self.mutant == "lost":
                    branches.append(state)
                    continue
                branches += [state, seen]
                for some in range(1, len(readers) + 1):
                    for posted in combinations(readers, some):
                        branches.append(seen.fork())
                        self.post(branches[-1], posted)
            case.settle(branches)

    def post(self, state: State, readers: Iterable[str] | None = None) -> None:
        for one in state.notes:
            if one.fate == "gathered" and (readers is None or one.sent.to in readers):
                one.fate = "posted"

    def look(self, day: date, deal: Deal, state: State) -> None:
        if isinstance(state, Term) and state.status == "planned" and day >= state.starts and deal.status == "signed":
            state.status = "open"
        if not works(day) and self.mutant != "sundays":
            return
        for code, role, letter in self.standing(day, deal, state):
            if code not in state.done:
                state.done.add(code)
                self.write(day, deal, state, letter, role, code)

    def standing(self, day: date, deal: Deal, state: State) -> list[tuple[str, str, str]]:
        """The steps that are stood on: at most the last reminder, or of those that chase the last for each reader."""
        wait = state.waits(deal, self.mutant)
        if wait is None:
            return []
        reached: list[tuple[date, str, tuple]] = []
        for step in LADDERS:
            code, of, since, days, counted = step[:5]
            if of == wait[0] and since in wait[1]:
                on = pushed(later(wait[1][since], days, counted))
                if on <= day:
                    reached.append((on, code, step))
        reached.sort()
        chased = [one for one in reached if one[2][5] != "reminder"]
        found: list[tuple[str, str, str]] = []
        if not chased:
            for _, code, step in reached[-1:] if self.mutant != "catch up" else reached:
                letter = step[8] if day > wait[1]["due"] else step[7]
                found += [(code, step[6], letter)] if letter else []
            return found
        for kind in ("overdue", "escalation"):
            for role in ("applicant", "coordinator", "head"):
                mine = [one for one in chased if one[2][5] == kind and one[2][6] == role]
                found += [(mine[-1][1], role, mine[-1][2][7])] if mine else []
        return found

    def mail(self, day: date) -> None:
        """What is posted leaves; a reminder that is no longer true does not, and what is true instead leaves."""
        for deal, case in self.cases():
            for state in case.branches:
                if all(one.fate != "posted" for one in state.notes):
                    continue
                stands = {code: letter for code, _, letter in self.standing(day, deal, state)}
                for note in [one for one in state.notes if one.fate == "posted"]:
                    mine = stands.get(note.step) if note.cycle == state.cycle else None
                    same = mine == note.sent.code and note.sent.fact == state.fact()
                    if not note.step or same or self.mutant == "stale":
                        note.fate = f"sent {day}"
                        continue
                    note.fate = f"void {day}"
                    if mine:
                        anew = note.sent._replace(day=day, code=mine, fact=state.fact())
                        state.notes.append(replace(note, sent=anew, fate=f"sent {day}", again=True))

    @property
    def posted(self) -> bool:
        return any(one.fate == "posted" for _, case in self.cases() for state in case.branches for one in state.notes)

    # -- what people do ---------------------------------------------------------------------------------------------

    def do(self, name: str, day: date, deal: Deal, case: Case, *about: object) -> None:
        """An act upon one thing that is waited for, in all its branches."""
        for state in case.branches:
            getattr(self, name)(day, deal, state, *about)
        case.settle(case.branches)

    def hand_in(self, day: date, deal: Deal, term: Term) -> None:
        term.status, term.paused = "received", None
        term.check = later(day, CHECK, "working")
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

    def anew(self, term: Term, due: date) -> None:
        term.due, term.check = due, None
        term.cycle += 1
        if self.mutant != "no cycle":
            term.done = {one for one in term.done if one in ("opened", "ended")}

    def visit(self, day: date, deal: Deal, until: date) -> None:
        """A visit finds something; it is asked for in a letter of its own, which names no day in the words of the others."""
        fault = Fault(len(deal.faults) + 1, until, "asked")
        self.write(day, deal, fault, "mend_asked")
        fault.notes[-1].sent = fault.notes[-1].sent._replace(fact=Fact())
        deal.faults.append(Case([fault]))

    def tell(self, day: date, deal: Deal, fault: Fault) -> None:
        fault.status, fault.check = "told", later(day, CHECK, "working")
        self.write(day, deal, fault, "mend_told", "coordinator")
        for one in fault.notes[-len(self.office["coordinator"]) :]:
            one.sent = one.sent._replace(fact=Fact())

    def seen(self, _day: date, _deal: Deal, fault: Fault) -> None:
        fault.status = "mended"

    def not_mended(self, day: date, deal: Deal, fault: Fault, until: date) -> None:
        if self.mutant != "not mended":
            fault.status, fault.due, fault.check, fault.done = "asked", until, None, set()
            fault.cycle += 1
        self.write(day, deal, fault, "mend_returned")

    def waive(self, _day: date, _deal: Deal, fault: Fault) -> None:
        fault.status = "waived"

    def terminate(self, day: date, deal: Deal) -> None:
        deal.status = "terminated"
        if deal.paid:
            debt = Debt(0, later(day, REFUND, "working"), "asked", owed=deal.paid)
            self.write(day, deal, debt, "refund_asked")
            deal.debt = Case([debt])

    def repay(self, _day: date, _deal: Deal, debt: Debt, amount: int) -> None:
        debt.owed -= amount

    def amend(self, day: date, deal: Deal, ends: date) -> None:
        """The last day moves. What has begun stays; what follows is cut anew by the quarter, from where quarters begin. What
        is not among it is waited for no more: it leaves, with no letter ever written.
        """
        deal.agreed = deal.agreed or Case([Agreement(0, day, "told")])
        for state in deal.agreed.branches:
            self.write(day, deal, state, "amended")
        if self.mutant == "amend":
            return
        begun = [one for one in deal.terms if one.branches[0].status != "planned"]
        begin = begun[-1].branches[0].ends + ONE if begun else deal.terms[0].branches[0].starts
        anchor = deal.terms[0].branches[0].starts
        quarters = [month_later(anchor, MONTHS * n) for n in range(80)]
        if begin not in quarters:
            quarters = [begin, *(day for day in months_from(begin) if day > begin)]
        cuts = [one - ONE for one in quarters if begin < one <= ends and one > day]  # none has ended by then
        cuts = cuts if begin > ends or (cuts and cuts[-1] == ends) else [*cuts, ends]
        for number, end in enumerate(cuts, len(begun) + 1):
            due = later(end, FINAL_DUE if end == ends else DUE, "working")
            term = Term(number, due, "planned", starts=begin, ends=end)
            deal.terms[number - 1 :] = [Case([term]), *deal.terms[number:]]
            begin = end + ONE
        if self.mutant != "dropped":
            del deal.terms[len(begun) + len(cuts) :]
        for case in deal.terms:
            for term in case.branches:
                term.of = len(deal.terms) if term.status != "accepted" else term.of

    # -- judgement --------------------------------------------------------------------------------------------------

    def branches(self, name: str) -> list[Counter[Sent]]:
        """What may have been written for "S-1 period 3": one of these, as a whole."""
        return [Counter(fated(one) for one in state.notes) for state in self._called(name).branches]

    def branch(self, name: str, written: Counter[Sent]) -> list[Note]:
        """The letters of the branch that came true."""
        branches = zip(self.branches(name), self._called(name).branches, strict=True)
        return next(state.notes for told, state in branches if told == written)

    def _called(self, name: str) -> Case:
        number, _, about = name.partition(" ")
        return next(one for called, one in self.deals[number].cases() if called == about)

    def names(self) -> set[str]:
        return {f"{deal.number} {called}" for deal in self.deals.values() for called, _ in deal.cases()}


def fated(note: Note) -> Sent:
    return note.sent._replace(fate=note.fate if " " in note.fate else "waits")
