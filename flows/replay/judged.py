"""Stages 8 to 12 again: who reviews what, scores, quorum and votes, the ranking, who moves up, the term of appeal."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from flows.replay.decision import Checks, Compared, Moment, Unknown
from flows.replay.past import CannotTell
from flows.steps.committee import conflicts, undeclared
from flows.steps.sitting import entries_of, take_count
from rules import commission, deadlines
from schemas.application import Application, ApplicationStatus
from schemas.commission import (
    Assignment,
    AssignmentStatus,
    Ballot,
    Declaration,
    Item,
    ItemStatus,
    Member,
    Seat,
    Sheet,
    Sitting,
)
from schemas.errors import BadSheet, Shortage
from schemas.event import Act
from schemas.finding import Severity

Pairs = set[tuple[UUID, UUID]]
PLACED = (ApplicationStatus.WINNER, ApplicationStatus.RESERVE, ApplicationStatus.PASSED_OVER)


def _own(at: Moment) -> Pairs:
    """Members who stand for an applicant himself, as the event tells: their roles are in another stream."""
    return {(UUID(member), UUID(case)) for member, case in at.facts.get("own", [])}


def _seated(at: Moment) -> list[UUID]:
    return [one.id for one in at.past.all(Member, contest_id=at.contest.id, active=True)]


def announcing(at: Moment) -> Checks:
    """The commission is large enough, with its experts and one chair."""
    members = at.past.all(Member, contest_id=at.contest.id, active=True)
    wrong = [one.rule for one in commission.composition(at.pack, members) if one.severity is not Severity.NOTICE]
    yield Compared("composition", [], wrong)


def routing(at: Moment) -> Checks:
    """Who reviews what: drawn from the contest's seed among those without a conflict, as even as can be."""
    contest, own = at.contest, _own(at)
    # what this very act has assigned stands before its event, which closes the routing
    fresh = {one.id for one in at.past.all(Assignment) if _same_act(at, one.id)}
    standing = [one for one in at.past.all(Assignment) if one.id in fresh]
    left = at.past.all(Application, contest_id=contest.id, status=ApplicationStatus.ELIGIBLE)
    cases = sorted({*(one.application_id for one in standing), *(one.id for one in left)})
    apart = conflicts(at.past, contest.id, own, cases) | undeclared(at.past, contest.id, own)
    earlier = at.past.all(Assignment, application_id=cases) if cases else []
    before = {(one.member_id, one.application_id) for one in earlier if one.id not in fresh}
    told = {"seed": contest.seed, "applications": cases, "members": _seated(at)}
    try:
        pairings = commission.assign(at.pack, conflicts=apart | before, **told)
    except Shortage:
        pairings = commission.assign(at.pack, conflicts=apart, **told)
    recorded = {(one.application_id, one.member_id) for one in standing}
    yield Compared("seed", at.facts["seed"], contest.seed)
    yield Compared("routing", _listed(recorded), _listed((one.application_id, one.member_id) for one in pairings))


def _same_act(at: Moment, identity: UUID) -> bool:
    return at.past.born.get(("assignment", str(identity))) == (at.body["at"], at.body["actor"])


def _listed(pairs: Iterable[tuple[UUID, UUID]]) -> list[list[str]]:
    return sorted([str(one), str(other)] for one, other in pairs)


def replacing(at: Moment) -> Checks:
    """One place is filled anew; the other reviewers stay."""
    if "instead_of" not in at.facts:
        return  # of a routing, which is compared as a whole
    application, own, left = at.before(Application, at.subject), _own(at), UUID(at.facts["instead_of"])
    contest = at.contest
    before = at.past.all(Assignment, application_id=application.id, review=application.review)
    staying = [one for one in before if one.status is not AssignmentStatus.DECLINED and one.member_id != left]
    gone = {(one.member_id, application.id) for one in before if one not in staying}
    apart = conflicts(at.past, contest.id, own, [application.id]) | undeclared(at.past, contest.id, own)
    pairings = commission.assign(
        at.pack,
        seed=contest.seed,
        applications=[application.id],
        members=_seated(at),
        conflicts=apart | gone,
        kept=[(one.member_id, application.id) for one in staying],
    )
    fresh = {one.member_id for one in pairings} - {one.member_id for one in staying}
    yield Compared("routing", sorted(str(one.member_id) for one in at.made(Assignment)), sorted(map(str, fresh)))


def scoring(at: Moment) -> Checks:
    """A sheet's total, weighted as the pack says; no sheet of one who has an interest."""
    for sheet in at.made(Sheet):
        application = at.application
        try:
            total = commission.total(at.pack, sheet.points, sheet.comments, requested=application.requested)
        except BadSheet as bad:
            yield Compared("score", sheet.total, bad.facts)
            continue
        yield Compared("score", sheet.total, total)
        said = at.past.all(Declaration, application_id=application.id, member_id=sheet.member_id)
        yield Compared("reviewer", "no_conflict", "conflict" if any(one.conflict for one in said) else "no_conflict")


