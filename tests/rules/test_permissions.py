from itertools import product
from pathlib import Path

import pytest

from rules import lifecycle, permissions
from schemas.customer import Role
from schemas.errors import NotAllowed
from schemas.event import Act

TABLE = Path(__file__).parent / "permissions.md"
YES = "yes"


def written() -> dict[tuple[Role, Act], bool]:
    """The committed table: one row for each act, one column for each role."""
    rows = [line.strip("| \n").split("|") for line in TABLE.read_text(encoding="utf-8").splitlines() if "|" in line]
    cells = [[cell.strip() for cell in row] for row in rows]
    roles = [Role(name) for name in cells[0][1:]]
    return {
        (role, Act(row[0])): cell == YES
        for row in cells[2:]
        for role, cell in zip(roles, (row + [""] * len(roles))[1 : len(roles) + 1], strict=True)
    }


def test_the_truth_table_is_whole():
    assert set(written()) == set(product(Role, Act))


def test_each_role_may_do_just_what_the_table_says():
    wrong = [(role, act) for (role, act), yes in written().items() if permissions.allowed(role, act) is not yes]

    assert wrong == []


def test_the_auditor_and_the_consultant_change_nothing():
    reading = {Act.CASE_READ, Act.TRAIL_READ}

    assert {act for act in Act if permissions.allowed(Role.AUDITOR, act)} == reading | {Act.TRAIL_EXPORT}
    assert {act for act in Act if permissions.allowed(Role.CONSULTANT, act)} == reading


def test_the_operator_opens_and_reads_no_package():
    for act in Act:
        if act.value.startswith(("application:", "case:", "trail:", "sheet:", "item:")):
            assert not permissions.allowed(Role.OPERATOR, act)


def test_donor_and_public_have_only_what_is_published():
    assert not [act for act in Act for role in (Role.DONOR, Role.PUBLIC) if permissions.allowed(role, act)]


def test_a_winner_is_never_made_by_the_head_and_a_vote_never_cast_by_the_secretary():
    assert not permissions.allowed(Role.HEAD, Act.APPLICATION_WIN)
    assert not permissions.allowed(Role.SECRETARY, Act.ITEM_VOTE)
    assert not permissions.allowed(Role.SYSTEM, Act.TRANCHE_PAY)


@pytest.mark.parametrize("act", Act)
def test_someone_may_do_every_act(act: Act):
    assert any(permissions.allowed(role, act) for role in Role)
    assert lifecycle.who(act) <= {role for role in Role if permissions.allowed(role, act)}


def test_the_role_that_may_is_named_and_the_others_are_refused():
    assert permissions.demand({Role.MEMBER, Role.CHAIR}, Act.MINUTES_SIGN) is Role.CHAIR
    assert permissions.demand([Role.MEMBER, Role.SECRETARY], Act.SITTING_OPEN) is Role.SECRETARY
    with pytest.raises(NotAllowed) as refusal:
        permissions.demand({Role.AUDITOR, Role.APPLICANT}, Act.ITEM_VOTE)
    assert refusal.value.facts == {"act": "item:vote", "role": "applicant, auditor"}
    with pytest.raises(NotAllowed):
        permissions.demand((), Act.CASE_READ)
