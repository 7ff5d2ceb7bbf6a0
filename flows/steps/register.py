"""Stages 1 and 2: customers, people and roles; priority problems; the programme with its budget line."""

import re
from datetime import date
from uuid import UUID

from flows.office import Office
from flows.steps import correspondents
from flows.steps.moving import check_reason, in_words, move
from rules import permissions
from schemas.application import Organisation
from schemas.base import Words, new_id
from schemas.customer import Customer, Language, Person, Role, RoleGrant
from schemas.doer import CLOCK, Doer
from schemas.errors import AlreadyGiven, BadAmount, BadLogin, NotAllowed, NotFound
from schemas.event import Act
from schemas.programme import Problem, Programme
from storage.work import looking

_LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
MOST = 2**53 - 1  # tyiyn: the largest whole number that the trail can carry

OPERATOR = Doer(id=CLOCK.id, tenant_id=None, roles=frozenset({Role.OPERATOR, Role.SYSTEM}))
"""Whoever has the installation's own account: registers customers and their first people, sees no case."""


def register_customer(
    office: Office, doer: Doer, *, code: str, name: Words, city: Words, zone: str, requisites: str = ""
) -> UUID:
    """A customer; asked again with the same code, the same one."""
    permissions.demand(doer.roles, Act.CUSTOMER_REGISTER)
    with looking(office.engine, office.system) as look:
        known = look.one(Customer, code=code)
    if known is not None:
        return known.id
    identity = new_id()
    with office.acting(doer, Act.CUSTOMER_REGISTER) as work:
        work.open_stream(identity, identity, "customer", name=code)
        customer = Customer(id=identity, code=code, name=name, city=city, zone=zone, requisites=requisites)
        work.new(customer, stream=identity, tenant=identity)
        work.record(Act.CUSTOMER_REGISTER, customer, because=in_words("customer joins"))
    return identity


def register_person(
    office: Office,
    doer: Doer,
    *,
    tenant_id: UUID,
    login: str,
    name: str,
    email: str,
    roles: dict[Role, UUID | None],
    language: Language = Language.KY,
    phone: str = "",
) -> UUID:
    """A person with roles (each with the organisation he stands for, for an applicant); the same login once.

    Raises BadLogin, NotFound for another customer's people, NotAllowed for a role that the doer may not grant.
    """
    if not _LOGIN.fullmatch(login):
        raise BadLogin(login=login)
    if doer.tenant_id not in (None, tenant_id):
        raise NotFound(noun="customer", id=str(tenant_id))
    if set(roles) - {Role.APPLICANT}:  # whoever may register people registers applicants
        permissions.demand(doer.roles, Act.ROLE_GRANT)
    if Role.SYSTEM in roles or (Role.OPERATOR in roles and doer.tenant_id is not None):
        raise NotAllowed(act=Act.ROLE_GRANT, role=", ".join(sorted(doer.roles)))
    with office.acting(doer, Act.PERSON_REGISTER) as work:
        for organisation in filter(None, roles.values()):
            if work.get(Organisation, organisation).tenant_id != tenant_id:
                raise NotFound(noun="organisation", id=str(organisation))
        person = work.one(Person, tenant_id=tenant_id, login=login)
        if person is None:
            identity = new_id()
            work.open_stream(identity, tenant_id, "person")
            person = Person(id=identity, login=login, name=name, email=email, phone=phone, language=language)
            work.new(person, stream=identity, tenant=tenant_id)
            work.record(Act.PERSON_REGISTER, person, because=in_words("person joins"))
            correspondents.note_person(work, person)
        held = {(one.role, one.organisation_id) for one in work.all(RoleGrant, person_id=person.id, active=True)}
        for role, organisation in roles.items():
            if (role, organisation) not in held:
                grant = RoleGrant(person_id=person.id, role=role, organisation_id=organisation)
                work.new(grant, stream=person.id, tenant=tenant_id)
                work.record(Act.ROLE_GRANT, grant, because=in_words("role granted"))
        return person.id


def revoke_role(office: Office, doer: Doer, person_id: UUID, role: Role, reason: str) -> None:
    """The role ends; what was done under it stays."""
    check_reason(reason, Act.ROLE_REVOKE)
    with office.acting(doer, Act.ROLE_REVOKE) as work:
        work.get(Person, person_id)
        for grant in work.all(RoleGrant, person_id=person_id, role=role, active=True):
            grant.active = False
            work.record(Act.ROLE_REVOKE, grant, because=in_words(reason))


def propose_problem(
    office: Office, doer: Doer, *, title: Words, description: Words, numbers: str, proposed_by: str
) -> UUID:
    """A problem enters the register; the same title once."""
    with office.acting(doer, Act.PROBLEM_PROPOSE) as work:
        for known in work.all(Problem):
            if known.title == title:
                return known.id
        assert doer.tenant_id is not None
        problem = Problem(title=title, description=description, numbers=numbers, proposed_by=proposed_by)
        work.new(problem, stream=doer.tenant_id)
        work.record(Act.PROBLEM_PROPOSE, problem, because=in_words(proposed_by))
        return problem.id


def prioritise(office: Office, doer: Doer, problem_id: UUID, priority: int, reason: str) -> None:
    """The customer puts the problem in its place; 1 is first."""
    with office.acting(doer, Act.PROBLEM_PRIORITISE) as work:
        problem = work.get(Problem, problem_id)
        problem.priority = priority
        move(work, problem, Act.PROBLEM_PRIORITISE, because=in_words(reason))


def shelve(office: Office, doer: Doer, problem_id: UUID, reason: str) -> None:
    """A problem that gets no money this time stays in the register."""
    check_reason(reason, Act.PROBLEM_SHELVE)
    with office.acting(doer, Act.PROBLEM_SHELVE) as work:
        move(work, work.get(Problem, problem_id), Act.PROBLEM_SHELVE, because=in_words(reason))


def draft_programme(
    office: Office,
    doer: Doer,
    problem_id: UUID,
    *,
    title: Words,
    budget_line: str,
    amount: int,
    starts: date,
    ends: date,
) -> UUID:
    """The programme of one problem. `amount` in tyiyn. The same budget line for the same problem once.

    Raises BadAmount, AlreadyGiven with another amount.
    """
    if not 0 < amount <= MOST:
        raise BadAmount(amount=amount)
    with office.acting(doer, Act.PROGRAMME_DRAFT) as work:
        known = work.one(Programme, problem_id=problem_id, budget_line=budget_line)
        if known is not None:
            if known.amount != amount:
                raise AlreadyGiven(noun="programme")
            return known.id
        problem = work.get(Problem, problem_id)
        programme = Programme(
            problem_id=problem.id, title=title, budget_line=budget_line, amount=amount, starts=starts, ends=ends
        )
        work.new(programme, stream=problem.stream_id)
        work.record(Act.PROGRAMME_DRAFT, programme, because=in_words(f"priority {problem.priority}"))
        return programme.id


def approve_programme(office: Office, doer: Doer, programme_id: UUID, decision: str) -> None:
    """The council approves the programme by its `decision`; the problem is funded."""
    check_reason(decision, Act.PROGRAMME_APPROVE)
    with office.acting(doer, Act.PROGRAMME_APPROVE) as work:
        programme = work.get(Programme, programme_id)
        programme.approved_by = decision
        move(work, programme, Act.PROGRAMME_APPROVE, because=in_words(decision))
        problem = work.get(Problem, programme.problem_id)
        move(work, problem, Act.PROBLEM_FUND, because=in_words(decision))
