"""Mails that nobody can take apart: they wait in the tray as they came, and stop none of those behind them."""

import os
import signal
from collections.abc import Callable, Iterator
from email.errors import MessageError
from email.message import EmailMessage
from email.utils import parseaddr
from pathlib import Path

import pytest

from flows.sources import mailbox
from flows.steps import collection
from schemas.collection import Mailbox, Mark, Obstacle, Parcel
from schemas.document import Document
from schemas.outbox import Letter
from schemas.report import Report
from tests.collection.imap_server import PASSWORD, USER, ImapServer, mail
from tests.offices import Desk

pytestmark = pytest.mark.server
Open = Callable[..., Desk]


@pytest.fixture(scope="module")
def running() -> Iterator[ImapServer]:
    server = ImapServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def server(running: ImapServer) -> ImapServer:
    running.empty()
    return running


@pytest.fixture
def desk(desk_at: Open) -> Desk:
    return desk_at("reporting")


@pytest.fixture
def source(server: ImapServer) -> Mailbox:
    told = {"customer": "batken", "host": "127.0.0.1", "port": server.plain, "security": "none"}
    return Mailbox.model_validate({**told, "user": USER, "password": PASSWORD})


def contractor(desk: Desk) -> str:
    return parseaddr(desk.case(1).sender)[1]


def files(package: Path) -> list[tuple[str, bytes]]:
    return [(one.name, one.read_bytes()) for one in sorted(package.iterdir())]


def good(desk: Desk) -> EmailMessage:
    return mail(contractor(desk), f"{desk.contract().number} период 1", files(desk.report(1)), identity="good")


def raw(sender: str, *head: bytes, body: bytes = "Салам".encode()) -> bytes:
    lines = [b"From: " + sender.encode(), b"To: " + USER.encode(), b"Message-ID: <raw@ngo.example>", *head]
    return b"\r\n".join([*lines, b"", body, b""])


BROKEN = {
    "a subject whose coding is cut off": [b"Subject: =?utf-8?B?a?="],
    "a text in an alphabet that cannot be read so": [b"Subject: 1", b"Content-Type: text/plain; charset=idna"],
    "a text in an alphabet that is none": [b"Subject: 2", b"Content-Type: text/plain; charset=undefined"],
}


@pytest.mark.parametrize("head", BROKEN.values(), ids=BROKEN.keys())
def test_what_raises_inside_the_library_is_kept_as_it_came_and_stops_nobody(
    server: ImapServer, desk: Desk, source: Mailbox, head: list[bytes]
) -> None:
    broken = raw(contractor(desk), *head)
    told = mailbox.MailMessage.from_bytes(broken)
    with pytest.raises((UnicodeError, MessageError)):
        assert told.subject + told.text
    server.deliver(broken, good(desk))

    found = collection.collect(desk.office, source)

    assert (found.filed, found.waiting, found.trouble) == (1, 1, "")
    [parcel] = desk.all(Parcel, obstacle=Obstacle.UNREADABLE)
    assert (parcel.sender, parcel.contract_id, bool(parcel.detail)) == (contractor(desk), desk.contract().id, True)
    [paper] = desk.all(Document, subject_id=parcel.id)
    assert paper.name == mailbox.ORIGINAL
    assert paper.blob_id is not None
    assert desk.office.blobs.read(paper.blob_id, 10**6) == broken
    told = {one.code for one in desk.all(Letter) if str(parcel.id) in one.key}
    assert told == {"parcel_waiting", "parcel_unclear"}
    again = collection.collect(desk.office, source)
    assert (again.filed, again.waiting, again.known, len(desk.all(Parcel))) == (0, 0, 0, 2)
    server.renumber()
    assert collection.collect(desk.office, source).known == 2


@pytest.mark.parametrize("charset", ["utf-8", "cp1251"])
def test_a_subject_in_bare_bytes_is_read(server: ImapServer, desk: Desk, source: Mailbox, charset: str) -> None:
    subject = f"Отчёт, договор {desk.contract().number}, период 1"
    message = bytes(mail("kimdir@pochta.example", "@@@", files(desk.report(1))))
    server.deliver(message.replace(b"@@@", subject.encode(charset)))

    collection.collect(desk.office, source)

    [parcel] = desk.all(Parcel)
    assert (parcel.subject, parcel.obstacle) == (subject, Obstacle.STRANGE_SENDER)


def test_thirty_megabytes_a_letter_in_a_letter_and_a_letter_of_outlook_are_files(
    server: ImapServer, desk: Desk, source: Mailbox
) -> None:
    inner = mail("kimdir@pochta.example", "Ичинде", [("ичинде.txt", b"x")])
    outer = mail(contractor(desk), f"{desk.contract().number} период 1", files(desk.report(1)))
    outer.add_attachment(inner)
    outer.add_attachment(b"x\x9f\x3e\x22" * 50, maintype="application", subtype="ms-tnef", filename="winmail.dat")
    heavy = mail("kimdir@pochta.example", "Видео", [("видео.mp4", os.urandom(30_000_000))])
    server.deliver(outer, heavy)

    found = collection.collect(desk.office, source)

    assert (found.filed, found.waiting, found.trouble) == (1, 1, "")
    [report] = desk.all(Report)
    names = {one.name for one in desk.all(Document, subject_id=report.id)}
    assert {"winmail.dat", "ичинде.txt"} < names
    assert desk.work().troubles == []
    assert desk.all(Report)[0].spent > 0
    [parcel] = desk.all(Parcel, obstacle=Obstacle.NO_CONTRACT)
    assert [one.size for one in desk.all(Document, subject_id=parcel.id)] == [30_000_000]


