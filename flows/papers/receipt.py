"""What was received and when."""

from collections.abc import Sequence

from documents.papers import FileSeen, Receipt
from flows.papers.law import case_number, text
from schemas.application import Application, ApplicationStatus
from schemas.contest import Contest
from schemas.customer import Customer
from schemas.document import Document


def receipt(contest: Contest, customer: Customer, application: Application, files: Sequence[Document]) -> Receipt:
    """The receipt of one package; whether it was in time is what the application's status says."""
    called = case_number(contest, application.number)
    return Receipt(
        number=called,
        application=called,
        contest=text(contest.title),
        customer=text(customer.name),
        organisation=application.sender,
        received_at=application.received_at,
        cutoff=contest.cutoff,
        zone=contest.zone,
        in_time=application.status is not ApplicationStatus.TURNED_AWAY,
        files=tuple(FileSeen(name=file.name, size=file.size, sha256=file.sha256) for file in files),
    )
