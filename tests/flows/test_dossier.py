"""What is in a dossier, who gets it and what is kept from him; that it holds is verify.py's to say."""

import json
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from documents.verifiers import verify
from flows.office import Office
from flows.steps import dossier, holds, logkey, redaction, register, sealing
from schemas.customer import Role
from schemas.document import Blob, Document
from schemas.errors import NotAllowed, NotFound, Sealed
from schemas.event import Act, Disclosure, Event, Stream
from schemas.finding import INSIDE
from schemas.programme import Problem
from schemas.settings import Settings, Store
from schemas.wording import LANGUAGES
from storage.ledger import Actor, Because
from storage.work import looking, working
from tests.offices import Desk

WORDS = {"ky": "Баткен", "ru": "Баткен", "en": "Batken"}
DeskAt = Callable[..., Desk]


def key_of(desk: Desk) -> str:
    return logkey.policy_of(desk.office).key_for(1)


def verified(desk: Desk, made: dossier.Made) -> dict[str, Any]:
    with made.path.open("rb") as file:
        told = verify.verify(file, key_of(desk))
    assert (told["kind"], told["name"], told["size"], told["events"]) == (made.kind, made.name, made.size, made.events)
    assert told["events"] - told["bodies"] == made.withheld
    return told


def parts_of(made: dossier.Made) -> dict[str, bytes]:
    with zipfile.ZipFile(made.path) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def bodies(parts: dict[str, bytes]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in parts["data/events.jsonl"].splitlines()]


def case(desk: Desk, by: str = "head", number: int = 1) -> dossier.Made:
    return dossier.dossier(desk.office, desk.who(by), desk.case(number).id, desk.home / "out" / "case.zip")


class TestACase:
    def test_it_is_whole_with_every_event_and_every_file(self, desk_at: DeskAt):
        desk = desk_at("checked")

        told = verified(desk, made := case(desk))

        parts = parts_of(made)
        assert told["events"] == told["bodies"] == len(desk.all(Event, stream_id=desk.case(1).id))
        assert (told["redacted"], told["withheld"], told["missing"]) == (0, 0, {})
        assert told["files"] == len({one.sha256 for one in desk.all(Document, stream_id=desk.case(1).id)})
        assert [one["seq"] for one in bodies(parts)] == list(range(1, told["events"] + 1))
        assert bodies(parts)[-1]["act"] == "trail:export"
        assert "data/skeletons.jsonl" not in parts

    def test_it_brings_both_verifiers_a_timeline_and_how_to_verify_in_three_languages(self, desk_at: DeskAt):
        desk = desk_at("checked")

        parts = parts_of(case(desk))

        for language in LANGUAGES:
            for name in (f"data/timeline-{language}.txt", f"README-{language}.txt"):
                assert "⟨" not in parts[name].decode()
            assert key_of(desk) in parts[f"README-{language}.txt"].decode()
            assert desk.who("secretary").id is not None
        for name in ("verify.py", "verify.html"):
            assert parts[name] == Path(verify.__file__).with_name(name).read_bytes()

    def test_papers_of_the_case_find_their_checkpoint_in_it(self, desk_at: DeskAt):
        desk = desk_at("received")
        first = sealing.seal(desk.office)
        assert first is not None
        desk.after_cutoff(minutes=5)
        desk.close()
        desk = desk_at("checked")
        before = sealing.seal(desk.office)
        assert before is not None
        desk.at(desk.office.now() + timedelta(hours=1))
        desk.work()

        made = case(desk)

        known = {one["size"]: one["root"] for one in json.loads(parts_of(made)["data/proof.json"])["earlier"]}
        assert all(size < made.size for size in known)
        with made.path.open("rb") as file:
            for size, root in known.items():
                assert verify.verify(file, key_of(desk), [f"ashar {size} {root[:16]}"])["receipts"] == 1

    def test_what_was_erased_is_told_and_spoils_nothing(self, desk_at: DeskAt):
        desk = desk_at("checked")
        order = holds.Order("Мыйзам", "58", date(2008, 4, 14))
        gone = len(desk.all(Disclosure, event_id=desk.all(Event, stream_id=desk.case(1).id, seq=1)[0].id))
        redaction.of_event(desk.office, desk.who("lawyer"), desk.case(1).id, 1, order)

        told = verified(desk, case(desk))

        assert told["redacted"] == gone > 0

    def test_a_file_that_the_store_lost_is_told_as_gone(self, desk_at: DeskAt):
        desk = desk_at("checked")
        lost = desk.all(Document, stream_id=desk.case(1).id, order="name")[0]
        key = desk.all(Blob, sha256=lost.sha256)[0].key
        next(one for one in (desk.home / "objects").rglob("*") if one.as_posix().endswith(key)).unlink()

        told = verified(desk, made := case(desk))

        assert told["missing"] == {"gone": 1}
        assert f"data/files/{lost.sha256}" not in parts_of(made)

    def test_the_same_content_is_the_same_bytes(self, desk_at: DeskAt, tmp_path: Path):
        desk = desk_at("checked")
        sealing.seal(desk.office)
        with looking(desk.office.engine, desk.office.system) as look:
            stream = look.get(Stream, desk.case(1).id)
            made = [
                dossier._Writing(desk.office, look, stream, dossier._Reader()).write(tmp_path / f"{turn}.zip").path
                for turn in range(2)
            ]

        assert made[0].read_bytes() == made[1].read_bytes()


