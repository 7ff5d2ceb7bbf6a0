"""Stage 15: what an officer does to the term of a report: extends it, lets it rest, lets it run again."""

from datetime import date
from uuid import UUID

from flows.office import Office
from flows.steps import addresses
from flows.steps.monitoring.waiting import about, begin_cycle, move_waiting
from flows.steps.moving import check_moment, check_reason, in_words, move
from flows.steps.tranches import contest_and_pack, weigh_next
from schemas.contract import Contract
from schemas.doer import Doer
from schemas.errors import WrongMoment
from schemas.event import Act
from schemas.report import Period, PeriodStatus
from storage.work import Work


def extend(office: Office, doer: Doer, period_id: UUID, until: date, reason: str) -> None:
    """The report may come later; the ladder starts anew from the later day."""
    check_reason(reason, Act.PERIOD_EXTEND)
    with office.acting(doer, Act.PERIOD_EXTEND) as work:
        period = work.get(Period, period_id)
        if until <= period.due:
            raise WrongMoment(act=Act.PERIOD_EXTEND, noun="period", status=period.status, until=until)
        contract = work.get(Contract, period.contract_id)
        contest, pack = contest_and_pack(office, work, contract)
        begin_cycle(pack, period, until)
        if period.status is PeriodStatus.PLANNED:  # opens when it did; before the signature not at all
            move(work, period, Act.PERIOD_EXTEND, because=in_words(reason))
        else:
            today = office.today(contest.zone)
            move_waiting(work, pack, period, Act.PERIOD_EXTEND, today, because=in_words(reason))
        _tell(work, contract, period, "period_extended", reason)
        weigh_next(work, contract)


def pause(office: Office, doer: Doer, period_id: UUID, reason: str) -> None:
    """Nothing is asked for until it is resumed. Paused twice is paused once. A report may come all the same."""
    check_reason(reason, Act.PERIOD_PAUSE)
    with office.acting(doer, Act.PERIOD_PAUSE) as work:
        period = work.get(Period, period_id)
        check_moment(period, Act.PERIOD_PAUSE)
        if period.paused_on is not None:
            return
        contract = work.get(Contract, period.contract_id)
        contest, pack = contest_and_pack(office, work, contract)
        period.paused_on = today = office.today(contest.zone)
        move_waiting(work, pack, period, Act.PERIOD_PAUSE, today, because=in_words(reason))
        _tell(work, contract, period, "period_paused", reason)
        weigh_next(work, contract)


def resume(office: Office, doer: Doer, period_id: UUID, reason: str) -> None:
    """The term runs again; the due day is later by the days of the pause. Raises WrongMoment where nothing is paused."""
    check_reason(reason, Act.PERIOD_RESUME)
    with office.acting(doer, Act.PERIOD_RESUME) as work:
        period = work.get(Period, period_id)
        check_moment(period, Act.PERIOD_RESUME)
        if period.paused_on is None:
            raise WrongMoment(act=Act.PERIOD_RESUME, noun="period", status=period.status)
        contract = work.get(Contract, period.contract_id)
        contest, pack = contest_and_pack(office, work, contract)
        today = office.today(contest.zone)
        begin_cycle(pack, period, period.due + (today - period.paused_on))
        period.paused_on = None
        move_waiting(work, pack, period, Act.PERIOD_RESUME, today, because=in_words(reason))
        _tell(work, contract, period, "period_resumed", reason)
        weigh_next(work, contract)


def _tell(work: Work, contract: Contract, period: Period, code: str, reason: str) -> None:
    key = f"{code}:{period.id}:{work.last_event}"
    addresses.to_contractor(work, contract, code, key, {**about(contract, period), "reason": reason})
