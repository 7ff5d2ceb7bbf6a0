"""Stage 16: the project is evaluated, what is left comes back, the contract is closed."""

from uuid import UUID

from flows.office import Office
from flows.papers.closing import closing
from flows.steps import addresses, filing, refunds
from flows.steps.moving import by_rule, check_moment, check_reason, in_words, move, reckoned
from flows.steps.people import holder
from flows.steps.results import finish_if_over
from flows.steps.tranches import contest_and_pack, standing
from rules import monitoring
from schemas.application import Application, Organisation
from schemas.contest import Contest
from schemas.contract import Contract, ContractStatus, Tranche, TrancheStatus
from schemas.customer import Customer, Role
from schemas.doer import CLOCK, Doer
from schemas.errors import BadAmount, WrongMoment
from schemas.event import Act
from schemas.facts import Kind
from schemas.outbox import Errand, Job
from schemas.report import IN_PLAN, Mend, Period, PeriodStatus
from storage.work import looking


def evaluate(office: Office, doer: Doer, contract_id: UUID) -> None:
    """All periods are accepted: the pack's rule evaluates the project and says what is to be returned."""
    with office.acting(doer, Act.CONTRACT_EVALUATE) as work:
        contract = work.get(Contract, contract_id)
        if contract.status is ContractStatus.EVALUATED:
            return
        contest, pack = contest_and_pack(office, work, contract)
        periods = work.all(Period, contract_id=contract_id, status=IN_PLAN, order="number")
        waiting = [one.number for one in periods if one.status is not PeriodStatus.ACCEPTED]
        if waiting:
            raise WrongMoment(act=Act.CONTRACT_EVALUATE, noun="contract", status=contract.status, waiting=len(waiting))
        tranches = work.all(Tranche, contract_id=contract_id)
        accepted = standing(work, contract)
        contract.evaluation = monitoring.evaluation(pack, contract, periods, accepted)
        contract.balance = monitoring.balance(contract, tranches, accepted)
        refunds.reckon(pack, contract, ContractStatus.EVALUATED, office.today(contest.zone))
        because = reckoned(pack, "evaluation", evaluation=contract.evaluation, balance=contract.balance)
        move(work, contract, Act.CONTRACT_EVALUATE, because=because)
        work.errand(Errand.CLOSING_ACT, contract, str(contract_id))
        work.errand(Errand.KEEP_OVERVIEW, contract, f"evaluated:{contract_id}")
        facts = {
            "contest": contest.number,
            "number": contract.number,
            "balance_tyiyn": contract.balance,
            "evaluation": contract.evaluation.value,
            "due": contract.refund_until.isoformat() if contract.refund_until else "",
        }
        addresses.to_contractor(work, contract, "closing", f"closing:{contract.id}", facts)


def draft_closing(office: Office, job: Job) -> None:
    """Errand monitoring.closing: the evaluation act as docx."""
    with looking(office.engine, office.system) as look:
        contract = look.get(Contract, job.subject_id)
        contest, pack = contest_and_pack(office, look, contract)
        periods = look.all(Period, contract_id=contract.id, status=IN_PLAN, order="number")
        paid = sum(one.amount for one in look.all(Tranche, contract_id=contract.id, status=TrancheStatus.PAID))
        paper = closing(
            pack,
            customer=look.get(Customer, contest.tenant_id),
            head=holder(look, contest.tenant_id, Role.HEAD),
            organisation=look.get(Organisation, contract.organisation_id),
            contract=contract,
            project=look.get(Application, contract.application_id).title,
            periods=periods,
            reports=standing(look, contract),
            paid=paid,
            number=f"{contract.number}-A",
            issued_on=office.today(contest.zone),
        )
    kept = filing.written(office, contest.tenant_id, paper)
    with office.acting(CLOCK, Act.PAPER_REGISTER) as work:
        contract = work.get(Contract, job.subject_id)
        name = f"closing-{contract.number.replace('/', '-')}.docx"
        filing.register(office, work, kept, subject=contract, kind=Kind.NOTICE, name=name)
        work.record(Act.PAPER_REGISTER, contract, because=by_rule(pack, "evaluation"), files=[kept.sha256])
        work.finish(job)


def return_balance(office: Office, doer: Doer, contract_id: UUID, amount: int, reference: str) -> None:
    """Money came back: `amount` in tyiyn, by a payment `reference`. The same payment told twice counts once.

    Raises BadAmount for more than is owed or another sum under a known reference, NoReason.
    """
    check_reason(reference, Act.BALANCE_RETURN)
    with office.acting(doer, Act.BALANCE_RETURN) as work:
        contract = work.get(Contract, contract_id)
        check_moment(contract, Act.BALANCE_RETURN)
        known = {one["reference"]: one["amount"] for one in contract.refunds}
        same = _same_payment(reference)
        if same in known:
            if known[same] != amount:
                raise BadAmount(amount=amount)
            return
        owed = contract.balance - contract.returned
        if owed <= 0:
            return
        if not 0 < amount <= owed:
            raise BadAmount(amount=amount)
        contract.refunds = [*contract.refunds, {"reference": same, "amount": amount}]
        contract.returned = sum(one["amount"] for one in contract.refunds)
        contest, pack = contest_and_pack(office, work, contract)
        refunds.reckon(pack, contract, contract.status, office.today(contest.zone))
        move(work, contract, Act.BALANCE_RETURN, because=in_words(reference, amount=amount))
        finish_if_over(office, work, work.get(Contest, contest.id))


def _same_payment(reference: str) -> str:
    """A reference as it is compared: however it is spaced and capitalised."""
    return " ".join(reference.split()).casefold()


def close(office: Office, doer: Doer, contract_id: UUID) -> None:
    """The project is closed. Raises WrongMoment while a balance is owed. The contest ends with its last contract."""
    with office.acting(doer, Act.CONTRACT_CLOSE) as work:
        contract = work.get(Contract, contract_id)
        if contract.status is ContractStatus.CLOSED:
            return
        contest, pack = contest_and_pack(office, work, contract)
        owed = contract.balance - contract.returned
        if owed > 0:
            raise WrongMoment(act=Act.CONTRACT_CLOSE, noun="contract", status=contract.status, owed_tyiyn=owed)
        for mend in work.all(Mend, contract_id=contract_id):
            mend.wakes_on = None
        move(work, contract, Act.CONTRACT_CLOSE, because=by_rule(pack, "balance_returned", returned=contract.returned))
        work.errand(Errand.KEEP_OVERVIEW, contract, f"closed:{contract_id}")
        finish_if_over(office, work, work.get(Contest, contest.id))
