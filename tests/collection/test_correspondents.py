"""Whose a report is, is asked by what stands on it: the verdict of a look at all contracts, at the cost of one."""

import os
from collections.abc import Callable
from email.utils import parseaddr
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Mapper

from flows.steps import collection, correspondents, register
from flows.steps.moving import in_words
from rules import addressing
from rules.addressing import Known, Told
from rules.ladder import WAITING
from schemas.application import Application, Organisation
from schemas.collection import WatchedFolder
from schemas.contract import Contract, ContractStatus
from schemas.customer import Person, Role, RoleGrant
from schemas.doer import CLOCK
from schemas.event import Act
from schemas.report import Period
from storage.work import Look, looking
from tests.offices import Desk

Open = Callable[..., Desk]


def neighbours(desk: Desk, count: int, *, sender: str = "") -> None:
    """So many contracts more, each of an organisation of its own, with the periods of ours."""
    case, ours = desk.case(1), desk.contract()
    organisation = desk.get(Organisation, ours.organisation_id)
    for number in range(2, count + 2):
        with desk.office.acting(CLOCK, Act.CONTRACT_DRAFT) as work:
            stream = uuid4()
            work.open_stream(stream, case.tenant_id, "application")

            def add(row, **new):  # a copy on a stream of its own
                told = row.model_dump() | {"id": uuid4(), "version": 0} | new
                told.pop("event_id")
                return work.new(type(row)(**told), stream=stream, tenant=case.tenant_id)  # noqa: B023 -- used at once

            address = sender or f"ngo{number}@example.kg"
            home = add(organisation, inn=f"{number:014}", email=address)
            told = {"number": 1000 + number, "package_sha256": f"{number:064}", "organisation_id": home.id}
            application = add(case, id=stream, sender=f"Уюм <{address}>", **told)
            contest = ours.number.rpartition("/")[0]
            which = {"application_id": application.id, "organisation_id": home.id}
            contract = add(ours, number=f"{contest}/{1000 + number}", **which)
            for period in desk.all(Period, contract_id=ours.id):
                add(period, contract_id=contract.id)
            work.record(Act.CONTRACT_DRAFT, contract, because=in_words("x"))
            correspondents.note(work, contract, application)


def everyone(look: Look) -> list[Known]:
    """Every signed contract of the customer, as it was once loaded for each round."""
    known: list[Known] = []
    for one in look.all(Contract, status=ContractStatus.SIGNED, order="number"):
        grants = look.all(RoleGrant, organisation_id=one.organisation_id, role=Role.APPLICANT, active=True)
        people = [look.get(Person, grant.person_id).email for grant in grants]
        given = [
            look.get(Application, one.application_id).sender,
            look.get(Organisation, one.organisation_id).email,
            *people,
        ]
        senders = frozenset(parseaddr(text)[1].casefold() for text in given if "@" in text)
        waiting = look.all(Period, contract_id=one.id, status=list(WAITING), order="number")
        known.append(Known(one.id, one.number, senders, tuple(period.number for period in waiting)))
    return known


def test_the_verdict_is_that_of_a_look_at_all_contracts(desk_at: Open) -> None:
    desk = desk_at("reporting")
    neighbours(desk, 30)
    ours, contractor = desk.contract(), parseaddr(desk.case(1).sender)[1]
    told = {"tenant_id": ours.tenant_id, "name": "А. А.", "roles": {Role.APPLICANT: ours.organisation_id}}
    for login, email in (("batken.nurlan", "Nurlan@Pochta.example"), ("batken.left", "left@pochta.example")):
        person = register.register_person(desk.office, register.OPERATOR, login=login, email=email, **told)
    register.revoke_role(desk.office, register.OPERATOR, person, Role.APPLICANT, "Уюмдан кетти.")
    contest = ours.number.rpartition("/")[0]
    abouts = ("", "Отчёт", f"№ {ours.number} период 1", f"{contest}/1007, 1-мезгил", f"{contest}/1007 {contest}/1008")
    senders = ("", contractor.upper(), "ngo1007@example.kg", "nurlan@pochta.example", "left@pochta.example", "x@y.kg")
    verdicts = set()
    for about in abouts:
        for sender in senders:
            for numbers in ((), (ours.number,), (f"{contest}/1009", f"{contest}/9999")):
                given = Told(about, sender, numbers, by_mail=True)
                with looking(desk.office.engine, desk.office.system) as look:
                    found = addressing.address(given, correspondents.candidates(look, ours.tenant_id, given))
                    assert found == addressing.address(given, everyone(look)), given
                verdicts.add(found.obstacle)
    assert len(verdicts) == 4


def test_another_customers_contract_is_nobodys_here(desk_at: Open) -> None:
    desk = desk_at("reporting")
    told = Told(desk.contract().number, parseaddr(desk.case(1).sender)[1])
    with looking(desk.office.engine, desk.office.system) as look:
        assert len(correspondents.candidates(look, desk.contract().tenant_id, told)) == 1
        assert correspondents.candidates(look, uuid4(), told) == []


class Cost:
    """Statements, and rows made of what they brought."""

    def __init__(self, desk: Desk, act: Callable[[], object]) -> None:
        self.statements = self.rows = 0
        engine = desk.office.engine
        event.listen(engine, "before_cursor_execute", self._asked)
        event.listen(Mapper, "load", self._loaded)
        try:
            act()
        finally:
            event.remove(engine, "before_cursor_execute", self._asked)
            event.remove(Mapper, "load", self._loaded)

    def _asked(self, *_: object) -> None:
        self.statements += 1

    def _loaded(self, *_: object) -> None:
        self.rows += 1

    def pair(self) -> tuple[int, int]:
        return self.statements, self.rows


@pytest.mark.parametrize("kind", ["named", "by its sender", "a stranger's"])
def test_a_mail_costs_the_same_among_one_and_among_three_hundred_contracts(
    desk_at: Open, tmp_path: Path, kind: str
) -> None:
    desk = desk_at("reporting")
    number = desk.contract().number
    about, sender = {
        "named": (number, ""),
        "by its sender": ("Отчёт", parseaddr(desk.case(1).sender)[1]),
        "a stranger's": ("Салам", "kimdir@pochta.example"),
    }[kind]

    def asked() -> None:
        told = Told(about, sender)
        with looking(desk.office.engine, desk.office.system) as look:
            found = correspondents.candidates(look, desk.contest.tenant_id, told)
        assert len(found) == (kind != "a stranger's")

    def collected(round_: int) -> None:
        place = tmp_path / "in" / f"{number.replace('/', '_') if kind == 'named' else 'Салам'}-{round_}"
        place.mkdir(parents=True)
        (place / "план.txt").write_text(str(round_))
        for one in (place, *place.iterdir()):
            os.utime(one, (0, 0))
        found = collection.collect(desk.office, WatchedFolder(customer="batken", path=tmp_path / "in"))
        assert (found.filed + found.waiting, found.trouble) == (1, "")

    collected(8)
    alone = Cost(desk, asked).pair(), Cost(desk, lambda: collected(9)).pair()
    neighbours(desk, 299)
    among = Cost(desk, asked).pair(), Cost(desk, lambda: collected(7)).pair()

    assert among == alone
