"""The index of texts leads to what may have been copied, within one customer, and to no more than it must."""

import base64
import struct
from collections.abc import Iterable
from uuid import UUID, uuid4

from sqlalchemy import Engine, func, select

from schemas.document import Document, Shingle
from schemas.facts import SKETCH, Facts, Kind, Sketch
from storage import copies
from storage.copies import CROWD, FEW, LOWEST
from storage.engine import reading
from storage.ledger import Actor
from storage.work import looking, working
from tests.storage.makers import CLERK, NOW, OTHER, STRANGER, SYSTEM, TENANT, proposed

NUMBERS = range(100, 200)


def paper(numbers: Iterable[int] = (), *, case: UUID | None = None, sha256: str = "") -> Document:
    lowest = sorted(known := set(numbers))[:SKETCH]
    packed = base64.b64encode(struct.pack(f">{len(lowest)}I", *lowest)).decode()
    facts = Facts(sketch=Sketch(of=len(known), hashes=packed) if known else None)
    return Document(
        subject_id=case or uuid4(),
        name="project.docx",
        kind=Kind.PROJECT,
        sha256=sha256 or uuid4().hex,
        size=1,
        facts=facts.model_dump(mode="json"),
    )


def filed(engine: Engine, *papers: Document, by: Actor = CLERK) -> list[Document]:
    """On record and in the index."""
    with working(engine, by, NOW) as work:
        for one in papers:
            proposed(work, None, one)
        copies.remember(work, by.tenant_id or TENANT, papers)
    return list(papers)


def alike(engine: Engine, *papers: Document, besides: Iterable[UUID] = (), tenant: UUID = TENANT) -> set[UUID]:
    with looking(engine, SYSTEM) as look:
        return {one.id for one in copies.alike(look, tenant, papers, list(besides))}


def indexed(engine: Engine) -> int:
    with reading(engine) as session:
        return session.scalar(select(func.count()).select_from(Shingle)) or 0


def test_a_text_leads_to_the_ones_that_share_its_lowest_numbers(engine: Engine):
    source, _, _ = filed(engine, paper(NUMBERS), paper(range(500, 600)), paper())

    half = paper([*range(100, 150), *range(900, 950)])
    assert alike(engine, half) == {source.id}
    assert alike(engine, paper(NUMBERS[LOWEST:])) == set()
    assert alike(engine, paper(NUMBERS[LOWEST - 1 :])) == {source.id}
    assert alike(engine, paper()) == alike(engine) == set()


def test_neither_the_text_itself_nor_the_cases_left_out_are_found(engine: Engine):
    mine, others = filed(engine, paper(NUMBERS), paper(NUMBERS))

    assert alike(engine, mine) == {others.id}
    assert alike(engine, mine, besides=[others.subject_id]) == set()


def test_another_customers_texts_are_never_found(engine: Engine):
    filed(engine, paper(NUMBERS, sha256="same"))
    [theirs] = filed(engine, paper(NUMBERS, sha256="same"), by=STRANGER)

    assert alike(engine, paper(NUMBERS), tenant=OTHER) == {theirs.id}
    with looking(engine, SYSTEM) as look:
        assert copies.same(look, OTHER, [paper(sha256="same")]) == [("same", theirs.subject_id)]


def test_the_very_same_bytes_are_found_by_their_hash(engine: Engine):
    case = uuid4()
    one, _, _ = filed(engine, paper(sha256="same"), paper(sha256="else"), paper(case=case, sha256="same"))

    with looking(engine, SYSTEM) as look:
        assert copies.same(look, TENANT, [one]) == sorted([("same", one.subject_id), ("same", case)])
        assert copies.same(look, TENANT, []) == []


def test_what_is_indexed_twice_is_there_once(engine: Engine):
    papers = filed(engine, paper(NUMBERS), paper(NUMBERS))

    with working(engine, CLERK, NOW) as work:
        copies.remember(work, TENANT, papers)

    assert indexed(engine) == 2 * LOWEST


def test_a_number_leads_to_no_more_than_a_crowd_and_later_copies_are_found_by_it(engine: Engine):
    filed(engine, *(paper(NUMBERS) for _ in range(CROWD - 1)))
    assert indexed(engine) == (CROWD - 1) * LOWEST

    filed(engine, paper(NUMBERS), paper(NUMBERS))
    filed(engine, paper(NUMBERS))

    assert indexed(engine) == CROWD * LOWEST
    assert len(alike(engine, paper(NUMBERS))) == FEW


def test_the_likeliest_come_first(engine: Engine):
    close = filed(engine, *(paper(NUMBERS) for _ in range(FEW)))
    filed(engine, *(paper([100, *range(300 + 100 * at, 400 + 100 * at)]) for at in range(3)))

    assert alike(engine, paper(NUMBERS)) == {one.id for one in close}
