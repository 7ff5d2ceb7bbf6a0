"""Contracts of several kinds in one office, their periods typed from their own rule, and the acts that move them."""

import os
import re
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import event

from flows.office import Office
from flows.steps import contracting, errands, monitoring
from schemas.contract import Contract, Tranche, TrancheStatus
from schemas.customer import Language, Person, Role, RoleGrant
from schemas.doer import CLOCK
from schemas.event import Act
from schemas.outbox import Errand, Letter
from schemas.report import Mend, Period, Report
from storage.ledger import Because
from tests.offices import Desk
from tests.simulation.waits import ONE, Case, Deal, Debt, Fact, Fault, Sent, Term, later, pushed, works

FIRST, LAST = date(2021, 1, 1), date(2025, 12, 31)
BECAUSE = Because(rule="winner")
PAID = 30_000_00
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


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
    """By the 5th, five working days after a quarter, half a year's last working day, by milestones; three languages.

    The two last are one contractor's; the quarters can be amended.
    """
    monthly = [(a, b, b + timedelta(days=5)) for a, b in months(date(2021, 1, 1), 1, 24)]
    quarters = [(a, b, later(b, 5, "working")) for a, b in months(date(2021, 7, 1), 3, 10)]
    halves = [(a, b, last_working_day(b)) for a, b in months(date(2021, 1, 1), 6, 9)]
    ends = [date(2022, 3, 21), date(2022, 10, 9), date(2023, 12, 31), date(2024, 1, 7), date(2025, 5, 9)]
    milestones = [
        (a, b, pushed(b + timedelta(days=10)))
        for a, b in zip([date(2022, 1, 1), *(e + ONE for e in ends)], ends, strict=False)
    ]
    short = [(a, b, b + timedelta(days=15)) for a, b in months(date(2024, 1, 1), 2, 11)]
    same = [(a, b, b + timedelta(days=15)) for a, b in months(date(2024, 1, 1), 2, 9)]
    kinds = [monthly, quarters, halves, milestones, short, same]
    readers = [("1", "ky"), ("2", "ru"), ("3", "en"), ("4", "ru"), ("5", "ky"), ("5", "ky")]
    return [
        Deal(
            f"S-{n}",
            f"ngo{who}@ngo.example",
            language,
            [
                Case([Term(k, due, "planned", starts=starts, ends=end, of=len(kind))])
                for k, (starts, end, due) in enumerate(kind, 1)
            ],
            paid=PAID,
            amendable=kind is quarters,
        )
        for n, (kind, (who, language)) in enumerate(zip(kinds, readers, strict=True), 1)
    ]


