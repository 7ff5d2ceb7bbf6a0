"""Stage 13: the contract is prepared, drafted, signed, amended, ended before its time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from flows.office import Office
from flows.papers.contract import amendment
from flows.papers.contract import contract as contract_paper
from flows.steps import addresses, correspondents, filing, refunds
from flows.steps.moving import by_rule, check_moment, check_reason, edition, in_words, move, reckoned
from flows.steps.people import holder
from flows.steps.planning import ceiling_of, checked, fallen, lay_out, make_plan, preview, schedule
from flows.steps.results import UNSIGNED, appeal_until, finish_if_over, promote
from flows.steps.tranches import contest_and_pack, standing, weigh_next
from rules import amendments, deadlines, monitoring, periods, tranches
from rules.amendments import Amended, Change, Wanted
from rules.periods import Agreed, PlannedPeriod
from rules.tranches import Planned
from schemas.application import Application, ApplicationStatus, Organisation
from schemas.commission import Sitting
from schemas.contest import Contest
from schemas.contract import Appeal, AppealStatus, Contract, ContractStatus, Tranche
from schemas.customer import Customer, Role
from schemas.document import Document
from schemas.doer import CLOCK, Doer
from schemas.errors import BadAmount, NoMilestones, NoReason, OverCeiling, WrongMoment
from schemas.event import Act
from schemas.facts import BudgetLine, Checkpoint, Facts, Kind
from schemas.outbox import Job
from schemas.report import IN_PLAN, Mend, Period, PeriodStatus
from storage.work import Look, looking

# -- errand: contracting.draft --------------------------------------------------------------------------------------


def draft(office: Office, job: Job) -> None:
    """From the decision, the winner's own figures and the pack: contract, tranches, reporting periods, and the docx."""
    _prepare(office, job.subject_id)
    with looking(office.engine, office.system) as look:
        contract = look.one(Contract, application_id=job.subject_id)
        assert contract is not None
        application = look.get(Application, job.subject_id)
        contest, pack = contest_and_pack(office, look, contract)
        if periods.lacks_milestones(pack, contract):
            raise NoMilestones(contract=contract.number)
        organisation = look.get(Organisation, contract.organisation_id)
        form = facts_of(look, application.id, Kind.PROJECT)
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
            periods=preview(pack, contract, office.today(contest.zone)),
            minutes_number=f"{contest.number}-{sittings[-1].number}",
            minutes_on=deadlines.local_day(sittings[-1].at, contest.zone),
            target_group=form.text("target_group") or "",
            beneficiaries=form.amount("beneficiaries"),
        )
    kept = filing.written(office, contest.tenant_id, paper)
    with office.acting(CLOCK, Act.CONTRACT_DRAFT) as work:
        contract = work.get(Contract, contract.id)
        before = [one for one in work.all(Document, subject_id=contract.id, kind=Kind.CONTRACT) if one.current]
        round_ = max((one.round for one in before), default=0) + 1
        name = f"contract-{contract.number.replace('/', '-')}.docx"
        told = {"subject": contract, "kind": Kind.CONTRACT, "name": name, "round_": round_}
        document = filing.register(office, work, kept, **told)
        for one in before:
            one.current = False
        document.current = True
        because = by_rule(pack, "winner", placeholders=len(pack.placeholders()))
        move(work, contract, Act.CONTRACT_DRAFT, because=because, files=[kept.sha256])
        facts = {"contest": contest.number, "number": contract.number, "amount_tyiyn": contract.amount}
        key = f"contract_ready:{contract.id}" if round_ == 1 else f"contract_ready:{document.id}"
        addresses.to_contractor(work, contract, "contract_ready", key, facts, [document.id])
        work.finish(job)


def facts_of(look: Look, application_id: UUID, kind: Kind) -> Facts:
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
        ceiling = ceiling_of(contest, application)
        if application.requested <= 0:
            raise BadAmount(amount=application.requested)
        if application.requested > ceiling:
            raise OverCeiling(amount=application.requested, ceiling=ceiling)
        form = facts_of(work, application_id, Kind.PROJECT)
        contract = Contract(
            application_id=application.id,
            organisation_id=application.organisation_id,
            number=f"{contest.number}/{application.number}",
            amount=application.requested,
            own_contribution=application.own_contribution,
            starts=contest.project_starts,
            ends=contest.project_ends,
            lines=[one.model_dump(mode="json") for one in lines_of(work, application)],
            indicators=[one.model_dump(mode="json") for one in form.indicators],
            milestones=[one.model_dump(mode="json") for one in milestones_of(work, application_id)],
            language=addresses.language_of(work, application.organisation_id, application.tenant_id),
        )
        work.new(contract, stream=application.id, tenant=application.tenant_id)
        correspondents.note(work, contract, application)
        planned = preview(pack, contract, office.today(contest.zone))
        for number, part in enumerate(tranches.plan(pack, contract.amount, planned), 1):
            work.new(part.row(contract.id, number), stream=application.id, tenant=application.tenant_id)
        because = reckoned(pack, "winner", amount=contract.amount, place=application.place)
        work.record(Act.CONTRACT_PREPARE, contract, because=because)


