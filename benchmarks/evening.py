"""What the trail costs a whole act: an evening of a commission, whose members hand in their score sheets.

The step is the product's own (`flows.steps.committee.submit_sheet`): it reads the application, the contest, who has an interest in
what, the assignment and whether there is a sheet already, counts the points by the rule pack, and writes the sheet and the assignment.
`ours` runs it in the office as it is; `plain` in one whose unit of work writes an audit row in the place of an event, on a
copy of the same database without any trigger.
"""

import random
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from pydantic import SecretStr
from sqlalchemy import create_engine, make_url, text

from benchmarks.appending import plainly
from benchmarks.country import founded
from flows.office import Office
from flows.steps import committee
from rules import permissions
from schemas.application import Application, ApplicationStatus, Organisation
from schemas.base import new_id
from schemas.commission import Assignment, Declaration, Member
from schemas.contest import Contest, ContestStatus
from schemas.customer import Language, Person, Role
from schemas.doer import CLOCK, Doer
from schemas.event import Act
from schemas.settings import Settings
from storage.ledger import Actor, Because
from storage.work import Work, looking, working

CITY = "karakol"
CONTESTS, APPLICATIONS = 20, 50
_UNTOLD = {"id", "version", "stream_id", "event_id", "tenant_id"}
_SEATED = Because(rule="routing")
_REMARK = "Долбоордун негиздемеси боюнча бааланды."


@dataclass(frozen=True)
class Sheet:
    """One that is to be handed in."""

    member: Doer
    application: UUID
    points: dict[str, int | None]
    comments: dict[str, str]


def assigned(office: Office, folder: Path) -> list[Sheet]:
    """Contests whose members have declared and were given every application; the sheets that they owe, in any order."""
    clock = folder / "clock"
    then = Office(office.settings.model_copy(update={"clock": clock}))
    first = founded(then, clock, CITY).contest
    then.close()
    criteria = office.pack_of(first).criteria
    rng, owed = random.Random(2017), list[Sheet]()  # noqa: S311 -- no secret
    with looking(office.engine, office.system) as look:
        seats = look.all(Member, contest_id=first.id, order="id")
        people = {one.id: one for one in look.all(Person, id=[seat.person_id for seat in seats])}
    for number in range(CONTESTS):
        with working(office.engine, Actor(CLOCK.id, Role.SYSTEM, None), office.now()) as work:
            members, applications = _contest(work, first, seats, number)
        for application in applications:
            for member in members:
                person = people[member.person_id]
                doer = Doer(person.id, first.tenant_id, frozenset({Role.MEMBER}), Language(person.language))
                points = {code: rng.randint(one.low.value, one.high.value) for code, one in criteria.items()}
                owed.append(Sheet(doer, application, points, dict.fromkeys(criteria, _REMARK)))
    rng.shuffle(owed)
    return owed


def _contest(work: Work, like: Contest, seats: Sequence[Member], number: int) -> tuple[list[Member], list[UUID]]:
    """One more contest of that kind in review, with a commission and applications; its members, and the cases."""
    stream = new_id()
    work.open_stream(stream, like.tenant_id, "contest", name=f"{CITY}/evening-{number}")
    told = like.model_dump(exclude=_UNTOLD) | {"number": f"EVENING-{number}", "status": ContestStatus.REVIEWING}
    contest = work.new(Contest(id=stream, **told), stream=stream, tenant=like.tenant_id)
    members = [Member(**{**seat.model_dump(exclude=_UNTOLD), "contest_id": stream}) for seat in seats]
    for one in members:
        work.new(one, stream=stream, tenant=like.tenant_id)
    work.record(Act.CONTEST_ROUTE, contest, because=_SEATED)
    return members, [_application(work, contest, members, place) for place in range(1, APPLICATIONS + 1)]


def _application(work: Work, contest: Contest, members: Sequence[Member], number: int) -> UUID:
    case, tenant = new_id(), contest.tenant_id
    work.open_stream(case, tenant, "case", name=str(number), under=contest.id)
    inn = f"{case.int % 10**14:014}"
    organisation = Organisation(name=f"Уюм {inn}", inn=inn, email=f"ngo{inn}@example.kg")
    application = Application(
        id=case,
        contest_id=contest.id,
        organisation_id=organisation.id,
        number=number,
        sender=organisation.email,
        received_at=work.at,
        package_sha256=f"{case.int:064x}"[-64:],
        title=f"Долбоор {number}",
        requested=400_000_00,
        status=ApplicationStatus.IN_REVIEW,
    )
    both = {"application_id": case}
    said = [Declaration(contest_id=contest.id, member_id=one.id, conflict=False, **both) for one in members]
    given = [Assignment(member_id=one.id, **both) for one in members]
    for row in (organisation, application, *said, *given):
        work.new(row, stream=case, tenant=tenant)
    work.record(Act.APPLICATION_ASSIGN, application, because=_SEATED)
    return case


# -- the same office without the trail --------------------------------------------------------------------------------


class PlainOffice(Office):
    """Whose unit of work writes an audit row in the place of an event."""

    @contextmanager
    def acting(self, doer: Doer, act: Act) -> Iterator[Work]:
        role = permissions.demand(doer.roles, act)
        by = Actor(doer.id, role, doer.tenant_id, self.run_id)
        with plainly(self.engine, by, self.now()) as work:
            yield work


def bared(office: Office, folder: Path) -> Settings:
    """Settings of a copy of the database that asks for no event: without a trigger of ours. No other connection is open."""
    office.engine.dispose()
    if office.engine.dialect.name == "sqlite":
        target = folder / "plain" / "ashar.db"
        target.parent.mkdir(parents=True)
        with closing(sqlite3.connect(office.home / "ashar.db")) as here, closing(sqlite3.connect(target)) as there:
            here.backup(there)
        changed: dict[str, Any] = {"home": target.parent}
        url = f"sqlite:///{target}"
    else:
        at = make_url(office.settings.database)
        url = at.set(database="plain").render_as_string(hide_password=False)
        server = create_engine(at.set(database="postgres"), isolation_level="AUTOCOMMIT")
        with server.connect() as connection:
            connection.execute(text(f'CREATE DATABASE plain TEMPLATE "{at.database}"'))
        server.dispose()
        changed = {"database_url": SecretStr(url)}
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in _without_triggers(connection):
            connection.execute(text(statement))
        connection.execute(text("ANALYZE"))
    engine.dispose()
    return office.settings.model_copy(update=changed)


def _without_triggers(connection: Any) -> list[str]:
    if connection.dialect.name == "sqlite":
        named = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars()
        return [f'DROP TRIGGER "{one}"' for one in named]
    tables = connection.execute(
        text("SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal")
    ).scalars()
    return [f"ALTER TABLE {one} DISABLE TRIGGER USER" for one in tables]


def hands(office: Callable[[], Office], owed: Sequence[Sheet], writers: int) -> Callable[[int], Callable[[], bool]]:
    """What each of so many writers does: sheets of its own, one a call; False when none is left. `office` is asked for there."""

    def hand(number: int) -> Callable[[], bool]:
        mine, here = iter(owed[number::writers]), office()

        def submit() -> bool:
            one = next(mine, None)
            if one is None:
                return False
            committee.submit_sheet(here, one.member, one.application, one.points, one.comments)
            return True

        return submit

    return hand
