"""Stages 8 and 9: conflicts found and declared, applications routed to members, score sheets."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from flows.office import Office
from flows.steps import addresses
from flows.steps.moving import by_rule, check_moment, check_reason, in_words, move, reckoned
from flows.steps.people import commission_of, only_own
from rules import commission
from rules.packs import Pack
from schemas.application import Application, ApplicationStatus, Organisation
from schemas.commission import Assignment, AssignmentStatus, Declaration, Member, Sheet
from schemas.contest import Contest, ContestStatus
from schemas.customer import Role, RoleGrant
from schemas.doer import CLOCK, Doer
from schemas.errors import AlreadyGiven, NotDeclared, NotFound, OwnInterest, OwnSheetFirst, Shortage, WrongMoment
from schemas.event import Act
from schemas.outbox import Errand, Job
from storage.ledger import Because
from storage.work import Look, Work

UNDECIDED = (
    ApplicationStatus.RECEIVED,
    ApplicationStatus.OPENED,
    ApplicationStatus.TO_CURE,
    ApplicationStatus.COMPLETE,
)
TO_JUDGE = (ApplicationStatus.ELIGIBLE, ApplicationStatus.IN_REVIEW)


def member_of(look: Look, doer: Doer, contest_id: UUID) -> Member:
    """The doer's own seat on the commission. Raises NotFound when he sits on another, or on none."""
    member = look.one(Member, contest_id=contest_id, person_id=doer.id, active=True)
    if member is None:
        raise NotFound(noun="member", id=str(doer.id))
    return member


Pair = tuple[UUID, UUID]


def found_relations(
    look: Look, contest_id: UUID, *, cases: Collection[UUID] | None = None, besides: Collection[Pair] = ()
) -> dict[Pair, list[str]]:
    """Matches between members and applicants that the system sees: (member, application) -> matched fields.

    `cases`: of these applications alone; `besides`: pairs that need no look.
    """
    seated = look.all(Member, contest_id=contest_id)
    where: dict[str, Any] = {"contest_id": contest_id} if cases is None else {"id": list(cases)}
    entered = look.all(Application, **where)
    applications = [one for one in entered if any((member.id, one.id) not in besides for member in seated)]
    organisations = {one.id: one for one in look.all(Organisation, id=[a.organisation_id for a in applications])}
    found: dict[Pair, list[str]] = {}
    for member in seated:
        for application in applications:
            if (member.id, application.id) in besides:
                continue
            organisation = organisations.get(application.organisation_id) if application.organisation_id else None
            if organisation is not None:
                matched = commission.relations(member, organisation, organisation.head, member.name)
                if matched:
                    found[member.id, application.id] = matched
    return found


def conflicts(
    look: Look, contest_id: UUID, own: Collection[Pair] | None = None, cases: Collection[UUID] | None = None
) -> set[Pair]:
    """(member, application) pairs that must not meet: declared, or found and not denied by the member.

    That he belongs to the applicant himself (`own`, looked up where it is not given), nobody can deny. What is declared
    and found is looked for in `cases` alone, where they are given.
    """
    where: dict[str, Any] = {"contest_id": contest_id} if cases is None else {"application_id": list(cases)}
    declared = {(one.member_id, one.application_id): one for one in look.all(Declaration, **where)}
    own = applicants_themselves(look, contest_id) if own is None else own
    pairs = {pair for pair, one in declared.items() if one.conflict} | set(own)
    return pairs | set(found_relations(look, contest_id, cases=cases, besides=declared.keys()))


def applicants_themselves(look: Look, contest_id: UUID) -> set[Pair]:
    """Members who hold an applicant's role for an organisation that takes part."""
    seats = {one.person_id: one.id for one in look.all(Member, contest_id=contest_id)}
    held = look.all(RoleGrant, person_id=list(seats), role=Role.APPLICANT, active=True)
    stands = {(seats[one.person_id], one.organisation_id) for one in held if one.organisation_id}
    organisations = {organisation for _, organisation in stands}
    entered = look.all(Application, contest_id=contest_id, organisation_id=list(organisations)) if organisations else []
    return {(seat, one.id) for seat, organisation in stands for one in entered if one.organisation_id == organisation}


