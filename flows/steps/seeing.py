"""Seeing how contracts go: pages of a contract or a contest, the calendar of what is due, the workbook of all figures.

Read by whoever may read a case; an applicant is shown his own, and nobody anything of another customer.
"""

from collections.abc import Iterator
from uuid import UUID

from sqlmodel import col, select

from documents.overview import Page
from documents.overview_html import html
from documents.overview_pdf import pdf
from documents.words import Language
from flows.office import Office
from flows.papers import overview as worded
from flows.papers import overview_files as files
from flows.steps import overview
from schemas.application import Application
from schemas.contest import Contest
from schemas.contract import Contract, ContractStatus
from schemas.doer import Doer
from schemas.overview import Overview
from storage.work import Look

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
    return {"html": html(page), "pdf": pdf(page)}
