"""Stages 3 and 4: the contest is drafted from its file, the commission appointed, the announcement published."""

from datetime import UTC
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

from flows.office import Office
from flows.papers.announcement import announcement
from flows.steps import adopting, filing
from flows.steps.moving import by_rule, check_moment, check_reason, in_words, move, reckoned
from flows.steps.people import holder
from rules import commission, deadlines, packs
from schemas import contest_file
from schemas.commission import Background, Member, Seat
from schemas.contest import Contest
from schemas.customer import Customer, Person, Role, RoleGrant
from schemas.doer import Doer
from schemas.errors import AlreadyGiven, BadComposition, WrongMoment
from schemas.event import Act
from schemas.facts import Kind
from schemas.finding import Severity
from schemas.programme import Programme, ProgrammeStatus

SOM = 100  # tyiyn


def draft_contest(office: Office, doer: Doer, programme_id: UUID, source: Path) -> UUID:
    """A contest from its file, held to the pack in force on its announcement day. The same number once.

    Raises BadContestFile naming all that is wrong, NoPack, IncompletePack.
    """
    with office.looking(doer, Act.CONTEST_DRAFT) as look:
        at_most = look.get(Programme, programme_id).amount
    told = contest_file.read(source, at_most_som=at_most // SOM)
    pack = packs.load(told.pack or packs.in_force(told.announced_on))
    cutoff = told.cutoff.replace(tzinfo=ZoneInfo(told.zone)).astimezone(UTC)
    with office.acting(doer, Act.CONTEST_DRAFT) as work:
        programme = work.get(Programme, programme_id)
        known = work.one(Contest, tenant_id=programme.tenant_id, number=told.number)
        if known is not None:
            if known.programme_id != programme_id:
                raise AlreadyGiven(noun="contest")
            return known.id
        contest = Contest(
            programme_id=programme.id,
            number=told.number,
            title=told.title.words(),
            goal=told.goal.words(),
            tasks=[one.words() for one in told.tasks],
            problem=told.problem.words(),
            submit_to=told.submit_to.words(),
            themes=[
                {"code": lot.code, "title": lot.title.words(), "ceiling": lot.ceiling_som * SOM} for lot in told.themes
            ],
            budget=told.budget_som * SOM,
            awards=told.awards,
            announced_on=told.announced_on,
            cutoff=cutoff,
            zone=told.zone,
            project_starts=told.project_starts,
            project_ends=told.project_ends,
            pack=pack.id,
            pack_version=pack.version,
            pack_sha256=pack.sha256,
            seed=int.from_bytes(pack.sha256.encode()[:4], "big"),
        )
        work.open_stream(contest.id, programme.tenant_id, "contest", name=contest.number, under=programme.tenant_id)
        work.new(contest, stream=contest.id)
        work.record(Act.CONTEST_DRAFT, contest, because=by_rule(pack, "in_force", since=pack.force.since.value))
        adopting.adopt(work, pack, contest)
        return contest.id


def appoint(
    office: Office,
    doer: Doer,
    contest_id: UUID,
    person_id: UUID,
    *,
    seat: Seat,
    background: Background,
    relations: list[dict[str, str]],
    order: str,
) -> UUID:
    """A person joins the commission of a contest by an `order`; the same person once."""
    check_reason(order, Act.MEMBER_APPOINT)
    with office.acting(doer, Act.MEMBER_APPOINT) as work:
        contest = work.get(Contest, contest_id)
        known = work.one(Member, contest_id=contest_id, person_id=person_id)
        if known is not None:
            return known.id
        check_moment(contest, Act.MEMBER_APPOINT)
        person = work.get(Person, person_id)
        told = {"seat": seat, "background": background, "relations": relations}
        member = Member(contest_id=contest_id, person_id=person.id, name=person.name, **told)
        work.new(member, stream=contest_id)
        work.record(Act.MEMBER_APPOINT, member, because=in_words(order))
        role = Role.CHAIR if seat is Seat.CHAIR else Role.MEMBER
        held = work.one(RoleGrant, person_id=person.id, role=role, organisation_id=None, active=True)
        if held is None:
            grant = RoleGrant(person_id=person.id, role=role)
            work.new(grant, stream=person.id)
            work.record(Act.ROLE_GRANT, grant, because=in_words(order))
        return member.id


def release(office: Office, doer: Doer, member_id: UUID, reason: str) -> None:
    """A member leaves; the scores he gave stay."""
    check_reason(reason, Act.MEMBER_RELEASE)
    with office.acting(doer, Act.MEMBER_RELEASE) as work:
        member = work.get(Member, member_id)
        if not member.active:
            return
        check_moment(work.get(Contest, member.contest_id), Act.MEMBER_RELEASE)
        member.active = False
        work.record(Act.MEMBER_RELEASE, member, because=in_words(reason))


def announce(office: Office, doer: Doer, contest_id: UUID) -> None:
    """The contest is published with its announcement. Raises BadComposition, WrongMoment."""
    with office.looking(doer, Act.CONTEST_ANNOUNCE) as look:
        contest = look.get(Contest, contest_id)
        programme = look.get(Programme, contest.programme_id)
        customer = look.get(Customer, contest.tenant_id)
        head = holder(look, contest.tenant_id, Role.HEAD)
        members = look.all(Member, contest_id=contest_id, active=True)
    check_moment(contest, Act.CONTEST_ANNOUNCE)
    if deadlines.late(office.now(), contest.cutoff):
        raise WrongMoment(act=Act.CONTEST_ANNOUNCE, noun="contest", status=contest.status, cutoff=contest.cutoff)
    pack = office.pack_of(contest)
    wrong = [one for one in commission.composition(pack, members) if one.severity is not Severity.NOTICE]
    if wrong:
        raise BadComposition(contest=contest.number, wrong=[one.rule for one in wrong])
    if programme.status is not ProgrammeStatus.APPROVED:
        check_moment(programme, Act.CONTEST_ANNOUNCE)
    kept = filing.written(office, contest.tenant_id, announcement(pack, contest, programme, customer, head))
    with office.acting(doer, Act.CONTEST_ANNOUNCE) as work:
        contest = work.get(Contest, contest_id)
        filing.register(office, work, kept, subject=contest, kind=Kind.ANNOUNCEMENT, name=f"{contest.number}.docx")
        because = reckoned(pack, "announced", cutoff=contest.cutoff, budget=contest.budget)
        move(work, contest, Act.CONTEST_ANNOUNCE, because=because, files=[kept.sha256])


def cancel(office: Office, doer: Doer, contest_id: UUID, reason: str) -> None:
    """The contest is called off; what was received stays on record."""
    check_reason(reason, Act.CONTEST_CANCEL)
    with office.acting(doer, Act.CONTEST_CANCEL) as work:
        move(work, work.get(Contest, contest_id), Act.CONTEST_CANCEL, because=in_words(reason))
