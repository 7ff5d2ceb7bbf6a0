from collections import Counter
from fractions import Fraction
from itertools import product
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules import commission, likeness
from rules.packs import Pack
from schemas.commission import Background, Choice, Seat
from schemas.errors import Shortage
from tests.rules.makers import PACK, changed, member, organisation, rules_of, uid

FOR, AGAINST, ABSTAIN = Choice.FOR, Choice.AGAINST, Choice.ABSTAIN
EXPERT = Background.EXPERT
FIVE = [
    member(1, seat=Seat.CHAIR),
    member(2, seat=Seat.DEPUTY),
    member(3),
    member(4, background=EXPERT),
    member(5, background=EXPERT),
]


def test_five_members_two_experts_and_a_chair_are_a_commission():
    assert commission.composition(PACK, FIVE) == []


def test_all_that_a_commission_lacks_is_named_at_once():
    assert rules_of(commission.composition(PACK, [])) == ["commission_small", "experts_few", "no_chair"]
    gone = [*FIVE[:4], member(5, background=EXPERT, active=False)]
    assert rules_of(commission.composition(PACK, gone)) == ["commission_small", "experts_few"]
    assert rules_of(commission.composition(PACK, [*FIVE, member(6, seat=Seat.CHAIR)])) == ["two_chairs"]
    assert commission.composition(changed("commission.chair", False), [*FIVE[1:], member(6)]) == []


HEAD = "Эргешова Айгүл Асановна"
NCO = organisation(phone="0 (555) 41-20-17", address="г. Баткен, ул. Жаштык, 27", inn="01203201510046")


@pytest.mark.parametrize(
    ("name", "relations", "expected"),
    [
        ("Эргешов Тимур Асанович", [], ["surname"]),
        ("Тимур Эргешов", [], ["surname"]),
        ("Кадырова Зулфия", [], []),
        ("Кадырова Зулфия", [{"kind": "phone", "value": "+996 555 412017"}], ["phone"]),
        (
            "Кадырова Зулфия",
            [{"kind": "address", "value": "Баткен шаары, Жаштык көчөсү, 27", "of": {"en": "brother"}}],
            ["address"],
        ),
        ("Кадырова Зулфия", [{"inn": "01203201510046", "surname": "Эргешов"}], ["surname", "inn"]),
        ("Кадырова Зулфия", [{"kind": "phone", "value": ""}, {"kind": "kin", "value": "x"}], []),
    ],
)
def test_a_relation_is_found_by_surname_phone_address_or_number(name: str, relations: list, expected: list[str]):
    assert commission.relations(member(3, relations=relations), NCO, HEAD, name) == expected


def test_what_is_not_known_of_an_applicant_matches_nobody():
    bare = organisation(phone="", address="", inn="")

    assert commission.relations(member(3, relations=[{"phone": "1"}, {"address": ""}]), bare, "", "") == []


@pytest.mark.parametrize(
    ("full", "family"),
    [
        ("Асан уулу Бакыт", "асан"),
        ("Асан кызы Айнура", "асан"),
        ("Нурдин Асанов", "асанов"),
        ("Халиков Рустам Илхомович", "халиков"),
        ("Ким Сергей", "ким"),
        ("Ильина Анна", "ильин"),
        ("", ""),
    ],
)
def test_the_family_name_is_one_for_men_and_women(full: str, family: str):
    assert likeness.surname(full) == family


def ids(count: int, start: int) -> list[UUID]:
    return [uid(start + n) for n in range(count)]


APPLICATIONS, MEMBERS = ids(12, 1000), ids(5, 1)


def loads(pairings: list[commission.Pairing], members: list[UUID]) -> list[int]:
    held = Counter(one.member_id for one in pairings)
    return [held[one] for one in members]


def test_each_application_gets_two_reviewers_evenly_and_says_why():
    pairings = commission.assign(PACK, seed=7, applications=APPLICATIONS, members=MEMBERS, conflicts=set())

    assert all(count == 2 for count in Counter(one.application_id for one in pairings).values())
    assert max(loads(pairings, MEMBERS)) - min(loads(pairings, MEMBERS)) <= 1
    assert pairings[0].because.startswith("no conflict (5 of 5 free); load ")


