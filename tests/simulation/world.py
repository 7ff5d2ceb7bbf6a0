"""Contracts of several kinds in one office, their periods typed from their own rule, and the acts that move them."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import event

from flows.steps import contracting, monitoring
from schemas.contract import Contract
from schemas.customer import Language, Person, Role, RoleGrant
from schemas.doer import CLOCK
from schemas.event import Act
from schemas.outbox import Letter
from schemas.report import Period, Report
from storage.ledger import Because
from tests.offices import Desk
from tests.simulation.oracle import Deal, Sent, Term, later, pushed, works

FIRST, LAST = date(2021, 1, 1), date(2025, 12, 31)
ONE = timedelta(days=1)
BECAUSE = Because(rule="winner")


class KilledError(BaseException):
    """The worker is gone: no `except Exception` of ours may catch it."""


def months(begin: date, length: int, count: int) -> list[tuple[date, date]]:
    """So many periods of so many months, one behind the other."""
    first = begin.year * 12 + begin.month - 1
    starts = [date((first + n * length) // 12, (first + n * length) % 12 + 1, 1) for n in range(count + 1)]
    return [(one, after - ONE) for one, after in pairwise(starts)]


def last_working_day(day: date) -> date:
    while not works(day):
        day -= ONE
    return day


def deals() -> list[Deal]:
    """By the 5th, five working days after a quarter, half a year's last working day, by milestones; three languages."""
    monthly = [(a, b, b + timedelta(days=5)) for a, b in months(date(2021, 1, 1), 1, 24)]
    quarters = [(a, b, later(b, 5, "working")) for a, b in months(date(2021, 7, 1), 3, 16)]
    halves = [(a, b, last_working_day(b)) for a, b in months(date(2021, 1, 1), 6, 9)]
    ends = [date(2022, 3, 21), date(2022, 10, 9), date(2023, 12, 31), date(2024, 1, 7), date(2025, 5, 9)]
    milestones = [
        (a, b, pushed(b + timedelta(days=10)))
        for a, b in zip([date(2022, 1, 1), *(e + ONE for e in ends)], ends, strict=False)
    ]
    short = [(a, b, b + timedelta(days=15)) for a, b in months(date(2024, 1, 1), 2, 11)]
    kinds = [monthly, quarters, halves, milestones, short, quarters[3:9]]
    languages = ["ky", "ru", "en", "ru", "ky", "en"]
    return [
        Deal(f"S-{n}", f"ngo{n}@ngo.example", language, [Term(k, *days) for k, days in enumerate(kind, 1)])
        for n, (kind, language) in enumerate(zip(kinds, languages, strict=True), 1)
    ]


