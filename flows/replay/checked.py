"""Stages 5 to 7 again: in time or late, complete or not, eligible or not."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from flows.replay.decision import Checks, Compared, Moment, Unknown, in_order
from flows.replay.past import CannotTell, build
from rules import completeness, deadlines, eligibility
from schemas.application import Application, ApplicationStatus, Organisation
from schemas.document import Document
from schemas.event import Act
from schemas.finding import INSIDE, Finding, FindingStatus, Remark, Severity


def arrival(at: Moment) -> Checks:
    """A package is in time up to the very second of the cut-off; what comes later is turned away."""
    received, cutoff = datetime.fromisoformat(at.facts["received"]), at.contest.cutoff
    yield Compared("cutoff", at.facts["cutoff"], cutoff)
    if at.rule in ("in_time", "late"):
        late = deadlines.late(received, cutoff)
        # a contest that is closed takes nothing in, whenever the package came
        expected = Act.APPLICATION_TURN_AWAY if late or at.rule == "late" else Act.APPLICATION_RECEIVE
        yield Compared("arrival", at.act, expected)
    terms = at.facts.get("terms", {})
    yield Compared("terms", terms, {name: getattr(at.contest, name) for name in terms})


def closing(at: Moment) -> Checks:
    """Intake ends after the cut-off, not before."""
    after = deadlines.late(at.at, at.contest.cutoff)
    yield Compared("cutoff_passed", at.at, at.at if after else f"> {at.contest.cutoff.isoformat()}")


def curing(at: Moment) -> Checks:
    """What was missing counts up to and including the last day of the term."""
    until = at.before(Application, at.subject).cure_until
    day = deadlines.local_day(datetime.fromisoformat(at.facts["received"]), at.contest.zone)
    late = until is not None and day > until
    yield Compared("cure", at.rule, "cure_late" if late else "cured")


def verdict(at: Moment) -> Checks:
    """Everything is there, or all that is missing is asked for, or the application is refused."""
    application = at.before(Application, at.subject)
    match application.status:
        case ApplicationStatus.COMPLETE:
            yield from _eligible(at, application)
        case ApplicationStatus.TO_CURE if at.act is Act.APPLICATION_REFUSE:
            yield from _uncured(at, application)
        case ApplicationStatus.TO_CURE:
            act = completeness.verdict(_open(at, application), round=application.round, pack=at.pack)
            yield Compared("completeness", at.act, act)
        case _:
            yield from _complete(at, application)


def _open(at: Moment, application: Application) -> list[Finding]:
    return at.past.all(Finding, application_id=application.id, status=FindingStatus.OPEN)


def _complete(at: Moment, application: Application) -> Checks:
    documents = at.past.all(Document, subject_id=application.id, current=True, order="name")
    before = at.past.all(Finding, application_id=application.id)
    standing = completeness.standing(completeness.remarks(at.pack, at.contest, documents), before)
    act = completeness.verdict(standing, round=application.round, pack=at.pack)
    yield Compared("findings", *_apart(at.made(Finding), standing))
    yield Compared("completeness", at.act, act)
    yield from _ground(at, [one.rule for one in standing if one.severity is not Severity.NOTICE], "uncured")
    until = at.now(Application, application.id).cure_until
    if Act.APPLICATION_ASK_FOR_MORE in (at.act, act):
        yield Compared("cure_until", until, deadlines.add(at.today, at.pack.cure.term.value))


def _uncured(at: Moment, application: Application) -> Checks:
    overdue = completeness.refuse_uncured(at.pack, application, at.today)
    yield Compared("completeness", at.act, Act.APPLICATION_REFUSE if overdue else Act.APPLICATION_ASK_FOR_MORE)
    yield from _ground(
        at, [one.rule for one in _open(at, application) if one.severity is not Severity.NOTICE], "uncured"
    )


def _ground(at: Moment, grounds: Sequence[str], otherwise: str) -> Checks:
    if at.act is Act.APPLICATION_REFUSE:
        told = at.now(Application, at.subject).ground
        # several grounds of one gravity stand in no order
        yield Compared("ground", told, told if told in grounds else grounds[0] if grounds else otherwise)


def _eligible(at: Moment, application: Application) -> Checks:
    organisation = _organisation(at, application)
    documents = at.past.all(Document, subject_id=application.id, current=True, order="name")
    others = [_other(at, application, one) for one in at.facts.get("others", [])]
    proven = {UUID(one["id"]) for one in at.facts.get("others", []) if one["proven"]}
    remarks = eligibility.remarks(at.pack, at.contest, application, organisation, documents, others, proven)
    before = {(one.rule, one.kind) for one in at.past.all(Finding, application_id=application.id)}
    made = at.made(Finding)
    # what stands in another's papers too is looked up in an index of all customers' cases, and decides nothing
    copied = [one for one in made if one.rule in INSIDE]
    fresh = [one for one in remarks if (one.rule, one.kind) not in before]
    yield Compared("findings", *_apart([one for one in made if one not in copied], fresh))
    if copied:
        yield Unknown("copies", CannotTell("copies"))
    yield Compared("eligibility", at.act, eligibility.verdict(remarks))
    yield from _ground(at, [one.rule for one in remarks if one.severity is Severity.BLOCKS], "")


def _organisation(at: Moment, application: Application) -> Organisation | None:
    if application.organisation_id is None:
        return None
    identity = str(application.organisation_id)
    known = at.past.fold.row("organisation", identity) or at.facts.get("organisation")
    if known is None:
        raise CannotTell("elsewhere", noun="organisation")
    return build(Organisation, identity, {name: known[name] for name in ("registered_on", "commercial")})


def _other(at: Moment, application: Application, told: dict[str, Any]) -> Application:
    """Another application of the same organisation, as the event tells of it."""
    return Application(
        id=UUID(told["id"]),
        contest_id=application.contest_id if told["here"] else UUID(int=0),
        organisation_id=application.organisation_id,
        number=told["number"],
        sender=application.sender if told["same_hands"] else "",
        received_at=at.at,
        package_sha256="",
        status=ApplicationStatus(told["status"]),
    )


def _apart(recorded: Sequence[Finding], recomputed: Sequence[Remark]) -> tuple[list[Any], list[Any]]:
    """Findings of both sides in one order, so that it does not count."""
    told, again = ([_told(one) for one in these] for these in (recorded, recomputed))
    return in_order(told), in_order(again)


def _told(one: Finding | Remark) -> dict[str, Any]:
    about = {"rule": one.rule, "severity": one.severity.value, "kind": one.kind.value if one.kind else ""}
    about |= {"page": one.page or 0, "placeholder": one.placeholder}
    return {**about, "document": str(one.document_id or ""), "facts": dict(sorted(one.facts.items()))}


CHECKS = {
    Act.APPLICATION_RECEIVE: arrival,
    Act.CONTEST_CLOSE: closing,
    Act.APPLICATION_CURE: curing,
    **dict.fromkeys((Act.APPLICATION_ASK_FOR_MORE, Act.APPLICATION_ADMIT), verdict),
    **dict.fromkeys((Act.APPLICATION_REFUSE, Act.APPLICATION_QUALIFY), verdict),
}


def turned_away(at: Moment) -> Checks:
    """A whole package, or one that was to cure."""
    yield from curing(at) if at.rule == "cure_late" else arrival(at)


CHECKS[Act.APPLICATION_TURN_AWAY] = turned_away