def deciding(at: Moment) -> Checks:
    """Quorum of those entitled on the item, and the pack's majority of their votes."""
    item = at.now(Item, at.subject)
    votes = {one.member_id: one.choice for one in at.past.all(Ballot, item_id=item.id)}
    if at.past.whole:
        meeting = at.past.get(Sitting, item.sitting_id)
        members = at.past.all(Member, contest_id=at.contest.id)
        present = {UUID(one) for one in meeting.present}
        pairs = conflicts(at.past, at.contest.id, _own(at), [item.application_id])
        apart = {member for member, case in pairs if case == item.application_id}
    else:
        members, present, apart = _as_told(at, item)
    count = commission.tally(at.pack, members, present, apart, votes)
    again = at.now(Item, at.subject)
    take_count(again, count)
    if at.past.whole:
        yield Compared("entitled", [item.recused, item.entitled], [again.recused, again.entitled])
        yield Compared("quorum", _quorum(item), _quorum(again))
    else:
        # those who were not there are not known to the case's own stream
        again.needed = commission.needed(at.pack, item.entitled)
        yield Unknown("entitled", CannotTell("contest", noun="sitting"))
        yield Compared("quorum", _quorum(item), _quorum(again))
    votes_told, votes_again = ([one.votes_for, one.votes_against, one.votes_abstain] for one in (item, again))
    yield Compared("votes", [*votes_told, item.casting_vote], [*votes_again, again.casting_vote])
    recommended = count.outcome.recommended and again.present >= again.needed
    expected = ItemStatus.RECOMMENDED if recommended else ItemStatus.NOT_RECOMMENDED
    if again.present < again.needed:
        yield Compared("decision", item.status, "no_quorum")
    else:
        yield Compared("decision", item.status, "waiting" if count.waiting else expected)


def _quorum(item: Item) -> list[int]:
    return [item.present, item.needed]


def _as_told(at: Moment, item: Item) -> tuple[list[Member], set[UUID], set[UUID]]:
    """Members by the event itself; who has declared an interest is known all the same."""
    counted, chairs = ({UUID(one) for one in at.facts[name]} for name in ("counted", "chair"))
    said = at.past.all(Declaration, application_id=item.application_id)
    apart = {one.member_id for one in said if one.conflict}
    apart |= {member for member, case in _own(at) if case == item.application_id}
    members = [
        Member(id=one, contest_id=at.contest.id, person_id=one, seat=Seat.CHAIR if one in chairs else Seat.MEMBER)
        for one in counted | chairs
    ]
    return members, counted, apart


def ranking(at: Moment) -> Checks:
    """Who wins, who waits, who is passed over: by score, ties broken in the pack's order, cut at awards and budget."""
    entries = entries_of(at.past, at.contest.id)
    placings = {one.application_id: one for one in commission.ranking(at.pack, at.contest, entries)}
    for entry in sorted(entries, key=lambda one: one.application.number):
        is_, ought = entry.application, placings[entry.application.id]
        recorded = [is_.status, is_.place, is_.score, is_.ground]
        yield Compared("placing", recorded, [ought.outcome, ought.place, ought.score, ought.reason], str(is_.number))
    winners = [one.application for one in entries if one.application.status is ApplicationStatus.WINNER]
    money = sum(one.requested for one in winners)
    yield Compared("budget", money, money if money <= at.contest.budget else f"<= {at.contest.budget}")


def moving_up(at: Moment) -> Checks:
    """A winner left: the first on the reserve list whom awards and money left allow."""
    if at.rule != "winner_left":
        return
    everyone = at.past.all(Application, contest_id=at.contest.id, order="number")
    left = [one for one in everyone if one.number != at.facts["left"]]
    following = commission.next_in_line(at.pack, at.contest, left)
    me = at.before(Application, at.subject)
    yield Compared("moved_up", me.number, following.number if following else None)


def appealing(at: Moment) -> Checks:
    """A complaint counts up to and including the last day of the term."""
    if not at.past.whole:
        raise CannotTell("contest", noun="contest")
    if at.contest.published_on is not None:
        until = _last_instant(at, at.contest.published_on)
        yield Compared("appeal_term", at.at, at.at if at.at <= until else f"<= {until.isoformat()}")


def _last_instant(at: Moment, published: date) -> datetime:
    last = deadlines.add(published, at.pack.appeal.term.value)
    return deadlines.cutoff(last, datetime.max.time().replace(microsecond=0), at.contest.zone)


def appeal_decided(at: Moment) -> Checks:
    """What was turned away wrongly may be handed in within the pack's term."""
    if at.noun == "application" and at.told(Application).get("cure_until"):
        until: Any = at.now(Application, at.subject).cure_until
        yield Compared("cure_until", until, deadlines.add(at.today, at.pack.cure.term.value))


CHECKS = {
    Act.CONTEST_ANNOUNCE: announcing,
    Act.CONTEST_ROUTE: routing,
    Act.APPLICATION_ASSIGN: replacing,
    Act.SHEET_SUBMIT: scoring,
    Act.ITEM_DECIDE: deciding,
    Act.CONTEST_DECIDE: ranking,
    Act.APPLICATION_WIN: moving_up,
    Act.APPEAL_LODGE: appealing,
    Act.APPEAL_DECIDE: appeal_decided,
}
