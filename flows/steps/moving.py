"""The one door for a change of state: the journey's table decides, the unit of work records."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any
from uuid import UUID

from rules import deadlines, lifecycle
from rules.edition import program
from rules.packs import Pack
from schemas.errors import NoReason
from schemas.event import Act
from schemas.report import Period
from storage.ledger import Because, noun
from storage.work import Work


def move(work: Work, row: Any, act: Act, *, because: Because, to: str | None = None, files: Iterable[str] = ()) -> UUID:
    """Take the row from its status to the next one (`to`, where the act has several ends). Raises WrongMoment."""
    row.status = type(row.status)(lifecycle.move(noun(row), row.status.value, act, to))
    if isinstance(row, Period):  # the timeline says "period 3 of 12"
        because = replace(because, facts={"period": row.number, "of": row.of, **because.facts})
    return work.record(act, row, because=because, files=files)


def check_moment(row: Any, act: Act) -> None:
    """Raise WrongMoment when the act is not possible now, before anything is prepared for it."""
    lifecycle.row(noun(row), row.status.value, act)


def check_reason(reason: str, act: Act) -> None:
    """Raise NoReason when nothing is said."""
    if not reason.strip():
        raise NoReason(act=act)


def by_rule(pack: Pack, rule: str, **facts: Any) -> Because:
    """The ground is a rule of the contest's pack."""
    return Because(rule=rule, pack=pack.edition, facts=facts)


def reckoned(pack: Pack, rule: str, **facts: Any) -> Because:
    """The ground is a rule of the pack, by which the program itself decided: which program, and which calendar, is told too.

    What is decided so can be reckoned again from the trail (`ashar audit replay`, decision 0022).
    """
    return by_rule(pack, rule, **facts, **edition())


def edition() -> dict[str, Any]:
    """Facts of an event that name the program and the calendar."""
    return {"program": program(), "calendar": deadlines.calendar_edition()}


def in_words(reason: str, pack: Pack | None = None, **facts: Any) -> Because:
    """The ground is what a person says."""
    return Because(reason=reason, pack=pack.edition if pack else "", facts=facts)
