"""Which role may do which act: derived from the lifecycle's `who`, and a small table for acts outside any lifecycle."""

from collections.abc import Collection

from rules import lifecycle
from schemas.customer import Role
from schemas.errors import NotAllowed
from schemas.event import Act

_READERS = (
    *(Role.HEAD, Role.COORDINATOR, Role.SECRETARY, Role.FINANCE, Role.LAWYER),
    *(Role.CHAIR, Role.MEMBER, Role.APPLICANT, Role.CONSULTANT, Role.AUDITOR),
)

# Acts that move no noun of the lifecycle. Reading is an act too: the auditor's reads are recorded like any other.
# The operator runs the installation and reads no case; donor and public have the published pages, which need no act.
OUTSIDE: dict[Act, tuple[Role, ...]] = {
    Act.CUSTOMER_REGISTER: (Role.OPERATOR,),
    Act.PERSON_REGISTER: (Role.OPERATOR, Role.HEAD, Role.COORDINATOR, Role.SECRETARY),
    Act.ROLE_GRANT: (Role.OPERATOR, Role.HEAD),
    Act.ROLE_REVOKE: (Role.OPERATOR, Role.HEAD),
    Act.PACK_ADOPT: (Role.COORDINATOR, Role.SECRETARY),  # with the contest that is drafted under it
    Act.PAPER_REGISTER: (Role.SYSTEM, Role.SECRETARY, Role.COORDINATOR, Role.LAWYER, Role.FINANCE),
    Act.LETTER_WRITE: (Role.SYSTEM, Role.SECRETARY, Role.COORDINATOR),
    Act.LETTER_SEND: (Role.SYSTEM,),
    Act.LETTER_VOID: (Role.SYSTEM,),
    Act.CASE_READ: _READERS,
    Act.TRAIL_READ: (*_READERS, Role.SYSTEM),
    Act.TRAIL_EXPORT: (Role.HEAD, Role.SECRETARY, Role.LAWYER, Role.APPLICANT, Role.AUDITOR),
    Act.ERRAND_HAND_OVER: (Role.SYSTEM, Role.OPERATOR),
    Act.AGENDA_CORRECT: (Role.SYSTEM,),
    Act.WITNESS_ALARM: (Role.SYSTEM,),
    # Erasing is a decision of the customer's own: whoever runs the machines has no part in it.
    Act.TRAIL_REDACT: (Role.HEAD, Role.LAWYER),
    Act.TRAIL_DISPOSE: (Role.HEAD,),
}

_TABLE: dict[Act, frozenset[Role]] = {act: lifecycle.who(act) | frozenset(OUTSIDE.get(act, ())) for act in Act}


def allowed(role: Role, act: Act) -> bool:
    """Whether this role may do this act at all; when and on what, the lifecycle says."""
    return role in _TABLE[act]


def demand(roles: Collection[Role], act: Act) -> Role:
    """The role under which the act is done: the first, in the order of the roles, that may. Raises NotAllowed."""
    for role in Role:
        if role in roles and allowed(role, act):
            return role
    raise NotAllowed(act=act.value, role=", ".join(sorted(role.value for role in roles)))