def own_told(look: Look, contest_id: UUID, cases: Collection[UUID]) -> dict[str, object]:
    """Facts of an event: members who stand for an applicant of these cases himself. Their roles are on record elsewhere."""
    pairs = sorted(
        (str(member), str(case)) for member, case in applicants_themselves(look, contest_id) if case in cases
    )
    return {"own": [list(pair) for pair in pairs]} if pairs else {}


def undeclared(look: Look, contest_id: UUID, own: Collection[Pair] | None = None) -> set[Pair]:
    """(member, application) pairs of which the member has not said yet whether he has an interest."""
    seated = [one.id for one in look.all(Member, contest_id=contest_id, active=True)]
    cases = [one.id for one in look.all(Application, contest_id=contest_id, status=TO_JUDGE)]
    said = {(one.member_id, one.application_id) for one in look.all(Declaration, contest_id=contest_id)}
    return {(member, case) for member in seated for case in cases} - said - conflicts(look, contest_id, own, cases)


def declare(office: Office, doer: Doer, application_id: UUID, *, conflict: bool, reason: str = "") -> None:
    """A member says whether he has an interest in an application. The same answer twice is one; a later yes stands.

    Who says yes to an application that he was given, gives it back.
    """
    with office.acting(doer, Act.CONFLICT_DECLARE) as work:
        application = work.get(Application, application_id)
        contest = work.get(Contest, application.contest_id)
        member = member_of(work, doer, contest.id)
        check_moment(application, Act.CONFLICT_DECLARE)
        found = found_relations(work, contest.id).get((member.id, application.id), [])
        known = work.one(Declaration, member_id=member.id, application_id=application_id)
        because = by_rule(office.pack_of(contest), "conflict" if conflict else "no_conflict", found=found)
        if known is not None:
            if known.conflict or not conflict:
                return
            known.conflict, known.reason = True, reason
            work.record(Act.CONFLICT_DECLARE, known, because=because)
            _give_back(office, work, application, contest, member, because)
            return
        declaration = Declaration(
            contest_id=contest.id,
            member_id=member.id,
            application_id=application.id,
            conflict=conflict,
            reason=reason,
            found=found,
        )
        work.new(declaration, stream=application.id)
        work.record(Act.CONFLICT_DECLARE, declaration, because=because)
        if conflict:
            _give_back(office, work, application, contest, member, because)


def _give_back(
    office: Office, work: Work, application: Application, contest: Contest, member: Member, because: Because
) -> None:
    mine = work.one(Assignment, member_id=member.id, application_id=application.id, review=application.review)
    if mine is not None and mine.status is AssignmentStatus.ASSIGNED:
        move(work, mine, Act.CONFLICT_DECLARE, because=because, to=AssignmentStatus.DECLINED)
        _fill_place(office, work, application, contest, member)


def ask_to_route(office: Office, doer: Doer, contest_id: UUID) -> None:
    """The secretary asks for the routing; it is done by the flow. What became eligible later is routed when asked again.

    Raises WrongMoment while packages are being checked, NotDeclared while a member has not said whether he has an interest.
    """
    with office.acting(doer, Act.CONTEST_ROUTE) as work:
        contest = work.get(Contest, contest_id)
        check_moment(contest, Act.CONTEST_ROUTE)
        undecided = work.all(Application, contest_id=contest_id, status=UNDECIDED)
        if undecided:
            raise WrongMoment(act=Act.CONTEST_ROUTE, noun="contest", status=contest.status, waiting=len(undecided))
        owed = undeclared(work, contest_id)
        if owed:
            people = {member.id: person.name for member, person in commission_of(work, contest_id)}
            names = sorted({people[member] for member, _ in owed})
            raise NotDeclared(members=", ".join(names), count=len(names))
        waiting = work.all(Application, contest_id=contest_id, status=ApplicationStatus.ELIGIBLE, order="number")
        later = contest.status is ContestStatus.REVIEWING
        if not later or waiting:
            these = "+".join(f"{one.number}.{one.review}" for one in waiting)
            work.errand(Errand.ROUTE, contest, f"{contest_id}:{these}"[:150] if later else str(contest_id))


