"""The whole journey of the three cities, act by act, each by the person whose act it is; flows move what lies between.

The same acts run in the demo (through Prefect) and can be run again after a kill: what is done already is not done twice.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

from cli.demo.cities import City
from cli.demo.packages import Package
from flows.office import Office
from flows.steps import announcement, committee, intake, register, results, sitting
from schemas.application import Application, ApplicationStatus
from schemas.commission import (
    Assignment,
    AssignmentStatus,
    Background,
    Choice,
    Declaration,
    Item,
    ItemStatus,
    Seat,
    Sitting,
    SittingStatus,
)
from schemas.contest import Contest, ContestStatus
from schemas.customer import Language, Role
from schemas.doer import Doer
from schemas.errors import Refused, TooLate
from schemas.programme import Problem, ProblemStatus, Programme, ProgrammeStatus
from schemas.wording import say
from storage.work import looking

SOM = 100
Move = Callable[..., None]
"""Let the named flows run, and come back when they have: those in one tuple side by side."""


@dataclass
class Town:
    """One customer on its way."""

    city: City
    packages: Sequence[Package]
    customer_id: UUID = field(default=UUID(int=0))
    contest_id: UUID = field(default=UUID(int=0))
    refused_at_door: dict[str, str] = field(default_factory=dict)  # sender -> class of the error

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.city.raw_contest["zone"])

    def at(self, day: datetime, hour: int = 10) -> datetime:
        return datetime.combine(day.astimezone(self.zone).date(), time(hour), self.zone)


class Clock:
    """The simulation's clock: a file that every process of the demo reads. It only goes forward."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def set(self, at: datetime) -> None:
        if self.path.exists() and datetime.fromisoformat(self.path.read_text()) >= at:
            return
        draft = self.path.with_suffix(".new")
        draft.write_text(at.astimezone(UTC).isoformat())
        draft.replace(self.path)


