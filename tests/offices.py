"""Offices at a stage of the journey, for tests of steps: each stage is played once, every test works on a copy.

Folder object store, SQLite, a clock that stands still. Two customers with a contest each: batken, which goes on through
the stages, and karakol, whose people are strangers there.
"""

import shutil
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar, TypeVar
from uuid import UUID

from sqlmodel import SQLModel

from cli.demo import cities
from cli.demo.journey import Clock, Journey, Town
from cli.demo.papers import Writer
from cli.demo.project import ContractFacts
from cli.demo.reports import ReportSituation, reports
from documents.sandbox import Reader
from flows.office import Office
from flows.steps import (
    committee,
    completeness,
    contracting,
    errands,
    intake,
    monitoring,
    register,
    results,
    sitting,
    tranches,
)
from schemas.application import Application
from schemas.commission import Choice, Item, Member, Sitting
from schemas.contest import Contest
from schemas.contract import Contract, Tranche
from schemas.customer import Role
from schemas.document import Document
from schemas.doer import CLOCK, Doer
from schemas.event import Act
from schemas.facts import BudgetLine, Indicator, Kind
from schemas.finding import Finding
from schemas.outbox import Errand, Letter
from schemas.report import Period
from schemas.settings import Settings, Store
from storage.work import looking

OURS, THEIRS = "batken", "karakol"
WINNER, CURED, RELATIVE = "taza-muun", "bulak-suu", "jashyl-kyshtak"
FILES = Path(cities.__file__).parent / "cities"
ALL = tuple(one for one in Errand if one is not Errand.BUNDLE)
R = TypeVar("R", bound=SQLModel)


# what an auditor does, and the tables in which his reading is on record
READING = {Act.CASE_READ, Act.TRAIL_READ, Act.TRAIL_EXPORT}
TRAIL = {
    "event",
    "eventfile",
    "stream",
    "unsealed",
    "eventindex",
    "indexed",
    "leaf",
    "keyrange",
    "checkpoint",
    "eventword",
    "worded",
    "disclosure",
}


