"""Names, addresses and words that were made to be taken for something else: they stay words."""

import os
import zipfile
from collections.abc import Callable
from email import message_from_bytes, policy
from email.message import EmailMessage
from io import BytesIO
from pathlib import Path

import pytest
from docx import Document as Word

from flows.steps.letters import recipient
from schemas.application import Application, ApplicationStatus, Organisation
from schemas.doer import CLOCK
from schemas.event import Act
from schemas.facts import Kind
from schemas.finding import Finding
from schemas.outbox import Errand, Letter
from tests.intake.makers import checked, folder, form
from tests.offices import WINNER, Desk

Open = Callable[..., Desk]


@pytest.fixture
def open_desk(desk_at: Open) -> Desk:
    desk = desk_at("announced")
    desk.after_cutoff(days=-5)
    return desk


def mail(desk: Desk) -> list[EmailMessage]:
    raw = [one.read_bytes() for one in sorted((desk.home / "outbox").glob("*.eml"))]
    told = [message_from_bytes(one, policy=policy.default) for one in raw]
    assert all(isinstance(one, EmailMessage) for one in told)
    return [one for one in told if isinstance(one, EmailMessage)]


NAMES = {
    "a path": "..%2f..%2fetc%2fpasswd.txt",
    "a drive": "C:\\Windows\\system.txt",
    "a line end": "a\r\nBcc: all@batken.kg.txt",
    "right to left": "\u202egpj.exe.txt",
    "a bell and an escape": "a\x07\x1b[31m.txt",
    "a picture": "😀👩\u200d👩\u200d👧.txt",
    "a template": "{{ 7*7 }}{% raw %}.txt",
    "markup": "<w:p>&amp;]]>.txt",
    "a command": "'; DROP TABLE document; --.txt",
}


def test_a_file_may_be_called_anything_and_the_papers_are_made(open_desk: Desk) -> None:
    files = {name: f"{at} {name}".encode() for at, name in enumerate(NAMES.values())}
    files["ы" * 120 + ".txt"] = b"long"
    place = folder(open_desk, files)
    Path(os.fsdecode(os.fsencode(place) + b"/\xff\xfe\xed.txt")).write_bytes(b"no text at all")

    given = open_desk.hand_in(place)
    checked(open_desk)

    there = open_desk.files(given.application_id)
    assert len(there) == len(files) + 2
    assert all(name.isprintable() for name in there)
    assert {one.sha256 for one in there.values()} >= {sha for _, sha, _ in given.files}
    receipt = there[f"receipt-{given.number}.docx"].blob_id
    assert receipt is not None
    word = Word(BytesIO(open_desk.office.blobs.read(receipt, 10**8)))
    told = "\n".join(cell.text for table in word.tables for row in table.rows for cell in row.cells)
    assert "{{ 7*7 }}{% raw %}.txt" in told
    assert "<w:p>&amp;]]>.txt" in told
    for message in mail(open_desk):
        assert message["Bcc"] is None


def test_a_name_of_a_thousand_letters_in_a_zip_is_kept_by_its_end(open_desk: Desk) -> None:
    source = open_desk.home / "package.zip"
    with zipfile.ZipFile(source, "w") as archive:
        archive.writestr("ш" * 1000 + ".txt", b"long")
    given = open_desk.hand_in(source)
    checked(open_desk)
    assert "ш" * 396 + ".txt" in open_desk.files(given.application_id)


def test_two_names_that_differ_only_in_what_is_not_seen_are_two_files(open_desk: Desk) -> None:
    given = open_desk.hand_in(folder(open_desk, {"a.txt": b"one", "a\x01.txt": b"two", "a\u200b.txt": b"three"}))
    assert sorted(open_desk.files(given.application_id)) == ["a (2).txt", "a (3).txt", "a.txt"]


def test_the_words_of_a_form_are_never_run(open_desk: Desk) -> None:
    name = "«{{ 7*7 }} <b>&amp;</b> {% for x in y %}» КФ"
    given = open_desk.hand_in(
        folder(open_desk, {"f.docx": form(open_desk, organisation=name, title="{{ cutoff }} ]]>")})
    )
    checked(open_desk)

    case = open_desk.case(given.number)
    assert case.title == "{{ cutoff }} ]]>"
    assert case.organisation_id is not None
    assert open_desk.get(Organisation, case.organisation_id).name == name
    assert not any("49" in one["Subject"] for one in mail(open_desk))


def test_the_bundle_is_made_of_a_package_of_strange_names(open_desk: Desk) -> None:
    scan = next(open_desk.papers.package(WINNER).glob("05*.pdf")).read_bytes()
    given = open_desk.hand_in(
        folder(open_desk, {"{{ 7*7 }}\u202e😀 <x>.pdf": scan, "a\nb.pdf": scan + b"\n%2"}), sender="{{ 7*7 }} <b>"
    )
    checked(open_desk)
    case = open_desk.case(given.number)
    with open_desk.office.acting(CLOCK, Act.APPLICATION_ASSIGN) as work:
        work.errand(Errand.BUNDLE, work.get(Application, case.id), "strange")
    assert open_desk.work(Errand.BUNDLE).troubles == []
    assert [one.kind for one in open_desk.files(case.id).values()].count(Kind.BUNDLE) == 1


