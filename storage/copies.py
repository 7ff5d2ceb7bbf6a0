"""Which files may have been copied from each other: an index of the lowest numbers of their sketches.

Of a sketch's numbers only the lowest sixteen are kept, as rows are what costs. Two texts of one length that share half
have some eight of them in common, and none in fewer than one pair of 4,000. Where the other text is longer it takes in
less of this one's: half of a text is missed in one text twice as long out of 85 and in one four times as long out of 8;
a whole copy in one four times as long out of 100, in one eight times as long out of 9. The index is made from facts and
is not on record.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import func, insert, select

from schemas.document import Document
from schemas.tables import METADATA
from storage.work import Look, Work

LOWEST = 16  # numbers of a sketch that are looked up
CROWD = (
    20  # documents that one number leads to: what twenty share is everybody's, and their later copies are found by them
)
FEW = 5  # documents that a file is compared with, the likeliest first
_SAME = 200  # rows of the very same files that are looked through
_TABLE, _FILES = METADATA.tables["shingle"], METADATA.tables["document"]


def remember(work: Work, tenant_id: UUID, documents: Sequence[Document]) -> None:
    """Index documents of one customer for those that come after them. What is there already stays as it is."""
    wanted = _lowest(documents)
    if not wanted:
        return
    under = (_TABLE.c.tenant_id == tenant_id, _TABLE.c.number.in_(wanted))
    # counted by the database: a crowd's rows are many, and an id is dear to make
    counts = select(_TABLE.c.number, func.count()).where(*under).group_by(_TABLE.c.number)
    crowd: dict[int, int] = {row[0]: row[1] for row in work.session.execute(counts)}
    own = select(_TABLE.c.number, _TABLE.c.document_id).where(
        *under, _TABLE.c.document_id.in_([d.id for d in documents])
    )
    there = {(row[0], row[1]) for row in work.session.execute(own)}
    fresh = [
        {"tenant_id": tenant_id, "number": number, "document_id": document_id}
        for number, mine in wanted.items()
        for document_id in [one for one in mine if (number, one) not in there][: max(0, CROWD - crowd.get(number, 0))]
    ]
    if fresh:
        work.session.execute(insert(_TABLE), fresh)


def alike(look: Look, tenant_id: UUID, documents: Sequence[Document], besides: Collection[UUID]) -> list[Document]:
    """The customer's documents that share most of the indexed numbers, but those of the cases in `besides`."""
    hits: dict[UUID, dict[UUID, int]] = {}
    for mine in documents:
        sketch = mine.sketch()
        numbers = sketch.numbers()[:LOWEST] if sketch else ()
        under = (_TABLE.c.tenant_id == tenant_id, _TABLE.c.number.in_(numbers))
        shared = select(_TABLE.c.document_id, func.count()).where(*under).group_by(_TABLE.c.document_id)
        hits[mine.id] = {row[0]: row[1] for row in look.session.execute(shared)} if numbers else {}
    found = {one for counted in hits.values() for one in counted} - set(hits)
    if not found:
        return []
    cases = select(_FILES.c.id, _FILES.c.subject_id).where(_FILES.c.id.in_(found))
    theirs = {one.id for one in look.session.execute(cases) if one.subject_id not in besides}
    likeliest = set[UUID]()
    for counted in hits.values():
        likeliest.update(sorted(theirs & set(counted), key=lambda one, of=counted: (-of[one], one))[:FEW])
    return look.all(Document, id=likeliest, order="id") if likeliest else []


def same(look: Look, tenant_id: UUID, documents: Sequence[Document]) -> list[tuple[str, UUID]]:
    """Hash and case of each of the customer's files with the very same bytes, these documents themselves among them."""
    hashes = {one.sha256 for one in documents}
    # the customer as an expression, or SQLite reads all that he has by the index of customers
    owner = func.coalesce(_FILES.c.tenant_id, _FILES.c.tenant_id)
    query = select(_FILES.c.sha256, _FILES.c.subject_id).where(_FILES.c.sha256.in_(hashes), owner == tenant_id)
    return sorted({(sha256, case) for sha256, case in look.session.execute(query.limit(_SAME))}) if hashes else []


def _lowest(documents: Sequence[Document]) -> dict[int, set[UUID]]:
    """The lowest numbers of texts, and whose they are."""
    found: defaultdict[int, set[UUID]] = defaultdict(set)
    for one in documents:
        sketch = one.sketch()
        for number in sketch.numbers()[:LOWEST] if sketch else ():
            found[number].add(one.id)
    return found
