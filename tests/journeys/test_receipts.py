"""Receipts of a batch are written together: with one transaction, and with the same words as one by one."""

from pathlib import Path
from typing import Any

import pytest

from documents import draft
from documents.papers import Paper, Receipt
from documents.sandbox import Reader
from flows.papers.law import case_number
from flows.steps import errands, receipts, sealing
from schemas.application import Application
from schemas.document import Blob, BlobState, Document
from schemas.doer import CLOCK
from schemas.errors import BadDraft, StoreDown
from schemas.event import Act
from schemas.facts import Kind
from schemas.outbox import Errand, Job
from schemas.witness import Told
from storage.ledger import Because
from storage.work import looking
from tests.documents.test_draft import words_of
from tests.journeys.papers import Counter
from tests.journeys.scenes import Play, at_work, hand_in_letters


def rows(play: Play, model: type, **where: Any) -> list:
    with looking(play.office.engine, play.office.system) as look:
        return look.all(model, **where)


def words(play: Play, kept: Document) -> str:
    assert kept.blob_id is not None
    return words_of(play.office.blobs.read(kept.blob_id, 10**8))


def registered(play: Play) -> list[Document]:
    """The receipt of each application, by number."""
    found = {one.subject_id: one for one in rows(play, Document, kind=Kind.RECEIPT)}
    return [found[one.id] for one in play.applications() if one.id in found]


def counted(play: Play, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many papers or files each transaction of the store was for."""
    asked: list[int] = []
    keep_all = play.office.blobs.keep_all
    monkeypatch.setattr(play.office.blobs, "keep_all", lambda *said: (asked.append(len(said[1])), keep_all(*said))[1])
    return asked


@pytest.fixture
def play(home: Path, counter: Counter, readers: list[Reader]):
    with at_work(home, readers[0]) as play:
        hand_in_letters(play, counter, 4)
        yield play


def test_a_batch_gets_its_receipts_by_one_transaction_each_with_its_own_words(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    sealing.seal(play.office)
    asked = counted(play, monkeypatch)
    assert errands.drain(play.office, [Errand.INSPECT]).done == 4
    assert asked == [4]
    papers = registered(play)
    for application, paper in zip(play.applications(), papers, strict=True):
        assert case_number(play.contest, application.number) in words(play, paper)
        assert application.sender in words(play, paper)
    assert {one.row_id for one in rows(play, Told) if one.noun == "document"} == {one.id for one in papers}
    assert play.office.receipts == {}


def test_no_more_are_written_at_once_than_the_store_takes_side_by_side(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(errands, "TOGETHER", 3)
    asked = counted(play, monkeypatch)
    assert errands.drain(play.office, [Errand.INSPECT]).done == 4
    assert asked == [3, 1]


def test_whatever_goes_wrong_with_the_batch_each_gets_his(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("nobody knows this")

    monkeypatch.setattr(receipts, "prepare", broken)
    tally = errands.chunk(play.office, [Errand.INSPECT])
    assert (tally.done, tally.troubles, len(registered(play))) == (4, [], 4)


def test_they_are_the_same_as_those_of_applications_that_come_alone(play: Play) -> None:
    for _ in range(2):
        errands.chunk(play.office, [Errand.INSPECT], size=1)
    errands.chunk(play.office, [Errand.INSPECT], size=2)
    alone, _, _, together = (words(play, one).splitlines() for one in registered(play))
    assert len(alone) == len(together)
    own = [(a, b) for a, b in zip(alone, together, strict=True) if a != b]
    assert 0 < len(own) < len(alone) / 2


def test_one_that_cannot_be_drafted_keeps_nobody_from_his(
    play: Play, at_once: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = play.applications()[1]

    def broken(paper: Paper) -> bytes:
        if isinstance(paper, Receipt) and paper.organisation == bad.sender:
            raise BadDraft(template="receipt", missing="organisation")
        return drafted(paper)

    drafted = draft.draft
    monkeypatch.setattr(draft, "draft", broken)
    tally = errands.chunk(play.office, [Errand.INSPECT])
    assert (tally.done, tally.troubles) == (3, [("intake.inspect", str(bad.id), "BadDraft")])
    assert [one.subject_id for one in registered(play)] == [one.id for one in play.applications() if one.id != bad.id]


def test_a_store_that_is_away_for_the_batch_may_be_there_for_each(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    put, away = play.office.objects.put, iter([True])

    def stormy(*said: object, **more: object) -> str:
        if next(away, False):
            raise StoreDown(why="storm")
        return put(*said, **more)  # pyright: ignore[reportArgumentType]

    monkeypatch.setattr(play.office.objects, "put", stormy)
    assert errands.chunk(play.office, [Errand.INSPECT]).done == 4
    left = [one for one in rows(play, Blob) if one.state is BlobState.STORING]
    assert len(registered(play)) == len(left) == 4  # what nobody claimed is swept


def test_what_changed_meanwhile_gets_a_receipt_of_its_own(play: Play) -> None:
    receipts.prepare(play.office, rows(play, Job, errand=Errand.INSPECT))
    assert len(play.office.receipts) == 4
    changed, same = play.applications()[:2]
    with play.office.acting(CLOCK, Act.APPLICATION_RECOGNISE) as work:
        row = work.get(Application, changed.id)
        row.sender = "Таза суу"
        work.record(Act.APPLICATION_RECOGNISE, row, because=Because(reason="a slip"))
    changed = play.applications()[0]
    for one in (changed, same):
        kept = receipts.of(play.office, one, receipts.fresh(rows(play, Document, subject_id=one.id)))
        told = words_of(play.office.blobs.read(kept.blob_id, 10**8))
        assert ("Таза суу" in told) is (one is changed)
        assert one.sender in told
    assert len(play.office.receipts) == 3  # the outdated one is left, and cleared with its batch