class World:
    """The office with these contracts, signed; one method for each act."""

    def __init__(self, desk: Desk, agreed: list[Deal]) -> None:
        self.desk = desk
        self.office = desk.office
        self.zone = desk.journey.towns[0].zone
        self.rows: dict[UUID, str] = {}
        self.contracts: dict[str, UUID] = {}
        self.handed = 0
        for number, deal in enumerate(agreed, 100):
            self._sign(number, deal)

    def _sign(self, number: int, deal: Deal) -> None:
        case, contract = self.desk.case(1), self.desk.contract()
        untold = {"id", "event_id", "version", "stream_id", "tenant_id", "status"}
        terms = [one.branches[0] for one in deal.terms]
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
                "amount": 2 * PAID,
                "lines": [],
                "spent": 0,
                "starts": terms[0].starts,
                "ends": terms[-1].ends,
                "balance": 0,
                "refund_until": None,
                "wakes_on": None,
                "rungs": [],
            }
            theirs = add(Contract(**{**told, "language": Language(deal.language), "status": "signed"}))
            paid = {"amount": PAID, "order_number": f"{deal.number}-T1", "status": TrancheStatus.PAID}
            add(Tranche(contract_id=theirs.id, number=1, **paid))
            for term in terms:
                days = {"starts": term.starts, "ends": term.ends, "due": term.due, "wakes_on": term.starts}
                add(Period(contract_id=theirs.id, number=term.number, of=term.of, **days))
            self.contracts[deal.number] = theirs.id
            work.record(Act.CONTRACT_PREPARE, theirs, because=BECAUSE)

    def at(self, day: date, hour: int) -> None:
        self.desk.at(datetime.combine(day, time(hour), self.zone))

    def _period(self, deal: Deal, term: Term) -> UUID:
        return self.desk.all(Period, contract_id=self.contracts[deal.number], number=term.number)[0].id

    def _mend(self, deal: Deal, fault: Fault) -> UUID:
        return self.desk.all(Mend, contract_id=self.contracts[deal.number], number=fault.number)[0].id

    # -- what the clock does ----------------------------------------------------------------------------------------

    def sweep(self, *, size: int = 4) -> None:
        assert monitoring.sweep(self.office, size=size).troubles == []

    def killed_sweep(self, at: int) -> None:
        """The process dies before commit number `at`; what it had committed before stays."""
        with self._dying(at):
            monitoring.sweep(self.office, size=2)

    def two_sweeps(self) -> None:
        """In two processes of their own, at once."""
        children = [self._swept_elsewhere(size) for size in (2, 3)]
        assert [os.waitpid(child, 0)[1] for child in children] == [0, 0]

    def _swept_elsewhere(self, size: int) -> int:
        child = os.fork()
        if child:
            return child
        try:
            office = Office(self.office.settings)  # connections are not shared between processes
            os._exit(len(monitoring.sweep(office, size=size).troubles))
        finally:
            os._exit(100)

    def mail(self) -> None:
        assert errands.drain(self.office, [Errand.SEND_LETTER]).troubles == []

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

    # -- what people do ---------------------------------------------------------------------------------------------

    def hand_in(self, deal: Deal, term: Term) -> None:
        self.handed += 1
        package = self.desk.home / "packages" / str(self.handed)
        package.mkdir(parents=True)
        package.joinpath("report.txt").write_text(f"report {self.handed}")
        secretary = self.desk.who("secretary")
        for _ in range(2):  # the same package twice is one report
            monitoring.hand_in_report(self.office, secretary, self.contracts[deal.number], term.number, package)

    def give_back(self, deal: Deal, term: Term) -> None:
        monitoring.return_report(self.office, self.desk.who("coordinator"), self._period(deal, term), "оңдоо")

    def accept(self, deal: Deal, term: Term) -> None:
        """What the reader would find is not the matter here: it is taken as read and in order."""
        period_id = self._period(deal, term)
        with self.office.acting(CLOCK, Act.REPORT_READ) as work:
            report = work.all(Report, period_id=period_id, order="round")[-1]
            report.read = True
            work.record(Act.REPORT_READ, report, because=BECAUSE)
        monitoring.accept(self.office, self.desk.who("coordinator"), period_id)

    def extend(self, deal: Deal, term: Term, until: date) -> None:
        monitoring.extend(self.office, self.desk.who("head"), self._period(deal, term), until, "кар жаады")

    def pause(self, deal: Deal, term: Term) -> None:
        monitoring.pause(self.office, self.desk.who("head"), self._period(deal, term), "жол жабык")

    def resume(self, deal: Deal, term: Term) -> None:
        monitoring.resume(self.office, self.desk.who("head"), self._period(deal, term), "жол ачылды")

    def terminate(self, deal: Deal) -> None:
        contracting.terminate(self.office, self.desk.who("head"), self.contracts[deal.number], "аткарылган жок")

    def amend(self, deal: Deal, ends: date) -> None:
        contracting.amend(self.office, self.desk.who("head"), self.contracts[deal.number], ends=ends, reason="узартуу")

    def visit(self, deal: Deal, until: date) -> None:
        on, coordinator = self.office.today(str(self.zone)), self.desk.who("coordinator")
        found = [("Дарбаза сынган", until)]
        contract = self.contracts[deal.number]
        monitoring.record_visit(self.office, coordinator, contract, on=on, seen=f"Көрдүк: {uuid4()}", mends=found)

    def tell(self, deal: Deal, fault: Fault) -> None:
        monitoring.tell_mended(self.office, self.desk.who("coordinator"), self._mend(deal, fault), "оңдолду")

    def seen(self, deal: Deal, fault: Fault) -> None:
        monitoring.accept_mended(self.office, self.desk.who("coordinator"), self._mend(deal, fault), "көрдүм")

    def not_mended(self, deal: Deal, fault: Fault, until: date) -> None:
        coordinator = self.desk.who("coordinator")
        monitoring.return_mend(self.office, coordinator, self._mend(deal, fault), until, "дагы эле сынык")

    def waive(self, deal: Deal, fault: Fault) -> None:
        monitoring.waive_mend(self.office, self.desk.who("head"), self._mend(deal, fault), "кереги жок")

    def repay(self, deal: Deal, debt: Debt, amount: int) -> None:
        reference = f"№ {debt.owed}"
        monitoring.return_balance(self.office, self.desk.who("finance"), self.contracts[deal.number], amount, reference)

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

    def written(self) -> dict[str, list[tuple[Sent, Letter]]]:
        """Every letter about what our contracts wait for, by what it is about."""
        names = self._names()
        told: dict[str, list[tuple[Sent, Letter]]] = defaultdict(list)
        for one in self.desk.all(Letter, order="written_at key"):
            if one.facts.get("number") in self.contracts:
                told[self._about(one, names)].append((self._sent(one), one))
        return told

    def _names(self) -> dict[UUID, str]:
        number = {identity: name for name, identity in self.contracts.items()}
        names = {one.id: f"{number[one.id]} refund" for one in self.desk.all(Contract) if one.id in number}
        for kind, model in (("period", Period), ("mend", Mend)):
            rows = [one for one in self.desk.all(model) if one.contract_id in number]
            names |= {one.id: f"{number[one.contract_id]} {kind} {one.number}" for one in rows}
        return names

    def _about(self, one: Letter, names: dict[UUID, str]) -> str:
        if one.row_id:
            return names[one.row_id]
        if "period" in one.facts:
            return f"{one.facts['number']} period {one.facts['period']}"
        if one.code == "amended":
            return f"{one.facts['number']} amended"
        return next(names[UUID(found)] for found in _ID.findall(one.key) if UUID(found) in names)

    def _sent(self, one: Letter) -> Sent:
        until = one.facts.get("until", "") if one.rung else ""
        fact = Fact(one.facts.get("due", ""), until, one.facts.get("of", 0), one.facts.get("owed_tyiyn", 0))
        fates = [f"{word} {self._day(at)}" for word, at in (("sent", one.sent_at), ("void", one.void_at)) if at]
        return Sent(self._day(one.written_at), one.to, one.language.value, one.code, fact, "".join(fates) or "waits")

    def _day(self, at: datetime) -> date:
        return at.astimezone(self.zone).date()
