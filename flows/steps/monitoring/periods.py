"""Stage 15: reporting periods open when they begin, are reminded of, and may be extended."""

from datetime import date
from uuid import UUID

from flows.office import Office
from flows.steps import addresses
from flows.steps.moving import by_rule, in_words, move
from flows.steps.tranches import contest_and_pack, weigh_next
from rules import ladder
from schemas.application import Application
from schemas.contract import Contract, ContractStatus
from schemas.customer import Role
from schemas.doer import CLOCK, Doer
from schemas.errors import NoReason, WrongMoment
from schemas.event import Act
from schemas.report import Period, PeriodStatus
from storage.work import looking

DUE = (PeriodStatus.OPEN, PeriodStatus.RETURNED)


def sweep(office: Office) -> tuple[int, int]:
    """Open the periods that have begun and take the rungs that are due. Returns (opened, reminded)."""
    with looking(office.engine, office.system) as look:
        signed = {one.id: one for one in look.all(Contract, status=ContractStatus.SIGNED)}
        periods = look.all(Period, contract_id=list(signed), status=[PeriodStatus.PLANNED, *DUE], order="due number")
    opened = sum(_open(office, one.id) for one in periods if one.status is PeriodStatus.PLANNED)
    reminded = sum(_remind(office, one.id) for one in periods)
    return opened, reminded


def _open(office: Office, period_id: UUID) -> int:
    with office.acting(CLOCK, Act.PERIOD_OPEN) as work:
        period = work.get(Period, period_id)
        contract = work.get(Contract, period.contract_id)
        contest, pack = contest_and_pack(office, work, contract)
        if period.status is not PeriodStatus.PLANNED or office.today(contest.zone) < period.starts:
            return 0
        move(work, period, Act.PERIOD_OPEN, because=by_rule(pack, "period_begins", starts=period.starts))
        application = work.get(Application, contract.application_id)
        addresses.to_sender(work, application, "period_opened", f"opened:{period.id}", about(contract, period))
    return 1


def _remind(office: Office, period_id: UUID) -> int:
    with office.acting(CLOCK, Act.PERIOD_REMIND) as work:
        period = work.get(Period, period_id)
        if period.status not in DUE:
            return 0
        contract = work.get(Contract, period.contract_id)
        contest, pack = contest_and_pack(office, work, contract)
        rungs = ladder.rungs_due(pack, period, office.today(contest.zone))
        if not rungs:
            return 0
        period.rungs = [*period.rungs, *(one.code for one in rungs)]
        move(work, period, Act.PERIOD_REMIND, because=by_rule(pack, rungs[-1].code, due=period.due))
        application = work.get(Application, contract.application_id)
        facts = about(contract, period)
        for rung in rungs:
            key = f"rung:{period.id}:{rung.code}"
            if rung.to is Role.APPLICANT:
                addresses.to_sender(work, application, rung.letter, key, facts)
            else:
                addresses.to_role(work, period, rung.to, rung.letter, key, facts)
    return len(rungs)


def about(contract: Contract, period: Period) -> dict[str, object]:
    return {
        "number": contract.number,
        "period": period.number,
        "of": period.of,
        "starts": period.starts.isoformat(),
        "ends": period.ends.isoformat(),
        "due": period.due.isoformat(),
    }


def extend(office: Office, doer: Doer, period_id: UUID, until: date, reason: str) -> None:
    """The report may come later; the ladder starts anew from the later day."""
    if not reason.strip():
        raise NoReason(act=Act.PERIOD_EXTEND)
    with office.acting(doer, Act.PERIOD_EXTEND) as work:
        period = work.get(Period, period_id)
        if until <= period.due:
            raise WrongMoment(act=Act.PERIOD_EXTEND, noun="period", status=period.status, until=until)
        period.due = until
        period.rungs = []
        move(work, period, Act.PERIOD_EXTEND, because=in_words(reason))
        weigh_next(work, work.get(Contract, period.contract_id))
