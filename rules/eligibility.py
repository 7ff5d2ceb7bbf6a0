"""May this organisation take part? Status, age, arrears, the same money twice."""

from collections.abc import Collection, Iterator, Sequence
from uuid import UUID

from rules.catalog import BLOCKS, NOTICE, remark
from rules.deadlines import add_months, local_day
from rules.packs import Pack
from schemas.application import Application, ApplicationStatus, Organisation
from schemas.contest import Contest
from schemas.document import Document
from schemas.event import Act
from schemas.facts import Kind
from schemas.finding import Finding, FindingStatus, Remark

OUT = (ApplicationStatus.WITHDRAWN, ApplicationStatus.TURNED_AWAY, ApplicationStatus.REFUSED)


def _unknown(organisation: Organisation | None) -> Iterator[Remark]:
    """The papers say who applies: the name of the organisation and its tax number."""
    if organisation is None:
        yield remark("organisation_unknown", NOTICE)


def _commercial(pack: Pack, organisation: Organisation) -> Iterator[Remark]:
    """Only non-commercial organisations take part."""
    if organisation.commercial and pack.eligibility.non_commercial.value:
        yield remark("commercial", BLOCKS, rests_on=[pack.eligibility.non_commercial])


def _too_young(
    pack: Pack, contest: Contest, organisation: Organisation | None, documents: Sequence[Document]
) -> Iterator[Remark]:
    """The organisation has been registered long enough on the day of the cut-off."""
    asked = pack.eligibility.minimum_age_months
    papers = [one.seen() for one in documents if one.kind is Kind.REGISTRATION]
    read = (facts.day("registered_on") for facts in papers)
    registered = (organisation.registered_on if organisation else None) or next((day for day in read if day), None)
    if registered is None:
        yield remark("registration_cannot_tell", NOTICE, rests_on=[asked])
        return
    needed_by = add_months(local_day(contest.cutoff, contest.zone), -asked.value)
    if registered > needed_by:
        days = {"registered_on": registered.isoformat(), "needed_by": needed_by.isoformat()}
        yield remark("too_young", BLOCKS, rests_on=[asked], facts=days)


def _arrears(pack: Pack, documents: Sequence[Document]) -> Iterator[Remark]:
    """Nothing is owed to the tax office or the social fund."""
    for one in documents:
        owed = one.seen().amount("arrears")
        if one.kind in (Kind.TAX_CERTIFICATE, Kind.SOCIAL_CERTIFICATE) and owed and pack.eligibility.no_arrears.value:
            place, rests_on = one.seen().values["arrears"].place, [pack.eligibility.no_arrears]
            yield remark("arrears", BLOCKS, of=one, rests_on=rests_on, place=place, amount_tyiyn=owed)


def _same_money(
    pack: Pack, application: Application, others: Sequence[Application], proven: Collection[UUID]
) -> Iterator[Remark]:
    """One organisation hands in one application; what it won in another contest is looked into.

    An earlier one stands in the way only if it is from the same hands, or its certificate bears the tax number out:
    whoever merely wrote somebody's number into a form keeps nobody out.
    """
    once, before = pack.eligibility.one_application, pack.eligibility.funded_before
    for other in others:
        if other.id == application.id or other.organisation_id != application.organisation_id:
            continue
        if other.contest_id == application.contest_id:
            if once.value and other.status not in OUT:
                sure = other.id in proven or (other.sender and other.sender == application.sender)
                severity = BLOCKS if sure and other.number < application.number else NOTICE
                yield remark("twice_in_contest", severity, rests_on=[once], other=other.number)
        elif other.status is ApplicationStatus.WINNER and before.value != "ignore":
            severity = BLOCKS if before.value == "refuse" else NOTICE
            yield remark("funded_before", severity, rests_on=[before], other=str(other.id))


def _goals(documents: Sequence[Document]) -> Iterator[Remark]:
    """Whether the charter's goals cover the theme is for the officer to read: the machine cannot tell."""
    for one in documents:
        if one.kind is Kind.CHARTER:
            yield remark("goals_cannot_tell", NOTICE, of=one)


def remarks(
    pack: Pack,
    contest: Contest,
    application: Application,
    organisation: Organisation | None,
    documents: Sequence[Document],
    others: Sequence[Application],
    proven: Collection[UUID] = (),
) -> list[Remark]:
    """All that speaks against the organisation, all at once.

    `others` are the organisation's other applications, `proven` those among them whose certificate bears the number out.
    """
    current = [one for one in documents if one.current]
    found = [*_too_young(pack, contest, organisation, current), *_arrears(pack, current), *_unknown(organisation)]
    if organisation is not None:
        found += [*_commercial(pack, organisation), *_same_money(pack, application, others, proven)]
    return [*found, *_goals(current)]


def verdict(remarks: Sequence[Remark | Finding]) -> Act:
    """Qualified, unless something that no officer has set aside blocks."""
    standing = [one for one in remarks if not isinstance(one, Finding) or one.status is FindingStatus.OPEN]
    blocked = any(one.severity is BLOCKS for one in standing)
    return Act.APPLICATION_REFUSE if blocked else Act.APPLICATION_QUALIFY


def bears_out(organisation: Organisation, certificate: Document) -> bool:
    """Whether a certificate of registration carries the organisation's tax number in text that needed no recognition."""
    facts = certificate.seen()
    return certificate.kind is Kind.REGISTRATION and not facts.recognised and facts.text("inn") == organisation.inn
