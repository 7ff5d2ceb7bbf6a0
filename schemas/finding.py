"""A finding: what a rule found, where, how serious, and what would cure it."""

from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlmodel import Field

from schemas.base import JSON_TYPE, Recorded, word
from schemas.facts import Kind


class Severity(StrEnum):
    BLOCKS = "blocks"  # a ground for refusal; no cure
    TO_CURE = "to_cure"
    NOTICE = "notice"


# Rules whose findings tell of another's case: for the office and the commission, in no letter and before no applicant.
INSIDE = frozenset({"same_file", "shared_text"})


class Remark(BaseModel):
    """A finding as a rule returns it: data, not text. `rule` is the rule's id and the key of its sentence.

    `facts` fill the sentence: ids, codes, dates (ISO), integers (money in tyiyn, keys ending in `_tyiyn`).
    """

    model_config = ConfigDict(frozen=True)

    rule: str
    severity: Severity
    kind: Kind | None = None
    document_id: UUID | None = None
    page: int | None = None
    facts: dict[str, str | int] = {}
    placeholder: bool = False  # the rule rests on a value that no lawyer has verified


class FindingStatus(StrEnum):
    OPEN = "open"
    CURED = "cured"
    OVERRIDDEN = "overridden"


class Finding(Recorded, table=True):
    """A remark on the record of an application, with what became of it."""

    # what was found may quote a paper: a name that is not the same, an address
    personal: ClassVar[frozenset[str]] = frozenset({"facts", "reason"})

    application_id: UUID = Field(foreign_key="application.id", index=True)
    rule: str = Field(max_length=80)
    severity: Severity = Field(sa_type=word(Severity))
    kind: Kind | None = Field(default=None, sa_type=word(Kind))
    document_id: UUID | None = Field(default=None, foreign_key="document.id")
    page: int | None = None
    facts: dict[str, Any] = Field(default_factory=dict, sa_type=JSON_TYPE)
    placeholder: bool = False
    round: int = 1
    status: FindingStatus = Field(default=FindingStatus.OPEN, sa_type=word(FindingStatus))
    reason: str = ""  # of an override
