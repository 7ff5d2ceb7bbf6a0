"""Whom a letter goes to, and in which language."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from schemas.application import Application, Organisation
from schemas.base import Recorded
from schemas.contract import Contract
from schemas.customer import Customer, Language, Person, Role, RoleGrant
from schemas.outbox import Step
from storage.work import Work


def to_sender(
    work: Work,
    application: Application,
    code: str,
    key: str,
    facts: dict[str, Any],
    attachments: Iterable[UUID] = (),
    language: Language = Language.KY,
    step: Step | None = None,
) -> None:
    """To whoever handed the package in; afterwards to the address that the organisation gave in this very application.

    An address known from another application is not used: whoever names somebody's tax number first would get his letters.
    """
    organisation = work.session.get(Organisation, application.organisation_id) if application.organisation_id else None
    given = organisation.email if organisation is not None and organisation.stream_id == application.id else ""
    address = given or application.sender
    facts = {"organisation": organisation.name if organisation else application.sender, **facts}
    _send(work, application, code, key, address, language, facts, attachments, step=step)


def to_contractor(
    work: Work,
    contract: Contract,
    code: str,
    key: str,
    facts: dict[str, Any],
    attachments: Iterable[UUID] = (),
    step: Step | None = None,
) -> None:
    """To the organisation that has the contract, in the language of whoever acts for it. `step`: a ladder writes it."""
    application = work.session.get_one(Application, contract.application_id)
    to_sender(work, application, code, key, facts, attachments, contract.language, step)


def language_of(work: Work, organisation_id: UUID, tenant_id: UUID) -> Language:
    """The language of the first person who acts for the organisation here; Kyrgyz where nobody is known."""
    grants = work.all(RoleGrant, tenant_id=tenant_id, role=Role.APPLICANT, organisation_id=organisation_id, active=True)
    people = [work.session.get_one(Person, one.person_id) for one in sorted(grants, key=lambda one: one.id)]
    return people[0].language if people else Language.KY


def to_role(
    work: Work,
    subject: Recorded,
    role: Role,
    code: str,
    key: str,
    facts: dict[str, Any],
    *,
    gathered: bool = False,
    step: Step | None = None,
) -> None:
    """To everyone who holds the role at this customer. `gathered`: with the digest of the day; `step`: a ladder writes it."""
    place = (subject.tenant_id, role)
    if place not in work.asked:  # a sweep writes to the same people many times
        grants = work.all(RoleGrant, tenant_id=subject.tenant_id, role=role, active=True, order="id")
        work.asked[place] = [(one, work.session.get(Person, one.person_id)) for one in grants]
    for grant, _ in work.asked[place]:
        to_person(work, subject, grant.person_id, code, key, facts, gathered=gathered, step=step)


def to_person(
    work: Work,
    subject: Recorded,
    person_id: UUID,
    code: str,
    key: str,
    facts: dict[str, Any],
    *,
    gathered: bool = False,
    step: Step | None = None,
) -> None:
    person = work.session.get(Person, person_id)
    if person is not None and person.email:
        to, key = person.email, f"{key}:{person_id}"
        _send(work, subject, code, key, to, person.language, facts, (), gathered=gathered, step=step)


def _send(
    work: Work,
    subject: Recorded,
    code: str,
    key: str,
    address: str,
    language: Language,
    facts: dict[str, Any],
    attachments: Iterable[UUID],
    *,
    gathered: bool = False,
    step: Step | None = None,
) -> None:
    customer = work.session.get(Customer, subject.tenant_id)
    told = {"customer": customer.name.get(language, "") if customer else "", **facts}
    work.letter(
        key,
        subject,
        to=address,
        language=language,
        code=code,
        facts=told,
        attachments=attachments,
        gathered=gathered or step is not None,
        step=step,
    )
