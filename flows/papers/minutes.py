"""Minutes of one sitting: who was there, what was decided on each application and why, and where each one came."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from documents.papers import Attendee, Decision, Minutes, Rank, Recusal
from documents.papers import Item as OnPaper
from flows.papers.law import both, case_number, criteria, text, unconfirmed
from rules import commission, scoring
from rules.packs import Pack
from schemas.application import Application, ApplicationStatus, Organisation
from schemas.commission import Declaration, Item, ItemStatus, Member, Seat, Sheet, Sitting
from schemas.contest import Contest
from schemas.customer import Customer, Person
from schemas.wording import knows, say

# the minutes are in Kyrgyz only
LANGUAGE = "ky"
SHOWN = ("ground", "quorum.share", "voting.majority", "voting.casting_vote", "criteria", "ranking.pass_mark")


@dataclass(frozen=True)
class _Case:
    """One application of the agenda with all that the minutes say of it."""

    item: Item
    application: Application
    number: str
    organisation: str
    sheets: Sequence[Sheet]


def minutes(
    pack: Pack,
    *,
    customer: Customer,
    contest: Contest,
    sitting: Sitting,
    members: Sequence[tuple[Member, Person]],
    secretary: Person | None,
    items: Sequence[Item],
    applications: Mapping[UUID, Application],
    organisations: Mapping[UUID, Organisation],
    declarations: Sequence[Declaration],
    sheets: Sequence[Sheet],
    closed_at: datetime | None = None,
) -> Minutes:
    """The minutes as the rows have it; nothing is said that was not recorded.

    The place in the ranking is the application's own; those that did not pass have none and stand in the decisions.
    """
    zone = ZoneInfo(contest.zone)
    seated = [(member, person) for member, person in members if member.active or str(member.id) in sitting.present]
    cases = [
        _case(contest, item, applications[item.application_id], organisations, sheets)
        for item in sorted(items, key=lambda item: item.position)
    ]
    placed = sorted(
        (case for case in cases if case.application.place is not None), key=lambda case: case.application.place or 0
    )
    ranking = [_rank(pack, case) for case in placed]
    reserve = [
        rank for case, rank in zip(placed, ranking, strict=True) if case.application.status is ApplicationStatus.RESERVE
    ]
    return Minutes(
        number=minutes_number(contest, sitting),
        customer=text(customer.name).ky,
        contest=text(contest.title).ky,
        ground=text(pack.legal_ground).ky,
        place=sitting.place or text(customer.city).ky,
        held_on=sitting.at.astimezone(zone).date(),
        opened=f"{sitting.at.astimezone(zone):%H:%M}",
        closed=f"{closed_at.astimezone(zone):%H:%M}" if closed_at is not None else "__:__",
        chair=_chair(sitting, seated),
        secretary=secretary.name if secretary is not None else "",
        attendance=_attendance(sitting, seated, secretary),
        agenda=(
            say("paper.agenda.review", LANGUAGE, count=len(cases)),
            say("paper.agenda.ranking", LANGUAGE),
        ),
        items=tuple(_item(pack, sitting, case, seated, declarations) for case in cases),
        criteria=criteria(pack),
        ranking=tuple(ranking),
        reserve=tuple(reserve),
        budget=contest.budget,
        decisions=tuple(
            _decision(number, case) for number, case in enumerate([*placed, *(c for c in cases if c not in placed)], 1)
        ),
        placeholders=unconfirmed(pack, *SHOWN, *(("ranking.reserve",) if reserve else ())),
    )


def minutes_number(contest: Contest, sitting: Sitting) -> str:
    """How the minutes are called in the contract that rests on them."""
    return f"{contest.number}-{sitting.number}"


def _case(
    contest: Contest,
    item: Item,
    application: Application,
    organisations: Mapping[UUID, Organisation],
    sheets: Sequence[Sheet],
) -> _Case:
    known = organisations.get(application.organisation_id) if application.organisation_id else None
    return _Case(
        item=item,
        application=application,
        number=case_number(contest, application.number),
        organisation=known.name if known is not None else application.sender,
        sheets=[sheet for sheet in sheets if sheet.application_id == application.id],
    )


def _chair(sitting: Sitting, seated: Sequence[tuple[Member, Person]]) -> str:
    """Who led the sitting: the chair, or the deputy when the chair was away."""
    for seat in (Seat.CHAIR, Seat.DEPUTY):
        for member, person in seated:
            if member.seat is seat and str(member.id) in sitting.present:
                return person.name
    return "—"


def _attendance(
    sitting: Sitting, seated: Sequence[tuple[Member, Person]], secretary: Person | None
) -> tuple[Attendee, ...]:
    found = [
        Attendee(
            name=person.name,
            seat=say(f"seat.{member.seat.value}", LANGUAGE),
            side=say(f"background.{member.background.value}", LANGUAGE),
            present=str(member.id) in sitting.present,
        )
        for member, person in seated
    ]
    if secretary is not None:
        found.append(Attendee(name=secretary.name, seat=say("paper.seat.secretary", LANGUAGE)))
    return tuple(found)


def _item(
    pack: Pack,
    sitting: Sitting,
    case: _Case,
    seated: Sequence[tuple[Member, Person]],
    declarations: Sequence[Declaration],
) -> OnPaper:
    item = case.item
    entitled, present, needed = item.entitled, item.present, item.needed
    if item.status is ItemStatus.OPEN:
        # the row carries the count only once the item is decided
        entitled = sum(1 for member, _ in seated if str(member.id) not in item.recused)
        present = len(set(sitting.present) - set(item.recused))
        needed = commission.needed(pack, entitled)
    quorum = present >= needed
    open_reason = say(f"paper.item.{'open' if quorum else 'no_quorum'}", LANGUAGE)
    return OnPaper(
        number=item.position,
        subject=f"{case.number}, {case.organisation}, «{case.application.title}»",
        entitled=entitled,
        present=present,
        needed=needed,
        quorum=quorum,
        recusals=tuple(_recusals(item, seated, declarations)),
        votes_for=item.votes_for,
        votes_against=item.votes_against,
        abstained=item.votes_abstain,
        casting=item.casting_vote,
        decision=say(f"paper.item.decision.{item.status.value}", LANGUAGE),
        reason=item.reason or open_reason,
    )


def _recusals(
    item: Item, seated: Sequence[tuple[Member, Person]], declarations: Sequence[Declaration]
) -> list[Recusal]:
    """Who stood aside on this item and why: his own word first, else what the register shows."""
    told = {one.member_id: one for one in declarations if one.application_id == item.application_id}
    found: list[Recusal] = []
    for member, person in seated:
        if str(member.id) not in item.recused:
            continue
        declaration = told.get(member.id)
        reason = declaration.reason.strip() if declaration is not None else ""
        if not reason and declaration is not None and declaration.found:
            fields = [say(f"paper.relation.{field}", LANGUAGE) for field in declaration.found]
            reason = say("paper.recusal.found", LANGUAGE, fields=", ".join(fields))
        found.append(Recusal(name=person.name, reason=reason or say("paper.recusal.declared", LANGUAGE)))
    return found


def _rank(pack: Pack, case: _Case) -> Rank:
    application = case.application
    entry = scoring.Entry(application, case.sheets, recommended=case.item.status is ItemStatus.RECOMMENDED)
    means = [scoring.average(pack, entry, code) for code in pack.criteria]
    return Rank(
        place=application.place or 0,
        application=case.number,
        organisation=case.organisation,
        project=application.title,
        scores=tuple(None if mean is None else _short(Decimal(mean.numerator) / mean.denominator) for mean in means),
        score=_points(application),
        requested=application.requested,
        outcome=say(f"status.application.{application.status.value}", LANGUAGE),
    )


def _short(value: Decimal) -> Decimal:
    """To hundredths, without noughts at the end: 4.5, 4.67, 5."""
    rounded = value.quantize(Decimal("0.01"), ROUND_HALF_UP)
    return rounded.quantize(Decimal(1)) if rounded == rounded.to_integral() else rounded.normalize()


def _points(application: Application) -> Decimal:
    return Decimal(application.score or 0).scaleb(-2)


def _decision(number: int, case: _Case) -> Decision:
    application = case.application
    code = f"paper.decision.{application.status.value}"
    return Decision(
        number=number,
        text=say(
            code if knows(code) else "paper.decision.other",
            LANGUAGE,
            number=case.number,
            organisation=case.organisation,
            place=application.place,
            amount_tyiyn=application.requested,
            outcome=both(f"status.application.{application.status.value}").ky,
        ),
        reason=_reason(case),
    )


def _reason(case: _Case) -> str:
    """Why it came where it did: the rule of the ranking, else what the sitting gave as its reason; and the score."""
    code = f"paper.placing.{case.application.ground}"
    why = say(code, LANGUAGE) if case.application.ground and knows(code) else case.item.reason
    if case.application.score is None:
        return why or "—"
    return say("paper.placing.with_score", LANGUAGE, why=why, score=case.application.score)