# -- errand: committee.route ----------------------------------------------------------------------------------------


def route(office: Office, job: Job) -> None:
    """Who reviews what: balanced, without conflicts, the same again for the same seed. Raises Shortage."""
    with office.acting(CLOCK, Act.CONTEST_ROUTE) as work:
        contest = work.get(Contest, job.subject_id)
        pack = office.pack_of(contest)
        members = [one.id for one, _ in commission_of(work, contest.id) if one.active]
        eligible = work.all(Application, contest_id=contest.id, status=ApplicationStatus.ELIGIBLE, order="number")
        if not eligible and contest.status is ContestStatus.REVIEWING:
            work.finish(job)
            return
        pairings = _anew(work, contest, pack, eligible, members)
        for application in eligible:
            mine = [one for one in pairings if one.application_id == application.id]
            _assign(work, application, [(one.member_id, one.because) for one in mine])
            because = by_rule(pack, "routing", seed=contest.seed, members=[str(one.member_id) for one in mine])
            move(work, application, Act.APPLICATION_ASSIGN, because=because)
            work.errand(Errand.BUNDLE, application, str(application.id))
        own = own_told(work, contest.id, [one.id for one in eligible])
        counts = {"applications": len(eligible), "members": len(members)}
        because = reckoned(pack, "routing", seed=contest.seed, **counts, **own)
        move(work, contest, Act.CONTEST_ROUTE, because=because)
        for member_id in members:
            count = sum(1 for one in pairings if one.member_id == member_id)
            person = work.get(Member, member_id).person_id
            facts = {"contest": contest.number, "count": count}
            addresses.to_person(work, contest, person, "assigned", f"assigned:{contest.id}", facts)
        work.finish(job)


def _anew(
    work: Work, contest: Contest, pack: Pack, eligible: Sequence[Application], members: Sequence[UUID]
) -> list[commission.Pairing]:
    """After an upheld appeal others than before review it, as far as there are others."""
    apart = conflicts(work, contest.id) | undeclared(work, contest.id)
    cases = [one.id for one in eligible]
    before = {(one.member_id, one.application_id) for one in work.all(Assignment, application_id=cases)}
    try:
        return commission.assign(pack, seed=contest.seed, applications=cases, members=members, conflicts=apart | before)
    except Shortage:
        if not before:
            raise
        return commission.assign(pack, seed=contest.seed, applications=cases, members=members, conflicts=apart)


def _assign(work: Work, application: Application, pairs: list[tuple[UUID, str]]) -> None:
    for member_id, why in pairs:
        assignment = Assignment(
            application_id=application.id, review=application.review, member_id=member_id, because=why[:200]
        )
        work.new(assignment, stream=application.id, tenant=application.tenant_id)


def decline(office: Office, doer: Doer, application_id: UUID, reason: str) -> UUID | None:
    """A member gives an assignment back; the place is filled without moving the others. Returns the new member."""
    check_reason(reason, Act.ASSIGNMENT_DECLINE)
    with office.acting(doer, Act.ASSIGNMENT_DECLINE) as work:
        application = work.get(Application, application_id)
        contest = work.get(Contest, application.contest_id)
        member = member_of(work, doer, contest.id)
        mine = work.one(Assignment, member_id=member.id, application_id=application_id, review=application.review)
        if mine is None:
            raise NotFound(noun="assignment", id=str(application_id))
        move(work, mine, Act.ASSIGNMENT_DECLINE, because=in_words(reason, office.pack_of(contest)))
        return _fill_place(office, work, application, contest, member)


def _fill_place(office: Office, work: Work, application: Application, contest: Contest, member: Member) -> UUID | None:
    """Somebody else takes the place of `member`, who never gets it again. Raises Shortage."""
    pack = office.pack_of(contest)
    before = work.all(Assignment, application_id=application.id, review=application.review)
    standing = [one for one in before if one.status is not AssignmentStatus.DECLINED and one.member_id != member.id]
    gone = {(one.member_id, application.id) for one in before if one not in standing}
    pairings = commission.assign(
        pack,
        seed=contest.seed,
        applications=[application.id],
        members=[one.id for one, _ in commission_of(work, contest.id) if one.active],
        conflicts=conflicts(work, contest.id) | undeclared(work, contest.id) | gone,
        kept=[(one.member_id, application.id) for one in standing],
    )
    there = {one.member_id for one in standing}
    fresh = [(one.member_id, one.because) for one in pairings if one.member_id not in there]
    _assign(work, application, fresh)
    own = own_told(work, contest.id, [application.id])
    because = reckoned(pack, "routing", seed=contest.seed, instead_of=str(member.id), **own)
    move(work, application, Act.APPLICATION_ASSIGN, because=because)
    return fresh[0][0] if fresh else None


