"""After the results: a winner leaves, an appeal is upheld, the contest ends."""

from collections.abc import Callable
from datetime import timedelta
from email.utils import parseaddr

import pytest

from flows.steps import committee, completeness, contracting, intake, monitoring, register, results, sitting
from schemas.application import Application, ApplicationStatus
from schemas.commission import Assignment, Choice, Declaration, Sheet, SittingStatus
from schemas.contest import ContestStatus
from schemas.contract import Contract, ContractStatus
from schemas.customer import Role
from schemas.doer import CLOCK
from schemas.errors import NotDeclared, TooLate, WrongMoment
from schemas.event import Act, Event
from schemas.outbox import Letter
from tests.offices import Desk

Open = Callable[..., Desk]


def statuses(desk: Desk) -> dict[int, ApplicationStatus]:
    return {one.number: one.status for one in desk.all(Application, contest_id=desk.contest.id, order="number")}


def numbered(desk: Desk, status: ApplicationStatus) -> list[int]:
    return [number for number, now in statuses(desk).items() if now is status]


def first_of_reserve(desk: Desk) -> int:
    reserve = [desk.case(number) for number in numbered(desk, ApplicationStatus.RESERVE)]
    return min(reserve, key=lambda one: one.place or 0).number


def told(desk: Desk, code: str) -> list[Letter]:
    return [one for one in desk.all(Letter) if one.code == code]


# -- a winner leaves --------------------------------------------------------------------------------------------------


def test_when_the_winner_withdraws_the_first_of_the_reserve_takes_the_award(desk_at: Open) -> None:
    desk = desk_at("published")
    [won], following = numbered(desk, ApplicationStatus.WINNER), first_of_reserve(desk)

    intake.withdraw(desk.office, desk.who("secretary"), desk.case(won).id, "Уюм жабылды.")
    assert desk.work().troubles == []

    assert numbered(desk, ApplicationStatus.WINNER) == [following]
    assert desk.case(following).ground == "winner_left"
    assert statuses(desk)[won] is ApplicationStatus.WITHDRAWN
    contracts = {one.application_id: one.status for one in desk.all(Contract)}
    assert contracts[desk.case(won).id] is ContractStatus.TERMINATED
    assert contracts[desk.case(following).id] is ContractStatus.DRAFTED
    assert [one.stream_id for one in told(desk, "won")] == [desk.case(won).id, desk.case(following).id]


def test_when_the_head_ends_an_unsigned_contract_the_award_goes_on(desk_at: Open) -> None:
    desk = desk_at("published")
    [won], following = numbered(desk, ApplicationStatus.WINNER), first_of_reserve(desk)

    contracting.terminate(desk.office, desk.who("head"), desk.contract().id, "Жеңүүчү кол койгон жок.")

    assert statuses(desk)[won] is ApplicationStatus.PASSED_OVER
    assert numbered(desk, ApplicationStatus.WINNER) == [following]


def test_when_nobody_is_left_on_the_reserve_the_contest_ends_after_the_term_of_appeal(desk_at: Open) -> None:
    desk = desk_at("published")
    for _ in range(3):
        [won] = numbered(desk, ApplicationStatus.WINNER)
        intake.withdraw(desk.office, desk.who("secretary"), desk.case(won).id, "Мүмкүнчүлүгү жок.")
        desk.work()
        if not numbered(desk, ApplicationStatus.RESERVE):
            break
    left = numbered(desk, ApplicationStatus.WINNER)
    if left:
        intake.withdraw(desk.office, desk.who("secretary"), desk.case(left[0]).id, "Мүмкүнчүлүгү жок.")
    assert numbered(desk, ApplicationStatus.WINNER) == []
    assert results.contests_over(desk.office) == []
    until = results.appeal_until(desk.office, desk.contest)
    assert until is not None

    desk.at(until + timedelta(seconds=1))

    assert results.contests_over(desk.office) == [desk.contest.id]
    assert desk.contest.status is ContestStatus.FINISHED
    assert results.contests_over(desk.office) == []


def test_a_signed_contract_that_is_terminated_ends_the_contest_once_the_money_is_back(desk_at: Open) -> None:
    desk = desk_at("reporting")
    contracting.terminate(desk.office, desk.who("head"), desk.contract().id, "Долбоор токтоп калды.")
    contract = desk.contract()
    assert contract.balance > 0
    assert desk.contest.status is ContestStatus.PUBLISHED
    assert statuses(desk)[1] is ApplicationStatus.WINNER

    monitoring.return_balance(desk.office, desk.who("finance"), contract.id, contract.balance, "№ 17")

    assert desk.contest.status is ContestStatus.FINISHED


# -- an appeal is upheld ----------------------------------------------------------------------------------------------


def appealed(desk: Desk, number: int) -> None:
    appeal = results.lodge_appeal(desk.office, desk.ngo(number), desk.case(number).id, "Баалоочу тууган болгон.")
    results.decide_appeal(desk.office, desk.who("head"), appeal, upheld=True, answer="Арыз негиздүү.")
    assert desk.work().troubles == []


