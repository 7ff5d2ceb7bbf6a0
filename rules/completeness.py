"""Is everything there? Each rule is a small function; its docstring is the rule as an officer would say it."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date

from rules import forms, likeness, signing
from rules.catalog import BLOCKS, NOTICE, TO_CURE, remark
from rules.deadlines import Term, add
from rules.packs import CATALOGUE, Pack
from rules.papers import LESSER_FAULTS, Case, Paper, is_theme
from schemas.application import Application, ApplicationStatus
from schemas.contest import Contest
from schemas.document import Document
from schemas.event import Act
from schemas.facts import Kind, Media
from schemas.finding import Finding, FindingStatus, Remark


def missing(case: Case) -> Iterator[Remark]:
    """Every document that the announcement asks for is in the package."""
    there = {paper.kind for paper in case.papers}
    for kind in CATALOGUE:
        if kind not in there and case.needs(kind):
            yield remark("missing", TO_CURE, kind=kind, rests_on=[case.pack.documents[kind].required])


def unreadable(case: Case) -> Iterator[Remark]:
    """A file that cannot be opened is sent again, unless nothing hangs on it."""
    lacking = any(True for _ in missing(case))
    for paper in case.papers:
        other = bool(case.of(paper.kind))
        needed = lacking if paper.kind not in case.pack.documents else case.needs(paper.kind) and not other
        for fault in paper.facts.faults:
            if fault not in LESSER_FAULTS:
                severity = TO_CURE if needed else NOTICE
                yield remark("unreadable", severity, of=paper.document, fault=fault.value)


def flawed(case: Case) -> Iterator[Remark]:
    """An old format, tracked changes, a scan without text: the file is taken as it is, the officer looks himself."""
    for paper in case.papers:
        for fault in paper.facts.faults:
            if fault in LESSER_FAULTS:
                yield remark("flawed", NOTICE, of=paper.document, fault=fault.value)


def unrecognised(case: Case) -> Iterator[Remark]:
    """A file that is none of the documents asked for is shown to the officer."""
    for paper in case.readable:
        if paper.kind is Kind.OTHER and paper.facts.media is not Media.SIGNATURE:
            yield remark("unrecognised", NOTICE, of=paper.document)


def wrong_contest(case: Case) -> Iterator[Remark]:
    """The papers name this contest and no other."""
    number = case.contest.number
    for paper in case.readable:
        named = paper.facts.text("contest")
        if named and paper.facts.recognised and likeness.misread(named, number):
            continue
        if named and likeness.number(named) != likeness.number(number):
            severity = TO_CURE if paper.sure("contest") else NOTICE
            place = paper.place("contest")
            yield remark("wrong_contest", severity, of=paper.document, place=place, found=named, expected=number)


def wrong_theme(case: Case) -> Iterator[Remark]:
    """The project is on a theme that was announced."""
    lots = case.contest.lots()
    for paper in case.of(Kind.PROJECT):
        named = paper.facts.text("theme")
        if named and not any(is_theme(named, lot) for lot in lots):
            severity = TO_CURE if paper.sure("theme") else NOTICE
            codes = ", ".join(lot.code for lot in lots)
            place = paper.place("theme")
            yield remark("wrong_theme", severity, of=paper.document, place=place, found=named, expected=codes)


def expired(case: Case) -> Iterator[Remark]:
    """A certificate counts up to and including its last day."""
    for paper, rule in case.ruled():
        until = paper.facts.day("valid_until")
        if until is None or rule.valid_on is None or rule.valid_on.value == "none":
            continue
        needed = case.contest.project_ends if rule.valid_on.value == "project_end" else case.day
        if until < needed:
            days = {"valid_until": until.isoformat(), "needed_until": needed.isoformat()}
            severity = TO_CURE if paper.sure("valid_until") else NOTICE
            place, rests_on = paper.place("valid_until"), [rule.valid_on]
            yield remark("expired", severity, of=paper.document, rests_on=rests_on, facts=days, place=place)


def too_old(case: Case) -> Iterator[Remark]:
    """A certificate is not older, at the cut-off, than the pack allows."""
    for paper, rule in case.ruled():
        if rule.max_age is None:
            continue
        age = rule.max_age.value
        oldest = add(case.day, Term(days=-age.days, kind=age.kind))
        key = "issued_on" if paper.facts.day("issued_on") else "dated"
        issued = paper.facts.day(key)
        doubtful = paper.facts.recognised > 0 and not paper.sure(key)
        severity = TO_CURE if case.needs(paper.kind) and not doubtful else NOTICE
        if issued is None:
            yield remark("age_cannot_tell", NOTICE, of=paper.document, rests_on=[rule.max_age])
        elif issued < oldest:
            days = {"issued_on": issued.isoformat(), "oldest": oldest.isoformat()}
            place, rests_on = paper.place(key), [rule.max_age]
            yield remark("too_old", severity, of=paper.document, rests_on=rests_on, facts=days, place=place)


def dated_late(case: Case) -> Iterator[Remark]:
    """A letter of the first hand-in bears no date after the cut-off."""
    for paper, rule in case.ruled():
        dated = paper.facts.day("dated")
        counts = rule.dated_by_cutoff is not None and rule.dated_by_cutoff.value and paper.document.round == 1
        if counts and dated is not None and dated > case.day:
            days = {"dated": dated.isoformat(), "latest": case.day.isoformat()}
            severity = NOTICE if paper.facts.recognised and not paper.sure("dated") else TO_CURE
            place, rests_on = paper.place("dated"), [rule.dated_by_cutoff]
            yield remark("dated_late", severity, of=paper.document, rests_on=rests_on, facts=days, place=place)


def _reference(case: Case, value: str) -> Paper | None:
    """The state-registration certificate says it, or else the first paper that does."""
    kinds = case.pack.matching.identity.value
    ordered = sorted(kinds, key=lambda kind: kind is not Kind.REGISTRATION)
    return next((paper for kind in ordered for paper in case.of(kind) if paper.facts.text(value)), None)


def _unlike(case: Case, value: str) -> Iterator[tuple[Paper, Paper, str, str]]:
    """Papers that say something else than the reference, with both sayings."""
    reference = _reference(case, value)
    if reference is None:
        return
    expected = reference.facts.text(value) or ""
    for kind in case.pack.matching.identity.value:
        for paper in case.of(kind):
            found = paper.facts.text(value)
            if found and likeness.name(found) != likeness.name(expected):
                yield paper, reference, found, expected


def names_unequal(case: Case) -> Iterator[Remark]:
    """The organisation bears the same name in the letter, the project, the certificate and the charter."""
    for paper, reference, found, expected in _unlike(case, "organisation"):
        sure = paper.sure("organisation") and reference.sure("organisation") and not likeness.close(found, expected)
        told = {"other": reference.kind.value, "found": found, "expected": expected}
        rests_on = [case.pack.matching.identity]
        severity, place = TO_CURE if sure else NOTICE, paper.place("organisation")
        yield remark("names_unequal", severity, of=paper.document, rests_on=rests_on, facts=told, place=place)


def numbers_unequal(case: Case) -> Iterator[Remark]:
    """Tax, statistics and registration numbers are the same wherever they stand."""
    for field in ("inn", "okpo", "registration_number"):
        for paper, reference, found, expected in _unlike(case, field):
            sure = paper.sure(field) and reference.sure(field)
            told = {"other": reference.kind.value, "field": field, "found": found, "expected": expected}
            rests_on = [case.pack.matching.identity]
            severity, place = TO_CURE if sure else NOTICE, paper.place(field)
            yield remark("numbers_unequal", severity, of=paper.document, rests_on=rests_on, facts=told, place=place)


def sums_unequal(case: Case) -> Iterator[Remark]:
    """The sum asked for is the same in the letter, the project and the budget; partners' letters add up to theirs."""
    requested, contribution = case.pack.matching.requested, case.pack.matching.contribution
    budget = case.first_amount("requested", [Kind.BUDGET])
    for kind in requested.value:
        told = case.first_amount("requested", [kind])
        if budget and told and told[1] != budget[1]:
            severity = TO_CURE if told[0].sure("requested") else NOTICE
            sums = {"found_tyiyn": told[1], "expected_tyiyn": budget[1], "other": Kind.BUDGET.value}
            place, rests_on = told[0].place("requested"), [requested]
            yield remark("sums_unequal", severity, of=told[0].document, rests_on=rests_on, facts=sums, place=place)
    own = case.first_amount("own_contribution", [Kind.BUDGET])
    letters = [paper for kind in contribution.value if kind is not Kind.BUDGET for paper in case.of(kind)]
    given = [amount for paper in letters if (amount := paper.facts.amount("own_contribution")) is not None]
    if own and given and sum(given) != own[1]:
        sums = {"found_tyiyn": sum(given), "expected_tyiyn": own[1], "other": Kind.BUDGET.value}
        of, place = letters[0].document, letters[0].place("own_contribution")
        yield remark("contribution_unequal", TO_CURE, of=of, rests_on=[contribution], facts=sums, place=place)


