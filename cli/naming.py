"""How people name things: a contest by its number, a case as CONTEST/NUMBER, a contract by its number, items by position.

Who asks matters: an applicant finds only the cases of the organisations that he stands for, and before the cut-off
nobody but the applicant sees more of an application than its number and time.
"""

from collections.abc import Sequence
from email.utils import parseaddr
from typing import Any, TypeVar
from uuid import UUID

import typer
from sqlmodel import SQLModel

from flows.steps.people import commission_of
from schemas.application import Application, ApplicationStatus
from schemas.collection import Parcel
from schemas.commission import Item, Member, Sitting
from schemas.contest import Contest
from schemas.contract import Appeal, AppealStatus, Contract, Tranche
from schemas.customer import Person, Role
from schemas.document import Document
from schemas.doer import Doer
from schemas.errors import NotFound, Sealed
from schemas.facts import Kind
from schemas.finding import INSIDE, Finding
from schemas.programme import Problem, Programme
from schemas.report import Period
from storage.work import Look

T = TypeVar("T", bound=SQLModel)
SHORT = 8  # first signs of an identity that are shown, and enough to name it


def _uuid(name: str) -> UUID | None:
    try:
        return UUID(name)
    except ValueError:
        return None


def _got(found: T | None, noun: str, name: str) -> T:
    if found is None:
        raise NotFound(noun=noun, id=name)
    return found


def _only(found: Sequence[T], noun: str, name: str) -> T:
    if len(found) > 1:
        raise typer.BadParameter(f"{name} names {len(found)} things here; say more")
    return _got(next(iter(found), None), noun, name)


def _titled(rows: Sequence[Any], noun: str, name: str) -> Any:
    """By the first signs of its identity, or by a part of its title in any language."""
    wanted = name.casefold()
    by_id = [one for one in rows if len(wanted) >= SHORT and str(one.id).startswith(wanted)]
    return _only(
        by_id or [one for one in rows if any(wanted in text.casefold() for text in one.title.values())], noun, name
    )


# -- register -------------------------------------------------------------------------------------------------------


def person(look: Look, login: str) -> Person:
    """A person by login."""
    known = _uuid(login)
    return look.get(Person, known) if known else _got(look.one(Person, login=login), "person", login)


def problem(look: Look, name: str) -> Problem:
    """A problem by its place, a part of its title, or its identity."""
    rows = look.all(Problem)
    placed = [one for one in rows if name.isdecimal() and one.priority == int(name)]
    return _only(placed, "problem", name) if placed else _titled(rows, "problem", name)


def programme(look: Look, name: str) -> Programme:
    """A programme by its budget line, a part of its title, or its identity."""
    rows = look.all(Programme)
    lines = [one for one in rows if one.budget_line == name]
    return _only(lines, "programme", name) if lines else _titled(rows, "programme", name)


# -- contest and cases ----------------------------------------------------------------------------------------------


def contest(look: Look, name: str) -> Contest:
    """A contest by its number."""
    known = _uuid(name)
    return look.get(Contest, known) if known else _only(look.all(Contest, number=name), "contest", name)


def application(look: Look, doer: Doer, name: str) -> Application:
    """A case as CONTEST/NUMBER. An applicant's question about another's case is answered like one about a missing one."""
    known = _uuid(name)
    if known:
        row = look.get(Application, known)
    else:
        home, _, number = name.rpartition("/")
        place = int(number) if number.isdecimal() else 0
        contests = look.all(Contest, number=home)
        row = _got(
            look.one(Application, contest_id=[one.id for one in contests], number=place) if contests else None,
            "application",
            name,
        )
    if not may_see(look, doer, row):
        raise NotFound(noun="application", id=name)
    return row


def own(look: Look, doer: Doer, row: Application) -> bool:
    """Whether it is the doer's own application: his organisation's, or handed in under his address."""
    if Role.APPLICANT not in doer.roles:
        return False
    if row.organisation_id is not None and row.organisation_id in doer.organisations:
        return True
    me = look.session.get(Person, doer.id)
    return me is not None and bool(me.email) and parseaddr(row.sender)[1].casefold() == me.email.casefold()


def may_see(look: Look, doer: Doer, row: Application) -> bool:
    """Whoever has another role than applicant sees the cases of his customer; an applicant only his own."""
    return bool(doer.roles - {Role.APPLICANT}) or own(look, doer, row)


def sealed(look: Look, doer: Doer, row: Application) -> bool:
    """Received, not opened, and not the doer's own."""
    return row.status is ApplicationStatus.RECEIVED and not own(look, doer, row)


def unsealed(look: Look, doer: Doer, row: Application) -> Application:
    """The application, when the doer may see into it. Raises Sealed."""
    if sealed(look, doer, row):
        raise Sealed(application=str(row.id), cutoff=look.get(Contest, row.contest_id).cutoff)
    return row