class Journey:
    """Acts of all towns side by side, so that one batch serves all three."""

    def __init__(self, office: Office, towns: Sequence[Town], clock: Clock, move: Move) -> None:
        self.office = office
        self.towns = towns
        self.clock = clock
        self.move = move

    # -- who --------------------------------------------------------------------------------------------------------

    def doer(self, town: Town, role: str) -> Doer:
        """Who holds the role in this town."""
        for person in town.city.raw["people"]:
            if role in person["roles"]:
                return self.office.doer(town.city.code, person["login"])
        raise LookupError(role)

    def contest(self, town: Town) -> Contest:
        with looking(self.office.engine, self.office.system) as look:
            return look.get(Contest, town.contest_id)

    def applications(self, town: Town, *status: ApplicationStatus) -> list[Application]:
        with looking(self.office.engine, self.office.system) as look:
            wanted = {"status": list(status)} if status else {}
            return look.all(Application, contest_id=town.contest_id, order="number", **wanted)

    # -- stages 1 and 2 ---------------------------------------------------------------------------------------------

    def problems(self) -> None:
        """Problems are proposed and put in order, one gets a programme and a budget line."""
        for town in self.towns:
            raw = town.city.raw
            self.clock.set(town.at(datetime.combine(town.city.announced_on, time(), UTC) - timedelta(days=17)))
            town.customer_id = register.register_customer(
                self.office,
                register.OPERATOR,
                code=raw["code"],
                name=raw["name"],
                city=raw["city"],
                zone=raw["zone"],
                requisites=_requisites({**raw["requisites"], "post": town.city.head_post}),
            )
            for person in raw["people"]:
                register.register_person(
                    self.office,
                    register.OPERATOR,
                    tenant_id=town.customer_id,
                    login=person["login"],
                    name=person["name"],
                    email=person["email"],
                    phone=person["phone"],
                    language=Language(person["language"]),
                    roles={Role(one): None for one in person["roles"] if one not in ("chair", "member")},
                )
            coordinator, council = self.doer(town, "coordinator"), self.doer(town, "council")
            for told in raw["problems"]:
                self._problem(town, told, coordinator, council)

    def _problem(self, town: Town, told: dict, coordinator: Doer, council: Doer) -> None:  # type: ignore[type-arg]
        problem_id = register.propose_problem(
            self.office,
            coordinator,
            title=told["title"],
            description=told["description"],
            numbers=f"{told['numbers']} ({told['numbers_status']})",
            proposed_by=told["proposed_by"],
        )
        with looking(self.office.engine, self.office.system) as look:
            problem = look.get(Problem, problem_id)
        if problem.status is ProblemStatus.PROPOSED:
            register.prioritise(self.office, coordinator, problem_id, told["priority"], told["numbers"])
        if not told["funded"]:
            return
        programme = town.city.raw["programme"]
        programme_id = register.draft_programme(
            self.office,
            coordinator,
            problem_id,
            title=programme["title"],
            budget_line=programme["budget_line"],
            amount=programme["amount_som"] * SOM,
            starts=programme["starts"],
            ends=programme["ends"],
        )
        with looking(self.office.engine, self.office.system) as look:
            status = look.get(Programme, programme_id).status
        if status is ProgrammeStatus.DRAFTED:
            register.approve_programme(self.office, council, programme_id, programme["approved_by"])

    # -- stages 3 and 4 ---------------------------------------------------------------------------------------------

    def announce(self, folder: Path) -> None:
        """A contest from its file, a commission by order, the announcement."""
        for town in self.towns:
            self.clock.set(town.at(datetime.combine(town.city.announced_on, time(9), town.zone), 9))
            coordinator, head = self.doer(town, "coordinator"), self.doer(town, "head")
            with looking(self.office.engine, self.office.system) as look:
                programme = look.one(Programme, tenant_id=town.customer_id)
                assert programme is not None
            source = folder / town.city.raw["contest_file"]
            town.contest_id = announcement.draft_contest(self.office, coordinator, programme.id, source)
            for told in town.city.raw["commission"]:
                announcement.appoint(
                    self.office,
                    head,
                    town.contest_id,
                    self.office.doer(town.city.code, told["person"]).id,
                    seat=Seat(told["seat"]),
                    background=Background(told["background"]),
                    relations=told.get("relations", []),
                    order=f"№ {town.city.number}-К",
                )
            if self.contest(town).status is ContestStatus.DRAFTED:
                announcement.announce(self.office, head, town.contest_id)

    # -- stages 5 to 7 ----------------------------------------------------------------------------------------------

    def hand_in(self, town: Town, package: Package) -> None:
        """One package comes to the door at its own instant."""
        self.clock.set(package.arrives_at)
        secretary = self.doer(town, "secretary")
        try:
            intake.hand_in(self.office, secretary, self.contest(town), package.path, sender=package.sender)
        except Refused as refused:
            town.refused_at_door[package.sender] = type(refused).__name__

    def packages_in_order(self) -> list[tuple[Town, Package]]:
        """First packages of all towns by the clock."""
        pairs = [(town, one) for town in self.towns for one in town.packages if one.cure_of is None]
        return sorted(pairs, key=lambda pair: pair[1].arrives_at)

    def check(self) -> None:
        """The cut-off passes: packages are opened and checked."""
        latest = max(town.city.cutoff for town in self.towns)
        self.clock.set(latest + timedelta(minutes=5))
        self.move(("intake", "intake"), "recognition", "completeness")

    def cure(self) -> None:
        """What was missing comes within the term; then the term ends for those who sent nothing."""
        cures = [(town, one) for town in self.towns for one in town.packages if one.cure_of is not None]
        for town, package in sorted(cures, key=lambda pair: pair[1].arrives_at):
            self.clock.set(package.arrives_at)
            waiting = self.applications(town, ApplicationStatus.TO_CURE)
            mine = [one for one in waiting if one.sender == package.cure_of]
            for application in mine:
                try:
                    intake.cure(self.office, self.doer(town, "secretary"), application.id, package.path)
                except TooLate:
                    town.refused_at_door[package.sender] = "TooLate"
        self.move("intake", "recognition", "completeness")
        terms = [
            one.cure_until
            for town in self.towns
            for one in self.applications(town, ApplicationStatus.TO_CURE)
            if one.cure_until
        ]
        if terms:
            town = self.towns[0]
            self.clock.set(datetime.combine(max(terms) + timedelta(days=1), time(9), town.zone))
            self.move("completeness")

    # -- stages 8 to 11 ---------------------------------------------------------------------------------------------

    def route(self) -> None:
        """Every member says whether he has an interest; then the system routes."""
        for town in self.towns:
            for told in town.city.raw["commission"]:
                member = self.office.doer(town.city.code, told["person"])
                self._declare(town, member)
            if self.contest(town).status is ContestStatus.CLOSED:
                committee.ask_to_route(self.office, self.doer(town, "secretary"), town.contest_id)
        self.move(("committee", "committee"), "letters")

    def _declare(self, town: Town, member: Doer) -> None:
        with looking(self.office.engine, self.office.system) as look:
            found = committee.found_relations(look, town.contest_id)
            seat = committee.member_of(look, member, town.contest_id)
            given = {one.application_id for one in look.all(Declaration, member_id=seat.id)}
        for application in self.applications(town, ApplicationStatus.ELIGIBLE):
            if application.id not in given:
                matched = found.get((seat.id, application.id), [])
                reason = ", ".join(say(f"field.{one}", "ky") for one in matched)
                committee.declare(self.office, member, application.id, conflict=bool(matched), reason=reason)

    def review(self) -> None:
        """Each member fills in the sheets of the applications that he was given."""
        for town in self.towns:
            merit = {one.sender: one.merit for one in town.city.applicants}
            contest = self.contest(town)
            criteria = self.office.pack_of(contest).criteria
            for told in town.city.raw["commission"]:
                doer = self.office.doer(town.city.code, told["person"])
                with looking(self.office.engine, self.office.system) as look:
                    seat = committee.member_of(look, doer, contest.id)
                    mine = look.all(Assignment, member_id=seat.id, status=AssignmentStatus.ASSIGNED)
                for assignment in mine:
                    application = next(one for one in self.applications(town) if one.id == assignment.application_id)
                    dice = random.Random(f"{told['person']} {application.number}")  # noqa: S311 -- a demo's dice
                    worth = merit.get(application.sender, 0.5)
                    points: dict[str, int | None] = {}
                    for code, one in criteria.items():
                        low, high = one.low.value, one.high.value
                        value = low + worth * (high - low) + dice.uniform(-0.6, 0.6)
                        points[code] = max(low, min(high, round(value)))
                    comments = dict.fromkeys(criteria, "Долбоордун негиздемеси боюнча бааланды.")
                    committee.submit_sheet(self.office, doer, application.id, points, comments)

    def sit(self) -> None:
        """The sitting: attendance, votes, decisions; ranking and minutes follow; then publication."""
        for town in self.towns:
            self._sit(town)
        self.move("committee")
        for town in self.towns:
            with looking(self.office.engine, self.office.system) as look:
                closed = look.all(Sitting, contest_id=town.contest_id, status=SittingStatus.CLOSED)
            chair = self.office.doer(town.city.code, town.city.raw["commission"][0]["person"])
            for one in closed:
                sitting.sign_minutes(self.office, chair, one.id)
            results.publish(self.office, self.doer(town, "head"), town.contest_id)
        self.move(("contracting", "letters"))

    def _sit(self, town: Town) -> None:
        secretary = self.doer(town, "secretary")
        at = self.office.now() + timedelta(days=3)
        if self.contest(town).status is not ContestStatus.REVIEWING:
            return
        sitting_id = sitting.convene(self.office, secretary, town.contest_id, at, town.city.name["ky"])
        self.clock.set(at)
        people = [self.office.doer(town.city.code, one["person"]) for one in town.city.raw["commission"]]
        with looking(self.office.engine, self.office.system) as look:
            seats = {doer.id: committee.member_of(look, doer, town.contest_id) for doer in people}
            meeting = look.get(Sitting, sitting_id)
            items = look.all(Item, sitting_id=sitting_id, order="position")
            scores = committee.mean_scores(look, [one.application_id for one in items])
        present = people[:-1] if len(people) > 5 else people
        if meeting.status is SittingStatus.CONVENED:
            sitting.open_sitting(self.office, secretary, sitting_id, [seats[one.id].id for one in present])
        for item in items:
            if item.status is not ItemStatus.OPEN:
                continue
            good = scores.get(item.application_id, 0) >= 5000
            for doer in present:
                if str(seats[doer.id].id) not in item.recused:
                    sitting.vote(self.office, doer, item.id, Choice.FOR if good else Choice.AGAINST)
            reason = (
                "Долбоор конкурстун максатына жооп берет, чыгымдары негизделген."
                if good
                else "Долбоор жетиштүү балл топтогон жок."
            )
            sitting.decide_item(self.office, secretary, item.id, reason)
        self.clock.set(at + timedelta(hours=2, minutes=20))
        sitting.close_sitting(self.office, secretary, sitting_id)


def _requisites(told: dict) -> str:  # type: ignore[type-arg]
    """Requisites as the customer keeps them: a line for each."""
    lines = []
    for name, value in told.items():
        if isinstance(value, dict):
            lines += [f"{name}.{language}: {text}" for language, text in value.items()]
        else:
            lines.append(f"{name}: {value}")
    return "\n".join(lines)
