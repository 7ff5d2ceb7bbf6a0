"""Stage 13: the contract is prepared, drafted, signed, amended, ended before its time."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from flows.office import Office
from flows.papers.contract import amendment
from flows.papers.contract import contract as contract_paper
from flows.steps import addresses, correspondents, filing
from flows.steps.moving import by_rule, check_moment, in_words, move
from flows.steps.people import holder
from flows.steps.results import UNSIGNED, appeal_until, finish_if_over, promote
from flows.steps.tranches import contest_and_pack, standing, weigh_next
from rules import deadlines, ladder, monitoring, periods, tranches
from rules.packs import Pack
from rules.periods import PlannedPeriod
from schemas.application import Application, ApplicationStatus, Organisation
from schemas.commission import Sitting
from schemas.contest import Contest
from schemas.contract import Appeal, AppealStatus, Contract, ContractStatus, Tranche
from schemas.customer import Customer, Role
from schemas.document import Document
from schemas.doer import CLOCK, Doer
from schemas.errors import BadAmount, NoReason, OverCeiling, WrongMoment
from schemas.event import Act
from schemas.facts import BudgetLine, Facts, Kind
from schemas.outbox import Job
from schemas.report import Period, PeriodStatus
from storage.work import Look, Work, looking

# -- errand: contracting.draft --------------------------------------------------------------------------------------


def draft(office: Office, job: Job) -> None:
    """From the decision, the winner's own figures and the pack: contract, tranches, reporting periods, and the docx."""
    _prepare(office, job.subject_id)
    with looking(office.engine, office.system) as look:
        contract = look.one(Contract, application_id=job.subject_id)
        assert contract is not None
        application = look.get(Application, job.subject_id)
        contest, pack = contest_and_pack(office, look, contract)
        organisation = look.get(Organisation, contract.organisation_id)
        form = _facts(look, application.id, Kind.PROJECT)
        sittings = look.all(Sitting, contest_id=contest.id, order="number")
        paper = contract_paper(
            pack,
            customer=look.get(Customer, contest.tenant_id),
            head=holder(look, contest.tenant_id, Role.HEAD),
            contest=contest,
            application=application,
            organisation=organisation,
            contract=contract,
            tranches=look.all(Tranche, contract_id=contract.id, order="number"),
            periods=look.all(Period, contract_id=contract.id, order="number"),
            minutes_number=f"{contest.number}-{sittings[-1].number}",
            minutes_on=deadlines.local_day(sittings[-1].at, contest.zone),
            target_group=form.text("target_group") or "",
            beneficiaries=form.amount("beneficiaries"),
        )
    kept = filing.written(office, contest.tenant_id, paper)
    with office.acting(CLOCK, Act.CONTRACT_DRAFT) as work:
        contract = work.get(Contract, contract.id)
        name = f"contract-{contract.number.replace('/', '-')}.docx"
        document = filing.register(office, work, kept, subject=contract, kind=Kind.CONTRACT, name=name)
        because = by_rule(pack, "winner", placeholders=len(pack.placeholders()))
        move(work, contract, Act.CONTRACT_DRAFT, because=because, files=[kept.sha256])
        facts = {"contest": contest.number, "number": contract.number, "amount_tyiyn": contract.amount}
        key = f"contract_ready:{contract.id}"
        addresses.to_contractor(work, contract, "contract_ready", key, facts, [document.id])
        work.finish(job)


def _facts(look: Look, application_id: UUID, kind: Kind) -> Facts:
    documents = look.all(Document, subject_id=application_id, kind=kind, current=True, order="round")
    return documents[-1].seen() if documents else Facts()


