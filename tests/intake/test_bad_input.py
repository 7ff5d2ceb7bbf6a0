"""What comes in broken, hostile, late or twice: lines of docs/bad-input.md, with the sentence that people read."""

import os
import resource
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader, PdfWriter

from flows.steps import announcement, completeness, intake
from schemas.application import Application, ApplicationStatus
from schemas.contest import Contest
from schemas.customer import Role
from schemas.document import Document
from schemas.errors import (
    AsharError,
    EmptyPackage,
    TooLarge,
    TooLate,
    UnsafeArchive,
    WrongMoment,
)
from schemas.facts import Kind
from schemas.outbox import Letter
from scripts.make_bad_input import TARGET, page
from tests.intake.bad_inputs import BAD
from tests.intake.makers import checked, folder, form, is_found, is_told, traces, zipped
from tests.offices import CURED, FILES, WINNER, Desk

Open = Callable[..., Desk]


@pytest.fixture
def open_desk(desk_at: Open) -> Desk:
    """Intake is open, five days before the cut-off."""
    desk = desk_at("announced")
    desk.after_cutoff(days=-5)
    return desk


def test_every_line_of_the_page_is_a_test_and_the_page_is_made_from_the_list() -> None:
    tests = "".join(one.read_text(encoding="utf-8") for one in Path(__file__).parent.glob("test_*.py"))
    assert [one.name for one in BAD if f"def test_{one.name}(" not in tests] == []
    assert TARGET.read_text(encoding="utf-8") == page()


# -- files: taken, and named as a gap ---------------------------------------------------------------------------------


def whole_pdf(desk: Desk) -> bytes:
    return next(desk.papers.package(WINNER).glob("05*.pdf")).read_bytes()


def one_bad_file(desk: Desk, name: str, content: bytes) -> Document:
    """A package of one file that nobody can use; returns it as it was kept."""
    given = desk.hand_in(folder(desk, {name: content}))
    checked(desk)
    assert desk.case(given.number).status is ApplicationStatus.TO_CURE
    files = desk.files(given.application_id)
    assert set(files) == {name, f"receipt-{given.number}.docx"}
    blob = files[name].blob_id
    assert blob is not None
    assert desk.office.blobs.read(blob, 10**9) == content
    assert "receipt" in desk.letters(given.application_id)
    assert "ask_for_more" in desk.letters(given.application_id)
    return files[name]


def test_unknown_type(open_desk: Desk) -> None:
    one_bad_file(open_desk, "план.xyz", os.urandom(4000))
    is_found("unknown_type", open_desk, 1)


def test_program(open_desk: Desk) -> None:
    one_bad_file(open_desk, "Устав.pdf", b"MZ\x90\0" + os.urandom(4000))
    is_found("program", open_desk, 1)


def test_empty(open_desk: Desk) -> None:
    one_bad_file(open_desk, "Устав.docx", b"")
    is_found("empty", open_desk, 1)


def test_encrypted(open_desk: Desk) -> None:
    plain = open_desk.home / "plain.pdf"
    plain.write_bytes(whole_pdf(open_desk))
    writer = PdfWriter(clone_from=PdfReader(plain))
    writer.encrypt("сырсөз", algorithm="RC4-128")
    locked = open_desk.home / "locked.pdf"
    writer.write(locked)
    one_bad_file(open_desk, "Устав.pdf", locked.read_bytes())
    is_found("encrypted", open_desk, 1)


