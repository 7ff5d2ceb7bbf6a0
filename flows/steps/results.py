"""Stage 12 and after: publication, appeals, a winner who leaves, the end of the contest."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from flows.office import Office
from flows.steps import addresses
from flows.steps.moving import by_rule, check_moment, in_words, move
from flows.steps.people import only_own
from flows.steps.tranches import weigh_next
from rules import commission, deadlines
from rules.packs import Pack
from schemas.application import Application, ApplicationStatus
from schemas.commission import Sitting, SittingStatus
from schemas.contest import Contest, ContestStatus
from schemas.contract import Appeal, AppealStatus, Contract, ContractStatus
from schemas.doer import CLOCK, Doer
from schemas.errors import NoReason, TooLate, WrongMoment
from schemas.event import Act
from schemas.outbox import Errand
from storage.ledger import Because
from storage.work import Look, Work, looking

LETTERS = {
    ApplicationStatus.WINNER: "won",
    ApplicationStatus.RESERVE: "reserve",
    ApplicationStatus.PASSED_OVER: "passed_over",
}
UNSIGNED = (ContractStatus.PREPARED, ContractStatus.DRAFTED)


def publish(office: Office, doer: Doer, contest_id: UUID) -> None:
    """Results become public; everyone who took part gets his letter with the reasons; winners' contracts are prepared."""
    with office.acting(doer, Act.CONTEST_PUBLISH) as work:
        contest = work.get(Contest, contest_id)
        if contest.status is ContestStatus.PUBLISHED:
            return
        sittings = work.all(Sitting, contest_id=contest_id)
        if any(one.status is not SittingStatus.SIGNED for one in sittings):
            raise WrongMoment(act=Act.CONTEST_PUBLISH, noun="sitting", status=SittingStatus.CLOSED)
        contest.published_on = office.today(contest.zone)
        move(work, contest, Act.CONTEST_PUBLISH, because=by_rule(office.pack_of(contest), "published"))
        for application in work.all(Application, contest_id=contest_id, status=list(LETTERS), order="number"):
            _tell(work, contest, application)


def _tell(work: Work, contest: Contest, application: Application) -> None:
    """His letter; a winner's contract is drafted, anew after each sitting, since it names the minutes."""
    code = LETTERS[application.status]
    facts = {
        "contest": contest.number,
        "number": application.number,
        "place": application.place or 0,
        "score": application.score or 0,
        "reasons": [{"rule": application.ground, "facts": {}}],
    }
    addresses.to_sender(work, application, code, f"{code}:{application.id}", facts)
    if application.status is ApplicationStatus.WINNER:
        sittings = len(work.all(Sitting, contest_id=contest.id))
        key = str(application.id) if sittings == 1 else f"{application.id}:{sittings}"
        work.errand(Errand.DRAFT_CONTRACT, application, key)


# -- a winner leaves ------------------------------------------------------------------------------------------------


def drop_contract(work: Work, application: Application, because: Because) -> None:
    """The unsigned contract of one who is no winner any more comes to nothing."""
    contract = work.one(Contract, application_id=application.id)
    if contract is not None and contract.status in UNSIGNED:
        move(work, contract, Act.CONTRACT_TERMINATE, because=because)


def promote(work: Work, contest: Contest, pack: Pack, left: Application) -> Application | None:
    """Whoever is next on the reserve takes the award that `left` leaves, if awards and money allow."""
    applications = [one for one in work.all(Application, contest_id=contest.id, order="number") if one.id != left.id]
    following = commission.next_in_line(pack, contest, applications)
    if following is None:
        return None
    following.ground = "winner_left"
    move(work, following, Act.APPLICATION_WIN, because=by_rule(pack, "winner_left", left=left.number))
    if contest.status is ContestStatus.PUBLISHED:
        _tell(work, contest, following)
    return following


# -- appeal ---------------------------------------------------------------------------------------------------------


def appeal_until(office: Office, contest: Contest) -> datetime | None:
    """The last instant of the appeal term, or None before the results are published."""
    if contest.published_on is None:
        return None
    last = deadlines.add(contest.published_on, office.pack_of(contest).appeal.term.value)
    return deadlines.cutoff(last, datetime.max.time().replace(microsecond=0), contest.zone)


def lodge_appeal(office: Office, doer: Doer, application_id: UUID, text: str) -> UUID:
    """A complaint; it pauses the contracts of its contest. The same text twice is one. Raises TooLate, NoReason."""
    if not text.strip():
        raise NoReason(act=Act.APPEAL_LODGE)
    with office.acting(doer, Act.APPEAL_LODGE) as work:
        application = work.get(Application, application_id)
        only_own(work, doer, application)
        contest = work.get(Contest, application.contest_id)
        known = [one for one in work.all(Appeal, application_id=application_id) if one.text == text]
        if known:
            return known[0].id
        check_moment(application, Act.APPEAL_LODGE)
        until = appeal_until(office, contest)
        if until is not None and office.now() > until:
            raise TooLate(received=office.now(), cutoff=until)
        appeal = Appeal(application_id=application.id, contest_id=contest.id, text=text)
        work.new(appeal, stream=application.id)
        work.record(Act.APPEAL_LODGE, appeal, because=in_words(text, office.pack_of(contest)))
        facts = {"contest": contest.number, "number": application.number}
        addresses.to_sender(work, application, "appeal_received", f"appeal:{appeal.id}", facts)
        return appeal.id


