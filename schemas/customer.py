"""A state customer (the tenant), the people, and the roles they hold."""

from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from schemas.base import JSON_TYPE, Recorded, word


class Role(StrEnum):
    HEAD = "head"
    COORDINATOR = "coordinator"
    SECRETARY = "secretary"
    FINANCE = "finance"
    LAWYER = "lawyer"
    COUNCIL = "council"
    CHAIR = "chair"
    MEMBER = "member"
    APPLICANT = "applicant"
    CONSULTANT = "consultant"
    DONOR = "donor"
    AUDITOR = "auditor"
    PUBLIC = "public"
    OPERATOR = "operator"
    SYSTEM = "system"  # the clock and the flows


class Language(StrEnum):
    KY = "ky"
    RU = "ru"
    EN = "en"


class Customer(Recorded, table=True):
    """A municipality or ministry. Its id is the tenant id of everything it owns."""

    code: str = Field(max_length=32, unique=True)
    name: dict[str, Any] = Field(sa_type=JSON_TYPE)  # Words
    city: dict[str, Any] = Field(sa_type=JSON_TYPE)  # Words
    zone: str = Field(default="Asia/Bishkek", max_length=40)
    requisites: str = ""


class Person(Recorded, table=True):
    """Somebody who acts. One person per customer: the same human in two cities is two persons."""

    personal: ClassVar[frozenset[str]] = frozenset({"login", "name", "email", "phone"})
    __table_args__ = (UniqueConstraint("tenant_id", "login"),)

    login: str = Field(max_length=64)
    name: str = Field(max_length=200)
    email: str = Field(default="", max_length=200)
    phone: str = Field(default="", max_length=40)
    language: Language = Field(default=Language.KY, sa_type=word(Language))


class RoleGrant(Recorded, table=True):
    """A role that a person holds at a customer; for an applicant also the organisation."""

    __table_args__ = (UniqueConstraint("person_id", "role", "organisation_id"),)

    person_id: UUID = Field(foreign_key="person.id", index=True)
    role: Role = Field(sa_type=word(Role))
    organisation_id: UUID | None = Field(default=None, foreign_key="organisation.id", index=True)
    active: bool = True
