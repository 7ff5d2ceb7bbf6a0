"""Personal values are erased: the event that names them, the rows they stood in, and what was made of them for finding."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cache
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import bindparam, delete, select
from sqlmodel import col

from schemas.base import Recorded
from schemas.collection import Clue
from schemas.customer import Person
from schemas.document import Document, Shingle
from schemas.event import Act, Disclosure, Event
from schemas.facts import Facts
from schemas.outbox import Letter
from schemas.tables import METADATA
from storage.ledger import Because, Placed
from storage.work import Look, Work

R = TypeVar("R", bound=Recorded)
_DISCLOSURE = METADATA.tables["disclosure"]
_DELETE = delete(_DISCLOSURE).where(
    _DISCLOSURE.c.event_id == bindparam("event"), _DISCLOSURE.c.digest == bindparam("told")
)


@cache
def models() -> tuple[type[Recorded], ...]:
    """Every kind of row that has personal fields."""
    return tuple(sorted((one for one in Recorded.__subclasses__() if one.personal), key=lambda one: one.__name__))


def disclosures(look: Look, stream_id: UUID) -> list[Disclosure]:
    """All personal values that the events of a stream still have."""
    mine = col(Event.id) == col(Disclosure.event_id), col(Event.stream_id) == stream_id
    return list(look.session.scalars(select(Disclosure).join(Event, mine[0]).where(mine[1])))


def erase(
    work: Work,
    act: Act,
    place: Placed,
    *,
    values: Sequence[Disclosure],
    because: Because,
    files: Iterable[str] = (),
) -> UUID:
    """One event that names the digests of these values, for the rows that were emptied before; then they are gone.

    `values` are all of the stream of `place`. Raises Overtaken. The database refuses what a hold covers.
    """
    erased = sorted({one.digest for one in values})
    facts = {**because.facts, "values": len(values), "erased": erased}
    event = work.record(act, place, because=replace(because, facts=facts), files=files, forget=True)
    if values:
        work.session.execute(_DELETE, [{"event": one.event_id, "told": one.digest} for one in values])
    return event


def empty(row: Recorded, names: Iterable[str]) -> int:
    """Take the values out of personal fields; how many there were. Only what says nothing of anybody stays."""
    count = 0
    for name in names:
        value = getattr(row, name)
        blank = _blank(row, name, value)
        if value != blank:
            setattr(row, name, blank)
            count += 1
    return count


def nameless(person_id: UUID) -> str:
    """The login of somebody who was erased."""
    return f"erased-{person_id.hex[-12:]}"  # its beginning is the time


def _blank(row: Recorded, name: str, value: Any) -> Any:
    if isinstance(row, Person) and name == "login":  # one for each person, and no name
        return nameless(row.id)
    if isinstance(row, Document) and name == "facts":
        seen = row.seen()
        kept = Facts(media=seen.media, pages=seen.pages, kind=seen.kind, kind_confidence=seen.kind_confidence)
        return kept.model_dump(mode="json")
    return type(value)() if isinstance(value, str | list | dict) else value


def empty_letters(letters: Iterable[Letter]) -> int:
    """Letters that have left keep their key and their code; to whom they went and what they said is gone."""
    count = 0
    for one in letters:
        if (one.sent_at or one.void_at) and (one.to or one.facts):
            one.to, one.facts, count = "", {}, count + 1
    return count


def unlist(work: Work, owners: Iterable[UUID], documents: Iterable[UUID]) -> None:
    """What was made of the values for finding them goes too: addresses and numbers, sketches of texts."""
    for model, column, ids in (
        (Clue, col(Clue.owner_id), list(owners)),
        (Shingle, col(Shingle.document_id), list(documents)),
    ):
        if ids:
            work.session.execute(delete(model).where(column.in_(ids)).execution_options(synchronize_session=False))
