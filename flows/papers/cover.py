"""The first page of the file that the commission reads."""

from collections.abc import Sequence

from documents import words
from documents.bundle import BundleCover
from documents.words import Language
from flows.papers.law import case_number
from schemas.application import Application, Organisation
from schemas.contest import Contest
from schemas.customer import Customer
from schemas.document import Document
from schemas.finding import Finding, FindingStatus, Severity
from schemas.wording import say


def cover(
    contest: Contest,
    customer: Customer,
    application: Application,
    organisation: Organisation | None,
    files: Sequence[Document],
    findings: Sequence[Finding],
    language: Language,
) -> BundleCover:
    """What the first page says: whose application it is, when it came, what it asks for, what was found."""
    standing = [one for one in findings if one.status is FindingStatus.OPEN]
    counts = {each: sum(one.severity is each for one in standing) for each in Severity}
    found = ", ".join(f"{say(f'severity.{each.value}', language)}: {count}" for each, count in counts.items() if count)
    rows = (
        ("customer", _in(customer.name, language)),
        ("contest", f"{contest.number}, {_in(contest.title, language)}"),
        ("organisation", organisation.name if organisation is not None else application.sender),
        ("inn", organisation.inn if organisation is not None else ""),
        ("title", application.title),
        ("theme", next((_in(lot.title, language) for lot in contest.lots() if lot.code == application.theme), "")),
        ("requested", words.amount(application.requested, language) if application.requested else ""),
        ("own", words.amount(application.own_contribution, language) if application.own_contribution else ""),
        ("received", f"{words.moment(application.received_at, contest.zone, language)} ({contest.zone})"),
        ("sha256", application.package_sha256),
        ("files", words.figures(len(files), language)),
        ("round", str(application.round) if application.round > 1 else ""),
        ("findings", found or say("paper.cover.no_findings", language)),
    )
    return BundleCover(
        title=application.title or _in(contest.title, language),
        number=case_number(contest, application.number),
        rows=tuple((say(f"paper.cover.{label}", language), value) for label, value in rows if value),
        language=language,
    )


def _in(given: dict[str, str], language: Language) -> str:
    """One text in this language, in Kyrgyz where it has none, in whatever there is at last."""
    return given.get(language) or given.get("ky") or next(iter(given.values()), "")
