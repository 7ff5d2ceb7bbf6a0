"""The second half of the journey: contract, tranches, two reporting periods on the simulated calendar, closing."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from uuid import UUID

from cli.demo.journey import Journey, Town
from cli.demo.reports import ContractFacts, ReportSituation, reports
from flows.steps import contracting, monitoring, register, results, tranches
from schemas.application import Application, ApplicationStatus, Organisation
from schemas.contract import Contract, ContractStatus, Tranche, TrancheStatus
from schemas.customer import Role
from schemas.doer import Doer
from schemas.facts import BudgetLine, Indicator
from schemas.report import Period, PeriodStatus
from storage.work import looking


@dataclass(frozen=True)
class Course:
    """How the project of a town goes: which period is late, by how many days, and in which a line runs over."""

    late_period: int = 0
    late_days: int = 0
    variance_period: int = 0


COURSES = {"batken": Course(), "kochkor-ata": Course(late_period=1, late_days=9), "karakol": Course(variance_period=1)}


class Project:
    """The funded project of each town, side by side."""

    def __init__(self, journey: Journey, folder: Path) -> None:
        self.journey = journey
        self.office = journey.office
        self.folder = folder

    def contracts(self) -> list[tuple[Town, Contract]]:
        """The contract of each town that has a winner."""
        found: list[tuple[Town, Contract]] = []
        with looking(self.office.engine, self.office.system) as look:
            for town in self.journey.towns:
                winners = look.all(Application, contest_id=town.contest_id, status=ApplicationStatus.WINNER)
                found += [(town, one) for one in look.all(Contract, application_id=[w.id for w in winners])]
        return found

    def sign(self) -> None:
        """The appeal term ends, the contracts are signed, the first tranche is ordered and paid."""
        instants = [results.appeal_until(self.office, self.journey.contest(town)) for town in self.journey.towns]
        self.journey.clock.set(max(one for one in instants if one) + timedelta(hours=10))
        for town, contract in self.contracts():
            if contract.status is ContractStatus.DRAFTED:
                contracting.sign(self.office, self.journey.doer(town, "head"), contract.id)
        self.journey.move("contracting")
        self.pay()

    def pay(self) -> None:
        """The finance officer pays what is ordered."""
        for town, contract in self.contracts():
            with looking(self.office.engine, self.office.system) as look:
                ordered = look.all(Tranche, contract_id=contract.id, status=TrancheStatus.ORDERED)
            for tranche in ordered:
                finance = self.journey.doer(town, "finance")
                tranches.pay(self.office, finance, tranche.id, tranche.order_number or "")

    def period(self, number: int) -> None:
        """A reporting period ends: reports come, one late, one with a variance; each is read, answered, accepted."""
        pairs = [(town, contract, self._period(contract.id, number)) for town, contract in self.contracts()]
        town = pairs[0][0]
        begins = max(period.starts for _, _, period in pairs)
        self.journey.clock.set(datetime.combine(begins, time(9), town.zone))
        self.journey.move("ladder")
        ends = max(period.due for _, _, period in pairs)
        self.journey.clock.set(datetime.combine(ends, time(11), town.zone))
        late = [one for one in pairs if COURSES[one[0].city.code].late_period == number]
        for town, contract, period in pairs:
            if (town, contract, period) not in late:
                self._hand_in(town, contract, period)
        if late:
            self.journey.move("ladder")
        for town, contract, period in late:
            days = timedelta(days=COURSES[town.city.code].late_days)
            self.journey.clock.set(datetime.combine(period.due + days, time(11), town.zone))
            self.journey.move("ladder", "letters")
            self._hand_in(town, contract, period)
        self.journey.move("monitoring")
        for town, contract, period in pairs:
            self._answer(town, contract, period)
        self.journey.move(("contracting", "letters"))
        self.pay()

    def _period(self, contract_id: UUID, number: int) -> Period:
        with looking(self.office.engine, self.office.system) as look:
            period = look.one(Period, contract_id=contract_id, number=number)
        assert period is not None
        return period

    def _hand_in(self, town: Town, contract: Contract, period: Period) -> None:
        if self._period(contract.id, period.number).status not in (PeriodStatus.OPEN, PeriodStatus.RETURNED):
            return
        off = COURSES[town.city.code].variance_period == period.number
        situation = ReportSituation.VARIANCE if off else ReportSituation.CLEAN
        package = reports(town.city.code, self._facts(contract), period.number, self.folder, situation=situation)
        monitoring.hand_in_report(self.office, self.applicant(town, contract), contract.id, period.number, package.path)

    def _facts(self, contract: Contract) -> ContractFacts:
        """What the contractor knows of his own contract."""
        with looking(self.office.engine, self.office.system) as look:
            organisation = look.get(Organisation, contract.organisation_id)
            periods = look.all(Period, contract_id=contract.id, order="number")
        indicators = [Indicator.model_validate(one) for one in contract.indicators]
        return ContractFacts(
            number=contract.number,
            organisation=organisation.name,
            lines=[(one.name, one.requested) for one in map(BudgetLine.model_validate, contract.lines)],
            indicators=[(one.name, one.target) for one in indicators],
            periods=[(one.starts, one.ends) for one in periods],
            units={one.name: one.unit for one in indicators},
            head=organisation.head,
        )

    def _answer(self, town: Town, contract: Contract, period: Period) -> None:
        if self._period(contract.id, period.number).status is PeriodStatus.ACCEPTED:
            return
        report = monitoring.latest(self.office, period.id)
        if any(one.rule.startswith("variance") for one in monitoring.open_remarks(report)):
            applicant = self.applicant(town, contract)
            text = "Материалдардын баасы жогорулаган, айырмасы башка статьядан үнөмдөлдү."
            monitoring.explain(self.office, applicant, period.id, text)
        coordinator = self.journey.doer(town, "coordinator")
        monitoring.accept(self.office, coordinator, period.id)
        if period.number == 1:
            monitoring.record_visit(
                self.office,
                coordinator,
                contract.id,
                on=self.office.today(town.city.raw_contest["zone"]),
                seen="Иштер планга ылайык жүрүп жатат, катышуучулар менен сүйлөшүү өткөрүлдү.",
            )

    def applicant(self, town: Town, contract: Contract) -> Doer:
        """The contractor's own hand: a person of his organisation with the applicant's role."""
        with looking(self.office.engine, self.office.system) as look:
            organisation = look.get(Organisation, contract.organisation_id)
        register.register_person(
            self.office,
            register.OPERATOR,
            tenant_id=town.customer_id,
            login=f"ngo.{organisation.inn}",
            name=organisation.head or organisation.name,
            email=organisation.email,
            roles={Role.APPLICANT: organisation.id},
        )
        return self.office.doer(town.city.code, f"ngo.{organisation.inn}")

    def close(self) -> None:
        """Evaluation, the closing act, the balance back, the end."""
        for town, contract in self.contracts():
            monitoring.evaluate(self.office, self.journey.doer(town, "coordinator"), contract.id)
        self.journey.move(("monitoring", "letters"))
        for town, contract in self.contracts():
            owed = contract.balance - contract.returned
            if owed > 0:
                finance = self.journey.doer(town, "finance")
                monitoring.return_balance(self.office, finance, contract.id, owed, f"№ {contract.number}-кайтаруу")
            monitoring.close(self.office, self.journey.doer(town, "head"), contract.id)