def _prepare(office: Office, application_id: UUID) -> None:
    """The contract's figures, once. Raises OverCeiling when the winner asks for more than its lot allows."""
    with office.acting(CLOCK, Act.CONTRACT_PREPARE) as work:
        application = work.get(Application, application_id)
        before = work.one(Contract, application_id=application_id)
        if before is not None and before.status is not ContractStatus.TERMINATED:
            return
        if application.status is not ApplicationStatus.WINNER or application.organisation_id is None:
            raise WrongMoment(act=Act.CONTRACT_PREPARE, noun="application", status=application.status)
        contest = work.get(Contest, application.contest_id)
        pack = office.pack_of(contest)
        if before is not None:
            move(work, before, Act.CONTRACT_PREPARE, because=by_rule(pack, "winner", place=application.place))
            return
        ceilings = [lot.ceiling for lot in contest.lots() if lot.code == application.theme]
        ceiling = min([contest.budget, *ceilings])
        if application.requested <= 0:
            raise BadAmount(amount=application.requested)
        if application.requested > ceiling:
            raise OverCeiling(amount=application.requested, ceiling=ceiling)
        form = _facts(work, application_id, Kind.PROJECT)
        contract = Contract(
            application_id=application.id,
            organisation_id=application.organisation_id,
            number=f"{contest.number}/{application.number}",
            amount=application.requested,
            own_contribution=application.own_contribution,
            starts=contest.project_starts,
            ends=contest.project_ends,
            lines=[one.model_dump(mode="json") for one in _lines(work, application)],
            indicators=[one.model_dump(mode="json") for one in form.indicators],
            language=addresses.language_of(work, application.organisation_id, application.tenant_id),
        )
        work.new(contract, stream=application.id, tenant=application.tenant_id)
        correspondents.note(work, contract, application)
        for number, part in enumerate(tranches.plan(pack, contract.amount), 1):
            tranche = Tranche(
                contract_id=contract.id,
                number=number,
                amount=part.amount,
                after_period=part.after_period,
                conditions=list(part.conditions),
            )
            work.new(tranche, stream=application.id, tenant=application.tenant_id)
        lines = [BudgetLine.model_validate(one) for one in contract.lines]
        _lay_out(
            work, pack, contract, periods.plan(pack, contract.starts, contract.ends, lines), office.today(contest.zone)
        )
        because = by_rule(pack, "winner", amount=contract.amount, place=application.place)
        work.record(Act.CONTRACT_PREPARE, contract, because=because)


def _lay_out(work: Work, pack: Pack, contract: Contract, planned: Sequence[PlannedPeriod], today: date) -> None:
    """The planned periods on record. One that has begun is no longer the last if others follow it; what is accepted stays
    as it was.
    """
    there = {one.number: one for one in work.all(Period, contract_id=contract.id)}
    new = {one.number for one in planned}
    of = max(new, default=len(there))
    for one in planned:
        told: dict[str, Any] = {"starts": one.starts, "ends": one.ends, "due": one.due, "final": one.final}
        told |= {"of": of, "lines": [line.model_dump() for line in one.lines]}
        period = there.get(one.number)
        if period is None:
            period = Period(contract_id=contract.id, number=one.number, **told)
            work.new(period, stream=contract.stream_id, tenant=contract.tenant_id)
        else:
            for name, value in told.items():
                setattr(period, name, value)
        if contract.status is ContractStatus.SIGNED:
            planned_yet = period.status is PeriodStatus.PLANNED
            period.wakes_on = one.starts if planned_yet else ladder.wakes_on(pack, period, period.status, today)
    for period in there.values():
        if period.number not in new and period.status is not PeriodStatus.ACCEPTED:
            period.of, period.final = of, period.final and not new


def _lines(look: Look, application: Application) -> list[BudgetLine]:
    """The winner's budget; one line for the whole sum where no line could be read or the lines do not make the sum."""
    lines = _facts(look, application.id, Kind.BUDGET).lines
    if (
        sum(one.requested for one in lines) == application.requested
        and sum(one.own for one in lines) == application.own_contribution
    ):
        return lines
    whole = application.requested + application.own_contribution
    return [
        BudgetLine(
            name=application.title, total=whole, requested=application.requested, own=application.own_contribution
        )
    ]


# -- signing, amending ----------------------------------------------------------------------------------------------


