"""Redaction, legal hold and disposal on a case that was played to its end; the law's hold against everybody's haste."""

import io
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from docx import Document as Word
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from flows.steps import audit, dossier, holds, logkey, monitoring, redaction, register, retention, sealing, verifying
from flows.steps.holds import Order
from schemas.application import Organisation
from schemas.collection import Clue
from schemas.commission import Member
from schemas.contest import Contest
from schemas.customer import Customer, Person, Role
from schemas.document import Blob, Document, Shingle
from schemas.errors import Held, NoReason, NotAllowed, NotDue, NotFound, Retained, StillNeeded
from schemas.event import Act, Disclosure, Event
from schemas.facts import Kind
from schemas.hold import HoldStatus, LegalHold
from schemas.outbox import Letter
from schemas.programme import Programme
from schemas.report import Report
from schemas.wording import LANGUAGES, say
from storage import erasing
from storage.work import Look
from tests.dossier.makers import VERIFIERS
from tests.offices import Desk

LAW = Order("«Жеке мүнөздөгү маалымат жөнүндө» мыйзам", "58", date(2008, 4, 14))
COURT = Order("Баткен райондук сотунун аныктамасы", "AC-7/18", date(2018, 11, 1), "Баткен райондук соту")
DECREE = Order("Мэрдин буйругу", "112", date(2035, 2, 1))


def leaves(value: Any) -> list[str]:
    """Every text in a value, however deep."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [one for inner in value.values() for one in leaves(inner)]
    return [one for inner in value for one in leaves(inner)] if isinstance(value, list) else []


def bodies(desk: Desk) -> str:
    return "\n".join(bytes(one.body).decode() for one in desk.all(Event))


def verified(desk: Desk, made: dossier.Made) -> dict[str, Any]:
    """What the dossier's own verifier says, as a stranger runs it."""
    key = logkey.policy_of(desk.office).newest
    line = [sys.executable, "-I", "-S", str(VERIFIERS / "verify.py"), str(made.path), "--key", key, "--json"]
    told = subprocess.run(line, capture_output=True, encoding="utf-8", cwd="/", check=False)
    assert told.returncode == 0, told.stdout
    return json.loads(told.stdout)


@pytest.fixture
def over(desk_at: Callable[..., Desk]) -> Desk:
    """The first case's contract is ended early, and with it the contest; its people keep their roles."""
    desk = desk_at("evaluated")
    owed = desk.contract().balance - desk.contract().returned
    if owed:
        monitoring.return_balance(desk.office, desk.who("finance"), desk.contract().id, owed, "№ 7")
    monitoring.close(desk.office, desk.who("coordinator"), desk.contract().id)
    assert desk.work().troubles == []
    return desk


class TestNothingPersonalStandsOpenly:
    def test_no_value_of_a_personal_field_stands_in_any_event(self, desk_at: Callable[..., Desk]):
        desk = desk_at("evaluated")
        told = bodies(desk)
        # what a paper says may be said elsewhere before all: sums, dates, the contest's own number
        derived = {("document", "facts"), ("finding", "facts"), ("report", "remarks"), ("tranche", "unmet")}
        derived |= {("report", "expenses"), ("member", "relations")}  # lines of the budget; kinds of relations
        # the customer's own addresses are public, and where packages are handed in is announced
        office = "\n".join(
            [one.requisites for one in desk.all(Customer)] + [repr(one.submit_to) for one in desk.all(Contest)]
        )
        found = {
            (model.__name__.lower(), name, value)
            for model in erasing.models()
            for row in desk.all(model)
            for name in row.personal
            if (model.__name__.lower(), name) not in derived
            for value in leaves(getattr(row, name))
            if len(value) > 4 and value in told and value not in office
        }
        assert found == set()
        payees = {told for row in desk.all(Report) for one in row.expenses if len(told := one.get("payee", "")) > 4}
        known = {one["value"] for row in desk.all(Member) for one in row.relations if "value" in one}
        assert {one for one in payees | known if one in told} == set()

    def test_no_reason_and_no_file_name_either(self, desk_at: Callable[..., Desk]):
        desk = desk_at("evaluated")
        told = bodies(desk)
        public = {one.approved_by for one in desk.all(Programme)}  # the council's decision is the ground, and published
        ends = (".reason.new", ".name.new", ".sender.new", ".head.new", ".phone.new", ".email.new", ".comments.new")
        for one in desk.all(Disclosure):
            if (one.path == "reason" and one.value not in public) or one.path.endswith(ends):
                assert len(one.value) < 5 or f'"{one.value}"' not in told, one.path