ADDRESSES = {
    "ngo@pochta.example": "ngo@pochta.example",
    "Асанова Г. <ngo@pochta.example>": "ngo@pochta.example",
    "a@x.kg\r\nBcc: all@batken.kg": "",
    "a@x.kg, b@y.kg": "",
    '"mer@batken.kg" <evil@x.kg>': "",
    "a@x.kg\u202e": "a@x.kg",
    "Баткен шаары": "",
    "": "",
}


@pytest.mark.parametrize(("told", "address"), ADDRESSES.items(), ids=ADDRESSES)
def test_a_letter_has_one_recipient_or_none(told: str, address: str) -> None:
    message = EmailMessage()
    message["To"] = recipient(told)
    assert recipient(told).addr_spec.strip("<>") == address
    assert "\n" not in str(message["To"])
    assert message_from_bytes(bytes(message), policy=policy.default)["Bcc"] is None


@pytest.mark.parametrize(
    "sender", ["Evil\r\nBcc: all@batken.kg <evil@x.kg>", "Y" * 1000, "'; DROP TABLE letter; --", ""]
)
def test_whatever_the_sender_is_called_his_receipt_is_written_once(open_desk: Desk, sender: str) -> None:
    given = open_desk.hand_in(folder(open_desk, {"a.txt": sender.encode()}), sender=sender)
    assert open_desk.work().troubles == []
    assert len(open_desk.case(given.number).sender) <= 200
    (letter,) = open_desk.all(Letter)
    assert letter.sent_at is not None
    (message,) = mail(open_desk)
    assert (message["Bcc"], message["Subject"].count("\n")) == (None, 0)


SUMS = {
    "-500 000": 0,
    "0": 0,
    "99 999 999 999 999 999 999": 0,
    "90 071 992 547 410": 0,
    "12 345,678": 0,
    "12 345,67": 1_234_567,
}


@pytest.mark.parametrize(("written", "taken"), SUMS.items(), ids=SUMS)
def test_a_sum_that_cannot_be_is_not_taken_for_one(open_desk: Desk, written: str, taken: int) -> None:
    given = open_desk.hand_in(folder(open_desk, {"f.docx": form(open_desk, requested=written, total=written)}))
    checked(open_desk)
    case = open_desk.case(given.number)
    assert (case.requested, case.status) == (taken, ApplicationStatus.TO_CURE)


def test_ten_megabytes_in_one_field_are_a_fault_of_the_file_and_the_rest_goes_on(open_desk: Desk) -> None:
    first = open_desk.hand_in(folder(open_desk, {"f.docx": form(open_desk, goal="сөз " * 2_500_000)}, "huge"))
    second = open_desk.hand_in(folder(open_desk, {"f.docx": form(open_desk)}, "plain"))
    checked(open_desk)
    assert open_desk.files(first.application_id)["f.docx"].facts["faults"]
    assert open_desk.case(second.number).title
    assert open_desk.all(Finding, application_id=first.application_id, rule="unreadable")


def test_whoever_names_anothers_tax_number_gets_none_of_his_letters(open_desk: Desk) -> None:
    """The first to name the number is not thereby the organisation: each is answered where he wrote from."""
    inn = open_desk.papers.applicant(WINNER).inn
    thief = form(open_desk, email="thief@x.example", inn=inn)
    mine = form(open_desk, email="ngo@pochta.example", inn=inn)
    first = open_desk.hand_in(folder(open_desk, {"f.docx": thief}, "thief"), sender="thief@x.example")
    second = open_desk.hand_in(folder(open_desk, {"f.docx": mine}, "mine"), sender="ngo@pochta.example")
    checked(open_desk)

    assert open_desk.case(1).organisation_id == open_desk.case(2).organisation_id
    assert {one.to for one in open_desk.all(Letter, stream_id=first.application_id)} == {"thief@x.example"}
    assert {one.to for one in open_desk.all(Letter, stream_id=second.application_id)} == {"ngo@pochta.example"}


def test_the_second_of_two_with_one_tax_number_is_refused_with_its_ground(desk_at: Open) -> None:
    desk = desk_at("received")
    copy = {one.name: one.read_bytes() for one in desk.papers.package(WINNER).iterdir()}
    copy["дагы бир.txt"] = b"so that it is another package"
    given = desk.hand_in(folder(desk, copy), sender="another@ngo.example")
    checked(desk)
    assert (desk.case(given.number).status, desk.case(given.number).ground) == (
        ApplicationStatus.REFUSED,
        "twice_in_contest",
    )
    assert desk.case(1).status is ApplicationStatus.ELIGIBLE


def test_whoever_writes_somebodys_tax_number_into_a_form_keeps_nobody_out(desk_at: Open) -> None:
    desk = desk_at("announced")
    desk.after_cutoff(days=-5)
    true = {one.name: one.read_bytes() for one in desk.papers.package(WINNER).iterdir()}
    taken = {name: content for name, content in true.items() if not name.startswith("05")}
    impostor = desk.hand_in(folder(desk, taken, "taken"), sender="impostor@ngo.example")
    owner = desk.hand_in(desk.papers.package(WINNER), sender="owner@ngo.example")
    checked(desk)

    assert desk.case(impostor.number).status is ApplicationStatus.TO_CURE
    assert desk.case(owner.number).status is ApplicationStatus.ELIGIBLE
