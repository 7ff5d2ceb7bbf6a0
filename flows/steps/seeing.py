"""Seeing how contracts go: pages of a contract or a contest, the calendar of what is due, the workbook of all figures.

Read by whoever may read a case; an applicant is shown his own, and nobody anything of another customer.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Final
from uuid import UUID

from sqlmodel import col, select

from documents.overview import Page
from documents.words import Language
from flows.office import Office
from flows.papers import overview as worded
from flows.papers import overview_files as files
from flows.steps import filing, overview
from flows.steps.moving import by_rule
from schemas.application import Application
from schemas.contest import Contest
from schemas.contract import Contract, ContractStatus
from schemas.document import Document
from schemas.doer import CLOCK, Doer
from schemas.event import Act
from schemas.facts import Kind, Media
from schemas.outbox import Job
from schemas.overview import Overview
from storage.work import Look, looking

OFFICIAL: Final[tuple[Language, ...]] = ("ky", "ru")
_UNSIGNED = (ContractStatus.PREPARED, ContractStatus.DRAFTED)


def contract_pages(office: Office, doer: Doer, contract_id: UUID, language: Language) -> dict[str, bytes]:
    """How a contract goes, as html and pdf. Raises NotFound, NotAllowed."""
    with office.looking(doer) as look:
        contract = look.get(Contract, contract_id)
        home = look.get(Contest, look.get(Application, contract.application_id).contest_id)
        seen = overview.view(look, doer, contract_id, office.today(home.zone))
    return _drawn(worded.contract_page(seen, language))


def contest_pages(office: Office, doer: Doer, contest_id: UUID, language: Language) -> dict[str, bytes]:
    """How the contracts of a contest go, as html and pdf. Raises NotFound, NotAllowed."""
    with office.looking(doer) as look:
        home = look.get(Contest, contest_id)
        seen = overview.of_contest(look, doer, contest_id, office.today(home.zone))
    return _drawn(worded.contest_page(seen, language))


def keep_contract(office: Office, doer: Doer, contract_id: UUID, language: Language) -> None:
    """How a contract goes becomes a document on record, as PDF. Raises NotFound, NotAllowed."""
    with office.looking(doer, Act.PAPER_REGISTER) as look:
        contract = look.get(Contract, contract_id)
        home = look.get(Contest, look.get(Application, contract.application_id).contest_id)
        seen = overview.view(look, doer, contract_id, office.today(home.zone))
    page = worded.contract_page(seen, language)
    _keep(office, doer, contract, home, {_name(contract.number, seen.today, language): page})


def keep_contest(office: Office, doer: Doer, contest_id: UUID, language: Language) -> None:
    """How the contracts of a contest go becomes a document on record, as PDF. Raises NotFound, NotAllowed."""
    with office.looking(doer, Act.PAPER_REGISTER) as look:
        home = look.get(Contest, contest_id)
        seen = overview.of_contest(look, doer, contest_id, office.today(home.zone))
    page = worded.contest_page(seen, language)
    _keep(office, doer, home, home, {_name(home.number, seen.today, language): page})


def keep(office: Office, job: Job) -> None:
    """Errand monitoring.overview: how a contract stands goes on record in both languages of the law."""
    with looking(office.engine, office.system) as look:
        contract = look.get(Contract, job.subject_id)
        home = look.get(Contest, look.get(Application, contract.application_id).contest_id)
        (seen,) = overview.views(look, [contract], home, office.today(home.zone))
    pages = {_name(contract.number, seen.today, one): worded.contract_page(seen, one) for one in OFFICIAL}
    _keep(office, CLOCK, contract, home, pages, job)


def _name(number: str, today: date, language: Language) -> str:
    return f"overview-{number.replace('/', '-')}-{today}-{language}.pdf"


def _keep(
    office: Office, doer: Doer, of: Contract | Contest, home: Contest, pages: Mapping[str, Page], job: Job | None = None
) -> None:
    """The pages become documents of `of`; the same page once."""
    kept = {name: office.keep(home.tenant_id, _drawn(page)["pdf"]) for name, page in pages.items()}
    with office.acting(doer, Act.PAPER_REGISTER) as work:
        row = work.get(type(of), of.id)
        known = {one.sha256 for one in work.all(Document, subject_id=of.id, kind=Kind.OVERVIEW)}
        new = {name: one for name, one in kept.items() if one.sha256 not in known}
        for name, one in new.items():
            filing.register(office, work, one, subject=row, kind=Kind.OVERVIEW, name=name, media=Media.PDF)
        if new:
            because = by_rule(office.pack_of(home), "overview")
            work.record(Act.PAPER_REGISTER, row, because=because, files=[one.sha256 for one in new.values()])
        if job is not None:
            work.finish(job)


def calendar(office: Office, doer: Doer, contest_id: UUID | None, language: Language) -> dict[str, bytes]:
    """The days on which something is due by signed contracts, as ics. Raises NotFound, NotAllowed."""
    with office.looking(doer) as look:
        seen = [
            (one, office.pack_of(home))
            for one, home in _all(office, look, doer, contest_id)
            if one.status not in _UNSIGNED
        ]
    return {"ics": files.calendar(seen, office.now(), language)}


def export(office: Office, doer: Doer, contest_id: UUID | None, language: Language) -> dict[str, bytes]:
    """Every figure as a row of a workbook, as xlsx. Raises NotFound, NotAllowed."""
    with office.looking(doer) as look:
        seen = [one for one, _ in _all(office, look, doer, contest_id)]
    return {"xlsx": files.workbook(seen, office.now(), language)}


def _all(office: Office, look: Look, doer: Doer, contest_id: UUID | None) -> Iterator[tuple[Overview, Contest]]:
    """Contracts by contest and number, so many at a time: a database takes only so many ids in one question."""
    homes = [look.get(Contest, contest_id)] if contest_id else look.all(Contest, order="number")
    ours = overview.contracts_of(look, doer, contest_id)
    for home in homes:
        of = select(Application.id).where(col(Application.contest_id) == home.id)
        query = select(Contract).where(ours, col(Contract.application_id).in_(of)).order_by(col(Contract.number))
        last = ""
        while some := look.session.exec(query.where(col(Contract.number) > last).limit(overview.LISTED)).all():
            for one in overview.views(look, some, home, office.today(home.zone)):
                yield one, home
            last = some[-1].number


def _drawn(page: Page) -> dict[str, bytes]:
    from documents.overview_html import html  # noqa: PLC0415 -- drawing is dear to load and seldom needed
    from documents.overview_pdf import pdf  # noqa: PLC0415

    return {"html": html(page), "pdf": pdf(page)}
