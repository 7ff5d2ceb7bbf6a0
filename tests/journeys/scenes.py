"""Journeys of one contest, step by step: acts of people, and the errands that flows work through between them.

Each can be played again from the top: what is done already is not done twice.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path

import pytest

from cli.demo import cities
from cli.demo.journey import Clock, Journey, Town
from documents.sandbox import Reader
from flows.office import Office
from flows.steps import committee, completeness, contracting, errands, intake, monitoring, results, sitting, tranches
from schemas.application import Application, ApplicationStatus
from schemas.commission import Choice, Item, ItemStatus, Sitting, SittingStatus
from schemas.contest import Contest, ContestStatus
from schemas.contract import Contract, ContractStatus, Tranche, TrancheStatus
from schemas.customer import Customer
from schemas.doer import CLOCK, Doer
from schemas.errors import OwnInterest, TooLate
from schemas.facts import Kind
from schemas.outbox import Errand, Letter
from schemas.settings import Settings, Store
from storage.folder import FolderObjects
from storage.work import looking
from tests.journeys.papers import CITY, Counter, Package

CONTEST_FILES = Path(cities.__file__).parent / "cities"


def settings_of(home: Path) -> Settings:
    """An office in a folder, on a simulated calendar; a lease is over as soon as housekeeping looks."""
    return Settings(home=home, store=Store.FOLDER, clock=home / "clock", lease_seconds=0)


class Play:
    """One process at work in a home."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.clock = Clock(office.home / "clock")
        self.town = Town(city=cities.load(CITY), packages=[])
        self.journey = Journey(office, [self.town], self.clock, lambda *_: None)

    def prepare(self) -> None:
        """Customer, people, programme; the contest is announced."""
        self.journey.problems()
        self.journey.announce(CONTEST_FILES)

    def find(self) -> None:
        """The contest that an earlier process prepared."""
        with looking(self.office.engine, self.office.system) as look:
            customer = look.one(Customer, code=CITY)
            assert customer is not None
            contest = look.one(Contest, tenant_id=customer.id)
            assert contest is not None
        self.town.customer_id, self.town.contest_id = customer.id, contest.id

    def doer(self, role: str) -> Doer:
        return self.journey.doer(self.town, role)

    def member(self, told: dict[str, object]) -> Doer:
        return self.office.doer(CITY, str(told["person"]))

    @property
    def contest(self) -> Contest:
        return self.journey.contest(self.town)

    def applications(self, *status: ApplicationStatus) -> list[Application]:
        return self.journey.applications(self.town, *status)

    def after_cutoff(self, **later: int) -> None:
        self.clock.set(self.town.city.cutoff + timedelta(**later))


Step = Callable[[Play], None]


@dataclass
class Scene:
    """A journey: its steps in order, and what stands at its end."""

    steps: list[tuple[str, Step]]
    end: dict[str, list[str]]  # key of an applicant -> what became of his case, and the letters he got
    swept_from: int = 0  # steps before this one are those of another journey, which is killed there

    def outcome(self, play: Play) -> dict[str, list[str]]:
        """What became of each case."""
        told: dict[str, list[str]] = {}
        keys = {one.sender: one.key for one in play.town.city.applicants}
        with looking(play.office.engine, play.office.system) as look:
            for one in look.all(Application, contest_id=play.town.contest_id, order="number"):
                found = look.all(Contract, application_id=one.id)
                paid = look.all(Tranche, contract_id=[contract.id for contract in found], status=TrancheStatus.PAID)
                mine = [letter for letter in look.all(Letter, stream_id=one.id) if letter.code != "tranche_ordered"]
                sent = [letter.code for letter in mine if letter.sent_at]
                told[keys[one.sender]] = [
                    one.status.value,
                    *(f"contract {contract.status.value}" for contract in found),
                    *(f"tranche {tranche.number} paid" for tranche in paid),
                    *sorted(sent),
                ]
        return told


def errand(*kinds: Errand) -> tuple[str, Step]:
    def work(play: Play) -> None:
        tally = errands.drain(play.office, kinds)
        assert tally.troubles == [], tally.troubles

    return " ".join(kinds), work


def hand_in(package: Package, name: str = "hand in") -> tuple[str, Step]:
    def act(play: Play) -> None:
        play.clock.set(package.arrives_at)
        if play.contest.status not in (ContestStatus.ANNOUNCED, ContestStatus.CLOSED):
            return  # the door is shut; a script that is played again knows it
        secretary = play.doer("secretary")
        try:
            intake.hand_in(play.office, secretary, play.contest, package.path, sender=package.sender)
        except TooLate as late:
            assert late.facts["number"] in [one.number for one in play.applications(ApplicationStatus.TURNED_AWAY)], (
                "only who came too late is told so"
            )

    return name, act


def cutoff(play: Play) -> None:
    play.after_cutoff(minutes=5)
    for contest_id in completeness.contests_due(play.office):
        completeness.close(play.office, CLOCK, contest_id)


