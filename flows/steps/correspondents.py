"""Which contracts a report may be for, by what stands on it and who sent it: the cost is that of the text, not of the contracts."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from email.utils import parseaddr
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlmodel import col

from rules import addressing
from rules.ladder import WAITING
from schemas.application import Application, Organisation
from schemas.collection import Clue
from schemas.contract import Contract, ContractStatus
from schemas.customer import Person, Role, RoleGrant
from schemas.report import Period
from storage.work import Look, Work

AT_ONCE = 500  # clues in a question
ENOUGH = 2  # contracts of one sender: which of them is meant is a person's to say


def note(work: Work, contract: Contract, application: Application) -> None:
    """A new contract will be known by its number, and by the addresses that its contractor gave."""
    organisation = work.session.get_one(Organisation, contract.organisation_id)
    signs = {addressing.clue(contract.number), _address(application.sender), _address(organisation.email)}
    _note(work, contract.tenant_id, contract.id, signs)


def note_person(work: Work, person: Person) -> None:
    """A new person will be known by the address."""
    _note(work, person.tenant_id, person.id, {_address(person.email)})


def _note(work: Work, tenant_id: UUID, owner_id: UUID, signs: Iterable[str]) -> None:
    for sign in filter(None, signs):
        work.session.add(Clue(tenant_id=tenant_id, sign=sign[: addressing.LONGEST], owner_id=owner_id))


def _address(text: str) -> str:
    return address.casefold() if "@" in (address := parseaddr(text)[1]) else ""


def candidates(look: Look, tenant_id: UUID, told: addressing.Told) -> list[addressing.Known]:
    """The contracts that are named, or else those of the sender, as `addressing.address` wants them."""
    return _known(look, tenant_id, _named(look, tenant_id, told) or _sent_by(look, tenant_id, told.sender))


def _named(look: Look, tenant_id: UUID, told: addressing.Told) -> set[UUID]:
    found: set[UUID] = set()
    for signs in _lots(sorted(addressing.clues(told))):
        owners = select(col(Clue.owner_id)).where(col(Clue.tenant_id) == tenant_id, col(Clue.sign).in_(signs))
        found |= _signed(look, tenant_id, col(Contract.id).in_(owners))
    return found


def _sent_by(look: Look, tenant_id: UUID, sender: str) -> set[UUID]:
    if not sender:
        return set()
    owners = select(col(Clue.owner_id)).where(
        col(Clue.tenant_id) == tenant_id, col(Clue.sign) == sender.casefold()[: addressing.LONGEST]
    )
    standing = select(col(RoleGrant.organisation_id)).where(
        col(RoleGrant.person_id).in_(owners),
        col(RoleGrant.tenant_id) == tenant_id,
        col(RoleGrant.role) == Role.APPLICANT,
        col(RoleGrant.active),
    )
    own = _signed(look, tenant_id, col(Contract.id).in_(owners), ENOUGH)
    return own | _signed(look, tenant_id, col(Contract.organisation_id).in_(standing), ENOUGH)


def _signed(look: Look, tenant_id: UUID, where: ColumnElement[bool], limit: int | None = None) -> set[UUID]:
    query = select(col(Contract.id)).where(
        where, col(Contract.tenant_id) == tenant_id, col(Contract.status) == ContractStatus.SIGNED
    )
    return set(look.session.scalars(query.limit(limit)))


def _lots(signs: Sequence[str]) -> Iterator[Sequence[str]]:
    for at in range(0, len(signs), AT_ONCE):
        yield signs[at : at + AT_ONCE]


def _known(look: Look, tenant_id: UUID, ids: Collection[UUID]) -> list[addressing.Known]:
    """These contracts with the addresses that their contractors gave, and the periods that wait."""
    if not ids:
        return []
    contracts = look.all(Contract, id=list(ids), order="number")
    periods = look.all(Period, contract_id=[one.id for one in contracts], status=list(WAITING), order="number")
    applications = {one.id: one for one in look.all(Application, id=[one.application_id for one in contracts])}
    organisations = {one.id: one for one in look.all(Organisation, id=[one.organisation_id for one in contracts])}
    who: dict[str, Any] = {"tenant_id": tenant_id, "role": Role.APPLICANT, "active": True}
    grants = look.all(RoleGrant, organisation_id=list(organisations), **who)
    people = {one.id: one.email for one in look.all(Person, id=[one.person_id for one in grants])}
    known: list[addressing.Known] = []
    for one in contracts:
        own = [people[grant.person_id] for grant in grants if grant.organisation_id == one.organisation_id]
        given = [applications[one.application_id].sender, organisations[one.organisation_id].email, *own]
        senders = frozenset(filter(None, map(_address, given)))
        waiting = tuple(period.number for period in periods if period.contract_id == one.id)
        known.append(addressing.Known(one.id, one.number, senders, waiting))
    return known