def judged_anew(desk: Desk, number: int, points: float) -> None:
    """Every member who was given it scores it; a sitting decides on it alone."""
    office, secretary, case = desk.office, desk.who("secretary"), desk.case(number)
    criteria = office.pack_of(desk.contest).criteria
    given = desk.all(Assignment, application_id=case.id, review=case.review)
    for member in range(1, 7):
        if desk.seat(member).id in {one.member_id for one in given}:
            scores = {
                code: round(one.low.value + points * (one.high.value - one.low.value)) for code, one in criteria.items()
            }
            committee.submit_sheet(
                office, desk.member(member), case.id, scores, dict.fromkeys(criteria, "кайра каралды")
            )
    meeting = sitting.convene(office, secretary, desk.contest.id, office.now(), "Баткен")
    sitting.open_sitting(office, secretary, meeting, [desk.seat(member).id for member in range(1, 7)])
    item = desk.item(number)
    for member in range(1, 7):
        if str(desk.seat(member).id) not in item.recused:
            sitting.vote(office, desk.member(member), item.id, Choice.FOR)
    sitting.decide_item(office, secretary, item.id, "Кайра каралды.")
    sitting.close_sitting(office, secretary, meeting)
    assert desk.work().troubles == []
    sitting.sign_minutes(office, desk.member(1), meeting)
    results.publish(office, desk.who("head"), desk.contest.id)
    assert desk.work().troubles == []


def test_what_an_upheld_appeal_has_judged_again_is_judged_by_others_and_ranked_among_all(desk_at: Open) -> None:
    desk = desk_at("published")
    [won] = numbered(desk, ApplicationStatus.WINNER)
    mine = next(number for number in (2, 3, 1) if number != won)
    before = {one.member_id for one in desk.all(Assignment, application_id=desk.case(mine).id)}

    appealed(desk, mine)

    assert (desk.contest.status, desk.contest.published_on) == (ContestStatus.REVIEWING, None)
    assert statuses(desk)[mine] is ApplicationStatus.IN_REVIEW
    again = {one.member_id for one in desk.all(Assignment, application_id=desk.case(mine).id, review=2)}
    assert len(again) == len(before)
    assert again - before
    with pytest.raises(WrongMoment):
        contracting.sign(desk.office, desk.who("head"), desk.contract().id)

    judged_anew(desk, mine, 1.0)

    assert desk.contest.status is ContestStatus.PUBLISHED
    assert numbered(desk, ApplicationStatus.WINNER) == [mine]
    assert statuses(desk)[won] is ApplicationStatus.RESERVE
    contracts = {one.application_id: one.status for one in desk.all(Contract)}
    assert contracts[desk.case(won).id] is ContractStatus.TERMINATED
    assert contracts[desk.case(mine).id] is ContractStatus.DRAFTED
    assert {one.review for one in desk.all(Sheet, application_id=desk.case(mine).id)} == {1, 2}
    assert len(told(desk, "reserve")) >= 2

    intake.withdraw(desk.office, desk.who("secretary"), desk.case(mine).id, "Баш тартам.")
    assert desk.work().troubles == []
    assert {one.application_id: one.status for one in desk.all(Contract)}[desk.case(won).id] is ContractStatus.DRAFTED


def test_places_stay_where_the_second_review_changes_nothing(desk_at: Open) -> None:
    desk = desk_at("published")
    [won] = numbered(desk, ApplicationStatus.WINNER)
    mine = next(number for number in (2, 3, 1) if number != won)
    appealed(desk, mine)
    wins = len(desk.all(Event, act=Act.APPLICATION_WIN))

    judged_anew(desk, mine, 0.0)

    assert numbered(desk, ApplicationStatus.WINNER) == [won]
    assert len(desk.all(Event, act=Act.APPLICATION_WIN)) == wins
    assert [one.status for one in desk.all(Contract)] == [ContractStatus.DRAFTED]
    assert desk.meeting().status is SittingStatus.SIGNED


def test_what_was_turned_away_wrongly_may_be_handed_in(desk_at: Open) -> None:
    desk = desk_at("announced")
    desk.after_cutoff(seconds=1)
    package = desk.papers.package("taza-muun")
    sender = desk.papers.applicant("taza-muun").sender
    with pytest.raises(TooLate):
        desk.hand_in(package, sender)
    late = desk.all(Application)[0]
    register.register_person(
        desk.office,
        register.OPERATOR,
        tenant_id=desk.contest.tenant_id,
        login="late.ngo",
        name="Абдыраимова Н.",
        email=parseaddr(late.sender)[1],
        roles={Role.APPLICANT: None},
    )
    applicant = desk.office.doer("batken", "late.ngo")
    appeal = results.lodge_appeal(desk.office, applicant, late.id, "Саат туура эмес болгон.")

    results.decide_appeal(desk.office, desk.who("head"), appeal, upheld=True, answer="Ырас, саат бузук экен.")
    intake.cure(desk.office, desk.who("secretary"), late.id, package)
    completeness.close(desk.office, CLOCK, desk.contest.id)
    assert desk.work().troubles == []

    assert desk.case(late.number).status is ApplicationStatus.ELIGIBLE
    assert desk.case(late.number).round == 1


# -- routing waits for declarations -----------------------------------------------------------------------------------


def test_routing_waits_until_every_member_has_declared(desk_at: Open) -> None:
    desk = desk_at("cured")
    assert {one.code for one in told(desk, "declare")} == {"declare"}
    assert len(told(desk, "declare")) == 6

    with pytest.raises(NotDeclared) as waiting:
        committee.ask_to_route(desk.office, desk.who("secretary"), desk.contest.id)

    assert waiting.value.facts["count"] == 6
    assert desk.all(Declaration) == []
    assert desk.all(Assignment) == []
