"""Reports by e-mail, from a real IMAP server: filed once, kept in the source, and in the tray where it is not plain."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from email.utils import parseaddr
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from flows.sources import mailbox
from flows.steps import collection, monitoring, tray
from rules.deadlines import add_working_days
from schemas.collection import Channel, Mailbox, Mark, Obstacle, Parcel, ParcelStatus
from schemas.customer import Person, Role
from schemas.document import Document
from schemas.errors import BadSetting, NoReason, NotAllowed, NotFound, SourceDown
from schemas.event import Act, Event
from schemas.outbox import Letter
from schemas.report import PeriodStatus, Report
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


def source(server: ImapServer, **other: object) -> Mailbox:
    told = {"customer": "batken", "host": "127.0.0.1", "port": server.plain, "security": "none"}
    return Mailbox.model_validate({**told, "user": USER, "password": PASSWORD, **other})


def files(package: Path) -> list[tuple[str, bytes]]:
    return [(one.name, one.read_bytes()) for one in sorted(package.iterdir())]


def contractor(desk: Desk) -> str:
    return parseaddr(desk.case(1).sender)[1]


def test_a_report_by_mail_is_a_report_with_its_receipt_and_the_mail_stays(server: ImapServer, desk: Desk) -> None:
    subject = f"Отчёт по договору № {desk.contract().number}, период 1"
    server.deliver(mail(contractor(desk), subject, files(desk.report(1))))

    found = collection.collect(desk.office, source(server))

    assert (found.filed, found.waiting, found.trouble) == (1, 0, "")
    [parcel] = desk.all(Parcel)
    assert (parcel.channel, parcel.status, parcel.obstacle) == (Channel.MAIL, ParcelStatus.FILED, None)
    [report] = desk.all(Report)
    assert parcel.report_id == report.id
    assert desk.period().status is PeriodStatus.RECEIVED
    assert "report_received" in desk.letters(desk.contract().stream_id)
    assert desk.work().troubles == []
    assert desk.all(Report)[0].spent > 0
    assert "\\Seen" in server.flags()[0]
    assert len(server.flags()) == 1


def test_it_is_read_once_however_often_it_is_looked_for_or_sent(server: ImapServer, desk: Desk) -> None:
    subject = f"{desk.contract().number} 1"
    package = files(desk.report(1))
    server.deliver(mail(contractor(desk), subject, package, identity="a"))
    collection.collect(desk.office, source(server))
    events = len(desk.all(Event))

    nothing = collection.collect(desk.office, source(server))
    assert (nothing.filed, nothing.known, len(desk.all(Event))) == (0, 0, events)
    server.deliver(mail(contractor(desk), subject, package, identity="a"))
    again = collection.collect(desk.office, source(server))
    assert (again.known, len(desk.all(Event))) == (1, events)
    server.deliver(mail(contractor(desk), subject, package, identity="b"))
    assert collection.collect(desk.office, source(server)).filed == 1
    assert len(desk.all(Report)) == 1
    server.renumber()
    assert collection.collect(desk.office, source(server)).known == 3
    assert len(desk.all(Report)) == 1
    assert len(desk.all(Parcel)) == 2


def test_without_a_number_the_papers_themselves_say_it(server: ImapServer, desk: Desk) -> None:
    server.deliver(mail("buhgalter@pochta.example", "Отчёт", files(desk.report(1))))
    server.deliver(mail(contractor(desk), "Отчёт", files(desk.report(1))))

    collection.collect(desk.office, source(server))

    other, own = sorted(desk.all(Parcel), key=lambda one: one.sender == contractor(desk))
    assert own.report_id is not None
    assert (other.obstacle, other.contract_id) == (Obstacle.STRANGE_SENDER, desk.contract().id)


def test_what_is_not_plain_waits_in_the_tray_with_its_files_and_two_are_told(server: ImapServer, desk: Desk) -> None:
    number = desk.contract().number
    server.deliver(
        mail("kimdir@pochta.example", "Салам", [("сүрөт.txt", b"x")]),
        mail(contractor(desk), f"{number} период 2", files(desk.report(2))),
        mail(contractor(desk), f"{number} период 1", []),
    )

    found = collection.collect(desk.office, source(server))

    assert (found.filed, found.waiting) == (0, 3)
    waiting = tray.waiting(desk.office, desk.who("coordinator"))
    assert {one.obstacle for one in waiting} == {Obstacle.NO_CONTRACT, Obstacle.WRONG_MOMENT, Obstacle.NOTHING_ATTACHED}
    unknown = next(one for one in waiting if one.obstacle is Obstacle.NO_CONTRACT)
    assert [one.name for one in desk.all(Document, subject_id=unknown.id)] == ["сүрөт.txt"]
    told = [(one.code, one.to) for one in desk.all(Letter) if one.code.startswith("parcel_")]
    assert sum(code == "parcel_waiting" for code, _ in told) == 3
    # A stranger is not answered: his address may be anybody's.
    assert {parseaddr(to)[1] for code, to in told if code == "parcel_unclear"} == {contractor(desk)}
    assert desk.work().troubles == []


def test_what_waits_for_long_is_asked_after_with_the_digest_first_of_the_coordinator_then_of_the_head(
    server: ImapServer, desk: Desk
) -> None:
    server.deliver(
        mail("kimdir@pochta.example", "Салам", [("сүрөт.txt", b"x")]),
        mail("reklama@pochta.example", "Арзан кагаз", [("прайс.txt", b"100")]),
    )
    collection.collect(desk.office, source(server))
    zone = desk.office.settings.zone
    came = desk.office.today(zone)
    people = {one.id: one.email for one in desk.all(Person)}
    first, second = desk.who("coordinator"), desk.who("head")
    seen: set[UUID] = {one.id for one in desk.all(Letter)}
    asked: list[tuple[date, str]] = []
    for day in (came + timedelta(days=number) for number in range(1, 15)):
        desk.at(datetime.combine(day, time(8), ZoneInfo(zone)))
        for _ in range(2):  # run twice is run once
            tray.chase(desk.office)
            monitoring.sweep(desk.office)
        asked += [(day, one.to) for one in desk.all(Letter, code="digest") if one.id not in seen]
        seen |= {one.id for one in desk.all(Letter)}

    assert asked == [
        (add_working_days(came, 3), people[first.id]),
        (add_working_days(came, 6), people[second.id]),
    ]
    assert len(desk.all(Letter, code="parcel_waits")) == 4
    one, other = desk.all(Parcel)
    assert one.asked == other.asked == ["coordinator", "head"]
    tray.set_aside(desk.office, first, one.id, "жарнама")


def test_an_officer_files_what_waits_once_and_sets_aside_what_is_no_report(server: ImapServer, desk: Desk) -> None:
    server.deliver(
        mail("kotormochu@pochta.example", "Отчёт", files(desk.report(1))),
        mail("reklama@pochta.example", "Арзан кагаз", [("прайс.txt", b"100")]),
    )
    collection.collect(desk.office, source(server))
    coordinator, contract = desk.who("coordinator"), desk.contract().id
    report, advert = sorted(desk.all(Parcel), key=lambda one: one.subject != "Отчёт")

    with pytest.raises(NotAllowed):
        tray.file_parcel(desk.office, desk.ngo(), report.id, contract, 1)
    with pytest.raises(NotAllowed):
        tray.waiting(desk.office, desk.ngo())
    with pytest.raises(NotFound):
        tray.file_parcel(desk.office, desk.stranger(Role.COORDINATOR), report.id, contract, 1)
    first = tray.file_parcel(desk.office, coordinator, report.id, contract, 1)
    assert tray.file_parcel(desk.office, coordinator, report.id, contract, 1) == first
    assert [one.act for one in desk.all(Event, stream_id=report.id, order="seq")] == [Act.PARCEL_TAKE, Act.PARCEL_FILE]
    with pytest.raises(NoReason):
        tray.set_aside(desk.office, coordinator, advert.id, " ")
    tray.set_aside(desk.office, coordinator, advert.id, "жарнама")
    assert tray.waiting(desk.office, coordinator) == []
    assert desk.work().troubles == []
    assert desk.all(Report)[0].read


@pytest.mark.parametrize("place", ["_enter", "_move_mark"])
def test_a_round_that_is_broken_off_is_done_again_and_nothing_is_twice(
    server: ImapServer, desk: Desk, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    number, package = desk.contract().number, desk.report(1)
    server.deliver(mail(contractor(desk), f"{number} период 1", files(package)))

    class Dead(BaseException):
        pass

    def dies(*_: object) -> None:
        raise Dead

    with monkeypatch.context() as broken:
        broken.setattr(collection, place, dies)
        with pytest.raises(Dead):
            collection.collect(desk.office, source(server))
    assert len(desk.all(Report)) == 1
    assert desk.all(Parcel) == []
    assert [(one.last, one.attempts) for one in desk.all(Mark)] == [(0, 1)]
    assert collection.collect(desk.office, source(server)).filed == 1
    assert (len(desk.all(Report)), len(desk.all(Parcel)), len(desk.all(Mark))) == (1, 1, 1)


def test_a_mail_above_the_limit_is_left_there_and_told(server: ImapServer, desk_at: Open) -> None:
    desk = desk_at("reporting", package_limit=1_000_000, file_limit=900_000)
    number = desk.contract().number
    server.deliver(mail(contractor(desk), f"{number} период 1", [("видео.bin", b"\0" * 1_000_000)]))

    collection.collect(desk.office, source(server))

    [parcel] = desk.all(Parcel)
    assert (parcel.obstacle, parcel.detail) == (Obstacle.TOO_LARGE, "TooLarge")
    assert desk.all(Document, subject_id=parcel.id) == []
    told = {one.code: one.facts for one in desk.all(Letter)}
    assert "files" not in told["parcel_waiting"]
    assert told["parcel_waiting"]["source"] == source(server).name


def test_over_tls_the_certificate_must_be_known(
    server: ImapServer, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    secure = source(server, port=server.secure, security="tls")
    assert collection.collect(desk.office, secure).trouble == "SourceDown"
    monkeypatch.setenv("SSL_CERT_FILE", str(server.authority))
    assert collection.collect(desk.office, secure).trouble == ""
    assert collection.collect(desk.office, source(server, port=server.plain, security="starttls")).trouble == ""


def test_a_source_that_does_not_answer_is_told_and_stops_no_other(server: ImapServer, desk: Desk) -> None:
    for wrong in ({"password": "no"}, {"port": 1}, {"folder": "Жок"}, {"host": "no.such.host.invalid"}):
        other = {"security": "tls"} if "host" in wrong else {}
        assert collection.collect(desk.office, source(server, **wrong, **other)).trouble == "SourceDown"
    with pytest.raises(SourceDown), mailbox.opened(source(server, password="no"), 1):
        pass
    assert collection.collect(desk.office, source(server, customer="nobody")).trouble == "NotFound"


def test_the_file_of_sources_is_its_owners_alone_and_every_mistake_is_named(desk: Desk) -> None:
    file = desk.home / "sources.toml"
    assert collection.sources(desk.office).all() == []
    file.write_text('[[folder]]\ncustomer = "batken"\npath = "/srv/reports"\n')
    file.chmod(0o644)
    with pytest.raises(BadSetting) as refused:
        collection.sources(desk.office)
    assert "600" in str(refused.value.facts["setting"])
    file.chmod(0o600)
    assert [one.name for one in collection.sources(desk.office).all()] == ["folder:/srv/reports"]
    file.write_text(
        '[[mailbox]]\ncustomer = "batken"\nhost = "imap.example.kg"\nsecurity = "none"\nuser = "u"\npassword = "p"\n'
    )
    with pytest.raises(BadSetting) as refused:
        collection.sources(desk.office)
    assert "mailbox.0" in str(refused.value.facts["setting"])
