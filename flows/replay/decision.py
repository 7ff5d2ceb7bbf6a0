"""A decision as it was recorded and as it comes out again."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property
from typing import Any, TypeVar, cast
from uuid import UUID

from sqlmodel import SQLModel

from flows.replay.fold import Change, Fields
from flows.replay.past import CannotTell, Past, build, noun_of
from rules.deadlines import local_day
from rules.packs import Pack
from schemas.application import Application
from schemas.contest import Contest
from schemas.event import Act
from storage.canonical import canonical
from storage.ledger import settled

T = TypeVar("T", bound=SQLModel)


class Verdict(StrEnum):
    SAME = "same"
    DIFFERENT = "different"
    CANNOT_TELL = "cannot_tell"


@dataclass(frozen=True)
class Decision:
    """`what` is the key of its name (`replay.…`), `of` the case or contest, `about` a number within it.

    `why` says why it cannot be told, with the facts of its sentence.
    """

    what: str
    of: str
    seq: int
    act: Act
    at: datetime
    rule: str
    pack: str
    about: str
    verdict: Verdict
    recorded: str = ""
    recomputed: str = ""
    why: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Compared:
    """What one of the checks says: the decision, as recorded, as recomputed."""

    what: str
    recorded: Any
    recomputed: Any
    about: str = ""


@dataclass(frozen=True)
class Unknown:
    """What one of the checks cannot say."""

    what: str
    why: CannotTell
    about: str = ""


class Moment:
    """An event, the rows before it, and what it says of them."""

    def __init__(self, body: Mapping[str, Any], told: Iterable[Change], past: Past, pack_of: Any) -> None:
        self.body, self.past, self._pack_of = body, past, pack_of
        self.act = Act(body["act"])
        self.at = datetime.fromisoformat(body["at"])
        self.facts: dict[str, Any] = body["facts"] if isinstance(body["facts"], dict) else dict(body["facts"])
        self.rule: str = body["rule"]
        self.noun: str = body["noun"]
        self.subject = UUID(body["subject"])
        self.changes: dict[tuple[str, str], Fields] = {}
        for one in told:
            self.changes.setdefault((one.noun, one.id), {})[one.field] = one.new

    def now(self, model: type[T], identity: UUID) -> T:
        """The row after the event."""
        before = self.past.fold.row(noun_of(model), str(identity)) or {}
        after = {**before, **self.changes.get((noun_of(model), str(identity)), {})}
        if not after:
            return self.past.get(model, identity)
        return build(model, str(identity), after, self.past.needed)

    def before(self, model: type[T], identity: UUID) -> T:
        """The row before the event. Raises CannotTell."""
        return self.past.get(model, identity)

    def told(self, model: type[T], identity: UUID | None = None) -> Fields:
        """What the event says of a row, plain."""
        return self.changes.get((noun_of(model), str(identity or self.subject)), {})

    def changed(self, model: type[T]) -> list[T]:
        """Rows that the event changes or makes, as they are after it."""
        return [self.now(model, UUID(identity)) for noun, identity in self.changes if noun == noun_of(model)]

    def made(self, model: type[T]) -> list[T]:
        """Rows that begin with the event."""
        return [one for one in self.changed(model) if self.past.fold.row(noun_of(model), str(one.id)) is None]  # type: ignore[attr-defined]

    # -- whose it is ----------------------------------------------------------------------------------------------

    @cached_property
    def application(self) -> Application:
        """The case in whose stream it stands."""
        return self.past.get(Application, UUID(self.body["stream"]))

    @cached_property
    def contest(self) -> Contest:
        stream = UUID(self.body["stream"])
        if self.past.fold.row("contest", str(stream)) is not None:
            return self.past.get(Contest, stream)
        return self.past.get(Contest, self.application.contest_id)

    @cached_property
    def pack(self) -> Pack:
        """The pack that the contest was announced under. Raises CannotTell where the dossier has it not."""
        return self._pack_of(self.contest)

    @property
    def today(self) -> date:
        return local_day(self.at, self.contest.zone)


Checks = Iterator[Compared | Unknown]


def alike(one: Any, other: Any) -> bool:
    """Whether two values are the same to the trail."""
    return canonical(settled(one)) == canonical(settled(other))


def in_order(values: Iterable[Any]) -> list[Any]:
    """Values of which the order says nothing, in one order."""
    return sorted(values, key=lambda one: canonical(settled(one)))


def apart(one: Any, other: Any) -> tuple[Any, Any]:
    """What each of two values has beside the other, where they are lists of many things; else both as they are."""
    if not (isinstance(one, list) and isinstance(other, list)):
        return one, other
    first, second = ([settled(each) for each in cast("list[Any]", these)] for these in (one, other))
    if any(not isinstance(each, list | dict) for each in [*first, *second]):
        return one, other
    only = [each for each in first if each not in second], [each for each in second if each not in first]
    return only if any(only) else (one, other)


def shown(value: Any) -> str:
    """A value in one line: words and days as they are, anything else as canonical JSON."""
    plain = settled(value)
    if plain is None:
        return ""
    return plain if isinstance(plain, str) else json.dumps(plain, ensure_ascii=False, sort_keys=True)