class TestRedaction:
    def test_a_field_of_a_case_is_erased_in_events_and_rows_and_the_case_is_whole(self, over: Desk):
        case = over.case(1)
        before = over.get(Organisation, case.organisation_id)  # type: ignore[arg-type]
        assert before.head
        gone = redaction.of_field(over.office, over.who("lawyer"), case.id, "organisation.head", LAW)

        assert gone.values >= 1
        assert gone.rows == 1
        assert over.get(Organisation, before.id).head == ""
        events = {one.id for one in over.all(Event, stream_id=case.id)}
        left = {one.path for one in over.all(Disclosure) if one.event_id in events}
        assert "organisation.phone.new" in left
        assert "organisation.head.new" not in left
        event = over.all(Event, stream_id=case.id, act=Act.TRAIL_REDACT)[-1]
        facts = json.loads(bytes(event.body))["facts"]
        assert (facts["number"], facts["on"], facts["of"], facts["values"]) == (
            "58",
            "2008-04-14",
            "organisation.head",
            gone.values,
        )
        assert before.head.encode() not in bytes(event.body)
        sealing.seal(over.office)
        sealing.verify_all(over.office)
        for language in LANGUAGES:
            lines = audit.timeline(over.office, over.who("head"), case.id, language)
            assert "58" in [one for one in lines if one.entry.act is Act.TRAIL_REDACT][-1].ground
            assert "⟨" not in lines[-1].what + lines[-1].ground

    def test_what_is_erased_while_all_is_verified_is_no_fault(self, over: Desk, monkeypatch: pytest.MonkeyPatch):
        sealing.seal(over.office)
        told, gone = verifying._told, []

        def then(look: Look) -> object:
            found = told(look)
            gone.append(redaction.of_event(over.office, over.who("lawyer"), over.case(1).id, 1, LAW))
            return found

        monkeypatch.setattr(verifying, "_told", then)
        sealing.verify_all(over.office)
        assert gone[0].values > 0

    def test_an_event_is_erased_and_the_dossier_still_tells_all(self, over: Desk, tmp_path: Path):
        case = over.case(1)
        first = over.all(Event, stream_id=case.id, seq=1)[0]
        gone = redaction.of_event(over.office, over.who("lawyer"), case.id, 1, LAW)
        assert gone.values > 0
        assert [one for one in over.all(Disclosure) if one.event_id == first.id] == []
        made = dossier.dossier(over.office, over.who("head"), case.id, tmp_path / "case.zip")
        told = verified(over, made)
        assert (told["redacted"], told["unaccounted"]) == (gone.values, 0)
        [act] = told["erasures"]
        assert (act["count"], act["order"], act["number"], act["on"]) == (gone.values, LAW.act, "58", "2008-04-14")
        sealing.verify_all(over.office)

    def test_what_is_erased_between_the_seal_and_the_reading_is_sealed_too(
        self, over: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ):
        seal, gone = sealing.seal, []

        def then(*given: Any) -> object:
            made = seal(*given)
            if not gone:
                gone.append(redaction.of_event(over.office, over.who("lawyer"), over.case(1).id, 1, LAW))
            return made

        monkeypatch.setattr(sealing, "seal", then)
        told = verified(over, dossier.dossier(over.office, over.who("head"), over.case(1).id, tmp_path / "case.zip"))
        assert (told["redacted"], told["unaccounted"]) == (gone[0].values, 0)

    def test_what_emptied_rows_is_not_counted_among_the_values(self, over: Desk, tmp_path: Path):
        case = over.case(1)
        gone = redaction.of_field(over.office, over.who("lawyer"), case.id, "organisation.head", LAW)
        told = verified(over, dossier.dossier(over.office, over.who("head"), case.id, tmp_path / "case.zip"))
        assert (told["redacted"], told["unaccounted"], len(told["erasures"])) == (gone.values, 0, 1)

    def test_an_applicants_own_and_a_certificate_hold_after_it(self, desk_at: Callable[..., Desk], tmp_path: Path):
        desk = desk_at("open")
        case, lawyer = desk.case(1), desk.who("lawyer")
        gone = redaction.of_event(desk.office, lawyer, case.id, 1, LAW)
        told = verified(desk, dossier.dossier(desk.office, desk.ngo(1), case.id, tmp_path / "own.zip"))
        assert told["bodies"] < told["events"]
        assert (told["redacted"], told["unaccounted"]) == (gone.values, 0)

        events = desk.all(Event, stream_id=desk.contest.id, order="seq")
        first = next(one.seq for one in events if b'"sd"' in bytes(one.body))
        redaction.of_event(desk.office, lawyer, desk.contest.id, first, LAW)
        told = verified(desk, dossier.certificate(desk.office, desk.who("head"), desk.contest.id, tmp_path / "c.zip"))
        assert told["bodies"] < told["events"]
        assert (told["redacted"], told["erasures"]) == (0, [])
        assert min(told["unaccounted"], told["withheld"]) > 0

    def test_a_file_goes_with_its_name_and_what_was_read_in_it(self, over: Desk):
        case = over.case(1)
        [paper] = (
            over.all(Document, stream_id=case.id, kind=Kind.STAFF_CV)[:1] or over.all(Document, stream_id=case.id)[:1]
        )
        blob = over.get(Blob, paper.blob_id)  # type: ignore[arg-type]
        gone = redaction.of_file(over.office, over.who("lawyer"), case.id, paper.sha256, LAW)
        assert gone.values >= 2
        assert over.office.objects.size(blob.key) is None
        row = over.get(Document, paper.id)
        assert (row.blob_id, row.name, row.facts["values"]) == (None, "", {})
        mine = {one.id for one in over.all(Event, stream_id=case.id)}
        assert not [one for one in over.all(Disclosure) if one.value == paper.name and one.event_id in mine]
        sealing.verify_all(over.office)

    def test_again_there_is_nothing_to_erase_and_no_event(self, over: Desk):
        case = over.case(1)
        redaction.of_event(over.office, over.who("lawyer"), case.id, 1, LAW)
        count = len(over.all(Event))
        assert redaction.of_event(over.office, over.who("lawyer"), case.id, 1, LAW).values == 0
        assert len(over.all(Event)) == count

    def test_a_person_who_left_is_named_nowhere_any_more(self, over: Desk):
        person = over.get(Person, over.who("member4").id)
        head = over.who("head")
        with pytest.raises(StillNeeded):
            redaction.of_person(over.office, over.who("lawyer"), person.id, LAW)
        for grant in ("member", "chair"):
            register.revoke_role(over.office, head, person.id, Role(grant), "мөөнөтү бүттү")
        gone = redaction.of_person(over.office, over.who("lawyer"), person.id, LAW)
        if gone.needed:  # the contest has cases that are not over
            pytest.fail(f"left: {gone.needed}")
        assert over.get(Person, person.id).name == ""
        assert not [one for one in over.all(Disclosure) if person.name in one.value]
        assert not [one for one in over.all(Letter) if person.email and person.email in one.to]
        assert not over.all(Clue, owner_id=person.id)
        sealing.seal(over.office)
        sealing.verify_all(over.office)

    @pytest.mark.parametrize("role", [Role.OPERATOR, Role.AUDITOR, Role.SECRETARY, Role.APPLICANT, Role.SYSTEM])
    def test_the_operator_erases_nothing_nor_does_anybody_else(self, over: Desk, role: Role):
        with pytest.raises(NotAllowed):
            redaction.of_event(over.office, over.as_role(role), over.case(1).id, 1, LAW)

    def test_another_customers_lawyer_finds_nothing(self, over: Desk):
        with pytest.raises(NotFound):
            redaction.of_event(over.office, over.stranger(Role.LAWYER), over.case(1).id, 1, LAW)

    def test_not_without_an_act(self, over: Desk):
        with pytest.raises(NoReason):
            redaction.of_event(over.office, over.who("lawyer"), over.case(1).id, 1, replace(LAW, number=" "))

    def test_a_case_that_goes_on_keeps_its_rows(self, desk_at: Callable[..., Desk]):
        desk = desk_at("received")
        with pytest.raises(StillNeeded):
            redaction.of_field(desk.office, desk.who("lawyer"), desk.case(1).id, "application.sender", LAW)

    def test_a_field_that_is_not_personal_is_none(self, over: Desk):
        with pytest.raises(NotFound):
            redaction.of_field(over.office, over.who("lawyer"), over.case(1).id, "contract.amount", LAW)


