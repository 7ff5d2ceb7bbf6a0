"""The audit trail, read as a timeline."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from flows.office import Office
from flows.steps import readings, sight
from rules.edition import shown
from schemas.application import Application
from schemas.contest import Contest
from schemas.customer import Person
from schemas.doer import Doer
from schemas.errors import NotFound
from schemas.event import Act, Stream
from schemas.wording import say, say_act
from storage import trail
from storage.trail import Entry
from storage.work import Look


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the timeline, ready to read; `entry` is the evidence behind it."""

    seq: int
    at: datetime
    who: str
    what: str
    ground: str
    entry: Entry


def case_of(office: Office, doer: Doer, contest: str, number: int) -> Application:
    """The application of that number. Raises NotFound."""
    with office.looking(doer, Act.TRAIL_READ) as look:
        for one in look.all(Contest, number=contest):
            application = look.one(Application, contest_id=one.id, number=number)
            if application is not None:
                return application
    raise NotFound(noun="application", id=f"{contest}/{number}")


def timeline(office: Office, doer: Doer, stream_id: UUID, language: str) -> list[Line]:
    """Everything that happened to a case, verified while it is read. The reading is recorded, but an applicant's.

    Raises BrokenTrail at the first event that does not fit, NotFound, NotAllowed, Sealed.
    """
    with office.looking(doer, Act.TRAIL_READ) as look:
        stream = look.get(Stream, stream_id)
        may_see(look, stream_id, doer)
        entries = trail.whole(look.session, stream_id)
        names = names_of(look, entries)
    if readings.kept(doer):
        readings.record(office, doer, stream.id, readings.of("timeline"))
    return [line(one, names, language) for one in entries]


def names_of(look: Look, entries: Sequence[Entry]) -> dict[UUID, str]:
    """What the actors are called."""
    return {one.id: one.name for one in look.all(Person, id={one.actor_id for one in entries})}


def may_see(look: Look, stream_id: UUID, doer: Doer) -> None:
    """A sealed package is nobody's but the applicant's, and another's application is no applicant's at all."""
    sight.demand(look, doer, stream_id)


def line(entry: Entry, names: dict[UUID, str], language: str) -> Line:
    """One event in words; of one that was lost, that it was."""
    if entry.act is None:
        return Line(entry.seq, entry.at, "", say("trail.lost", language), say("trail.lost_ground", language), entry)
    role = say(f"role.{entry.role}", language)
    name = names.get(entry.actor_id, "")
    who = f"{name} ({role})" if name else role
    facts = {**entry.body["facts"]} if isinstance(entry.body["facts"], dict) else {}
    reason = entry.body["reason"]
    told = entry.disclosed.get(reason["sd"], "") if isinstance(reason, dict) else ""
    if entry.rule:
        ground = say(f"ground.{entry.rule}", language, **{"reason": told or ("■" if reason else ""), **facts})
    else:
        ground = told
    if entry.pack:
        ground = f"{ground} [{shown(entry.pack)}]"
    what = say_act(entry.act.value, language, **{**facts, "actor": who})
    return Line(entry.seq, entry.at, who, what, ground, entry)


def as_text(lines: Sequence[Line], zone: str) -> str:
    """The timeline as plain text, one act a paragraph."""
    told = [
        f"{one.seq:>4}  {one.at.astimezone(ZoneInfo(zone)):%d.%m.%Y %H:%M:%S}  {one.what}\n"
        f"      {one.ground}\n      {one.entry.hash[:16]}…\n"
        for one in lines
    ]
    return "\n".join(told)
