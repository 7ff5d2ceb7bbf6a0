"""Law, roles, moments and things outside that fail: the other lines of docs/bad-input.md."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

import pytest
from filelock import FileLock

from flows.steps import announcement, audit, completeness, contracting, intake, register, results
from rules import packs
from schemas import contest_file
from schemas.customer import Role
from schemas.errors import (
    BadAddress,
    BadAmount,
    BadContestFile,
    BadLogin,
    DatabaseBusy,
    IncompletePack,
    NoReason,
    NotAllowed,
    NotFound,
    Sealed,
    StoreDown,
    TooLate,
    WrongMoment,
)
from schemas.outbox import Letter
from schemas.programme import Problem
from storage import engine
from storage.folder import FolderObjects
from tests.intake.makers import folder, is_told, traces
from tests.offices import FILES, Desk

Open = Callable[..., Desk]


@pytest.fixture
def open_desk(desk_at: Open) -> Desk:
    """Intake is open, five days before the cut-off."""
    desk = desk_at("announced")
    desk.after_cutoff(days=-5)
    return desk


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
        results.publish(desk.office, desk.as_role(Role.APPLICANT), desk.contest.id)
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

    def put(self, key: str, source: BinaryIO, size: int, sha256: str, until: datetime | None = None) -> str:
        if self.left == 0:
            raise StoreDown(why="ConnectionError")
        self.left -= 1
        return super().put(key, source, size, sha256, until)


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
