"""Who holds a role, and who is on a commission."""

from uuid import UUID

from schemas.commission import Member
from schemas.customer import Person, Role, RoleGrant
from storage.work import Look


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
