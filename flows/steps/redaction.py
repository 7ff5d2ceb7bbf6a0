"""Redaction: personal values of a person, an event, a field or a file are erased on the ground of an act, and the trail says so."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import or_, select
from sqlmodel import col

from flows.office import Office
from flows.steps import holds
from flows.steps.holds import Order, by_order
from schemas.application import Application, ApplicationStatus
from schemas.base import Recorded
from schemas.contest import Contest, ContestStatus
from schemas.customer import Person, RoleGrant
from schemas.document import Document
from schemas.doer import Doer
from schemas.errors import NotFound, StillNeeded
from schemas.event import Act, Disclosure, Event, Stream
from schemas.outbox import Letter
from storage import erasing
from storage.work import Look, Work, looking

OVER = frozenset(
    {
        ApplicationStatus.TURNED_AWAY,
        ApplicationStatus.REFUSED,
        ApplicationStatus.PASSED_OVER,
        ApplicationStatus.WITHDRAWN,
    }
)
_SHORT = 5  # letters of a name, an address or a number by which nobody else is found


@dataclass
class Redacted:
    """What was erased. `held` and `needed` name what was left: under a legal hold, and not over yet."""

    values: int = 0
    rows: int = 0
    letters: int = 0
    streams: int = 0
    held: list[str] = field(default_factory=list)
    needed: list[str] = field(default_factory=list)


@dataclass
class _Place:
    id: UUID
    stream_id: UUID


def of_event(office: Office, doer: Doer, stream_id: UUID, seq: int, order: Order) -> Redacted:
    """Every personal value of one event; rows stay as they are. Raises NotAllowed, NotFound, NoReason, Held."""
    order.check(Act.TRAIL_REDACT)
    with office.erasing(doer, Act.TRAIL_REDACT) as work:
        _open(work, stream_id)
        event = work.one(Event, stream_id=stream_id, seq=seq)
        if event is None:
            raise NotFound(noun="event", id=str(seq))
        values = [one for one in erasing.disclosures(work, stream_id) if one.event_id == event.id]
        return _erase(work, stream_id, values, [], order, {"scope": "event", "of": seq})


def of_field(office: Office, doer: Doer, stream_id: UUID, path: str, order: Order) -> Redacted:
    """One personal field of a case, `organisation.phone`: its values in all events, and in the rows.

    Raises NotAllowed, NotFound for a field that is none, NoReason, Held, StillNeeded while the case is not over.
    """
    order.check(Act.TRAIL_REDACT)
    what, _, name = path.partition(".")
    model = next((one for one in erasing.models() if one.__name__.lower() == what and name in one.personal), None)
    if model is None:
        raise NotFound(noun="field", id=path)
    with office.erasing(doer, Act.TRAIL_REDACT) as work:
        stream = _open(work, stream_id)
        if not over(work, stream_id):
            raise StillNeeded(noun=stream.kind, name=stream.name)
        values = [one for one in erasing.disclosures(work, stream_id) if one.path.startswith(f"{path}.")]
        rows = [(one, (name,)) for one in work.all(model, stream_id=stream_id)]
        return _erase(work, stream_id, values, rows, order, {"scope": "field", "of": path})


def of_file(office: Office, doer: Doer, stream_id: UUID, sha256: str, order: Order) -> Redacted:
    """One file of a case: its bytes, its name, and what was read in it. Its fingerprint stays in the events.

    Raises NotAllowed, NotFound, NoReason, Held, StillNeeded while the case is not over.
    """
    order.check(Act.TRAIL_REDACT)
    with office.erasing(doer, Act.TRAIL_REDACT) as work:
        stream = _open(work, stream_id)
        documents = work.all(Document, stream_id=stream_id, sha256=sha256)
        if not documents:
            raise NotFound(noun="document", id=sha256)
        if not over(work, stream_id):
            raise StillNeeded(noun=stream.kind, name=stream.name)
        blobs = [one.blob_id for one in documents if one.blob_id is not None]
        for one in documents:
            one.blob_id = None
        ids = [one.id for one in documents]
        digests = _of_rows(work, stream_id, ids)
        values = [one for one in erasing.disclosures(work, stream_id) if one.digest in digests]
        rows = [(one, tuple(sorted(Document.personal))) for one in documents]
        erasing.unlist(work, [], ids)
        gone = _erase(work, stream_id, values, rows, order, {"scope": "file", "of": sha256})
    office.blobs.release(blobs)
    return gone


def _of_rows(work: Work, stream_id: UUID, ids: Sequence[UUID]) -> set[str]:
    """Digests by which the events of a stream speak of these rows."""
    wanted = {str(one) for one in ids}
    bodies = (orjson.loads(one.body) for one in work.all(Event, stream_id=stream_id))
    changes = (change for body in bodies for change in body["changes"] if change["id"] in wanted)
    sides = (change[side] for change in changes for side in ("old", "new"))
    return {one["sd"] for one in sides if isinstance(one, dict) and "sd" in one}


def of_person(office: Office, doer: Doer, person_id: UUID, order: Order) -> Redacted:
    """Whatever says who a person is, in his own record and wherever his name, address or number stands at this customer.

    What a hold covers, and cases that are not over, are left and named. Raises NotAllowed, NotFound, NoReason, Held for
    a person under hold, StillNeeded for one who holds a role.
    """
    order.check(Act.TRAIL_REDACT)
    with office.looking(doer, Act.TRAIL_REDACT) as look:
        person = look.get(Person, person_id)
        holds.check(look, person_id)
        if look.some(RoleGrant, person_id=person_id, active=True):
            raise StillNeeded(noun="person", name=person.login)
        signs = _signs(person)
        streams = _speaking(look, person, signs)
        names = {one.id: one.name for one in look.all(Stream, id=streams)}
    total = Redacted()
    for stream_id in streams:  # his own comes last: by it he is found again when this was cut short
        with looking(office.engine, office.system) as look:
            held, ended = holds.covering(look, stream_id), over(look, stream_id)
        if held is not None or not ended:
            (total.needed if held is None else total.held).append(names[stream_id])
            continue
        with office.erasing(doer, Act.TRAIL_REDACT) as work:
            one = _of_person_in(work, stream_id, person_id, signs, order)
        _add(total, one)
    if not total.held and not total.needed:
        with office.erasing(doer, Act.TRAIL_REDACT) as work:
            work.hold(Stream, person_id)
            own = work.get(Person, person_id)
            rows = [(own, tuple(sorted(Person.personal)))]
            scope = {"scope": "person", "of": str(person_id)}
            blank = erasing.nameless(person_id)
            values = [one for one in erasing.disclosures(work, person_id) if one.value != blank]
            _add(total, _erase(work, person_id, values, rows, order, scope))
            erasing.unlist(work, [person_id], [])
    return total


def over(look: Look, stream_id: UUID) -> bool:
    """Whether what happens in this stream has come to its end; what is no case has none to wait for."""
    case = look.session.get(Application, stream_id)
    contest = look.session.get(Contest, case.contest_id if case else stream_id)
    ended = contest is None or contest.status in (ContestStatus.FINISHED, ContestStatus.CANCELLED)
    return ended or (case is not None and case.status in OVER)


def _open(work: Work, stream_id: UUID) -> Stream:
    stream = work.get(Stream, stream_id)
    holds.check(work, stream_id)
    return stream


def _add(total: Redacted, one: Redacted) -> None:
    total.values, total.rows = total.values + one.values, total.rows + one.rows
    total.letters, total.streams = total.letters + one.letters, total.streams + one.streams


def _signs(person: Person) -> tuple[str, ...]:
    return tuple(one for one in (person.name, person.email, person.phone) if len(one) >= _SHORT)


def _like(sign: str) -> str:
    return "%" + sign.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"


def _speaking(look: Look, person: Person, signs: Sequence[str]) -> list[UUID]:
    """Other streams of the customer in which one of the signs stands, in an event or a letter."""
    found: set[UUID] = set()
    if signs:
        says = or_(*(col(Disclosure.value).like(_like(sign), escape="\\") for sign in signs))
        mine = col(Event.tenant_id) == person.tenant_id
        events = select(col(Event.stream_id)).join(Disclosure, col(Disclosure.event_id) == col(Event.id))
        found |= set(look.session.scalars(events.where(mine, says).distinct()))
    if person.email:
        to = col(Letter.tenant_id) == person.tenant_id, col(Letter.to).like(_like(person.email), escape="\\")
        found |= set(look.session.scalars(select(col(Letter.stream_id)).where(*to).distinct()))
    return sorted(found - {person.id})


def _of_person_in(work: Work, stream_id: UUID, person_id: UUID, signs: Sequence[str], order: Order) -> Redacted:
    work.hold(Stream, stream_id)  # nothing comes in between what is read and what is erased
    values = [one for one in erasing.disclosures(work, stream_id) if _says(one.value, signs)]
    rows: list[tuple[Recorded, Iterable[str]]] = []
    for model in erasing.models():
        for row in work.all(model, stream_id=stream_id):
            names = [name for name in sorted(row.personal) if _says(getattr(row, name), signs)]
            if names and isinstance(row, Document) and names == ["facts"] and _without(row, signs):
                rows.append((row, ()))
            elif names:
                rows.append((row, names))
    letters = [one for one in work.all(Letter, stream_id=stream_id) if _says([one.to, one.facts], signs)]
    scope = {"scope": "person", "of": str(person_id)}
    return _erase(work, stream_id, values, rows, order, scope, letters)


def _without(document: Document, signs: Sequence[str]) -> bool:
    """Take out of what was read in a file only what names the person; False where he stands elsewhere in it too."""
    seen = document.seen()
    kept = seen.model_copy(update={"values": {n: v for n, v in seen.values.items() if not _says(v.value, signs)}})
    facts = kept.model_dump(mode="json")
    if _says(facts, signs):
        return False
    document.facts = facts
    return True


def _says(value: Any, signs: Sequence[str]) -> bool:
    if isinstance(value, str):
        return any(sign in value for sign in signs)
    if isinstance(value, dict):
        return any(_says(one, signs) for one in value.values())
    return isinstance(value, list | tuple) and any(_says(one, signs) for one in value)


def _erase(
    work: Work,
    stream_id: UUID,
    values: Sequence[Disclosure],
    rows: Sequence[tuple[Recorded, Iterable[str]]],
    order: Order,
    scope: dict[str, Any],
    letters: Sequence[Letter] = (),
) -> Redacted:
    """One event of one stream. Nothing to erase is no event."""
    emptied = sum(bool(erasing.empty(row, names)) or not names for row, names in rows)
    sent = erasing.empty_letters(letters)
    if not values and not emptied and not sent:
        return Redacted()
    holds.check_values(work, values)
    because = by_order(order, "redaction", rows=emptied, letters=sent, **scope)
    erasing.erase(work, Act.TRAIL_REDACT, _Place(stream_id, stream_id), values=values, because=because)
    return Redacted(values=len(values), rows=emptied, letters=sent, streams=1)
