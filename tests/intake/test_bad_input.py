"""What comes in broken, hostile, late or twice: each line of docs/bad-input.md, with the sentence that people read."""

import os
import resource
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import pytest
from filelock import FileLock
from pypdf import PdfReader, PdfWriter

from documents import forms
from flows.steps import announcement, audit, completeness, contracting, intake, register, sitting
from rules import packs
from schemas import contest_file
from schemas.application import Application, ApplicationStatus
from schemas.customer import Role
from schemas.document import Document, Kind
from schemas.doer import CLOCK
from schemas.errors import (
    AsharError,
    BadAddress,
    BadAmount,
    BadContestFile,
    BadLogin,
    DatabaseBusy,
    EmptyPackage,
    IncompletePack,
    NoReason,
    NotAllowed,
    NotFound,
    Sealed,
    StoreDown,
    TooLarge,
    TooLate,
    UnsafeArchive,
    WrongMoment,
)
from schemas.event import Event
from schemas.finding import Finding
from schemas.outbox import Job, Letter
from schemas.programme import Problem
from schemas.wording import LANGUAGES, say_error, say_remark
from scripts.make_bad_input import TARGET, page
from storage import engine
from storage.folder import FolderObjects
from tests.intake.bad_inputs import BAD
from tests.offices import CURED, FILES, WINNER, Desk

Open = Callable[..., Desk]
LISTED = {one.name: one for one in BAD}


@pytest.fixture
def open_desk(desk_at: Open) -> Desk:
    """Intake is open, five days before the cut-off."""
    desk = desk_at("announced")
    desk.after_cutoff(days=-5)
    return desk


def folder(desk: Desk, files: dict[str, bytes], name: str = "package") -> Path:
    place = desk.home / "incoming" / name
    place.mkdir(parents=True)
    for told, content in files.items():
        (place / told).write_bytes(content)
    return place