def arithmetic(case: Case) -> Iterator[Remark]:
    """The budget adds up, line by line and in all. A slip is a gap to cure, not a ground to refuse."""
    for paper in (*case.of(Kind.PROJECT), *case.of(Kind.BUDGET)):
        if paper.facts.arithmetic_holds is False:
            yield remark("arithmetic", TO_CURE, of=paper.document, place=paper.place("total", "requested"))
        elif paper.facts.arithmetic_holds is None and paper.kind is Kind.BUDGET:
            yield remark("arithmetic_cannot_tell", NOTICE, of=paper.document)


def over_ceiling(case: Case) -> Iterator[Remark]:
    """Nobody asks for more than the ceiling of the theme, nor than the budget of the contest."""
    told = case.first_amount("requested", [Kind.BUDGET, Kind.PROJECT, Kind.LETTER])
    if told is None or told[1] <= 0:
        if case.of(Kind.BUDGET):
            yield remark("sum_cannot_tell", NOTICE, of=case.of(Kind.BUDGET)[0].document)
        return
    lot = [case.theme.ceiling] if case.theme else [max(theme.ceiling for theme in case.contest.lots())]
    ceiling = min(*lot, case.contest.budget)
    if told[1] > ceiling:
        sums = {"requested_tyiyn": told[1], "ceiling_tyiyn": ceiling}
        yield remark("over_ceiling", TO_CURE, of=told[0].document, facts=sums, place=told[0].place("requested"))