class Papers:
    """Packages of our three applicants, written once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.city = cities.load(OURS)

    def package(self, key: str, *, without: tuple[Kind, ...] = (), only: tuple[Kind, ...] = ()) -> Path:
        place = self.folder / "-".join([key, *(f"no{one.value}" for one in without), *(one.value for one in only)])
        if not place.is_dir():
            place.mkdir(parents=True)
            writer = Writer(self.city, self.applicant(key))
            for kind in writer.kinds():
                if kind not in without and (not only or kind in only):
                    paper = writer.paper(kind)
                    place.joinpath(paper.name).write_bytes(paper.content)
        return place

    def applicant(self, key: str) -> cities.Applicant:
        return replace(next(one for one in self.city.applicants if one.key == key), situation="perfect")


@dataclass
class Desk:
    """One office and whom to ask for what in it."""

    home: Path
    papers: Papers
    reader: Reader | None = None
    settings: dict[str, Any] = field(default_factory=dict)

    @cached_property
    def office(self) -> Office:
        store = {"store": Store.FOLDER, "clock": self.home / "clock", "lease_seconds": 0, **self.settings}
        office = Office(Settings(home=self.home, **store))
        if self.reader is not None:
            office.__dict__["reader"] = self.reader
        return office

    @cached_property
    def journey(self) -> Journey:
        towns = [Town(city=cities.load(one), packages=[]) for one in (OURS, THEIRS)]
        return Journey(self.office, towns, Clock(self.home / "clock"), lambda *_: None)

    def close(self) -> None:
        if self.reader is not None:
            self.office.__dict__.pop("reader", None)
        self.office.close()
        self.__dict__.pop("office")

    # -- who and when -----------------------------------------------------------------------------------------------

    def at(self, when: datetime) -> None:
        (self.home / "clock").write_text(when.astimezone(UTC).isoformat())

    def after_cutoff(self, **later: float) -> None:
        self.at(self.contest.cutoff + timedelta(**later))

    def who(self, login: str, customer: str = OURS) -> Doer:
        return self.office.doer(customer, f"{customer}.{login}")

    def member(self, number: int) -> Doer:
        """Members 1 to 6 in the order of the order; 1 is the chair, 3 has a brother among the applicants."""
        return self.who(("chair", "deputy", "member3", "member4", "member5", "member6")[number - 1])

    def stranger(self, role: Role) -> Doer:
        """Somebody of the other customer with that role, and nothing here."""
        return replace(self.who("head", THEIRS), roles=frozenset({role}))

    def as_role(self, role: Role) -> Doer:
        """Somebody of our customer who holds this role and no other."""
        return replace(self.who("head"), roles=frozenset({role}))

    def ngo(self, number: int = 1) -> Doer:
        """A person of the organisation of case `number`."""
        case = self.case(number)
        login = f"batken.ngo{number}"
        register.register_person(
            self.office,
            register.OPERATOR,
            tenant_id=case.tenant_id,
            login=login,
            name="Абдыраимова Н.",
            email=case.sender,
            roles={Role.APPLICANT: case.organisation_id},
        )
        return self.office.doer(OURS, login)

    # -- what is on record ------------------------------------------------------------------------------------------

    def all(self, model: type[R], **where: Any) -> list[R]:
        with looking(self.office.engine, self.office.system) as look:
            return look.all(model, **where)

    def get(self, model: type[R], identity: UUID) -> R:
        with looking(self.office.engine, self.office.system) as look:
            return look.get(model, identity)

    @property
    def contest(self) -> Contest:
        return intake.contest_of(self.office, OURS, cities.load(OURS).number)

    def case(self, number: int) -> Application:
        return self.all(Application, contest_id=self.contest.id, number=number)[0]

    def seat(self, number: int) -> Member:
        return self.all(Member, contest_id=self.contest.id, person_id=self.member(number).id)[0]

    def meeting(self) -> Sitting:
        return self.all(Sitting, contest_id=self.contest.id, order="number")[-1]

    def item(self, number: int) -> Item:
        return self.all(Item, sitting_id=self.meeting().id, application_id=self.case(number).id)[0]

    def contract(self) -> Contract:
        return self.all(Contract)[0]

    def tranche(self, number: int = 1) -> Tranche:
        return self.all(Tranche, contract_id=self.contract().id, number=number)[0]

    def period(self, number: int = 1) -> Period:
        return self.all(Period, contract_id=self.contract().id, number=number)[0]

    def all_findings(self, status: str) -> list[Finding]:
        return self.all(Finding, status=status, order="rule id")

    def files(self, subject_id: UUID) -> dict[str, Document]:
        return {one.name: one for one in self.all(Document, subject_id=subject_id)}

    def letters(self, stream_id: UUID) -> list[str]:
        return [one.code for one in self.all(Letter, stream_id=stream_id, order="written_at key")]

    # -- what is done often -----------------------------------------------------------------------------------------

    def hand_in(self, source: Path, sender: str = "sender@ngo.example") -> intake.Given:
        return intake.hand_in(self.office, self.who("secretary"), self.contest, source, sender=sender)

    def work(self, *kinds: Errand) -> errands.Tally:
        return errands.drain(self.office, kinds or ALL)

    def report(self, number: int, situation: ReportSituation = ReportSituation.CLEAN) -> Path:
        """A package of both reports for a period of our contract."""
        contract = self.contract()
        periods = self.all(Period, contract_id=contract.id, order="number")
        indicators = [Indicator.model_validate(one) for one in contract.indicators]
        facts = ContractFacts(
            number=contract.number,
            organisation=self.papers.applicant(WINNER).organisation,
            lines=[(one.name, one.requested) for one in map(BudgetLine.model_validate, contract.lines)],
            indicators=[(one.name, one.target) for one in indicators],
            periods=[(one.starts, one.ends) for one in periods],
            units={one.name: one.unit for one in indicators},
            head=self.papers.applicant(WINNER).head,
        )
        return reports(OURS, facts, number, self.home / "reports", situation=situation).path


class Stages:
    """Every stage, each played on a copy of the one before it."""

    ORDER: ClassVar = (
        *("announced", "received", "checked", "cured", "routed", "open", "decided", "published", "signed"),
        *("reporting", "reported", "accepted", "evaluated"),
    )

    def __init__(self, folder: Path, reader: Reader) -> None:
        self.folder = folder
        self.reader = reader
        self.papers = Papers(folder / "papers")
        self.played: set[str] = set()

    def home(self, stage: str) -> Path:
        home = self.folder / stage
        if stage not in self.played:
            place = self.ORDER.index(stage)
            if place:
                shutil.copytree(self.home(self.ORDER[place - 1]), home)
            else:
                home.mkdir(parents=True)
            desk = Desk(home, self.papers, self.reader)
            getattr(self, stage)(desk)
            desk.close()
            self.played.add(stage)
        return home

    def desk(self, stage: str, home: Path, **settings: Any) -> Desk:
        shutil.copytree(self.home(stage), home, dirs_exist_ok=True)
        return Desk(home, self.papers, self.reader, settings)

    def announced(self, desk: Desk) -> None:
        desk.journey.problems()
        desk.journey.announce(FILES)

    def received(self, desk: Desk) -> None:
        """Three packages, sealed; the second lacks a certificate."""
        for days, key in ((5, WINNER), (4, CURED), (3, RELATIVE)):
            desk.after_cutoff(days=-days)
            lacks = (Kind.SOCIAL_CERTIFICATE,) if key == CURED else ()
            desk.hand_in(self.papers.package(key, without=lacks), self.papers.applicant(key).sender)
        assert desk.work(Errand.INSPECT).troubles == []

    def checked(self, desk: Desk) -> None:
        """The cut-off has passed: two are eligible, the second is asked for more."""
        desk.after_cutoff(minutes=5)
        completeness.close(desk.office, CLOCK, desk.contest.id)
        assert desk.work().troubles == []

    def cured(self, desk: Desk) -> None:
        desk.after_cutoff(days=3)
        missing = self.papers.package(CURED, only=(Kind.SOCIAL_CERTIFICATE,))
        intake.cure(desk.office, desk.who("secretary"), desk.case(2).id, missing)
        assert desk.work().troubles == []

    def routed(self, desk: Desk) -> None:
        """Declared and routed; the third member has a conflict in the third case."""
        desk.after_cutoff(days=10)
        for number in range(1, 7):
            desk.journey._declare(desk.journey.towns[0], desk.member(number)) if self._town(desk) else None
        committee.ask_to_route(desk.office, desk.who("secretary"), desk.contest.id)
        assert desk.work().troubles == []

    def open(self, desk: Desk) -> None:
        """All sheets are in, the sitting is open: five of six are there."""
        self._town(desk)
        desk.journey.towns = desk.journey.towns[:1]
        desk.journey.review()
        desk.after_cutoff(days=15)
        office, secretary = desk.office, desk.who("secretary")
        sitting_id = sitting.convene(office, secretary, desk.contest.id, office.now(), "Баткен")
        sitting.open_sitting(office, secretary, sitting_id, [desk.seat(number).id for number in range(1, 6)])

    def decided(self, desk: Desk) -> None:
        """Every item is decided, the sitting is closed, the minutes wait for the chair."""
        for case in (1, 2, 3):
            item = desk.item(case)
            for number in range(1, 6):
                if str(desk.seat(number).id) not in item.recused:
                    sitting.vote(desk.office, desk.member(number), item.id, Choice.FOR)
            sitting.decide_item(desk.office, desk.who("secretary"), item.id, "Чыгымдары негиздүү.")
        sitting.close_sitting(desk.office, desk.who("secretary"), desk.meeting().id)
        assert desk.work().troubles == []

    def published(self, desk: Desk) -> None:
        """Results are public, the contract is drafted, the term of appeal runs."""
        sitting.sign_minutes(desk.office, desk.member(1), desk.meeting().id)
        results.publish(desk.office, desk.who("head"), desk.contest.id)
        assert desk.work().troubles == []

    def signed(self, desk: Desk) -> None:
        """The contract is signed, the first tranche ordered."""
        until = results.appeal_until(desk.office, desk.contest)
        assert until is not None
        desk.at(until + timedelta(hours=10))
        contracting.sign(desk.office, desk.who("head"), desk.contract().id)
        assert desk.work().troubles == []

    def reporting(self, desk: Desk) -> None:
        """The first tranche is paid, the first period open."""
        tranches.pay(desk.office, desk.who("finance"), desk.tranche().id, desk.tranche().order_number or "")
        self._day(desk, desk.contest.project_starts, 9)
        monitoring.sweep(desk.office)
        assert desk.work().troubles == []

    def reported(self, desk: Desk) -> None:
        """The report of the first period is in, with a variance, and is read."""
        self._day(desk, desk.period().due, 11)
        self._hand_in(desk, 1, ReportSituation.VARIANCE)

    def accepted(self, desk: Desk) -> None:
        """Both periods are accepted and all is paid."""
        for number in (1, 2):
            period = desk.period(number)
            self._day(desk, period.due, 12)
            monitoring.sweep(desk.office)
            if number > 1:
                self._hand_in(desk, number, ReportSituation.CLEAN)
            else:
                monitoring.explain(desk.office, desk.ngo(), period.id, "Материалдар кымбаттады.")
            monitoring.accept(desk.office, desk.who("coordinator"), period.id)
            assert desk.work().troubles == []
            for tranche in desk.all(Tranche, contract_id=desk.contract().id, status="ordered"):
                tranches.pay(desk.office, desk.who("finance"), tranche.id, tranche.order_number or "")

    def evaluated(self, desk: Desk) -> None:
        """The project is evaluated; what was not spent is owed."""
        monitoring.evaluate(desk.office, desk.who("coordinator"), desk.contract().id)
        assert desk.work().troubles == []

    def _hand_in(self, desk: Desk, number: int, situation: ReportSituation) -> None:
        package = desk.report(number, situation)
        monitoring.hand_in_report(desk.office, desk.ngo(), desk.contract().id, number, package)
        assert desk.work().troubles == []

    def _town(self, desk: Desk) -> bool:
        town = desk.journey.towns[0]
        town.customer_id, town.contest_id = desk.contest.tenant_id, desk.contest.id
        return True

    def _day(self, desk: Desk, day: Any, hour: int) -> None:
        zone = desk.journey.towns[0].zone
        desk.at(datetime.combine(day, time(hour), zone))