def finding(look: Look, doer: Doer, name: str) -> Finding:
    """A finding as CASE:POSITION or CASE:RULE[:DOCUMENT], as `check findings` shows it."""
    known = _uuid(name)
    if known:
        return look.get(Finding, known)
    case, _, which = name.partition(":")
    rows = findings(look, doer, unsealed(look, doer, application(look, doer, case)).id)
    if which.isdecimal():
        return _got(rows[int(which) - 1] if 0 < int(which) <= len(rows) else None, "finding", name)
    return _only([one for one in rows if which in (one.rule, called(one))], "finding", name)


def findings(look: Look, doer: Doer, application_id: UUID) -> list[Finding]:
    """All findings of a case, in the order of their positions. An applicant gets none that tells of another's case."""
    rows = look.all(Finding, application_id=application_id, order="round rule kind id")
    return [one for one in rows if one.rule not in INSIDE or doer.roles - {Role.APPLICANT}]


def called(row: Finding) -> str:
    """The rule, and the document it speaks of."""
    return f"{row.rule}:{row.kind.value}" if row.kind else row.rule


def appeal(look: Look, doer: Doer, name: str) -> Appeal:
    """The appeal that waits for its answer, by the case it is about."""
    known = _uuid(name)
    if known:
        return look.get(Appeal, known)
    rows = look.all(Appeal, application_id=application(look, doer, name).id)
    waiting = [one for one in rows if one.status is AppealStatus.LODGED]
    return _got((waiting or rows or [None])[-1], "appeal", name)


# -- commission -----------------------------------------------------------------------------------------------------


def members(look: Look, contest_id: UUID) -> dict[str, Member]:
    """Active members by login, the chair first."""
    return {person.login: member for member, person in commission_of(look, contest_id) if member.active}


def member(look: Look, contest_id: UUID, login: str) -> Member:
    """A member of a contest's commission by login."""
    return _got(members(look, contest_id).get(login), "member", login)


def sitting(look: Look, contest_id: UUID, number: int = 0) -> Sitting:
    """The sitting of that number; the last one when none is given."""
    rows = look.all(Sitting, contest_id=contest_id, order="number")
    chosen = [one for one in rows if one.number == number] if number else rows[-1:]
    return _got(next(iter(chosen), None), "sitting", str(number or 1))


def item(look: Look, doer: Doer, name: str) -> Item:
    """An item of the last sitting as CONTEST:POSITION, or by its case as CONTEST/NUMBER."""
    known = _uuid(name)
    if known:
        return look.get(Item, known)
    home, _, position = name.rpartition(":")
    if home and position.isdecimal():
        meeting = sitting(look, contest(look, home).id)
        return _got(look.one(Item, sitting_id=meeting.id, position=int(position)), "item", name)
    case = application(look, doer, name)
    meeting = sitting(look, case.contest_id)
    return _got(look.one(Item, sitting_id=meeting.id, application_id=case.id), "item", name)


# -- contract -------------------------------------------------------------------------------------------------------


def contract(look: Look, doer: Doer, name: str) -> Contract:
    """A contract by its number. An applicant finds only his own."""
    known = _uuid(name)
    row = look.get(Contract, known) if known else _only(look.all(Contract, number=name), "contract", name)
    if not may_see(look, doer, look.get(Application, row.application_id)):
        raise NotFound(noun="contract", id=name)
    return row


def tranche(look: Look, contract_id: UUID, number: int) -> Tranche:
    """A tranche of a contract by number."""
    return _got(look.one(Tranche, contract_id=contract_id, number=number), "tranche", str(number))


def period(look: Look, contract_id: UUID, number: int) -> Period:
    """A reporting period of a contract by number."""
    return _got(look.one(Period, contract_id=contract_id, number=number), "period", str(number))


def parcel(look: Look, name: str) -> Parcel:
    """A parcel by its identity, or the first signs of it."""
    rows = look.all(Parcel, order="received_at")
    return _only(
        [one for one in rows if len(name) >= SHORT and str(one.id).startswith(name.casefold())], "parcel", name
    )


def paper(look: Look, subject_id: UUID, kind: Kind, name: str) -> Document:
    """The newest paper of a kind that belongs to a thing."""
    rows = look.all(Document, subject_id=subject_id, kind=kind, order="round name")
    return _got(rows[-1] if rows else None, "document", name)


def numbers(look: Look, rows: Sequence[Application]) -> dict[UUID, str]:
    """How people call the cases: CONTEST/NUMBER."""
    homes = {one.id: one.number for one in look.all(Contest, id=list({row.contest_id for row in rows}))}
    return {row.id: f"{homes[row.contest_id]}/{row.number}" for row in rows}


# -- the trail ------------------------------------------------------------------------------------------------------


def stream(look: Look, doer: Doer, name: str) -> tuple[UUID, UUID]:
    """The chain of events of a case, or of a contest, and the contest it belongs to."""
    homes = look.all(Contest, number=name)
    if homes:
        return homes[0].id, homes[0].id
    known = _uuid(name)
    home = look.session.get(Contest, known) if known else None
    if home is not None:
        return look.get(Contest, home.id).id, home.id
    row = application(look, doer, name)
    return row.id, row.contest_id


def case_of(look: Look, stream_id: UUID) -> Application | None:
    """The application whose chain this is; None for a contest's."""
    return look.session.get(Application, stream_id)