def milestones_of(look: Look, application_id: UUID) -> list[Checkpoint]:
    """The steps of the winner's own plan that have a day; of the form where the plan has none."""
    for kind in (Kind.PLAN, Kind.PROJECT):
        if found := facts_of(look, application_id, kind).checkpoints:
            return sorted((one.model_copy(update={"place": ""}) for one in found), key=lambda one: one.planned)
    return []


def lines_of(look: Look, application: Application) -> list[BudgetLine]:
    """The winner's budget; one line for the whole sum where no line could be read or the lines do not make the sum."""
    lines = facts_of(look, application.id, Kind.BUDGET).lines
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
        planned = make_plan(work, pack, contract, contract.signed_on)
        files = [one.sha256 for one in paper]
        because = reckoned(pack, "appeal_term_over", until=until, published=contest.published_on)
        move(work, contract, Act.CONTRACT_SIGN, because=because, files=files)
        facts = {"contest": contest.number, "number": contract.number, "schedule": schedule(planned)}
        addresses.to_contractor(work, contract, "signed", f"signed:{contract.id}", facts)
        weigh_next(work, contract)


@dataclass(frozen=True)
class _Anew:
    """What an amendment makes: the contract's terms, what of them changes, its plan and the tranches from now on.

    `dropped` are the periods that the plan has no more.
    """

    terms: Amended
    changes: Sequence[Change]
    planned: Sequence[PlannedPeriod]
    dropped: Sequence[Period]
    there: Sequence[Tranche]
    parts: Sequence[Planned]

    def tranches(self, contract: Contract) -> list[Tranche]:
        """All tranches as they will be, those ordered already first."""
        given = [one for one in self.there if one.status not in tranches.WAITING]
        numbers = [one.number for one in self.there if one.status in tranches.WAITING] or [len(self.there) + 1]
        return [*given, *(part.row(contract.id, number) for number, part in zip(numbers, self.parts, strict=False))]


def _reckon(office: Office, look: Look, contract: Contract, wanted: Wanted) -> _Anew:
    contest, pack = contest_and_pack(office, look, contract)
    today = office.today(contest.zone)
    there = look.all(Period, contract_id=contract.id, status=IN_PLAN, order="number")
    parts = look.all(Tranche, contract_id=contract.id, order="number")
    now = amendments.amended(contract, wanted, there, standing(look, contract))
    changed = amendments.changes(contract, now)
    ceiling = ceiling_of(contest, look.get(Application, contract.application_id))
    if now.amount > max(ceiling, contract.amount):
        raise OverCeiling(amount=now.amount, ceiling=ceiling)
    checked(contract.starts, now.ends, now.milestones if wanted.milestones else ())
    terms = Agreed(contract.starts, now.ends, now.lines, now.milestones, today)
    planned = periods.replan(pack, terms, there)
    begun = [one for one in there if one.status is not PeriodStatus.PLANNED]
    first = max([contract.starts, today, *(one.ends for one in begun)])
    asked = [one for one in begun if one.whole and one.status is not PeriodStatus.ACCEPTED]
    if (wanted.ends and now.ends < first) or (planned and asked) or not changed:
        raise WrongMoment(act=Act.CONTRACT_AMEND, noun="contract", status=contract.status, until=now.ends)
    shared = tranches.replan(pack, now.amount, parts, [*begun, *planned])
    if shared is None:
        raise BadAmount(amount=now.amount)
    kept = {one.number for one in (*begun, *planned)}
    dropped = [one for one in there if one.number not in kept]
    changed += [Change("period", f"№ {one.number}", one.due, None) for one in dropped]
    return _Anew(now, changed, planned, dropped, parts, shared)


