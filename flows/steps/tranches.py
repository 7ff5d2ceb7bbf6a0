"""Stage 14: tranches are weighed, ordered and paid."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from documents.papers import PaymentOrder
from flows.office import Office
from flows.papers.order import payment_order
from flows.steps import addresses, filing, refunds
from flows.steps.completeness import told
from flows.steps.moving import check_moment, check_reason, in_words, move, reckoned
from flows.steps.people import holder
from rules import monitoring, reports, tranches
from rules.packs import Pack
from schemas.application import Application, Organisation
from schemas.contest import Contest
from schemas.contract import Appeal, AppealStatus, Contract, ContractStatus, Tranche, TrancheStatus
from schemas.customer import Customer, Role
from schemas.doer import CLOCK, Doer
from schemas.errors import Overtaken, WrongMoment
from schemas.event import Act
from schemas.facts import Kind
from schemas.finding import Remark
from schemas.outbox import Errand, Job
from schemas.programme import Programme
from schemas.report import IN_PLAN, Mend, Period, PeriodStatus, Report
from storage.work import Look, Work, looking

WAITING = (TrancheStatus.PLANNED, TrancheStatus.HELD)
RUNNING = (ContractStatus.SIGNED, ContractStatus.EVALUATED)


def contest_and_pack(office: Office, look: Look, contract: Contract) -> tuple[Contest, Pack]:
    application = look.get(Application, contract.application_id)
    contest = look.get(Contest, application.contest_id)
    return contest, office.pack_of(contest)


def standing(look: Look, contract: Contract) -> list[Report]:
    """The reports that count: of each accepted period the last round, in the order of the periods."""
    accepted = look.all(Period, contract_id=contract.id, status=PeriodStatus.ACCEPTED)
    number = {one.id: one.number for one in accepted}
    handed_in = look.all(Report, period_id=list(number), order="round")
    return sorted(reports.standing(handed_in), key=lambda one: number[one.period_id])


def weigh_next(work: Work, contract: Contract) -> None:
    """Something changed that a tranche may have waited for."""
    for tranche in work.all(Tranche, contract_id=contract.id, order="number"):
        if tranche.status in WAITING:
            work.errand(Errand.WEIGH_TRANCHE, tranche, f"{tranche.id}:{work.last_event}")
            return


# -- errand: contracting.weigh --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Scales:
    """All that a tranche is weighed by, as it stands now."""

    contest: Contest
    pack: Pack
    contract: Contract
    tranche: Tranche
    periods: Sequence[Period]
    reports: Sequence[Report]
    unmet: Sequence[Remark]
    appeal: bool  # one is pending in the contest, perhaps in another case

    @property
    def waits(self) -> bool:
        return self.tranche.status in WAITING


def _scales(office: Office, look: Look, tranche_id: UUID) -> _Scales:
    """Inside a transaction the tranche, its contract and the contest are held: whoever changes a condition holds one of them."""
    tranche = look.get(Tranche, tranche_id)
    contract = look.get(Contract, tranche.contract_id)
    contest, pack = contest_and_pack(office, look, contract)
    periods = look.all(Period, contract_id=contract.id, status=IN_PLAN, order="number")
    reports = look.all(Report, period_id=[one.id for one in periods], order="received_at")
    pending = look.some(Appeal, contest_id=contest.id, status=AppealStatus.LODGED)
    today = office.today(contest.zone)
    mends = look.all(Mend, contract_id=contract.id, order="number")
    unmet = tranches.unmet(pack, tranche, contract, periods, reports, mends, today=today, appeal_pending=pending)
    return _Scales(contest, pack, contract, tranche, periods, reports, unmet, pending)


def weigh(office: Office, job: Job) -> None:
    """Is every condition of the tranche met? A payment order, or the sentence that says what is missing.

    The paper is drafted first and thrown away if a condition fell meanwhile. Raises Overtaken if the last one was met
    meanwhile: then there is no paper yet, and the errand comes again.
    """
    with looking(office.engine, office.system) as look:
        seen = _scales(office, look, job.subject_id)
        paper = _order(office, look, seen) if seen.waits and not seen.unmet else None
    kept = filing.written(office, seen.contest.tenant_id, paper) if paper else None
    with office.acting(CLOCK, Act.TRANCHE_ORDER if kept else Act.TRANCHE_HOLD) as work:
        now = _scales(office, work, job.subject_id)
        if not now.waits:
            pass  # another run was faster: never two orders
        elif now.unmet:
            _hold(work, now)
        elif kept is None:
            raise Overtaken(noun="tranche", id=str(now.tranche.id))
        else:
            tranche = now.tranche
            tranche.order_number = f"{now.contract.number}-T{tranche.number}"
            tranche.ordered_at = work.at
            tranche.unmet = []
            name = f"order-{tranche.order_number.replace('/', '-')}.docx"
            filing.register(office, work, kept, subject=tranche, kind=Kind.PAYMENT_ORDER, name=name)
            because = reckoned(now.pack, "conditions_met", conditions=tranche.conditions, appeal=now.appeal)
            move(work, tranche, Act.TRANCHE_ORDER, because=because, files=[kept.sha256])
            addresses.to_role(work, tranche, Role.FINANCE, "tranche_ordered", f"ordered:{tranche.id}", _facts(now))
            weigh_next(work, now.contract)  # the one after may have waited for nothing else
        work.finish(job)


def _facts(now: _Scales) -> dict[str, object]:
    return {
        "contest": now.contest.number,
        "number": now.contract.number,
        "tranche": now.tranche.number,
        "amount_tyiyn": now.tranche.amount,
    }


def _hold(work: Work, now: _Scales) -> None:
    """What is missing is told once, until something else is missing."""
    unmet = [told(one) for one in now.unmet]
    if unmet == now.tranche.unmet and now.tranche.status is TrancheStatus.HELD:
        return
    now.tranche.unmet = unmet
    because = reckoned(now.pack, now.unmet[0].rule, unmet=[one.rule for one in now.unmet], appeal=now.appeal)
    move(work, now.tranche, Act.TRANCHE_HOLD, because=because)
    facts = {**_facts(now), "unmet": unmet}
    if all(one.rule == "no_report" for one in now.unmet):
        return  # its turn has not come: no letter that would alarm
    addresses.to_contractor(work, now.contract, "tranche_held", f"held:{now.tranche.id}:{work.last_event}", facts)


def _order(office: Office, look: Look, seen: _Scales) -> PaymentOrder:
    contest, contract, tranche = seen.contest, seen.contract, seen.tranche
    all_tranches = look.all(Tranche, contract_id=contract.id)
    return payment_order(
        customer=look.get(Customer, contest.tenant_id),
        head=holder(look, contest.tenant_id, Role.HEAD),
        finance=holder(look, contest.tenant_id, Role.FINANCE),
        organisation=look.get(Organisation, contract.organisation_id),
        contract=contract,
        project=look.get(Application, contract.application_id).title,
        tranche=tranche,
        tranches=len(all_tranches),
        paid_before=sum(one.amount for one in all_tranches if one.status is TrancheStatus.PAID),
        budget_line=look.get(Programme, contest.programme_id).budget_line,
        conditions=[(code, *_evidence(code, seen)) for code in tranche.conditions],
        issued_on=office.today(contest.zone),
    )


def _evidence(code: str, seen: _Scales) -> tuple[date, str]:
    """On which day a condition was met, and the record that shows it; with a star, why the head let it pass."""
    contract, tranche, periods, reports = seen.contract, seen.tranche, seen.periods, seen.reports
    signed = contract.signed_on or contract.starts
    accepted = [one.id for one in periods if one.status is PeriodStatus.ACCEPTED]
    for one in tranche.lifted:
        if one["condition"] == code:
            return date.fromisoformat(one["on"]), f"* {one['reason']}"
    last = max((one for one in reports if one.period_id in accepted), key=lambda one: one.received_at, default=None)
    if code in ("contract_signed", "no_appeal_pending") or last is None:
        return signed, contract.number
    number = next(one.number for one in periods if one.id == last.period_id)
    return last.received_at.date(), f"{contract.number}, № {number}"


# -- lifting --------------------------------------------------------------------------------------------------------


def lift(office: Office, doer: Doer, tranche_id: UUID, condition: str, reason: str) -> None:
    """The head lets a condition pass for this tranche, with a reason; twice is once.

    Raises NoReason, and WrongMoment for a condition that the pack does not let be lifted or this tranche does not have.
    """
    check_reason(reason, Act.TRANCHE_LIFT)
    with office.acting(doer, Act.TRANCHE_LIFT) as work:
        tranche = work.get(Tranche, tranche_id)
        if any(one["condition"] == condition for one in tranche.lifted):
            return
        contract = work.get(Contract, tranche.contract_id)
        contest, pack = contest_and_pack(office, work, contract)
        if condition not in tranche.conditions or condition not in pack.tranches.liftable.value:
            raise WrongMoment(act=Act.TRANCHE_LIFT, noun="tranche", status=tranche.status, condition=condition)
        on = office.today(contest.zone).isoformat()
        tranche.lifted = [*tranche.lifted, {"condition": condition, "reason": reason, "on": on}]
        facts = {"tranche": tranche.number, "conditions": [condition]}
        move(work, tranche, Act.TRANCHE_LIFT, because=in_words(reason, pack, **facts))
        weigh_next(work, contract)


# -- paying ---------------------------------------------------------------------------------------------------------


def pay(office: Office, doer: Doer, tranche_id: UUID, order_number: str) -> date:
    """The finance officer has paid by this order. Said twice, paid once; returns the day of the payment.

    Raises WrongMoment under a contract that has ended: what was ordered before is paid no more.
    """
    with office.acting(doer, Act.TRANCHE_PAY) as work:
        tranche = work.get(Tranche, tranche_id)
        if tranche.status is TrancheStatus.PAID and tranche.paid_on and tranche.order_number == order_number:
            return tranche.paid_on
        check_moment(tranche, Act.TRANCHE_PAY)
        if tranche.order_number != order_number:
            raise WrongMoment(act=Act.TRANCHE_PAY, noun="tranche", status=tranche.status, order=order_number)
        contract = work.get(Contract, tranche.contract_id)
        if contract.status not in RUNNING:
            raise WrongMoment(act=Act.TRANCHE_PAY, noun="contract", status=contract.status)
        contest, pack = contest_and_pack(office, work, contract)
        tranche.paid_on = office.today(contest.zone)
        if contract.status is ContractStatus.EVALUATED:  # paid after the balance was struck: it is part of it
            parts = work.all(Tranche, contract_id=contract.id)
            reports = standing(work, contract)
            contract.balance = monitoring.balance(contract, parts, reports, paying=tranche.amount)
        owes = refunds.reckon(pack, contract, contract.status, tranche.paid_on)
        move(work, tranche, Act.TRANCHE_PAY, because=reckoned(pack, "paid_by_order", order=order_number))
        if owes:
            refunds.ask(work, contract)
        return tranche.paid_on