class TestManyEvents:
    @pytest.fixture
    def office(self, tmp_path: Path) -> Iterator[Office]:
        office = Office(Settings(home=tmp_path, store=Store.FOLDER))
        yield office
        office.close()

    def test_memory_does_not_grow_with_them(self, office: Office, tmp_path: Path):
        city = register.register_customer(
            office, register.OPERATOR, code="batken", name=WORDS, city=WORDS, zone="Asia/Bishkek"
        )
        peaks = []
        for count in (600, 1_800):
            with working(office.engine, Actor(uuid4(), Role.SYSTEM, city), office.now()) as work:
                for number in range(count):
                    row = Problem(title=WORDS, description=WORDS, numbers=str(number), proposed_by="Асанов")
                    work.new(row, stream=city)
                    work.record(Act.PROBLEM_PROPOSE, row, because=Because(reason="көп окуя"))
            sealing.seal(office)
            with looking(office.engine, office.system) as look:
                writing = dossier._Writing(office, look, look.get(Stream, city), dossier._Reader())
                tracemalloc.start()
                made = writing.write(tmp_path / f"{count}.zip")
                peaks.append(tracemalloc.get_traced_memory()[1])
                tracemalloc.stop()
        with made.path.open("rb") as file:
            assert verify.verify(file)["events"] == made.events > 2_400

        assert peaks[1] < peaks[0] * 1.3


class TestWhoGetsIt:
    def test_a_sealed_package_is_nobodys(self, desk_at: DeskAt):
        desk = desk_at("received")

        with pytest.raises(Sealed):
            case(desk)

        assert not (desk.home / "out").exists()

    def test_whoever_may_not_leaves_no_trace_and_no_file(self, desk_at: DeskAt):
        desk = desk_at("checked")
        before = len(desk.all(Event))

        for doer, error in ((desk.as_role(Role.MEMBER), NotAllowed), (desk.stranger(Role.HEAD), NotFound)):
            with pytest.raises(error):
                dossier.dossier(desk.office, doer, desk.case(1).id, desk.home / "out" / "case.zip")

        assert len(desk.all(Event)) == before
        assert not (desk.home / "out").exists()

    def test_an_applicant_gets_his_own_case_and_no_other_and_no_contest(self, desk_at: DeskAt):
        desk = desk_at("checked")
        ngo = desk.ngo(1)

        told = verified(desk, dossier.dossier(desk.office, ngo, desk.case(1).id, desk.home / "own.zip"))

        assert told["events"] > 0
        for stream in (desk.case(2).id, desk.contest.id):
            with pytest.raises(NotFound):
                dossier.dossier(desk.office, ngo, stream, desk.home / "no.zip")
        with pytest.raises(NotFound):
            dossier.certificate(desk.office, ngo, desk.contest.id, desk.home / "no.zip")

    def test_an_applicant_gets_nothing_of_the_commissions_affairs_before_the_results(self, desk_at: DeskAt):
        desk = desk_at("open")
        ngo = desk.ngo(1)

        made = dossier.dossier(desk.office, ngo, desk.case(1).id, desk.home / "own.zip")

        told, parts = verified(desk, made), parts_of(made)
        assert 0 < told["bodies"] < told["events"]
        assert not {one["noun"] for one in bodies(parts)} & dossier.BEFORE_PUBLISHED
        assert not any(f'"{rule}"'.encode() in parts["data/events.jsonl"] for rule in INSIDE)
        for line in map(json.loads, parts["data/disclosures.jsonl"].splitlines()):
            assert "why" in line or line["path"].startswith(dossier.HIS)


class TestAContest:
    def test_before_the_opening_it_shows_of_a_package_that_it_is_there_and_no_more(self, desk_at: DeskAt):
        desk = desk_at("received")

        made = dossier.dossier(desk.office, desk.who("secretary"), desk.contest.id, desk.home / "contest.zip")

        told = verified(desk, made)
        assert told["events"] - told["bodies"] == len(desk.all(Event, stream_id=[desk.case(n).id for n in (1, 2, 3)]))
        nothing_of_the_inside(desk, made)

    def test_after_it_it_shows_everything(self, desk_at: DeskAt):
        desk = desk_at("checked")

        made = dossier.dossier(desk.office, desk.who("secretary"), desk.contest.id, desk.home / "contest.zip")

        told = verified(desk, made)
        assert told["events"] == told["bodies"]
        assert {desk.case(number).package_sha256 for number in (1, 2, 3)} <= {
            change["new"]
            for body in bodies(parts_of(made))
            for change in body["changes"]
            if change["field"] == "package_sha256"
        }


class TestTheClosingCertificate:
    def test_a_stranger_counts_the_applications_and_sees_nothing_of_them(self, desk_at: DeskAt):
        desk = desk_at("checked")
        desk.after_cutoff(minutes=6)
        with pytest.raises(Exception, match=r"TooLate|late"):
            desk.hand_in(desk.papers.package("taza-muun", without=tuple(list(dossier_kinds(desk))[:1])))

        made = dossier.certificate(desk.office, desk.who("secretary"), desk.contest.id, desk.home / "closing.zip")

        told = verified(desk, made)
        assert told["closing"] == {"received": 3, "turned_away": 0, "after": 1}
        assert {one["act"] for one in bodies(parts_of(made))} >= {"contest:announce", "contest:close"}
        nothing_of_the_inside(desk, made)


def dossier_kinds(desk: Desk) -> list[Any]:
    return [one.kind for one in desk.all(Document, stream_id=desk.case(1).id, order="name")]


def nothing_of_the_inside(desk: Desk, made: dossier.Made) -> None:
    """No name, hash or text of a package's file, no sender."""
    whole = b"\n".join(one for name, one in parts_of(made).items() if not name.startswith("verify."))
    for number in (1, 2, 3):
        for document in desk.all(Document, stream_id=desk.case(number).id):
            assert document.name.encode() not in whole
            assert document.sha256.encode() not in whole
        assert desk.case(number).sender.encode() not in whole