class TestAHold:
    @pytest.mark.parametrize("scope", ["case", "contest", "customer"])
    def test_nothing_of_what_it_covers_is_erased_by_anybody(self, over: Desk, scope: str):
        case = over.case(1)
        covered = {"case": case.id, "contest": over.contest.id, "customer": over.contest.tenant_id}[scope]
        holds.place(over.office, over.who("lawyer"), covered, COURT)
        values = len(over.all(Disclosure))

        with pytest.raises(Held):
            redaction.of_event(over.office, over.who("lawyer"), case.id, 1, LAW)
        with pytest.raises(Held):
            redaction.of_field(over.office, over.who("head"), case.id, "organisation.head", LAW)
        over.at(over.office.now() + timedelta(days=366 * 20))
        assert [one.held for one in retention.due(over.office, over.who("head")) if one.stream_id == case.id] == [True]
        with pytest.raises(Held):
            retention.dispose(over.office, over.who("head"), [case.id], DECREE)
        with pytest.raises(DBAPIError, match=r"hold covers|names it"), over.office.engine.begin() as connection:
            connection.execute(text("DELETE FROM disclosure"))
        assert len(over.all(Disclosure)) == values

    def test_files_are_locked_in_the_store_and_stay_so(self, over: Desk):
        case = over.case(1)
        [key, *_] = sorted(
            over.get(Blob, one.blob_id).key for one in over.all(Document, stream_id=case.id) if one.blob_id
        )
        holds.place(over.office, over.who("lawyer"), case.id, COURT)
        with pytest.raises(Retained):
            over.office.objects.delete(key)

    def test_housekeeping_leaves_all_bytes_of_a_held_customer(self, over: Desk):
        tenant = over.contest.tenant_id
        over.office.keep(tenant, b"nobody claims this")
        over.at(over.office.now() + timedelta(days=3))
        holds.place(over.office, over.who("lawyer"), tenant, COURT)
        assert over.office.blobs.sweep(older_than=timedelta(days=1), dry_run=False).blobs == 0
        hold = over.all(LegalHold)[0]
        holds.lift(over.office, over.who("head"), hold.id, DECREE)
        assert over.office.blobs.sweep(older_than=timedelta(days=1), dry_run=False).blobs >= 1

    def test_the_same_act_is_one_hold_and_a_lawyer_does_not_lift_it(self, over: Desk):
        first = holds.place(over.office, over.who("lawyer"), over.case(1).id, COURT)
        assert holds.place(over.office, over.who("head"), over.case(1).id, COURT) == first
        with pytest.raises(NotAllowed):
            holds.lift(over.office, over.who("lawyer"), first, DECREE)
        holds.lift(over.office, over.who("head"), first, DECREE)
        assert redaction.of_event(over.office, over.who("lawyer"), over.case(1).id, 1, LAW).values

    def test_it_ends_by_itself_the_day_after_its_last(self, over: Desk):
        last = over.office.today("Asia/Bishkek") + timedelta(days=10)
        holds.place(over.office, over.who("lawyer"), over.case(1).id, COURT, last)
        over.at(over.office.now() + timedelta(days=10))
        assert holds.lapse(over.office) == 0
        over.at(over.office.now() + timedelta(days=1))
        assert holds.lapse(over.office) == 1
        assert over.all(LegalHold)[0].status is HoldStatus.LIFTED
        assert holds.lock_all(over.office) == 0

    def test_who_ordered_it_is_on_record_and_is_no_open_word(self, over: Desk):
        holds.place(over.office, over.who("lawyer"), over.case(1).id, replace(COURT, by="судья Осмонова Ж."))
        assert "Осмонова" not in bodies(over)
        assert over.all(LegalHold)[0].ordered_by == "судья Осмонова Ж."
        with pytest.raises(NoReason):
            holds.place(over.office, over.who("lawyer"), over.case(2).id, replace(COURT, by=""))