def zipped(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def form(desk: Desk, **changed: str) -> bytes:
    """The winner's application form with other words in it."""
    from cli.demo.papers import Writer

    values = Writer(desk.papers.city, desk.papers.applicant(WINNER))._values()
    return forms.fill("application-form", "ky", {**values, **changed})


def traces(desk: Desk) -> tuple[int, int, int]:
    return len(desk.all(Event)), len(desk.all(Letter)), len(desk.all(Job))


def is_told(name: str, raised: AsharError) -> None:
    """The error is the listed one, and every language says it without a missing fact."""
    told = LISTED[name].told
    assert isinstance(told, AsharError)
    assert (type(raised), set(raised.facts)) == (type(told), set(told.facts))
    for language in LANGUAGES:
        said = say_error(raised, language)
        assert len(said) > 60
        assert "⟨" not in said


def is_found(name: str, desk: Desk, case: int) -> Finding:
    """The remark is the listed one, to be cured, and every language says it without a missing fact."""
    told = LISTED[name].told
    assert not isinstance(told, AsharError)
    found = [
        one
        for one in desk.all(Finding, application_id=desk.case(case).id, rule=told.rule)
        if one.facts.get("fault") == told.facts.get("fault")
    ]
    assert [one.severity for one in found] == [told.severity], [one.facts for one in desk.all(Finding)]
    assert set(found[0].facts) == set(told.facts)
    for language in LANGUAGES:
        assert "⟨" not in say_remark(found[0], language)
    return found[0]


def checked(desk: Desk) -> None:
    """The cut-off passes; what came in is read and checked."""
    assert desk.work().troubles == []
    desk.after_cutoff(minutes=5)
    completeness.close(desk.office, CLOCK, desk.contest.id)
    assert desk.work().troubles == []


def test_every_line_of_the_page_is_a_test_and_the_page_is_made_from_the_list() -> None:
    assert [one.name for one in BAD if f"test_{one.name}" not in globals()] == []
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
    announcement.cancel(desk.office, desk.who("head"), desk.contest.id, "каражат жок")
    with pytest.raises(WrongMoment) as refused:
        desk.hand_in(folder(desk, {"a.txt": b"a"}))
    is_told("before_the_announcement", refused.value)
    assert desk.all(Application) == []


def test_cure_after_its_term(desk_at: Open) -> None:
    desk = desk_at("checked")
    until = desk.case(2).cure_until
    assert until is not None
    missing = desk.papers.package(CURED, only=(Kind.SOCIAL_CERTIFICATE,))
    desk.after_cutoff(days=(until - desk.contest.cutoff.date()).days + 1)
    before = traces(desk)

    with pytest.raises(TooLate) as refused:
        intake.cure(desk.office, desk.who("secretary"), desk.case(2).id, missing)

    is_told("cure_after_its_term", refused.value)
    assert traces(desk) == before
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


# -- law and settings -------------------------------------------------------------------------------------------------


def test_pack_without_a_value() -> None:
    raw = (packs.FOLDER / "kg-604-2022.toml").read_text(encoding="utf-8")
    lines = [line for line in raw.splitlines() if not line.startswith(("term = ", "share = "))]
    with pytest.raises(IncompletePack) as refused:
        packs.parse("kg-604-2022", "\n".join(lines).encode())
    is_told("pack_without_a_value", refused.value)
    assert len(list(refused.value.facts["missing"])) >= 3  # all of them at once


def test_contest_file_at_odds(desk_at: Open) -> None:
    desk = desk_at("announced")
    raw = (FILES / "batken-contest.toml").read_text(encoding="utf-8")
    told = contest_file.tomllib.loads(raw)
    spoilt = raw.replace(f"cutoff = {told['cutoff']:%Y-%m-%dT%H:%M:%S}", "cutoff = 2018-07-01T17:00:00")
    spoilt = spoilt.replace(f"project_ends = {told['project_ends']}", "project_ends = 2018-01-01")
    spoilt = spoilt.replace(f"budget_som = {told['budget_som']}", "budget_som = 999999999")
    spoilt = spoilt.replace(f"awards = {told.get('awards', 1)}", 'awards = "бир"')
    assert spoilt != raw
    source = desk.home / "contest.toml"
    source.write_text(spoilt, encoding="utf-8")
    before = traces(desk)

    with pytest.raises(BadContestFile) as refused:
        announcement.draft_contest(desk.office, desk.who("coordinator"), desk.contest.programme_id, source)

    is_told("contest_file_at_odds", refused.value)
    assert {"budget_som", "cutoff", "project_ends"} <= set(str(refused.value.facts["wrong"]).split(", "))
    assert traces(desk) == before


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("number", '"../../etc"'),
        ("number", '"A\\r\\nBcc: all@batken.kg"'),
        ("number", "7"),
        ("zone", '"Asia/Nowhere"'),
        ("cutoff", "2018-08-03T17:00:00+06:00"),
        ("cutoff", '"2018-08-03"'),
        ("project_starts", "2018-07-03"),
        ("budget_som", "-1"),
        ("budget_som", "99999999999999999999"),
        ("budget_som", "1.5"),
        ("awards", "0"),
        ("goal", '{ ky = "\\u0000", ru = "x", en = "x" }'),
        ("goal", '{ ky = "x" }'),
        ("unknown", "1"),
    ],
)
def test_a_wrong_field_of_a_contest_file_is_named(tmp_path: Path, field: str, value: str) -> None:
    raw = contest_file.tomllib.loads((FILES / "batken-contest.toml").read_text(encoding="utf-8"))
    raw[field] = contest_file.tomllib.loads(f"value = {value}")["value"]
    named = {str(told) for told in contest_file._at_odds(raw, None)}
    try:
        contest_file.ContestFile.model_validate(raw)
    except contest_file.ValidationError as wrong:
        named |= {str(error["loc"][0]) for error in wrong.errors()}
    assert field in named


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"number = ", b"[" * 500])
def test_what_is_no_contest_file_is_told_so(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "contest.toml").write_bytes(content)
    for source in (tmp_path / "contest.toml", tmp_path, tmp_path / "absent.toml"):
        with pytest.raises(BadContestFile):
            contest_file.read(source)


# -- who and when (tests/steps tries every act) -----------------------------------------------------------------------


def test_act_at_the_wrong_stage(desk_at: Open) -> None:
    desk = desk_at("evaluated")
    with pytest.raises(WrongMoment) as refused:
        contracting.sign(desk.office, desk.who("head"), desk.contract().id)
    is_told("act_at_the_wrong_stage", refused.value)


def test_act_by_the_wrong_role(desk_at: Open) -> None:
    desk = desk_at("decided")
    with pytest.raises(NotAllowed) as refused:
        sitting.publish(desk.office, desk.as_role(Role.APPLICANT), desk.contest.id)
    is_told("act_by_the_wrong_role", refused.value)


def test_another_customers_thing(desk_at: Open) -> None:
    desk = desk_at("checked")
    with pytest.raises(NotFound) as refused:
        intake.withdraw(desk.office, desk.stranger(Role.SECRETARY), desk.case(1).id, "биз эмес")
    is_told("another_customers_thing", refused.value)


