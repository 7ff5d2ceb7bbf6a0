"""Stages 6 and 7: opening at the cut-off, completeness with all gaps at once, cure, eligibility."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flows.office import Office
from flows.steps import addresses, copying
from flows.steps.committee import UNDECIDED
from flows.steps.moving import by_rule, in_words, move, reckoned
from rules import completeness, deadlines, eligibility
from rules.packs import Pack
from schemas.application import Application, ApplicationStatus, Organisation
from schemas.commission import Member
from schemas.contest import Contest, ContestStatus
from schemas.document import Document
from schemas.doer import CLOCK, Doer
from schemas.errors import NoReason, NotInspected, WrongMoment
from schemas.event import Act
from schemas.facts import Kind
from schemas.finding import INSIDE, Finding, FindingStatus, Remark, Severity
from schemas.outbox import Errand, Job
from storage.work import Look, Work, looking

GROUND_LETTER = "refused"


def contests_due(office: Office) -> list[UUID]:
    """Contests whose cut-off has passed and that are still open."""
    with looking(office.engine, office.system) as look:
        open_ones = look.all(Contest, status=ContestStatus.ANNOUNCED)
    return [one.id for one in open_ones if deadlines.late(office.now(), one.cutoff)]


def close(office: Office, doer: Doer, contest_id: UUID) -> None:
    """Intake ends; every sealed package may be opened and is checked. Raises WrongMoment before the cut-off."""
    with office.acting(doer, Act.CONTEST_CLOSE) as work:
        contest = work.get(Contest, contest_id)
        if contest.status is ContestStatus.CLOSED:
            return
        if not deadlines.late(office.now(), contest.cutoff):
            raise WrongMoment(act=Act.CONTEST_CLOSE, noun="contest", status=contest.status, cutoff=contest.cutoff)
        received = work.all(Application, contest_id=contest_id, status=ApplicationStatus.RECEIVED, order="number")
        because = reckoned(
            *(office.pack_of(contest), "cutoff"),
            cutoff=contest.cutoff,
            received=len(received),
            register=_register(work, contest_id),
        )
        move(work, contest, Act.CONTEST_CLOSE, because=because)
        for application in received:
            waiting = work.all(Document, subject_id=application.id, inspected=False)
            if not waiting:
                work.errand(Errand.CHECK, application, f"{application.id}:{application.round}")


def _register(work: Work, contest_id: UUID) -> list[dict[str, Any]]:
    """What came by the closing, by number: no more of it than its receipt told. The closing certificate shows it."""
    return [
        {
            "number": one.number,
            "received": one.received_at,
            "sha256": one.package_sha256,
            "turned_away": one.status is ApplicationStatus.TURNED_AWAY,
        }
        for one in work.all(Application, contest_id=contest_id, order="number")
    ]


def open_findings(look: Look, application_id: UUID) -> list[Finding]:
    """What still stands against the application."""
    return look.all(Finding, application_id=application_id, status=FindingStatus.OPEN, order="severity rule")


# -- errand: completeness.check -------------------------------------------------------------------------------------


def check(office: Office, job: Job) -> None:
    """Is everything there? Ask the applicant once for all that is missing."""
    with office.acting(CLOCK, Act.APPLICATION_OPEN) as work:
        application = work.get(Application, job.subject_id)
        contest = work.get(Contest, application.contest_id)
        pack = office.pack_of(contest)
        documents = work.all(Document, subject_id=application.id, current=True, order="name")
        if any(not one.inspected for one in documents):
            raise NotInspected(application=str(application.id))
        if application.status is ApplicationStatus.RECEIVED:
            because = by_rule(pack, "cutoff", cutoff=contest.cutoff)
            move(work, application, Act.APPLICATION_OPEN, because=because)
        copying.remember(work, application, documents)
        remarks = completeness.remarks(pack, contest, documents)
        standing = _write_down(work, application, remarks)
        act = completeness.verdict(standing, round=application.round, pack=pack)
        _carry_out(office, work, contest, application, pack, act, standing, documents)
        work.finish(job)


def _write_down(work: Work, application: Application, remarks: Sequence[Remark]) -> list[Remark]:
    """Findings of this round: what is gone is cured, what an officer overrode stays overridden. Returns what stands."""
    before = work.all(Finding, application_id=application.id)
    for one in before:
        if one.status is FindingStatus.OPEN:
            one.status = FindingStatus.CURED
    standing = completeness.standing(remarks, before)
    for remark in standing:
        finding = Finding(
            application_id=application.id,
            rule=remark.rule,
            severity=remark.severity,
            kind=remark.kind,
            document_id=remark.document_id,
            page=remark.page,
            facts=dict(remark.facts),
            placeholder=remark.placeholder,
            round=application.round,
        )
        work.new(finding, stream=application.id, tenant=application.tenant_id)
    return standing


def _carry_out(
    office: Office,
    work: Work,
    contest: Contest,
    application: Application,
    pack: Pack,
    act: Act,
    standing: Sequence[Remark | Finding],
    files: Sequence[Document],
) -> None:
    """Record the verdict, set the term, leave the letter and the next errand. `files`: those that remarks are about."""
    grounds = [one.rule for one in standing if one.severity is not Severity.NOTICE]
    facts = {"contest": contest.number, "number": application.number}
    gaps = [told(one, pack=pack, files=files) for one in standing if one.rule not in INSIDE]
    if act is Act.APPLICATION_ASK_FOR_MORE:
        application.cure_until = deadlines.add(office.today(contest.zone), pack.cure.term.value)
        facts |= {"until": application.cure_until.isoformat(), "gaps": gaps}
    elif act is Act.APPLICATION_REFUSE:
        application.ground = grounds[0] if grounds else "uncured"
        # a refusal says what stood in the way, no longer how to mend it
        blocking = [
            {**gap, "severity": Severity.BLOCKS.value} for gap in gaps if gap["severity"] != Severity.NOTICE.value
        ]
        facts |= {"ground": blocking}
    because = reckoned(pack, grounds[0] if grounds else "complete", grounds=grounds, round=application.round)
    move(work, application, act, because=because)
    letters = {
        Act.APPLICATION_ASK_FOR_MORE: "ask_for_more",
        Act.APPLICATION_REFUSE: GROUND_LETTER,
        Act.APPLICATION_ADMIT: "admitted",
    }
    addresses.to_sender(work, application, letters[act], f"{letters[act]}:{application.id}:{application.round}", facts)
    if act is Act.APPLICATION_ADMIT:
        work.errand(Errand.QUALIFY, application, f"{application.id}:{application.round}")
    elif act is Act.APPLICATION_REFUSE:
        _ask_to_declare(work, contest, application)


def told(one: Remark | Finding, *, pack: Pack | None = None, files: Sequence[Document] = ()) -> dict[str, object]:
    """A remark as a letter carries it: code and facts, worded when the letter is written in the reader's language.

    With its pack and the files of the case it also says which file it is about and which text it rests on.
    """
    about: dict[str, object] = {"pack": f"{pack.id} {pack.version}"} if pack else {}
    about |= next(({"file": file.name} for file in files if file.id == one.document_id), {})
    return {
        **about,
        "rule": one.rule,
        "severity": one.severity.value,
        "kind": one.kind.value if one.kind else "",
        "page": one.page or 0,
        "facts": dict(one.facts),
        "placeholder": one.placeholder,
    }


# -- the cure term, and an officer's override -----------------------------------------------------------------------


def overdue_cures(office: Office) -> list[UUID]:
    """Applications whose cure term has passed without a cure."""
    with looking(office.engine, office.system) as look:
        waiting = look.all(Application, status=ApplicationStatus.TO_CURE)
        zones = {one.id: one.zone for one in look.all(Contest, id=[one.contest_id for one in waiting])}
    return [one.id for one in waiting if one.cure_until and office.today(zones[one.contest_id]) > one.cure_until]


def refuse_uncured(office: Office, application_id: UUID) -> None:
    """The term has passed and the gaps are still there."""
    with office.acting(CLOCK, Act.APPLICATION_REFUSE) as work:
        application = work.get(Application, application_id)
        if application.status is not ApplicationStatus.TO_CURE:
            return
        contest = work.get(Contest, application.contest_id)
        standing = open_findings(work, application_id)
        pack, files = office.pack_of(contest), work.all(Document, subject_id=application_id)
        _carry_out(office, work, contest, application, pack, Act.APPLICATION_REFUSE, standing, files)


def override(office: Office, doer: Doer, finding_id: UUID, reason: str) -> None:
    """An officer sets a finding aside with a reason; when nothing else stands in the way the application is admitted."""
    if not reason.strip():
        raise NoReason(act=Act.FINDING_OVERRIDE)
    with office.acting(doer, Act.FINDING_OVERRIDE) as work:
        finding = work.get(Finding, finding_id)
        application = work.get(Application, finding.application_id)
        contest = work.get(Contest, application.contest_id)
        pack = office.pack_of(contest)
        finding.reason = reason
        move(work, finding, Act.FINDING_OVERRIDE, because=in_words(reason, pack, rule=finding.rule))
        standing = open_findings(work, application.id)
        act = completeness.verdict(standing, round=application.round, pack=pack)
        if act is Act.APPLICATION_ADMIT and application.status is ApplicationStatus.TO_CURE:
            files = work.all(Document, subject_id=application.id)
            _carry_out(office, work, contest, application, pack, act, standing, files)


# -- errand: completeness.qualify -----------------------------------------------------------------------------------


def qualify(office: Office, job: Job) -> None:
    """May this organisation take part?"""
    with office.acting(CLOCK, Act.APPLICATION_QUALIFY) as work:
        application = work.get(Application, job.subject_id)
        contest = work.get(Contest, application.contest_id)
        pack = office.pack_of(contest)
        organisation = work.get(Organisation, application.organisation_id) if application.organisation_id else None
        documents = work.all(Document, subject_id=application.id, current=True, order="name")
        same = work.all(Application, organisation_id=organisation.id) if organisation else []
        others = [one for one in same if one.id != application.id]
        proven = _proven(work, contest, organisation, others) if organisation else set()
        remarks = eligibility.remarks(pack, contest, application, organisation, documents, others, proven)
        remarks += copying.remarks(work, pack, application, documents, others)
        before = {(one.rule, one.kind) for one in work.all(Finding, application_id=application.id)}
        for remark in remarks:
            if (remark.rule, remark.kind) not in before:
                finding = Finding(
                    application_id=application.id, round=application.round, **remark.model_dump(exclude={"facts"})
                )
                finding.facts = dict(remark.facts)
                work.new(finding, stream=application.id, tenant=application.tenant_id)
        act = eligibility.verdict(remarks)
        blocking = [one for one in remarks if one.severity is Severity.BLOCKS]
        facts: dict[str, object] = {"contest": contest.number, "number": application.number}
        if act is Act.APPLICATION_REFUSE:
            application.ground = blocking[0].rule
            facts["ground"] = [told(one, pack=pack, files=documents) for one in blocking]
        because = reckoned(
            pack,
            blocking[0].rule if blocking else "eligible",
            grounds=[one.rule for one in blocking],
            **_seen(contest, application, organisation, others, proven),
        )
        move(work, application, act, because=because)
        letter = GROUND_LETTER if act is Act.APPLICATION_REFUSE else "qualified"
        addresses.to_sender(work, application, letter, f"{letter}:{application.id}:q", facts)
        _ask_to_declare(work, contest, application)
        work.finish(job)


def _seen(
    contest: Contest,
    application: Application,
    organisation: Organisation | None,
    others: Sequence[Application],
    proven: set[UUID],
) -> dict[str, object]:
    """What the verdict rests on besides this contest: what was known of the organisation, and its other applications."""
    known: dict[str, object] = {}
    if organisation is not None and organisation.stream_id != application.id:
        known["organisation"] = {"registered_on": organisation.registered_on, "commercial": organisation.commercial}
    if others:
        known["others"] = [
            {
                "id": one.id,
                "here": one.contest_id == contest.id,
                "number": one.number,
                "status": one.status,
                "same_hands": bool(one.sender) and one.sender == application.sender,
                "proven": one.id in proven,
            }
            for one in others
        ]
    return known


def _proven(look: Look, contest: Contest, organisation: Organisation, others: Sequence[Application]) -> set[UUID]:
    same = [one.id for one in others if (one.contest_id, one.organisation_id) == (contest.id, organisation.id)]
    papers = look.all(Document, subject_id=same, kind=Kind.REGISTRATION, current=True) if same else []
    return {one.subject_id for one in papers if eligibility.bears_out(organisation, one)}


def _ask_to_declare(work: Work, contest: Contest, application: Application) -> None:
    """Once nothing is being checked any more, members are asked whether they have an interest; later for a single one."""
    if work.some(Application, contest_id=contest.id, status=UNDECIDED):
        return
    eligible = work.all(Application, contest_id=contest.id, status=ApplicationStatus.ELIGIBLE)
    later = contest.status is ContestStatus.REVIEWING
    if not eligible or (later and application not in eligible):
        return
    key = f"declare:{application.id}:{application.round}" if later else f"declare:{contest.id}"
    facts = {"contest": contest.number, "count": 1 if later else len(eligible)}
    for member in work.all(Member, contest_id=contest.id, active=True):
        addresses.to_person(work, contest, member.person_id, "declare", key, facts)
