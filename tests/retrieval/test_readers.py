"""Who looks into a case is on record by what else he is beside an applicant."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from schemas.application import Application
from schemas.customer import Role
from schemas.event import Act, Event
from tests.offices import Desk

APPLICANT, AUDITOR, CONSULTANT, SECRETARY = Role.APPLICANT, Role.AUDITOR, Role.CONSULTANT, Role.SECRETARY


@pytest.mark.parametrize(
    ("roles", "told"),
    [
        ((APPLICANT,), []),
        ((APPLICANT, Role.COUNCIL), []),
        ((APPLICANT, CONSULTANT), [CONSULTANT]),
        ((APPLICANT, SECRETARY), [SECRETARY]),
        ((SECRETARY,), [SECRETARY]),
        ((APPLICANT, AUDITOR), [AUDITOR, AUDITOR]),
        ((AUDITOR,), [AUDITOR, AUDITOR]),
    ],
    ids=lambda one: "-".join(one) or "none",
)
def test_of_two_looks_on_one_day(desk_at: Callable[..., Desk], roles: tuple[Role, ...], told: list[Role]):
    desk = desk_at("checked")
    doer = replace(desk.ngo(2), roles=frozenset(roles))
    case = desk.case(2)
    for _ in range(2):
        with desk.office.looking(doer) as look:
            assert look.get(Application, case.id)
    events = desk.all(Event, stream_id=case.id, actor_id=doer.id, act=Act.CASE_READ)
    assert [one.actor_role for one in events] == told