class TestDisposal:
    def test_nothing_is_due_before_its_day(self, over: Desk):
        assert retention.due(over.office, over.who("head")) == []
        with pytest.raises(NotDue):
            retention.dispose(over.office, over.who("head"), [over.case(1).id], DECREE)

    def test_what_is_due_is_destroyed_certified_and_still_complete(self, over: Desk, tmp_path: Path):
        case = over.case(1)
        over.at(over.office.now() + timedelta(days=366 * 20))
        known = {one.stream_id: one for one in retention.due(over.office, over.who("head"))}
        assert known[case.id].record is retention.Record.WINNER
        assert retention.propose(over.office) == len(known)
        assert retention.propose(over.office) == 0  # once a month
        files = [one for one in over.all(Document, stream_id=case.id) if one.blob_id]
        blobs = [over.get(Blob, one.blob_id) for one in files if one.blob_id]
        names = {one.name for one in files if one.kind.value.startswith("D")}

        gone = retention.dispose(over.office, over.who("head"), [case.id], DECREE)

        assert (gone.records, gone.files) == (1, len({one.sha256 for one in files}))
        assert gone.values > 50
        kept = {one.id for one in over.all(Event, stream_id=case.id)}
        left = [one for one in over.all(Disclosure) if one.event_id in kept]
        assert {one.path for one in left} <= {"document.facts.new"}  # that it was a PDF of so many pages
        assert all(json.loads(one.value)["values"] == {} for one in left)
        assert all(one.blob_id is None for one in over.all(Document, stream_id=case.id))
        lost = [one.key for one in blobs if over.office.objects.size(one.key) is None]
        assert len(lost) >= len(blobs) - gone.locked - 1
        assert not over.all(Clue, owner_id=over.contract().id)
        assert over.all(Organisation, stream_id=case.id)[0].phone == ""
        assert not over.all(Shingle, document_id=[one.id for one in files])
        assert retention.due(over.office, over.who("head")) == [
            one for one in retention.due(over.office, over.who("head")) if one.stream_id != case.id
        ]
        paper = over.get(Document, gone.document_id)
        assert (paper.kind, paper.subject_id) == (Kind.DISPOSAL, over.contest.tenant_id)
        sealing.seal(over.office)
        sealing.verify_all(over.office)
        told = [bytes(one.body).decode() for one in over.all(Event, stream_id=case.id)]
        everything = "\n".join(
            [*told, *(one.value for one in left), *(one.name for one in over.all(Document, stream_id=case.id))]
        )
        assert names
        assert not [name for name in names if name in everything]
        verdict = verified(over, dossier.dossier(over.office, over.who("head"), case.id, tmp_path / "case.zip"))
        assert (verdict["redacted"], verdict["unaccounted"]) == (gone.values, 0)
        assert [(one["count"], one["number"]) for one in verdict["erasures"]] == [(gone.values, DECREE.number)]
        tenant = over.contest.tenant_id
        verdict = verified(over, dossier.dossier(over.office, over.who("head"), tenant, tmp_path / "customer.zip"))
        assert [(one["count"], one["number"]) for one in verdict["erasures"]] == [(gone.values, DECREE.number)]

    def test_only_the_head_decides(self, over: Desk):
        for role in (Role.LAWYER, Role.OPERATOR, Role.SYSTEM, Role.AUDITOR):
            with pytest.raises(NotAllowed):
                retention.dispose(over.office, over.as_role(role), [over.case(1).id], DECREE)

    def test_the_certificate_is_a_paper_that_can_be_read(self, over: Desk):
        case = over.case(1)
        over.at(over.office.now() + timedelta(days=366 * 20))
        gone = retention.dispose(over.office, over.who("head"), [case.id], DECREE)
        paper = over.get(Document, gone.document_id)
        assert paper.blob_id is not None
        content = over.office.blobs.read(paper.blob_id, 10_000_000)
        word = Word(io.BytesIO(content))
        said = "\n".join(one.text for table in word.tables for row in table.rows for one in row.cells)
        event = over.all(Event, stream_id=case.id, act=Act.TRAIL_DISPOSE)[-1]
        for each in (f"{over.contest.number}/1", "№ 112", say("paper.record.winner", "ru"), event.hash):
            assert each in said
