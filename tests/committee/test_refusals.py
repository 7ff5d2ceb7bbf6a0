"""Reviewing and voting: what a member may not do, and what does not count."""

from collections.abc import Callable
from dataclasses import replace
from uuid import uuid4

import pytest

from flows.steps import announcement, committee, register, results, sitting
from schemas.commission import Assignment, AssignmentStatus, Ballot, Choice, ItemStatus, Sheet
from schemas.customer import Role
from schemas.errors import (
    AlreadyGiven,
    BadSheet,
    NoQuorum,
    NoReason,
    NotFound,
    OwnInterest,
    OwnSheetFirst,
    TooLate,
    WrongMoment,
)
from schemas.event import Event
from schemas.wording import LANGUAGES, say_error
from tests.offices import Desk

Open = Callable[..., Desk]
GOOD = "Долбоор боюнча бааланды."


def assigned(desk: Desk, case: int) -> list[int]:
    """Numbers of the members who review a case."""
    rows = desk.all(Assignment, application_id=desk.case(case).id)
    held = {one.member_id for one in rows if one.status is not AssignmentStatus.DECLINED}
    return [number for number in range(1, 7) if desk.seat(number).id in held]


def sheet(desk: Desk) -> tuple[dict[str, int | None], dict[str, str]]:
    criteria = desk.office.pack_of(desk.contest).criteria
    return {code: one.high.value for code, one in criteria.items()}, dict.fromkeys(criteria, GOOD)


def test_a_sheet_outside_the_scale_is_told_all_that_is_wrong_with_it(desk_at: Open) -> None:
    desk = desk_at("routed")
    points, comments = sheet(desk)
    codes = list(points)
    reviewer = desk.member(assigned(desk, 1)[0])
    wrong = {**points, codes[0]: 10**9, codes[1]: -1, "unheard": 5}
    del wrong[codes[2]]

    with pytest.raises(BadSheet) as refused:
        committee.submit_sheet(desk.office, reviewer, desk.case(1).id, wrong, {})

    told = list(refused.value.facts["wrong"])  # type: ignore[call-overload]
    assert {one.partition(":")[0] for one in told} >= {codes[0], codes[1], codes[2], "unheard"}
    assert desk.all(Sheet) == []
    for language in LANGUAGES:
        assert "⟨" not in say_error(refused.value, language)
    assert committee.submit_sheet(desk.office, reviewer, desk.case(1).id, points, comments) == 10_000


def test_a_sheet_is_given_once_and_only_by_whom_it_was_asked_of(desk_at: Open) -> None:
    desk = desk_at("routed")
    points, comments = sheet(desk)
    reviewers = assigned(desk, 1)
    first = desk.member(reviewers[0])
    idle = next(number for number in range(1, 7) if number not in reviewers)
    case = desk.case(1).id

    with pytest.raises(NotFound):
        committee.submit_sheet(desk.office, desk.member(idle), case, points, comments)
    assert committee.submit_sheet(desk.office, first, case, points, comments) == 10_000
    assert committee.submit_sheet(desk.office, first, case, points, comments) == 10_000
    with pytest.raises(AlreadyGiven):
        committee.submit_sheet(desk.office, first, case, {**points, next(iter(points)): None}, comments)
    assert len(desk.all(Sheet)) == 1


def test_others_sheets_are_seen_after_ones_own(desk_at: Open) -> None:
    desk = desk_at("routed")
    points, comments = sheet(desk)
    one, two = (desk.member(number) for number in assigned(desk, 1)[:2])
    case = desk.case(1).id
    committee.submit_sheet(desk.office, one, case, points, comments)

    with pytest.raises(OwnSheetFirst):
        committee.sheets_for(desk.office, two, case)
    with pytest.raises(OwnInterest):
        committee.sheets_for(desk.office, desk.member(3), desk.case(3).id)
    with pytest.raises(WrongMoment):
        committee.sheets_for(desk.office, desk.ngo(1), case)
    with pytest.raises(NotFound):
        committee.sheets_for(desk.office, desk.ngo(2), case)
    committee.submit_sheet(desk.office, two, case, points, comments)
    assert len(committee.sheets_for(desk.office, two, case)) == 2