class World:
    """The office with these contracts, signed; one method for each act."""

    def __init__(self, desk: Desk, agreed: list[Deal]) -> None:
        self.desk = desk
        self.office = desk.office
        self.periods: dict[tuple[str, int], UUID] = {}
        self.contracts: dict[str, UUID] = {}
        self.handed = 0
        contracting.terminate(self.office, desk.who("head"), desk.contract().id, "имитация")
        for number, deal in enumerate(agreed, 100):
            self._sign(number, deal)

    def _sign(self, number: int, deal: Deal) -> None:
        case, contract = self.desk.case(1), self.desk.contract()
        untold = {"id", "event_id", "version", "stream_id", "tenant_id", "status"}
        with self.office.acting(CLOCK, Act.CONTRACT_PREPARE) as work:
            stream = uuid4()
            work.open_stream(stream, case.tenant_id, "case")

            def add(row: Any) -> Any:
                return work.new(row, stream=stream, tenant=case.tenant_id)

            like: dict[str, Any] = {**case.model_dump(exclude=untold), "number": number, "sender": deal.address}
            twin = add(type(case)(**{**like, "id": stream, "package_sha256": f"{number:064}", "status": case.status}))
            told: dict[str, Any] = {
                **contract.model_dump(exclude=untold),
                "application_id": twin.id,
                "number": deal.number,
            }
            theirs = add(Contract(**{**told, "language": Language(deal.language), "status": "signed"}))
            for term in deal.terms:
                days = {"starts": term.starts, "ends": term.ends, "due": term.due, "wakes_on": term.starts}
                row = add(Period(contract_id=theirs.id, number=term.number, of=len(deal.terms), **days))
                self.periods[deal.number, term.number] = row.id
            self.contracts[deal.number] = theirs.id
            work.record(Act.CONTRACT_PREPARE, theirs, because=BECAUSE)

    def at(self, day: date, hour: int) -> None:
        self.desk.at(datetime.combine(day, time(hour), self.desk.journey.towns[0].zone))

    # -- acts -------------------------------------------------------------------------------------------------------

    def sweep(self, *, size: int = 4) -> None:
        assert monitoring.sweep(self.office, size=size).troubles == []

    def killed_sweep(self, at: int) -> None:
        """The process dies before commit number `at`; what it had committed before stays."""
        with self._dying(at):
            monitoring.sweep(self.office, size=2)

    @contextmanager
    def _dying(self, at: int) -> Iterator[None]:
        left = at

        def die(_connection: object) -> None:
            nonlocal left
            left -= 1
            if not left:
                raise KilledError

        event.listen(self.office.engine, "commit", die)
        try:
            yield
        except KilledError:
            pass
        finally:
            event.remove(self.office.engine, "commit", die)

    def hand_in(self, deal: Deal, term: Term) -> None:
        self.handed += 1
        package = self.desk.home / "packages" / str(self.handed)
        package.mkdir(parents=True)
        package.joinpath("report.txt").write_text(f"report {self.handed}")
        secretary = self.desk.who("secretary")
        for _ in range(2):  # the same package twice is one report
            monitoring.hand_in_report(self.office, secretary, self.contracts[deal.number], term.number, package)

    def give_back(self, deal: Deal, term: Term) -> None:
        monitoring.return_report(
            self.office, self.desk.who("coordinator"), self.periods[deal.number, term.number], "оңдоо"
        )

    def accept(self, deal: Deal, term: Term) -> None:
        """What the reader would find is not the matter here: it is taken as read and in order."""
        period_id = self.periods[deal.number, term.number]
        with self.office.acting(CLOCK, Act.REPORT_READ) as work:
            report = work.all(Report, period_id=period_id, order="round")[-1]
            report.read = True
            work.record(Act.REPORT_READ, report, because=BECAUSE)
        monitoring.accept(self.office, self.desk.who("coordinator"), period_id)

    def extend(self, deal: Deal, term: Term, until: date) -> None:
        monitoring.extend(
            self.office, self.desk.who("head"), self.periods[deal.number, term.number], until, "кар жаады"
        )

    def pause(self, deal: Deal, term: Term) -> None:
        monitoring.pause(self.office, self.desk.who("head"), self.periods[deal.number, term.number], "жол жабык")

    def resume(self, deal: Deal, term: Term) -> None:
        monitoring.resume(self.office, self.desk.who("head"), self.periods[deal.number, term.number], "жол ачылды")

    def terminate(self, deal: Deal) -> None:
        contracting.terminate(self.office, self.desk.who("head"), self.contracts[deal.number], "аткарылган жок")

    # -- what is to be compared -------------------------------------------------------------------------------------

    def staff(self) -> dict[str, list[tuple[str, str]]]:
        """Whom letters to a role go to."""
        people = {one.id: one for one in self.desk.all(Person)}
        grants = self.desk.all(RoleGrant, tenant_id=self.desk.contest.tenant_id, active=True)
        return {
            role.value: [
                (people[g.person_id].email, people[g.person_id].language.value) for g in grants if g.role is role
            ]
            for role in (Role.COORDINATOR, Role.HEAD)
        }

    def written(self) -> list[Sent]:
        """Every letter about a period of our contracts."""
        zone = self.desk.journey.towns[0].zone
        return [
            Sent(
                one.written_at.astimezone(zone).date(),
                one.to,
                one.language.value,
                one.code,
                one.facts["number"],
                one.facts["period"],
                date.fromisoformat(one.facts["due"]),
            )
            for one in self.desk.all(Letter)
            if one.facts.get("number") in self.contracts and "period" in one.facts
        ]

    def to_officers(self) -> Counter[tuple[date, str]]:
        """How many lines of digests and letters by themselves each officer got on each day."""
        zone = self.desk.journey.towns[0].zone
        got: Counter[tuple[date, str]] = Counter()
        for one in self.desk.all(Letter):
            day = one.written_at.astimezone(zone).date()
            if one.code == "digest":
                got[day, one.to] += len(one.facts["lines"].splitlines())
            elif one.code in ("report_overdue_office", "report_escalated") and not one.gathered and not one.digest_id:
                got[day, one.to] += 1
        return got