def test_truncated(open_desk: Desk) -> None:
    content = whole_pdf(open_desk)
    one_bad_file(open_desk, "Устав.pdf", content[: len(content) // 2])
    is_found("truncated", open_desk, 1)


def test_damaged(open_desk: Desk) -> None:
    with zipfile.ZipFile(BytesIO(form(open_desk))) as whole:
        parts = {one: whole.read(one) for one in whole.namelist()}
    broken = zipped(open_desk.home / "broken.docx", {**parts, "word/document.xml": parts["word/document.xml"][:2000]})
    one_bad_file(open_desk, "Билдирме.docx", broken.read_bytes())
    is_found("damaged", open_desk, 1)


def test_larger_than_a_file_may_be(desk_at: Open, played: object) -> None:
    desk = desk_at("announced", file_limit=200_000, package_limit=1_000_000)
    desk.after_cutoff(days=-5)
    desk.office.__dict__.pop("reader", None)  # one that knows this office's limits
    one_bad_file(desk, "Видео.pdf", whole_pdf(desk) + b"\n%" + os.urandom(300_000))
    is_found("larger_than_a_file_may_be", desk, 1)
    desk.office.reader.close()


def test_wrong_contest(open_desk: Desk) -> None:
    given = open_desk.hand_in(folder(open_desk, {"Билдирме.docx": form(open_desk, contest="OSH-2019-4")}))
    checked(open_desk)
    is_found("wrong_contest", open_desk, given.number)


# -- packages: refused at the door ------------------------------------------------------------------------------------


def refused_at_the_door(desk: Desk, name: str, kind: type[AsharError], source: Path) -> AsharError:
    before = traces(desk)
    with pytest.raises(kind) as refused:
        desk.hand_in(source)
    is_told(name, refused.value)
    assert traces(desk) == before
    assert list((desk.home / "spool").iterdir()) == []
    return refused.value


def test_three_hundred_megabytes(open_desk: Desk) -> None:
    place = folder(open_desk, {})
    with (place / "видео.mp4").open("wb") as sparse:
        sparse.truncate(300_000_000)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    refused_at_the_door(open_desk, "three_hundred_megabytes", TooLarge, place)

    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 30_000, f"{grown} KB more in memory"


def test_no_files(open_desk: Desk) -> None:
    refused_at_the_door(open_desk, "no_files", EmptyPackage, folder(open_desk, {}))


def test_zip_that_climbs_out(open_desk: Desk) -> None:
    source = zipped(open_desk.home / "package.zip", {"../../evil.txt": b"evil", "a.txt": b"good"})
    refused_at_the_door(open_desk, "zip_that_climbs_out", UnsafeArchive, source)
    assert list(open_desk.home.parent.rglob("evil.txt")) == []


def test_zip_bomb(open_desk: Desk) -> None:
    source = zipped(open_desk.home / "package.zip", {"нөлдөр.txt": bytes(60_000_000)})
    assert refused_at_the_door(open_desk, "zip_bomb", UnsafeArchive, source).facts["why"] == "ratio"


def test_link_in_a_folder(open_desk: Desk) -> None:
    place = folder(open_desk, {"a.txt": b"a"})
    (place / "шилтеме").symlink_to("/etc/passwd")
    refused_at_the_door(open_desk, "link_in_a_folder", UnsafeArchive, place)


# -- time -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("by", ["secretary", "applicant"])
def test_a_second_late(desk_at: Open, by: str) -> None:
    desk = desk_at("announced")
    desk.after_cutoff(seconds=1)
    doer = desk.who("secretary") if by == "secretary" else desk.as_role(Role.APPLICANT)
    source = folder(desk, {"a.txt": b"late"})

    with pytest.raises(TooLate) as refused:
        intake.hand_in(desk.office, doer, desk.contest, source, sender="late@ngo.example")

    is_told("a_second_late", refused.value)
    (case,) = desk.all(Application)
    assert case.status is ApplicationStatus.TURNED_AWAY
    assert refused.value.facts["number"] == case.number
    assert refused.value.facts["sha256"] == case.package_sha256
    assert desk.letters(case.id) == ["receipt_late"]
    assert desk.work().troubles == []
    assert desk.all(Letter)[0].sent_at is not None


def test_a_package_that_comes_long_after_is_turned_away_with_a_receipt_too(desk_at: Open) -> None:
    desk = desk_at("published")
    with pytest.raises(TooLate) as refused:
        desk.hand_in(folder(desk, {"a.txt": b"late"}))
    assert desk.case(4).status is ApplicationStatus.TURNED_AWAY
    assert refused.value.facts["number"] == 4


def test_a_package_is_in_time_in_the_very_second_of_the_cutoff(desk_at: Open) -> None:
    desk = desk_at("announced")
    desk.at(desk.contest.cutoff + timedelta(microseconds=999_999))
    given = desk.hand_in(folder(desk, {"a.txt": b"just"}))
    assert desk.case(given.number).status is ApplicationStatus.RECEIVED


def test_before_the_announcement(desk_at: Open) -> None:
    desk = desk_at("announced")
    office = desk.office
    text = (FILES / "batken-contest.toml").read_text(encoding="utf-8")
    file = desk.home / "next.toml"
    file.write_text(text.replace(desk.contest.number, "BATKEN-2018-2"), encoding="utf-8")
    programme_id = desk.contest.programme_id
    contest_id = announcement.draft_contest(office, desk.who("coordinator"), programme_id, file)
    package = folder(desk, {"a.txt": b"a"})
    with pytest.raises(WrongMoment) as refused:
        intake.hand_in(office, desk.who("secretary"), desk.get(Contest, contest_id), package, sender="a@ngo.example")
    is_told("before_the_announcement", refused.value)
    assert desk.all(Application) == []


def test_cancelled_contest(desk_at: Open) -> None:
    desk = desk_at("announced")
    announcement.cancel(desk.office, desk.who("head"), desk.contest.id, "каражат жок")
    package = folder(desk, {"a.txt": b"a"})
    for _ in range(2):
        with pytest.raises(WrongMoment) as refused:
            desk.hand_in(package)
    is_told("cancelled_contest", refused.value)
    [turned_away] = desk.all(Application)
    assert turned_away.status is ApplicationStatus.TURNED_AWAY
    assert desk.letters(turned_away.id) == ["receipt_cancelled"]


def test_cure_after_its_term(desk_at: Open) -> None:
    desk = desk_at("checked")
    until = desk.case(2).cure_until
    assert until is not None
    missing = desk.papers.package(CURED, only=(Kind.SOCIAL_CERTIFICATE,))
    desk.after_cutoff(days=(until - desk.contest.cutoff.date()).days + 1)
    files = len(desk.files(desk.case(2).id))

    for _ in range(2):
        with pytest.raises(TooLate) as refused:
            intake.cure(desk.office, desk.who("secretary"), desk.case(2).id, missing)

    is_told("cure_after_its_term", refused.value)
    assert desk.letters(desk.case(2).id).count("cure_late") == 1
    assert (desk.case(2).status, len(desk.files(desk.case(2).id))) == (ApplicationStatus.TO_CURE, files)
    for one in completeness.overdue_cures(desk.office):
        completeness.refuse_uncured(desk.office, one)
    assert (desk.case(2).status, desk.case(2).ground) == (ApplicationStatus.REFUSED, "missing")


def test_a_cure_counts_on_the_last_day_of_its_term(desk_at: Open) -> None:
    desk = desk_at("checked")
    until = desk.case(2).cure_until
    assert until is not None
    desk.after_cutoff(days=(until - desk.contest.cutoff.date()).days)
    missing = desk.papers.package(CURED, only=(Kind.SOCIAL_CERTIFICATE,))

    first = intake.cure(desk.office, desk.who("secretary"), desk.case(2).id, missing)
    second = intake.cure(desk.office, desk.who("secretary"), desk.case(2).id, missing)

    assert (first.again, second.again) == (False, True)
    assert desk.case(2).round == 2


# -- the same twice ---------------------------------------------------------------------------------------------------


def test_the_same_package_twice_is_one_case_also_when_it_is_packed_otherwise(open_desk: Desk) -> None:
    files = {"Устав.txt": "биз".encode(), "a.txt": b"a"}
    source = folder(open_desk, files)
    first = open_desk.hand_in(source)
    again = open_desk.hand_in(source)
    packed = open_desk.hand_in(zipped(open_desk.home / "почта.zip", files), sender="another@ngo.example")

    assert {first.number, again.number, packed.number} == {1}
    assert (first.again, again.again, packed.again) == (False, True, True)
    assert len(open_desk.all(Application)) == 1
    assert len(open_desk.files(first.application_id)) == 2


def test_the_same_package_at_the_same_moment_in_two_processes_is_one_case(open_desk: Desk) -> None:
    source = folder(open_desk, {"a.txt": b"a" * 100_000})
    program = (
        "import sys; from pathlib import Path; from tests.offices import Desk, Papers\n"
        "desk = Desk(Path(sys.argv[1]), Papers(Path(sys.argv[2])))\n"
        "print('ready', flush=True); sys.stdin.readline()\n"
        "given = desk.hand_in(Path(sys.argv[3])); print(given.number, given.again)"
    )
    told = [sys.executable, "-c", program, str(open_desk.home), str(open_desk.home / "papers"), str(source)]
    both = [
        subprocess.Popen(
            told, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": "."}
        )
        for _ in range(2)
    ]
    for one in both:
        assert one.stdout is not None
        assert one.stdout.readline() == "ready\n"
    for one in both:
        assert one.stdin is not None
        one.stdin.write("go\n")
        one.stdin.flush()
    answers = sorted(one.communicate(timeout=60)[0].strip() for one in both)

    assert answers == ["1 False", "1 True"]
    assert len(open_desk.all(Application)) == 1