def test_the_seed_decides_and_the_order_of_the_lists_does_not():
    def drawn(seed: int, applications: list[UUID], members: list[UUID]) -> list[commission.Pairing]:
        return commission.assign(PACK, seed=seed, applications=applications, members=members, conflicts=set())

    plainly = drawn(7, APPLICATIONS, MEMBERS)
    assert set(drawn(7, APPLICATIONS[::-1], MEMBERS[::-1])) == set(plainly)
    assert set(drawn(8, APPLICATIONS, MEMBERS)) != set(plainly)


def test_a_shortage_names_each_application_and_how_many_it_lacks():
    conflicts = {(one, APPLICATIONS[0]) for one in MEMBERS[:4]} | {(one, APPLICATIONS[1]) for one in MEMBERS}

    with pytest.raises(Shortage) as refusal:
        commission.assign(PACK, seed=7, applications=APPLICATIONS, members=MEMBERS, conflicts=conflicts)
    assert refusal.value.facts["short"] == {str(APPLICATIONS[0]): 1, str(APPLICATIONS[1]): 2}


def test_a_declined_review_is_filled_without_moving_the_others():
    before = commission.assign(PACK, seed=7, applications=APPLICATIONS, members=MEMBERS, conflicts=set())
    leaving = before[0]
    kept = [(one.member_id, one.application_id) for one in before if one != leaving]

    after = commission.assign(
        PACK,
        seed=7,
        applications=APPLICATIONS,
        members=MEMBERS,
        conflicts={(leaving.member_id, leaving.application_id)},
        kept=kept,
    )
    pairs = {(one.member_id, one.application_id) for one in after}
    assert set(kept) < pairs
    assert (leaving.member_id, leaving.application_id) not in pairs
    assert sum(one.because.startswith("kept; ") for one in after) == len(kept)


def test_a_review_by_one_who_left_the_commission_stays():
    gone = uid(99)
    kept = [(gone, APPLICATIONS[0]), (gone, APPLICATIONS[0])]

    pairings = commission.assign(
        PACK, seed=7, applications=APPLICATIONS[:1], members=MEMBERS[:1], conflicts=set(), kept=kept
    )
    assert {one.member_id for one in pairings} == {gone, MEMBERS[0]}


def test_a_kept_review_in_conflict_is_given_to_another():
    pair = (MEMBERS[0], APPLICATIONS[0])

    pairings = commission.assign(
        PACK, seed=7, applications=APPLICATIONS[:1], members=MEMBERS, conflicts={pair}, kept=[pair]
    )
    assert MEMBERS[0] not in {one.member_id for one in pairings}


@given(
    st.integers(0, 99),
    st.sets(st.tuples(st.sampled_from(MEMBERS), st.sampled_from(APPLICATIONS)), max_size=30),
)
def test_no_conflicted_pair_ever_and_no_load_can_be_evened_out_by_one_swap(seed: int, conflicts: set):
    free = {one: [m for m in MEMBERS if (m, one) not in conflicts] for one in APPLICATIONS}
    possible = [one for one in APPLICATIONS if len(free[one]) >= 2]

    pairings = commission.assign(PACK, seed=seed, applications=possible, members=MEMBERS, conflicts=conflicts)
    pairs = {(one.member_id, one.application_id) for one in pairings}
    held = Counter(one.member_id for one in pairings)

    assert not pairs & conflicts
    assert len(pairs) == len(pairings) == 2 * len(possible)
    for giver, one in pairs:
        for taker in free[one]:
            assert (taker, one) in pairs or held[giver] - held[taker] <= 1


@given(st.integers(1, 25), st.integers(2, 9), st.integers(0, 999))
def test_without_conflicts_loads_differ_by_one_at_most(applications: int, members: int, seed: int):
    seated = ids(members, 1)
    pairings = commission.assign(PACK, seed=seed, applications=ids(applications, 1000), members=seated, conflicts=set())

    assert max(loads(pairings, seated)) - min(loads(pairings, seated)) <= 1


@pytest.mark.parametrize("seed", range(12))
def test_reviews_are_handed_on_over_a_third_member_until_loads_are_even(seed: int):
    a, b, c = ids(3, 1)
    works = ids(3, 1000)
    # c can take only the first, which b may have drawn; then a or b holds two and c none
    conflicts = {(a, works[0]), (c, works[1]), (c, works[2])}

    pairings = commission.assign(
        changed("commission.reviewers", 1), seed=seed, applications=works, members=[a, b, c], conflicts=conflicts
    )
    assert loads(pairings, [a, b, c]) == [1, 1, 1]


