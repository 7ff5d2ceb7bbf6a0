"""What people and machines do in five years, drawn from a seed: told to the office and to the oracle in one order."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from tests.simulation.oracle import Oracle
from tests.simulation.waits import ONE, Case, Deal, Debt, Fault, Term
from tests.simulation.world import FIRST, LAST, World

Story = list[tuple]  # (day, what, contract, which thing, more)


@dataclass
class Teller:
    """Draws what happens next from what the oracle knows to be possible, and does it to both."""

    world: World
    oracle: Oracle
    random: Random
    last: date = LAST
    story: Story = field(default_factory=list)
    plain: set[date] = field(default_factory=set)  # days with one sweep, and none killed since the one before

    def live(self) -> None:
        day, away, no_mail, killed = FIRST, 0, 0, False
        while day <= self.last:
            away = away - 1 if away else self.random.choice([0] * 60 + [1, 2, 5, 10])
            no_mail = no_mail - 1 if no_mail else self.random.choice([0] * 25 + [1, 3, 8, 20])
            if not away:
                killed = self._morning(day, killed=killed)
            if not no_mail:
                self._mail(day)
            self._people(day)
            if not away and self.random.random() < 0.05:
                self.world.at(day, 17)
                self._sweep(day)
                self.plain.discard(day)
                killed = False
            day += ONE
        self._mail(day)

    def _morning(self, day: date, *, killed: bool) -> bool:
        """Whether a sweep was killed and not run again."""
        self.world.at(day, 8)
        chance, at = self.random.random(), self.random.randint(1, 4)
        if chance < 0.03:
            self.world.killed_sweep(at)
            self._told(day, "killed")
            return True
        if chance < 0.08:
            self.world.killed_sweep(at)
        elif not killed:
            self.plain.add(day)
        self._sweep(day, twice=0.08 < chance < 0.09)
        return False

    def _sweep(self, day: date, *, twice: bool = False) -> None:
        if twice:
            self.plain.discard(day)
            self.world.two_sweeps()
        else:
            self.world.sweep()
        self._told(day, "sweep")

    def _mail(self, day: date) -> None:
        if self.oracle.posted:
            self.world.at(day, 9)
            self.world.mail()
            self._told(day, "mail")

    def _told(self, day: date, what: str) -> None:
        self.story.append((day, what))
        getattr(self.oracle, what)(day)

    # -- people -----------------------------------------------------------------------------------------------------

    def _people(self, day: date) -> None:
        self.world.at(day, 11)
        for deal in self.oracle.deals.values():
            if deal.status == "signed":
                self._under(day, deal)
            things = [("term", deal.terms), ("fault", deal.faults)] if deal.status == "signed" else []
            debts = [("debt", [deal.debt])] if deal.debt else []
            for kind, cases in [*things, *debts]:
                for number, case in enumerate(cases):
                    for name, *about in self._drawn(day, case):
                        self._do(day, name, deal, kind, number, *about)

    def _under(self, day: date, deal: Deal) -> None:
        """Acts upon the contract itself."""
        chance = self.random.random()
        running = deal.terms[0].branches[0].starts <= day
        if running and day.year > FIRST.year + 2 and chance < 0.0012:
            self._do(day, "terminate", deal)
        elif running and 0.01 < chance < 0.014:
            self._do(day, "visit", deal, None, None, day + timedelta(days=self.random.randint(2, 40)))
        elif deal.amendable and 0.02 < chance < 0.028:
            for ends in self._new_end(day, deal):
                self._do(day, "amend", deal, None, None, ends)

    def _new_end(self, day: date, deal: Deal) -> Iterator[date]:
        """A later last day; or an earlier one, whatever falls away with it. Its month is long enough for any."""
        last = deal.terms[-1].branches[0]
        assert isinstance(last, Term)
        if not all(case.sure for case in deal.terms):
            return
        terms = [one for case in deal.terms for one in case.branches[:1] if isinstance(one, Term)]
        begun = [one.ends for one in terms if one.status != "planned"]
        behind = max([day, terms[0].starts, *begun])
        longer = self.random.random() < 0.6 or last.status != "planned"
        ends = last.ends + timedelta(days=self.random.randint(10, 300) if longer else -self.random.randint(1, 400))
        ends = ends.replace(day=min(ends.day, 27))
        if not longer:
            ends = max(ends, behind)  # with the last period that has begun, and none behind it
        fits = ends.day <= 27 or ends in begun
        if fits and ends >= behind and ends != last.ends and (ends > last.ends) == longer and ends < date(2026, 6, 1):
            yield ends

    def _drawn(self, day: date, case: Case) -> Iterator[tuple]:
        """At most one act for a thing on a day, and none where the branches differ."""
        chance, state = self.random.random(), case.sure
        if isinstance(state, Term):
            yield from self._of_term(day, state, chance)
        elif isinstance(state, Fault) and chance < 0.05:
            acts = {"asked": ["tell", "tell", "seen", "waive"], "told": ["seen", "not_mended"]}.get(state.status, [])
            until = day + timedelta(days=self.random.randint(2, 40))
            for act in [self.random.choice(acts)] if acts else []:
                yield (act, until) if act == "not_mended" else (act,)
        elif isinstance(state, Debt) and state.owed and chance < 0.04:
            yield "repay", min(state.owed, self.random.choice([state.owed, 10_000_00]))

    def _of_term(self, day: date, term: Term, chance: float) -> Iterator[tuple]:
        if term.status in ("open", "returned") and day > term.ends - timedelta(days=12):
            if term.paused:
                yield from [("resume",)] if chance < 0.08 else [("hand_in",)] if chance > 0.995 else []
            elif chance < 0.05:
                yield ("hand_in",)
            elif chance < 0.06:
                yield "extend", max(term.due, day) + timedelta(days=self.random.randint(1, 30))
            elif chance < 0.07:
                yield ("pause",)
        elif term.status == "received" and chance < 0.08:
            yield ("give_back",) if chance < 0.03 else ("accept",)

    def _do(self, day: date, name: str, deal: Deal, kind: str | None = None, number: int | None = None, *about) -> None:
        case = thing(deal, kind, number)
        getattr(self.world, name)(deal, *([case.branches[0]] if case else []), *about)
        self.story.append((day, name, deal.number, kind, number, *about))
        happened(self.oracle, *self.story[-1])


def thing(deal: Deal, kind: str | None, number: int | None) -> Case | None:
    if kind is None or number is None:
        return None
    cases = {"term": deal.terms, "fault": deal.faults, "debt": [deal.debt] if deal.debt else []}[kind]
    return cases[number]


def happened(oracle: Oracle, day: date, name: str, contract: str, kind: str | None, number: int | None, *about) -> None:
    """An act of people, told to the oracle."""
    deal = oracle.deals[contract]
    case = thing(deal, kind, number)
    if case is None:
        getattr(oracle, name)(day, deal, *about)
    else:
        oracle.do(name, day, deal, case, *about)


def retold(story: Story, oracle: Oracle) -> Oracle:
    """The same story told to another oracle; one that took another way at some point stops there."""
    for day, name, *about in story:
        if about:
            try:
                happened(oracle, day, name, *about)
            except (AssertionError, IndexError, KeyError):
                return oracle
        else:
            getattr(oracle, name)(day)
    return oracle
