"""A letter leaves once, in its reader's language, with its papers, whatever the mail server does."""

import email
import email.policy
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import select

from flows.office import Office
from flows.steps import errands, letters, register
from schemas.customer import Customer, Language
from schemas.document import Document
from schemas.errors import BrokenTrail, MailDown
from schemas.event import Act
from schemas.facts import Kind
from schemas.outbox import Errand, Job, JobState, Letter
from schemas.settings import Settings, Store
from services import notary
from storage import outbox
from storage.engine import reading
from storage.ledger import Because
from storage.work import Actor, working
from tests.smtp import Peer, body, listening

AT = datetime(2018, 6, 29, 5, tzinfo=UTC)
WORDS = {"ky": "Баткен шаары", "ru": "Город Баткен", "en": "Batken"}


@pytest.fixture
def peer() -> Peer:
    return Peer()


@pytest.fixture
def server(peer: Peer) -> Iterator[Controller]:
    with listening(peer) as controller:
        yield controller


def office_of(home: Path, **settings: object) -> Office:
    (home / "clock").write_text(AT.isoformat())
    return Office(Settings(home=home, store=Store.FOLDER, clock=home / "clock", **settings))  # pyright: ignore[reportArgumentType]


@pytest.fixture
def office(tmp_path: Path, server: Controller) -> Iterator[Office]:
    office = office_of(tmp_path, smtp_host="127.0.0.1", smtp_port=server.port, mail_from="msz@batken.example")
    yield office
    office.close()


def write(office: Office, language: Language = Language.KY, *, paper: bytes = b"", to: str = "ngo@example.kg") -> UUID:
    """A receipt, left in the outbox. The errand's id."""
    customer = register.register_customer(
        office, register.OPERATOR, code="batken", name=WORDS, city=WORDS, zone="Asia/Bishkek"
    )
    kept = office.keep(customer, paper) if paper else None
    with working(office.engine, Actor(uuid4(), office.system.role, customer), AT) as work:
        home = work.get(Customer, customer)
        papers = []
        if kept is not None:
            office.blobs.claim(work.session, kept)
            document = Document(
                subject_id=customer,
                name="Дүмүрчөк №7.docx",
                kind=Kind.RECEIPT,
                sha256=kept.sha256,
                size=kept.size,
                blob_id=kept.blob_id,
                facts={"media": "docx"},
            )
            papers.append(work.new(document, stream=customer).id)
        work.record(Act.LETTER_WRITE, home, because=Because(reason="test"))
        facts = {"organisation": "Таза шаар", "number": 7, "contest": "BATKEN-2018-1", "sha256": "0" * 64}
        facts |= {
            "received": AT.isoformat(),
            "cutoff": (AT + timedelta(days=1)).isoformat(),
            "customer": WORDS[language],
        }
        key = f"receipt:{uuid4()}"
        work.letter(key, home, to=to, language=language, code="receipt", facts=facts, attachments=papers)
    with reading(office.engine) as session:
        letter = session.scalars(select(Letter).order_by(Letter.key)).all()[-1]  # pyright: ignore[reportArgumentType]
        return letter.id


def claim(office: Office) -> list[Job]:
    lease = timedelta(minutes=5)
    return outbox.claim(office.engine, [Errand.SEND_LETTER], limit=10, lease=lease, now=office.machine_now())


def sent(office: Office) -> list[datetime | None]:
    with reading(office.engine) as session:
        return list(session.scalars(select(Letter.sent_at)))  # pyright: ignore[reportArgumentType, reportCallIssue]


def events(office: Office) -> int:
    with reading(office.engine) as session:
        return len([one for one in session.scalars(select(Job.state)) if one is JobState.DONE])  # pyright: ignore[reportArgumentType, reportCallIssue]


@pytest.mark.parametrize("language", Language)
def test_it_is_written_in_the_readers_language(office: Office, peer: Peer, language: Language):
    write(office, language)
    errands.drain(office, [Errand.SEND_LETTER])

    [message] = peer.taken
    assert message["Content-Language"] == language.value
    assert WORDS[language.value] in body(message)
    month = {"ky": "июн", "ru": "июня", "en": "June"}[language.value]
    assert month in body(message)
    assert "⟨" not in body(message) + message["Subject"]
    assert (message["To"], message["From"]) == ("ngo@example.kg", "msz@batken.example")


