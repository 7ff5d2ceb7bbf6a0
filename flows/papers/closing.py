"""The evaluation act: what was promised and reached, paid, spent and goes back."""

from collections.abc import Sequence
from datetime import date
from zoneinfo import ZoneInfo

from documents.clauses import Target, Text
from documents.papers import Closing, Reported, Spent
from flows.papers.law import both, project_of, signed_on, text, unconfirmed
from flows.papers.parties import contractor_party, customer_party
from rules.likeness import plain
from rules.packs import Pack
from rules.reports import counted
from schemas.application import Organisation
from schemas.contract import Contract
from schemas.customer import Customer, Person
from schemas.errors import BadDraft
from schemas.facts import BudgetLine, Indicator
from schemas.report import Period, PeriodStatus, Report

SHOWN = ("evaluation.successful_percent", "evaluation.satisfactory_percent", "evaluation.late_reports_allowed")


def closing(
    pack: Pack,
    *,
    customer: Customer,
    head: Person | None,
    organisation: Organisation,
    contract: Contract,
    periods: Sequence[Period],
    reports: Sequence[Report],
    paid: int,
    number: str,
    issued_on: date,
    project: str = "",
) -> Closing:
    """The act that closes a contract. Only accepted reports count as spent.

    Raises BadDraft when nothing was evaluated yet, or the balance is not what was paid and not spent.
    """
    if contract.evaluation is None:
        raise BadDraft(template="closing", missing="evaluation")
    accepted = {one.id for one in periods if one.status is PeriodStatus.ACCEPTED}
    standing = [one for one in reports if one.period_id in accepted]
    indicators = _indicators(contract, sorted(standing, key=lambda one: one.received_at))
    return Closing(
        number=number,
        issued_on=issued_on,
        city=text(customer.city),
        customer=customer_party(customer, head),
        contractor=contractor_party(organisation),
        contract_number=contract.number,
        contract_on=signed_on(contract, "closing"),
        project=project_of(contract, project),
        starts=contract.starts,
        ends=contract.ends,
        paid=paid,
        spent=contract.spent,
        to_return=contract.balance,
        lines=_lines(contract, counted(standing)),
        indicators=indicators,
        reports=tuple(_reported(one, customer.zone) for one in sorted(periods, key=lambda one: one.number)),
        evaluation=contract.evaluation.value,
        reason=both(
            "paper.closing.reason",
            of=len(indicators),
            reached=sum(1 for one in indicators if one.reached is not None and one.reached >= one.target),
            late=sum(one.late for one in periods),
        ),
        placeholders=unconfirmed(pack, *SHOWN),
    )


def _lines(contract: Contract, reports: Sequence[Report]) -> tuple[Spent, ...]:
    """Each line of the contract with what went there; then lines that only reports know; then what no line names."""
    planned = [BudgetLine.model_validate(one) for one in contract.lines]
    spent: dict[str, int] = {}
    names = {plain(one.name): one.name for one in planned}
    unnamed = 0
    for report in reports:
        for line in map(BudgetLine.model_validate, report.lines):
            key = plain(line.name)
            names.setdefault(key, line.name)
            spent[key] = spent.get(key, 0) + line.total
        unnamed += 0 if report.lines else report.spent
    found = [Spent(name=one.name, planned=one.requested, spent=spent.pop(plain(one.name), 0)) for one in planned]
    found += [Spent(name=names[key], planned=0, spent=sum_) for key, sum_ in spent.items() if sum_]
    if unnamed:
        name = both("paper.closing.unnamed")
        found.append(Spent(name=f"{name.ky} / {name.ru}", planned=0, spent=unnamed))
    return tuple(found)


def _indicators(contract: Contract, reports: Sequence[Report]) -> tuple[Target, ...]:
    """What was promised, and where it stood when it was last reported."""
    last = {
        plain(one.name): one.reached
        for report in reports
        for one in map(Indicator.model_validate, report.indicators)
        if one.reached is not None
    }
    return tuple(
        Target(
            name=one.name, unit=one.unit, baseline=one.baseline, target=one.target, reached=last.get(plain(one.name))
        )
        for one in map(Indicator.model_validate, contract.indicators)
    )


def _reported(period: Period, zone: str) -> Reported:
    received = period.received_at.astimezone(ZoneInfo(zone)).date() if period.received_at is not None else None
    name = both("paper.closing.period", period=period.number)
    return Reported(period=f"{name.ky} / {name.ru}", due=period.due, received=received, verdict=_verdict(period))


def _verdict(period: Period) -> Text:
    said = both(f"status.period.{period.status.value}")
    if not period.late:
        return said
    late = both("paper.closing.late")
    return Text(ky=f"{said.ky}, {late.ky}", ru=f"{said.ru}, {late.ru}")
