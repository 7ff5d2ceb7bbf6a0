"""Stages 10 to 12: the sitting with quorum per item, ranking, minutes, publication, appeal."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from flows.office import Office
from flows.papers.minutes import minutes
from flows.steps import addresses, filing
from flows.steps.committee import conflicts, member_of, own_told, sheets_of
from flows.steps.moving import by_rule, check_moment, move, reckoned
from flows.steps.people import commission_of, holder
from flows.steps.results import drop_contract
from rules import commission
from rules.packs import Pack
from schemas.application import Application, ApplicationStatus, Organisation
from schemas.commission import (
    Assignment,
    AssignmentStatus,
    Ballot,
    Choice,
    Declaration,
    Item,
    ItemStatus,
    Member,
    Seat,
    Sitting,
    SittingStatus,
)
from schemas.contest import Contest, ContestStatus
from schemas.customer import Customer, Role
from schemas.document import Document
from schemas.doer import CLOCK, Doer
from schemas.errors import AlreadyGiven, NoQuorum, NoReason, NotFound, OwnInterest, WrongMoment
from schemas.event import Act
from schemas.facts import Kind
from schemas.outbox import Errand, Job
from storage.work import Look, Work, looking

OUTCOMES = {
    ApplicationStatus.WINNER: Act.APPLICATION_WIN,
    ApplicationStatus.RESERVE: Act.APPLICATION_RESERVE,
    ApplicationStatus.PASSED_OVER: Act.APPLICATION_PASS_OVER,
}


def convene(office: Office, doer: Doer, contest_id: UUID, at: datetime, place: str) -> UUID:
    """A sitting over every application in review, once all sheets are in. Asked twice, one sitting."""
    with office.acting(doer, Act.SITTING_CONVENE) as work:
        contest = work.get(Contest, contest_id)
        earlier = work.all(Sitting, contest_id=contest_id, order="number")
        begun = {SittingStatus.CONVENED, SittingStatus.OPEN}
        if contest.status is ContestStatus.REVIEWING:
            begun.add(SittingStatus.CLOSED)  # its ranking is on the way: no second one over the same items
        standing = [one for one in earlier if one.status in begun]
        if standing:
            return standing[0].id
        if contest.status is not ContestStatus.REVIEWING:
            raise WrongMoment(act=Act.SITTING_CONVENE, noun="contest", status=contest.status)
        pack = office.pack_of(contest)
        agenda = work.all(Application, contest_id=contest_id, status=ApplicationStatus.IN_REVIEW, order="number")
        reviews = {one.id: one.review for one in agenda}
        owed = [
            one
            for one in work.all(Assignment, application_id=[one.id for one in agenda])
            if one.status is AssignmentStatus.ASSIGNED and one.review == reviews[one.application_id]
        ]
        if owed:
            raise WrongMoment(act=Act.SITTING_CONVENE, noun="contest", status=contest.status, waiting=len(owed))
        sitting = Sitting(contest_id=contest_id, number=len(earlier) + 1, at=at, place=place)
        work.new(sitting, stream=contest_id)
        work.record(Act.SITTING_CONVENE, sitting, because=by_rule(pack, "sitting", items=len(agenda)))
        apart = conflicts(work, contest_id)
        for position, application in enumerate(agenda, 1):
            recused = sorted(str(member) for member, case in apart if case == application.id)
            item = Item(sitting_id=sitting.id, application_id=application.id, position=position, recused=recused)
            work.new(item, stream=application.id)
            work.record(Act.SITTING_CONVENE, item, because=by_rule(pack, "sitting", recused=recused))
        facts = {"contest": contest.number, "at": at.isoformat(), "place": place, "count": len(agenda)}
        for member, _ in commission_of(work, contest_id):
            if member.active:
                addresses.to_person(work, contest, member.person_id, "convened", f"convened:{sitting.id}", facts)
        return sitting.id


def open_sitting(office: Office, doer: Doer, sitting_id: UUID, present: Sequence[UUID]) -> None:
    """The sitting begins; `present` are member ids."""
    with office.acting(doer, Act.SITTING_OPEN) as work:
        sitting = work.get(Sitting, sitting_id)
        contest = work.get(Contest, sitting.contest_id)
        active = {one.id for one, _ in commission_of(work, contest.id) if one.active}
        strangers = set(present) - active
        if strangers:
            raise NotFound(noun="member", id=", ".join(sorted(map(str, strangers))))
        sitting.present = sorted({str(one) for one in present})
        because = by_rule(office.pack_of(contest), "attendance", present=len(set(present)), members=len(active))
        move(work, sitting, Act.SITTING_OPEN, because=because)


def vote(office: Office, doer: Doer, item_id: UUID, choice: Choice) -> None:
    """One vote of a member who is present and has no interest in the item. The same vote twice is one."""
    with office.acting(doer, Act.ITEM_VOTE) as work:
        item = work.get(Item, item_id)
        sitting = work.get(Sitting, item.sitting_id)
        member = member_of(work, doer, sitting.contest_id)
        apart = conflicts(work, sitting.contest_id, cases=[item.application_id])
        if str(member.id) in item.recused or (member.id, item.application_id) in apart:
            raise OwnInterest(application=str(item.application_id), member=str(member.id))
        if sitting.status is not SittingStatus.OPEN or str(member.id) not in sitting.present:
            raise WrongMoment(act=Act.ITEM_VOTE, noun="sitting", status=sitting.status)
        known = work.one(Ballot, item_id=item_id, member_id=member.id)
        if known is not None:
            if known.choice is not choice:
                raise AlreadyGiven(noun="ballot")
            return
        check_moment(item, Act.ITEM_VOTE)
        ballot = work.new(Ballot(item_id=item_id, member_id=member.id, choice=choice), stream=item.stream_id)
        pack = office.pack_of(work.get(Contest, sitting.contest_id))
        work.record(Act.ITEM_VOTE, ballot, because=by_rule(pack, "vote"))


def decide_item(office: Office, doer: Doer, item_id: UUID, reason: str) -> ItemStatus:
    """Count the votes of one item, once everyone present and entitled has voted or abstained.

    Raises NoQuorum when too few of those entitled on it are present, WrongMoment, NoReason.
    """
    if not reason.strip():
        raise NoReason(act=Act.ITEM_DECIDE)
    with office.acting(doer, Act.ITEM_DECIDE) as work:
        item = work.get(Item, item_id)
        if item.status is not ItemStatus.OPEN:
            return item.status
        sitting = work.get(Sitting, item.sitting_id)
        contest = work.get(Contest, sitting.contest_id)
        if sitting.status is not SittingStatus.OPEN:
            raise WrongMoment(act=Act.ITEM_DECIDE, noun="sitting", status=sitting.status)
        pack = office.pack_of(contest)
        votes = {one.member_id: one.choice for one in work.all(Ballot, item_id=item_id)}
        pairs = conflicts(work, contest.id, cases=[item.application_id])
        apart = {member for member, case in pairs if case == item.application_id}
        members = work.all(Member, contest_id=contest.id)
        count = commission.tally(pack, members, {UUID(one) for one in sitting.present}, apart, votes)
        if not count.quorum:
            raise NoQuorum(item=item.position, present=len(count.counted), needed=count.needed)
        if count.waiting:
            raise WrongMoment(act=Act.ITEM_DECIDE, noun="item", status=item.status, waiting=count.waiting)
        take_count(item, count)
        item.reason = reason
        to = ItemStatus.RECOMMENDED if count.outcome.recommended else ItemStatus.NOT_RECOMMENDED
        told = {"present": item.present, "needed": item.needed, "entitled": item.entitled}
        told |= {
            "counted": count.counted,
            "chair": [one.id for one in members if one.active and one.seat is Seat.CHAIR],
        }
        because = reckoned(pack, "majority", **told, **own_told(work, contest.id, [item.application_id]))
        move(work, item, Act.ITEM_DECIDE, because=because, to=to)
        return to


def take_count(item: Item, count: commission.Tally) -> None:
    """What the count came to, as the item has it."""
    item.recused = [str(one) for one in count.recused]
    item.entitled, item.present, item.needed = count.entitled, len(count.counted), count.needed
    counts = count.outcome.counts
    item.votes_for, item.votes_against = counts[Choice.FOR], counts[Choice.AGAINST]
    item.votes_abstain, item.casting_vote = counts[Choice.ABSTAIN], count.outcome.casting_vote


def close_sitting(office: Office, doer: Doer, sitting_id: UUID) -> None:
    """All items are decided; ranking and minutes follow by themselves. Raises WrongMoment while an item is open."""
    with office.acting(doer, Act.SITTING_CLOSE) as work:
        sitting = work.get(Sitting, sitting_id)
        if sitting.status in (SittingStatus.CLOSED, SittingStatus.SIGNED):
            return
        contest = work.get(Contest, sitting.contest_id)
        waiting = work.all(Item, sitting_id=sitting_id, status=ItemStatus.OPEN)
        if waiting:
            raise WrongMoment(act=Act.SITTING_CLOSE, noun="sitting", status=sitting.status, waiting=len(waiting))
        sitting.closed_at = work.at
        move(work, sitting, Act.SITTING_CLOSE, because=by_rule(office.pack_of(contest), "all_decided"))
        work.errand(Errand.RANK, sitting, str(sitting_id))


# -- errands: committee.rank, committee.minutes ---------------------------------------------------------------------


def rank(office: Office, job: Job) -> None:
    """Winners, reserve and the rest, by the pack's rule, from the sheets and the decisions of the sitting.

    After an upheld appeal all are ranked again, each by its last decision; those whose place is as it was are left alone.
    """
    with office.acting(CLOCK, Act.CONTEST_DECIDE) as work:
        sitting = work.get(Sitting, job.subject_id)
        contest = work.get(Contest, sitting.contest_id)
        pack = office.pack_of(contest)
        entries = entries_of(work, contest.id)
        by_id = {one.application.id: one.application for one in entries}
        placings = commission.ranking(pack, contest, entries)
        for placing in placings:
            _place(work, by_id[placing.application_id], placing, pack)
        move(work, contest, Act.CONTEST_DECIDE, because=reckoned(pack, "ranking", places=len(placings)))
        work.errand(Errand.MINUTES, sitting, str(sitting.id))
        work.finish(job)


def entries_of(look: Look, contest_id: UUID) -> list[commission.Entry]:
    """All that are ranked, each with its last sheets and by its last decision."""
    order = {one.id: one.number for one in look.all(Sitting, contest_id=contest_id, order="number")}
    decided = sorted(look.all(Item, sitting_id=list(order)), key=lambda one: order[one.sitting_id])
    items = {one.application_id: one for one in decided}  # the last of each
    alive = (ApplicationStatus.IN_REVIEW, *OUTCOMES)
    return [
        commission.Entry(one, tuple(sheets_of(look, one)), items[one.id].status is ItemStatus.RECOMMENDED)
        for one in look.all(Application, id=list(items), status=alive, order="number")
    ]


def _place(work: Work, application: Application, placing: commission.Placing, pack: Pack) -> None:
    now = (placing.outcome, placing.place, placing.score, placing.reason)
    if (application.status, application.place, application.score, application.ground) == now:
        return
    because = by_rule(pack, placing.reason, place=placing.place, score=placing.score)
    if application.status is ApplicationStatus.WINNER and placing.outcome is not ApplicationStatus.WINNER:
        drop_contract(work, application, because)
    application.place, application.score, application.ground = placing.place, placing.score, placing.reason
    move(work, application, OUTCOMES[placing.outcome], because=because)


def draft_minutes(office: Office, job: Job) -> None:
    """The minutes as docx, from what is on record."""
    with looking(office.engine, office.system) as look:
        sitting = look.get(Sitting, job.subject_id)
        contest = look.get(Contest, sitting.contest_id)
        items = look.all(Item, sitting_id=sitting.id, order="position")
        cases = [one.application_id for one in items]
        applications = {one.id: one for one in look.all(Application, id=cases)}
        organisations = look.all(Organisation, id=[one.organisation_id for one in applications.values()])
        paper = minutes(
            office.pack_of(contest),
            customer=look.get(Customer, contest.tenant_id),
            contest=contest,
            sitting=sitting,
            members=commission_of(look, contest.id),
            secretary=holder(look, contest.tenant_id, Role.SECRETARY),
            items=items,
            applications=applications,
            organisations={one.id: one for one in organisations},
            declarations=look.all(Declaration, contest_id=contest.id),
            sheets=[sheet for one in applications.values() for sheet in sheets_of(look, one)],
            closed_at=sitting.closed_at,
        )
    kept = filing.written(office, contest.tenant_id, paper)
    with office.acting(CLOCK, Act.MINUTES_DRAFT) as work:
        sitting = work.get(Sitting, job.subject_id)
        name = f"minutes-{contest.number}-{sitting.number}.docx"
        filing.register(office, work, kept, subject=sitting, kind=Kind.MINUTES, name=name)
        because = by_rule(office.pack_of(contest), "minutes")
        move(work, sitting, Act.MINUTES_DRAFT, because=because, files=[kept.sha256])
        work.finish(job)


def sign_minutes(office: Office, doer: Doer, sitting_id: UUID) -> None:
    """The chair signs; from now on the minutes are frozen, in the object store too."""
    with office.looking(doer, Act.MINUTES_SIGN) as look:
        sitting = look.get(Sitting, sitting_id)
        if sitting.status is SittingStatus.SIGNED:
            return
        check_moment(sitting, Act.MINUTES_SIGN)
        contest = look.get(Contest, sitting.contest_id)
        papers = look.all(Document, subject_id=sitting_id, kind=Kind.MINUTES, current=True)
    if not papers:
        raise WrongMoment(act=Act.MINUTES_SIGN, noun="sitting", status=sitting.status)
    filing.freeze(office, papers, office.pack_of(contest))
    with office.acting(doer, Act.MINUTES_SIGN) as work:
        sitting = work.get(Sitting, sitting_id)
        because = by_rule(office.pack_of(contest), "minutes_signed")
        move(work, sitting, Act.MINUTES_SIGN, because=because, files=[one.sha256 for one in papers])