def test_none_leaves_while_nobody_can_record_that_it_did(office: Office, peer: Peer):
    write(office)
    [job] = claim(office)
    notary.tell_behind(office.home)
    with pytest.raises(BrokenTrail):
        letters.send(office, job)
    assert (peer.taken, sent(office)) == ([], [None])
    notary.put_right(office.home)
    letters.send(office, job)
    assert len(peer.taken) == 1


def test_its_papers_go_with_it_under_their_own_names(office: Office, peer: Peer):
    write(office, paper=b"PK docx bytes")
    errands.drain(office, [Errand.SEND_LETTER])

    [paper] = list(peer.taken[0].iter_attachments())
    assert paper.get_filename() == "Дүмүрчөк №7.docx"
    assert paper.get_content_type().endswith("wordprocessingml.document")
    assert paper.get_content() == b"PK docx bytes"


@pytest.mark.parametrize("answer", ["451 later", "552 full", "421 closing"])
def test_when_the_peer_refuses_the_letter_stays_and_one_leaves_on_the_next_try(office: Office, peer: Peer, answer: str):
    write(office)
    peer.answers = [answer]
    [job] = claim(office)
    with pytest.raises(MailDown):
        letters.send(office, job)
    assert (peer.taken, sent(office)) == ([], [None])

    letters.send(office, job)
    with pytest.raises(Exception, match="Overtaken"):  # done is done
        letters.send(office, job)
    assert len(peer.taken) == 1
    assert (sent(office), events(office)) == ([AT], 1)


def test_a_peer_that_is_away_puts_the_letter_back(office: Office, server: Controller, peer: Peer):
    write(office)
    office.settings.smtp_port = 1
    tally = errands.drain(office, [Errand.SEND_LETTER])
    assert (tally.put_back, tally.troubles[0][2], sent(office)) == (1, "MailDown", [None])


def test_a_letter_handed_over_twice_has_one_message_id(office: Office, peer: Peer):
    """Killed between the peer's yes and our own note, the letter goes once more: the reader's mail shows one."""
    letter = write(office)
    [job] = claim(office)
    with office.looking(letters.CLOCK, Act.TRAIL_READ) as look:
        message = letters.compose(office, look, look.get(Letter, letter))
        letters._hand_over(office, look.get(Letter, letter), message)
    letters.send(office, job)

    assert len({message["Message-ID"] for message in peer.taken}) == 1
    assert len(peer.taken) == 2


def test_two_letters_have_two_message_ids(office: Office, peer: Peer):
    write(office)
    write(office)
    errands.drain(office, [Errand.SEND_LETTER])
    assert len({message["Message-ID"] for message in peer.taken}) == 2


def test_without_a_mail_server_letters_lie_in_the_outbox_folder_once(tmp_path: Path):
    office = office_of(tmp_path)
    write(office, paper=b"paper")
    [job] = claim(office)
    with office.looking(letters.CLOCK, Act.TRAIL_READ) as look:
        letter = look.get(Letter, job.subject_id)
        letters._hand_over(office, letter, letters.compose(office, look, letter))
    letters.send(office, job)

    [file] = (tmp_path / "outbox").iterdir()
    message = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
    assert file.suffix == ".eml"
    assert "Баткен" in body(message)
    assert sent(office) == [AT]
    office.close()


@pytest.mark.parametrize("address", ["a@example.kg\r\nBcc: spy@example.kg", "арыз ээси", "", "a@b, c@d"])
def test_an_address_that_is_none_harms_no_other_letter(office: Office, peer: Peer, address: str):
    write(office, to=address)
    write(office)
    errands.drain(office, [Errand.SEND_LETTER])

    assert all(message["Bcc"] is None for message in peer.taken)
    assert [str(one["To"]) for one in peer.taken].count("ngo@example.kg") == 1
