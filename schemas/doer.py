"""Who acts: a person with the roles he holds at one customer, or the system itself."""

from dataclasses import dataclass, field
from uuid import UUID

from schemas.customer import Language, Role

SYSTEM_ID = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Doer:
    """`organisations` are those he may act for as an applicant. `tenant_id` None: the whole installation."""

    id: UUID
    tenant_id: UUID | None
    roles: frozenset[Role]
    language: Language = Language.KY
    organisations: frozenset[UUID] = field(default_factory=frozenset)


CLOCK = Doer(id=SYSTEM_ID, tenant_id=None, roles=frozenset({Role.SYSTEM}))
"""The clock and the flows."""
