"""Every act × every role that may not do it, every other customer, and a stage at which it is not possible."""

import inspect
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from flows.steps import (
    announcement,
    audit,
    committee,
    completeness,
    contracting,
    dossier,
    holds,
    intake,
    monitoring,
    register,
    results,
    sitting,
    tranches,
)
from rules import permissions
from schemas.customer import Role
from schemas.doer import CLOCK, Doer
from schemas.errors import AsharError, NotAllowed, NotFound, WrongMoment
from schemas.event import Act, Event
from schemas.outbox import Job, Letter
from schemas.report import Mend, Visit
from schemas.wording import LANGUAGES, say_error
from storage.ledger import Because
from tests.offices import Desk, Stages
from tests.steps.doors import DOORS, ORDER, Door

ROLES = tuple(role for role in Role if role is not Role.SYSTEM)


def traces(desk: Desk) -> tuple[int, ...]:
    """What an act would leave behind: events, letters, errands, objects."""
    objects = sum(1 for one in (desk.home / "objects").rglob("*") if one.is_file())
    return (len(desk.all(Event)), len(desk.all(Letter)), len(desk.all(Job)), objects)


def sentence(error: AsharError) -> None:
    """It is said in every language, without a fact that is missing."""
    for language in LANGUAGES:
        said = say_error(error, language)
        assert len(said) > 40
        assert "⟨" not in said
        assert type(error).__name__ not in said


@pytest.fixture(scope="module")
def shared(played: Stages, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Desk]]:
    """One copy of each stage for all: whatever is refused changes nothing."""
    folder = tmp_path_factory.mktemp("shared")
    opened: dict[str, Desk] = {}

    def at(stage: str) -> Desk:
        if stage not in opened:
            desk = opened[stage] = played.desk(stage, folder / stage)
            if stage == "evaluated":
                with_appeal(desk)
                with_mend(desk)
                holds.place(desk.office, desk.who("lawyer"), desk.case(3).id, ORDER)
        return opened[stage]

    yield at
    for desk in opened.values():
        desk.close()


def with_appeal(desk: Desk) -> None:
    now = desk.office.now()
    until = results.appeal_until(desk.office, desk.contest)
    assert until is not None
    desk.at(until)
    results.lodge_appeal(desk.office, desk.ngo(3), desk.case(3).id, "Баллым туура эмес эсептелген.")
    desk.at(now)


def with_mend(desk: Desk) -> None:
    """Something that a visit found and that is still to be mended, which holds nothing any more."""
    contract = desk.contract()
    with desk.office.acting(CLOCK, Act.APPLICATION_INSPECT) as work:
        visit = Visit(contract_id=contract.id, on=contract.starts, seen="Дарбаза сынган.")
        work.new(visit, stream=contract.stream_id, tenant=contract.tenant_id)
        mend = Mend(contract_id=contract.id, visit_id=visit.id, number=1, what="Дарбаза", until=contract.ends)
        work.new(mend, stream=contract.stream_id, tenant=contract.tenant_id)
        work.record(Act.VISIT_RECORD, visit, because=Because(reason="Дарбаза сынган."))


@pytest.mark.parametrize("door", DOORS, ids=str)
def test_nobody_does_what_his_role_may_not(door: Door, shared: Callable[[str], Desk]) -> None:
    desk = shared("evaluated")
    before = traces(desk)
    barred = [role for role in ROLES if not permissions.allowed(role, door.act)]

    for role in barred:
        with pytest.raises(NotAllowed) as refused:
            door.do(desk, desk.as_role(role))
        sentence(refused.value)

    assert traces(desk) == before


@pytest.mark.parametrize("door", [one for one in DOORS if one.others], ids=str)
def test_another_customers_things_are_not_there(door: Door, shared: Callable[[str], Desk]) -> None:
    desk = shared("evaluated")
    before = traces(desk)
    can = [role for role in ROLES if permissions.allowed(role, door.act)]

    for role in can:
        with pytest.raises(NotFound) as refused:
            door.do(desk, desk.stranger(role))
        sentence(refused.value)
        assert set(refused.value.facts) == {"noun", "id"}

    assert traces(desk) == before


@pytest.mark.parametrize(
    "door", [one for one in DOORS if one.others and permissions.allowed(Role.APPLICANT, one.act)], ids=str
)
def test_an_applicant_does_nothing_in_the_name_of_another(door: Door, shared: Callable[[str], Desk]) -> None:
    if door.name in ("register_person", "hand_in", "prioritise"):
        return
    desk = shared("evaluated")
    before = traces(desk)
    other = replace(desk.as_role(Role.APPLICANT), id=desk.case(3).id, organisations=frozenset({desk.case(3).id}))

    with pytest.raises(NotFound):
        door.do(desk, other)

    assert traces(desk) == before


def entitled(desk: Desk, door: Door) -> Doer:
    """Whoever may do it here: a member from his own seat, an applicant for his own case."""
    if permissions.allowed(Role.MEMBER, door.act) and door.name not in ("sheets_for", "timeline"):
        return desk.member(1)
    roles = [role for role in ROLES if permissions.allowed(role, door.act) and role is not Role.APPLICANT]
    if roles:
        return desk.as_role(roles[0])
    number = 2 if door.name == "lodge_appeal" else 1
    case = desk.case(number)
    return replace(desk.as_role(Role.APPLICANT), organisations=frozenset({case.organisation_id or case.id}))


STAGES = [(door, stage) for door in DOORS for stage in door.wrong]


@pytest.mark.parametrize(("door", "stage"), STAGES, ids=[f"{door} at {stage}" for door, stage in STAGES])
def test_an_act_at_the_wrong_stage_is_refused_with_the_stage(
    door: Door, stage: str, shared: Callable[[str], Desk], tmp_path: Path
) -> None:
    desk = shared(stage)
    doer = entitled(desk, door)
    before = traces(desk)

    with pytest.raises(WrongMoment) as refused:
        door.do(desk, doer)

    sentence(refused.value)
    assert {"act", "noun", "status"} <= set(refused.value.facts)
    assert traces(desk) == before


def test_every_act_of_the_steps_stands_in_this_table() -> None:
    steps = (announcement, audit, committee, completeness, contracting, dossier, intake, monitoring, register, sitting)
    steps += (tranches,)
    acts = {
        f"{module.__name__.rpartition('.')[2]}.{name}"
        for module in steps
        for name, one in inspect.getmembers(module, inspect.isfunction)
        if one.__module__ == module.__name__
        and not name.startswith("_")
        and list(inspect.signature(one).parameters)[:2] == ["office", "doer"]
    }
    named = {door.name.replace("close_contract", "close") for door in DOORS}
    without = {
        "register.register_customer",
        "register.propose_problem",
        "audit.case_of",
    }  # they name no thing by its id

    assert {one for one in acts - without if one.partition(".")[2] not in named} == set()