@pytest.mark.parametrize("role", [Role.SECRETARY, Role.HEAD, Role.CHAIR, Role.CONSULTANT, Role.AUDITOR])
def test_sealed_before_the_cutoff(desk_at: Open, role: Role) -> None:
    desk = desk_at("received")
    with pytest.raises(Sealed) as refused:
        audit.timeline(desk.office, desk.as_role(role), desk.case(1).id, "ky")
    is_told("sealed_before_the_cutoff", refused.value)


def test_an_operator_reads_no_case_at_all(desk_at: Open) -> None:
    desk = desk_at("received")
    with pytest.raises(NotAllowed):
        audit.timeline(desk.office, desk.as_role(Role.OPERATOR), desk.case(1).id, "ky")


def test_no_reason(desk_at: Open) -> None:
    desk = desk_at("checked")
    finding = next(one for one in desk.all_findings("open") if one.application_id == desk.case(2).id)
    with pytest.raises(NoReason) as refused:
        completeness.override(desk.office, desk.who("secretary"), finding.id, " \n")
    is_told("no_reason", refused.value)


LOOK_ALIKES = ("bаtken.head", "batken.heаd", "BATKEN.HEAD", "batken.hеad", "ıbrahim", "İbrahim", "a b", "", "x" * 65)


@pytest.mark.parametrize("login", [*LOOK_ALIKES, "'; DROP TABLE person; --", "a\n", "../x"])
def test_login_that_looks_like_another(desk_at: Open, login: str) -> None:
    desk = desk_at("announced")
    with pytest.raises(BadLogin) as refused:
        register.register_person(
            desk.office, desk.who("head"), tenant_id=desk.contest.tenant_id, login=login, name="X", email="", roles={}
        )
    is_told("login_that_looks_like_another", refused.value)


@pytest.mark.parametrize("amount", [0, -5_000_000, 2**53, 2**63, 2**70])
def test_sum_that_cannot_be(desk_at: Open, amount: int) -> None:
    desk = desk_at("announced")
    problem = desk.all(Problem, tenant_id=desk.contest.tenant_id)[0]
    day = desk.contest.project_starts
    with pytest.raises(BadAmount) as refused:
        register.draft_programme(
            desk.office,
            desk.who("finance"),
            problem.id,
            title=problem.title,
            budget_line="1",
            amount=amount,
            starts=day,
            ends=day,
        )
    is_told("sum_that_cannot_be", refused.value)


# -- things outside ---------------------------------------------------------------------------------------------------


class Failing(FolderObjects):
    """A store that stops answering after the first file."""

    left = 1

    def put(self, key: str, source: BinaryIO, size: int, sha256: str) -> None:
        if self.left == 0:
            raise StoreDown(why="ConnectionError")
        self.left -= 1
        super().put(key, source, size, sha256)


def test_store_down_in_the_middle(open_desk: Desk) -> None:
    source = folder(open_desk, {"a.txt": b"1", "b.txt": b"2", "c.txt": b"3"})
    open_desk.office.__dict__["objects"] = Failing(open_desk.home / "objects")
    before = traces(open_desk)

    with pytest.raises(StoreDown) as refused:
        open_desk.hand_in(source)

    is_told("store_down_in_the_middle", refused.value)
    assert traces(open_desk) == before
    del open_desk.office.__dict__["objects"], open_desk.office.__dict__["blobs"]
    given = open_desk.hand_in(source)
    assert (given.number, given.again, len(open_desk.files(given.application_id))) == (1, False, 3)


def test_database_locked(open_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    source = folder(open_desk, {"a.txt": b"1"})
    monkeypatch.setattr(engine, "WAIT", 0.2)
    with FileLock(f"{open_desk.home / 'ashar.db'}.turn"), pytest.raises(DatabaseBusy) as refused:
        open_desk.hand_in(source)
    is_told("database_locked", refused.value)

    assert open_desk.hand_in(source).number == 1


def test_address_that_is_none(desk_at: Open) -> None:
    desk = desk_at("announced", smtp_host="127.0.0.1", smtp_port=1)
    desk.after_cutoff(seconds=1)
    with pytest.raises(TooLate):
        desk.hand_in(folder(desk, {"a.txt": b"late"}), sender="Баткен шаары, Нур көчөсү")

    tally = desk.work()

    assert (tally.for_a_person, [trouble for *_, trouble in tally.troubles]) == (1, ["BadAddress"])
    letter = desk.all(Letter)[0]
    assert letter.sent_at is None
    is_told("address_that_is_none", BadAddress(letter=str(letter.id)))
