"""Which files may have been copied from each other: an index of the lowest numbers of their sketches.

Of a sketch's numbers the lowest 32 are kept, as rows are what costs. Two texts of one length that share half have some
16 of them in common; of texts four times as long as each other, four or more in nineteen of twenty cases. Past eight
times they may have none, and the pair is not found. The index is made from facts and is not on record.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import func, insert, select
from sqlmodel import col

from schemas.application import Application, ApplicationStatus
from schemas.document import Document, Shingle
from storage.work import Look, Work

LOWEST = 32  # numbers of a sketch that are looked up
CROWD = (
    20  # documents that one number leads to: what twenty share is everybody's, and their later copies are found by them
)
FEW = 5  # documents that a file is compared with, the likeliest first
_SAME = 200  # rows of the very same files that are looked through
SEALED = (ApplicationStatus.RECEIVED, ApplicationStatus.TURNED_AWAY)


def remember(work: Work, tenant_id: UUID, documents: Sequence[Document]) -> None:
    """Index documents of one customer for those that come after them. What is there already stays as it is."""
    wanted = [(number, one.id) for one in documents for number in _lowest(one)]
    if not wanted:
        return
    there = _there(work, tenant_id, {number for number, _ in wanted})
    known, crowd = set(there), Counter(number for number, _ in there)
    fresh = list[dict[str, object]]()
    for number, document_id in wanted:
        if (number, document_id) not in known and crowd[number] < CROWD:
            crowd[number] += 1
            fresh.append({"tenant_id": tenant_id, "number": number, "document_id": document_id})
    if fresh:
        work.session.execute(insert(Shingle), fresh)


def alike(look: Look, tenant_id: UUID, document: Document, besides: Collection[UUID]) -> list[Document]:
    """The customer's documents that share most of the indexed numbers, but those of the cases in `besides`."""
    numbers = _lowest(document)
    if not numbers:
        return []
    hits = Counter(
        document_id for _, document_id in _there(look, tenant_id, set(numbers)) if document_id != document.id
    )
    if not hits:
        return []
    cases = select(col(Document.id), col(Document.subject_id)).where(col(Document.id).in_(hits))
    others = [one.id for one in look.session.execute(cases) if one.subject_id not in besides]
    likeliest = sorted(others, key=lambda one: (-hits[one], one))[:FEW]
    return look.all(Document, id=likeliest, order="id") if likeliest else []


def same(
    look: Look, tenant_id: UUID, documents: Sequence[Document], besides: Collection[UUID]
) -> list[tuple[str, UUID]]:
    """Hash and case of the customer's files with the very same bytes, but those of cases in `besides` or still sealed."""
    hashes = {one.sha256 for one in documents}
    if not hashes:
        return []
    # as an expression, or SQLite reads all that the customer has by the index of customers
    owner = func.coalesce(col(Document.tenant_id), col(Document.tenant_id))
    found = look.session.execute(
        select(col(Document.sha256), col(Document.subject_id))
        .join(Application, col(Application.id) == col(Document.subject_id))
        .where(
            col(Document.sha256).in_(hashes),
            owner == tenant_id,
            col(Document.subject_id).not_in(besides),
            col(Application.status).not_in(SEALED),
        )
        .limit(_SAME)
    )
    return sorted({(sha256, case) for sha256, case in found})


def _lowest(document: Document) -> tuple[int, ...]:
    sketch = document.sketch()
    return sketch.numbers()[:LOWEST] if sketch else ()


def _there(look: Look, tenant_id: UUID, numbers: Collection[int]) -> list[tuple[int, UUID]]:
    rows = look.session.execute(
        select(col(Shingle.number), col(Shingle.document_id)).where(
            col(Shingle.tenant_id) == tenant_id, col(Shingle.number).in_(numbers)
        )
    )
    return [(number, document_id) for number, document_id in rows]