def amend(
    office: Office,
    doer: Doer,
    contract_id: UUID,
    *,
    reason: str,
    ends: date | None = None,
    lines: Mapping[str, int] | None = None,
    targets: Mapping[str, int] | None = None,
    milestones: Sequence[Checkpoint] | None = None,
) -> None:
    """Last day, sums of lines (tyiyn), targets, milestones are agreed anew: the future is planned anew, what has begun stays.

    A period that the new plan has no more is dropped. What is ordered or paid stays too; the other tranches share what is
    left. Raises OverCeiling, BadAmount, BadMilestone, NotFound, NoReason, and WrongMoment where nothing changes, what has
    begun would be cut, or the final report is asked for.
    """
    check_reason(reason, Act.CONTRACT_AMEND)
    wanted = Wanted(ends, lines or {}, targets or {}, milestones)
    with office.looking(doer, Act.CONTRACT_AMEND) as look:
        contract = look.get(Contract, contract_id)
        contest, pack = contest_and_pack(office, look, contract)
        earlier = look.all(Document, subject_id=contract_id, kind=Kind.CONTRACT, current=True)
        check_moment(contract, Act.CONTRACT_AMEND)
        new = _reckon(office, look, contract, wanted)
        number = f"{contract.number}-{len(earlier)}"
        sums = any(one.field in ("amount", "line") for one in new.changes)
        paper = amendment(
            pack,
            customer=look.get(Customer, contest.tenant_id),
            head=holder(look, contest.tenant_id, Role.HEAD),
            organisation=look.get(Organisation, contract.organisation_id),
            contract=contract,
            number=number,
            reason=reason,
            changes=new.changes,
            budget=new.terms.lines if sums else (),
            tranches=new.tranches(contract) if sums else (),
            periods=new.planned,
        )
    kept = filing.written(office, contest.tenant_id, paper)
    with office.acting(doer, Act.CONTRACT_AMEND) as work:
        contract = work.get(Contract, contract_id)
        new = _reckon(office, work, contract, wanted)
        contract.ends, contract.amount = new.terms.ends, new.terms.amount
        contract.lines = [one.model_dump(mode="json") for one in new.terms.lines]
        contract.indicators = [one.model_dump(mode="json") for one in new.terms.indicators]
        contract.milestones = [one.model_dump(mode="json") for one in new.terms.milestones]
        there = {one.number: one for one in new.there}
        for one in new.tranches(contract):
            if (row := there.get(one.number)) is None:
                work.new(one, stream=contract.stream_id, tenant=contract.tenant_id)
            elif row is not one:
                row.amount, row.after_period = one.amount, one.after_period
        lay_out(work, pack, contract, new.planned, office.today(contest.zone))
        name = f"amendment-{number.replace('/', '-')}.docx"
        round_ = max((one.round for one in earlier), default=0) + 1  # the newest paper comes last
        document = filing.register(office, work, kept, subject=contract, kind=Kind.CONTRACT, name=name, round_=round_)
        told = [one.told() for one in new.changes]
        move(
            work,
            contract,
            Act.CONTRACT_AMEND,
            because=in_words(reason, pack, changes=told, **edition()),
            files=[kept.sha256],
        )
        facts = {"number": contract.number, "reason": reason, "schedule": schedule(new.planned) if new.planned else ""}
        facts |= {"dropped": fallen(new.dropped)} if new.dropped else {}
        key = f"amended:{contract.id}:{work.last_event}"
        addresses.to_contractor(work, contract, "amended", key, facts, [document.id])
        weigh_next(work, contract)


def terminate(office: Office, doer: Doer, contract_id: UUID, reason: str) -> None:
    """The contract ends before its time; what was paid and not accounted for is to be returned."""
    if not reason.strip():
        raise NoReason(act=Act.CONTRACT_TERMINATE)
    with office.acting(doer, Act.CONTRACT_TERMINATE) as work:
        contract = work.get(Contract, contract_id)
        for one in (*work.all(Period, contract_id=contract_id), *work.all(Mend, contract_id=contract_id)):
            one.wakes_on = None
        parts = work.all(Tranche, contract_id=contract_id)
        contract.balance = monitoring.balance(contract, parts, standing(work, contract))
        contest, pack = contest_and_pack(office, work, contract)
        owes = refunds.reckon(pack, contract, ContractStatus.TERMINATED, office.today(contest.zone))
        unsigned = contract.status in UNSIGNED
        because = in_words(reason, balance=contract.balance)
        move(work, contract, Act.CONTRACT_TERMINATE, because=because)
        if owes:
            refunds.ask(work, contract)
        application = work.get(Application, contract.application_id)
        if unsigned and application.status is ApplicationStatus.WINNER:
            move(work, application, Act.APPLICATION_PASS_OVER, because=because)
            promote(work, contest, pack, application)
        finish_if_over(office, work, contest)