@pytest.mark.parametrize(
    ("share", "strict", "entitled", "expected"),
    [
        ("2/3", False, 9, 6),
        ("2/3", False, 6, 4),
        ("2/3", False, 5, 4),
        ("1/2", True, 6, 4),
        ("1/2", True, 5, 3),
        ("1/2", False, 6, 3),
        ("2/3", False, 0, 1),
    ],
)
def test_the_quorum_is_reckoned_on_those_entitled_on_the_item(share: str, strict: bool, entitled: int, expected: int):
    pack = changed("quorum.strict", strict, pack=changed("quorum.share", share))

    assert commission.needed(pack, entitled) == expected


def test_nine_members_three_recused_five_present_make_a_quorum():
    assert commission.needed(PACK, 9 - 3) == 4
    assert commission.needed(PACK, 6, repeated=True) == 3


@given(st.integers(1, 60))
def test_a_quorum_is_never_more_than_all_and_never_less_than_the_share(entitled: int):
    assert Fraction(commission.needed(PACK, entitled), entitled) >= Fraction(2, 3)
    assert commission.needed(PACK, entitled) <= entitled


CHAIR = uid(1)


def outcome(pack: Pack, *choices: Choice, chair: UUID | None = CHAIR) -> tuple[bool, bool]:
    """The first vote is the chair's."""
    decided = commission.decide(pack, {uid(n): choice for n, choice in enumerate(choices, 1)}, chair)
    return decided.recommended, decided.casting_vote


@pytest.mark.parametrize(
    ("choices", "expected"),
    [
        ((FOR, FOR, AGAINST), (True, False)),
        ((FOR, AGAINST, AGAINST), (False, False)),
        ((FOR, FOR, AGAINST, AGAINST), (True, True)),
        ((AGAINST, FOR, FOR, AGAINST), (False, True)),
        ((ABSTAIN, FOR, AGAINST), (False, False)),
        ((FOR, ABSTAIN, ABSTAIN), (True, False)),
        ((ABSTAIN, ABSTAIN), (False, False)),
        ((), (False, False)),
    ],
)
def test_the_majority_of_the_votes_cast_decides_and_the_chair_breaks_a_tie(choices: tuple, expected: tuple):
    assert outcome(PACK, *choices) == expected


def test_without_a_chair_or_his_casting_vote_a_tie_is_no_majority():
    tie = (FOR, AGAINST)

    assert outcome(PACK, *tie, chair=None) == (False, False)
    assert outcome(PACK, *tie, chair=uid(77)) == (False, False)
    assert outcome(changed("voting.casting_vote", False), *tie) == (False, False)
    assert outcome(changed("voting.strict", False, pack=changed("voting.casting_vote", False)), *tie) == (True, False)


def test_abstentions_count_against_where_the_majority_is_of_those_present():
    pack = changed("voting.of", "present")

    assert outcome(pack, FOR, FOR, ABSTAIN, ABSTAIN) == (False, False)
    assert outcome(pack, FOR, FOR, FOR, ABSTAIN) == (True, False)


@pytest.mark.parametrize("choices", list(product(Choice, repeat=4)))
def test_the_order_of_the_votes_decides_nothing(choices: tuple):
    votes = {uid(n): choice for n, choice in enumerate(choices, 1)}
    turned = dict(reversed(votes.items()))

    assert commission.decide(PACK, votes, CHAIR) == commission.decide(PACK, turned, CHAIR)
    assert sum(commission.decide(PACK, votes, CHAIR).counts.values()) == 4


def test_on_an_item_only_who_sits_is_there_and_has_no_interest_counts():
    members = [member(1, seat=Seat.CHAIR), *(member(number) for number in (2, 3, 4, 5)), member(6, active=False)]
    votes = {uid(number): Choice.FOR for number in (1, 2, 6)} | {uid(3): Choice.AGAINST}

    count = commission.tally(PACK, members, {uid(number) for number in (1, 2, 3, 6)}, {uid(3), uid(6)}, votes)

    assert (count.recused, count.entitled, count.counted) == ([uid(3)], 4, [uid(1), uid(2)])
    assert count.voted == {uid(1): Choice.FOR, uid(2): Choice.FOR}
    assert (count.quorum, count.waiting) == (commission.needed(PACK, 4) <= 2, 0)
    assert count.outcome.recommended


def test_who_is_there_and_has_not_voted_is_waited_for():
    members = [member(number) for number in (1, 2)]

    count = commission.tally(PACK, members, {uid(1), uid(2)}, set(), {uid(1): Choice.FOR})

    assert (count.quorum, count.waiting) == (True, 1)
