"""What papers share: texts in two languages, parties, lines of money, terms of the rule pack. Money is integer tyiyn."""

from collections.abc import Iterable
from datetime import date
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, model_validator

from schemas.errors import BadDraft


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Text(BaseModel):
    """One text in both languages of a paper. A plain string stands for both; English of a `Words` is left out."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    ky: str
    ru: str

    @model_validator(mode="before")
    @classmethod
    def _same_in_both(cls, given: Any) -> Any:
        return {"ky": given, "ru": given} if isinstance(given, str) else given


Unit = Literal["working day", "calendar day", "month", "year", "percent"]


class Ruled(Frozen):
    """A number that the rule pack sets."""

    value: int
    unit: Unit
    placeholder: bool = False


class Placeholder(Frozen):
    """A value shown in the paper that no lawyer has confirmed yet."""

    name: Text
    value: str
    source: str = ""


class Party(Frozen):
    """One side of a paper, with what payment and letters need. `acts_on` stands in the genitive (Уставдын, Устава)."""

    name: Text
    head: Text
    post: Text
    acts_on: Text = Text(ky="Уставдын", ru="Устава")
    address: Text
    inn: str = ""
    okpo: str = ""
    bank: str = ""
    bik: str = ""
    account: str = ""
    phone: str = ""
    email: str = ""


class Line(Frozen):
    """One line of a budget."""

    name: str
    total: int
    requested: int
    own: int = 0


class Tranche(Frozen):
    number: int
    amount: int
    due: date | None = None
    conditions: tuple[Text, ...]


class Target(Frozen):
    """What is promised; `reached` once a report says so."""

    name: str
    unit: str = ""
    baseline: int = 0
    target: int
    reached: int | None = None


class Period(Frozen):
    """A report that is due; `name` is that of its milestone, or says that it is on the whole project."""

    number: int
    starts: date
    ends: date
    due: date
    name: Text = Text(ky="", ru="")


class Terms(Frozen):
    """Terms of a contract that the rule pack sets. One that the pack does not know is worded without a number."""

    variance: Ruled
    retention: Ruled
    report_check: Ruled | None = None
    payment: Ruled | None = None
    cure: Ruled | None = None
    refund: Ruled | None = None
    withdrawal: Ruled | None = None


def same(template: str, what: str, stated: object, counted: object) -> None:
    """Figures that the paper states twice must agree before anybody signs it."""
    if stated != counted:
        raise BadDraft(template=template, wrong=what, stated=stated, counted=counted)


def lines_agree(template: str, lines: Iterable[Line]) -> None:
    for line in lines:
        same(template, "lines", line.total, line.requested + line.own)