def test_who_says_late_that_he_has_an_interest_gives_the_sheet_back(desk_at: Open) -> None:
    desk = desk_at("routed")
    before = assigned(desk, 1)
    committee.declare(desk.office, desk.member(before[0]), desk.case(1).id, conflict=True, reason="тууганым")

    after = assigned(desk, 1)

    assert before[0] not in after
    assert len(after) == len(before)
    assert set(before[1:]) < set(after)


def test_a_person_of_the_applicant_never_judges_it_even_if_he_denies(desk_at: Open) -> None:
    desk = desk_at("cured")
    person = desk.member(4)
    register.register_person(
        desk.office,
        register.OPERATOR,
        tenant_id=desk.contest.tenant_id,
        login="batken.member4",
        name="",
        email="",
        roles={Role.APPLICANT: desk.case(1).organisation_id},
    )
    for number in range(1, 7):
        for case in (1, 2, 3):
            kin = (number, case) == (3, 3)
            committee.declare(desk.office, desk.member(number), desk.case(case).id, conflict=kin, reason="иним")
    committee.ask_to_route(desk.office, desk.who("secretary"), desk.contest.id)
    assert desk.work().troubles == []

    assert 4 not in assigned(desk, 1)
    points, comments = sheet(desk)
    with pytest.raises(OwnInterest):
        committee.submit_sheet(desk.office, person, desk.case(1).id, points, comments)


def test_a_member_with_an_interest_does_not_vote_nor_does_an_absent_one_nor_anybody_twice(desk_at: Open) -> None:
    desk = desk_at("open")
    with pytest.raises(OwnInterest):
        sitting.vote(desk.office, desk.member(3), desk.item(3).id, Choice.FOR)
    with pytest.raises(WrongMoment):
        sitting.vote(desk.office, desk.member(6), desk.item(1).id, Choice.FOR)
    sitting.vote(desk.office, desk.member(1), desk.item(1).id, Choice.FOR)
    sitting.vote(desk.office, desk.member(1), desk.item(1).id, Choice.FOR)
    with pytest.raises(AlreadyGiven):
        sitting.vote(desk.office, desk.member(1), desk.item(1).id, Choice.AGAINST)
    announcement.release(desk.office, desk.who("head"), desk.seat(2).id, "көчүп кетти")
    with pytest.raises(NotFound):
        sitting.vote(desk.office, desk.member(2), desk.item(1).id, Choice.FOR)
    assert len(desk.all(Ballot)) == 1


def test_an_item_waits_for_everyone_present_and_needs_a_reason(desk_at: Open) -> None:
    desk = desk_at("open")
    for number in (1, 2, 3, 4):
        sitting.vote(desk.office, desk.member(number), desk.item(1).id, Choice.FOR)
    with pytest.raises(WrongMoment) as refused:
        sitting.decide_item(desk.office, desk.who("secretary"), desk.item(1).id, "негиз")
    assert refused.value.facts["waiting"] == 1
    sitting.vote(desk.office, desk.member(5), desk.item(1).id, Choice.ABSTAIN)
    with pytest.raises(NoReason):
        sitting.decide_item(desk.office, desk.who("secretary"), desk.item(1).id, "  ")
    assert sitting.decide_item(desk.office, desk.who("secretary"), desk.item(1).id, "негиз") is ItemStatus.RECOMMENDED


def test_a_vote_of_one_who_then_names_his_interest_is_not_counted(desk_at: Open) -> None:
    desk = desk_at("open")
    item = desk.item(1)
    for number in range(1, 6):
        sitting.vote(desk.office, desk.member(number), item.id, Choice.FOR)
    committee.declare(desk.office, desk.member(5), desk.case(1).id, conflict=True, reason="досум")
    sitting.decide_item(desk.office, desk.who("secretary"), item.id, "негиз")

    decided = desk.item(1)
    assert (decided.votes_for, decided.present, decided.entitled) == (4, 4, 5)


