"""Who sees what of the trail: nobody another customer's, an applicant his own case, nobody a sealed package.

Score sheets come to a member after his own is in, and to an applicant when the results are public. The auditor reads all that
is open at his customer.
"""

from collections.abc import Collection, Sequence
from email.utils import parseaddr
from typing import Any
from uuid import UUID

from flows.steps import committee, people
from schemas.application import Application, ApplicationStatus
from schemas.commission import Member, Sheet
from schemas.contest import Contest
from schemas.customer import Person, Role
from schemas.doer import Doer
from schemas.errors import NotFound, OwnInterest, OwnSheetFirst, Sealed
from schemas.event import Stream
from schemas.finding import INSIDE
from storage.search import Sight
from storage.state import Place, State
from storage.work import Look

SHEETS = frozenset({"sheet"})


def of(look: Look, doer: Doer) -> Sight:
    """What the reader may see, for a question to the whole trail."""
    if Role.SYSTEM in doer.roles:
        return Sight(look.by.tenant_id, sealed=None)
    mine = _own(look, doer)
    if only_applicant(doer):
        public = {one.id for one in look.all(Contest, id=[one.contest_id for one in mine]) if one.published_on}
        waiting = frozenset(one.id for one in mine if one.contest_id not in public)
        return Sight(look.by.tenant_id, own=frozenset(one.id for one in mine), sealed=None, unscored=waiting)
    return Sight(look.by.tenant_id, sealed=frozenset(one.id for one in mine), unscored=_unscored(look, doer))


def demand(look: Look, doer: Doer, stream_id: UUID) -> Stream:
    """The stream, when the reader may see into it.

    Raises NotFound for another's, Sealed, OwnSheetFirst, OwnInterest.
    """
    stream = look.get(Stream, stream_id)
    if Role.SYSTEM in doer.roles:
        return stream
    application = look.session.get(Application, stream_id)
    if application is None:
        if only_applicant(doer):
            raise NotFound(noun="application", id=str(stream_id))
        return stream
    own = people.own(look, doer, application)
    if only_applicant(doer) and not own:
        raise NotFound(noun="application", id=str(application.id))
    if application.status is ApplicationStatus.RECEIVED and not own:
        raise Sealed(application=str(application.id), cutoff=look.get(Contest, application.contest_id).cutoff)
    _sheets_wait(look, doer, application)
    return stream


def only_applicant(doer: Doer) -> bool:
    """Whether he has no other office here."""
    return doer.roles <= {Role.APPLICANT}


def nouns_hidden(look: Look, doer: Doer, stream_id: UUID) -> frozenset[str]:
    """Kinds of rows that the reader is not shown in a stream that is his to see."""
    if not only_applicant(doer):
        return frozenset()
    application = look.get(Application, stream_id)
    return frozenset() if look.get(Contest, application.contest_id).published_on else SHEETS


def inside(state: State) -> frozenset[Place]:
    """Findings that tell of another's case, and are no applicant's to see."""
    return frozenset(
        place for place, held in state.items() if place.noun == "finding" and held.values.get("rule") in INSIDE
    )


def _own(look: Look, doer: Doer) -> list[Application]:
    if Role.APPLICANT not in doer.roles:
        return []
    mine = {one.id: one for one in look.all(Application, organisation_id=list(doer.organisations))}
    me = look.session.get(Person, doer.id)
    if me is not None and me.email:
        for one in look.all(Application):
            if parseaddr(one.sender)[1].casefold() == me.email.casefold():
                mine[one.id] = one
    return list(mine.values())


def _unscored(look: Look, doer: Doer) -> frozenset[UUID]:
    """Cases in review where he sits on the commission and has not judged, or must not."""
    found: set[UUID] = set()
    for seat in look.all(Member, person_id=doer.id, active=True):
        cases = look.all(Application, contest_id=seat.contest_id, status=ApplicationStatus.IN_REVIEW)
        apart = committee.conflicts(look, seat.contest_id) if cases else set[Any]()
        given = _given(look, seat, cases)
        found |= {one.id for one in cases if (seat.id, one.id) in apart or (one.id, one.review) not in given}
    return frozenset(found)


def _given(look: Look, seat: Member, cases: Sequence[Application]) -> Collection[tuple[UUID, int]]:
    sheets = look.all(Sheet, member_id=seat.id, application_id=[one.id for one in cases])
    return {(one.application_id, one.review) for one in sheets}


def _sheets_wait(look: Look, doer: Doer, application: Application) -> None:
    if application.status is not ApplicationStatus.IN_REVIEW:
        return
    seat = look.one(Member, contest_id=application.contest_id, person_id=doer.id, active=True)
    if seat is None:
        return
    if (seat.id, application.id) in committee.conflicts(look, application.contest_id, cases=[application.id]):
        raise OwnInterest(application=str(application.id), member=str(seat.id))
    if (application.id, application.review) not in _given(look, seat, [application]):
        raise OwnSheetFirst(application=str(application.id))
