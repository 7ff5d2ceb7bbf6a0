"""The record of reading: who read what of the trail or of a case, and what he had asked for.

Words that were sought may be somebody's name: they stand in the event as a reason does, as a salted digest with its disclosure.
"""

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import orjson

from flows.office import Office
from flows.steps import sight
from schemas.customer import Role
from schemas.document import Document
from schemas.doer import Doer
from schemas.event import Act, Event, Stream
from storage import words
from storage.ledger import Because, settled
from storage.search import Query
from storage.work import Look, looking

WALK: Final = timedelta(days=1)  # so long the pages behind a first one are read on its record
_CODE: Final = re.compile(r"[a-z0-9][A-Za-z0-9_.:@+-]*", re.ASCII)  # a rule, a pack: whatever else was typed are words


@dataclass
class Place:
    """A stream, as what an event is about."""

    id: UUID
    stream_id: UUID


def kept(doer: Doer) -> bool:
    """Whether this reader is written down: an applicant who looks into his own case, and the flows, are not."""
    return not sight.only_applicant(doer) and Role.SYSTEM not in doer.roles


def record(
    office: Office, doer: Doer, stream_id: UUID, why: Because, act: Act = Act.TRAIL_READ, files: tuple[str, ...] = ()
) -> str:
    """One event of the reading. Returns its id, by which the next pages are read."""
    with office.acting(doer, act) as work:
        return work.record(act, Place(stream_id, stream_id), because=why, files=files).hex


def of(way: str, **asked: Any) -> Because:
    """The ground of a reading, with what was asked for."""
    return Because(rule="audit", facts={"asked": way, **{name: one for name, one in asked.items() if one is not None}})


def of_query(look: Look, way: str, query: Query) -> Because:
    """The ground of a question to the whole trail: its filters as they were set; words as a personal value."""
    under = (query.under,) if query.under else ()
    names = {one.id: one.name for one in look.all(Stream, id=[*query.streams, *under])}
    free = [query.words]
    asked: dict[str, Any] = {
        "case": [names.get(one, str(one)) for one in query.streams] or None,
        "contest": next((names.get(one, str(one)) for one in under), None),
        "person": query.actor,
        "act": [one.value for one in query.acts] or None,
        "file": query.sha256 or None,
        "since": query.since,
        "until": query.until,
        "subject": query.subject,
        "order": "newest_first" if query.newest_first else "oldest_first",
    }
    for name in ("rule", "pack"):
        text = getattr(query, name)
        if _CODE.fullmatch(text):
            asked[name] = text
        elif text:
            free.append(text)
    sought = " ".join(filter(None, free)).encode(errors="replace").decode()
    asked["words"] = True if sought else None
    return Because(rule="audit", reason=sought, facts=of(way, **asked).facts)


def goes_on(look: Look, doer: Doer, reading: str, why: Because, now: datetime) -> bool:
    """Whether this reading is on record as this reader's, with this very question, a short while ago."""
    event = None
    with suppress(ValueError):
        event = look.session.get(Event, UUID(reading))
    if event is None or (event.actor_id, event.tenant_id, event.act) != (doer.id, doer.tenant_id, Act.TRAIL_READ):
        return False
    body = orjson.loads(event.body)
    hidden = words.disclosed(look.session, [event.id]).get(event.id, {})
    sought = hidden.get(body["reason"]["sd"], "") if body["reason"] else ""
    return (body["facts"], sought) == (settled(why.facts), why.reason) and abs(now - event.at) < WALK


def taken(office: Office, doer: Doer, document: Document) -> None:
    """A file of a case was given to somebody; an applicant who takes one of his own is not written down."""
    with looking(office.engine, office.system) as look:
        kind = look.get(Stream, document.stream_id).kind
    if kind == "case" and not sight.only_applicant(doer):
        why = Because(rule="file")
        record(office, doer, document.stream_id, why, Act.CASE_READ, (document.sha256,))
