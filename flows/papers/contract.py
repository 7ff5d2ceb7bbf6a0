"""The contract and its amendments, from the decision, the winner's own figures and the rule pack."""

from collections.abc import Sequence
from datetime import date

from documents import papers, words
from documents.clauses import Line, Target, Terms, Text
from documents.clauses import Period as OnPaperPeriod
from documents.clauses import Tranche as OnPaperTranche
from flows.papers.law import bare, both, ruled, signed_on, term, text, unconfirmed
from flows.papers.parties import contractor_party, customer_party
from rules.amendments import Change
from rules.packs import Pack
from rules.periods import PlannedPeriod
from schemas.application import Application, Organisation
from schemas.contest import Contest
from schemas.contract import Contract, Tranche
from schemas.customer import Customer, Person
from schemas.facts import BudgetLine, Indicator
from schemas.wording import knows, say

SHOWN = (
    *("ground", "variance.threshold_percent", "retention.winners_years"),
    *("monitoring.check", "monitoring.every", "monitoring.due", "monitoring.final_due"),
    *("tranches.split", "tranches.first", "tranches.later"),
)
# a condition that speaks of the report after which the tranche is paid
OF_A_REPORT = "report_accepted"


def contract(
    pack: Pack,
    *,
    customer: Customer,
    head: Person | None,
    contest: Contest,
    application: Application,
    organisation: Organisation,
    contract: Contract,
    tranches: Sequence[Tranche],
    periods: Sequence[PlannedPeriod],
    minutes_number: str,
    minutes_on: date,
    target_group: str,
    beneficiaries: int | None,
) -> papers.Contract:
    """The contract on paper. Raises BadDraft when budget, tranches and sum do not agree."""
    return papers.Contract(
        number=contract.number,
        city=text(customer.city),
        signed_on=contract.signed_on,
        ground=text(pack.legal_ground),
        contest=text(contest.title),
        minutes_number=minutes_number,
        minutes_on=minutes_on,
        customer=customer_party(customer, head),
        contractor=contractor_party(organisation),
        project=text(application.title),
        goal=text(contest.goal),
        target_group=bare(text(target_group)) if target_group.strip() else both("paper.target_group.unknown"),
        beneficiaries=beneficiaries,
        place=text(customer.city),
        starts=contract.starts,
        ends=contract.ends,
        amount=contract.amount,
        own=contract.own_contribution,
        lines=lines(contract),
        tranches=tuple(_tranche(one) for one in sorted(tranches, key=lambda one: one.number)),
        indicators=tuple(
            Target(name=one.name, unit=one.unit, baseline=one.baseline, target=one.target)
            for one in map(Indicator.model_validate, contract.indicators)
        ),
        periods=schedule(periods),
        terms=terms(pack),
        placeholders=unconfirmed(pack, *SHOWN),
    )


def schedule(periods: Sequence[PlannedPeriod]) -> tuple[OnPaperPeriod, ...]:
    """The reports that are due, in their order; one on the whole project says so, one of a milestone names it."""
    return tuple(
        OnPaperPeriod(
            number=one.number,
            starts=one.starts,
            ends=one.ends,
            due=one.due,
            name=both("paper.period.whole") if one.whole else text(one.title),
        )
        for one in sorted(periods, key=lambda one: one.number)
    )


def terms(pack: Pack) -> Terms:
    """What the pack sets for a contract. It knows no term of payment, cure, refund or withdrawal: these go unnumbered."""
    return Terms(
        variance=ruled(pack.variance.threshold_percent, "percent"),
        retention=ruled(pack.retention.winners_years, "year"),
        report_check=term(pack.monitoring.check),
    )


def lines(contract: Contract) -> tuple[Line, ...]:
    return on_paper([BudgetLine.model_validate(one) for one in contract.lines])


def on_paper(lines: Sequence[BudgetLine]) -> tuple[Line, ...]:
    return tuple(Line(name=one.name, total=one.total, requested=one.requested, own=one.own) for one in lines)


def condition(code: str, period: int = 0) -> Text:
    """The wording of a condition code; `period` is the one whose report it waits for."""
    plain = both(f"condition.{code}") if knows(f"condition.{code}") else text(code)
    if code != OF_A_REPORT or not period:
        return plain
    return both("paper.condition.of_period", condition={"ky": plain.ky, "ru": plain.ru}, period=period)


def _tranche(tranche: Tranche) -> OnPaperTranche:
    return OnPaperTranche(
        number=tranche.number,
        amount=tranche.amount,
        conditions=tuple(condition(code, tranche.after_period) for code in tranche.conditions),
    )


def amendment(
    pack: Pack,
    *,
    customer: Customer,
    head: Person | None,
    organisation: Organisation,
    contract: Contract,
    number: str,
    reason: str,
    changes: Sequence[Change],
    budget: Sequence[BudgetLine] = (),
    tranches: Sequence[Tranche] = (),
    periods: Sequence[PlannedPeriod] = (),
) -> papers.Amendment:
    """An amendment: each field from → to, and what replaces the old budget, tranches and schedule of reports to come.

    Raises BadDraft for a contract that nobody has signed, or sums that do not agree.
    """
    ground = text(pack.legal_ground)
    return papers.Amendment(
        number=number,
        contract_number=contract.number,
        contract_on=signed_on(contract, "amendment"),
        city=text(customer.city),
        ground=both("paper.amendment.ground", ground={"ky": ground.ky, "ru": ground.ru}),
        reason=text(reason),
        customer=customer_party(customer, head),
        contractor=contractor_party(organisation),
        changes=tuple(
            papers.Change(
                clause=say(f"paper.clause.{one.field}", "ky"), was=_value(one, one.was), now=_value(one, one.now)
            )
            for one in changes
        ),
        lines=on_paper(budget),
        tranches=tuple(_tranche(one) for one in sorted(tranches, key=lambda one: one.number)),
        periods=schedule(periods),
        placeholders=unconfirmed(pack, "ground"),
    )


def _value(change: Change, value: date | int | None) -> Text:
    """What a field was or is: a day, a sum, a target; with the name of its line, indicator or milestone."""
    if value is None:
        told = Text(ky="—", ru="—")
    elif isinstance(value, date):
        told = Text(ky=words.day(value, "ky"), ru=words.day(value, "ru"))
    elif change.field == "target":
        told = Text(ky=words.figures(value, "ky"), ru=words.figures(value, "ru"))
    else:
        told = both("form.sum", sum_tyiyn=value)
    return Text(ky=f"{change.name}: {told.ky}", ru=f"{change.name}: {told.ru}") if change.name else told