# -- score sheets ---------------------------------------------------------------------------------------------------


def submit_sheet(
    office: Office, doer: Doer, application_id: UUID, points: dict[str, int | None], comments: dict[str, str]
) -> int:
    """A member's score sheet; returns its total in hundredths of a point. The same sheet twice is one.

    Raises BadSheet with all that is wrong, OwnInterest, NotAllowed when he is not assigned, AlreadyGiven.
    """
    with office.acting(doer, Act.SHEET_SUBMIT) as work:
        application = work.get(Application, application_id)
        [contest] = work.all(Contest, id=application.contest_id)  # not held: other members hand theirs in meanwhile
        member = member_of(work, doer, contest.id)
        if (member.id, application_id) in conflicts(work, contest.id, cases=[application_id]):
            raise OwnInterest(application=str(application_id), member=str(member.id))
        assignment = work.one(Assignment, member_id=member.id, application_id=application_id, review=application.review)
        if assignment is None or assignment.status is AssignmentStatus.DECLINED:
            raise NotFound(noun="assignment", id=str(application_id))
        known = work.one(Sheet, member_id=member.id, application_id=application_id, review=application.review)
        if known is not None:
            if (known.points, known.comments) != (points, comments):
                raise AlreadyGiven(noun="sheet")
            return known.total
        check_moment(application, Act.SHEET_SUBMIT)
        pack = office.pack_of(contest)
        total = commission.total(pack, points, comments, requested=application.requested)
        sheet = Sheet(
            application_id=application_id,
            review=application.review,
            member_id=member.id,
            points=points,
            comments=comments,
            total=total,
        )
        work.new(sheet, stream=application.id)
        move(work, assignment, Act.SHEET_SUBMIT, because=reckoned(pack, "scoring", total=total))
        return total


def sheets_of(look: Look, application: Application) -> list[Sheet]:
    """Score sheets of the last review; those of one that an appeal undid stay on record and count no more."""
    return look.all(Sheet, application_id=application.id, review=application.review, order="id")


def mean_scores(look: Look, applications: Sequence[UUID]) -> dict[UUID, int]:
    """Mean of the totals of each application's sheets, in hundredths of a point."""
    cases = {one.id: one.review for one in look.all(Application, id=list(applications))}
    totals: dict[UUID, list[int]] = {}
    for sheet in look.all(Sheet, application_id=list(applications)):
        if sheet.review == cases[sheet.application_id]:
            totals.setdefault(sheet.application_id, []).append(sheet.total)
    return {case: sum(these) // len(these) for case, these in totals.items()}


def sheets_for(office: Office, doer: Doer, application_id: UUID) -> list[Sheet]:
    """Score sheets of an application. A member sees others' only after his own is in; an applicant sees none before
    the results are public, and then his own alone. Raises OwnSheetFirst, OwnInterest, NotFound.
    """
    with office.looking(doer) as look:
        application = look.get(Application, application_id)
        only_own(look, doer, application)
        contest = look.get(Contest, application.contest_id)
        if look.by.role is Role.APPLICANT and contest.published_on is None:
            raise WrongMoment(act=Act.CASE_READ, noun="contest", status=contest.status)
        sheets = sheets_of(look, application)
        member = look.one(Member, contest_id=application.contest_id, person_id=doer.id, active=True)
        if member is not None:
            if (member.id, application_id) in conflicts(look, application.contest_id, cases=[application_id]):
                raise OwnInterest(application=str(application_id), member=str(member.id))
            if all(one.member_id != member.id for one in sheets):
                raise OwnSheetFirst(application=str(application_id))
        return sheets