def cure(package: Package) -> tuple[str, Step]:
    def act(play: Play) -> None:
        play.after_cutoff(days=3)
        mine = next(one for one in play.applications() if one.sender == package.sender)
        if mine.status is ApplicationStatus.TO_CURE:
            intake.cure(play.office, play.doer("secretary"), mine.id, package.path)

    return "cure", act


def term_over(play: Play) -> None:
    play.after_cutoff(days=60)
    for application_id in completeness.overdue_cures(play.office):
        completeness.refuse_uncured(play.office, application_id)


def declare(play: Play) -> None:
    for told in play.town.city.raw["commission"]:
        play.journey._declare(play.town, play.member(told))
    if play.contest.status is ContestStatus.CLOSED:
        committee.ask_to_route(play.office, play.doer("secretary"), play.town.contest_id)


def review(play: Play) -> None:
    play.journey.review()


def sit(play: Play) -> None:
    """All but the last member come; whoever has no interest in an item votes for it."""
    if play.contest.status is not ContestStatus.REVIEWING:
        return
    office, contest_id, secretary = play.office, play.town.contest_id, play.doer("secretary")
    play.after_cutoff(days=20)
    sitting_id = sitting.convene(office, secretary, contest_id, play.office.now(), "Баткен")
    people = [play.member(told) for told in play.town.city.raw["commission"][:-1]]
    with looking(office.engine, office.system) as look:
        seats = [(doer, committee.member_of(look, doer, contest_id).id) for doer in people]
        meeting = look.get(Sitting, sitting_id)
        items = look.all(Item, sitting_id=sitting_id, status=ItemStatus.OPEN, order="position")
    if meeting.status is SittingStatus.CONVENED:
        sitting.open_sitting(office, secretary, sitting_id, [seat for _, seat in seats])
    for item in items:
        for doer, seat in seats:
            if str(seat) in item.recused:
                with pytest.raises(OwnInterest):
                    sitting.vote(office, doer, item.id, Choice.FOR)
            else:
                sitting.vote(office, doer, item.id, Choice.FOR)
        sitting.decide_item(office, secretary, item.id, "Чыгымдары негиздүү.")
    sitting.close_sitting(office, secretary, sitting_id)


def sign_minutes(play: Play) -> None:
    with looking(play.office.engine, play.office.system) as look:
        closed = look.all(Sitting, contest_id=play.town.contest_id, status=SittingStatus.CLOSED)
    for one in closed:
        sitting.sign_minutes(play.office, play.member(play.town.city.raw["commission"][0]), one.id)


def publish(play: Play) -> None:
    results.publish(play.office, play.doer("head"), play.town.contest_id)


def sign(play: Play) -> None:
    until = results.appeal_until(play.office, play.contest)
    assert until is not None
    play.clock.set(until + timedelta(hours=10))
    for contract in contracts(play):
        contracting.sign(play.office, play.doer("head"), contract.id)


def pay(play: Play) -> None:
    with looking(play.office.engine, play.office.system) as look:
        ordered = look.all(Tranche, status=TrancheStatus.ORDERED)
    for tranche in ordered:
        tranches.pay(play.office, play.doer("finance"), tranche.id, tranche.order_number or "")


def period_begins(play: Play) -> None:
    starts = play.contest.project_starts
    play.clock.set(datetime.combine(starts, time(9), play.town.zone))
    monitoring.sweep(play.office)


def contracts(play: Play) -> list[Contract]:
    with looking(play.office.engine, play.office.system) as look:
        return look.all(Contract, status=[ContractStatus.DRAFTED, ContractStatus.SIGNED])


LETTERS = errand(Errand.SEND_LETTER)
CHECKED = [
    errand(Errand.INSPECT),
    ("cut-off", cutoff),
    errand(Errand.CHECK),
    errand(Errand.QUALIFY),
]
DECIDED = [
    ("declare", declare),
    errand(Errand.ROUTE),
    errand(Errand.BUNDLE),
    ("review", review),
    ("sit", sit),
    errand(Errand.RANK),
    errand(Errand.MINUTES),
    ("sign minutes", sign_minutes),
    ("publish", publish),
]
CONTRACTED = [
    errand(Errand.DRAFT_CONTRACT),
    ("sign", sign),
    errand(Errand.WEIGH_TRANCHE),
    ("pay", pay),
    ("period begins", period_begins),
]


@contextmanager
def at_work(
    home: Path, reader: Reader, *, settings: Settings | None = None, objects: FolderObjects | None = None
) -> Iterator[Play]:
    office = Office(settings or settings_of(home), objects=objects)
    office.__dict__["reader"] = reader
    play = Play(office)
    play.find()
    try:
        yield play
    finally:
        office.__dict__.pop("reader")
        office.close()


def hand_in_letters(play: Play, counter: Counter, count: int) -> None:
    """Packages of one letter each, of `count` applicants."""
    for one in counter.city.applicants[:count]:
        hand_in(counter.package(one.key, only=(Kind.LETTER,)))[1](play)
