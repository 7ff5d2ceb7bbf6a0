"""A legal hold: what it covers is neither erased nor disposed of, whoever asks, until an act lifts it."""

from datetime import date
from enum import StrEnum
from typing import ClassVar

from sqlmodel import Field

from schemas.base import Recorded, word


class Scope(StrEnum):
    """What a hold covers; its stream is that of the thing: a customer's covers all that the customer has."""

    CASE = "case"
    CONTEST = "contest"
    PERSON = "person"
    CUSTOMER = "customer"


class HoldStatus(StrEnum):
    PLACED = "placed"
    LIFTED = "lifted"


class LegalHold(Recorded, table=True):
    """Placed by an act (title, number, date) and lifted by another, or by the clock after `until`."""

    personal: ClassVar[frozenset[str]] = frozenset({"ordered_by"})

    scope: Scope = Field(sa_type=word(Scope))
    name: str = Field(max_length=200)  # of what it covers, as its stream is called
    act: str = Field(max_length=300)
    number: str = Field(max_length=80)
    on: date
    ordered_by: str = Field(max_length=300)
    until: date | None = None
    lifted_by: str = Field(default="", max_length=300)  # the act that lifts it, its number and its day
    lifted_number: str = Field(default="", max_length=80)
    lifted_on: date | None = None
    status: HoldStatus = Field(default=HoldStatus.PLACED, sa_type=word(HoldStatus))