def sign(office: Office, doer: Doer, contract_id: UUID) -> None:
    """Both parties have signed. Raises WrongMoment while the appeal term runs or an appeal is pending."""
    with office.looking(doer, Act.CONTRACT_SIGN) as look:
        contract = look.get(Contract, contract_id)
        if contract.status is ContractStatus.SIGNED:
            return
        winner = look.get(Application, contract.application_id)
        contest, pack = contest_and_pack(office, look, contract)
        until = appeal_until(office, contest)
        pending = look.all(Appeal, contest_id=contest.id, status=AppealStatus.LODGED)
        paper = look.all(Document, subject_id=contract_id, kind=Kind.CONTRACT, current=True)
    check_moment(contract, Act.CONTRACT_SIGN)
    if winner.status is not ApplicationStatus.WINNER:
        raise WrongMoment(act=Act.CONTRACT_SIGN, noun="application", status=winner.status)
    if pending or until is None or office.now() <= until:
        waiting = "appeal" if pending else "appeal_term"
        raise WrongMoment(act=Act.CONTRACT_SIGN, noun="contract", status=contract.status, waiting=waiting, until=until)
    filing.freeze(office, paper, pack)  # first, so that a signed contract is never without its lock
    with office.acting(doer, Act.CONTRACT_SIGN) as work:
        contract = work.get(Contract, contract_id)
        contract.signed_on = office.today(contest.zone)
        for period in work.all(Period, contract_id=contract_id, status=PeriodStatus.PLANNED):
            period.wakes_on = period.starts
        files = [one.sha256 for one in paper]
        move(work, contract, Act.CONTRACT_SIGN, because=by_rule(pack, "appeal_term_over", until=until), files=files)
        facts = {"contest": contest.number, "number": contract.number}
        addresses.to_contractor(work, contract, "signed", f"signed:{contract.id}", facts)
        weigh_next(work, contract)


def amend(office: Office, doer: Doer, contract_id: UUID, *, ends: date, reason: str) -> None:
    """The project's last day moves; a period that is still planned moves with it, what is past stays."""
    if not reason.strip():
        raise NoReason(act=Act.CONTRACT_AMEND)
    with office.looking(doer, Act.CONTRACT_AMEND) as look:
        contract = look.get(Contract, contract_id)
        contest, pack = contest_and_pack(office, look, contract)
        earlier = look.all(Document, subject_id=contract_id, kind=Kind.CONTRACT)
        check_moment(contract, Act.CONTRACT_AMEND)
        begun = [one for one in look.all(Period, contract_id=contract_id) if one.status is not PeriodStatus.PLANNED]
        first = max([contract.starts, office.today(contest.zone), *(one.ends for one in begun)])
        lines = [BudgetLine.model_validate(one) for one in contract.lines]
        there = look.all(Period, contract_id=contract_id, order="number")
        planned = periods.replan(pack, contract.starts, ends, lines, there)
        if ends < first or len(begun) + len(planned) < len(there):
            raise WrongMoment(act=Act.CONTRACT_AMEND, noun="contract", status=contract.status, until=ends)
        number = f"{contract.number}-{len(earlier)}"
        paper = amendment(
            pack,
            customer=look.get(Customer, contest.tenant_id),
            head=holder(look, contest.tenant_id, Role.HEAD),
            organisation=look.get(Organisation, contract.organisation_id),
            contract=contract,
            number=number,
            reason=reason,
            changes=[("ends", contract.ends.isoformat(), ends.isoformat())],
        )
    kept = filing.written(office, contest.tenant_id, paper)
    with office.acting(doer, Act.CONTRACT_AMEND) as work:
        contract = work.get(Contract, contract_id)
        contract.ends = ends
        lines = [BudgetLine.model_validate(one) for one in contract.lines]
        there = work.all(Period, contract_id=contract_id, order="number")
        _lay_out(
            work, pack, contract, periods.replan(pack, contract.starts, ends, lines, there), office.today(contest.zone)
        )
        name = f"amendment-{number.replace('/', '-')}.docx"
        filing.register(office, work, kept, subject=contract, kind=Kind.CONTRACT, name=name)
        move(work, contract, Act.CONTRACT_AMEND, because=in_words(reason, pack), files=[kept.sha256])


def terminate(office: Office, doer: Doer, contract_id: UUID, reason: str) -> None:
    """The contract ends before its time; what was paid and not accounted for is to be returned."""
    if not reason.strip():
        raise NoReason(act=Act.CONTRACT_TERMINATE)
    with office.acting(doer, Act.CONTRACT_TERMINATE) as work:
        contract = work.get(Contract, contract_id)
        for period in work.all(Period, contract_id=contract_id):
            period.wakes_on = None
        parts = work.all(Tranche, contract_id=contract_id)
        contract.balance = monitoring.balance(contract, parts, standing(work, contract))
        unsigned = contract.status in UNSIGNED
        because = in_words(reason, balance=contract.balance)
        move(work, contract, Act.CONTRACT_TERMINATE, because=because)
        contest, pack = contest_and_pack(office, work, contract)
        application = work.get(Application, contract.application_id)
        if unsigned and application.status is ApplicationStatus.WINNER:
            move(work, application, Act.APPLICATION_PASS_OVER, because=because)
            promote(work, contest, pack, application)
        finish_if_over(office, work, contest)