def test_a_name_longer_than_a_file_system_allows_and_one_that_climbs_out(
    server: ImapServer, desk: Desk, source: Mailbox
) -> None:
    named = [("к" * 240 + ".txt", b"1"), ("../../etc/passwd", b"2"), ("..", b"3")]
    server.deliver(mail(contractor(desk), f"{desk.contract().number} период 1", named), good(desk))

    found = collection.collect(desk.office, source)

    assert (found.filed, found.trouble) == (1, "")
    first = desk.all(Report, order="round")[0]
    assert {
        len(one.name.encode()) <= 255 and "/" not in one.name for one in desk.all(Document, subject_id=first.id)
    } == {True}


def killed_while_opening(desk: Desk, source: Mailbox) -> None:
    """A round of collection that ends as an out-of-memory killer ends it, when the first mail is opened."""
    desk.close()
    pid = os.fork()
    if pid == 0:
        try:
            mailbox.MailMessage.from_bytes = lambda *_: os.kill(os.getpid(), signal.SIGKILL)  # pyright: ignore[reportAttributeAccessIssue]
            collection.collect(desk.office, source)
        finally:
            os._exit(1)
    _, status = os.waitpid(pid, 0)
    assert (os.WIFSIGNALED(status), os.WTERMSIG(status)) == (True, signal.SIGKILL)


def test_a_mail_that_ends_the_program_twice_is_not_opened_a_third_time(
    server: ImapServer, desk: Desk, source: Mailbox
) -> None:
    deadly = mail("kimdir@pochta.example", "Салам", [("бомба.bin", b"x")], identity="deadly")
    server.deliver(deadly, good(desk))

    for attempt in (1, 2):
        killed_while_opening(desk, source)
        assert [one.attempts for one in desk.all(Mark)] == [attempt]
        assert desk.all(Parcel) == []
    found = collection.collect(desk.office, source)

    assert (found.filed, found.waiting, found.trouble) == (1, 1, "")
    [parcel] = desk.all(Parcel, obstacle=Obstacle.UNOPENED)
    assert desk.all(Document, subject_id=parcel.id) == []
    [letter] = desk.all(Letter, key=f"parcel:{parcel.id}:{desk.who('coordinator').id}")
    assert letter.facts["source"] == source.name
    [mark] = desk.all(Mark)
    assert (mark.opening, mark.attempts) == ("", 0)
    assert collection.collect(desk.office, source).known == 0


def test_a_mail_that_kills_once_is_read_the_next_time(server: ImapServer, desk: Desk, source: Mailbox) -> None:
    server.deliver(good(desk))
    killed_while_opening(desk, source)

    assert collection.collect(desk.office, source).filed == 1
    assert [one.attempts for one in desk.all(Mark)] == [0]


def test_what_our_own_store_fails_to_take_counts_against_no_mail(
    server: ImapServer, desk: Desk, source: Mailbox
) -> None:
    server.deliver(good(desk))
    place = desk.home / "objects"
    place.rename(desk.home / "away")
    place.write_bytes(b"no folder")

    for _ in range(4):
        assert collection.collect(desk.office, source).trouble == "StoreDown"
        assert [one.attempts for one in desk.all(Mark)] == [0]
    place.unlink()
    (desk.home / "away").rename(place)
    assert collection.collect(desk.office, source).filed == 1


def test_a_fault_of_the_program_in_one_mail_is_that_mails_alone(
    server: ImapServer, desk: Desk, source: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.deliver(mail("kimdir@pochta.example", "Салам", [("план.txt", b"x")], identity="odd"), good(desk))
    real = collection.unpack

    def fails_once(place: Path, *rest: object, **more: object) -> object:
        if (place / "план.txt").exists():
            raise KeyError("nobody foresaw this")
        return real(place, *rest, **more)  # pyright: ignore[reportCallIssue, reportArgumentType]

    monkeypatch.setattr(collection, "unpack", fails_once)
    found = collection.collect(desk.office, source)

    assert (found.filed, found.waiting, found.trouble) == (1, 1, "")
    [parcel] = desk.all(Parcel, obstacle=Obstacle.UNREADABLE)
    assert parcel.detail == "KeyError"
    assert [one.name for one in desk.all(Document, subject_id=parcel.id)] == ["план.txt"]


def test_a_source_that_fails_as_nobody_foresaw_is_told_and_goes_on_next_time(
    server: ImapServer, desk: Desk, source: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.deliver(good(desk))
    with monkeypatch.context() as broken:
        broken.setattr(mailbox.MailInbox, "listed", lambda *_: 1 // 0)
        assert collection.collect(desk.office, source).trouble == f"{collection.FAULT}ZeroDivisionError"
    assert collection.collect(desk.office, source).filed == 1
