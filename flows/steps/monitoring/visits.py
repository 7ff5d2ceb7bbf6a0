"""Stage 15: visits to the site, and the corrective acts that they ask for."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from flows.office import Office
from flows.steps import addresses
from flows.steps.monitoring.waiting import climbs, move_waiting
from flows.steps.moving import check_moment, check_reason, in_words, move
from flows.steps.people import only_own
from flows.steps.tranches import contest_and_pack, weigh_next
from rules import deadlines, ladder
from rules.packs import Pack
from schemas.application import Application
from schemas.contract import Contract
from schemas.customer import Role
from schemas.doer import Doer
from schemas.errors import WrongMoment
from schemas.event import Act
from schemas.report import Mend, Visit
from storage.ledger import Because
from storage.work import Work


def record_visit(
    office: Office,
    doer: Doer,
    contract_id: UUID,
    *,
    on: date,
    seen: str,
    mends: Sequence[tuple[str, date]] = (),
) -> UUID:
    """A site visit with what was seen; `mends` are (what has to be mended, its last day). The same words of the same day
    once. The contractor hears of each corrective act.
    """
    with office.acting(doer, Act.VISIT_RECORD) as work:
        contract = work.get(Contract, contract_id)
        for known in work.all(Visit, contract_id=contract_id, on=on):
            if known.seen == seen:
                return known.id
        check_moment(contract, Act.VISIT_RECORD)
        visit = Visit(contract_id=contract_id, on=on, seen=seen)
        work.new(visit, stream=contract.stream_id)
        before = len(work.all(Mend, contract_id=contract_id))
        asked = [
            Mend(contract_id=contract_id, visit_id=visit.id, number=number, what=what, until=until)
            for number, (what, until) in enumerate(mends, before + 1)
        ]
        contest, pack = contest_and_pack(office, work, contract)
        for one in asked:
            work.new(one, stream=contract.stream_id)
            if climbs(one, contract):
                one.wakes_on = ladder.wakes_on(pack, one, one.status, office.today(contest.zone))
        work.record(Act.VISIT_RECORD, visit, because=in_words(seen))
        for one in asked:
            facts = {"number": contract.number, "what": one.what, "until": one.until.isoformat(), "on": on.isoformat()}
            addresses.to_contractor(work, contract, "mend_asked", f"mend_asked:{one.id}", facts)
        weigh_next(work, contract)
        return visit.id


def tell_mended(office: Office, doer: Doer, mend_id: UUID, done: str) -> None:
    """The contractor tells what was done; an officer has still to see it. Raises NoReason without words."""
    check_reason(done, Act.MEND_TELL)
    with office.acting(doer, Act.MEND_TELL) as work:
        mend = work.get(Mend, mend_id)
        contract = work.get(Contract, mend.contract_id)
        only_own(work, doer, work.get(Application, contract.application_id))
        check_moment(mend, Act.MEND_TELL)
        contest, pack = contest_and_pack(office, work, contract)
        today = office.today(contest.zone)
        mend.done, mend.done_on, mend.check_until = done, today, deadlines.add(today, pack.monitoring.check.value)
        _move(work, pack, contract, mend, Act.MEND_TELL, today, in_words(done, number=mend.number))
        facts = {"number": contract.number, "what": mend.what, "done": done}
        addresses.to_role(work, mend, Role.COORDINATOR, "mend_told", f"mend_told:{mend.id}:{work.last_event}", facts)


def accept_mended(office: Office, doer: Doer, mend_id: UUID, seen: str) -> None:
    """It was seen to be mended. Raises NoReason where nothing is said of how."""
    _settle(office, doer, mend_id, Act.MEND_ACCEPT, seen)


def return_mend(office: Office, doer: Doer, mend_id: UUID, until: date, reason: str) -> None:
    """The officer looked, and it is not mended: it is asked for until a later day, and the ladder starts anew from it.

    Raises NoReason, and WrongMoment where nobody told that it is mended, or for a day that is not to come.
    """
    check_reason(reason, Act.MEND_RETURN)
    with office.acting(doer, Act.MEND_RETURN) as work:
        mend = work.get(Mend, mend_id)
        check_moment(mend, Act.MEND_RETURN)
        contract = work.get(Contract, mend.contract_id)
        contest, pack = contest_and_pack(office, work, contract)
        today = office.today(contest.zone)
        if until <= today:
            raise WrongMoment(act=Act.MEND_RETURN, noun="mend", status=mend.status, until=until)
        facts = {"number": contract.number, "what": mend.what, "done": mend.done}
        facts |= {"reason": reason, "due": until.isoformat()}
        mend.until, mend.done, mend.done_on, mend.check_until = until, "", None, None
        mend.rungs, mend.cycle = [], mend.cycle + 1
        _move(work, pack, contract, mend, Act.MEND_RETURN, today, in_words(reason, number=mend.number, until=until))
        key = f"mend_returned:{mend.id}:{mend.cycle}"
        addresses.to_contractor(work, contract, "mend_returned", key, facts)
        weigh_next(work, contract)


def waive_mend(office: Office, doer: Doer, mend_id: UUID, reason: str) -> None:
    """The head asks for it no more, with a reason."""
    _settle(office, doer, mend_id, Act.MEND_WAIVE, reason)


def _settle(office: Office, doer: Doer, mend_id: UUID, act: Act, reason: str) -> None:
    check_reason(reason, act)
    with office.acting(doer, act) as work:
        mend = work.get(Mend, mend_id)
        contract = work.get(Contract, mend.contract_id)
        contest, pack = contest_and_pack(office, work, contract)
        _move(work, pack, contract, mend, act, office.today(contest.zone), in_words(reason, number=mend.number))
        weigh_next(work, contract)


def _move(work: Work, pack: Pack, contract: Contract, mend: Mend, act: Act, today: date, because: Because) -> None:
    """Under a contract that has ended nobody is asked for it: then it does not wake."""
    if climbs(mend, contract):
        move_waiting(work, pack, mend, act, today, because=because)
    else:
        move(work, mend, act, because=because)