def own_contribution(case: Case) -> Iterator[Remark]:
    """The budget shows the applicant's own part, and it is as large as the pack asks for."""
    asked = case.pack.eligibility.contribution_percent
    for paper in case.of(Kind.BUDGET):
        own, requested = paper.facts.amount("own_contribution"), paper.facts.amount("requested")
        if own is None:
            yield remark("contribution_not_shown", NOTICE, of=paper.document)
        elif requested is not None and own * 100 < asked.value * (own + requested):
            needed = -(-asked.value * (own + requested) // 100)
            sums = {"own_tyiyn": own, "needed_tyiyn": needed}
            place = paper.place("own_contribution")
            yield remark("contribution_low", TO_CURE, of=paper.document, rests_on=[asked], facts=sums, place=place)


def outside_term(case: Case) -> Iterator[Remark]:
    """The project begins and ends within the term that was announced."""
    first, last = case.contest.project_starts, case.contest.project_ends
    for paper in (*case.of(Kind.PROJECT), *case.of(Kind.PLAN)):
        starts, ends = paper.facts.day("starts"), paper.facts.day("ends")
        early = starts is not None and starts < first
        if early or (ends is not None and ends > last):
            severity = TO_CURE if paper.sure("starts") or paper.sure("ends") else NOTICE
            told = {"starts": str(starts or ""), "ends": str(ends or "")}
            days = {"earliest": first.isoformat(), "latest": last.isoformat()}
            place = paper.place("starts" if early else "ends")
            yield remark("outside_term", severity, of=paper.document, facts={**told, **days}, place=place)


Rule = Callable[[Case], Iterator[Remark]]
RULES: tuple[Rule, ...] = (
    *(missing, unreadable, flawed, unrecognised, wrong_contest, wrong_theme, *forms.RULES),
    *(*signing.RULES, expired, too_old, dated_late),
    *(names_unequal, numbers_unequal, sums_unequal, arithmetic, over_ceiling, own_contribution, outside_term),
)
_GRAVITY = {BLOCKS: 0, TO_CURE: 1, NOTICE: 2}


def remarks(pack: Pack, contest: Contest, documents: Sequence[Document]) -> list[Remark]:
    """All that the rules find in the current files, all at once: the gravest first, then in the catalogue's order."""
    papers = tuple(Paper(one, one.seen()) for one in documents if one.current)
    case = Case(pack, contest, papers)
    found = [one for rule in RULES for one in rule(case)]
    return sorted(found, key=lambda one: (_GRAVITY[one.severity], str(one.kind or "")))


def standing(remarks: Sequence[Remark], before: Sequence[Finding]) -> list[Remark]:
    """What an officer set aside in an earlier round stays set aside."""
    overridden = {(one.rule, one.kind) for one in before if one.status is FindingStatus.OVERRIDDEN}
    return [one for one in remarks if (one.rule, one.kind) not in overridden]


def verdict(remarks: Sequence[Remark | Finding], *, round: int, pack: Pack) -> Act:  # noqa: A002 — the field's word
    """Admit, ask for all that is missing, or refuse: when something blocks, or gaps remain after the last cure."""
    standing = [one for one in remarks if not isinstance(one, Finding) or one.status is FindingStatus.OPEN]
    if any(one.severity is BLOCKS for one in standing):
        return Act.APPLICATION_REFUSE
    if any(one.severity is TO_CURE for one in standing):
        return Act.APPLICATION_ASK_FOR_MORE if round <= pack.cure.rounds.value else Act.APPLICATION_REFUSE
    return Act.APPLICATION_ADMIT


def refuse_uncured(pack: Pack, application: Application, today: date) -> Remark | None:
    """The ground for refusal once the last day of the cure term is over without a new package; None before."""
    until = application.cure_until
    if application.status is not ApplicationStatus.TO_CURE or until is None or today <= until:
        return None
    rests_on = [pack.cure.term, pack.cure.rounds]
    return remark("uncured", BLOCKS, rests_on=rests_on, until=until.isoformat(), round=application.round)
