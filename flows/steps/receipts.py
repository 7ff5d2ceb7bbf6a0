"""Receipts of packages: one is written before its package is inspected, those of a batch together."""

from collections.abc import Sequence
from uuid import UUID

from flows.office import Office
from flows.papers.receipt import receipt
from flows.steps import filing
from schemas.application import Application
from schemas.contest import Contest
from schemas.customer import Customer
from schemas.document import Document
from schemas.outbox import Job
from storage.blobs import Kept
from storage.work import looking


def fresh(files: Sequence[Document]) -> list[Document]:
    """Those that nobody has looked into yet; what waits for its words has been looked into."""
    return [one for one in files if not one.inspected and not one.facts]


def prepare(office: Office, jobs: Sequence[Job]) -> None:
    """Write the receipts of a whole batch. One that cannot be written is left to its own inspection.

    Raises StoreDown, DatabaseBusy.
    """
    with looking(office.engine, office.system) as look:
        found = look.all(Application, id=[one.subject_id for one in jobs], round=1)
        contests = {one.id: one for one in look.all(Contest, id=list({one.contest_id for one in found}))}
        customers = look.all(Customer, id=list({one.tenant_id for one in found}))
        files: dict[UUID, list[Document]] = {one.id: [] for one in found}
        for file in fresh(look.all(Document, subject_id=list(files), order="name")):
            files[file.subject_id].append(file)
    for customer in customers:
        mine = {one.event_id: one for one in found if one.tenant_id == customer.id and one.event_id}
        papers = {event: receipt(contests[one.contest_id], customer, one, files[one.id]) for event, one in mine.items()}
        for event, kept in filing.written_all(office, customer.id, papers).items():
            office.receipts[_told(mine[event], files[mine[event].id])] = kept


def of(office: Office, application: Application, files: Sequence[Document]) -> Kept:
    """The receipt that was prepared, or a new one where there is none or what it tells has changed. Errors as `filing.written`."""
    prepared = office.receipts.pop(_told(application, files), None)
    if prepared is not None:
        return prepared
    with looking(office.engine, office.system) as look:
        contest = look.get(Contest, application.contest_id)
        customer = look.get(Customer, application.tenant_id)
    paper = receipt(contest, customer, application, files)
    return filing.written(office, application.tenant_id, paper, of=application.event_id)


def _told(application: Application, files: Sequence[Document]) -> tuple[UUID | None, ...]:
    """The last events of what a receipt tells: where one has moved on, another receipt is due.

    What it tells of the contest and its customer stays as it was announced.
    """
    return (application.event_id, *(one.event_id for one in files))
