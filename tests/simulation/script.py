"""What people and machines do in five years, drawn from a seed: told to the office and to the oracle in one order."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from tests.simulation.oracle import Deal, Oracle, Term
from tests.simulation.world import FIRST, LAST, World

Story = list[tuple]  # (day, what, contract, period, until)


@dataclass
class Teller:
    """Draws what happens next from what the oracle knows to be possible, and does it to both."""

    world: World
    oracle: Oracle
    random: Random

    def __post_init__(self) -> None:
        self.story: Story = []

    def live(self) -> None:
        day, away = FIRST, 0
        while day <= LAST:
            away = away - 1 if away else self.random.choice([0] * 60 + [1, 2, 5, 10])
            if not away:
                self._morning(day)
            self._people(day)
            if not away and self.random.random() < 0.05:
                self.world.at(day, 17)
                self._sweep(day)
            day += timedelta(days=1)

    def _morning(self, day: date) -> None:
        self.world.at(day, 8)
        if self.random.random() < 0.1:
            self.world.killed_sweep(self.random.randint(1, 4))
        self._sweep(day)

    def _sweep(self, day: date) -> None:
        self.world.sweep()
        self.story.append((day, "sweep"))
        self.oracle.sweep(day)

    def _people(self, day: date) -> None:
        self.world.at(day, 11)
        for deal in self.oracle.deals.values():
            if deal.alive and day.year == LAST.year and self.random.random() < 0.001:
                self.world.terminate(deal)
                self.oracle.terminate(deal)
                self.story.append((day, "terminate", deal.number))
            for term in deal.terms if deal.alive else ():
                for name, until in self._drawn(day, term):
                    self._do(day, name, deal, term, until)

    def _drawn(self, day: date, term: Term) -> Iterator[tuple[str, date | None]]:
        """At most one act for a period on a day."""
        chance = self.random.random()
        if term.status in ("open", "returned") and day > term.ends - timedelta(days=12):
            if term.paused:
                yield from [("resume", None)] if chance < 0.08 else [("hand_in", None)] if chance > 0.995 else []
            elif chance < 0.05:
                yield "hand_in", None
            elif chance < 0.06:
                yield "extend", max(term.due, day) + timedelta(days=self.random.randint(1, 30))
            elif chance < 0.07:
                yield "pause", None
        elif term.status == "received" and chance < 0.1:
            yield ("give_back" if chance < 0.04 else "accept"), None

    def _do(self, day: date, name: str, deal: Deal, term: Term, until: date | None) -> None:
        extra = () if until is None else (until,)
        act: Callable[..., None] = getattr(self.world, name)
        act(deal, term, *extra)
        getattr(self.oracle, name)(day, deal, term, *extra)
        self.story.append((day, name, deal.number, term.number, *extra))


def retold(story: Story, oracle: Oracle) -> Oracle:
    """The same story told to another oracle."""
    for day, name, *about in story:
        if name == "sweep":
            oracle.sweep(day)
        elif name == "terminate":
            oracle.terminate(oracle.deals[about[0]])
        else:
            deal = oracle.deals[about[0]]
            getattr(oracle, name)(day, deal, deal.terms[about[1] - 1], *about[2:])
    return oracle