@pytest.mark.parametrize("short", [0, 1], ids=["exactly the quorum", "one fewer"])
def test_quorum_is_of_those_entitled_on_the_item(desk_at: Open, short: int) -> None:
    desk = desk_at("routed")
    points, comments = sheet(desk)
    for case in (1, 2, 3):
        for number in assigned(desk, case):
            committee.submit_sheet(desk.office, desk.member(number), desk.case(case).id, points, comments)
    from rules import commission

    needed = commission.needed(desk.office.pack_of(desk.contest), 5)
    entitled = [1, 2, 4, 5, 6]  # the third has an interest in the third case
    present = entitled[: needed - short]
    office, secretary = desk.office, desk.who("secretary")
    meeting = sitting.convene(office, secretary, desk.contest.id, office.now(), "Мэрия")
    sitting.open_sitting(office, secretary, meeting, [desk.seat(number).id for number in [*present, 3]])
    for number in present:
        sitting.vote(office, desk.member(number), desk.item(3).id, Choice.FOR)

    if short:
        with pytest.raises(NoQuorum) as refused:
            sitting.decide_item(office, secretary, desk.item(3).id, "негиз")
        assert (refused.value.facts["present"], refused.value.facts["needed"]) == (needed - 1, needed)
        assert desk.item(3).status is ItemStatus.OPEN
    else:
        assert sitting.decide_item(office, secretary, desk.item(3).id, "негиз") is ItemStatus.RECOMMENDED


def test_nobody_unknown_and_nobody_of_another_commission_is_present(desk_at: Open) -> None:
    desk = desk_at("routed")
    points, comments = sheet(desk)
    for case in (1, 2, 3):
        for number in assigned(desk, case):
            committee.submit_sheet(desk.office, desk.member(number), desk.case(case).id, points, comments)
    office, secretary = desk.office, desk.who("secretary")
    meeting = sitting.convene(office, secretary, desk.contest.id, office.now(), "Мэрия")
    before = len(desk.all(Event))
    with pytest.raises(NotFound):
        sitting.open_sitting(office, secretary, meeting, [desk.seat(1).id, uuid4()])
    assert len(desk.all(Event)) == before
    sitting.open_sitting(office, secretary, meeting, [desk.seat(1).id] * 9)
    assert desk.meeting().present == [str(desk.seat(1).id)]


def test_no_contest_is_announced_whose_intake_has_ended_already(desk_at: Open) -> None:
    desk = desk_at("decided")
    with pytest.raises(WrongMoment):
        announcement.announce(desk.office, desk.who("head"), desk.contest.id)


def test_an_appeal_has_its_term_its_text_and_its_own_hand(desk_at: Open) -> None:
    desk = desk_at("published")
    mine = desk.ngo(2)
    with pytest.raises(NoReason):
        results.lodge_appeal(desk.office, mine, desk.case(2).id, "\n")
    with pytest.raises(NotFound):
        results.lodge_appeal(desk.office, mine, desk.case(1).id, "башканын ордуна")
    first = results.lodge_appeal(desk.office, mine, desk.case(2).id, "макул эмесмин")
    assert results.lodge_appeal(desk.office, mine, desk.case(2).id, "макул эмесмин") == first
    with pytest.raises(NoReason):
        results.decide_appeal(desk.office, desk.who("head"), first, upheld=True, answer="")
    desk.after_cutoff(days=90)
    with pytest.raises(TooLate):
        results.lodge_appeal(desk.office, mine, desk.case(2).id, "дагы бир жолу")


def test_roles_are_not_given_beyond_ones_own_nor_over_the_border(desk_at: Open) -> None:
    from schemas.errors import NotAllowed

    desk = desk_at("announced")
    ours, theirs = desk.contest.tenant_id, desk.who("head", "karakol").tenant_id
    assert theirs is not None

    def grant(doer_role: Role, role: Role, tenant: object = ours) -> None:
        register.register_person(
            desk.office,
            desk.as_role(doer_role),
            tenant_id=tenant,  # type: ignore[arg-type]
            login="some.body",
            name="X",
            email="",
            roles={role: None},
        )

    for doer, role in ((Role.SECRETARY, Role.HEAD), (Role.COORDINATOR, Role.FINANCE), (Role.HEAD, Role.OPERATOR)):
        with pytest.raises(NotAllowed):
            grant(doer, role)
    with pytest.raises(NotAllowed):
        grant(Role.HEAD, Role.SYSTEM)
    with pytest.raises(NotFound):
        grant(Role.HEAD, Role.HEAD, theirs)
    grant(Role.HEAD, Role.FINANCE)
    assert replace(desk.office.doer("batken", "some.body")).roles == {Role.FINANCE}