def decide_appeal(office: Office, doer: Doer, appeal_id: UUID, *, upheld: bool, answer: str) -> None:
    """The head answers. Upheld, the application goes back to where it was wronged: what was turned away may be handed in,
    what was refused is checked again, what was judged is given to other members and decided at another sitting.
    """
    if not answer.strip():
        raise NoReason(act=Act.APPEAL_DECIDE)
    with office.acting(doer, Act.APPEAL_DECIDE) as work:
        appeal = work.get(Appeal, appeal_id)
        application = work.get(Application, appeal.application_id)
        contest = work.get(Contest, application.contest_id)
        pack = office.pack_of(contest)
        because = in_words(answer, pack)
        appeal.answer = answer
        to = AppealStatus.UPHELD if upheld else AppealStatus.REJECTED
        move(work, appeal, Act.APPEAL_DECIDE, because=because, to=to)
        if upheld:
            _back(office, work, application, contest, appeal, because)
        facts = {"contest": contest.number, "number": application.number, "answer": answer, "upheld": upheld}
        addresses.to_sender(work, application, "appeal_decided", f"appeal_decided:{appeal.id}", facts)
        for contract in _contracts(work, contest.id).values():  # each may have waited for this answer alone
            weigh_next(work, contract)


def _back(
    office: Office, work: Work, application: Application, contest: Contest, appeal: Appeal, because: Because
) -> None:
    was = application.status
    if was is ApplicationStatus.TURNED_AWAY:
        application.round = 0  # what he brings now is his first package
        application.cure_until = deadlines.add(office.today(contest.zone), office.pack_of(contest).cure.term.value)
        move(work, application, Act.APPEAL_DECIDE, because=because, to=ApplicationStatus.TO_CURE)
    elif was is ApplicationStatus.REFUSED:
        move(work, application, Act.APPEAL_DECIDE, because=because, to=ApplicationStatus.OPENED)
        work.errand(Errand.CHECK, application, f"{application.id}:appeal:{appeal.id}")
    else:
        drop_contract(work, application, because)
        application.review += 1
        move(work, application, Act.APPEAL_DECIDE, because=because, to=ApplicationStatus.ELIGIBLE)
    if contest.status in (ContestStatus.DECIDED, ContestStatus.PUBLISHED):
        contest.published_on = None  # no contract is signed on results that are to be decided again
        move(work, contest, Act.APPEAL_DECIDE, because=because, to=ContestStatus.REVIEWING)
    if application.status is ApplicationStatus.ELIGIBLE:
        work.errand(Errand.ROUTE, contest, f"{contest.id}:appeal:{appeal.id}")


# -- the end of the contest -----------------------------------------------------------------------------------------


def finish_if_over(office: Office, work: Work, contest: Contest) -> bool:
    """The contest ends when its results stand, no contract is still to run, and nothing is still to be returned."""
    until = appeal_until(office, contest)
    if contest.status is not ContestStatus.PUBLISHED or until is None or office.now() <= until:
        return False
    if work.all(Appeal, contest_id=contest.id, status=AppealStatus.LODGED):
        return False
    contracts = _contracts(work, contest.id)
    winners = work.all(Application, contest_id=contest.id, status=ApplicationStatus.WINNER)
    if any(one.id not in contracts for one in winners) or not all(_over(one) for one in contracts.values()):
        return False
    ends = sorted(one.number for one in contracts.values())
    move(work, contest, Act.CONTEST_FINISH, because=by_rule(office.pack_of(contest), "all_closed", contracts=ends))
    return True


def _contracts(look: Look, contest_id: UUID) -> dict[UUID, Contract]:
    cases = [one.id for one in look.all(Application, contest_id=contest_id)]
    return {one.application_id: one for one in look.all(Contract, application_id=cases)}


def _over(contract: Contract) -> bool:
    owed = contract.balance - contract.returned
    return contract.status is ContractStatus.CLOSED or (contract.status is ContractStatus.TERMINATED and owed <= 0)


def contests_over(office: Office) -> Collection[UUID]:
    """Contests that ended without anybody's act: nobody won, or the last contract ended before the term of appeal."""
    ended: list[UUID] = []
    with looking(office.engine, office.system) as look:
        published = [one.id for one in look.all(Contest, status=ContestStatus.PUBLISHED)]
    for contest_id in published:
        with office.acting(CLOCK, Act.CONTEST_FINISH) as work:
            if finish_if_over(office, work, work.get(Contest, contest_id)):
                ended.append(contest_id)
    return ended
