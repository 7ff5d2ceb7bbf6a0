"""What papers and letters tell of the audit trail is true when it is told, and on record, so that it can be proved later."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from documents import qr
from documents.verifiers import verify
from flows.office import Office
from flows.steps import dossier, errands, filing, letters, logkey, sealing, telling
from schemas.customer import Customer, Language
from schemas.document import Document
from schemas.doer import CLOCK
from schemas.errors import MailDown
from schemas.event import Act, Checkpoint, Event
from schemas.facts import Kind
from schemas.outbox import Errand, Letter
from schemas.witness import Told
from schemas.wording import say
from storage.ledger import Because
from storage.work import looking
from tests.documents import makers
from tests.documents.test_draft import words_of
from tests.offices import Stages
from tests.witness.offices import customer_of, line_of, office_of, propose, sealed


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telling, "_tired_until", 0.0)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    office = office_of(tmp_path)
    yield office
    office.close()


@pytest.fixture
def tenant(office: Office) -> UUID:
    return customer_of(office)


def all_of(office: Office, model: type, **where: object) -> list:
    with looking(office.engine, office.system) as look:
        return look.all(model, **where)


def last_event(office: Office) -> UUID:
    return all_of(office, Event, order="seq")[-1].id


class TestTheStamp:
    def test_before_the_first_checkpoint_nothing_is_told(self, office: Office, tenant: UUID):
        assert telling.stamp(office) is None

    def test_it_is_the_newest_and_says_size_and_root(self, office: Office, tenant: UUID):
        sealed(office, tenant)
        newest = sealed(office, tenant, 2)
        found = telling.stamp(office)
        assert found is not None
        assert found.text == line_of(newest)

    def test_an_event_that_is_sealed_is_covered_at_once(self, office: Office, tenant: UUID):
        propose(office, tenant)
        event = last_event(office)
        sealed(office, tenant)
        began = time.monotonic()
        found = telling.stamp(office, event)
        assert found is not None
        assert found.covered
        assert time.monotonic() - began < 1

    def test_a_running_sequencer_is_waited_for(self, office: Office, tenant: UUID):
        sealed(office, tenant)
        propose(office, tenant, "жаңы")
        event = last_event(office)
        later = threading.Timer(0.5, sealing.seal, [office])
        later.start()
        found = telling.stamp(office, event)
        later.join()
        assert found is not None
        assert found.covered
        assert found.size == all_of(office, Checkpoint, order="size")[-1].size

    def test_where_none_runs_it_is_waited_for_once_and_the_paper_says_so(
        self, office: Office, tenant: UUID, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setattr(telling, "PATIENCE", 0.3)
        before = sealed(office, tenant)
        propose(office, tenant, "жаңы")
        event, began = last_event(office), time.monotonic()
        found = [telling.stamp(office, event) for _ in range(20)]
        assert 0.3 <= time.monotonic() - began < 2
        assert {one and (one.size, one.covered) for one in found} == {(before.size, False)}


def paper_of(office: Office, tenant: UUID, **more: object) -> tuple[Document, str]:
    """A receipt as the steps register it: the document and its words."""
    kept = filing.written(office, tenant, makers.receipt().model_copy(update={"checkpoint": ""}), **more)  # pyright: ignore[reportArgumentType]
    with office.acting(CLOCK, Act.PAPER_REGISTER) as work:
        home = work.get(Customer, tenant)
        document = filing.register(office, work, kept, subject=home, kind=Kind.RECEIPT, name="тил кат.docx")
        work.record(Act.PAPER_REGISTER, home, because=Because(reason="test"), files=[kept.sha256])
    content = office.blobs.read(kept.blob_id, 10**8)
    return document, words_of(content)


class TestPapers:
    def test_a_paper_tells_the_newest_and_it_is_on_record(self, office: Office, tenant: UUID):
        newest = sealed(office, tenant)
        document, words = paper_of(office, tenant)
        assert line_of(newest) in words
        [told] = all_of(office, Told)
        assert (told.size, told.noun, told.row_id, told.stream_id) == (newest.size, "document", document.id, tenant)

    def test_before_the_first_checkpoint_it_tells_none(self, office: Office, tenant: UUID):
        _, words = paper_of(office, tenant)
        assert "көзөмөл чекити" not in words
        assert all_of(office, Told) == []

    def test_a_receipt_says_whether_its_own_event_is_among_them(
        self, office: Office, tenant: UUID, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setattr(telling, "PATIENCE", 0.1)
        propose(office, tenant)
        covered = last_event(office)
        sealed(office, tenant)
        propose(office, tenant, "жаңы")
        _, words = paper_of(office, tenant, of=covered)
        assert "алардын арасында" in words
        _, words = paper_of(office, tenant, of=last_event(office))
        assert "кийинки чекитке кирет" in words


class TestLetters:
    def write(self, office: Office, tenant: UUID, language: Language = Language.KY) -> Letter:
        with office.acting(CLOCK, Act.LETTER_WRITE) as work:
            home = work.get(Customer, tenant)
            work.record(Act.LETTER_WRITE, home, because=Because(reason="test"))
            facts = {"errand": "letters.send", "trouble": "MailDown", "attempts": 5, "id": "1", "customer": "Баткен"}
            to = {"to": "ngo@example.kg", "language": language}
            identity = work.letter(f"k:{uuid4()}", home, code="errand_for_a_person", facts=facts, **to)
        return next(one for one in all_of(office, Letter) if one.id == identity)

    @pytest.mark.parametrize("language", Language)
    def test_it_carries_the_line_and_its_code(self, office: Office, tenant: UUID, language: Language, tmp_path: Path):
        newest = sealed(office, tenant)
        self.write(office, tenant, language)
        assert errands.drain(office, [Errand.SEND_LETTER]).troubles == []
        import email
        import email.policy

        [file] = (tmp_path / "outbox").glob("*.eml")
        message = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
        line = line_of(newest)
        body = message.get_body(("plain",))
        assert body is not None
        assert say("form.checkpoint", language.value, line=line) in body.get_content().replace("\r\n", "\n")
        [picture] = message.iter_attachments()
        assert picture.get_content_type() == "image/png"
        assert picture.get_content() == qr.png(line)
        assert message["Content-Language"] == language.value

    def test_tried_again_it_tells_what_it_told(self, office: Office, tenant: UUID, monkeypatch: pytest.MonkeyPatch):
        first = sealed(office, tenant)
        letter = self.write(office, tenant)
        real, told = letters._hand_over, []

        def down(*given: object) -> None:
            told.append(str(given[2]))
            raise MailDown(letter="x", why="y")

        monkeypatch.setattr(letters, "_hand_over", down)
        errands.drain(office, [Errand.SEND_LETTER])
        assert [one.size for one in all_of(office, Told, row_id=letter.id)] == [first.size]  # before it could leave
        sealed(office, tenant)
        monkeypatch.setattr(letters, "_hand_over", real)
        assert telling.for_letter(office, letter) == telling.Stamp.of(first)
        assert len(all_of(office, Told, row_id=letter.id)) == 1


class TestWhatWasTold:
    def test_a_case_has_its_own_and_its_contests_a_contest_those_of_its_cases(self, office: Office, tenant: UUID):
        contest, one, two, other = (uuid4() for _ in range(4))
        sizes = dict.fromkeys((contest, one, two, other), 0)
        with office.acting(CLOCK, Act.PAPER_REGISTER) as work:
            work.open_stream(contest, tenant, "contest", name="B-1", under=tenant)
            work.open_stream(one, tenant, "case", name="1", under=contest)
            work.open_stream(two, tenant, "case", name="2", under=contest)
            work.open_stream(other, tenant, "contest", name="B-2", under=tenant)
            for size, stream in enumerate(sizes, 1):
                sizes[stream] = size
                row = Document(id=uuid4(), subject_id=stream, name="x", sha256="0" * 64, size=1)
                row.stream_id = stream
                telling.note(work, size, row)
                telling.note(
                    work, 9, Document(id=uuid4(), stream_id=stream, subject_id=stream, name="x", sha256="", size=1)
                )
        with looking(office.engine, office.system) as look:
            told = {stream: telling.told_checkpoints(look.session, stream) for stream in (*sizes, tenant, uuid4())}
        assert list(told.values()) == [[1, 2, 3, 9], [1, 2, 9], [1, 3, 9], [4, 9], [1, 4, 9], []]

    def test_what_was_told_is_never_changed(self, office: Office, tenant: UUID):
        sealed(office, tenant)
        paper_of(office, tenant)
        for statement in ("UPDATE told SET size = 1", "DELETE FROM told"):
            with pytest.raises(Exception, match="never changed"), office.engine.begin() as connection:
                connection.exec_driver_sql(statement)


def test_the_journey_tells_it_in_receipt_minutes_and_contract(played: Stages, tmp_path: Path):
    """A log that is sealed between the steps, as it is in an office: each paper tells a checkpoint that was then the newest."""
    desk = played.desk("announced", tmp_path / "desk")
    try:
        first = sealing.seal(desk.office)
        assert first is not None
        Stages.received(played, desk)
        receipts = desk.all(Document, kind=Kind.RECEIPT)
        assert len(receipts) == 3
        told = {one.row_id: one for one in desk.all(Told)}
        for one in receipts:
            assert told[one.id].stream_id == one.stream_id
            assert one.blob_id is not None
            words = words_of(desk.office.blobs.read(one.blob_id, 10**8))
            assert f" {told[one.id].size} " in words
        with looking(desk.office.engine, desk.office.system) as look:
            assert telling.told_checkpoints(look.session, desk.case(1).stream_id) == [first.size]
        Stages.checked(played, desk)
        made = dossier.dossier(desk.office, desk.who("head"), desk.case(1).id, tmp_path / "case.zip")
        with made.path.open("rb") as file:
            key = logkey.policy_of(desk.office).key_for(made.size)
            paper = line_of(first)
            assert verify.verify(file, key, [paper])["receipts"] == 1
            with pytest.raises(Exception, match="E29"):
                verify.verify(file, key, [paper[:-16] + "0" * 16])
    finally:
        desk.close()


def test_minutes_and_contract_tell_it_too(played: Stages, tmp_path: Path):
    desk = played.desk("open", tmp_path / "desk")
    try:
        before = sealing.seal(desk.office)
        assert before is not None
        Stages.decided(played, desk)
        between = sealing.seal(desk.office)
        assert between is not None
        Stages.published(played, desk)
        told = {one.row_id: one.size for one in desk.all(Told)}
        for kind, size in ((Kind.MINUTES, before.size), (Kind.CONTRACT, between.size)):
            [paper] = desk.all(Document, kind=kind)
            assert told[paper.id] == size
            assert paper.blob_id is not None
            assert f" {size} " in words_of(desk.office.blobs.read(paper.blob_id, 10**8))
        letters = {one.id for one in desk.all(Letter) if one.sent_at}
        assert letters & told.keys()
    finally:
        desk.close()
