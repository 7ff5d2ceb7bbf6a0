"""Who holds a role, and who is on a commission."""

from email.utils import parseaddr
from uuid import UUID

from schemas.application import Application
from schemas.commission import Member
from schemas.customer import Person, Role, RoleGrant
from schemas.doer import Doer
from schemas.errors import NotFound
from storage.work import Look


def own(look: Look, doer: Doer, application: Application) -> bool:
    """Whether it is the doer's own application: his organisation's, or handed in under his address."""
    if application.organisation_id is not None and application.organisation_id in doer.organisations:
        return True
    me = look.session.get(Person, doer.id)
    return me is not None and bool(me.email) and parseaddr(application.sender)[1].casefold() == me.email.casefold()


def only_own(look: Look, doer: Doer, application: Application) -> None:
    """Another's application is no applicant's at all. Raises NotFound."""
    if look.by.role is Role.APPLICANT and not own(look, doer, application):
        raise NotFound(noun="application", id=str(application.id))


def holder(look: Look, tenant_id: UUID, role: Role) -> Person | None:
    """The person who holds the role at this customer; the first by login when several do."""
    grants = look.all(RoleGrant, tenant_id=tenant_id, role=role, active=True)
    people = look.all(Person, id=[one.person_id for one in grants], order="login")
    return people[0] if people else None


def commission_of(look: Look, contest_id: UUID) -> list[tuple[Member, Person]]:
    """Members and who they are, the chair first."""
    members = look.all(Member, contest_id=contest_id)
    people = {one.id: one for one in look.all(Person, id=[one.person_id for one in members])}
    seats = {"chair": 0, "deputy": 1, "member": 2}
    pairs = [(one, people[one.person_id]) for one in members]
    return sorted(pairs, key=lambda pair: (seats[pair[0].seat.value], pair[1].name))
